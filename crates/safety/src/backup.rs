//! Backups of a SQLite hub: a copy, a manifest beside it, and a drill that restores the newest and counts.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use store::{Counts, Fault, copy_database, count_rows};

use crate::Place;

/// What a manifest's name ends with.
const MANIFEST: &str = ".backup.json";

/// What is known of a backup without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The copy's name in the folder.
    pub file: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Events, units and accounts in it.
    pub events: i64,
    /// See `events`.
    pub units: i64,
    /// See `events`.
    pub accounts: i64,
}

/// What restoring a backup showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drill {
    /// Which backup.
    pub manifest: Manifest,
    /// The file is the one that was made.
    pub is_same_file: bool,
    /// The restored database holds what the manifest says.
    pub is_whole: bool,
    /// The seals of the restored record hold.
    pub is_sealed: bool,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

impl Drill {
    /// Whether everything was as it should be.
    pub fn is_good(&self) -> bool {
        self.is_same_file && self.is_whole && self.is_sealed
    }
}

/// Why there is no backup, or no drill.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// A file or folder could not be read or written.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The database could not be copied or opened.
    #[error(transparent)]
    Store(#[from] Fault),
    /// There is no backup in the folder.
    #[error("there is no backup")]
    None,
    /// The hub's database is not a file: its own tools back it up.
    #[error("the database is not a file")]
    NotAFile,
}

/// Makes a backup of a database into a folder. Only its owner may read it. The keyring is not in it: keep that apart.
///
/// # Errors
/// See [`BackupFault`]; no manifest is left of a backup that was not finished.
pub fn back_up(database: &Path, folder: &Path, now: Timestamp) -> Result<Manifest, BackupFault> {
    fs::create_dir_all(folder)?;
    let name = format!("renkei-{}", now.strftime("%Y%m%dT%H%M%S%.3fZ"));
    let copy = folder.join(format!("{name}.db"));
    let counts = copy_database(database, &copy)?;
    let mut permissions = fs::metadata(&copy)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o400);
    fs::set_permissions(&copy, permissions)?;
    fs::File::open(&copy)?.sync_all()?;
    let (bytes, sha256) = digest_of(&copy)?;
    let Counts { events, units, accounts } = counts;
    let file = format!("{name}.db");
    let manifest = Manifest { file, made_at: now, bytes, sha256, events, units, accounts };
    let text = serde_json::to_vec_pretty(&manifest).map_err(std::io::Error::from)?;
    fs::write(folder.join(format!("{name}{MANIFEST}")), text)?;
    Ok(manifest)
}

/// The backups of a folder, newest first; none where there is no such folder. What cannot be read is no backup.
///
/// # Errors
/// If the folder cannot be read.
pub fn manifests(folder: &Path) -> Result<Vec<Manifest>, BackupFault> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_manifest =
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(MANIFEST));
        if is_manifest && let Ok(manifest) = serde_json::from_slice::<Manifest>(&fs::read(&path)?) {
            found.push(manifest);
        }
    }
    found.sort_by_key(|manifest| std::cmp::Reverse(manifest.made_at));
    Ok(found)
}

/// Restores the newest backup of a folder beside nothing else, opens it with the keyring, and compares what is in it
/// with its manifest and its record with its seals.
///
/// # Errors
/// See [`BackupFault`].
pub async fn drill(folder: &Path, keyring: &Path) -> Result<Drill, BackupFault> {
    let started = Instant::now();
    let manifest = manifests(folder)?.into_iter().next().ok_or(BackupFault::None)?;
    let copy = folder.join(&manifest.file);
    let (bytes, sha256) = digest_of(&copy)?;
    let restored = tempfile::tempdir()?;
    let database = restored.path().join("restored.db");
    fs::copy(&copy, &database)?;
    make_writable(&database)?;
    let counts = count_rows(&database)?;
    let store = Place::opened(database, keyring)?;
    let seals = store.check_seals().await?;
    let of_manifest = (manifest.events, manifest.units, manifest.accounts);
    Ok(Drill {
        is_same_file: (bytes, &sha256) == (manifest.bytes, &manifest.sha256),
        is_whole: (counts.events, counts.units, counts.accounts) == of_manifest,
        is_sealed: seals.broken.is_none(),
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        manifest,
    })
}

fn make_writable(file: &PathBuf) -> std::io::Result<()> {
    let mut permissions = fs::metadata(file)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
    fs::set_permissions(file, permissions)
}

fn digest_of(file: &Path) -> std::io::Result<(u64, String)> {
    let mut opened = fs::File::open(file)?;
    let (mut digest, mut length, mut buffer) = (Context::new(&SHA256), 0, vec![0; 1 << 16]);
    loop {
        let count = opened.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        digest.update(&buffer[..count]);
        length += u64::try_from(count).unwrap_or(0);
    }
    let hex = digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((length, hex))
}
