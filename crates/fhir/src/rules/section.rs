//! Rules of the sections of documents, by code and nesting.

use super::document::composition;
use super::shape::{count, text};
use super::{Case, On, Report, Rule};
use crate::bundle::{UnitKind, entries, resource_type};
use crate::json::Node;
use crate::systems;

pub(super) const RULES: &[Rule] = &[
    Rule { id: "J6101", on: On::Document, check: cda_or_structure },
    Rule { id: "J6102", on: On::Document, check: required },
    Rule { id: "J6103", on: On::Document, check: not_twice },
    Rule { id: "J6104", on: On::Document, check: known },
    Rule { id: "J6105", on: On::Document, check: coded },
    Rule { id: "J6106", on: On::Document, check: with_entries },
    Rule { id: "J6107", on: On::Document, check: leaf },
    Rule { id: "J6108", on: On::Document, check: not_binary },
    Rule { id: "J6109", on: On::Document, check: narrative_status },
];

/// One section of a kind of document: code, least, most (0 for many), least entries, most entries (0 for many).
type Row = (&'static str, u8, u8, usize, usize);

const REFERRAL_TOP: &[Row] = &[
    ("920", 1, 1, 1, 3),
    ("910", 1, 1, 1, 3),
    ("200", 0, 1, 1, 1),
    ("300", 0, 1, 0, 0),
    ("210", 0, 0, 1, 0),
    ("220", 0, 0, 0, 1),
    ("230", 0, 0, 1, 0),
];
const REFERRAL_INNER: &[Row] = &[
    ("950", 1, 1, 0, 1),
    ("340", 1, 1, 0, 0),
    ("360", 1, 1, 0, 0),
    ("370", 0, 1, 0, 0),
    ("510", 0, 1, 0, 0),
    ("550", 0, 1, 0, 0),
    ("610", 0, 1, 0, 0),
    ("520", 0, 1, 0, 0),
    ("640", 0, 1, 0, 0),
    ("530", 0, 1, 0, 0),
    ("730", 0, 1, 0, 0),
    ("740", 0, 1, 0, 0),
    ("720", 0, 1, 0, 0),
    ("430", 0, 1, 0, 0),
    ("620", 0, 1, 0, 0),
    ("330", 0, 1, 0, 0),
    ("420", 0, 1, 0, 0),
    ("810", 0, 1, 0, 0),
    ("410", 0, 1, 0, 0),
    ("830", 0, 1, 0, 0),
];
const DISCHARGE_TOP: &[Row] =
    &[("200", 0, 1, 1, 1), ("300", 0, 1, 0, 0), ("210", 0, 0, 1, 0), ("230", 0, 0, 1, 0)];
const DISCHARGE_INNER: &[Row] = &[
    ("322", 1, 1, 1, 1),
    ("342", 1, 1, 0, 0),
    ("352", 1, 1, 0, 0),
    ("312", 1, 1, 0, 1),
    ("360", 1, 1, 0, 0),
    ("333", 1, 1, 1, 0),
    ("324", 1, 1, 1, 1),
    ("344", 1, 1, 1, 0),
    ("444", 1, 1, 0, 0),
    ("424", 1, 1, 0, 0),
    ("510", 0, 1, 0, 0),
    ("370", 0, 1, 0, 0),
    ("432", 0, 1, 0, 0),
    ("640", 0, 1, 0, 0),
    ("612", 0, 1, 0, 0),
    ("550", 0, 1, 0, 0),
    ("614", 0, 1, 0, 0),
    ("713", 0, 1, 0, 0),
    ("623", 0, 1, 0, 0),
    ("810", 0, 1, 0, 0),
    ("530", 0, 1, 0, 0),
    ("410", 0, 1, 0, 0),
    ("830", 0, 1, 0, 0),
];
const SUMMARY_TOP: &[Row] = &[("422", 1, 1, 2, 0)];
const CHECKUP_TOP: &[Row] = &[
    ("01011", 0, 1, 1, 0),
    ("01012", 0, 1, 1, 0),
    ("01990", 0, 1, 1, 0),
    ("01021", 0, 1, 1, 0),
    ("01022", 0, 1, 1, 0),
    ("01031", 0, 1, 1, 0),
    ("01032", 0, 1, 1, 0),
    ("01041", 0, 1, 1, 0),
    ("01042", 0, 1, 1, 0),
    ("01071", 0, 1, 1, 0),
    ("01072", 0, 1, 1, 0),
    ("01081", 0, 1, 1, 0),
    ("01082", 0, 1, 1, 0),
    ("01910", 0, 1, 1, 0),
    ("01920", 0, 1, 1, 0),
    ("01995", 0, 1, 1, 0),
];

/// The tables of a kind of document: outer sections, and those inside 300.
fn tables(case: &Case<'_>) -> (&'static [Row], &'static [Row]) {
    match case.kind {
        Some(UnitKind::Referral) => (REFERRAL_TOP, REFERRAL_INNER),
        Some(UnitKind::DischargeSummary) => (DISCHARGE_TOP, DISCHARGE_INNER),
        Some(UnitKind::PatientSummary) => (SUMMARY_TOP, &[]),
        Some(UnitKind::CheckupReport) => (CHECKUP_TOP, &[]),
        _ => (&[], &[]),
    }
}

/// One section where it stands.
struct Section<'t> {
    node: Node<'t>,
    parent: Node<'t>,
    code: &'t str,
    rows: &'static [Row],
}

/// The sections of the Composition: the outer ones, then those inside 300.
fn sections<'t>(case: &Case<'t>) -> Vec<Section<'t>> {
    let Some(composition) = composition(case) else { return Vec::new() };
    let (top, inner) = tables(case);
    let mut found = children(composition, top);
    let structures: Vec<Node<'t>> = found.iter().filter(|s| s.code == "300").map(|s| s.node).collect();
    for structure in structures.into_iter().filter(|_| !inner.is_empty()) {
        found.extend(children(structure, inner));
    }
    found
}

fn children<'t>(parent: Node<'t>, rows: &'static [Row]) -> Vec<Section<'t>> {
    let nodes = parent.get("section").into_iter().flat_map(Node::items);
    nodes.map(|node| Section { node, parent, code: code_of(node), rows }).collect()
}

fn code_of<'t>(section: Node<'t>) -> &'t str {
    section.text_at(&["code", "coding", "code"]).unwrap_or_default()
}

fn cda_or_structure(case: &Case<'_>, out: &mut Report<'_>) {
    let applies = matches!(case.kind, Some(UnitKind::Referral | UnitKind::DischargeSummary));
    let (true, Some(composition)) = (applies, composition(case)) else { return };
    let codes: Vec<&str> = children(composition, &[]).iter().map(|section| section.code).collect();
    if codes.contains(&"200") == codes.contains(&"300") {
        out.missing(composition, "section").found(codes.join(" ")).expected("200 | 300");
    }
}

fn required(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    let (top, inner) = tables(case);
    let mut levels = vec![(composition, top)];
    let structures = children(composition, top).into_iter().filter(|s| s.code == "300" && !inner.is_empty());
    levels.extend(structures.map(|section| (section.node, inner)));
    for (parent, rows) in levels {
        let present = children(parent, rows);
        for row in rows.iter().filter(|row| row.1 > 0 && !present.iter().any(|section| section.code == row.0))
        {
            out.missing(parent, "section").found("0").expected(row.0);
        }
    }
}

fn not_twice(case: &Case<'_>, out: &mut Report<'_>) {
    let mut seen: Vec<(u32, &str)> = Vec::new();
    for section in sections(case) {
        let once = section.rows.iter().any(|row| row.0 == section.code && row.2 == 1);
        let place = (section.parent.slot(), section.code);
        if once && seen.contains(&place) {
            out.fault(section.node).found(section.code).expected("1");
        } else if once {
            seen.push(place);
        }
    }
}

fn known(case: &Case<'_>, out: &mut Report<'_>) {
    for section in sections(case) {
        if section.code.is_empty() || section.rows.iter().any(|row| row.0 == section.code) {
            continue;
        }
        let expected: Vec<&str> = section.rows.iter().map(|row| row.0).collect();
        out.fault(section.node).found(section.code).expected(expected.join(" | "));
    }
}

fn coded(case: &Case<'_>, out: &mut Report<'_>) {
    let checkup = case.kind == Some(UnitKind::CheckupReport);
    let wanted = if checkup { systems::CHECKUP_SECTION } else { systems::SECTION };
    for section in sections(case) {
        let codings = section.node.all(&["code", "coding"]);
        let [coding] = codings.as_slice() else {
            out.missing(section.node, "code.coding").found(codings.len().to_string()).expected(wanted);
            continue;
        };
        if text(*coding, "system") != Some(wanted) || text(*coding, "code").is_none() {
            out.fault(*coding).found(text(*coding, "system").unwrap_or_default()).expected(wanted);
        }
    }
}

fn with_entries(case: &Case<'_>, out: &mut Report<'_>) {
    for section in sections(case) {
        let Some(row) = section.rows.iter().find(|row| row.0 == section.code) else { continue };
        let found = count(section.node, "entry");
        if found < row.3 || (row.4 > 0 && found > row.4) {
            let most = if row.4 == 0 { "*".to_owned() } else { row.4.to_string() };
            let draft = out.missing(section.node, "entry").found(found.to_string());
            draft.expected(format!("{}..{most}", row.3));
        }
    }
}

/// Only 300 has sections inside.
fn leaf(case: &Case<'_>, out: &mut Report<'_>) {
    if case.kind == Some(UnitKind::CheckupReport) {
        return;
    }
    for section in sections(case).iter().filter(|section| section.code != "300") {
        if let Some(inner) = section.node.get("section") {
            out.fault(inner).found(section.code);
        }
    }
}

/// PDFs and the like go by way of a DocumentReference.
fn not_binary(case: &Case<'_>, out: &mut Report<'_>) {
    let binaries: Vec<&str> = entries(case.node)
        .filter(|entry| resource_type(entry.resource) == "Binary")
        .filter_map(|entry| entry.full_url)
        .collect();
    for section in sections(case) {
        for reference in section.node.all(&["entry", "reference"]) {
            if reference.str().is_some_and(|url| binaries.contains(&url) || url.starts_with("Binary/")) {
                out.wrong(reference).expected("DocumentReference");
            }
        }
    }
}

fn narrative_status(case: &Case<'_>, out: &mut Report<'_>) {
    if case.kind == Some(UnitKind::CheckupReport) {
        return;
    }
    for section in sections(case) {
        let status = section.node.at(&["text", "status"]);
        if let Some(status) = status.filter(|status| status.str() != Some("additional")) {
            out.wrong(status).expected("additional");
        }
    }
}
