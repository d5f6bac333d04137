//! OperationOutcomes as people read them.

use fhir::finding::{Finding, Findings, Language};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use serde_json::Value;

use crate::fixtures;

/// Both languages, laid out; positions come from the pretty form of the document.
fn both(document: &Value) -> String {
    let bytes = format!("{document:#}").into_bytes();
    let parsed = Parsed::parse(&bytes, &Limits::default()).expect("a Value writes JSON");
    pretty(&Validator::new().examine(&parsed))
}

fn pretty(findings: &Findings) -> String {
    let outcomes = [Language::Japanese, Language::English].map(|language| {
        let outcome: Value =
            serde_json::from_str(&findings.to_operation_outcome(language)).expect("it is JSON");
        format!("{outcome:#}")
    });
    outcomes.join("\n\n")
}

#[test]
fn a_sound_document_gets_an_all_ok() {
    insta::assert_snapshot!(both(&fixtures::condition_bundle()));
}

#[test]
fn a_disease_without_its_key_number_is_explained() {
    let mut document = fixtures::condition_bundle();
    document["entry"][1]["resource"]["code"]["coding"][0]["system"] = "urn:oid:1.2.392.200119.4.101.6".into();
    insta::assert_snapshot!(both(&document));
}

#[test]
fn a_wrong_code_a_missing_element_and_a_lost_reference_are_told_at_once() {
    let mut document = fixtures::observation_bundle();
    document["entry"][0]["resource"]["gender"] = "mael".into();
    let observation = &mut document["entry"][1]["resource"];
    observation.as_object_mut().expect("an object").remove("status");
    observation["performer"][0]["reference"] = "#nobody".into();
    insta::assert_snapshot!(both(&document));
}

#[test]
fn text_that_ends_too_early_is_placed() {
    let findings =
        Parsed::parse("{\n  \"resourceType\": \"Bundle\",\n  \"entry\": [".as_bytes(), &Limits::default())
            .map(|_| ())
            .expect_err("it is cut off");
    insta::assert_snapshot!(pretty(&findings));
}

#[test]
fn another_room_raises_a_finding_by_its_key() {
    let finding = Finding::new("sender-mismatch")
        .at("Bundle.identifier.value")
        .found("1319999901")
        .expected("1319999902");
    insta::assert_snapshot!(pretty(&Findings::from(finding)));
}

#[test]
fn a_finding_never_shows_what_it_found_to_the_log() {
    let finding = Finding::new("R1113").found("架空　太郎");
    assert!(!format!("{finding:?}").contains("架空"));
}
