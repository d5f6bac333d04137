//! The compiled packages on disk.

use std::fs;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use profile::{Library, Profiles};
use serde_json::json;

/// An archive with one profile in it.
fn archive(folder: &Path, version: &str) -> std::path::PathBuf {
    let manifest = json!({ "name": "example", "version": version, "fhirVersions": ["4.0.1"] });
    let definition = json!({
        "resourceType": "StructureDefinition", "url": "http://example.jp/A", "version": version, "name": "A",
        "kind": "resource", "abstract": false, "type": "Patient", "derivation": "constraint",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "snapshot": { "element": [{ "id": "Patient", "path": "Patient" }] },
    });
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, value) in [("package/package.json", manifest), ("package/a.json", definition)] {
        let bytes = value.to_string();
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, bytes.as_bytes()).unwrap();
    }
    let path = folder.join(format!("{version}.tgz"));
    fs::write(&path, builder.into_inner().unwrap().finish().unwrap()).unwrap();
    path
}

fn opened(folder: &Path) -> Vec<String> {
    Profiles::open(folder).unwrap().unwrap().canonicals().map(str::to_owned).collect()
}

#[test]
fn without_packages_there_are_no_profiles() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Profiles::open(&folder.path().join("absent")).unwrap().is_none());
}

#[test]
fn packages_are_compiled_once_and_again_when_they_change() {
    let (folder, sources) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut library = Library::open(folder.path()).unwrap();
    library.add(&archive(sources.path(), "1.0.0")).unwrap();
    let file = folder.path().join("compiled.pack");
    assert_eq!(opened(folder.path()), ["http://example.jp/A|1.0.0"]);
    let first = fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(opened(folder.path()), ["http://example.jp/A|1.0.0"]);
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), first);
    library.add(&archive(sources.path(), "2.0.0")).unwrap();
    assert_eq!(opened(folder.path()).len(), 2);
}

#[test]
fn a_compiled_file_that_is_broken_or_of_others_is_made_anew() {
    let (folder, sources) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let other = tempfile::tempdir().unwrap();
    Library::open(folder.path()).unwrap().add(&archive(sources.path(), "1.0.0")).unwrap();
    Library::open(other.path()).unwrap().add(&archive(sources.path(), "2.0.0")).unwrap();
    opened(folder.path());
    opened(other.path());
    let file = folder.path().join("compiled.pack");
    let sound = fs::read(&file).unwrap();
    let foreign = fs::read(other.path().join("compiled.pack")).unwrap();
    let mut flipped = sound.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for broken in [&b""[..], b"renkei", &sound[..sound.len() / 2], &flipped, &foreign] {
        fs::write(&file, broken).unwrap();
        assert_eq!(opened(folder.path()), ["http://example.jp/A|1.0.0"]);
        assert_eq!(fs::read(&file).unwrap(), sound);
    }
}
