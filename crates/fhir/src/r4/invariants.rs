//! The invariants of R4 that bite in practice, by type. Not all 243: those that documents of the service can break.

use crate::bundle::resource_type;
use crate::json::Node;

use super::tables::Type;
use super::walk::{Seen, Walk};

/// Which invariants a type has here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    None,
    Coding,
    Extension,
    Period,
    Quantity,
    Bundle,
    PatientContact,
    Observation,
    Condition,
    Allergy,
    Section,
}

impl Special {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "Coding" => Self::Coding,
            "Extension" => Self::Extension,
            "Period" => Self::Period,
            "Quantity" | "Age" | "Count" | "Distance" | "Duration" => Self::Quantity,
            "Bundle" => Self::Bundle,
            "Patient.contact" => Self::PatientContact,
            "Observation" => Self::Observation,
            "Condition" => Self::Condition,
            "AllergyIntolerance" => Self::Allergy,
            "Composition.section" => Self::Section,
            _ => Self::None,
        }
    }
}

/// Judges an object of the type `kind` after its members.
pub(super) fn judge<'t>(walk: &mut Walk<'_, 't>, node: Node<'t>, kind: &Type, seen: &Seen) {
    match kind.special {
        Special::None => {}
        Special::Coding => coding(walk, node, kind, seen),
        Special::Extension => extension(walk, node, kind, seen),
        Special::Period => period(walk, node),
        Special::Quantity => quantity(walk, node),
        Special::Bundle => bundle(walk, node),
        Special::PatientContact => contact(walk, node),
        Special::Observation => observation(walk, node),
        Special::Condition => condition(walk, node),
        Special::Allergy => allergy(walk, node),
        Special::Section => section(walk, node),
    }
}

fn has(kind: &Type, seen: &Seen, name: &str) -> bool {
    kind.elements.iter().position(|e| *e == name).is_some_and(|i| seen.bits >> i & 1 == 1)
}

/// A code without a system means nothing to others (datatypes.html#Coding).
fn coding(walk: &mut Walk<'_, '_>, node: Node<'_>, kind: &Type, seen: &Seen) {
    if has(kind, seen, "code") && !has(kind, seen, "system") {
        walk.raise("r4-coding-system", node).found(node.text_at(&["code"]).unwrap_or_default());
    }
}

/// ext-1
fn extension(walk: &mut Walk<'_, '_>, node: Node<'_>, kind: &Type, seen: &Seen) {
    if has(kind, seen, "value[x]") == has(kind, seen, "extension") {
        walk.raise("r4-extension", node).found(node.text_at(&["url"]).unwrap_or_default());
    }
}

/// per-1, for dates of the same form and zone; others would need a calendar.
fn period(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    let (Some(start), Some(end)) = (node.text_at(&["start"]), node.text_at(&["end"])) else { return };
    let day = |text: &str| text.get(..10.min(text.len())).unwrap_or_default().to_owned();
    let same_form = start.len() == end.len() && start.get(19..) == end.get(19..);
    let ends_before = if same_form {
        end < start
    } else {
        day(start).len() == 10 && day(end).len() == 10 && day(end) < previous(&day(start))
    };
    if ends_before {
        walk.raise("r4-period", node).found(format!("{start} > {end}"));
    }
}

/// A bound that allows for zones: the same text with the last day digit lowered, where that is possible.
fn previous(day: &str) -> String {
    let mut bytes = day.as_bytes().to_vec();
    match bytes.last_mut() {
        Some(last) if *last > b'0' => *last -= 1,
        _ => bytes.truncate(8),
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// qty-3
fn quantity(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    if node.get("code").is_some() && node.get("system").is_none() {
        walk.raise("r4-quantity", node);
    }
}

/// bdl-3, bdl-4, bdl-9, bdl-10, bdl-11
fn bundle(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    let kind = node.text_at(&["type"]).unwrap_or_default();
    let (requests, responses) = match kind {
        "batch" | "transaction" => (true, false),
        "batch-response" | "transaction-response" => (false, true),
        "history" => (true, true),
        _ => (false, false),
    };
    for entry in node.get("entry").into_iter().flat_map(Node::items) {
        for (name, allowed) in [("request", requests), ("response", responses)] {
            if let Some(part) = entry.get(name).filter(|_| !allowed) {
                walk.raise("r4-entry-part", part).element(name);
            }
        }
    }
    if kind != "document" {
        return;
    }
    for path in [["identifier", "system"], ["identifier", "value"]] {
        if node.at(&path).is_none() {
            walk.raise("r4-document", node).element(path.join("."));
        }
    }
    if node.get("timestamp").is_none() {
        walk.raise("r4-document", node).element("timestamp");
    }
    let first = crate::bundle::entries(node).next();
    if first.is_none_or(|entry| resource_type(entry.resource) != "Composition") {
        walk.raise("r4-document", node).element("entry[0] Composition");
    }
}

/// pat-1
fn contact(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    if !["name", "telecom", "address", "organization"].iter().any(|name| node.get(name).is_some()) {
        walk.raise("r4-patient-contact", node);
    }
}

/// obs-6, obs-7
fn observation(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    let valued = node.members().any(|(name, _)| name.starts_with("value"));
    if let Some(reason) = node.get("dataAbsentReason").filter(|_| valued) {
        walk.raise("r4-observation", reason).element("dataAbsentReason");
    }
    if !valued {
        return;
    }
    let pair = |coding: &Node<'_>| {
        let text = |name| coding.text_at(&[name]).unwrap_or_default().to_owned();
        (text("system"), text("code"))
    };
    let own: Vec<_> = node.all(&["code", "coding"]).iter().map(pair).collect();
    for component in node.all(&["component"]) {
        if component.all(&["code", "coding"]).iter().any(|coding| own.contains(&pair(coding))) {
            walk.raise("r4-observation", component).element("component");
        }
    }
}

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const ALLERGY_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";

fn has_code(node: Node<'_>, name: &str, system: &str, codes: &[&str]) -> bool {
    node.all(&[name, "coding"]).iter().any(|coding| {
        let code = coding.text_at(&["code"]).unwrap_or_default();
        coding.text_at(&["system"]) == Some(system) && codes.contains(&code)
    })
}

/// con-4, con-5
fn condition(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    let abated = node.members().any(|(name, _)| name.starts_with("abatement"));
    let over = has_code(node, "clinicalStatus", CLINICAL, &["inactive", "resolved", "remission"]);
    let in_error = has_code(node, "verificationStatus", VERIFICATION, &["entered-in-error"]);
    let status = node.get("clinicalStatus");
    if (abated && !over) || (in_error && status.is_some()) {
        walk.raise("r4-clinical-status", status.unwrap_or(node)).element("clinicalStatus");
    }
}

/// ait-1, ait-2
fn allergy(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    let in_error = has_code(node, "verificationStatus", ALLERGY_VERIFICATION, &["entered-in-error"]);
    let status = node.get("clinicalStatus");
    if in_error == status.is_some() {
        walk.raise("r4-clinical-status", status.unwrap_or(node)).element("clinicalStatus");
    }
}

/// cmp-1, cmp-2
fn section(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    let has = |name: &str| node.get(name).is_some();
    let is_hollow = !has("text") && !has("entry") && !has("section");
    if is_hollow || (has("emptyReason") && has("entry")) {
        walk.raise("r4-section", node);
    }
}
