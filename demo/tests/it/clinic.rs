//! What a doctor would object to.

use serde_json::Value;

use crate::{TODAY, all_of, bodies, crowd, patient, region, resources};

/// Values of one laboratory item in the order of taking.
fn values(record: &demo::PatientRecord, display: &str) -> Vec<f64> {
    let mut taken: Vec<(String, f64)> = bodies(record, "Observation")
        .flat_map(|bundle| resources(&bundle).cloned().collect::<Vec<_>>())
        .filter(|one| one["resourceType"] == "Observation" && one["code"]["coding"][1]["display"] == display)
        .filter_map(|one| {
            Some((one["effectiveDateTime"].as_str()?.to_owned(), one["valueQuantity"]["value"].as_f64()?))
        })
        .collect();
    taken.sort_by(|a, b| a.0.cmp(&b.0));
    taken.into_iter().map(|one| one.1).collect()
}

fn codes(resources: &[Value], at: usize) -> Vec<&str> {
    resources.iter().filter_map(|one| one["code"]["coding"][at]["display"].as_str()).collect()
}

#[test]
fn the_first_patients_kidneys_fail_over_two_years() {
    let record = patient(1);
    let creatinine = values(record, "Cre");
    assert!(creatinine.len() >= 12, "{creatinine:?}");
    assert!(creatinine[0] < 1.4 && *creatinine.last().unwrap() > 2.4, "{creatinine:?}");
    let filtration = values(record, "推算GFRcreat_血清_計算法_定量値");
    assert!(filtration[0] > 45.0 && *filtration.last().unwrap() < 23.0, "{filtration:?}");
    assert!(*values(record, "K").last().unwrap() > 5.8);
}

#[test]
fn the_warfarin_story_ends_without_an_inr() {
    let record = patient(9);
    let ratios = values(record, "PT-INR");
    assert!(ratios.iter().any(|ratio| *ratio > 4.5), "{ratios:?}");
    let last = bodies(record, "Observation").last().unwrap();
    assert!(resources(&last).all(|one| one["code"]["coding"][1]["display"] != "PT-INR"));
}

#[test]
fn the_virus_sinks_under_prophylaxis() {
    let record = patient(3);
    let flagged = all_of(record, "Observation")
        .into_iter()
        .filter(|one| one["meta"]["tag"][0]["code"] == "LTS")
        .collect::<Vec<_>>();
    assert!(codes(&flagged, 1).contains(&"HBs抗原(定性)"));
    let drugs = all_of(record, "MedicationRequest");
    assert!(drugs.iter().any(|one| one["medicationCodeableConcept"]["text"] == "バラクルード錠０．５ｍｇ"));
}

#[test]
fn the_penicillin_is_known_before_the_pneumonia() {
    let record = patient(2);
    let position = |kind: &str, word: &str| {
        record
            .submissions
            .iter()
            .position(|one| one.kind == kind && String::from_utf8_lossy(&one.body).contains(word))
            .unwrap()
    };
    assert!(position("AllergyIntolerance", "アモキシシリン") < position("Condition", "細菌性肺炎"));
    let letter = record.submissions.iter().find(|one| one.kind == "Referral").unwrap();
    assert!(String::from_utf8_lossy(&letter.body).contains("GCM6131001M2ZZZ"));
}

#[test]
fn only_a_woman_of_that_age_is_pregnant() {
    let mut pregnancies = 0;
    for record in region().patients.iter().chain(crowd()) {
        if codes(&all_of(record, "Condition"), 0).contains(&"妊娠") {
            pregnancies += 1;
            let age = TODAY.year() - record.birth_date.year();
            assert_eq!(record.gender, demo::Gender::Female, "{}", record.key);
            assert!((20..=45).contains(&age), "{} is {age}", record.key);
        }
    }
    assert!(pregnancies > 1);
}

#[test]
fn nothing_is_dated_after_it_was_sent() {
    for record in region().patients.iter().chain(crowd()) {
        for submission in &record.submissions {
            assert!(submission.at.to_string().as_str() < "2026-11-20T15:00:00Z", "{}", submission.at);
            let bundle: Value = serde_json::from_slice(&submission.body).unwrap();
            let sent = &bundle["timestamp"].as_str().unwrap()[..10];
            for resource in resources(&bundle) {
                for element in
                    ["effectiveDateTime", "onsetDateTime", "abatementDateTime", "recordedDate", "authoredOn"]
                {
                    let Some(dated) = resource[element].as_str() else { continue };
                    assert!(&dated[..10] <= sent, "{element} {dated} in a bundle of {sent} ({})", record.key);
                }
            }
        }
    }
}

#[test]
fn nobody_is_treated_before_birth() {
    for record in crowd() {
        for condition in all_of(record, "Condition") {
            let onset = condition["onsetDateTime"].as_str().unwrap();
            assert!(onset > record.birth_date.to_string().as_str(), "{} {onset}", record.key);
        }
    }
}

#[test]
fn a_cancer_is_not_told_and_a_dependence_is_withheld() {
    let tags = |number: usize| -> Vec<String> {
        let conditions = all_of(patient(number), "Condition");
        let tagged = conditions.iter().filter_map(|one| one["meta"]["tag"].as_array());
        tagged.flatten().map(|tag| tag["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(tags(7).contains(&"UNINFORMED".to_owned()));
    assert!(tags(8).contains(&"UNDELIVERED".to_owned()));
}

#[test]
fn snapshots_only_grow() {
    for record in &region().patients {
        let mut sizes = std::collections::BTreeMap::<String, usize>::new();
        for kind in ["Condition", "AllergyIntolerance"] {
            for bundle in bodies(record, kind) {
                let id = bundle["identifier"]["value"].as_str().unwrap().to_owned();
                let size = resources(&bundle).count();
                assert!(sizes.insert(id, size).is_none_or(|before| before <= size), "{}", record.key);
            }
        }
    }
}
