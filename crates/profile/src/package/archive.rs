//! The files of a package, from an archive or a folder, within bounds.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::{Oddity, OddityKind, PackageError};

/// How much one package may hold before it is refused. R4's own core package unpacks to 30 MB in 4,600 files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes when unpacked.
    pub bytes: u64,
    /// Most bytes of one file.
    pub file_bytes: u64,
    /// Most entries.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 512 << 20, file_bytes: 64 << 20, entries: 50_000 }
    }
}

/// The JSON files beside `package.json`, by name, in the order of their names.
pub(super) struct Files {
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) oddities: Vec<Oddity>,
}

/// Reads an archive that is already in memory; `path` is only for messages.
pub(super) fn unpack(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Files, PackageError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(PackageError::NotAnArchive(path.to_owned(), "no gzip".to_owned()));
    }
    let mut gathered = Gathered::default();
    let passed = Cell::new(false);
    let bounded = Bounded { inner: MultiGzDecoder::new(bytes), left: limits.bytes, passed: &passed };
    let mut archive = tar::Archive::new(bounded);
    let wrong = |error: io::Error| match passed.get() {
        true => too_large(path, limits.bytes, "bytes"),
        false => PackageError::NotAnArchive(path.to_owned(), error.to_string()),
    };
    for (count, entry) in archive.entries().map_err(wrong)?.enumerate() {
        if count >= limits.entries {
            return Err(too_large(path, limits.entries as u64, "entries"));
        }
        let mut entry = entry.map_err(wrong)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_dir() || !gathered.wants(&name, kind.is_file()) {
            continue;
        }
        if entry.size() > limits.file_bytes {
            return Err(too_large(path, limits.file_bytes, &format!("bytes in {name}")));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(wrong)?;
        gathered.add(name, bytes);
    }
    gathered.finish(path)
}

/// Reads a folder: `package/` in it, or itself. Links are passed over.
pub(super) fn read_folder(folder: &Path, limits: &Limits) -> Result<Files, PackageError> {
    let inner = folder.join("package");
    let folder = if inner.join("package.json").is_file() { inner } else { folder.to_owned() };
    let at = |path: &Path, error| PackageError::File(path.to_owned(), error);
    let mut gathered = Gathered::default();
    let mut left = limits.bytes;
    for (count, entry) in fs::read_dir(&folder).map_err(|error| at(&folder, error))?.enumerate() {
        if count >= limits.entries {
            return Err(too_large(&folder, limits.entries as u64, "entries"));
        }
        let entry = entry.map_err(|error| at(&folder, error))?;
        let kind = entry.file_type().map_err(|error| at(&folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() || !gathered.wants(&name, kind.is_file()) {
            continue;
        }
        let bytes = read_file(&entry.path(), limits.file_bytes.min(left))?;
        left -= bytes.len() as u64;
        gathered.add(name, bytes);
    }
    gathered.finish(&folder)
}

/// A file whole, at most `bound` bytes of it.
pub(super) fn read_file(path: &Path, bound: u64) -> Result<Vec<u8>, PackageError> {
    let at = |error| PackageError::File(path.to_owned(), error);
    let mut bytes = Vec::new();
    File::open(path).map_err(at)?.take(bound + 1).read_to_end(&mut bytes).map_err(at)?;
    if bytes.len() as u64 > bound { Err(too_large(path, bound, "bytes")) } else { Ok(bytes) }
}

#[derive(Default)]
struct Gathered {
    /// Every JSON file with its whole name.
    files: Vec<(String, Vec<u8>)>,
    oddities: Vec<Oddity>,
}

impl Gathered {
    /// Whether an entry is a JSON file that may be read; what is suspicious is noted.
    fn wants(&mut self, name: &str, is_file: bool) -> bool {
        let path = PathBuf::from(name);
        let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            self.oddities.push(Oddity::new(OddityKind::OutsideName, name, name));
        } else if !is_file {
            self.oddities.push(Oddity::new(OddityKind::NotAFile, name, name));
        }
        inside && is_file && path.extension().is_some_and(|end| end == "json")
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) {
        let name = name.trim_start_matches("./").to_owned();
        self.files.push((name, bytes));
    }

    /// Keeps what lies beside the shallowest `package.json`.
    fn finish(mut self, path: &Path) -> Result<Files, PackageError> {
        let manifests = self.files.iter().map(|(name, _)| name.as_str());
        let manifests = manifests.filter(|name| *name == "package.json" || name.ends_with("/package.json"));
        let root = manifests
            .min_by_key(|name| name.matches('/').count())
            .and_then(|name| name.strip_suffix("package.json"))
            .ok_or_else(|| PackageError::NoManifest(path.to_owned()))?
            .to_owned();
        let beside =
            |name: &str| name.strip_prefix(&root).filter(|rest| !rest.contains('/')).map(str::to_owned);
        let mut files: Vec<(String, Vec<u8>)> =
            self.files.into_iter().filter_map(|(name, bytes)| Some((beside(&name)?, bytes))).collect();
        files.sort_by(|one, other| one.0.cmp(&other.0));
        // The sort is stable: of two with one name, the later in the archive stands second and is kept.
        let mut kept: Vec<(String, Vec<u8>)> = Vec::with_capacity(files.len());
        for (name, bytes) in files {
            if kept.last().is_some_and(|(last, _)| *last == name) {
                self.oddities.push(Oddity::new(OddityKind::TwiceNamed, &name, &name));
                kept.pop();
            }
            kept.push((name, bytes));
        }
        Ok(Files { files: kept, oddities: self.oddities })
    }
}

/// Lets so many bytes through and no more, so that a small archive cannot unpack without end.
struct Bounded<'p, R> {
    inner: R,
    left: u64,
    passed: &'p Cell<bool>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                self.passed.set(true);
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
        Ok(count)
    }
}

fn too_large(path: &Path, bound: u64, what: &str) -> PackageError {
    PackageError::TooLarge(path.to_owned(), format!("{bound} {what}"))
}
