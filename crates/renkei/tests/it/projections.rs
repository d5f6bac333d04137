//! One person, three projections: a clinician elsewhere, the patient, the institution that registered.

use std::collections::BTreeSet;

use demo::PatientRecord;
use serde_json::Value;

use crate::hub::{Answer, CLINIC, Hub, endless, prepared};

/// The woman with a disease given to nobody, and the man who has not been told of his, from hospitals all their own.
fn flagged<'r>(hub: &'r Hub, flag: &str) -> &'r PatientRecord {
    let bears = |patient: &&PatientRecord| {
        patient.submissions.iter().any(|sent| String::from_utf8_lossy(&sent.body).contains(flag))
    };
    hub.region.patients.iter().find(bears).unwrap()
}

fn hub() -> Hub {
    Hub::run_in(endless(prepared("renkei.db")), &[env!("CARGO_BIN_EXE_renkei")])
}

/// Name and flags of each disease seen.
fn seen(answer: &Answer) -> BTreeSet<String> {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.matches().iter().map(named).collect()
}

fn named(condition: &Value) -> String {
    let tags = condition["meta"]["tag"].as_array().cloned().unwrap_or_default();
    let flags = tags.iter().filter_map(|tag| tag["code"].as_str()).filter(|code| *code != "LTS");
    let name = condition["code"]["text"].as_str().unwrap().to_owned();
    flags.fold(name, |name, flag| format!("{name} {flag}"))
}

fn registering(record: &PatientRecord, flag: &str) -> String {
    let sent = record.submissions.iter().rfind(|sent| String::from_utf8_lossy(&sent.body).contains(flag));
    let institution = sent.unwrap().institution.clone();
    assert_ne!(institution, CLINIC, "the clinic is elsewhere");
    institution
}

#[test]
fn a_withheld_disease_is_seen_by_its_own_institution_alone() {
    let hub = hub();
    let record = flagged(&hub, "UNDELIVERED");
    let patient = hub.register_all(record);
    let path = format!("/fhir/Condition?patient={patient}");
    let institution = registering(record, "UNDELIVERED");
    let own = seen(&hub.get(&hub.system_once(&institution), &path));
    let clinician = hub.get(&hub.clinician_at(CLINIC, &patient, "diagnosis"), &path);
    let elsewhere = seen(&clinician);
    let patients = seen(&hub.get(&hub.token("patient", &["--patient", &patient]), &path));
    let withheld: BTreeSet<_> = own.iter().filter(|name| name.contains("UNDELIVERED")).collect();
    assert_eq!(withheld.len(), 1, "{own:?}");
    assert!(elsewhere.iter().chain(&patients).all(|name| !name.contains("UNDELIVERED")));
    assert_eq!(elsewhere, patients, "nothing here was kept from the patient alone");
    assert!(
        String::from_utf8_lossy(&clinician.body).contains("未提供"),
        "clinicians are told that it exists"
    );
    let another = hub.system_once(CLINIC);
    assert!(seen(&hub.get(&another, &path)).iter().all(|name| !name.contains("UNDELIVERED")));
}

#[test]
fn a_disease_not_told_is_marked_for_clinicians_and_its_institution_and_hidden_from_the_patient() {
    let hub = hub();
    let record = flagged(&hub, "UNINFORMED");
    let patient = hub.register_all(record);
    let path = format!("/fhir/Condition?patient={patient}");
    let own = seen(&hub.get(&hub.system_once(&registering(record, "UNINFORMED")), &path));
    let elsewhere = seen(&hub.get(&hub.clinician_at(CLINIC, &patient, "diagnosis"), &path));
    let answer = hub.get(&hub.token("patient", &["--patient", &patient]), &path);
    let patients = seen(&answer);
    let untold = |names: &BTreeSet<String>| {
        names.iter().filter(|name| name.contains("UNINFORMED")).cloned().collect::<BTreeSet<_>>()
    };
    assert!(!untold(&own).is_empty());
    assert!(untold(&own).is_subset(&untold(&elsewhere)));
    assert!(untold(&patients).is_empty());
    assert_eq!(patients, elsewhere.difference(&untold(&elsewhere)).cloned().collect());
    assert!(String::from_utf8_lossy(&answer.body).contains("非表示の情報はありません"));
}

#[test]
fn the_page_of_projections_sets_the_three_side_by_side_for_the_registering_institution_only() {
    let hub = hub();
    let record = flagged(&hub, "UNDELIVERED");
    let patient = hub.register_all(record);
    let path = format!("/patients/{patient}/projections");
    let institution = registering(record, "UNDELIVERED");
    let page = String::from_utf8(hub.page(&hub.system_once(&institution), &path).body).unwrap();
    assert!(page.contains("未提供") && page.contains("見えません"), "{page}");
    for stranger in
        [hub.clinician_at(CLINIC, &patient, "diagnosis"), hub.token("patient", &["--patient", &patient])]
    {
        assert_eq!(hub.page(&stranger, &path).status, 403);
    }
    let another = hub.page(&hub.system_once(CLINIC), &path);
    assert!(
        !String::from_utf8_lossy(&another.body).contains("依存"),
        "another institution sees only its own"
    );
}

#[test]
fn the_same_result_out_of_a_report_and_a_letter_is_one_entry_with_a_provenance() {
    let hub = hub();
    let mut found = 0;
    for record in &hub.region.patients {
        let patient = hub.register_all(record);
        let token = hub.token("patient", &["--patient", &patient]);
        let answer = hub.get(&token, &format!("/fhir/Patient/{patient}/$everything")).json();
        let entries = answer["entry"].as_array().unwrap();
        let urls: Vec<&Value> = entries.iter().map(|entry| &entry["fullUrl"]).collect();
        for provenance in entries.iter().map(|entry| &entry["resource"]) {
            if provenance["resourceType"] == "Provenance" {
                found += 1;
                assert!(urls.contains(&&provenance["target"][0]["reference"]));
                assert!(provenance["entity"].as_array().unwrap().len() > 1);
            }
        }
    }
    assert!(found > 0, "the region tells some facts twice");
}

/// The last conditions of whoever has a disease given to nobody, with another of them not told to the patient either.
fn both_flags(record: &PatientRecord) -> Vec<u8> {
    let sent =
        record.submissions.iter().rfind(|sent| String::from_utf8_lossy(&sent.body).contains("UNDELIVERED"));
    let mut bundle: Value = serde_json::from_slice(&sent.unwrap().body).unwrap();
    let entries = bundle["entry"].as_array_mut().unwrap().iter_mut();
    let mut told = entries.filter(|entry| {
        entry["resource"]["resourceType"] == "Condition" && !entry.to_string().contains("UNDELIVERED")
    });
    told.next().unwrap()["resource"]["meta"]["tag"] = serde_json::json!([{
        "system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication",
        "code": "UNINFORMED",
        "display": "未告知",
    }]);
    serde_json::to_vec(&bundle).unwrap()
}

#[test]
fn one_patient_with_a_disease_not_told_and_one_not_given_is_three_patients_to_three_eyes() {
    let hub = hub();
    let record = flagged(&hub, "UNDELIVERED");
    let patient = hub.register_all(record);
    let institution = registering(record, "UNDELIVERED");
    let system = hub.system_once(&institution);
    let sent = hub.post(&system, "/fhir/Bundle", &both_flags(record));
    assert!((200..300).contains(&sent.status), "{}", String::from_utf8_lossy(&sent.body));
    let path = format!("/fhir/Condition?patient={patient}");
    let own = seen(&hub.get(&system, &path));
    let elsewhere = seen(&hub.get(&hub.clinician_at(CLINIC, &patient, "diagnosis"), &path));
    let patients = seen(&hub.get(&hub.token("patient", &["--patient", &patient]), &path));
    let bearing =
        |names: &BTreeSet<String>, flag: &str| names.iter().filter(|name| name.contains(flag)).count();
    let flags = |names| (bearing(names, "UNDELIVERED"), bearing(names, "UNINFORMED"));
    assert_eq!(flags(&own), (1, 1), "{own:?}");
    assert_eq!(flags(&elsewhere), (0, 1), "{elsewhere:?}");
    assert_eq!(flags(&patients), (0, 0), "{patients:?}");
    let page = hub.page(&system, &format!("/patients/{patient}/projections"));
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("未提供") && page.contains("未告知"), "{page}");
}
