//! Editions: the tables that ask, each with who published it and how it is known here.

use jiff::civil::Date;
use serde::Deserialize;

/// 版: one table of items, as it was published.
#[derive(Clone, Debug)]
pub struct Edition {
    /// Its id, the beginning of its items' ids: `mhlw6.op`.
    pub id: String,
    /// Its title, in Japanese.
    pub ja: String,
    /// Its title, in English.
    pub en: String,
    /// Who published it.
    pub publisher: String,
    /// Its number or year, as printed.
    pub edition: String,
    /// When it was published, as precisely as known.
    pub published: String,
    /// Whether it is in force.
    pub status: Status,
    /// Where the original is found; empty where nowhere.
    pub url: String,
    /// What of it was read.
    pub basis: String,
    /// How far its rows go.
    pub coverage: String,
    /// Its chapters.
    pub chapters: Vec<Chapter>,
    /// Its originals, by which a downloaded file is recognised.
    pub originals: Vec<Original>,
    /// How it came about and what comes next.
    pub milestones: Vec<Milestone>,
    /// Its yearly editions.
    pub years: Vec<YearlyEdition>,
    /// System types that decide which chapters bind.
    pub system_types: Vec<SystemType>,
}

/// Whether an edition is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In force, as far as known.
    Current,
    /// Another took its place.
    Superseded,
    /// Of old times, kept because later ones rest on it.
    Historical,
    /// A proposal of this project.
    Proposal,
}

impl Status {
    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::Historical => "historical",
            Self::Proposal => "proposal",
        }
    }
}

/// What every table says of itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) id: String,
    pub(crate) ja: String,
    pub(crate) en: String,
    pub(crate) publisher: String,
    pub(crate) edition: String,
    pub(crate) published: String,
    pub(crate) status: Status,
    pub(crate) url: String,
    pub(crate) basis: String,
    pub(crate) coverage: String,
}

/// 章: one chapter of an edition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its id; chapters of the overview have none.
    #[serde(default)]
    pub id: String,
    /// Its number, as printed.
    pub number: String,
    /// Its title, in Japanese.
    pub ja: String,
    /// Its title, in English; empty where nobody translated it.
    #[serde(default)]
    pub en: String,
    /// System types it binds, as printed.
    #[serde(default)]
    pub system_types: String,
    /// Its sections.
    #[serde(default)]
    pub sections: Vec<String>,
    /// Whether its title was seen.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// What is uncertain.
    #[serde(default)]
    pub why: String,
}

/// 原本: one file that the ministry publishes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// What it is.
    pub title: String,
    /// Its name on the ministry's server.
    pub file: String,
    /// Its pages or sheets; 0 where not known.
    pub pages: u16,
    /// SHA-256 of its bytes, lower-case hex; empty where not known.
    pub sha256: String,
    /// The day on which somebody saw that hash; empty where nobody did.
    pub hash_as_of: String,
    /// Its address.
    pub url: String,
    /// Whether a public record names it.
    #[serde(rename = "verified")]
    pub is_verified: bool,
}

/// A day in an edition's life.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// The day.
    pub date: Date,
    /// What happens, in Japanese.
    pub ja: String,
    /// What happens, in English.
    pub en: String,
    /// Whether it was seen in a source.
    #[serde(rename = "verified")]
    pub is_verified: bool,
}

/// 年度版: the checklist of one year.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearlyEdition {
    /// Its name, as printed.
    pub edition: String,
    /// The fiscal year, beginning in April.
    pub year: i16,
    /// What is new in it, in Japanese.
    pub ja: String,
    /// What is new in it, in English.
    pub en: String,
    /// How many or which items, as printed.
    pub items: String,
    /// Whether it was seen in a source.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// What is uncertain.
    pub why: String,
}

/// システム類型: who runs an institution's systems and where, which decides what binds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemType {
    /// Its id, `type.1`.
    pub id: String,
    /// Its mark, `Ⅰ`.
    pub mark: String,
    /// What it means, in Japanese.
    pub ja: String,
    /// What it means, in English.
    pub en: String,
    /// Which chapters of システム運用編 bind, in Japanese.
    pub op: String,
    /// Which chapters of 企画管理編 bind, in Japanese.
    pub pm: String,
    /// Whether it was seen in a source.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// Where it was seen.
    pub why: String,
}
