//! The validator takes everything that is sent here.

use demo::PatientRecord;
use fhir::finding::Language;
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};

use crate::{crowd, region};

/// What the validator says of a patient's bundles, one line each, without repetition.
fn complaints(validator: &Validator, record: &PatientRecord) -> Vec<String> {
    let mut lines = Vec::new();
    for submission in &record.submissions {
        let parsed =
            Parsed::parse(&submission.body, &Limits::default()).unwrap_or_else(|bad| panic!("{bad:?}"));
        let findings = match validator.check(parsed) {
            Ok(checked) => checked.warnings().clone(),
            Err(findings) => findings,
        };
        for finding in findings.0 {
            let (message, found) = (finding.message(Language::English), finding.found.unwrap_or_default());
            lines.push(format!(
                "{} {} {} {message} [{found}]",
                submission.kind, finding.key, finding.expression
            ));
        }
    }
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn every_bundle_of_the_region_is_without_error_and_warning() {
    let validator = Validator::new();
    for record in &region().patients {
        assert_eq!(complaints(&validator, record), Vec::<String>::new(), "{}", record.key);
    }
}

#[test]
fn every_bundle_of_a_crowd_is_without_error_and_warning() {
    let validator = Validator::new();
    for record in crowd() {
        assert_eq!(complaints(&validator, record), Vec::<String>::new(), "{}", record.key);
    }
}

#[test]
fn the_validator_is_awake() {
    let validator = Validator::new();
    let mut record = region().patients[0].clone();
    record.submissions.retain(|one| one.kind == "Observation");
    for submission in &mut record.submissions {
        let body = String::from_utf8_lossy(&submission.body);
        submission.body = body.replace("JP_CLINS_ObsLabResult_LocalCode_CS", "another").into_bytes();
    }
    assert!(complaints(&validator, &record).iter().any(|line| line.contains("R6021")));
}
