//! The folder of packages: one archive `NAME#VERSION.tgz` each, written whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{Context, SHA256};

use super::library::order;
use super::{Limits, PackageError, PackageId, archive, sha256};

const END: &str = ".tgz";
const LOCK: &str = ".lock";
const TEMPORARY: &str = ".incoming-";

/// One archive in the folder.
pub(super) struct Kept {
    pub(super) id: PackageId,
    /// SHA-256 of the archive's bytes.
    pub(super) digest: [u8; 32],
}

/// The archives in `folder`, by name and then oldest first.
pub(super) fn list(folder: &Path) -> Result<Vec<Kept>, PackageError> {
    let at = |error| PackageError::File(folder.to_owned(), error);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(at)?,
    };
    let mut kept = Vec::new();
    for entry in entries {
        let name = entry.map_err(at)?.file_name().to_string_lossy().into_owned();
        let Some(id) = id_of(&name) else { continue };
        let bytes = archive::read_file(&path(folder, &id), Limits::default().bytes)?;
        kept.push(Kept { id, digest: digest(&bytes) });
    }
    kept.sort_by(|one, other| order(&one.id, &other.id));
    Ok(kept)
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
pub(super) fn write(folder: &Path, id: &PackageId, bytes: &[u8]) -> Result<(), PackageError> {
    let temporary = folder.join(format!("{TEMPORARY}{}", std::process::id()));
    let at = |error| PackageError::File(temporary.clone(), error);
    for entry in fs::read_dir(folder).map_err(at)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let _ = fs::remove_file(entry.path());
        }
    }
    let mut file = File::create(&temporary).map_err(at)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at)?;
    fs::rename(&temporary, path(folder, id)).map_err(at)?;
    sync(folder)
}

pub(super) fn remove(folder: &Path, id: &PackageId) -> Result<(), PackageError> {
    let path = path(folder, id);
    fs::remove_file(&path).map_err(|error| PackageError::File(path, error))?;
    sync(folder)
}

pub(super) fn path(folder: &Path, id: &PackageId) -> PathBuf {
    folder.join(format!("{id}{END}"))
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
