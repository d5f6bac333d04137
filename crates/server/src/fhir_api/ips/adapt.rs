//! Registered resources as entries of an International Patient Summary: the content stays, references into the
//! document they came from are cut, and what the guide requires besides is added.

use exchange::ShownItem;
use fhir::systems;
use serde_json::{Value, json};
use store::Information;

use super::profile;

const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";

/// A resource that is shown, about the patient at `patient`.
pub(super) fn adapted(item: &ShownItem, patient: &str) -> Option<Value> {
    let mut resource: Value = serde_json::from_slice(&item.resource).ok()?;
    detach(&mut resource);
    let (name, about) = match item.information {
        Information::Condition => ("Condition", "subject"),
        Information::DrugAllergy | Information::OtherAllergy => ("AllergyIntolerance", "patient"),
        Information::Prescription => ("MedicationRequest", "subject"),
        Information::LabResult | Information::Infection => {
            ("Observation-results-laboratory-pathology", "subject")
        }
    };
    let tags = resource["meta"]["tag"].take();
    resource["meta"] = json!({"profile": [profile(name)]});
    for contained in resource["contained"].as_array_mut().into_iter().flatten() {
        contained.as_object_mut().map(|members| members.remove("meta"));
    }
    if tags.is_array() {
        resource["meta"]["tag"] = tags;
    }
    resource[about] = json!({"reference": patient});
    match name {
        "Condition" => {
            resource["category"] =
                json!([category(CONDITION_CATEGORY, "problem-list-item", "Problem List Item")]);
        }
        "Observation-results-laboratory-pathology" => {
            let mut categories = resource["category"].take().as_array().cloned().unwrap_or_default();
            categories.push(category(OBSERVATION_CATEGORY, "laboratory", "Laboratory"));
            resource["category"] = Value::Array(categories);
        }
        _ => {}
    }
    if name.starts_with("Observation") && !resource["performer"].is_array() {
        let institution = json!({"system": systems::INSTITUTION_ID, "value": item.institution});
        resource["performer"] = json!([{"type": "Organization", "identifier": institution}]);
    }
    Some(resource)
}

fn category(system: &str, code: &str, display: &str) -> Value {
    json!({"coding": [{"system": system, "code": code, "display": display}]})
}

/// The Patient as registered, for a document of its own.
pub(super) fn adapted_patient(bytes: &[u8]) -> Option<Value> {
    let mut patient: Value = serde_json::from_slice(bytes).ok()?;
    detach(&mut patient);
    patient["meta"] = json!({"profile": [profile("Patient")]});
    Some(patient)
}

/// Whether a disease is over.
pub(super) fn has_ended(resource: &Value) -> bool {
    let code = resource.pointer("/clinicalStatus/coding/0/code").and_then(Value::as_str);
    matches!(code, Some("resolved" | "remission" | "inactive"))
}

/// Cuts references that lead out of a resource; what they point to is not in the summary. Names beside them stay.
fn detach(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let leads_out = |value: &Value| value.as_str().is_some_and(|text| !text.starts_with('#'));
            if members.get("reference").is_some_and(leads_out) {
                members.remove("reference");
            }
            members.values_mut().for_each(detach);
            members.retain(|_, value| !is_hollow(value));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(detach);
            items.retain(|value| !is_hollow(value));
        }
        _ => {}
    }
}

fn is_hollow(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}
