//! OperationOutcomes as people read them.

use fhir::finding::{Finding, FindingKind, Findings, Language, Position};
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

#[test]
fn an_outline_tells_no_name_that_a_sender_made_up() {
    let finding =
        Finding::new("r4-unknown-element").at("Bundle.entry[3].resource.value.ofType(Quantity).山田太郎");
    assert_eq!(finding.outline(), "Bundle.entry[3].resource.value.ofType(Quantity).…");
}

#[test]
fn findings_of_a_document_inside_a_text_are_placed_in_that_text() {
    let at = |line, column| Position { line, column };
    let here = Finding::new("J0001").position(at(1, 5));
    let below = Finding::new("J0001").position(at(3, 5));
    let nowhere = Finding::new("J0001");
    let moved = Findings(vec![here, below, nowhere]).inside(at(10, 4));
    let places: Vec<_> = moved.0.iter().filter_map(|finding| finding.position).collect();
    assert_eq!(places, [at(10, 8), at(12, 5), at(10, 4)]);
}

#[test]
fn a_kind_is_found_by_its_code_and_tells_no_value() {
    for kind in FindingKind::all() {
        assert_eq!(FindingKind::of_code(kind.code()).unwrap().key(), kind.key());
        for language in [Language::Japanese, Language::English] {
            assert!(!kind.message(language).contains('{') && !kind.mend(language).contains('{'));
        }
    }
    assert_eq!(FindingKind::of_code("RK-2104").and_then(|kind| kind.rule()), Some("J7006"));
}

#[test]
fn what_the_words_say_already_is_not_said_again() {
    for key in ["r4-binding", "type-mismatch", "R2152"] {
        let finding = Finding::new(key).found("書かれた").expected("求める");
        for language in [Language::Japanese, Language::English] {
            let said = [finding.message(language), finding.mend(language)].concat();
            assert_ne!(said.contains("求める"), finding.expected_besides(language).is_some(), "{key}");
            assert_ne!(
                finding.message(language).contains("書かれた"),
                finding.found_besides(language).is_some()
            );
        }
    }
}
