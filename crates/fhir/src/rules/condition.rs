//! Rules of 傷病名.

use super::shape::{codings, count, extensions, text};
use super::{Case, On, Report, Rule};
use crate::json::Node;
use crate::systems;

const CONDITION: On = On::Resource("Condition");

pub(super) const RULES: &[Rule] = &[
    Rule { id: "R9013C", on: CONDITION, check: contained_encounter },
    Rule { id: "R9014C", on: CONDITION, check: department },
    Rule { id: "R9015C", on: CONDITION, check: onset },
    Rule { id: "J2001", on: CONDITION, check: disease_code },
    Rule { id: "J2002", on: CONDITION, check: code_parts },
    Rule { id: "J2003", on: CONDITION, check: code_text },
    Rule { id: "J2004", on: CONDITION, check: category },
    Rule { id: "J2005", on: CONDITION, check: verification_status },
    Rule { id: "J2006", on: CONDITION, check: status_parts },
    Rule { id: "J2007", on: CONDITION, check: status_in_use },
    Rule { id: "J2008", on: CONDITION, check: not_suspected },
];

/// Whether `resource` contains a resource that claims exactly one of these profiles; `|version` does not match.
pub(super) fn contains_exactly(resource: Node<'_>, wanted: &[&str]) -> bool {
    let contained = resource.get("contained").into_iter().flat_map(Node::items);
    contained
        .flat_map(|inner| inner.all(&["meta", "profile"]))
        .any(|p| p.str().is_some_and(|p| wanted.contains(&p)))
}

/// In statuses every coding says system, code and display.
pub(super) fn status_codings(case: &Case<'_>, out: &mut Report<'_>) {
    for name in ["clinicalStatus", "verificationStatus"] {
        let Some(status) = case.node.get(name) else { continue };
        if name == "clinicalStatus" && count(status, "coding") == 0 {
            out.missing(status, "coding");
        }
        for coding in status.get("coding").into_iter().flat_map(Node::items) {
            for part in ["system", "code", "display"].into_iter().filter(|part| coding.get(part).is_none()) {
                out.missing(coding, part);
            }
        }
    }
}

fn is_ecs(case: &Case<'_>) -> bool {
    case.collection || case.claims("JP_Condition_eCS")
}

fn contained_encounter(case: &Case<'_>, out: &mut Report<'_>) {
    let wanted = [systems::ENCOUNTER, systems::CORE_ENCOUNTER];
    if case.collection && !contains_exactly(case.node, &wanted) {
        out.missing(case.node, "contained").expected(wanted.join(" | "));
    }
}

fn department(case: &Case<'_>, out: &mut Report<'_>) {
    if case.collection && extensions(case.node, systems::EXT_DEPARTMENT).is_empty() {
        out.missing(case.node, "extension").expected(systems::EXT_DEPARTMENT);
    }
}

fn onset(case: &Case<'_>, out: &mut Report<'_>) {
    if case.collection && case.node.get("onsetDateTime").is_none() {
        out.missing(case.node, "onsetDateTime");
    }
}

fn disease_code(case: &Case<'_>, out: &mut Report<'_>) {
    let code = case.node.get("code");
    if !is_ecs(case) || !codings(code, &[systems::DISEASE_KEY]).is_empty() {
        return;
    }
    let systems_found = case.node.all(&["code", "coding", "system"]);
    let found: Vec<&str> = systems_found.iter().filter_map(|system| system.str()).collect();
    out.missing(code.unwrap_or(case.node), "coding").found(found.join(" ")).expected(systems::DISEASE_KEY);
}

fn code_parts(case: &Case<'_>, out: &mut Report<'_>) {
    let known = [systems::DISEASE_KEY, systems::DISEASE_EXCHANGE, systems::DISEASE_RECEIPT, systems::ICD10];
    for coding in codings(case.node.get("code"), &known).into_iter().filter(|_| is_ecs(case)) {
        let exchange = text(coding, "system") == Some(systems::DISEASE_EXCHANGE);
        let parts: &[&str] = if exchange { &["display"] } else { &["code", "display"] };
        for part in parts.iter().filter(|part| coding.get(part).is_none()) {
            out.missing(coding, part);
        }
    }
}

fn code_text(case: &Case<'_>, out: &mut Report<'_>) {
    if let Some(code) = case.node.get("code").filter(|code| is_ecs(case) && code.get("text").is_none()) {
        out.missing(code, "text");
    }
}

fn category(case: &Case<'_>, out: &mut Report<'_>) {
    let found = count(case.node, "category");
    if is_ecs(case) && found != 1 {
        out.missing(case.node, "category").found(found.to_string()).expected("1");
    }
}

fn verification_status(case: &Case<'_>, out: &mut Report<'_>) {
    if is_ecs(case) && case.node.get("verificationStatus").is_none() {
        out.missing(case.node, "verificationStatus");
    }
}

fn status_parts(case: &Case<'_>, out: &mut Report<'_>) {
    if is_ecs(case) {
        status_codings(case, out);
    }
}

fn status_in_use(case: &Case<'_>, out: &mut Report<'_>) {
    for code in case.node.all(&["clinicalStatus", "coding", "code"]).into_iter().filter(|_| is_ecs(case)) {
        if matches!(code.str(), Some("inactive" | "recurrence" | "relapse")) {
            out.wrong(code).expected("active | remission | resolved");
        }
    }
}

fn not_suspected(case: &Case<'_>, out: &mut Report<'_>) {
    for code in case.node.all(&["verificationStatus", "coding", "code"]).into_iter().filter(|_| is_ecs(case))
    {
        if matches!(code.str(), Some("unconfirmed" | "provisional" | "differential" | "refuted")) {
            out.wrong(code).expected("confirmed");
        }
    }
}
