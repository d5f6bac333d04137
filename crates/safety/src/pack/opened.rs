//! Looking into a pack that was made here.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// The files of a pack and their lengths in bytes, in their order.
#[must_use]
pub fn contents(archive: &[u8]) -> Vec<(String, u64)> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(archive)) else { return Vec::new() };
    let length = archive.len();
    let one = |at: usize| {
        let part = archive.by_index(at).ok()?;
        Some((part.name().ok()?.into_owned(), part.size()))
    };
    (0..length).filter_map(one).collect()
}

/// A file of a pack.
#[must_use]
pub fn file(archive: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).ok()?;
    let mut part = archive.by_name(name).ok()?;
    let mut bytes = Vec::new();
    part.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
