//! Rules of 薬剤アレルギー等 and その他アレルギー等.

use super::condition::status_codings;
use super::shape::{count, text};
use super::{Case, On, Report, Rule};
use crate::json::Node;
use crate::systems;

const ALLERGY: On = On::Resource("AllergyIntolerance");

pub(super) const RULES: &[Rule] = &[
    Rule { id: "J3001", on: ALLERGY, check: code },
    Rule { id: "J3002", on: ALLERGY, check: known_system },
    Rule { id: "J3003", on: ALLERGY, check: code_form },
    Rule { id: "J3004", on: ALLERGY, check: category },
    Rule { id: "J3005", on: ALLERGY, check: status_parts },
];

fn is_ecs(case: &Case<'_>) -> bool {
    case.collection || case.claims("JP_AllergyIntolerance_eCS")
}

fn codings<'t>(case: &Case<'t>) -> Vec<Node<'t>> {
    if is_ecs(case) { case.node.all(&["code", "coding"]) } else { Vec::new() }
}

fn code(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_ecs(case) {
        return;
    }
    let Some(code) = case.node.get("code") else {
        out.missing(case.node, "code");
        return;
    };
    if count(code, "coding") == 0 {
        out.missing(code, "coding");
    }
    if code.get("text").is_none() {
        out.missing(code, "text");
    }
    for coding in codings(case) {
        for part in ["system", "code", "display"].into_iter().filter(|part| coding.get(part).is_none()) {
            out.missing(coding, part);
        }
    }
}

/// The beginnings and the length of the codes of each system.
const SYSTEMS: [(&str, &[&str], usize, &str); 4] = [
    (systems::ALLERGEN_YJ, &["YCM", "D9M"], 15, "YCM + YJ | D9M000000000"),
    (systems::ALLERGEN_INGREDIENT, &["GCM", "D9M"], 15, "GCM + YJ(9) + ZZZ | D9M000000000"),
    (systems::ALLERGEN_FOOD, &["J9F", "D9F"], 12, "J9F… | D9F…"),
    (systems::ALLERGEN_OTHER, &["J9N", "D9N"], 12, "J9N… | D9N…"),
];

fn known_system(case: &Case<'_>, out: &mut Report<'_>) {
    let is_known = |coding: &Node<'_>| SYSTEMS.iter().any(|row| text(*coding, "system") == Some(row.0));
    let codings = codings(case);
    if let Some(first) = codings.first().filter(|_| !codings.iter().any(is_known)) {
        let expected: Vec<&str> = SYSTEMS.iter().map(|row| row.0).collect();
        out.fault(*first).found(text(*first, "system").unwrap_or_default()).expected(expected.join(" | "));
    }
}

fn code_form(case: &Case<'_>, out: &mut Report<'_>) {
    for coding in codings(case) {
        let (Some(system), Some(code)) = (text(coding, "system"), coding.get("code")) else { continue };
        let Some((_, starts, length, form)) = SYSTEMS.iter().find(|row| row.0 == system) else { continue };
        let value = code.str().unwrap_or_default();
        let is_dummy = value.starts_with("D9") && value.len() == 12;
        let fits =
            starts.iter().any(|start| value.starts_with(start)) && (value.len() == *length || is_dummy);
        if !fits {
            out.wrong(code).expected(*form);
        }
    }
}

fn category(case: &Case<'_>, out: &mut Report<'_>) {
    for category in case.node.all(&["category"]).into_iter().filter(|_| is_ecs(case)) {
        if category.str() == Some("biologic") {
            out.wrong(category).expected("medication | food | environment");
        }
    }
}

fn status_parts(case: &Case<'_>, out: &mut Report<'_>) {
    if is_ecs(case) {
        status_codings(case, out);
    }
}
