//! Rules of 健康診断結果報告書, which has a family of profiles of its own.

use super::document::composition;
use super::shape::text;
use super::{Case, On, Report, Rule};
use crate::bundle::{UnitKind, entries, profiles, resource_type};
use crate::json::Node;
use crate::systems;

const CHECKUP: On = On::Kind(UnitKind::CheckupReport);

pub(super) const RULES: &[Rule] = &[
    Rule { id: "J7001", on: CHECKUP, check: category },
    Rule { id: "J7002", on: CHECKUP, check: program },
    Rule { id: "J7003", on: CHECKUP, check: few_of_a_type },
    Rule { id: "J7004", on: On::Resource("Observation"), check: observation },
    Rule { id: "J7005", on: On::Resource("Observation"), check: absent_reason },
    Rule { id: "J7006", on: On::Resource("Observation"), check: no_members },
];

fn category(case: &Case<'_>, out: &mut Report<'_>) {
    const KNOWN: [&str; 9] = ["10", "41", "42", "43", "44", "60", "70", "80", "99"];
    let codings = composition(case).map(|node| node.all(&["category", "coding"])).unwrap_or_default();
    for coding in codings {
        let code = text(coding, "code").unwrap_or_default();
        if text(coding, "system") != Some(systems::CHECKUP_CATEGORY) || !KNOWN.contains(&code) {
            let found = format!("{} {code}", text(coding, "system").unwrap_or_default());
            out.fault(coding).found(found).expected(format!(
                "{} {}",
                systems::CHECKUP_CATEGORY,
                KNOWN.join(" | ")
            ));
        }
    }
}

fn program(case: &Case<'_>, out: &mut Report<'_>) {
    const KNOWN: [&str; 10] = ["000", "010", "020", "030", "040", "060", "070", "080", "090", "990"];
    const BY_URL: &str = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/checkup-programService-code";
    let codings = composition(case).map(|node| node.all(&["event", "code", "coding"])).unwrap_or_default();
    for coding in codings {
        let code = text(coding, "code").unwrap_or_default();
        let system = text(coding, "system").unwrap_or_default();
        if ![systems::CHECKUP_PROGRAM, BY_URL].contains(&system) || !KNOWN.contains(&code) {
            let expected = format!("{} {}", systems::CHECKUP_PROGRAM, KNOWN.join(" | "));
            out.fault(coding).found(format!("{system} {code}")).expected(expected);
        }
    }
}

fn few_of_a_type(case: &Case<'_>, out: &mut Report<'_>) {
    for (name, most) in [("Composition", 1), ("PractitionerRole", 1), ("Encounter", 1), ("Coverage", 2)] {
        let of_type: Vec<Node<'_>> =
            entries(case.node).map(|e| e.resource).filter(|node| resource_type(*node) == name).collect();
        if of_type.len() > most {
            out.fault(of_type[most])
                .element(name)
                .found(of_type.len().to_string())
                .expected(format!("0..{most}"));
        }
    }
}

fn is_checkup(case: &Case<'_>) -> bool {
    profiles(case.node).any(|profile| profile == systems::OBSERVATION_CHECKUP)
}

fn observation(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_checkup(case) {
        return;
    }
    if case.node.get("subject").is_none() {
        out.missing(case.node, "subject");
    }
    if !case.node.members().any(|(name, _)| name.starts_with("effective")) {
        out.missing(case.node, "effective[x]");
    }
    let specimen = case.node.get("specimen");
    if let Some(kind) = specimen.and_then(|s| s.get("type")).filter(|kind| kind.str() != Some("specimen")) {
        out.wrong(kind).expected("specimen");
    }
    if let Some(specimen) = specimen.filter(|specimen| specimen.get("display").is_none()) {
        out.missing(specimen, "display");
    }
}

fn absent_reason(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_checkup(case) {
        return;
    }
    let reason = case.node.get("dataAbsentReason");
    if reason.is_some_and(|reason| reason.get("text").is_none())
        || (reason.is_none() && text(case.node, "status") == Some("cancelled"))
    {
        out.missing(case.node, "dataAbsentReason.text");
    }
}

fn no_members(case: &Case<'_>, out: &mut Report<'_>) {
    if let Some(members) = case.node.get("hasMember").filter(|_| is_checkup(case)) {
        out.fault(members).element("hasMember");
    }
}
