use profile::{Library, PackageId, SnapshotError};
use serde_json::{Value, json};

use crate::data::{library, package};

fn id(name: &str, version: &str) -> PackageId {
    PackageId { name: name.to_owned(), version: version.to_owned() }
}

fn definition(url: &str, base: Option<&str>, differential: &Value) -> Value {
    let derivation = base.map(|_| "constraint");
    json!({"resourceType": "StructureDefinition", "url": url, "name": "N", "kind": "resource", "abstract": false,
           "type": "Thing", "baseDefinition": base, "derivation": derivation, "differential": {"element": differential}})
}

/// A type with an identifier and a choice, as a type's own snapshot.
fn thing() -> Value {
    let element = |id: &str, min: u64, max: &str, types: &[&str]| {
        let types: Vec<Value> = types.iter().map(|code| json!({"code": code})).collect();
        json!({"id": id, "path": id, "min": min, "max": max, "type": types})
    };
    let mut thing = definition("http://hl7.org/fhir/StructureDefinition/Thing", None, &json!([]));
    thing["snapshot"] = json!({"element": [
        element("Thing", 0, "*", &[]),
        element("Thing.name", 0, "*", &["Name"]),
        element("Thing.value[x]", 0, "1", &["Quantity", "string"]),
    ]});
    thing
}

fn name() -> Value {
    let mut name = definition("http://hl7.org/fhir/StructureDefinition/Name", None, &json!([]));
    name["type"] = json!("Name");
    name["kind"] = json!("complex-type");
    name["snapshot"] = json!({"element": [
        {"id": "Name", "path": "Name"},
        {"id": "Name.text", "path": "Name.text", "min": 0, "max": "1", "type": [{"code": "string"}]},
    ]});
    name
}

const PROFILE: &str = "http://x/P";

fn library_of(differential: &Value) -> Library {
    let profile = definition(PROFILE, Some("http://hl7.org/fhir/StructureDefinition/Thing"), differential);
    Library::of(vec![package("t", "1.0.0", &json!({}), &[thing(), name(), profile])])
}

fn ids(differential: &Value) -> Vec<String> {
    let library = library_of(differential);
    let resolver = library.resolver(&id("t", "1.0.0"));
    let snapshot = resolver.generated(resolver.definition(PROFILE).unwrap()).unwrap();
    snapshot.elements.iter().map(|element| element.id().to_owned()).collect()
}

#[test]
fn going_into_a_slice_copies_and_unfolds_it_after_the_sliced_element() {
    let differential = json!([
        {"id": "Thing.name", "path": "Thing.name", "slicing": {"discriminator": [{"type": "value", "path": "text"}], "rules": "open"}},
        {"id": "Thing.name:old", "path": "Thing.name", "sliceName": "old", "max": "1"},
        {"id": "Thing.name:old.text", "path": "Thing.name.text", "min": 1},
        {"id": "Thing.name:old/short", "path": "Thing.name", "sliceName": "old/short"},
    ]);
    let expected = [
        "Thing",
        "Thing.name",
        "Thing.name:old",
        "Thing.name:old.text",
        "Thing.name:old/short",
        "Thing.value[x]",
    ];
    assert_eq!(ids(&differential), expected);
}

#[test]
fn the_short_name_of_a_choice_is_its_slice_with_or_without_ids() {
    let with = json!([{"id": "Thing.valueQuantity", "path": "Thing.valueQuantity", "min": 1}]);
    let without = json!([{"path": "Thing.value[x]", "sliceName": "valueQuantity", "min": 1}]);
    let mixed = json!([{"id": "Thing.value[x]:valueQuantity", "path": "Thing.valueQuantity",
                        "sliceName": "valueQuantity", "min": 1}]);
    let expected = ["Thing", "Thing.name", "Thing.value[x]", "Thing.value[x]:valueQuantity"];
    for differential in [with, without, mixed] {
        assert_eq!(ids(&differential), expected);
    }
}

#[test]
fn a_profile_that_contradicts_its_base_is_told_and_still_made() {
    let differential = json!([
        {"id": "Thing.name", "path": "Thing.name", "min": 3, "max": "2"},
        {"id": "Thing.value[x]", "path": "Thing.value[x]", "max": "*", "type": [{"code": "boolean"}]},
        {"id": "Thing.nowhere", "path": "Thing.nowhere", "min": 1},
    ]);
    let library = library_of(&differential);
    let resolver = library.resolver(&id("t", "1.0.0"));
    let snapshot = resolver.generated(resolver.definition(PROFILE).unwrap()).unwrap();
    assert_eq!(snapshot.elements.len(), 3);
    let odd: Vec<&str> = snapshot.oddities.iter().map(|oddity| oddity.what.as_str()).collect();
    let expected = [
        "Thing.name: min 3 > max 2",
        "Thing.value[x]: max * > 1",
        "Thing.value[x]: type boolean",
        "Thing.nowhere",
    ];
    assert_eq!(odd, expected);
}

#[test]
fn a_profile_derived_from_itself_is_an_error_with_the_ring() {
    let one = definition("http://x/1", Some("http://x/2"), &json!([]));
    let two = definition("http://x/2", Some("http://x/1"), &json!([]));
    let library = Library::of(vec![package("t", "1.0.0", &json!({}), &[one, two])]);
    let resolver = library.resolver(&id("t", "1.0.0"));
    let made = resolver.snapshot(resolver.definition("http://x/1").unwrap());
    let ring = ["http://x/1", "http://x/2", "http://x/1"].map(str::to_owned).to_vec();
    assert_eq!(made.err(), Some(SnapshotError::Cycle(ring)));
}

#[test]
fn every_real_profile_without_snapshot_gets_one() {
    let Some(library) = library("every_real_profile_without_snapshot_gets_one") else { return };
    let mut made = 0;
    for package in library.packages() {
        let resolver = library.resolver(package.id());
        for definition in package.definitions().filter(|one| one.snapshot.is_empty() && one.is_profile()) {
            assert!(resolver.snapshot(definition).unwrap().len() >= 5, "{definition:?}");
            made += 1;
        }
    }
    assert!(made >= 18, "{made}");
}
