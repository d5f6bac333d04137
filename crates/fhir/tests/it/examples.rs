//! Real documents of the guides, where they are at hand.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use fhir::finding::{Finding, Findings, Severity};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use serde_json::Value;

/// The folder of real data, or none where it is not at hand; in CI it must be.
pub(crate) fn data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("RENKEI_FHIR_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fhir"), PathBuf::from);
    if folder.join("examples").is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "{test}: RENKEI_FHIR_DATA must lead to the FHIR data");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: no FHIR data; set RENKEI_FHIR_DATA");
    None
}

/// Every example by its name under `examples/`.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let list = std::fs::read(folder.join("examples/expected.json")).expect("the list of examples");
    let list: Vec<Value> = serde_json::from_slice(&list).expect("the list is JSON");
    let names = list.iter().map(|row| row["file"].as_str().expect("a file name").to_owned());
    names
        .map(|name| (name.clone(), std::fs::read(folder.join("examples").join(&name)).expect("an example")))
        .collect()
}

fn examine(validator: &Validator, bytes: &[u8]) -> Findings {
    match Parsed::parse(bytes, &Limits::default()) {
        Err(findings) => findings,
        Ok(document) => validator.examine(&document),
    }
}

fn errors(findings: &Findings) -> Vec<&'static str> {
    let errors = findings.0.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.key).collect()
}

/// The independent check does not read narratives; three examples have one without its namespace or with an element
/// left open.
#[test]
fn every_example_gets_the_verdict_of_an_independent_r4_check() {
    let Some(folder) = data("every_example_gets_the_verdict_of_an_independent_r4_check") else { return };
    let expected = std::fs::read(folder.join("examples/expected.json")).expect("the list of verdicts");
    let expected: Vec<Value> = serde_json::from_slice(&expected).expect("the list is JSON");
    let validator = Validator::new();
    let files = files(&folder);
    let (mut wrong, mut unread) = (Vec::new(), 0);
    for row in &expected {
        let name = row["file"].as_str().expect("a file name");
        let findings = examine(&validator, &files[name]);
        let of_base =
            |f: &&Finding| f.severity == Severity::Error && f.rule.as_ref().is_none_or(|rule| rule == "R4");
        let (unreadable, base): (Vec<_>, Vec<_>) =
            findings.0.iter().filter(of_base).partition(|finding| finding.key == "r4-narrative-form");
        unread += usize::from(!unreadable.is_empty());
        let verdict = if base.is_empty() { "valid" } else { "invalid" };
        if verdict != row["r4Core"] {
            wrong.push(format!("{name}: {verdict} {base:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), expected.len(), wrong.join("\n"));
    assert_eq!(unread, 3);
}

#[test]
fn the_bundles_of_the_current_guides_are_taken() {
    let Some(folder) = data("the_bundles_of_the_current_guides_are_taken") else { return };
    let validator = Validator::new();
    let mut taken = 0;
    for (name, bytes) in files(&folder) {
        let current =
            name.starts_with("jp-clins/1.10.0/Bundle") || name.starts_with("jp-echeckup/1.5.0/Bundle");
        if current {
            let parsed = Parsed::parse(&bytes, &Limits::default()).expect("it is JSON");
            let checked = validator.check(parsed);
            assert!(checked.is_ok(), "{name}: {:?}", checked.map(|_| ()));
            taken += 1;
        }
    }
    assert_eq!(taken, 6);
}

/// Since 1.10.0 every coding of a status says its display; nothing else of 1.5.2 has become an error.
#[test]
fn the_bundles_of_1_5_2_fail_only_by_rules_that_changed_since() {
    let Some(folder) = data("the_bundles_of_1_5_2_fail_only_by_rules_that_changed_since") else { return };
    let validator = Validator::new();
    for (name, bytes) in
        files(&folder).into_iter().filter(|(name, _)| name.starts_with("jp-clins/1.5.2/Bundle"))
    {
        let findings = examine(&validator, &bytes);
        let mut broken = errors(&findings);
        broken.dedup();
        let expected: &[&str] = if name.contains("Observations") { &[] } else { &["J2006"] };
        assert_eq!(broken, expected, "{name}: {findings:#?}");
        assert!(
            findings.0.iter().filter(|f| f.key == "J2006").all(|f| f.element.as_deref() == Some("display"))
        );
    }
}

#[test]
fn the_deliberate_errors_are_refused_for_the_reason_their_authors_meant() {
    let Some(folder) = data("the_deliberate_errors_are_refused_for_the_reason_their_authors_meant") else {
        return;
    };
    let validator = Validator::new();
    let mut seen = 0;
    for (name, bytes) in files(&folder).into_iter().filter(|(name, _)| name.contains("ErrorExample")) {
        let wanted = if name.contains("Observation") { "R6021" } else { "R3010" };
        let broken = errors(&examine(&validator, &bytes));
        assert!(broken.contains(&wanted), "{name}: {broken:?}");
        if name.contains("1.5.2") {
            assert_eq!(broken, [wanted], "{name}");
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
}
