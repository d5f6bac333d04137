//! The same facts as OSCAL 1.1.3 (NIST): catalogue, profile, component definition, assessment results, and what is to be
//! done (POA&M). An item of an edition is a control of its catalogue. Ids are the same each time for the same thing.

mod asked;
mod found;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Gathered, archive::hex};

/// Of OSCAL, as each file says.
const VERSION: &str = "1.1.3";
/// What the properties that are ours are named under.
const OURS: &str = "https://renkei.example/ns/oscal";

/// The models by their names, without `.json`. What nothing is to be done about has no plan.
pub(super) fn models(gathered: &Gathered) -> Vec<(&'static str, Value)> {
    let mut models = vec![
        ("catalog", json!({"catalog": asked::catalog(gathered)})),
        ("profile", json!({"profile": asked::profile(gathered)})),
        ("component-definition", json!({"component-definition": asked::components(gathered)})),
        ("assessment-results", json!({"assessment-results": found::results(gathered)})),
    ];
    if let Some(plan) = found::plan(gathered) {
        models.push(("poam", json!({"plan-of-action-and-milestones": plan})));
    }
    models
}

/// The head of each file.
fn metadata(gathered: &Gathered, key: &str) -> Value {
    json!({
        "title": line(&format!("{} {}", gathered.edition.ja, gathered.word(key))),
        "last-modified": moment(gathered.made_at),
        "version": line(&gathered.edition.edition),
        "oscal-version": VERSION,
        "parties": [{
            "uuid": id(&["party", &gathered.institution]),
            "type": "organization",
            "name": line(&gathered.name),
            "props": [prop("institution", &gathered.institution)],
        }],
        "responsible-parties": [{"role-id": "creator", "party-uuids": [id(&["party", &gathered.institution])]}],
        "roles": [{"id": "creator", "title": gathered.word("creator")}],
    })
}

fn prop(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": OURS, "value": line(value)})
}

/// An id that is the same each time for the same thing (RFC 9562, version 5).
fn id(parts: &[&str]) -> String {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, OURS.as_bytes());
    Uuid::new_v5(&namespace, parts.join("\u{1f}").as_bytes()).to_string()
}

/// A text of one line, as OSCAL wants most: without space at its ends, and never empty.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split(|one: char| one.is_whitespace() || one.is_control()).collect();
    let line = words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    if line.is_empty() { "-".to_owned() } else { line }
}

/// A moment, to the second: engines differ in how finely they keep it.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What a file of the archive is linked by.
fn evidence_file(control: &str) -> String {
    format!("../evidence/{control}.json")
}

/// The id of a piece of evidence as an observation.
fn observation_id(evidence: &store::Evidence) -> String {
    id(&["observation", &evidence.scope, &hex(evidence.id.as_bytes())])
}
