//! Whatever a document holds, judging it by profiles must end and must not panic, and its findings must have words.
//!
//! The profiles are a few that use every kind of rule: slices by value, pattern, type, profile and exists, slices in
//! slices, bindings, bounds, extensions with contexts, invariants, and a Bundle whose entries refer to each other. Any
//! resource is a seed.
#![no_main]

use std::sync::LazyLock;

use fhir::finding::{Language, Severity};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use libfuzzer_sys::fuzz_target;
use profile::{Library, Package, Profiles};

const BASE: &str = "http://example.jp/";
const MANIFEST: &str = r#"{"name": "fuzz", "version": "1.0.0", "fhirVersions": ["4.0.1"]}"#;
/// Name, type, and the elements after the root.
const PROFILES: [(&str, &str, &str); 4] = [
    ("bundle", "Bundle", include_str!("validate/bundle.json")),
    ("patient", "Patient", include_str!("validate/patient.json")),
    ("observation", "Observation", include_str!("validate/observation.json")),
    ("extension", "Extension", include_str!("validate/extension.json")),
];
const CODES: &str = include_str!("validate/codes.json");
const VALUES: &str = include_str!("validate/values.json");

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let definitions = PROFILES.iter().map(|(name, kind, elements)| (format!("{name}.json"), definition(name, kind, elements)));
    let others = [("package.json", MANIFEST), ("codes.json", CODES), ("values.json", VALUES)];
    let files = definitions.chain(others.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))).collect();
    let package = Package::from_files(files).expect("the manifest is there");
    let profiles = Profiles::of(&Library::of(vec![package])).listing_must_support();
    assert_eq!(profiles.canonicals().count(), PROFILES.len());
    Validator::new().with(profiles)
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Parsed::parse(bytes, &Limits::default()) else { return };
    let findings = VALIDATOR.examine(&document);
    for finding in &findings.0 {
        assert!(finding.severity > Severity::Error || !finding.message(Language::Japanese).is_empty());
    }
    let _ = findings.to_operation_outcome(Language::English);
});

fn definition(name: &str, kind: &str, elements: &str) -> Vec<u8> {
    let elements = format!(r#"[{{"id": "{kind}", "path": "{kind}", "min": 0, "max": "*"}}, {elements}]"#);
    format!(
        r#"{{"resourceType": "StructureDefinition", "url": "{BASE}{name}", "version": "1.0.0", "name": "{name}",
            "status": "draft", "kind": "{form}", "abstract": false, "type": "{kind}", "derivation": "constraint",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/{kind}",
            "context": [{{"type": "element", "expression": "Patient.name"}}],
            "snapshot": {{"element": {elements}}}, "differential": {{"element": {elements}}}}}"#,
        form = if kind == "Extension" { "complex-type" } else { "resource" },
    )
    .into_bytes()
}
