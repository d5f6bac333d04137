//! What was found, and what is to be done.

use guideline::{Proof, Standing};
use serde_json::{Map, Value, json};
use store::Evidence;

use super::{evidence_file, id, line, metadata, moment, observation_id, prop};
use crate::pack::{Gathered, Line};

/// Where each item stands. What does not apply is named as left out, with its reason; what nobody knows is not satisfied.
pub(super) fn results(gathered: &Gathered) -> Value {
    let at = moment(gathered.made_at);
    let key = [gathered.edition.id.as_str(), gathered.institution.as_str(), at.as_str()];
    let mut result = json!({
        "uuid": id(&["result", key[0], key[1], key[2]]),
        "title": line(&format!("{} {}", gathered.name, gathered.day())),
        "description": gathered.word("no-judgement"),
        "start": at,
        "end": at,
        "reviewed-controls": {"control-selections": [selection(gathered)]},
    });
    let observations: Vec<Value> = evidence_on_form(gathered).map(observation).collect();
    let applying = gathered.printed().filter(|line| !matches!(line.standing, Standing::NotApplicable { .. }));
    let findings: Vec<Value> = applying.map(|line| finding(gathered, line)).collect();
    insert_unless_empty(&mut result, "observations", observations);
    insert_unless_empty(&mut result, "findings", findings);
    json!({
        "uuid": id(&["results", key[0], key[1], key[2]]),
        "metadata": metadata(gathered, "results"),
        "import-ap": {"href": "profile.json", "remarks": gathered.word("assessment-plan")},
        "results": [result],
    })
}

/// What is to be done by when. None if nothing is.
pub(super) fn plan(gathered: &Gathered) -> Option<Value> {
    let open: Vec<&Line> =
        gathered.printed().filter(|line| matches!(line.standing, Standing::No { .. })).collect();
    if open.is_empty() {
        return None;
    }
    let key = [gathered.edition.id.as_str(), gathered.institution.as_str()];
    let risk_id = |one: &Line| id(&["risk", key[0], key[1], &one.item.id]);
    let risk = |one: &&Line| {
        let mut risk = json!({
            "uuid": risk_id(one),
            "title": line(&one.item.ja),
            "description": line(&one.item.ja),
            "statement": statement(gathered, &one.standing),
            "status": "open",
        });
        if let Standing::No { target: Some(target), .. } = one.standing {
            risk["deadline"] = json!(format!("{target}T23:59:59+09:00"));
        }
        risk
    };
    let task = |one: &&Line| {
        json!({
            "uuid": id(&["task", key[0], key[1], &one.item.id]),
            "title": line(&one.item.ja),
            "description": statement(gathered, &one.standing),
            "props": [prop("control-id", &one.item.id)],
            "related-risks": [{"risk-uuid": risk_id(one)}],
        })
    };
    Some(json!({
        "uuid": id(&["plan", key[0], key[1]]),
        "metadata": metadata(gathered, "plan"),
        "system-id": {"identifier-type": "https://renkei.example/institution", "id": gathered.institution},
        "risks": open.iter().map(risk).collect::<Vec<_>>(),
        "poam-items": open.iter().map(task).collect::<Vec<_>>(),
    }))
}

fn selection(gathered: &Gathered) -> Value {
    let name = |line: &Line| json!({"control-id": line.item.id});
    let left_out = gathered.printed().filter_map(|line| match &line.standing {
        Standing::NotApplicable { reason } => Some((line, reason)),
        _ => None,
    });
    let (left_out, reasons): (Vec<Value>, Vec<String>) =
        left_out.map(|(one, reason)| (name(one), format!("{}: {}", one.item.id, line(reason)))).unzip();
    let mut selection = json!({"include-controls": gathered.printed().map(name).collect::<Vec<_>>()});
    if !left_out.is_empty() {
        selection["exclude-controls"] = json!(left_out);
        selection["remarks"] = json!(reasons.join("\n"));
    }
    selection
}

/// Evidence for what stands on the form.
fn evidence_on_form(gathered: &Gathered) -> impl Iterator<Item = &Evidence> {
    let is_asked = |one: &&Evidence| gathered.printed().any(|line| line.item.controls.contains(&one.control));
    gathered.evidence.iter().filter(is_asked)
}

fn observation(one: &Evidence) -> Value {
    let method = match Proof::from_code(&one.kind) {
        Some(Proof::Auto) => "TEST",
        Some(Proof::Attest) => "INTERVIEW",
        _ => "EXAMINE",
    };
    json!({
        "uuid": observation_id(one),
        "description": line(&format!("{} ({}): {}", one.control, one.source, one.measured)),
        "methods": [method],
        "props": [prop("verdict", if one.holds { "holds" } else { "fails" }), prop("scope", &one.scope)],
        "collected": moment(one.true_at),
        "expires": moment(one.holds_until),
        "relevant-evidence": [{"href": evidence_file(&one.control), "description": line(&one.source)}],
    })
}

fn finding(gathered: &Gathered, one: &Line) -> Value {
    let (state, reason) = match one.standing {
        Standing::Yes { .. } => ("satisfied", "pass"),
        Standing::No { .. } => ("not-satisfied", "fail"),
        Standing::Unconfirmed { .. } | Standing::NotApplicable { .. } => ("not-satisfied", "other"),
    };
    let related = gathered.evidence_of(one.item).map(|one| json!({"observation-uuid": observation_id(one)}));
    let mut finding = json!({
        "uuid": id(&["finding", &gathered.institution, &one.item.id, &moment(gathered.made_at)]),
        "title": line(&one.item.ja),
        "description": statement(gathered, &one.standing),
        "target": {
            "type": "statement-id",
            "target-id": format!("{}_smt", one.item.id),
            "status": {"state": state, "reason": reason},
        },
    });
    insert_unless_empty(&mut finding, "related-observations", related.collect());
    finding
}

fn statement(gathered: &Gathered, standing: &Standing) -> String {
    let answer = gathered.word(standing.code());
    match standing {
        Standing::Yes { by, until, .. } => format!("{answer} ({}, {})", by.code(), moment(*until)),
        Standing::No { target: Some(target), .. } => {
            format!("{answer} ({} {target})", gathered.word("target"))
        }
        Standing::No { target: None, failing } => line(&format!("{answer} {}", failing.join(", "))),
        Standing::NotApplicable { reason } => line(&format!("{answer} {reason}")),
        Standing::Unconfirmed { why } => format!("{answer} ({})", gathered.word(why.code())),
    }
}

fn insert_unless_empty(object: &mut Value, key: &str, values: Vec<Value>) {
    let object: Option<&mut Map<String, Value>> = object.as_object_mut();
    if let Some(object) = object.filter(|_| !values.is_empty()) {
        object.insert(key.to_owned(), Value::Array(values));
    }
}
