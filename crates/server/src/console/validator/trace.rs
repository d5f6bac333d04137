//! What may be kept or shared of findings: codes, rules, profiles, places. No value of the document, and no name that
//! its sender made up.
//!
//! Written as `e2104~Bundle.entry.3.resource.code~12.7~R0211~http://…` with a comma between findings, so that anybody
//! can see in the address that there is no patient in it.

use fhir::finding::{Finding, FindingKind, Findings, Position, Severity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The findings of one run, as far as they may be told to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) traced: Vec<Traced>,
    /// How many there were in all.
    pub(super) total: usize,
}

/// One finding of a [`Trace`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Traced {
    pub(super) severity: Severity,
    pub(super) code: String,
    pub(super) expression: String,
    pub(super) position: Option<Position>,
    pub(super) rule: String,
    pub(super) profile: String,
}

/// How findings of two runs relate.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// For each finding of this run, whether it is new.
    pub(super) is_new: Vec<bool>,
    /// The findings of the last run that are gone.
    pub(super) gone: Vec<Traced>,
}

/// Everything but these is escaped; `~` and `,` divide.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'/')
    .remove(b':')
    .remove(b'(')
    .remove(b')');
/// What no one would write for a rule or a profile is longer.
const LONGEST: usize = 300;

impl Trace {
    /// What may be told of findings.
    pub(super) fn of(findings: &Findings) -> Self {
        Self { traced: findings.0.iter().map(Traced::of).collect(), total: findings.0.len() }
    }

    /// The trace as text of at most `limit` characters, without the last findings if need be.
    pub(super) fn write(&self, limit: usize) -> String {
        let mut text = self.total.to_string();
        for traced in &self.traced {
            let one = traced.write();
            if text.len() + one.len() + 1 > limit {
                break;
            }
            text.push(',');
            text.push_str(&one);
        }
        text
    }

    /// Reads what [`Self::write`] wrote; what it could not have written is left out.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(',');
        let total = parts.next()?.parse().ok()?;
        Some(Self { traced: parts.filter_map(Traced::read).collect(), total })
    }

    /// What is new against `last`, and what is gone. Items may have moved in their lists meanwhile.
    pub(super) fn against(&self, last: &Self) -> Difference {
        let mut old: Vec<Option<&Traced>> = last.traced.iter().map(Some).collect();
        let mut is_new = vec![true; self.traced.len()];
        let exactly: fn(&Traced) -> String = |one| one.expression.clone();
        let wherever: fn(&Traced) -> String = |one| without_indices(&one.expression);
        for place in [exactly, wherever] {
            for (traced, is_new) in self.traced.iter().zip(&mut is_new).filter(|(_, is_new)| **is_new) {
                let is_same =
                    |other: &Traced| traced.mistake() == other.mistake() && place(traced) == place(other);
                if let Some(found) = old.iter_mut().find(|other| other.is_some_and(is_same)) {
                    *found = None;
                    *is_new = false;
                }
            }
        }
        Difference { is_new, gone: old.into_iter().flatten().cloned().collect() }
    }
}

impl Traced {
    fn of(finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            code: finding.code.to_owned(),
            expression: finding.outline(),
            position: finding.position,
            rule: finding.rule.as_deref().unwrap_or_default().to_owned(),
            profile: finding.profile.as_deref().unwrap_or_default().to_owned(),
        }
    }

    /// Its kind; reading made sure that there is one.
    pub(super) fn kind(&self) -> Option<FindingKind> {
        FindingKind::of_code(&self.code)
    }

    fn mistake(&self) -> (&str, &str, &str) {
        (&self.code, &self.rule, &self.profile)
    }

    fn write(&self) -> String {
        let letter = &self.severity.code()[..1];
        let number = self.code.trim_start_matches("RK-");
        let place = self.expression.replace('[', ".").replace(']', "").replace('…', "-");
        let position = self.position.map(|at| format!("{}.{}", at.line, at.column)).unwrap_or_default();
        let escaped = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
        let fields =
            [format!("{letter}{number}"), place, position, escaped(&self.rule), escaped(&self.profile)];
        fields.join("~").trim_end_matches('~').to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        let mut fields = text.split('~');
        let mut field = || fields.next().unwrap_or_default();
        let (head, place, position) = (field(), field(), field());
        let (rule, profile) = (unescaped(field())?, unescaped(field())?);
        let severity = match head.get(..1)? {
            "e" => Severity::Error,
            "w" => Severity::Warning,
            "i" => Severity::Information,
            _ => return None,
        };
        let code = FindingKind::of_code(&format!("RK-{}", &head[1..]))?.code().to_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".()-".contains(c);
        if place.len() > LONGEST || !place.chars().all(is_plain) {
            return None;
        }
        let position = position.split_once('.').and_then(|(line, column)| {
            Some(Position { line: line.parse().ok()?, column: column.parse().ok()? })
        });
        Some(Self { severity, code, expression: with_indices(place), position, rule, profile })
    }
}

/// An escaped field, if it can be a rule or an address.
fn unescaped(field: &str) -> Option<String> {
    let text = percent_decode_str(field).decode_utf8().ok()?;
    let is_fit = text.len() <= LONGEST && text.chars().all(|c| c.is_ascii_graphic());
    is_fit.then(|| text.into_owned())
}

/// `Bundle.entry.3.resource` as `Bundle.entry[3].resource`.
fn with_indices(place: &str) -> String {
    let mut expression = String::new();
    for (index, step) in place.split('.').enumerate() {
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            expression.push_str(&format!("[{step}]"));
            continue;
        }
        if index > 0 {
            expression.push('.');
        }
        expression.push_str(if step == "-" { "…" } else { step });
    }
    expression
}

fn without_indices(expression: &str) -> String {
    let mut is_inside = false;
    expression
        .chars()
        .filter(|c| {
            is_inside = (is_inside || *c == '[') && *c != ']';
            !is_inside && *c != ']'
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Findings {
        let mut invented =
            Finding::new("r4-unknown-element").at("Bundle.entry[3].resource.架空太郎").found("架空 太郎");
        invented.profile = Some("http://example.jp/P|1.0".into());
        let placed =
            Finding::new("J0001").at("Bundle.entry[12].resource.value.ofType(Quantity)").found("東京都");
        Findings(vec![
            invented,
            placed.position(Position { line: 3, column: 14 }),
            Finding::new("json-empty"),
        ])
    }

    #[test]
    fn a_trace_holds_no_value_and_no_invented_name_and_can_be_read_again() {
        let trace = Trace::of(&findings());
        let text = trace.write(4000);
        assert!(text.is_ascii() && !text.contains('%') || !text.contains("%E6"), "{text}");
        assert!(
            text.starts_with("3,e1202~Bundle.entry.3.resource.-~~R4~http://example.jp/P%7C1.0,"),
            "{text}"
        );
        assert_eq!(Trace::read(&text), Some(trace));
    }

    #[test]
    fn a_trace_is_no_longer_than_it_may_be_and_tells_how_many_there_were() {
        let many = Findings(findings().0.iter().cycle().take(500).cloned().collect());
        let text = Trace::of(&many).write(1000);
        let read = Trace::read(&text).unwrap();
        assert!(text.len() <= 1000 && read.traced.len() > 10 && read.total == 500);
    }

    #[test]
    fn an_address_that_somebody_made_up_says_nothing_of_its_own() {
        for text in ["", "x", "1,e9999~Bundle", "1,e1202~<b>", "1,e1202~a~~%3Cscript%20x", "1,x1202~a", "1,é"]
        {
            assert!(Trace::read(text).is_none_or(|trace| trace.traced.is_empty()), "{text}");
        }
    }

    #[test]
    fn what_is_new_and_what_is_gone_is_told_though_items_moved() {
        let at = |key: &str, place: &str| Finding::new(key).at(place);
        let last = Findings(vec![at("J0001", "Bundle.entry[1].id"), at("R2152", "Bundle.identifier.value")]);
        let now = Findings(vec![at("J0001", "Bundle.entry[2].id"), at("J0001", "Bundle.entry[9].id")]);
        let difference = Trace::of(&now).against(&Trace::of(&last));
        assert_eq!(difference.is_new, [false, true]);
        assert_eq!(difference.gone.len(), 1);
        assert_eq!(difference.gone[0].rule, "R2152");
        assert_eq!(Trace::of(&now).against(&Trace::of(&now)).is_new, [false, false]);
    }
}
