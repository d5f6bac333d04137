//! Typed views.

use fhir::bundle::{UnitKind, resource_type};
use fhir::json::Limits;
use fhir::validate::{Checked, Parsed, Validator};
use serde_json::Value;

use crate::fixtures::{self, INSTITUTION, url};

fn checked(bytes: &[u8]) -> Checked<'_> {
    let parsed = Parsed::parse(bytes, &Limits::default()).expect("fixtures are JSON");
    Validator::new().check(parsed).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

#[test]
fn the_smallest_documents_of_each_kind_are_taken_without_a_word() {
    let cases: [(Value, UnitKind); 4] = [
        (fixtures::condition_bundle(), UnitKind::Condition),
        (fixtures::allergy_bundle(), UnitKind::AllergyIntolerance),
        (fixtures::observation_bundle(), UnitKind::Observation),
        (fixtures::referral(Vec::new()), UnitKind::Referral),
    ];
    for (document, kind) in cases {
        let bytes = document.to_string().into_bytes();
        let checked = checked(&bytes);
        assert_eq!(checked.bundle().kind(), kind);
        assert_eq!(checked.warnings().0, [], "{kind:?}");
        assert_eq!(checked.bytes(), bytes);
    }
}

#[test]
fn a_bundle_tells_its_key_its_sender_and_its_patient() {
    let bytes = fixtures::condition_bundle().to_string().into_bytes();
    let checked = checked(&bytes);
    let bundle = checked.bundle();
    let value = format!("{INSTITUTION}^2026^KARTE-000123");
    assert_eq!(bundle.identifier(), (fhir::systems::BUNDLE_ID, value.as_str()));
    assert_eq!(bundle.institution(), INSTITUTION);
    assert_eq!(bundle.member_id(), Some("00099999:架空:１２３:01"));
    assert_eq!(bundle.timestamp(), "2026-04-01T09:00:00.000+09:00");
    assert_eq!(bundle.entries().count(), 2);
}

#[test]
fn references_resolve_to_the_entries_they_name() {
    let bytes = fixtures::referral(Vec::new()).to_string().into_bytes();
    let checked = checked(&bytes);
    let bundle = checked.bundle();
    assert_eq!(bundle.resolve(&url(1)).map(resource_type), Some("Patient"));
    assert_eq!(bundle.resolve(&url(4)).map(resource_type), Some("Organization"));
    assert!(bundle.resolve(&url(77)).is_none());
    for entry in bundle.entries() {
        let found = entry.full_url.and_then(|url| bundle.resolve(url)).map(|node| node.span());
        assert_eq!(found, Some(entry.resource.span()));
    }
}

#[test]
fn a_bundle_inside_a_referral_is_seen_and_judged() {
    let mut inner = fixtures::referral(Vec::new());
    inner["meta"]["profile"][0] = fhir::systems::BUNDLE_DISCHARGE.into();
    let document = fixtures::referral(vec![fixtures::entry(50, inner)]);
    let bytes = document.to_string().into_bytes();
    let parsed = Parsed::parse(&bytes, &Limits::default()).expect("fixtures are JSON");
    let bundle = fhir::bundle::Bundle::of(parsed.root()).expect("it is a referral");
    let kinds: Vec<UnitKind> = bundle.bundles().map(|bundle| bundle.kind()).collect();
    assert_eq!(kinds, [UnitKind::DischargeSummary]);
    let findings = Validator::new().examine(&parsed);
    let inside = "Bundle.entry[5].resource.entry[0].resource";
    assert!(findings.0.iter().any(|f| f.key == "J6004" && f.expression.starts_with(inside)), "{findings:#?}");
}

#[test]
fn what_was_parsed_and_checked_may_go_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Parsed<'_>>();
    is_send::<Checked<'_>>();
}
