//! What a vendor's developer would object to.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{all_of, crowd, patient, region, resources};

fn is_bundle_id(id: &str, sender: &str) -> bool {
    let parts: Vec<&str> = id.split('^').collect();
    let [number, year, own] = parts[..] else { return false };
    number == sender
        && number.len() == 10
        && year.len() == 4
        && (year.starts_with("202") || year.starts_with("203"))
        && (1..=36).contains(&own.len())
        && own.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[test]
fn every_bundle_id_has_its_form_and_belongs_to_the_sender() {
    for record in &region().patients {
        for submission in &record.submissions {
            let bundle: Value = serde_json::from_slice(&submission.body).unwrap();
            let id = bundle["identifier"]["value"].as_str().unwrap();
            assert!(is_bundle_id(id, &submission.institution), "{id}");
        }
    }
}

#[test]
fn every_bundle_bears_the_insured_number_of_its_day() {
    for record in &region().patients {
        for submission in &record.submissions {
            let sent =
                submission.at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(9))).date();
            let valid = |member: &&demo::Member| {
                member.valid_from <= sent && member.valid_to.is_none_or(|last| sent <= last)
            };
            let member = record.members.iter().find(valid).unwrap();
            let body = String::from_utf8_lossy(&submission.body);
            assert!(body.contains(&format!("\"value\":\"{}\"", member.member_id)), "{}", record.key);
        }
    }
}

#[test]
fn submissions_stand_in_the_order_of_sending() {
    for record in &region().patients {
        assert!(record.submissions.is_sorted_by_key(|one| one.at), "{}", record.key);
    }
}

#[test]
fn the_region_holds_every_kind_in_good_number() {
    let region = region();
    let count = |kind: &str| {
        region.patients.iter().flat_map(|record| &record.submissions).filter(|one| one.kind == kind).count()
    };
    assert!(count("Condition") >= 12);
    assert!(count("AllergyIntolerance") >= 6);
    assert!(count("Observation") >= 60);
    assert!(count("Referral") >= 4);
    assert!(count("CheckupReport") >= 5);
    assert!(count("PatientSummary") >= 3);
    let stays: usize = region.patients.iter().map(|record| all_of(record, "Bundle").len()).sum();
    assert!(stays >= 2);
    assert!(region.patients.iter().filter(|record| record.members.len() > 1).count() >= 2);
}

#[test]
fn a_report_is_sent_again_with_other_content_under_the_same_id() {
    let mut corrected = 0;
    for record in &region().patients {
        let mut seen = BTreeSet::new();
        for bundle in crate::bodies(record, "Observation") {
            let id = bundle["identifier"]["value"].as_str().unwrap().to_owned();
            let again = !seen.insert(id);
            corrected += usize::from(again && resources(&bundle).any(|one| one["status"] == "corrected"));
        }
    }
    assert!(corrected >= 3);
}

#[test]
fn every_reference_finds_its_resource() {
    fn check(value: &Value, known: &BTreeSet<&str>) {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("reference").and_then(Value::as_str) {
                    assert!(reference.starts_with('#') || known.contains(reference), "{reference}");
                }
                map.iter()
                    .filter(|(_, child)| child["resourceType"] != "Bundle")
                    .for_each(|one| check(one.1, known));
            }
            Value::Array(all) => all.iter().for_each(|child| check(child, known)),
            _ => {}
        }
    }
    for record in &region().patients {
        for submission in &record.submissions {
            let bundle: Value = serde_json::from_slice(&submission.body).unwrap();
            let entries = bundle["entry"].as_array().unwrap();
            let known =
                entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect::<BTreeSet<_>>();
            assert_eq!(known.len(), entries.len());
            check(&bundle, &known);
        }
    }
}

#[test]
fn member_ids_have_four_parts_of_one_width() {
    for record in region().patients.iter().chain(crowd()) {
        for member in &record.members {
            let parts: Vec<&str> = member.member_id.split(':').collect();
            assert_eq!(parts.len(), 4, "{}", member.member_id);
            assert!(parts[0].len() == 8 && parts[0].bytes().all(|byte| byte.is_ascii_digit()));
            assert!(parts[1].chars().chain(parts[2].chars()).all(|c| !c.is_ascii()));
            assert!(parts[3].is_empty() || parts[3].len() == 2);
        }
    }
}

#[test]
fn a_number_is_insured_once() {
    let mut numbers = BTreeSet::new();
    for record in region().patients.iter().chain(crowd()) {
        for member in &record.members {
            assert!(numbers.insert(member.member_id.clone()), "{}", member.member_id);
        }
    }
}

#[test]
fn units_of_a_range_are_those_of_the_value() {
    for observation in all_of(patient(1), "Observation") {
        let value = &observation["valueQuantity"];
        for bound in ["low", "high"] {
            let limit = &observation["referenceRange"][0][bound];
            if !limit.is_null() {
                assert_eq!((&limit["unit"], &limit["code"]), (&value["unit"], &value["code"]));
            }
        }
    }
}
