use serde_json::{Value, json};

use crate::cli::Subscription;
use crate::client::{Answer, Client};
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;

pub(crate) fn run(command: Subscription, manner: Manner) -> Result<bool, Fault> {
    match command {
        Subscription::List { hub } => list(&Client::new(&hub, manner.lang), manner),
        Subscription::Add { criteria, endpoint, reason, end, empty, hub } => {
            let mut resource = json!({
                "resourceType": "Subscription",
                "status": "requested",
                "reason": reason,
                "criteria": criteria,
                "channel": {"type": "rest-hook", "endpoint": endpoint},
            });
            if !empty {
                resource["channel"]["payload"] = json!("application/fhir+json");
            }
            if let Some(end) = end {
                resource["end"] = json!(end.to_string());
            }
            add(&Client::new(&hub, manner.lang), &resource, manner)
        }
        Subscription::Remove { id, hub } => {
            let answer = Client::new(&hub, manner.lang).delete(&format!("/fhir/Subscription/{id}"))?;
            done(&answer, &manner.words("notices.removed", &[("id", &id)]), manner)
        }
        Subscription::Deliveries { id, hub } => deliveries(&Client::new(&hub, manner.lang), &id, manner),
        Subscription::Resend { id, hub } => {
            let path = format!("/api/v1/deliveries/{id}/resend");
            let answer = Client::new(&hub, manner.lang).post(&path, b"")?;
            done(&answer, &manner.words("notices.resent", &[("id", &id)]), manner)
        }
    }
}

fn list(client: &Client, manner: Manner) -> Result<bool, Fault> {
    let answer = client.get("/fhir/Subscription")?;
    if !answer.is_ok() {
        return refused(&answer, manner);
    }
    for entry in answer.json()["entry"].as_array().into_iter().flatten() {
        let one = &entry["resource"];
        say(&if manner.json {
            one.to_string()
        } else {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!(
                "{}  {:<9} {:<32} {}  {}",
                text(&one["id"]),
                text(&one["status"]),
                text(&one["criteria"]),
                text(&one["channel"]["endpoint"]),
                text(&one["error"])
            )
        })?;
    }
    Ok(true)
}

/// The secret is data: it goes to standard output, once.
fn add(client: &Client, resource: &Value, manner: Manner) -> Result<bool, Fault> {
    let answer = client.post("/fhir/Subscription", resource.to_string().as_bytes())?;
    if !answer.is_ok() {
        return refused(&answer, manner);
    }
    let made = answer.json();
    if manner.json {
        say(&made.to_string())?;
        return Ok(true);
    }
    let id = made["id"].as_str().unwrap_or_default();
    talk(&manner.words("notices.added", &[("id", &id)]));
    say(made["extension"][0]["valueString"].as_str().unwrap_or_default())?;
    Ok(true)
}

fn deliveries(client: &Client, id: &str, manner: Manner) -> Result<bool, Fault> {
    let answer = client.get(&format!("/api/v1/subscriptions/{id}/deliveries"))?;
    if !answer.is_ok() {
        return refused(&answer, manner);
    }
    for one in answer.json()["deliveries"].as_array().into_iter().flatten() {
        say(&if manner.json {
            one.to_string()
        } else {
            let text = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{}  {}  {:<18} {:<9} {:>3}  {}  {}",
                text("id"),
                text("created_at"),
                text("topic"),
                text("state"),
                one["attempts"].as_i64().unwrap_or_default(),
                text("next_try"),
                text("last_answer")
            )
        })?;
    }
    Ok(true)
}

fn done(answer: &Answer, words: &str, manner: Manner) -> Result<bool, Fault> {
    if answer.is_ok() {
        talk(words);
        return Ok(true);
    }
    refused(answer, manner)
}

fn refused(answer: &Answer, manner: Manner) -> Result<bool, Fault> {
    talk(&manner.words("notices.refused", &[("status", &answer.status), ("why", &answer.complaints())]));
    Ok(false)
}
