//! What may be counted of an act, and tells of nobody.

use audit::Measures;
use fhir::bundle::{Bundle, UnitKind, resource_type};
use fhir::finding::{Findings, Severity};
use jiff::Timestamp;
use store::kind_code;

use crate::Act;

/// Of a bundle that is kept: its kind, and how old it is by the time it bears.
pub(crate) fn of_bundle(bundle: Bundle<'_>, act: &Act) -> Measures {
    let composition = bundle.entries().map(|entry| entry.resource);
    let composition = composition.into_iter().find(|resource| resource_type(*resource) == "Composition");
    let written = composition.and_then(|node| node.text_at(&["date"])).unwrap_or(bundle.timestamp());
    // A day without a time tells no age.
    let age = written.parse::<Timestamp>().ok().map(|written| act.now.duration_since(written).as_secs());
    Measures { age, ..of_kind(bundle.kind()) }
}

/// Of a unit of which only the kind is known.
pub(crate) fn of_kind(kind: UnitKind) -> Measures {
    Measures { kind: Some(kind_code(kind).to_owned()), ..Measures::default() }
}

/// Of a refusal: every rule that was broken, once.
pub(crate) fn of_refusal(findings: &Findings) -> Measures {
    let mut broken: Vec<String> = Vec::new();
    for finding in findings.0.iter().filter(|finding| finding.severity == Severity::Error) {
        let code = finding.code.to_string();
        if broken.len() < Measures::MOST_BROKEN && !broken.contains(&code) {
            broken.push(code);
        }
    }
    Measures { broken, ..Measures::default() }
}
