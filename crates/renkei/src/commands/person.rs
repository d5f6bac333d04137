use std::str::FromStr;

use fhir::systems;
use serde_json::{Value, json};
use store::PersonId;

use crate::cli::Person;
use crate::client::{Answer, Client};
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;

pub(crate) fn run(command: Person, manner: Manner) -> Result<bool, Fault> {
    match command {
        Person::Numbers { person, hub } => {
            let body = parameters(&[("patient", &person)]);
            answered(&Client::new(&hub, manner.lang).post("/fhir/Patient/$numbers", &body)?, manner, card)
        }
        Person::Merge { person, into, hub } => {
            let body = parameters(&[("source-patient", &person), ("target-patient", &into)]);
            answered(&Client::new(&hub, manner.lang).post("/fhir/Patient/$merge", &body)?, manner, merged)
        }
        Person::Unmerge { person, hub } => {
            let body = parameters(&[("source-patient", &person)]);
            answered(&Client::new(&hub, manner.lang).post("/fhir/Patient/$unmerge", &body)?, manner, parted)
        }
    }
}

/// Parameters that name persons by this hub's id or by insured number.
fn parameters(named: &[(&str, &str)]) -> Vec<u8> {
    let parameters: Vec<Value> = named
        .iter()
        .map(|(name, person)| match PersonId::from_str(person) {
            Ok(id) => json!({"name": name, "valueReference": {"reference": format!("Patient/{id}")}}),
            Err(_) => json!({"name": format!("{name}-identifier"),
                "valueIdentifier": {"system": systems::MEMBER_ID, "value": person}}),
        })
        .collect();
    json!({"resourceType": "Parameters", "parameter": parameters}).to_string().into_bytes()
}

fn answered(answer: &Answer, manner: Manner, tell: fn(&[Value]) -> Vec<String>) -> Result<bool, Fault> {
    if !answer.is_ok() {
        talk(&answer.complaints());
        return Ok(false);
    }
    let json = answer.json();
    if manner.json {
        say(&json.to_string())?;
    } else {
        let parameters = json["parameter"].as_array().map(Vec::as_slice).unwrap_or_default();
        tell(parameters).iter().try_for_each(|line| say(line))?;
    }
    Ok(true)
}

fn merged(parameters: &[Value]) -> Vec<String> {
    vec![format!(
        "{} を {} に合わせました",
        reference(parameters, "source-patient"),
        reference(parameters, "target-patient")
    )]
}

fn parted(parameters: &[Value]) -> Vec<String> {
    let ended = parameters.iter().filter(|one| one["name"] == "ended-grant").count();
    vec![format!(
        "{} を {} から分けました。合わせていた間の閲覧同意 {ended}件を終わらせました",
        reference(parameters, "source-patient"),
        reference(parameters, "target-patient")
    )]
}

fn card(parameters: &[Value]) -> Vec<String> {
    let kin = parameters.iter().filter(|one| one["name"] == "kin");
    kin.flat_map(|one| {
        let parts = one["part"].as_array().map(Vec::as_slice).unwrap_or_default();
        let numbers = parts.iter().filter(|part| part["name"] == "identifier").map(number);
        std::iter::once(reference(parts, "patient")).chain(numbers).collect::<Vec<_>>()
    })
    .collect()
}

fn number(part: &Value) -> String {
    let identifier = &part["valueIdentifier"];
    let period = &identifier["period"];
    let day = |name: &str| period[name].as_str().unwrap_or_default().to_owned();
    format!("  {}  {}〜{}", identifier["value"].as_str().unwrap_or_default(), day("start"), day("end"))
}

fn reference(parameters: &[Value], name: &str) -> String {
    let found = parameters.iter().find(|one| one["name"] == name);
    found.and_then(|one| one["valueReference"]["reference"].as_str()).unwrap_or("-").to_owned()
}
