//! Rules of the documents: which entries, and what their Composition says.

use super::shape::{count, extensions, is_hatted, text};
use super::{Case, On, Report, Rule};
use crate::bundle::{UnitKind, entries, profiles, resource_type};
use crate::json::Node;
use crate::systems;

pub(super) const RULES: &[Rule] = &[
    Rule { id: "J6001", on: On::Document, check: composition_first },
    Rule { id: "J6002", on: On::Document, check: entry_counts },
    Rule { id: "J6003", on: On::Document, check: final_status },
    Rule { id: "J6004", on: On::Document, check: document_type },
    Rule { id: "J6005", on: On::Document, check: subtype },
    Rule { id: "J6006", on: On::Document, check: edition },
    Rule { id: "J6007", on: On::Document, check: identifier },
    Rule { id: "J6008", on: On::Document, check: identifier_form },
    Rule { id: "J6009", on: On::Document, check: author },
    Rule { id: "J6010", on: On::Document, check: custodian },
    Rule { id: "J6011", on: On::Document, check: title },
    Rule { id: "J6012", on: On::Document, check: event },
    Rule { id: "J6013", on: On::Document, check: subject },
];

/// What is fixed about one kind of document.
struct Form {
    composition: &'static str,
    code: &'static str,
    display: &'static str,
    title: Option<&'static str>,
    /// Profile or type of entries, least, most.
    entries: &'static [(&'static str, usize, usize)],
}

const MANY: usize = usize::MAX;

fn form(kind: UnitKind) -> Option<&'static Form> {
    Some(match kind {
        UnitKind::Referral => &Form {
            composition: systems::COMPOSITION_REFERRAL,
            code: "57133-1",
            display: "診療情報提供書",
            title: Some("診療情報提供書"),
            entries: &[
                (systems::PATIENT, 1, 1),
                (systems::PRACTITIONER, 1, MANY),
                (systems::ORGANIZATION, 2, 4),
            ],
        },
        UnitKind::DischargeSummary => &Form {
            composition: systems::COMPOSITION_DISCHARGE,
            code: "18842-5",
            display: "退院時サマリー",
            title: Some("退院時サマリー"),
            entries: &[
                (systems::PATIENT, 1, 1),
                (systems::PRACTITIONER, 1, MANY),
                (systems::ORGANIZATION, 1, MANY),
                (systems::ENCOUNTER, 1, 1),
                (systems::CONDITION, 1, MANY),
            ],
        },
        UnitKind::PatientSummary => &Form {
            composition: systems::COMPOSITION_SUMMARY,
            code: "56447-6",
            display: "計画書",
            title: Some("患者サマリー（療養計画書）"),
            entries: &[
                (systems::PATIENT, 1, 1),
                (systems::PRACTITIONER, 1, 1),
                (systems::ORGANIZATION, 1, 1),
                (systems::ENCOUNTER, 1, 1),
                (systems::CARE_PLAN_SUMMARY, 1, 1),
                (systems::CONDITION, 1, MANY),
            ],
        },
        UnitKind::CheckupReport => &Form {
            composition: systems::COMPOSITION_CHECKUP,
            code: "53576-5",
            display: "検診・健診報告書",
            title: None,
            entries: &[
                (systems::PATIENT_CHECKUP, 1, 1),
                (systems::ORGANIZATION_CHECKUP, 1, MANY),
                (systems::PRACTITIONER_CHECKUP, 1, MANY),
                (systems::ENCOUNTER_CHECKUP, 1, 1),
            ],
        },
        _ => return None,
    })
}

fn of_case(case: &Case<'_>) -> Option<&'static Form> {
    case.kind.and_then(form)
}

/// The Composition: the resource of the first entry, if it is one.
pub(super) fn composition<'t>(case: &Case<'t>) -> Option<Node<'t>> {
    let first = entries(case.node).next()?.resource;
    (resource_type(first) == "Composition").then_some(first)
}

fn composition_first(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(form) = of_case(case) else { return };
    match composition(case) {
        None => _ = out.missing(case.node, "entry[0]").expected(form.composition),
        Some(node) if profiles(node).any(|profile| profile == form.composition) => {}
        Some(node) => {
            out.fault(node).found(profiles(node).next().unwrap_or_default()).expected(form.composition);
        }
    }
}

fn entry_counts(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(form) = of_case(case) else { return };
    for (profile, least, most) in form.entries {
        let found =
            entries(case.node).filter(|e| profiles(e.resource).any(|claimed| claimed == *profile)).count();
        if found < *least || found > *most {
            let most = if *most == MANY { "*".to_owned() } else { most.to_string() };
            out.missing(case.node, profile).found(found.to_string()).expected(format!("{least}..{most}"));
        }
    }
}

fn final_status(case: &Case<'_>, out: &mut Report<'_>) {
    let status = composition(case).and_then(|composition| composition.get("status"));
    if let Some(status) = status.filter(|status| status.str() != Some("final")) {
        out.wrong(status).expected("final");
    }
}

fn document_type(case: &Case<'_>, out: &mut Report<'_>) {
    let (Some(form), Some(composition)) = (of_case(case), composition(case)) else { return };
    let codings = composition.all(&["type", "coding"]);
    let wanted = format!("{} {} {}", systems::DOCUMENT_TYPE, form.code, form.display);
    let [coding] = codings.as_slice() else {
        out.missing(composition, "type.coding").found(codings.len().to_string()).expected(wanted);
        return;
    };
    let system = text(*coding, "system").is_none_or(|system| system == systems::DOCUMENT_TYPE);
    let display = text(*coding, "display").is_none_or(|display| display == form.display);
    if !system || !display || text(*coding, "code") != Some(form.code) {
        let found =
            ["system", "code", "display"].map(|name| text(*coding, name).unwrap_or_default()).join(" ");
        out.fault(*coding).found(found).expected(wanted);
    }
}

fn subtype(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    let codings = composition.all(&["category", "coding"]);
    if count(composition, "category") != 1 || codings.len() != 1 {
        out.missing(composition, "category.coding").found(codings.len().to_string()).expected("1");
        return;
    }
    if case.kind == Some(UnitKind::CheckupReport) {
        return;
    }
    let known = ["DISCHARGE", "OUTPATIENT", "ADMISSION", "INPATIENT", "SECONDOP", "EXAMIN", "CONSULT"];
    let wanted = if case.kind == Some(UnitKind::DischargeSummary) { &known[..1] } else { &known[..] };
    let found = (text(codings[0], "system"), text(codings[0], "code").unwrap_or_default());
    if found.0 != Some(systems::DOCUMENT_SUBTYPE) || !wanted.contains(&found.1) {
        let found = format!("{} {}", found.0.unwrap_or_default(), found.1);
        out.fault(codings[0]).found(found).expected(format!(
            "{} {}",
            systems::DOCUMENT_SUBTYPE,
            wanted.join(" | ")
        ));
    }
}

fn edition(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    let found = extensions(composition, systems::EXT_VERSION_NUMBER).len();
    if found != 1 {
        out.missing(composition, "extension").found(found.to_string()).expected(systems::EXT_VERSION_NUMBER);
    }
}

fn identifier(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    match composition.at(&["identifier", "system"]) {
        None => _ = out.missing(composition, "identifier.system").expected(systems::RESOURCE_ID),
        Some(system) if system.str() == Some(systems::RESOURCE_ID) => {}
        Some(system) => _ = out.wrong(system).expected(systems::RESOURCE_ID),
    }
    if composition.at(&["identifier", "value"]).is_none() {
        out.missing(composition, "identifier.value");
    }
}

/// The guide's own examples up to 1.5 join with hyphens, so this only warns; the checkup guide names hyphens.
fn identifier_form(case: &Case<'_>, out: &mut Report<'_>) {
    let value = composition(case).and_then(|composition| composition.at(&["identifier", "value"]));
    let hyphens = case.kind == Some(UnitKind::CheckupReport);
    if let Some(value) = value.filter(|v| !hyphens && !v.str().is_some_and(|v| is_hatted(v, 32))) {
        out.wrong(value).expected(r"^[0-4][0-9][1-3][0-9]{7}\^20[2-3][0-9]\^[A-Za-z0-9\-]{1,32}$");
    }
}

fn author(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    let found = count(composition, "author");
    if case.kind == Some(UnitKind::PatientSummary) && found != 2 {
        out.missing(composition, "author").found(found.to_string()).expected("2");
    }
}

fn custodian(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    let custodian = composition.get("custodian");
    match (case.kind, custodian) {
        (Some(UnitKind::Referral | UnitKind::DischargeSummary), None) => {
            out.missing(composition, "custodian").found("0").expected("1");
        }
        (Some(UnitKind::PatientSummary), Some(node)) => _ = out.fault(node).found("1").expected("0"),
        _ => {}
    }
}

fn title(case: &Case<'_>, out: &mut Report<'_>) {
    let (Some(form), Some(composition)) = (of_case(case), composition(case)) else { return };
    let Some(wanted) = form.title else { return };
    if let Some(title) = composition.get("title").filter(|title| title.str() != Some(wanted)) {
        out.wrong(title).expected(wanted);
    }
}

fn event(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    let found = count(composition, "event");
    let needed: &[&[&str]] = match case.kind {
        Some(UnitKind::Referral) => &[&["code", "text"], &["period", "start"]],
        Some(UnitKind::DischargeSummary) => &[&["period", "start"], &["period", "end"]],
        Some(UnitKind::CheckupReport) => &[&["code", "coding"]],
        _ => {
            if let Some(event) = composition.get("event") {
                out.fault(event).found(found.to_string()).expected("0");
            }
            return;
        }
    };
    let Some(event) = composition.at(&["event"]).and_then(|events| events.items().next()) else {
        out.missing(composition, "event").found("0").expected("1");
        return;
    };
    if found > 1 {
        out.fault(event).found(found.to_string()).expected("1");
    }
    for path in needed.iter().filter(|path| event.at(path).is_none()) {
        out.missing(event, &path.join("."));
    }
    if case.kind == Some(UnitKind::Referral) {
        let text = event.at(&["code", "text"]).filter(|text| text.str() != Some("診療情報提供書発行"));
        if let Some(text) = text {
            out.wrong(text).expected("診療情報提供書発行");
        }
    }
}

fn subject(case: &Case<'_>, out: &mut Report<'_>) {
    let Some(composition) = composition(case) else { return };
    let patient = entries(case.node).find(|entry| resource_type(entry.resource) == "Patient");
    let wanted = patient.and_then(|entry| entry.full_url);
    let reference = composition.text_at(&["subject", "reference"]);
    if reference.is_none() || (wanted.is_some() && reference != wanted) {
        let place = composition.get("subject").unwrap_or(composition);
        out.missing(place, "subject")
            .found(reference.unwrap_or_default())
            .expected(wanted.unwrap_or_default());
    }
}
