//! The tables of findings and rules, and the words for them in both languages.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::finding::{Language, Severity};

/// What is fixed about one kind of finding.
#[derive(Debug, Deserialize)]
pub(crate) struct Facts {
    /// Our stable code, `RK-…`.
    pub(crate) code: String,
    /// FHIR IssueType.
    #[serde(rename = "type")]
    pub(crate) issue_type: String,
    pub(crate) severity: Severity,
    /// Document and section the finding rests on.
    pub(crate) source: String,
    /// The public rule id, or `R4` for R4's base.
    #[serde(default)]
    pub(crate) rule: Option<String>,
    /// The name of a rule of the service.
    #[serde(skip)]
    pub(crate) title: Option<Title>,
    #[serde(skip)]
    pub(crate) key: String,
}

/// One row of `rules/clins.toml`.
#[derive(Debug, Deserialize)]
pub(crate) struct RuleRow {
    pub(crate) id: String,
    pub(crate) code: String,
    #[serde(rename = "type")]
    pub(crate) issue_type: String,
    pub(crate) severity: Severity,
    /// What the rule looks at.
    #[cfg_attr(not(test), expect(dead_code, reason = "for people; a test compares it with the functions"))]
    pub(crate) applies: String,
    pub(crate) source: String,
    pub(crate) title: Title,
}

/// The name of a rule in both languages.
#[derive(Debug, Deserialize)]
pub(crate) struct Title {
    pub(crate) ja: String,
    pub(crate) en: String,
}

/// What is said about one kind of finding.
#[derive(Debug, Deserialize)]
pub(crate) struct Wording {
    pub(crate) message: String,
    pub(crate) mend: String,
}

/// The facts of a finding by key.
pub(crate) fn facts(key: &str) -> Option<&'static Facts> {
    table_of_facts().get(key)
}

/// The facts of every finding, by key.
pub(crate) fn all_facts() -> impl Iterator<Item = &'static Facts> {
    table_of_facts().values()
}

fn table_of_facts() -> &'static BTreeMap<String, Facts> {
    static FACTS: OnceLock<BTreeMap<String, Facts>> = OnceLock::new();
    FACTS.get_or_init(load_facts)
}

/// The words of a finding by key.
pub(crate) fn wording(key: &str, language: Language) -> Option<&'static Wording> {
    words(language).get(key)
}

/// All words of a language.
pub(crate) fn words(language: Language) -> &'static BTreeMap<String, Wording> {
    static JA: OnceLock<BTreeMap<String, Wording>> = OnceLock::new();
    static EN: OnceLock<BTreeMap<String, Wording>> = OnceLock::new();
    match language {
        Language::Japanese => JA.get_or_init(|| table(include_str!("../../../locale/ja/findings.toml"))),
        Language::English => EN.get_or_init(|| table(include_str!("../../../locale/en/findings.toml"))),
    }
}

/// The rows of `rules/clins.toml`.
pub(crate) fn rule_rows() -> Vec<RuleRow> {
    #[derive(Deserialize)]
    struct Rules {
        rule: Vec<RuleRow>,
    }
    let rules: Rules = toml::from_str(include_str!("../../../rules/clins.toml"))
        .expect("rules/clins.toml is compiled in and read by a test");
    rules.rule
}

fn load_facts() -> BTreeMap<String, Facts> {
    let mut facts: BTreeMap<String, Facts> = table(include_str!("../../../rules/findings.toml"));
    for row in rule_rows() {
        let RuleRow { id, code, issue_type, severity, source, title, .. } = row;
        let (rule, title) = (Some(id.clone()), Some(title));
        facts.insert(id, Facts { code, issue_type, severity, source, rule, title, key: String::new() });
    }
    for (key, fact) in &mut facts {
        fact.key.clone_from(key);
    }
    facts
}

fn table<T: for<'d> Deserialize<'d>>(text: &str) -> BTreeMap<String, T> {
    toml::from_str(text).expect("the table is compiled in and read by a test")
}
