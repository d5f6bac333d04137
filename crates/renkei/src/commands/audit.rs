use serde_json::Value;

use crate::cli::Audit;
use crate::client::Client;
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;

pub(crate) fn run(command: Audit, manner: Manner) -> Result<bool, Fault> {
    match command {
        Audit::List { hub } => list(&Client::new(&hub, manner.lang), "/fhir/AuditEvent", manner),
    }
}

/// Prints the AuditEvents that a hub gives at `path`.
pub(crate) fn list(client: &Client, path: &str, manner: Manner) -> Result<bool, Fault> {
    let answer = client.get(path)?;
    if !answer.is_ok() {
        talk(&format!("表示できません（{}）\n{}", answer.status, answer.complaints()));
        return Ok(false);
    }
    for entry in answer.json()["entry"].as_array().into_iter().flatten() {
        let event = &entry["resource"];
        say(&if manner.json { event.to_string() } else { line(event) })?;
    }
    Ok(true)
}

fn line(event: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let outcome = if event["outcome"] == "0" { "可" } else { "否" };
    let patient =
        event["entity"].as_array().into_iter().flatten().find_map(|one| one["what"]["reference"].as_str());
    format!(
        "{}  {}  {:<12} {}  {}  {}",
        text(&event["recorded"]),
        outcome,
        text(&event["subtype"][0]["code"]),
        text(&event["agent"][0]["who"]["display"]),
        text(&event["outcomeDesc"]),
        patient.unwrap_or("-"),
    )
}
