//! Controls: what is measured, once, for items of many editions.

use serde::Deserialize;

use crate::item::{Level, Proof};

/// 管理策: one check, register or paper that proves items of many editions at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its stable id, `mfa_enforced`.
    pub id: String,
    /// Its name, in Japanese.
    pub ja: String,
    /// Its name, in English.
    pub en: String,
    /// What its evidence is at best.
    pub proof: Proof,
    /// What is measured, in Japanese.
    pub measures: String,
    /// When it holds, in Japanese.
    pub pass_rule: String,
    /// For how many days evidence of it holds.
    pub fresh_days: u16,
    /// Ids of the items and lessons it covers.
    pub covers: Vec<String>,
    /// Whether it was seen in a source; controls are this project's own.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// Where it comes from.
    pub level: Level,
    /// What is to be said about it.
    pub why: String,
    /// What is measured, in English.
    #[serde(skip)]
    pub measures_en: String,
    /// When it holds, in English.
    #[serde(skip)]
    pub pass_rule_en: String,
    /// It in plain words, in Japanese.
    #[serde(skip)]
    pub plain_ja: Plain,
    /// It in plain words, in English.
    #[serde(skip)]
    pub plain_en: Plain,
}

/// やさしい説明: a control for somebody whose trade is not computers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {
    /// Why it matters.
    pub why: String,
    /// What a yes looks like.
    pub yes: String,
    /// What to show.
    pub show: String,
}

/// A row of `explanations.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explanation {
    pub(crate) id: String,
    measures_en: String,
    pass_rule_en: String,
    ja: Plain,
    en: Plain,
}

impl Control {
    /// It, with its explanation.
    pub(crate) fn explained(self, by: Explanation) -> Self {
        Self {
            measures_en: by.measures_en,
            pass_rule_en: by.pass_rule_en,
            plain_ja: by.ja,
            plain_en: by.en,
            ..self
        }
    }
}
