//! Rules of the Patient: who, by which number, under which name.

use super::shape::{INSTITUTION, extensions, is_institution, of_system, text};
use super::{Case, On, Report, Rule};
use crate::bundle::UnitKind;
use crate::json::Node;
use crate::systems;

pub(super) const RULES: &[Rule] = &[
    Rule { id: "R1010", on: On::Resource("Patient"), check: local_id },
    Rule { id: "R1012", on: On::Resource("Patient"), check: member_once },
    Rule { id: "R1013", on: On::Resource("Patient"), check: member_form },
    Rule { id: "J1001", on: On::Resource("Patient"), check: member_width },
    Rule { id: "R1112", on: On::Resource("Patient"), check: kanji_or_kana },
    Rule { id: "R1113", on: On::Resource("Patient"), check: no_wide_space },
    Rule { id: "J1002", on: On::Resource("Patient"), check: name_text },
    Rule { id: "J1003", on: On::Resource("Patient"), check: name_parts },
    Rule { id: "J1004", on: On::Resource("Patient"), check: essentials },
];

fn local_id(case: &Case<'_>, out: &mut Report<'_>) {
    let identifiers = case.node.get("identifier").into_iter().flat_map(Node::items);
    let mut seen = false;
    for identifier in identifiers {
        let Some(system) = identifier.get("system") else { continue };
        let Some(tail) = system.str().and_then(|s| s.strip_prefix(systems::LOCAL_PATIENT_ID)) else {
            continue;
        };
        let is_form = tail.strip_prefix('1').is_some_and(is_institution);
        if !is_form || seen {
            out.wrong(system).expected(format!("{}1 + {INSTITUTION}", systems::LOCAL_PATIENT_ID));
        }
        seen = true;
    }
}

/// The numbers of the insured person and of the welfare recipient, in this order.
fn members<'t>(case: &Case<'t>) -> (Vec<Node<'t>>, Vec<Node<'t>>) {
    let of = |system| of_system(case.node, "identifier", system);
    (of(systems::MEMBER_ID), of(systems::PUBLIC_PAYER_ID))
}

fn needs_member(case: &Case<'_>) -> bool {
    case.bundle.is_some() || case.claims("JP_Patient_eCS")
}

fn member_once(case: &Case<'_>, out: &mut Report<'_>) {
    let (insured, welfare) = members(case);
    let count = insured.len() + welfare.len();
    if needs_member(case) && count != 1 {
        let place = insured.get(1).or(welfare.first()).copied().unwrap_or(case.node);
        out.fault(place).element("identifier").found(count.to_string()).expected(systems::MEMBER_ID);
    }
}

fn member_form(case: &Case<'_>, out: &mut Report<'_>) {
    const INSURED: &str = "^[0-9]{8}:[^:^\\s　]*:[^:^\\s　]*:(|[0-9][0-9])$";
    const WELFARE: &str = "^[0-9]{8}::[^:^\\s　]{7}:$";
    let (insured, welfare) = members(case);
    for identifier in insured {
        member_value(identifier, INSURED, are_member_parts, out);
    }
    for identifier in welfare {
        member_value(identifier, WELFARE, are_welfare_parts, out);
    }
}

fn member_value(identifier: Node<'_>, form: &str, fits: fn(&[&str]) -> bool, out: &mut Report<'_>) {
    let Some(value) = identifier.get("value") else {
        out.missing(identifier, "value").expected(form);
        return;
    };
    let parts: Vec<&str> = value.str().unwrap_or_default().split(':').collect();
    if !fits(&parts) {
        out.wrong(value).expected(form);
    }
}

fn are_welfare_parts(parts: &[&str]) -> bool {
    let [_, symbol, number, branch] = parts else { return false };
    are_member_parts(parts) && symbol.is_empty() && number.chars().count() == 7 && branch.is_empty()
}

fn are_member_parts(parts: &[&str]) -> bool {
    let [insurer, symbol, number, branch] = parts else { return false };
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    let plain = |text: &str| !text.contains(|c: char| c.is_whitespace() || c == '^');
    digits(insurer, 8) && plain(symbol) && plain(number) && (branch.is_empty() || digits(branch, 2))
}

/// 記号 and 番号 are each written wholly in full width or wholly in half width.
fn member_width(case: &Case<'_>, out: &mut Report<'_>) {
    for identifier in members(case).0 {
        let Some(value) = identifier.get("value") else { continue };
        let parts = value.str().unwrap_or_default().split(':').skip(1).take(2);
        if parts.into_iter().any(|part| part.contains(is_half_width) && !part.chars().all(is_half_width)) {
            out.wrong(value);
        }
    }
}

fn is_half_width(c: char) -> bool {
    c.is_ascii() || ('\u{FF61}'..='\u{FF9F}').contains(&c)
}

fn names<'t>(case: &Case<'t>) -> impl Iterator<Item = Node<'t>> {
    case.node.get("name").into_iter().flat_map(Node::items)
}

fn kanji_or_kana(case: &Case<'_>, out: &mut Report<'_>) {
    let applies = case.kind == Some(UnitKind::CheckupReport) || case.claims("JP_Patient_eCheckupGeneral");
    let marked = names(case).any(|name| {
        let marks = extensions(name, systems::EXT_NAME_REPRESENTATION);
        marks.iter().any(|mark| matches!(text(*mark, "valueCode"), Some("IDE" | "SYL")))
    });
    if applies && !marked {
        out.missing(case.node, "name.extension").expected(systems::EXT_NAME_REPRESENTATION);
    }
}

fn no_wide_space(case: &Case<'_>, out: &mut Report<'_>) {
    for name in names(case).filter(|name| !extensions(*name, systems::EXT_NAME_REPRESENTATION).is_empty()) {
        if let Some(full) = name.get("text").filter(|full| full.str().is_some_and(|s| s.contains('\u{3000}')))
        {
            out.wrong(full);
        }
    }
}

fn is_ecs(case: &Case<'_>) -> bool {
    case.claims("JP_Patient_eCS") || case.collection
}

fn name_text(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_ecs(case) {
        return;
    }
    if names(case).next().is_none() {
        out.missing(case.node, "name");
    }
    for name in names(case).filter(|name| name.get("text").is_none()) {
        out.missing(name, "text");
    }
}

/// The package of 1.10.0 demands both; the guide relaxes the family name for foreign names from 1.12 on.
fn name_parts(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_ecs(case) {
        return;
    }
    for name in names(case) {
        for part in ["family", "given"] {
            if name.get(part).is_none() {
                out.missing(name, part);
            }
        }
    }
}

fn essentials(case: &Case<'_>, out: &mut Report<'_>) {
    if !is_ecs(case) {
        return;
    }
    for element in ["gender", "birthDate", "address"] {
        if case.node.get(element).is_none() {
            out.missing(case.node, element);
        }
    }
    let addresses: Vec<Node<'_>> = case.node.get("address").into_iter().flat_map(Node::items).collect();
    if let Some(address) = addresses.first().filter(|address| address.get("text").is_none()) {
        out.missing(*address, "text");
    }
    if let Some(second) = addresses.get(1) {
        out.fault(*second).element("address").found(addresses.len().to_string()).expected("1");
    }
}
