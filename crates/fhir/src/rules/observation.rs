//! Rules of 検査 and 感染症. Which of the two it is, only the code system decides.

use super::condition::contains_exactly;
use super::shape::{codings, count, extensions, of_system, text};
use super::{Case, On, Report, Rule};
use crate::finding::Severity;
use crate::systems;

const OBSERVATION: On = On::Resource("Observation");
const INFECTION: [&str; 2] = [systems::LAB_INFECTION_10, systems::LAB_INFECTION_11];
const STANDARD: [&str; 6] = [
    systems::LAB_CORE_10,
    systems::LAB_CORE_11,
    systems::LAB_INFECTION_10,
    systems::LAB_INFECTION_11,
    systems::LAB_JLAC10,
    systems::LAB_UNCODED,
];

pub(super) const RULES: &[Rule] = &[
    Rule { id: "R6021", on: OBSERVATION, check: local_code },
    Rule { id: "R6031", on: OBSERVATION, check: long_term_flag },
    Rule { id: "R6081", on: OBSERVATION, check: no_members },
    Rule { id: "R9013O", on: OBSERVATION, check: contained_encounter },
    Rule { id: "R9014O", on: OBSERVATION, check: department },
    Rule { id: "R9016O", on: OBSERVATION, check: encounter },
    Rule { id: "R9017O", on: OBSERVATION, check: performer },
    Rule { id: "R9019O", on: OBSERVATION, check: contained_practitioner },
    Rule { id: "J5001", on: OBSERVATION, check: standard_code },
    Rule { id: "J5002", on: OBSERVATION, check: code_form },
    Rule { id: "J5003", on: OBSERVATION, check: uncoded },
    Rule { id: "J5004", on: OBSERVATION, check: code_display },
    Rule { id: "J5005", on: OBSERVATION, check: no_radicals },
    Rule { id: "J5006", on: OBSERVATION, check: status },
    Rule { id: "J5007", on: OBSERVATION, check: value },
    Rule { id: "J5008", on: OBSERVATION, check: range_units },
    Rule { id: "J5009", on: OBSERVATION, check: specimen },
    Rule { id: "J5010", on: OBSERVATION, check: category },
    Rule { id: "J5011", on: OBSERVATION, check: effective },
];

fn is_lab(case: &Case<'_>) -> bool {
    case.collection || case.claims("JP_Observation_LabResult_eCS")
}

/// Demanded in the 5情報 and of a result judged alone; inside documents the guide only warns.
fn local_code(case: &Case<'_>, out: &mut Report<'_>) {
    let code = case.node.get("code");
    if !is_lab(case) || !codings(code, &[systems::LAB_LOCAL]).is_empty() {
        return;
    }
    let in_document = case.bundle.is_some() && !case.collection;
    let severity = if in_document { Severity::Warning } else { Severity::Error };
    out.missing(code.unwrap_or(case.node), "coding").expected(systems::LAB_LOCAL).severity(severity);
}

fn long_term_flag(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_lab(case) || !codings(case.node.get("code"), &INFECTION).is_empty() {
        return;
    }
    let Some(meta) = case.node.get("meta") else { return };
    for tag in of_system(meta, "tag", systems::FLAG) {
        if text(tag, "code") == Some("LTS") {
            out.fault(tag).found("LTS").expected(INFECTION.join(" | "));
        }
    }
}

fn no_members(case: &Case<'_>, out: &mut Report<'_>) {
    if let Some(members) = case.node.get("hasMember").filter(|_| case.collection) {
        out.fault(members).element("hasMember");
    }
}

fn contained_encounter(case: &Case<'_>, out: &mut Report<'_>) {
    let wanted = [systems::ENCOUNTER, systems::CORE_ENCOUNTER];
    if case.collection && !contains_exactly(case.node, &wanted) {
        out.missing(case.node, "contained").expected(wanted.join(" | "));
    }
}

fn contained_practitioner(case: &Case<'_>, out: &mut Report<'_>) {
    let wanted = [systems::PRACTITIONER, systems::CORE_PRACTITIONER];
    if case.collection && !contains_exactly(case.node, &wanted) {
        out.missing(case.node, "contained").expected(wanted.join(" | "));
    }
}

fn department(case: &Case<'_>, out: &mut Report<'_>) {
    if case.collection && extensions(case.node, systems::EXT_DEPARTMENT).is_empty() {
        out.missing(case.node, "extension").expected(systems::EXT_DEPARTMENT);
    }
}

fn encounter(case: &Case<'_>, out: &mut Report<'_>) {
    if case.collection && case.node.get("encounter").is_none() {
        out.missing(case.node, "encounter");
    }
}

fn performer(case: &Case<'_>, out: &mut Report<'_>) {
    if case.collection && case.node.get("performer").is_none() {
        out.missing(case.node, "performer");
    }
}

fn standard_code(case: &Case<'_>, out: &mut Report<'_>) {
    let code = case.node.get("code");
    if is_lab(case) && codings(code, &STANDARD).is_empty() {
        out.missing(code.unwrap_or(case.node), "coding").expected(systems::LAB_JLAC10);
    }
}

fn code_form(case: &Case<'_>, out: &mut Report<'_>) {
    for coding in codings(case.node.get("code"), &STANDARD).into_iter().filter(|_| is_lab(case)) {
        let Some(code) = coding.get("code") else {
            out.missing(coding, "code").expected("^[0-9A-Z]{17}$");
            continue;
        };
        let value = code.str().unwrap_or_default();
        let upper = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
        if value.len() != 17 || !value.bytes().all(upper) {
            out.wrong(code).expected("^[0-9A-Z]{17}$");
        }
    }
}

fn uncoded(case: &Case<'_>, out: &mut Report<'_>) {
    for coding in codings(case.node.get("code"), &[systems::LAB_UNCODED]).into_iter().filter(|_| is_lab(case))
    {
        for (name, wanted) in [("code", "99999999999999999"), ("display", "未標準化コード項目(JLAC)")]
        {
            if text(coding, name) != Some(wanted) {
                out.missing(coding, name).found(text(coding, name).unwrap_or_default()).expected(wanted);
            }
        }
    }
}

/// The slices of the 43 items and the 5 infections are found by code and display together.
fn code_display(case: &Case<'_>, out: &mut Report<'_>) {
    for coding in codings(case.node.get("code"), &STANDARD[..4]).into_iter().filter(|_| is_lab(case)) {
        if coding.get("display").is_none() {
            out.missing(coding, "display");
        }
    }
}

/// Kangxi radicals look like the characters they are not: U+2F8E for 血.
fn no_radicals(case: &Case<'_>, out: &mut Report<'_>) {
    for display in case.node.all(&["code", "coding", "display"]) {
        let found = display.str().and_then(|s| s.chars().find(|c| ('\u{2F00}'..='\u{2FDF}').contains(c)));
        if let Some(radical) = found {
            out.fault(display).found(format!("{radical} U+{:04X}", radical as u32));
        }
    }
}

fn status(case: &Case<'_>, out: &mut Report<'_>) {
    let node = case.node.get("status").filter(|_| is_lab(case));
    if let Some(node) = node.filter(|n| matches!(n.str(), Some("amended" | "entered-in-error" | "unknown"))) {
        out.wrong(node).expected("registered | preliminary | final | corrected | cancelled");
    }
}

fn value(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_lab(case) {
        return;
    }
    let has = |name: &str| case.node.get(name).is_some();
    let valued = case.node.members().any(|(name, _)| name.starts_with("value") || name.starts_with("_value"));
    if !valued && !has("component") && !has("hasMember") && !has("dataAbsentReason") {
        out.missing(case.node, "value[x]").expected("value[x] | dataAbsentReason.text");
    }
    if let Some(reason) = case.node.get("dataAbsentReason").filter(|reason| reason.get("text").is_none()) {
        out.missing(reason, "text");
    }
}

fn range_units(case: &Case<'_>, out: &mut Report<'_>) {
    let value = case.node.get("valueQuantity");
    for range in case.node.all(&["referenceRange"]).into_iter().filter(|_| is_lab(case)) {
        for end in ["low", "high"] {
            for part in ["unit", "code"] {
                let Some(found) = range.at(&[end, part]) else { continue };
                let wanted = value.and_then(|value| text(value, part));
                if found.str() != wanted {
                    out.wrong(found).expected(wanted.unwrap_or_default());
                }
            }
        }
    }
}

fn specimen(case: &Case<'_>, out: &mut Report<'_>) {
    if is_lab(case) && case.node.get("specimen").is_none() {
        out.missing(case.node, "specimen");
    }
}

fn category(case: &Case<'_>, out: &mut Report<'_>) {
    let found = count(case.node, "category");
    if is_lab(case) && found != 1 {
        out.missing(case.node, "category").found(found.to_string()).expected("1");
    }
}

fn effective(case: &Case<'_>, out: &mut Report<'_>) {
    if is_lab(case) && !case.node.members().any(|(name, _)| name.starts_with("effective")) {
        out.missing(case.node, "effective[x]");
    }
}
