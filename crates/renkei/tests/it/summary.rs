//! 患者サマリー: for the patient alone, with the results and prescriptions of its doctor in the days of its plan.

use demo::{PatientRecord, Submission};
use serde_json::Value;

use crate::hub::{HOSPITAL, Hub, endless, prepared};

fn summary_of(record: &PatientRecord) -> Option<&Submission> {
    record.submissions.iter().rfind(|sent| sent.kind == "PatientSummary")
}

struct Told {
    hub: Hub,
    patient: String,
    author: String,
    unit: String,
    body: Value,
}

/// Somebody for whom a plan was written.
fn told() -> Told {
    let hub = Hub::run_in(endless(prepared("renkei.db")), &[env!("CARGO_BIN_EXE_renkei")]);
    let (patient, author, unit, body) = {
        let record = hub.region.patients.iter().find(|record| summary_of(record).is_some()).unwrap();
        let patient = hub.register_all(record);
        let sent = summary_of(record).unwrap();
        let again = hub.post(&hub.system_once(&sent.institution), "/fhir/Bundle", &sent.body);
        let body = serde_json::from_slice(&sent.body).unwrap();
        (patient, sent.institution.clone(), again.reference("bundle"), body)
    };
    Told { hub, patient, author, unit, body }
}

#[test]
fn everybody_but_the_patient_is_refused_and_the_author_knows_only_that_it_stands() {
    let Told { hub, patient, author, unit, .. } = told();
    let own = hub.token("patient", &["--patient", &patient]);
    assert_eq!(hub.get(&own, &format!("/fhir/{unit}")).status, 200);
    let author = hub.system_once(&author);
    let everybody = [
        hub.clinician(&patient, "diagnosis,treatment,checkup"),
        hub.token("emergency-clinician", &["--institution", HOSPITAL]),
        hub.token("safety-manager", &[]),
        hub.token("developer", &[]),
        hub.token("operator", &[]),
        hub.system_once(HOSPITAL),
        author.clone(),
    ];
    for token in &everybody {
        for path in [format!("/fhir/{unit}"), format!("/fhir/{unit}/$linked")] {
            assert_eq!(hub.get(token, &path).status, 403, "{path}");
        }
    }
    let insurer = hub.token("insurer", &["--institution", "99999999"]);
    assert_eq!(hub.get(&insurer, &format!("/fhir/{unit}")).status, 404);
    let refused = hub.get(&author, &format!("/fhir/{unit}"));
    assert_eq!(refused.codes(), ["patient-only"]);
    let listed = hub.get(&author, &format!("/fhir/DocumentReference?patient={patient}")).matches();
    let standing = listed.iter().find(|one| unit.ends_with(one["id"].as_str().unwrap())).unwrap();
    assert_eq!(standing["status"], "current");
    assert!(standing["content"][0]["attachment"]["url"].is_null());
    let clinician = hub.clinician(&patient, "diagnosis,treatment,checkup");
    let listed = hub.get(&clinician, &format!("/fhir/DocumentReference?patient={patient}")).matches();
    let is_summary = |one: &&Value| one["type"]["coding"][0]["code"] == "56447-6";
    assert!(!listed.iter().any(|one| is_summary(&one)), "its existence is not told");
}

#[test]
fn a_plan_gathers_what_its_doctor_tested_and_prescribed_in_its_days_and_nothing_else() {
    let Told { hub, patient, unit, body, author } = told();
    let own = hub.token("patient", &["--patient", &patient]);
    let answer = hub.get(&own, &format!("/fhir/{unit}/$linked"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let linked = answer.matches();
    assert!(!linked.is_empty());
    let entries = body["entry"].as_array().unwrap();
    let of = |name: &str| {
        entries.iter().map(|entry| &entry["resource"]).find(|one| one["resourceType"] == name).unwrap()
    };
    let doctor = &of("Practitioner")["identifier"][0];
    assert!(doctor["system"].as_str().unwrap().ends_with(&author));
    let first = of("CarePlan")["period"]["start"]
        .as_str()
        .unwrap()
        .min(of("Encounter")["period"]["start"].as_str().unwrap());
    let is_by_doctor = |resource: &Value| {
        let contained = resource["contained"].as_array().into_iter().flatten();
        contained
            .flat_map(|one| one["identifier"].as_array().cloned().unwrap_or_default())
            .any(|id| id == *doctor)
    };
    let day = |resource: &Value| {
        let date = resource["effectiveDateTime"].as_str().or(resource["authoredOn"].as_str()).unwrap();
        date[..10].to_owned()
    };
    for resource in &linked {
        assert!(is_by_doctor(resource));
        assert!(day(resource).as_str() >= &first[..10]);
        assert!(["Observation", "MedicationRequest"].contains(&resource["resourceType"].as_str().unwrap()));
    }
    let everything = hub.get(&own, &format!("/fhir/Patient/{patient}/$everything")).matches();
    let expected = everything.iter().filter(|resource| {
        ["Observation", "MedicationRequest"].contains(&resource["resourceType"].as_str().unwrap())
            && is_by_doctor(resource)
            && day(resource).as_str() >= &first[..10]
    });
    assert_eq!(expected.count(), linked.len());
}

#[test]
fn the_patients_page_shows_the_plan_with_what_belongs_to_it() {
    let Told { hub, patient, unit, .. } = told();
    let own = hub.token("patient", &["--patient", &patient]);
    let page = hub.page(&own, &format!("/documents/{}", unit.replace("Bundle/", "")));
    let html = String::from_utf8(page.body).unwrap();
    assert!(html.contains("この計画に結びつく検査と処方") && html.contains("<table"));
    let list = String::from_utf8(hub.page(&own, &format!("/patients/{patient}/documents")).body).unwrap();
    assert!(list.contains("まで表示"));
}
