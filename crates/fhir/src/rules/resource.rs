//! Rules common to all resources: meta, the sender's own id, flags.

use super::shape::{count, of_system, text};
use super::{Case, On, Report, Rule};
use crate::bundle::resource_type;
use crate::json::Node;
use crate::systems;

pub(super) const RULES: &[Rule] = &[
    Rule { id: "J0020", on: On::Entry, check: meta },
    Rule { id: "J0021", on: On::Entry, check: sender_id },
    Rule { id: "J0022", on: On::Entry, check: flags },
    Rule { id: "J0023", on: On::Entry, check: about_the_patient },
];

/// What [`meta`] demands, for the Bundle too.
pub(super) fn meta_of(resource: Node<'_>, out: &mut Report<'_>) {
    let meta = resource.get("meta");
    if meta.and_then(|meta| meta.get("lastUpdated")).is_none() {
        out.missing(resource, "meta.lastUpdated");
    }
    if meta.is_none_or(|meta| count(meta, "profile") == 0) {
        out.missing(resource, "meta.profile");
    }
}

fn meta(case: &Case<'_>, out: &mut Report<'_>) {
    meta_of(case.node, out);
}

fn sender_id(case: &Case<'_>, out: &mut Report<'_>) {
    let eligible = ["JP_Condition_eCS", "JP_AllergyIntolerance_eCS", "JP_Observation_LabResult_eCS"];
    if !eligible.iter().any(|name| case.claims(name)) {
        return;
    }
    let own = of_system(case.node, "identifier", systems::RESOURCE_ID);
    match own.as_slice() {
        [] => _ = out.missing(case.node, "identifier").found("0").expected(systems::RESOURCE_ID),
        [_] => {}
        [_, second, ..] => {
            _ = out.fault(*second).element("identifier").found("2+").expected(systems::RESOURCE_ID)
        }
    }
}

fn flags(case: &Case<'_>, out: &mut Report<'_>) {
    let allowed: &[&str] = match resource_type(case.node) {
        "Condition" => &["LTS", "UNINFORMED", "UNDELIVERED"],
        "AllergyIntolerance" | "Observation" => &["LTS"],
        _ => &[],
    };
    let Some(meta) = case.node.get("meta") else { return };
    for tag in of_system(meta, "tag", systems::FLAG) {
        let code = text(tag, "code").unwrap_or_default();
        if !allowed.contains(&code) {
            out.fault(tag).found(code).expected(allowed.join(" | "));
        }
    }
}

/// The 5情報 speak of the Patient by the fullUrl of its entry, never by a logical reference.
fn about_the_patient(case: &Case<'_>, out: &mut Report<'_>) {
    let name = match resource_type(case.node) {
        "Condition" | "Observation" | "MedicationRequest" => "subject",
        "AllergyIntolerance" => "patient",
        _ => return,
    };
    let (true, Some(bundle)) = (case.collection, case.bundle) else { return };
    let Some(subject) = case.node.get(name) else { return };
    let Some(first) = crate::bundle::entries(bundle).next() else { return };
    let wanted = first.full_url.unwrap_or_default();
    let found = text(subject, "reference");
    if found != Some(wanted) {
        out.fault(subject).found(found.unwrap_or_default()).expected(wanted);
    }
}
