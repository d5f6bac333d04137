use fhir::finding::Language;
use profile::{OddityKind, PackageId, Version};
use serde_json::json;

use crate::data::{library, package};

fn id(name: &str, version: &str) -> PackageId {
    PackageId { name: name.to_owned(), version: version.to_owned() }
}

#[test]
fn every_real_package_is_read_as_it_is() {
    let Some(library) = library("every_real_package_is_read_as_it_is") else { return };
    let core = library.package("hl7.fhir.r4.core", None).unwrap();
    assert_eq!(core.definitions().count(), 655);
    let clins = library.package("jp-eCSCLINS.r4", Some("1.10.0")).unwrap();
    assert_eq!((clins.definitions().count(), clins.counts()["ValueSet"]), (51, 205));
    assert!(clins.definitions().all(|definition| !definition.snapshot.is_empty()));
}

#[test]
fn a_definition_is_sought_at_home_then_in_dependencies_then_among_the_newest() {
    let Some(library) = library("a_definition_is_sought_at_home") else { return };
    let resolver = library.resolver(&id("jp-eCSCLINS.r4", "1.10.0"));
    let own = resolver.definition("http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS").unwrap();
    assert_eq!(own.package, id("jp-eCSCLINS.r4", "1.10.0"));
    let base = resolver.definition(own.base_definition.as_deref().unwrap()).unwrap();
    assert_eq!(base.package, id("jp-core.r4", "1.1.2-clins"));
    assert_eq!(resolver.type_definition("Patient").unwrap().package.name, "hl7.fhir.r4.core");
}

#[test]
fn a_canonical_with_a_version_finds_that_version() {
    let url = "http://example.jp/A";
    let definition = |version: &str| {
        json!({"resourceType": "StructureDefinition", "url": url, "version": version, "name": "A", "kind": "resource",
               "abstract": false, "type": "Patient"})
    };
    let packages = vec![
        package("a", "1.0.0", &json!({}), &[definition("1.0.0")]),
        package("a", "2.0.0", &json!({}), &[definition("2.0.0")]),
    ];
    let library = profile::Library::of(packages);
    let resolver = library.resolver(&id("nobody", "0"));
    let found = |canonical: &str| resolver.definition(canonical)?.version.clone();
    assert_eq!(found(url).as_deref(), Some("2.0.0"));
    assert_eq!(found(&format!("{url}|1.0.0")).as_deref(), Some("1.0.0"));
    assert_eq!(found(&format!("{url}|1.0")).as_deref(), Some("1.0.0"));
    assert_eq!(found(&format!("{url}|3.0.0")), None);
    let own = library.resolver(&id("a", "1.0.0"));
    assert_eq!(own.definition(url).unwrap().version.as_deref(), Some("1.0.0"));
}

#[test]
fn versions_are_ordered_as_people_mean_them() {
    let ordered = ["0.9", "1.0.0-rc2", "1.0.0-rc10", "1.0.0", "1.1.2-clins", "1.1.2-url", "1.1.2", "1.10.0"];
    assert!(ordered.windows(2).all(|pair| Version::of(pair[0]) < Version::of(pair[1])));
}

#[test]
fn every_oddity_has_words_in_both_languages() {
    for kind in OddityKind::ALL {
        let oddity = profile::Oddity { kind: *kind, file: "f.json".to_owned(), what: "w".to_owned() };
        for language in [Language::Japanese, Language::English] {
            assert!(!oddity.message(language).contains('{'), "{kind:?}");
        }
    }
}

#[test]
fn a_close_look_tells_what_is_odd_about_a_package_once() {
    let resources = [
        json!({"resourceType": "StructureDefinition", "url": "http://x/P", "name": "P", "kind": "resource",
            "abstract": false, "type": "Patient", "derivation": "constraint", "baseDefinition": "http://x/nowhere",
            "differential": {"element": [
                {"id": "Patient", "path": "Patient", "comment": ""},
                {"id": "Patient.name", "path": "Patient.name", "comment": "",
                 "binding": {"strength": "required", "valueSet": "http://x/no-set"}}]}}),
        json!({"resourceType": "ValueSet", "url": "http://x/vs",
            "compose": {"include": [{"system": "http://x/no-system"}]}}),
        json!({"resourceType": "ValueSet", "url": "http://x/vs"}),
    ];
    let library = profile::Library::of(vec![package("p", "1.0.0", &json!({"q": "1.0.0"}), &resources)]);
    let found = library.resolver(&id("p", "1.0.0")).examine();
    let found: Vec<(OddityKind, &str)> =
        found.iter().map(|oddity| (oddity.kind, oddity.what.as_str())).collect();
    let expected = [
        (OddityKind::TwiceDefined, "http://x/vs (0001.json)"),
        (OddityKind::EmptyString, "differential.element[].comment (×2)"),
        (OddityKind::NoSnapshot, ""),
        (OddityKind::UnknownValueSet, "http://x/no-set"),
        (OddityKind::UnknownCodeSystem, "http://x/no-system"),
        (OddityKind::UnknownProfile, "http://x/nowhere"),
        (OddityKind::MissingDependency, "q#1.0.0"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_one_value_set_that_clins_binds_and_nobody_defines_is_told() {
    let Some(library) = library("the_one_value_set_that_clins_binds_and_nobody_defines_is_told") else {
        return;
    };
    let found = library.resolver(&id("jp-eCSCLINS.r4", "1.10.0")).examine();
    let sets = found.iter().filter(|oddity| oddity.kind == OddityKind::UnknownValueSet);
    let sets: Vec<&str> = sets.map(|oddity| oddity.what.as_str()).collect();
    assert_eq!(sets, ["http://jpfhir.jp/fhir/core/ValueSet/JP_MedicationCodeKYS_VS"]);
}
