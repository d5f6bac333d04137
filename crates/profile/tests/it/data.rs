//! Real packages, where they are at hand, and small ones made here.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use profile::{Library, Package};
use serde_json::{Value, json};

/// The folder of real data, or none where it is not at hand; in CI it must be.
pub(crate) fn folder(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("RENKEI_FHIR_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fhir"), PathBuf::from);
    if folder.join("packages").is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "{test}: RENKEI_FHIR_DATA must lead to the FHIR data");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: no FHIR data; set RENKEI_FHIR_DATA");
    None
}

/// Every archive of packages at hand.
pub(crate) fn archives(folder: &Path) -> Vec<PathBuf> {
    let folders = [folder.join("packages"), folder.join("packages/older")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut archives: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    archives.retain(|path| path.extension().is_some_and(|end| end == "tgz"));
    archives.sort();
    archives
}

/// All real packages, read once.
pub(crate) fn library(test: &str) -> Option<&'static Library> {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let folder = folder(test)?;
    Some(LIBRARY.get_or_init(|| {
        Library::of(archives(&folder).iter().map(|path| Package::read(path).unwrap()).collect())
    }))
}

/// A package in memory of these resources, which get a file each.
pub(crate) fn package(name: &str, version: &str, dependencies: &Value, resources: &[Value]) -> Package {
    let manifest = json!({
        "name": name, "version": version, "fhirVersions": ["4.0.1"], "dependencies": dependencies
    });
    let files =
        resources.iter().enumerate().map(|(index, resource)| (format!("{index:04}.json"), bytes(resource)));
    Package::from_files(files.chain([("package.json".to_owned(), bytes(&manifest))]).collect()).unwrap()
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}
