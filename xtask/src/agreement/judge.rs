//! Our own word on a document.

use fhir::finding::{Finding, Findings, Severity};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};

use super::place::Place;

/// Everything we find in a document.
pub(crate) fn examine(validator: &Validator, bytes: &[u8]) -> Findings {
    match Parsed::parse(bytes, &Limits::default()) {
        Err(findings) => findings,
        Ok(document) => validator.examine(&document),
    }
}

/// All findings, those too that stand under another as its consequences.
pub(crate) fn all(findings: &Findings) -> Vec<&Finding> {
    let mut all: Vec<&Finding> = findings.0.iter().collect();
    let mut next = 0;
    while let Some(finding) = all.get(next) {
        all.extend(&finding.consequences);
        next += 1;
    }
    all
}

/// The errors among them.
pub(crate) fn errors(findings: &Findings) -> impl Iterator<Item = &Finding> {
    all(findings).into_iter().filter(|finding| finding.severity == Severity::Error)
}

/// Where a finding stands, and where the element that it misses would stand.
pub(crate) fn places(finding: &Finding) -> Vec<Place> {
    let place = Place::of(&finding.expression);
    let missing = finding.element.as_deref().map(|name| {
        let name = name.split(':').next().unwrap_or(name);
        place.child(name.trim_end_matches("[x]"))
    });
    std::iter::once(place).chain(missing).collect()
}

/// A finding in a few words: its rule and place.
pub(crate) fn told(finding: &Finding) -> String {
    let rule = match finding.rule.as_deref().filter(|rule| *rule != "R4") {
        Some(rule) => format!("{} {rule}", finding.key),
        None => finding.key.to_owned(),
    };
    match &finding.element {
        Some(element) => format!("{rule} ({element}) at {}", finding.expression),
        None => format!("{rule} at {}", finding.expression),
    }
}
