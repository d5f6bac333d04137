//! Packages made to do harm: each ends soon, with a clear word.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use profile::{Library, Limits, Membership, OddityKind, Package, PackageError, PackageId, SnapshotError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::data::{bytes, package};

/// A `.tgz` of these entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        // The builder refuses such names; an enemy writes them all the same.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn manifest() -> Vec<u8> {
    bytes(&json!({"name": "t", "version": "1.0.0", "fhirVersions": ["4.0.1"]}))
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Package, PackageError> {
    Package::from_bytes(bytes, Path::new("t.tgz"), limits)
}

fn id() -> PackageId {
    PackageId { name: "t".to_owned(), version: "1.0.0".to_owned() }
}

fn library(resources: &[Value]) -> Library {
    Library::of(vec![package("t", "1.0.0", &json!({}), resources)])
}

#[test]
fn what_is_no_archive_or_no_package_is_refused_in_words() {
    let limits = Limits::default();
    assert!(matches!(read(b"{}", &limits), Err(PackageError::NotAnArchive(..))));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&[7; 5000]).unwrap();
    assert!(matches!(read(&gzip.finish().unwrap(), &limits), Err(PackageError::NotAnArchive(..))));
    let whole = archive(&[("package/package.json", &manifest())]);
    assert!(matches!(read(&whole[..whole.len() / 2], &limits), Err(PackageError::NotAnArchive(..))));
    let without = archive(&[("package/a.json", b"{}")]);
    assert!(matches!(read(&without, &limits), Err(PackageError::NoManifest(..))));
    for bad in
        [&b"["[..], b"{}", br#"{"name": "../../x", "version": "1"}"#, br#"{"name": "a", "version": "a#b"}"#]
    {
        let refused = read(&archive(&[("package/package.json", bad)]), &limits);
        assert!(matches!(refused, Err(PackageError::Manifest(..))), "{refused:?}");
    }
    assert!(matches!(Package::read(Path::new("/nowhere/x.tgz")), Err(PackageError::File(..))));
}

#[test]
fn an_archive_that_unpacks_without_end_is_stopped_at_the_bound() {
    let limits = Limits { bytes: 1 << 20, file_bytes: 1 << 20, entries: 100 };
    let much = vec![b' '; 4 << 20];
    let bomb = archive(&[("package/package.json", &manifest()), ("package/other.txt", &much)]);
    assert!(bomb.len() < 100_000);
    assert!(matches!(read(&bomb, &limits), Err(PackageError::TooLarge(..))));
    let large = archive(&[("package/a.json", &much)]);
    assert!(matches!(read(&large, &limits), Err(PackageError::TooLarge(..))));
    let many: Vec<(String, Vec<u8>)> =
        (0..200).map(|n| (format!("package/{n}.json"), b"{}".to_vec())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, content)| (name.as_str(), &content[..])).collect();
    assert!(matches!(read(&archive(&many), &limits), Err(PackageError::TooLarge(..))));
}

#[test]
fn a_size_that_lies_takes_no_memory() {
    let mut header = tar::Header::new_gnu();
    header.set_path("package/package.json").unwrap();
    header.set_size(1 << 40);
    header.set_cksum();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(header.as_bytes()).unwrap();
    let refused = read(&gzip.finish().unwrap(), &Limits::default());
    assert!(matches!(refused, Err(PackageError::TooLarge(..))), "{refused:?}");
}

#[test]
fn names_that_lead_outside_are_passed_over_and_told() {
    let odd = archive(&[
        ("package/package.json", &manifest()),
        ("../../etc/x.json", b"{}"),
        ("/etc/y.json", b"{}"),
        ("package/z.json", b"{\"resourceType\": \"ValueSet\", \"url\": \"http://x/v\""),
    ]);
    let package = read(&odd, &Limits::default()).unwrap();
    let kinds: Vec<OddityKind> = package.oddities().iter().map(|oddity| oddity.kind).collect();
    assert_eq!(kinds, [OddityKind::OutsideName, OddityKind::OutsideName, OddityKind::NotJson]);
}

#[test]
fn nesting_without_end_is_an_oddity_of_its_file() {
    let deep = "[".repeat(500_000);
    let files = vec![("package.json".to_owned(), manifest()), ("deep.json".to_owned(), deep.into_bytes())];
    let package = Package::from_files(files).unwrap();
    assert_eq!(package.oddities()[0].kind, OddityKind::NotJson);
}

#[test]
fn value_sets_that_double_at_each_step_are_expanded_once_each() {
    let mut resources = vec![
        json!({"resourceType": "CodeSystem", "url": "http://x/cs", "content": "complete", "concept": [{"code": "a"}]}),
        json!({"resourceType": "ValueSet", "url": "http://x/0", "compose": {"include": [{"system": "http://x/cs"}]}}),
    ];
    for step in 1..30 {
        let below = format!("http://x/{}", step - 1);
        let twice = [json!({"valueSet": [below]}), json!({"valueSet": [below]})];
        resources.push(json!({
            "resourceType": "ValueSet", "url": format!("http://x/{step}"), "compose": {"include": twice}
        }));
    }
    let library = library(&resources);
    let expansion = library.resolver(&id()).value_set("http://x/29");
    assert_eq!(expansion.contains("http://x/cs", "a"), Membership::Yes);
}

#[test]
fn a_hierarchy_in_a_ring_and_a_regex_that_would_not_end_do_end() {
    let ring = |code: &str, parent: &str| json!({"code": code, "property": [{"code": "parent", "valueCode": parent}]});
    let filter = |op: &str, value: &str| {
        json!({"resourceType": "ValueSet", "url": format!("http://x/{op}"), "compose": {"include": [
            {"system": "http://x/cs", "filter": [{"property": "code", "op": op, "value": value}]}]}})
    };
    let long = "a".repeat(5000);
    let resources = [
        json!({"resourceType": "CodeSystem", "url": "http://x/cs", "content": "complete",
               "concept": [ring("a", "b"), ring("b", "a"), {"code": long}]}),
        filter("is-a", "c"),
        filter("regex", "(a+)+$b"),
        filter("in", "a"),
    ];
    let library = library(&resources);
    let resolver = library.resolver(&id());
    assert_eq!(resolver.value_set("http://x/is-a").contains("http://x/cs", "a"), Membership::No);
    assert_eq!(resolver.value_set("http://x/regex").contains("http://x/cs", &long), Membership::No);
    let huge = [resources[0].clone(), filter("regex", "((a{1000}){1000}){1000}")];
    let library = self::library(&huge);
    let expansion = library.resolver(&id()).value_set("http://x/regex");
    assert_eq!(expansion.contains("http://x/cs", "a"), Membership::Unknown);
}

#[test]
fn a_profile_that_grows_without_end_is_stopped() {
    // Each step goes into a part that refers to the whole: unfolded, it holds itself again.
    let element =
        |id: &str| json!({"id": id, "path": id, "min": 0, "max": "*", "type": [{"code": "BackboneElement"}]});
    let mut parts = vec![element("T"), element("T.part")];
    parts.extend((0..300).map(|n| element(&format!("T.part.e{n}"))));
    parts.push(json!({"id": "T.part.part", "path": "T.part.part", "min": 0, "max": "*", "contentReference": "#T.part"}));
    let definition = |url: &str, base: Value, name: &str, elements: &[Value]| {
        json!({"resourceType": "StructureDefinition", "url": url, "name": "T", "kind": "resource", "abstract": false,
               "type": "T", "baseDefinition": base, "derivation": "constraint", name: {"element": elements}})
    };
    let mut changes = Vec::new();
    for slice in 0..200 {
        let path = "T.part".to_owned() + &".part".repeat(20);
        let id = format!("T.part:s{slice}{}.e1", ".part".repeat(20));
        changes.push(json!({"id": id, "path": format!("{path}.e1"), "min": 1}));
    }
    let resources = [
        definition("http://hl7.org/fhir/StructureDefinition/T", Value::Null, "snapshot", &parts),
        definition(
            "http://x/P",
            json!("http://hl7.org/fhir/StructureDefinition/T"),
            "differential",
            &changes,
        ),
    ];
    let library = library(&resources);
    let resolver = library.resolver(&id());
    let made = resolver.generated(resolver.definition("http://x/P").unwrap());
    assert!(matches!(made, Err(SnapshotError::TooLarge(_))));
    let deep =
        json!({"id": format!("T{}", ".part".repeat(30_000)), "path": format!("T{}", ".part".repeat(30_000))});
    let resources = [
        resources[0].clone(),
        definition("http://x/P", json!("http://hl7.org/fhir/StructureDefinition/T"), "differential", &[deep]),
    ];
    let library = self::library(&resources);
    let resolver = library.resolver(&id());
    let made = resolver.generated(resolver.definition("http://x/P").unwrap()).unwrap();
    assert_eq!(made.oddities.len(), 1);
}

#[test]
fn a_hierarchy_as_deep_as_it_is_long_and_a_system_named_without_end_take_bounded_time() {
    let chain = (0..30_000).map(|n: u32| {
        json!({"code": n.to_string(), "property": [{"code": "parent", "valueCode": n.wrapping_sub(1).to_string()}]})
    });
    let chain: Vec<Value> = chain.collect();
    let filter = json!([{"property": "concept", "op": "is-a", "value": "100"}]);
    let include = vec![json!({"system": "http://x/cs"}); 2_000];
    let library = library(&[
        json!({"resourceType": "CodeSystem", "url": "http://x/cs", "content": "complete", "concept": chain}),
        json!({"resourceType": "ValueSet", "url": "http://x/deep",
               "compose": {"include": [{"system": "http://x/cs", "filter": filter}]}}),
        json!({"resourceType": "ValueSet", "url": "http://x/often", "compose": {"include": include}}),
    ]);
    let resolver = library.resolver(&id());
    let deep = resolver.value_set("http://x/deep");
    assert_eq!(deep.contains("http://x/cs", "29999"), Membership::Yes);
    assert_eq!(deep.contains("http://x/cs", "99"), Membership::No);
    let often = resolver.value_set("http://x/often");
    assert_eq!(often.contains("http://x/cs", "nowhere"), Membership::Unknown);
}

/// Pieces of ids, as wild as a differential may write them.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("T".to_owned()),
        Just("part".to_owned()),
        Just("value[x]".to_owned()),
        Just("valueString".to_owned()),
        Just("extension:a".to_owned()),
        Just("part:a/b".to_owned()),
        Just("漢:字".to_owned()),
        "[a-z:/\\[\\].]{0,6}",
    ]
}

proptest! {
    #[test]
    fn no_differential_breaks_the_generator(
        ids in prop::collection::vec(prop::collection::vec(piece(), 1..5), 0..12),
        names in prop::collection::vec("[a-z/:é]{0,3}", 12),
        min in 0_u64..4,
    ) {
        let elements: Vec<Value> = ids.iter().zip(&names).map(|(parts, name)| {
            json!({"id": format!("T.{}", parts.join(".")), "path": format!("T.{}", parts[0]), "sliceName": name,
                   "min": min, "max": "1", "type": [{"code": "T"}]})
        }).collect();
        let snapshot = json!([
            {"id": "T", "path": "T"},
            {"id": "T.part", "path": "T.part", "min": 0, "max": "*", "type": [{"code": "T"}]},
            {"id": "T.value[x]", "path": "T.value[x]", "min": 0, "max": "1", "type": [{"code": "string"}, {"code": "T"}]},
            {"id": "T.extension", "path": "T.extension", "min": 0, "max": "*", "type": [{"code": "T"}]},
        ]);
        let definition = |url: &str, base: Value, snapshot: &Value, differential: &Value| json!({
            "resourceType": "StructureDefinition", "url": url, "name": "T", "kind": "resource", "abstract": false,
            "type": "T", "baseDefinition": base, "derivation": "constraint",
            "snapshot": {"element": snapshot}, "differential": {"element": differential}
        });
        let url = "http://hl7.org/fhir/StructureDefinition/T";
        let library = library(&[
            definition(url, Value::Null, &snapshot, &json!([])),
            definition("http://x/P", json!(url), &json!([]), &json!(elements)),
        ]);
        let resolver = library.resolver(&id());
        let made = resolver.generated(resolver.definition("http://x/P").unwrap());
        prop_assert!(made.is_ok_and(|made| made.elements.len() >= 4));
        let _ = resolver.examine();
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &Limits::default());
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&bytes).unwrap();
        let _ = read(&gzip.finish().unwrap(), &Limits::default());
        let files = vec![("package.json".to_owned(), manifest()), ("a.json".to_owned(), bytes)];
        let library = Library::of(vec![Package::from_files(files).unwrap()]);
        let _ = library.resolver(&id()).examine();
    }
}
