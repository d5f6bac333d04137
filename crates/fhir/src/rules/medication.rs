//! Rules of 処方, which comes inside documents only.

use super::shape::{codings, count, extensions, of_system, text};
use super::{Case, On, Report, Rule};
use crate::json::Node;
use crate::systems;

const REQUEST: On = On::Resource("MedicationRequest");

pub(super) const RULES: &[Rule] = &[
    Rule { id: "R3010", on: REQUEST, check: standard_code },
    Rule { id: "R3011", on: REQUEST, check: not_nocoded },
    Rule { id: "R5020", on: REQUEST, check: usage_code },
    Rule { id: "R5021", on: REQUEST, check: usage_once },
    Rule { id: "J4001", on: REQUEST, check: rp_numbers },
    Rule { id: "J4002", on: REQUEST, check: status_and_intent },
    Rule { id: "J4003", on: REQUEST, check: medicine_text },
    Rule { id: "J4004", on: REQUEST, check: dosage },
];

fn is_ecs(case: &Case<'_>) -> bool {
    case.collection
        || case.claims("JP_MedicationRequest_eCS")
        || case.claims("JP_MedicationRequest_CLINS_eCS")
}

fn medicine<'t>(case: &Case<'t>) -> Option<Node<'t>> {
    case.node.get("medicationCodeableConcept")
}

/// The guide's package only warns of it; the service refuses it, as the guide's own ErrorExample shows.
fn standard_code(case: &Case<'_>, out: &mut Report<'_>) {
    let known = [systems::YJ, systems::MEDICINE_INGREDIENT, systems::MEDICINE_GENERAL];
    let nocoded = !codings(medicine(case), &[systems::MEDICINE_NOCODED]).is_empty();
    if !is_ecs(case) || nocoded || !codings(medicine(case), &known).is_empty() {
        return;
    }
    let all = case.node.all(&["medicationCodeableConcept", "coding", "system"]);
    let found: Vec<&str> = all.iter().filter_map(|system| system.str()).collect();
    out.missing(medicine(case).unwrap_or(case.node), "coding")
        .found(found.join(" "))
        .expected(known.join(" | "));
}

fn not_nocoded(case: &Case<'_>, out: &mut Report<'_>) {
    for coding in codings(medicine(case), &[systems::MEDICINE_NOCODED]).into_iter().filter(|_| is_ecs(case)) {
        out.fault(coding).found(text(coding, "code").unwrap_or_default()).expected(systems::YJ);
    }
}

fn dosages<'t>(case: &Case<'t>) -> Vec<Node<'t>> {
    if is_ecs(case) { case.node.all(&["dosageInstruction"]) } else { Vec::new() }
}

fn usage<'t>(dosage: Node<'t>) -> (Option<Node<'t>>, bool, bool) {
    let code = dosage.at(&["timing", "code"]);
    let uncoded = codings(code, &[systems::USAGE_UNCODED]);
    let dummy = uncoded.iter().any(|coding| text(*coding, "code") == Some("0X0XXXXXXXXX0000"));
    (code, dummy, !codings(code, &[systems::USAGE]).is_empty())
}

fn usage_code(case: &Case<'_>, out: &mut Report<'_>) {
    for dosage in dosages(case) {
        let (code, dummy, coded) = usage(dosage);
        if !dummy && !coded {
            let expected = [systems::USAGE, systems::USAGE_UNCODED].join(" | ");
            out.missing(code.unwrap_or(dosage), "timing.code.coding").expected(expected);
        }
    }
}

fn usage_once(case: &Case<'_>, out: &mut Report<'_>) {
    for dosage in dosages(case) {
        if let (Some(code), true, true) = usage(dosage) {
            out.fault(code).found([systems::USAGE, systems::USAGE_UNCODED].join(" "));
        }
    }
}

fn rp_numbers(case: &Case<'_>, out: &mut Report<'_>) {
    for system in [systems::RP_NUMBER, systems::RP_INDEX] {
        if is_ecs(case) && of_system(case.node, "identifier", system).is_empty() {
            out.missing(case.node, "identifier").expected(system);
        }
    }
}

fn status_and_intent(case: &Case<'_>, out: &mut Report<'_>) {
    for (name, wanted) in [("status", "completed"), ("intent", "order")] {
        let node = case.node.get(name).filter(|node| is_ecs(case) && node.str() != Some(wanted));
        if let Some(node) = node {
            out.wrong(node).expected(wanted);
        }
    }
}

fn medicine_text(case: &Case<'_>, out: &mut Report<'_>) {
    if let Some(concept) = medicine(case).filter(|c| is_ecs(case) && c.get("text").is_none()) {
        out.missing(concept, "text");
    }
}

fn dosage(case: &Case<'_>, out: &mut Report<'_>) {
    if is_ecs(case) && count(case.node, "dosageInstruction") == 0 {
        out.missing(case.node, "dosageInstruction");
    }
    for dosage in dosages(case) {
        if dosage.get("text").is_none() {
            out.missing(dosage, "text");
        }
        if extensions(dosage, systems::EXT_PERIOD_OF_USE).is_empty() {
            out.missing(dosage, "extension").expected(systems::EXT_PERIOD_OF_USE);
        }
        if let Some(code) = dosage.at(&["timing", "code"]).filter(|code| code.get("text").is_none()) {
            out.missing(code, "text");
        }
    }
}
