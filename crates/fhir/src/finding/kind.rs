//! Kinds of findings: what is the same for all findings of one key.

use super::{Language, Severity};
use crate::words::{self, Facts};

/// One kind of finding: a row of `rules/findings.toml` or `rules/clins.toml`, with its words.
#[derive(Debug, Clone, Copy)]
pub struct FindingKind(&'static Facts);

/// Stands where a finding tells a value and its kind has none.
const ANY: &str = "…";

impl FindingKind {
    /// Every kind, by code.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut kinds: Vec<Self> = words::all_facts().map(Self).collect();
        kinds.sort_by_key(Self::code);
        kinds
    }

    /// The kind with the code `RK-…`.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        words::all_facts().find(|facts| facts.code == code).map(Self)
    }

    /// The key of its words, e.g. `json-truncated` or `R0211`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        &self.0.key
    }

    /// Our stable code, `RK-…`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        &self.0.code
    }

    /// How grave it is, unless a profile says otherwise.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.0.severity
    }

    /// The public rule id, or `R4`; none where each finding names its own.
    #[must_use]
    pub fn rule(&self) -> Option<&'static str> {
        self.0.rule.as_deref()
    }

    /// FHIR IssueType.
    #[must_use]
    pub fn issue_type(&self) -> &'static str {
        &self.0.issue_type
    }

    /// Document and section on which it rests.
    #[must_use]
    pub fn source(&self) -> &'static str {
        &self.0.source
    }

    /// The name of the rule, where it is one of the service.
    #[must_use]
    pub fn title(&self, language: Language) -> Option<&'static str> {
        self.0.title.as_ref().map(|title| match language {
            Language::Japanese => title.ja.as_str(),
            Language::English => title.en.as_str(),
        })
    }

    /// What is wrong, in one sentence without values.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        words::wording(self.key(), language).map_or_else(String::new, |words| without_values(&words.message))
    }

    /// How to mend it, in one sentence without values.
    #[must_use]
    pub fn mend(&self, language: Language) -> String {
        words::wording(self.key(), language).map_or_else(String::new, |words| without_values(&words.mend))
    }
}

fn without_values(template: &str) -> String {
    ["{element}", "{expected}", "{found}"]
        .iter()
        .fold(template.to_owned(), |text, place| text.replace(place, ANY))
}
