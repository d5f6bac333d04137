//! One fault with everything a person needs to mend it, and the FHIR OperationOutcome of many.
//!
//! To add a kind of finding: a row in `rules/findings.toml` and words in both `locale/*/findings.toml`.

mod draft;
mod kind;
mod outcome;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

pub use draft::{Draft, Drafts};
pub use kind::FindingKind;

pub use crate::json::Position;
use crate::words::{self, Facts};

/// How grave a finding is; errors sort first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is taken, but something is likely to be wrong.
    Warning,
    /// Worth knowing.
    Information,
}

impl Severity {
    /// The FHIR IssueSeverity code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// 日本語
    #[default]
    Japanese,
    /// English
    English,
}

/// One thing found in a document.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// The key of its words and facts, e.g. `json-truncated` or `R0211`.
    pub key: &'static str,
    /// Our stable code, e.g. `RK-1203`.
    pub code: &'static str,
    /// The public rule id (`R0211`), `R4` for the base specification, or the rule of a profile: an invariant's key or
    /// the id of an element.
    pub rule: Option<Cow<'static, str>>,
    /// The profile that asks, as `canonical|version`; none for the base and the service's own rules.
    pub profile: Option<Arc<str>>,
    /// FHIR IssueType.
    pub issue_type: &'static str,
    /// FHIRPath of the place; empty when the fault lies before any element.
    pub expression: String,
    /// Line and column in the text as received.
    pub position: Option<Position>,
    /// What was written there.
    pub found: Option<String>,
    /// What should be written there: codes, patterns or addresses, no words of a language.
    pub expected: Option<String>,
    /// The name of the element concerned when it differs from the end of `expression`.
    pub element: Option<String>,
    /// A smallest piece of JSON that would mend it.
    pub example: Option<String>,
    /// What follows from this finding and would vanish with it.
    pub consequences: Vec<Finding>,
    /// Document and section on which the finding rests.
    pub source: &'static str,
}

/// More characters of a found value are not repeated to the sender.
const FOUND_CHARS: usize = 80;

impl Finding {
    /// A finding of the kind `key`, a row of `rules/findings.toml` or a rule id of `rules/clins.toml`.
    ///
    /// # Panics
    /// If there is no such row; keys are literals, so a test of the caller shows it.
    #[must_use]
    pub fn new(key: &str) -> Self {
        let facts = words::facts(key).unwrap_or_else(|| panic!("no finding is called {key}"));
        Self::from_facts(facts)
    }

    /// With the FHIRPath of its place.
    #[must_use]
    pub fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression = expression.into();
        self
    }

    /// With what was found; long values are cut.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(shortened(found.into()));
        self
    }

    /// With what was expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// With the name of the element concerned.
    #[must_use]
    pub fn element(mut self, element: impl Into<String>) -> Self {
        self.element = Some(element.into());
        self
    }

    /// With its place in the text.
    #[must_use]
    pub fn position(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        words::wording(self.key, language)
            .map_or_else(String::new, |words| self.filled(&words.message, language))
    }

    /// How to mend it, in one sentence.
    #[must_use]
    pub fn mend(&self, language: Language) -> String {
        words::wording(self.key, language)
            .map_or_else(String::new, |words| self.filled(&words.mend, language))
    }

    /// What was found, unless the message says it already.
    #[must_use]
    pub fn found_besides(&self, language: Language) -> Option<&str> {
        let said = words::wording(self.key, language).map(|words| words.message.contains("{found}"));
        self.found.as_deref().filter(|_| said != Some(true))
    }

    /// What was expected, unless the message or the mend says it already.
    #[must_use]
    pub fn expected_besides(&self, language: Language) -> Option<&str> {
        let is_said = |words: &words::Wording| {
            [&words.message, &words.mend].iter().any(|template| template.contains("{expected}"))
        };
        self.expected.as_deref().filter(|_| !words::wording(self.key, language).is_some_and(is_said))
    }

    /// Its expression with `…` for every name that R4 does not know: a sender can write anything for a name.
    #[must_use]
    pub fn outline(&self) -> String {
        let step = |step: &str| {
            let name = step.split('[').next().unwrap_or_default();
            let kind = name.strip_prefix("ofType(").and_then(|rest| rest.strip_suffix(')'));
            let is_known = crate::r4::is_known_name(kind.unwrap_or(name));
            if is_known { step.to_owned() } else { "…".to_owned() }
        };
        self.expression.split('.').map(step).collect::<Vec<_>>().join(".")
    }

    fn move_inside(&mut self, start: Position) {
        let Position { line, column } = self.position.unwrap_or(Position { line: 1, column: 1 });
        let column = if line == 1 { column + start.column - 1 } else { column };
        self.position = Some(Position { line: line + start.line - 1, column });
        self.consequences.iter_mut().for_each(|finding| finding.move_inside(start));
    }

    pub(crate) fn from_facts(facts: &'static Facts) -> Self {
        Self {
            severity: facts.severity,
            key: &facts.key,
            code: &facts.code,
            rule: facts.rule.as_deref().map(Cow::Borrowed),
            profile: None,
            issue_type: &facts.issue_type,
            expression: String::new(),
            position: None,
            found: None,
            expected: None,
            element: None,
            example: None,
            consequences: Vec::new(),
            source: &facts.source,
        }
    }

    fn filled(&self, template: &str, language: Language) -> String {
        let none = match language {
            Language::Japanese => "（なし）",
            Language::English => "(nothing)",
        };
        let last = self.expression.rsplit('.').next().unwrap_or_default();
        template
            .replace("{element}", self.element.as_deref().unwrap_or(last))
            .replace("{expected}", self.expected.as_deref().unwrap_or(none))
            .replace("{found}", self.found.as_deref().unwrap_or(none))
    }
}

/// Shows where and which, never the value found: it may be a patient's.
impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule.as_deref().unwrap_or(self.key);
        write!(f, "{} {} {rule} {} at {}", self.severity.code(), self.code, self.key, self.expression)?;
        match self.position {
            Some(Position { line, column }) => write!(f, " ({line}:{column})"),
            None => Ok(()),
        }
    }
}

/// All findings of one document, errors first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// How many there are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The same findings placed in a larger text, in which the document begins at `start`.
    #[must_use]
    pub fn inside(mut self, start: Position) -> Self {
        self.0.iter_mut().for_each(|finding| finding.move_inside(start));
        self
    }

    /// The FHIR R4 OperationOutcome as JSON: one issue for each finding, or one that says all is well.
    #[must_use]
    pub fn to_operation_outcome(&self, language: Language) -> String {
        outcome::render(self, language)
    }

    /// Errors before warnings before information; within each, in the order of the text.
    pub(crate) fn sorted(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| (finding.severity, finding.position));
        Self(findings)
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self(vec![finding])
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(FOUND_CHARS) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
