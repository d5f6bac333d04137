use std::fs;
use std::path::Path;

use profile::{Library, OddityKind, Package, PackageError, PackageId};
use serde_json::{Value, json};

use crate::data::{archives, bytes, folder};

fn id(name: &str, version: &str) -> PackageId {
    PackageId { name: name.to_owned(), version: version.to_owned() }
}

/// A folder that is a package.
fn source(name: &str, version: &str, dependencies: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let manifest = json!({
        "name": name, "version": version, "fhirVersions": ["4.0.1"], "dependencies": dependencies
    });
    fs::create_dir(folder.path().join("package")).unwrap();
    fs::write(folder.path().join("package/package.json"), bytes(&manifest)).unwrap();
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn packages_are_kept_side_by_side_and_forgotten_one_by_one() {
    let kept = tempfile::tempdir().unwrap();
    let mut library = Library::open(kept.path()).unwrap();
    let empty = library.fingerprint();
    let first = source("a", "1.9.0", &json!({}));
    let added = library.add(first.path()).unwrap();
    assert_eq!((added.id, added.replaced, added.unchanged), (id("a", "1.9.0"), false, false));
    library.add(source("a", "1.10.0", &json!({})).path()).unwrap();
    assert_eq!(library.ids(), [id("a", "1.9.0"), id("a", "1.10.0")]);
    assert_eq!(library.package("a", None).unwrap().id().version, "1.10.0");
    assert!(library.add(first.path()).unwrap().unchanged);
    let both = library.fingerprint();
    assert_eq!(Library::open(kept.path()).unwrap().fingerprint(), both);
    library.remove(&id("a", "1.9.0")).unwrap();
    assert_ne!(library.fingerprint(), both);
    assert!(matches!(library.remove(&id("a", "1.9.0")), Err(PackageError::Unknown(_))));
    library.remove(&id("a", "1.10.0")).unwrap();
    assert_eq!(library.fingerprint(), empty);
}

#[test]
fn an_archive_is_kept_as_it_was_given() {
    let Some(data) = folder("an_archive_is_kept_as_it_was_given") else { return };
    let given = &archives(&data)[1];
    let kept = tempfile::tempdir().unwrap();
    let mut library = Library::open(kept.path()).unwrap();
    let added = library.add(given).unwrap();
    let file = kept.path().join(format!("{}.tgz", added.id));
    assert_eq!(fs::read(file).unwrap(), fs::read(given).unwrap());
}

#[test]
fn packages_that_depend_on_each_other_in_a_ring_are_refused_by_name() {
    let kept = tempfile::tempdir().unwrap();
    let mut library = Library::open(kept.path()).unwrap();
    library.add(source("a", "1.0.0", &json!({"b": "1.0.0"})).path()).unwrap();
    library.add(source("b", "1.0.0", &json!({"c": "1.0.0"})).path()).unwrap();
    let refused = library.add(source("c", "1.0.0", &json!({"a": "1.0.0"})).path());
    let Err(PackageError::Cycle(ring)) = refused else { panic!("{refused:?}") };
    assert_eq!(ring.len(), 4, "{ring:?}");
    assert_eq!(library.ids().len(), 2);
    // A ring in memory, where nobody refused it, ends all the same.
    let packages =
        [source("x", "1.0.0", &json!({"y": "1.0.0"})), source("y", "1.0.0", &json!({"x": "1.0.0"}))];
    let packages = packages.iter().map(|folder| Package::read(folder.path()).unwrap()).collect();
    assert!(Library::of(packages).resolver(&id("x", "1.0.0")).definition("http://x/nowhere").is_none());
}

#[test]
fn what_a_writer_left_half_done_is_never_a_package_and_is_cleared_away() {
    let kept = tempfile::tempdir().unwrap();
    fs::write(kept.path().join(".incoming-77"), b"half").unwrap();
    fs::write(kept.path().join("broken#1.0.0.tgz"), b"no archive").unwrap();
    let mut library = Library::open(kept.path()).unwrap();
    assert!(library.packages().is_empty());
    assert_eq!(library.oddities()[0].kind, OddityKind::Unreadable);
    library.add(source("a", "1.0.0", &json!({})).path()).unwrap();
    assert_eq!(files(kept.path()), [".lock", "a#1.0.0.tgz", "broken#1.0.0.tgz"]);
}

#[test]
fn two_who_change_the_folder_at_once_do_not_meet() {
    let kept = tempfile::tempdir().unwrap();
    fs::create_dir_all(kept.path()).unwrap();
    let lock = fs::File::create(kept.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let mut library = Library::open(kept.path()).unwrap();
    let package = source("a", "1.0.0", &json!({}));
    assert!(matches!(library.add(package.path()), Err(PackageError::Busy(_))));
    drop(lock);
    library.add(package.path()).unwrap();
}

#[test]
fn dependencies_in_other_versions_are_used_and_told() {
    let packages = [
        source("a", "1.0.0", &json!({"b": "1.1.2-clins", "c": "1.1.x", "d": "current", "e": "1.0.0"})),
        source("b", "1.1.2-url", &json!({})),
        source("b", "1.1.2", &json!({})),
        source("b", "1.2.0", &json!({})),
        source("c", "1.1.7", &json!({})),
        source("c", "1.2.0", &json!({})),
        source("d", "3.0.0", &json!({})),
    ];
    let library = Library::of(packages.iter().map(|folder| Package::read(folder.path()).unwrap()).collect());
    let resolver = library.resolver(&id("a", "1.0.0"));
    let scope: Vec<String> = resolver.scope().map(|package| package.id().to_string()).collect();
    assert_eq!(scope, ["a#1.0.0", "b#1.1.2-url", "c#1.1.7", "d#3.0.0"]);
    let kinds: Vec<OddityKind> = resolver.oddities().iter().map(|oddity| oddity.kind).collect();
    let expected = [OddityKind::OtherDependency, OddityKind::OtherDependency, OddityKind::MissingDependency];
    assert_eq!(kinds, expected);
}
