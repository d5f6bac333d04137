//! The International Patient Summary: judged by its guide's own profiles, and never saying more than a view does.
//!
//! `hl7.fhir.uv.ips-2.0.0-excerpt.tgz` holds the profiles that the summary claims, taken from the package
//! hl7.fhir.uv.ips 2.0.0 (HL7 International / Patient Care, CC0-1.0), without prose.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::hub::{Hub, renkei_in, steady};

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hl7.fhir.uv.ips-2.0.0-excerpt.tgz");

/// The errors that the guide's profiles find in a document.
fn errors(folder: &Path, document: &Value) -> Vec<String> {
    fs::write(folder.join("summary.json"), document.to_string()).unwrap();
    let output = renkei_in(folder, &["bundle", "validate", "--outcome", "summary.json"]);
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    let issues = outcome["issue"].as_array().cloned().unwrap_or_default();
    let errors =
        issues.into_iter().filter(|issue| issue["severity"] == "error" || issue["severity"] == "fatal");
    errors.map(|issue| format!("{} at {}", issue["details"]["text"], issue["expression"])).collect()
}

fn section<'d>(document: &'d Value, code: &str) -> &'d Value {
    let sections = document["entry"][0]["resource"]["section"].as_array().unwrap();
    sections.iter().find(|section| section["code"]["coding"][0]["code"] == code).unwrap_or(&Value::Null)
}

fn resources<'d>(document: &'d Value, name: &str) -> Vec<&'d Value> {
    let entries = document["entry"].as_array().unwrap().iter();
    entries.map(|entry| &entry["resource"]).filter(|one| one["resourceType"] == name).collect()
}

#[test]
fn the_summary_of_every_patient_passes_the_profiles_of_its_guide() {
    let hub = Hub::start();
    let library = tempfile::tempdir().unwrap();
    assert!(renkei_in(library.path(), &["package", "add", GUIDE]).status.success());
    for record in steady(&hub.region) {
        let patient = hub.register_all(record);
        let token = hub.token("patient", &["--patient", &patient]);
        let answer = hub.get(&token, &format!("/fhir/Patient/{patient}/$summary"));
        assert_eq!(answer.status, 200);
        assert!(answer.event.is_some());
        let mut document = answer.json();
        assert_eq!(errors(library.path(), &document), Vec::<String>::new(), "{}", record.name_kanji);
        assert_eq!(document["entry"][0]["resource"]["type"]["coding"][0]["code"], "60591-5");
        // The judge is awake.
        document["entry"][1]["resource"].as_object_mut().unwrap().remove("birthDate");
        assert!(!errors(library.path(), &document).is_empty());
    }
}

#[test]
fn every_entry_of_a_section_stands_in_the_summary_and_nothing_leads_out_of_it() {
    let hub = Hub::start();
    let patient = hub.register_all(steady(&hub.region)[0]);
    let token = hub.token("patient", &["--patient", &patient]);
    let document = hub.get(&token, &format!("/fhir/Patient/{patient}/$summary")).json();
    let entries = document["entry"].as_array().unwrap();
    let urls: Vec<&Value> = entries.iter().map(|entry| &entry["fullUrl"]).collect();
    let mut references = 0;
    let mut waiting = vec![&document];
    while let Some(value) = waiting.pop() {
        if let Some(reference) = value["reference"].as_str() {
            references += 1;
            assert!(reference.starts_with('#') || urls.contains(&&json!(reference)), "{reference}");
        }
        waiting.extend(value.as_object().into_iter().flat_map(|members| members.values()));
        waiting.extend(value.as_array().into_iter().flatten());
    }
    assert!(references > entries.len());
    let told = hub.get(&token, &format!("/fhir/Patient/{patient}/$everything")).matches();
    assert_eq!(entries.len(), told.len() + 3, "everything seen, the composition, the patient, the author");
}

#[test]
fn a_disease_that_the_patient_was_not_told_of_is_marked_in_the_text_for_clinicians_and_absent_from_the_patients()
 {
    let hub = Hub::start();
    let untold = |sent: &demo::Submission| String::from_utf8_lossy(&sent.body).contains("UNINFORMED");
    let record = *steady(&hub.region).iter().find(|one| one.submissions.iter().any(untold)).unwrap();
    let patient = hub.register_all(record);
    let path = format!("/fhir/Patient/{patient}/$summary");
    let text = |document: &Value| section(document, "11450-4")["text"]["div"].as_str().unwrap().to_owned();
    let clinician = hub.get(&hub.clinician(&patient, "diagnosis"), &path).json();
    assert!(text(&clinician).contains("未告知"), "{}", text(&clinician));
    let own = hub.get(&hub.token("patient", &["--patient", &patient]), &path);
    let told = String::from_utf8_lossy(&own.body);
    assert!(!told.contains("未告知") && !told.contains("UNINFORMED"));
    assert_ne!(section(&own.json(), "11450-4")["emptyReason"]["coding"][0]["code"], "withheld");
}

#[test]
fn what_consent_does_not_reach_is_withheld_and_what_is_not_known_is_not_called_absent() {
    let hub = Hub::start();
    let patient = hub.register_all(steady(&hub.region)[0]);
    let path = format!("/fhir/Patient/{patient}/$summary");
    let document = hub.get(&hub.clinician(&patient, "treatment"), &path).json();
    assert!(resources(&document, "Condition").is_empty());
    assert_eq!(section(&document, "11450-4")["emptyReason"]["coding"][0]["code"], "withheld");
    assert!(section(&document, "11450-4")["text"]["div"].as_str().unwrap().contains("提供できないもの"));
    assert!(!resources(&document, "MedicationRequest").is_empty());
    let stranger = hub.token("clinician", &["--institution", "1311234567"]);
    assert_eq!(hub.get(&stranger, &path).status, 403);
    let own = hub.get(&hub.token("patient", &["--patient", &patient]), &path).json();
    let allergies = section(&own, "48765-2");
    if allergies["entry"].is_null() {
        assert_eq!(allergies["emptyReason"]["coding"][0]["code"], "unavailable");
    }
}
