use serde_json::{Map, Value, json};

use crate::{Act, Event, Outcome};

/// The event as a FHIR R4 `AuditEvent`, after the patterns of IHE Basic Audit Log Patterns (BALP).
///
/// `site` names this hub in `source.observer`.
pub fn as_fhir(event: &Event, site: &str) -> Value {
    let (kind, subtype, action) = codes(event.act);
    let mut resource = Map::new();
    resource.insert("resourceType".into(), json!("AuditEvent"));
    resource.insert("id".into(), json!(event.id.to_string()));
    resource.insert("type".into(), kind);
    resource.insert("subtype".into(), json!([subtype]));
    resource.insert("action".into(), json!(action));
    resource.insert("recorded".into(), json!(event.at.to_string()));
    resource.insert("outcome".into(), json!(if event.outcome == Outcome::Done { "0" } else { "4" }));
    resource.insert("outcomeDesc".into(), json!(event.rule));
    if let Some(purpose) = &event.purpose {
        let coding = json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": purpose});
        resource.insert("purposeOfEvent".into(), json!([{ "coding": [coding] }]));
    }
    resource.insert("agent".into(), agents(event));
    resource.insert("source".into(), json!({"observer": {"display": site}}));
    resource.insert("entity".into(), Value::Array(entities(event)));
    Value::Object(resource)
}

fn codes(act: Act) -> (Value, Value, &'static str) {
    let rest = |code: &str| {
        let kind =
            json!({"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"});
        (kind, json!({"system": "http://hl7.org/fhir/restful-interaction", "code": code}))
    };
    let dicom = |kind: &str, code: &str| {
        let system = "http://dicom.nema.org/resources/ontology/DCM";
        (json!({"system": system, "code": kind}), json!({"system": system, "code": code}))
    };
    let ((kind, subtype), action) = match act {
        Act::Register | Act::Attach => (rest("create"), "C"),
        Act::Change | Act::OpenReferral => (rest("update"), "U"),
        Act::Cancel | Act::Dispose => (rest("delete"), "D"),
        Act::View => (rest("read"), "R"),
        Act::Find => (rest("search-type"), "E"),
        Act::ReadRecord => (dicom("110101", "110101"), "R"),
        Act::SignIn => (dicom("110114", "110122"), "E"),
        Act::Credential => (dicom("110113", "110137"), "U"),
        Act::Master => (dicom("110107", "110107"), "U"),
        // User security attributes changed: who may see whom.
        Act::Consent | Act::Disaster => (dicom("110113", "110137"), "U"),
        Act::Emergency => (dicom("110113", "110127"), "E"),
        Act::Review => (dicom("110101", "110101"), "R"),
        Act::Merge | Act::Unmerge => (dicom("110110", "110110"), "U"),
        Act::Subscribe => (rest("update"), "U"),
        Act::Alert => (dicom("110113", "110127"), "E"),
        Act::Proxy => (dicom("110113", "110137"), "U"),
        Act::Inquiry => (rest("create"), "C"),
        Act::KeepRegister => (rest("update"), "U"),
        Act::Safety => (rest("update"), "U"),
    };
    (kind, subtype, action)
}

/// Who acted, and for whom where that is another: the requestor stays the one who did it.
fn agents(event: &Event) -> Value {
    let mut agents = vec![agent(event)];
    if let Some(behalf) = &event.actor.on_behalf_of {
        agents.push(json!({"role": [{"text": behalf.relation}], "requestor": false,
            "who": {"reference": format!("Patient/{}", behalf.person)}}));
    }
    Value::Array(agents)
}

fn agent(event: &Event) -> Value {
    let actor = &event.actor;
    let mut who = json!({"identifier": {"value": actor.id}, "display": actor.name});
    if let Some(number) = &actor.institution {
        who["display"] = json!(format!("{} ({number})", actor.name));
    }
    json!({"role": [{"text": actor.role}], "who": who, "requestor": true})
}

fn entities(event: &Event) -> Vec<Value> {
    let object_type = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
    let mut entities = Vec::new();
    if let Some(person) = &event.patient {
        entities.push(json!({
            "what": {"reference": format!("Patient/{person}")},
            "type": {"system": object_type, "code": "1"},
            "role": {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1"}}));
    }
    for object in &event.objects {
        entities.push(json!({"type": {"system": object_type, "code": "2"}, "name": object}));
    }
    let mut detail = vec![json!({"type": "request", "valueString": event.request})];
    if let Some(shown) = event.shown {
        detail.push(json!({"type": "shown", "valueString": shown.entries.to_string()}));
        detail.push(json!({"type": "hidden", "valueString": shown.hidden.to_string()}));
    }
    entities.push(json!({"type": {"system": object_type, "code": "4"}, "detail": detail}));
    entities
}
