//! How editions and volumes answer each other, and what incidents taught.

use serde::Deserialize;

use crate::item::Level;

/// 相関: two items of different volumes that belong together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Its id.
    pub id: String,
    /// The two items.
    pub refs: [String; 2],
    /// Whether the official table was seen to pair them.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// Where it was seen.
    pub level: Level,
    /// What is uncertain.
    #[serde(default)]
    pub why: String,
}

impl Pair {
    /// The other item, where one of the two is this one.
    pub fn other(&self, item: &str) -> Option<&str> {
        match &self.refs {
            [one, other] if one == item => Some(other),
            [one, other] if other == item => Some(one),
            _ => None,
        }
    }
}

/// 項目移行: where a chapter of 5.2 went in 6.0.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChapterMove {
    /// Its id.
    pub id: String,
    /// The chapter's number in 5.2.
    pub from_52: String,
    /// Its subject, in Japanese.
    pub ja: String,
    /// Where in 概説編; empty where nowhere.
    pub overview: String,
    /// Where in 経営管理編.
    pub governance: String,
    /// Where in 企画管理編.
    pub planning: String,
    /// Where in システム運用編.
    pub operations: String,
    /// Whether the official table was seen to say so.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// What is uncertain, or what was seen.
    #[serde(default)]
    pub why: String,
    /// Where it was seen.
    pub level: Level,
}

/// 教訓: what an incident taught.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Its id, `les.1`.
    pub id: String,
    /// What happened, in Japanese.
    pub ja: String,
    /// What happened, in English.
    pub en: String,
    /// What follows from it, in Japanese.
    pub requirement: String,
    /// Ids of the controls that would have seen it.
    #[serde(rename = "checks")]
    pub controls: Vec<String>,
    /// Whether it was seen in a source.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// Where it was seen.
    pub level: Level,
    /// What is uncertain.
    #[serde(default)]
    pub why: String,
}
