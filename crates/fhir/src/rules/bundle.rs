//! Rules of the Bundle itself: kind, key, time, entries.

use super::shape::{INSTITUTION, count, extensions, is_hatted, is_institution, of_system, text};
use super::{Case, On, Report, Rule};
use crate::bundle::{UnitKind, entries, profiles, resource_type};
use crate::json::{Kind, Node};
use crate::systems;

pub(super) const RULES: &[Rule] = &[
    Rule { id: "R0213", on: On::Collection, check: profile },
    Rule { id: "R02141", on: On::Collection, check: tag_exists },
    Rule { id: "R02142", on: On::Collection, check: tag_known },
    Rule { id: "R02143", on: On::Collection, check: tagged_resource },
    Rule { id: "R02151", on: On::Bundle, check: identifier_system },
    Rule { id: "R2152", on: On::Bundle, check: identifier_value },
    Rule { id: "J0001", on: On::Bundle, check: meta },
    Rule { id: "J0002", on: On::Bundle, check: bundle_type },
    Rule { id: "J0003", on: On::Bundle, check: timestamp },
    Rule { id: "J0004", on: On::Bundle, check: full_url },
    Rule { id: "J0005", on: On::Bundle, check: bare_entry },
    Rule { id: "R0211", on: On::Collection, check: patient_first },
    Rule { id: "R0212", on: On::Collection, check: patient_profile },
    Rule { id: "J0006", on: On::Bundle, check: one_patient },
    Rule { id: "J0007", on: On::Collection, check: one_type },
    Rule { id: "J0008", on: On::Collection, check: no_prescription },
    Rule { id: "R9011", on: On::Collection, check: institution_exists },
    Rule { id: "R9012", on: On::Collection, check: institution_form },
    Rule { id: "J0009", on: On::Collection, check: institution_agrees },
    Rule { id: "J0010", on: On::Bundle, check: entry_profiles },
];

fn profile(case: &Case<'_>, out: &mut Report<'_>) {
    if !profiles(case.node).any(|profile| profile == systems::BUNDLE_CLINS) {
        let found = profiles(case.node).next().unwrap_or_default();
        out.missing(case.node, "meta.profile").found(found).expected(systems::BUNDLE_CLINS);
    }
}

fn tags<'t>(case: &Case<'t>) -> Vec<Node<'t>> {
    case.node
        .get("meta")
        .map(|meta| of_system(meta, "tag", systems::BUNDLE_RESOURCE_TYPE))
        .unwrap_or_default()
}

fn tag_exists(case: &Case<'_>, out: &mut Report<'_>) {
    if tags(case).is_empty() {
        out.missing(case.node, "meta.tag").expected(systems::BUNDLE_RESOURCE_TYPE);
    }
}

fn tag_known(case: &Case<'_>, out: &mut Report<'_>) {
    let tags = tags(case);
    for tag in &tags {
        let code = text(*tag, "code").unwrap_or_default();
        if !matches!(code, "AllergyIntolerance" | "Condition" | "Observation") {
            out.fault(*tag).found(code).expected("AllergyIntolerance | Condition | Observation");
        }
    }
    if let Some(second) = tags.get(1) {
        out.wrong(*second).expected("1");
    }
}

fn tagged_resource(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(wanted) = case.kind.and_then(UnitKind::resource_type) else { return };
    if !entries(case.node).any(|entry| resource_type(entry.resource) == wanted) {
        out.missing(case.node, "entry").expected(wanted);
    }
}

fn identifier_system(case: &Case<'_>, out: &mut Report<'_>) {
    match case.node.at(&["identifier", "system"]) {
        None => _ = out.missing(case.node, "identifier.system").expected(systems::BUNDLE_ID),
        Some(node) if node.str() == Some(systems::BUNDLE_ID) => {}
        Some(node) => _ = out.wrong(node).expected(systems::BUNDLE_ID),
    }
}

fn identifier_value(case: &Case<'_>, out: &mut Report<'_>) {
    const FORM: &str = r"^[0-4][0-9][1-3][0-9]{7}\^20[2-3][0-9]\^[A-Za-z0-9\-]{1,36}$";
    match case.node.at(&["identifier", "value"]) {
        None => _ = out.missing(case.node, "identifier.value").expected(FORM),
        Some(node) if node.str().is_some_and(|value| is_hatted(value, 36)) => {}
        Some(node) => _ = out.wrong(node).expected(FORM),
    }
}

fn meta(case: &Case<'_>, out: &mut Report<'_>) {
    super::resource::meta_of(case.node, out);
}

fn bundle_type(case: &Case<'_>, out: &mut Report<'_>) {
    let wanted = if case.collection { "collection" } else { "document" };
    if let Some(node) = case.node.get("type").filter(|node| node.str() != Some(wanted)) {
        out.wrong(node).expected(wanted);
    }
}

fn timestamp(case: &Case<'_>, out: &mut Report<'_>) {
    if case.node.get("timestamp").is_none() {
        out.missing(case.node, "timestamp").expected("2026-04-01T09:00:00.000+09:00");
    }
}

fn raw_entries<'t>(case: &Case<'t>) -> impl Iterator<Item = Node<'t>> {
    case.node.get("entry").into_iter().flat_map(Node::items)
}

fn full_url(case: &Case<'_>, out: &mut Report<'_>) {
    for entry in raw_entries(case) {
        match entry.get("fullUrl") {
            None => _ = out.missing(entry, "fullUrl").expected("urn:uuid:…"),
            Some(url) if url.str().is_some_and(|url| url.starts_with("urn:uuid:")) => {}
            Some(url) => _ = out.wrong(url).expected("urn:uuid:…"),
        }
    }
}

/// The referral and its kin forbid none of these; the 5情報 and the checkup do.
fn bare_entry(case: &Case<'_>, out: &mut Report<'_>) {
    let forbidden: &[&str] = match case.kind {
        Some(UnitKind::CheckupReport) => &["search", "request", "response"],
        _ if case.collection => &["extension", "modifierExtension", "link", "search", "request", "response"],
        _ => return,
    };
    for entry in raw_entries(case) {
        for (name, node) in entry.members().filter(|(name, _)| forbidden.contains(name)) {
            out.fault(node).element(name);
        }
    }
}

fn patient_first(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(first) = raw_entries(case).next() else { return };
    let found = first.get("resource").map_or("", resource_type);
    if found != "Patient" {
        out.fault(first).found(found).expected("Patient");
    }
}

fn patient_profile(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(first) = entries(case.node).next() else { return };
    let patient = first.resource;
    if resource_type(patient) == "Patient" && !profiles(patient).any(|profile| profile == systems::PATIENT) {
        out.fault(patient).found(profiles(patient).next().unwrap_or_default()).expected(systems::PATIENT);
    }
}

fn one_patient(case: &Case<'_>, out: &mut Report<'_>) {
    let mut patients = entries(case.node).filter(|entry| resource_type(entry.resource) == "Patient");
    if patients.next().is_none() {
        out.missing(case.node, "entry").found("0").expected("1");
    }
    for extra in patients {
        out.fault(extra.resource).found("2+").expected("1");
    }
}

fn one_type(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(wanted) = case.kind.and_then(UnitKind::resource_type) else { return };
    for entry in entries(case.node) {
        let found = resource_type(entry.resource);
        if found != wanted && !matches!(found, "Patient" | "MedicationRequest") {
            out.fault(entry.resource).found(found).expected(format!("Patient | {wanted}"));
        }
    }
}

fn no_prescription(case: &Case<'_>, out: &mut Report<'_>) {
    for entry in entries(case.node).filter(|entry| resource_type(entry.resource) == "MedicationRequest") {
        out.fault(entry.resource).found("MedicationRequest");
    }
}

/// The resources that must bear an institution number: all but the first entry, as the guide says.
fn behind_patient<'t>(case: &Case<'t>) -> impl Iterator<Item = Node<'t>> {
    entries(case.node).skip(1).map(|entry| entry.resource)
}

fn institution_exists(case: &Case<'_>, out: &mut Report<'_>) {
    for resource in behind_patient(case) {
        if extensions(resource, systems::EXT_INSTITUTION).is_empty() {
            out.missing(resource, "extension").expected(systems::EXT_INSTITUTION);
        }
    }
}

fn institution_form(case: &Case<'_>, out: &mut Report<'_>) {
    for resource in behind_patient(case) {
        for extension in extensions(resource, systems::EXT_INSTITUTION) {
            match extension.at(&["valueIdentifier", "value"]) {
                None => _ = out.missing(extension, "valueIdentifier.value").expected(INSTITUTION),
                Some(value) if value.str().is_some_and(is_institution) => {}
                Some(value) => _ = out.wrong(value).expected(INSTITUTION),
            }
        }
    }
}

fn institution_agrees(case: &Case<'_>, out: &mut Report<'_>) {
    let sender = case.node.text_at(&["identifier", "value"]).and_then(|value| value.split('^').next());
    let Some(sender) = sender else { return };
    for resource in behind_patient(case) {
        for extension in extensions(resource, systems::EXT_INSTITUTION) {
            let Some(value) = extension.at(&["valueIdentifier", "value"]) else { continue };
            if value.kind() == Kind::String && value.str() != Some(sender) {
                out.wrong(value).expected(sender);
            }
        }
    }
}

/// In collections each resource claims the one profile of its type, and a prescription does so everywhere.
fn entry_profiles(case: &Case<'_>, out: &mut Report<'_>) {
    if case.kind == Some(UnitKind::CheckupReport) {
        return;
    }
    for entry in entries(case.node) {
        let wanted = match resource_type(entry.resource) {
            "MedicationRequest" => systems::MEDICATION_REQUEST,
            "AllergyIntolerance" if case.collection => systems::ALLERGY,
            "Condition" if case.collection => systems::CONDITION,
            "Observation" if case.collection => systems::LAB_RESULT,
            _ => continue,
        };
        let strange = profiles(entry.resource).find(|profile| *profile != wanted);
        let none = count(entry.resource.get("meta").unwrap_or(entry.resource), "profile") == 0;
        if strange.is_some() || none {
            out.fault(entry.resource).found(strange.unwrap_or_default()).expected(wanted);
        }
    }
}
