//! What was found, grouped by cause, errors first.

use fhir::finding::{Finding, Findings, Language, Severity};

use super::listing::{Listing, Mark};
use super::trace::{Difference, Trace, Traced};
use crate::console::frame::Frame;
use crate::words::words_with;

pub(super) struct Verdict {
    pub(super) is_acceptable: bool,
    pub(super) sentence: String,
    pub(super) groups: Vec<Group>,
    pub(super) listing: Listing,
    pub(super) comparison: Option<Comparison>,
    /// What the next run compares itself with.
    pub(super) trace: String,
    /// The same, short enough for an address.
    pub(super) shared: String,
}

/// All findings of one rule of one profile.
pub(super) struct Group {
    pub(super) rule: String,
    pub(super) code: &'static str,
    pub(super) severity: String,
    pub(super) is_error: bool,
    pub(super) message: String,
    pub(super) profile: Option<String>,
    pub(super) source: &'static str,
    pub(super) places: Vec<Place>,
}

/// One place where the rule is broken.
pub(super) struct Place {
    /// Counted from 1 over all findings; the mark in the listing bears it too.
    pub(super) number: usize,
    pub(super) is_new: bool,
    pub(super) message: String,
    pub(super) mend: String,
    pub(super) expression: String,
    pub(super) position: Option<String>,
    pub(super) found: Option<String>,
    pub(super) expected: Option<String>,
    pub(super) example: Option<String>,
    pub(super) consequences: Vec<Consequence>,
}

/// What follows from a finding and would vanish with it.
pub(super) struct Consequence {
    pub(super) code: &'static str,
    pub(super) rule: String,
    pub(super) expression: String,
    pub(super) message: String,
}

/// This run against the last.
pub(super) struct Comparison {
    pub(super) sentence: String,
    pub(super) gone: Vec<Gone>,
}

/// A finding of the last run that is no more.
pub(super) struct Gone {
    pub(super) code: String,
    pub(super) rule: String,
    pub(super) expression: String,
    pub(super) message: String,
}

/// A hidden field may be long, an address must pass through proxies and mails.
const TRACE_CHARS: usize = 32_000;
const SHARED_CHARS: usize = 4_000;

impl Verdict {
    pub(super) fn of(findings: &Findings, source: &str, last: Option<&Trace>, frame: &Frame) -> Self {
        let now = Trace::of(findings);
        let difference = last.map(|last| now.against(last));
        Self {
            is_acceptable: !findings.has_errors(),
            sentence: sentence(findings.count(Severity::Error), findings.count(Severity::Warning), frame),
            groups: groups(findings, difference.as_ref(), frame),
            listing: Listing::of(source, &marks(findings)),
            comparison: difference.map(|difference| Comparison::of(&difference, frame)),
            trace: now.write(TRACE_CHARS),
            shared: now.write(SHARED_CHARS),
        }
    }
}

/// The verdict in one sentence.
pub(super) fn sentence(errors: usize, warnings: usize, frame: &Frame) -> String {
    let key = match (errors, warnings) {
        (1.., _) => "validator.bad",
        (0, 0) => "validator.good",
        (0, _) => "validator.good-with-warnings",
    };
    let values = [("errors", &*errors.to_string()), ("warnings", &*warnings.to_string())];
    words_with(frame.language, key, &values)
}

fn marks(findings: &Findings) -> Vec<Mark> {
    let placed = findings.0.iter().enumerate();
    placed.filter_map(|(index, finding)| Some(Mark { number: index + 1, at: finding.position? })).collect()
}

fn groups(findings: &Findings, difference: Option<&Difference>, frame: &Frame) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, finding) in findings.0.iter().enumerate() {
        let is_new = difference.is_some_and(|difference| difference.is_new[index]);
        let place = Place::of(index + 1, is_new, finding, frame);
        let rule = rule_of(finding);
        let profile = finding.profile.as_deref().map(str::to_owned);
        let severity = frame.word(&format!("severity.{}", finding.severity.code())).to_owned();
        let same = groups.iter_mut().find(|group| {
            group.code == finding.code
                && group.severity == severity
                && group.rule == rule
                && group.profile == profile
        });
        match same {
            Some(group) => group.places.push(place),
            None => groups.push(Group {
                rule,
                profile,
                code: finding.code,
                severity,
                is_error: finding.severity == Severity::Error,
                message: finding.message(frame.language),
                source: finding.source,
                places: vec![place],
            }),
        }
    }
    groups
}

fn rule_of(finding: &Finding) -> String {
    finding.rule.as_deref().unwrap_or(finding.key).to_owned()
}

impl Place {
    fn of(number: usize, is_new: bool, finding: &Finding, frame: &Frame) -> Self {
        let position = finding.position.map(|at| {
            let values = [("line", &*at.line.to_string()), ("column", &*at.column.to_string())];
            words_with(frame.language, "validator.at", &values)
        });
        Self {
            number,
            is_new,
            message: finding.message(frame.language),
            mend: finding.mend(frame.language),
            expression: finding.expression.clone(),
            position,
            found: finding.found_besides(frame.language).map(str::to_owned),
            expected: finding.expected_besides(frame.language).map(str::to_owned),
            example: finding.example.clone(),
            consequences: consequences(finding, frame.language),
        }
    }
}

/// All that follows, however indirectly.
fn consequences(finding: &Finding, language: Language) -> Vec<Consequence> {
    let mut all = Vec::new();
    for one in &finding.consequences {
        all.push(Consequence {
            code: one.code,
            rule: rule_of(one),
            expression: one.expression.clone(),
            message: one.message(language),
        });
        all.extend(consequences(one, language));
    }
    all
}

impl Comparison {
    fn of(difference: &Difference, frame: &Frame) -> Self {
        let new = difference.is_new.iter().filter(|is_new| **is_new).count();
        let counts =
            [new, difference.gone.len(), difference.is_new.len() - new].map(|count| count.to_string());
        let values = [("new", &*counts[0]), ("gone", &*counts[1]), ("stayed", &*counts[2])];
        Self {
            sentence: words_with(frame.language, "validator.compared", &values),
            gone: difference.gone.iter().map(|traced| Gone::of(traced, frame.language)).collect(),
        }
    }
}

impl Gone {
    pub(super) fn of(traced: &Traced, language: Language) -> Self {
        Self {
            code: traced.code.clone(),
            rule: traced.rule.clone(),
            expression: traced.expression.clone(),
            message: traced.kind().map_or_else(String::new, |kind| kind.message(language)),
        }
    }
}
