//! Report units sent to a hub, and shown from it.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::json;

use super::source;
use crate::client::{Answer, Client};
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;

/// Sends files to a hub. False if it did not take one.
pub(super) fn register(files: &[PathBuf], client: &Client, manner: Manner) -> Result<bool, Fault> {
    let mut all_taken = true;
    for file in source::chosen(files) {
        let answer = client.post("/fhir/Bundle", &source::read_whole(&file, manner)?)?;
        all_taken &= answer.is_ok();
        let name = file.display();
        say(&if manner.json {
            let answered = answer.json();
            json!({"file": name.to_string(), "status": answer.status, "answer": answered}).to_string()
        } else if answer.is_ok() {
            format!("{name}  {}", receipt(&answer, manner))
        } else {
            let refused = manner.words("bundle.not-registered", &[("status", &answer.status)]);
            format!("{name}  {refused}\n{}", answer.complaints())
        })?;
    }
    Ok(all_taken)
}

fn receipt(answer: &Answer, manner: Manner) -> String {
    let json = answer.json();
    let parameters = json["parameter"].as_array();
    let named = |name: &str| parameters.into_iter().flatten().find(|one| one["name"] == name);
    let reference =
        |name| named(name).and_then(|one| one["valueReference"]["reference"].as_str()).unwrap_or("-");
    let key = if answer.status == 201 { "bundle.registered" } else { "bundle.stood-already" };
    format!("{}  {}  {}", manner.words(key, &[]), reference("bundle"), reference("patient"))
}

/// Prints a unit byte for byte. False if the hub does not show it.
pub(super) fn show(id: &str, client: &Client, manner: Manner) -> Result<bool, Fault> {
    let answer = client.get(&format!("/fhir/Bundle/{id}"))?;
    if answer.is_ok() {
        io::stdout().write_all(&answer.body)?;
    } else {
        let refused = manner.words("bundle.not-shown", &[("status", &answer.status)]);
        talk(&format!("{refused}\n{}", answer.complaints()));
    }
    Ok(answer.is_ok())
}
