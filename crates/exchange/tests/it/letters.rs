//! Small valid units of every kind, made from what the fictional region's systems send.

use std::sync::LazyLock;

use demo::{Region, Submission};
use jiff::civil::{Date, date};
use serde_json::{Value, json};

/// What is written into a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Which template.
    pub(crate) template: usize,
    /// The sender's ten digits.
    pub(crate) sender: String,
    /// To whom a referral goes.
    pub(crate) destination: String,
    /// The insured number.
    pub(crate) member_id: String,
    /// `Bundle.identifier.value`.
    pub(crate) identifier: String,
    /// The day of a report unit's resources.
    pub(crate) date: Date,
    /// A code of the flags' code system on a report unit's resources.
    pub(crate) flag: Option<&'static str>,
}

/// A unit that was sent once, with marks where a letter's words go.
pub(crate) struct Template {
    pub(crate) kind: &'static str,
    text: String,
}

/// Two report units of each kind, and a document of each kind.
pub(crate) static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let region = demo::region(date(2026, 4, 1));
    let kinds = ["Condition", "Condition", "Observation", "Observation", "AllergyIntolerance"];
    let documents = ["Referral", "PatientSummary", "CheckupReport"];
    let mut taken: Vec<usize> = Vec::new();
    kinds.iter().chain(&documents).map(|kind| template(&region, kind, &mut taken)).collect()
});

const SENDER: &str = "@sender@";
const DESTINATION: &str = "@destination@";
const MEMBER: &str = "@member@";
const IDENTIFIER: &str = "@identifier@";
/// Elements that hold a resource's day, in the order in which they are looked for.
const DAYS: [&str; 4] = ["effectiveDateTime", "authoredOn", "onsetDateTime", "recordedDate"];

impl Letter {
    /// The bytes to send.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let template = &TEMPLATES[self.template];
        let text = template
            .text
            .replace(SENDER, &self.sender)
            .replace(DESTINATION, &self.destination)
            .replace(MEMBER, &self.member_id)
            .replace(IDENTIFIER, &self.identifier);
        if !template.is_collection() {
            return text.into_bytes();
        }
        let mut bundle: Value = serde_json::from_str(&text).unwrap();
        for entry in bundle["entry"].as_array_mut().unwrap().iter_mut().skip(1) {
            let resource = &mut entry["resource"];
            let day = DAYS.iter().find(|name| resource[**name].is_string()).unwrap();
            let rest = resource[*day].as_str().unwrap().get(10..).unwrap_or_default().to_owned();
            resource[*day] = json!(format!("{}{rest}", self.date));
            if let Some(flag) = self.flag {
                resource["meta"]["tag"] = json!([{"system": fhir::systems::FLAG, "code": flag}]);
            }
        }
        bundle.to_string().into_bytes()
    }

    pub(crate) fn kind(&self) -> &'static str {
        TEMPLATES[self.template].kind
    }
}

impl Template {
    pub(crate) fn is_collection(&self) -> bool {
        !matches!(self.kind, "Referral" | "PatientSummary" | "CheckupReport")
    }
}

/// A PDF to be sent along.
pub(crate) fn pdf(identifier: &str) -> Vec<u8> {
    json!({
        "resourceType": "DocumentReference",
        "identifier": [{"system": "urn:example:pdf", "value": identifier}],
        "status": "current",
        "content": [{"attachment": {"contentType": "application/pdf", "data": "JVBERi0xLjcK"}}],
    })
    .to_string()
    .into_bytes()
}

/// The smallest unit of a kind that was not taken before.
fn template(region: &Region, kind: &'static str, taken: &mut Vec<usize>) -> Template {
    let sent: Vec<&Submission> = region.patients.iter().flat_map(|patient| &patient.submissions).collect();
    let code = |sent: &Submission| {
        let bundle: Value = serde_json::from_slice(&sent.body).unwrap();
        bundle["entry"][1]["resource"]["code"].clone()
    };
    let is_new = |index: &usize| {
        sent[*index].kind == kind
            && taken.iter().all(|old| sent[*old].kind != kind || code(sent[*old]) != code(sent[*index]))
    };
    let smallest = (0..sent.len()).filter(is_new).min_by_key(|index| sent[*index].body.len()).unwrap();
    taken.push(smallest);
    let found = sent[smallest];
    let bundle: Value = serde_json::from_slice(&found.body).unwrap();
    let member = member_of(&bundle);
    let mut text = String::from_utf8(found.body.clone()).unwrap();
    text = text.replace(bundle["identifier"]["value"].as_str().unwrap(), IDENTIFIER);
    text = text.replace(&found.institution, SENDER).replace(&member, MEMBER);
    for institution in demo::institutions() {
        text = text.replace(&institution.number, DESTINATION);
    }
    Template { kind, text }
}

fn member_of(bundle: &Value) -> String {
    let entries = bundle["entry"].as_array().unwrap();
    let patient = entries.iter().find(|one| one["resource"]["resourceType"] == "Patient").unwrap();
    let identifiers = patient["resource"]["identifier"].as_array().unwrap();
    let number = identifiers.iter().find(|one| one["system"] == fhir::systems::MEMBER_ID).unwrap();
    number["value"].as_str().unwrap().to_owned()
}
