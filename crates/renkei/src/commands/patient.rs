use serde_json::Value;

use crate::cli::Patient;
use crate::client::Client;
use crate::commands::{Manner, audit, say, talk};
use crate::fault::Fault;

pub(crate) fn run(command: Patient, manner: Manner) -> Result<bool, Fault> {
    match command {
        Patient::Summary { id, hub } => summary(&id, &Client::new(&hub, manner.lang), manner),
        Patient::SeenBy { id, hub } => {
            audit::list(&Client::new(&hub, manner.lang), &format!("/fhir/AuditEvent?patient={id}"), manner)
        }
    }
}

fn summary(id: &str, client: &Client, manner: Manner) -> Result<bool, Fault> {
    let answer = client.get(&format!("/fhir/Patient/{id}/$everything"))?;
    if !answer.is_ok() {
        talk(&format!("表示できません（{}）\n{}", answer.status, answer.complaints()));
        return Ok(false);
    }
    let bundle = answer.json();
    for entry in bundle["entry"].as_array().into_iter().flatten() {
        let resource = &entry["resource"];
        say(&if manner.json { resource.to_string() } else { line(resource) })?;
    }
    Ok(true)
}

/// One resource in a line: what it is, when, and its value.
fn line(resource: &Value) -> String {
    let kind = resource["resourceType"].as_str().unwrap_or_default();
    if kind == "OperationOutcome" {
        let issues = resource["issue"].as_array().into_iter().flatten();
        let texts = issues.filter_map(|issue| issue["details"]["text"].as_str());
        return format!("── {}", texts.collect::<Vec<_>>().join(" / "));
    }
    let dates = ["effectiveDateTime", "authoredOn", "onsetDateTime", "recordedDate"];
    let date = dates.iter().find_map(|key| resource[*key].as_str()).unwrap_or("-");
    let concept =
        if kind == "MedicationRequest" { &resource["medicationCodeableConcept"] } else { &resource["code"] };
    let coded = concept["coding"][0]["display"].as_str().or(concept["coding"][0]["code"].as_str());
    let name = concept["text"].as_str().or(coded).unwrap_or("-");
    format!("{:<20} {:<10} {name}  {}", kind, date.get(..10).unwrap_or(date), value(resource))
}

fn value(resource: &Value) -> String {
    let quantity = &resource["valueQuantity"];
    let unit = quantity["unit"].as_str().unwrap_or_default();
    let coded = &resource["valueCodeableConcept"];
    match quantity["value"] {
        Value::Null => {
            coded["text"].as_str().or(coded["coding"][0]["display"].as_str()).unwrap_or_default().to_owned()
        }
        ref number => format!("{number} {unit}"),
    }
}
