//! The folder of packages: one archive `NAME#VERSION.tgz` each, and one `NAME.codes` for each table of codes, written
//! whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{Context, SHA256};

use super::library::order;
use super::{Limits, PackageError, PackageId, archive, sha256};

const END: &str = ".tgz";
const TABLE: &str = ".codes";
const LOCK: &str = ".lock";
const TEMPORARY: &str = ".incoming-";

/// One archive in the folder.
pub(super) struct Kept {
    pub(super) id: PackageId,
    /// SHA-256 of the archive's bytes.
    pub(super) digest: [u8; 32],
}

/// One table of codes in the folder.
pub(super) struct KeptTable {
    pub(super) name: String,
    pub(super) digest: [u8; 32],
}

/// The archives in `folder`, by name and then oldest first, and the tables by name.
pub(super) fn list(folder: &Path) -> Result<(Vec<Kept>, Vec<KeptTable>), PackageError> {
    let at = |error| PackageError::File(folder.to_owned(), error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
        other => other.map_err(at)?,
    };
    let (mut kept, mut tables) = (Vec::new(), Vec::new());
    for entry in entries {
        let file = entry.map_err(at)?.file_name().to_string_lossy().into_owned();
        let hash =
            || archive::read_file(&folder.join(&file), Limits::default().bytes).map(|bytes| digest(&bytes));
        if let Some(id) = id_of(&file) {
            kept.push(Kept { id, digest: hash()? });
        } else if let Some(name) = file.strip_suffix(TABLE) {
            tables.push(KeptTable { name: name.to_owned(), digest: hash()? });
        }
    }
    kept.sort_by(|one, other| order(&one.id, &other.id));
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((kept, tables))
}

pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    sha256(context)
}

/// The archive at `path` as it is, or a folder packed into one.
pub(super) fn archive_of(path: &Path) -> Result<Vec<u8>, PackageError> {
    let limits = Limits::default();
    if !path.is_dir() {
        return archive::read_file(path, limits.bytes);
    }
    let at = |error| PackageError::File(path.to_owned(), error);
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (name, bytes) in archive::read_folder(path, &limits)?.files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, format!("package/{name}"), bytes.as_slice()).map_err(at)?;
    }
    builder.into_inner().and_then(GzEncoder::finish).map_err(at)
}

/// Keeps others from changing the folder until it is dropped; the system lets go of it if the program dies.
pub(super) fn lock(folder: &Path) -> Result<File, PackageError> {
    let path = folder.join(LOCK);
    let at = |error| PackageError::File(path.clone(), error);
    fs::create_dir_all(folder).map_err(at)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(at)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PackageError::Busy(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(error)),
    }
}

/// Writes beside, syncs, renames, syncs the folder: whoever reads meanwhile sees the old or the new. Under the lock,
/// so what an earlier writer left half done may be cleared away.
pub(super) fn write(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), PackageError> {
    let temporary = folder.join(format!("{TEMPORARY}{}", std::process::id()));
    let at = |error| PackageError::File(temporary.clone(), error);
    for entry in fs::read_dir(folder).map_err(at)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let _ = fs::remove_file(entry.path());
        }
    }
    let mut file = File::create(&temporary).map_err(at)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at)?;
    fs::rename(&temporary, path).map_err(at)?;
    sync(folder)
}

pub(super) fn remove(folder: &Path, path: &Path) -> Result<(), PackageError> {
    fs::remove_file(path).map_err(|error| PackageError::File(path.to_owned(), error))?;
    sync(folder)
}

pub(super) fn path(folder: &Path, id: &PackageId) -> PathBuf {
    folder.join(format!("{id}{END}"))
}

/// What a table is called: its file's name without its end, as far as that makes a plain file name.
pub(super) fn table_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = stem.chars().map(plain).take(60).collect();
    name.trim_start_matches('.').to_owned()
}

pub(super) fn table_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{TABLE}"))
}

fn id_of(file: &str) -> Option<PackageId> {
    let (name, version) = file.strip_suffix(END)?.split_once('#')?;
    Some(PackageId { name: name.to_owned(), version: version.to_owned() })
}

fn sync(folder: &Path) -> Result<(), PackageError> {
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(|error| PackageError::File(folder.to_owned(), error))
}
