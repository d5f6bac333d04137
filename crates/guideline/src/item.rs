//! Items: what is asked, one row of a table.

use serde::Deserialize;

/// 項目: one thing that an edition asks, in our own words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its stable id, `mhlw6.op.14.5`.
    pub id: String,
    /// What it asks, in Japanese.
    pub ja: String,
    /// What it asks, in English.
    pub en: String,
    /// What proves it.
    pub proof: Proof,
    /// Ids of the controls that prove it.
    #[serde(rename = "checks")]
    pub controls: Vec<String>,
    /// What may be shown for it.
    #[serde(rename = "evidence")]
    pub exhibits: Vec<Exhibit>,
    /// Ids of items of other tables that ask the like.
    pub refs: Vec<String>,
    /// Who answers; empty where the table does not say.
    #[serde(default)]
    pub audience: Vec<Audience>,
    /// The chapter it stands in, by id.
    pub chapter: Option<String>,
    /// When it matters (BCP).
    pub phase: Option<Phase>,
    /// By when the table wants it, in its own terms.
    pub deadline: Option<String>,
    /// Whether its subject and number were seen in a source.
    #[serde(rename = "verified")]
    pub is_verified: bool,
    /// Where they were seen.
    pub level: Level,
    /// What is uncertain, or which part was seen.
    #[serde(default)]
    pub why: String,
    /// The edition it belongs to, by id.
    #[serde(skip)]
    pub edition: String,
}

impl Item {
    /// Whether it may stand on an official form: what was not seen in a source may not, and neither may candidates that
    /// bear no official number.
    pub fn is_printable(&self) -> bool {
        self.is_verified && self.level != Level::Unseen && !self.id.starts_with("role.p2.c.")
    }
}

/// What proves an item, or how a piece of evidence came about. From strongest to weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// 自動: the running system computes it from its own state.
    Auto,
    /// 台帳: a register proves complete and fresh; persons entered the facts.
    Assisted,
    /// 文書: an approved paper with its reviewer and next review.
    Document,
    /// 申告: a named person says so.
    Attest,
}

impl Proof {
    /// All, from strongest to weakest.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Assisted, Self::Document, Self::Attest];

    /// Its code in rows and addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Assisted => "assisted",
            Self::Document => "document",
            Self::Attest => "attest",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// 証拠の形: what may be shown for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Exhibit {
    Doc,
    Minutes,
    Ledger,
    Log,
    Config,
    Scan,
    Drill,
    Training,
    Contract,
    Disclosure,
    Report,
    Consent,
    Cert,
    Photo,
}

impl Exhibit {
    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Doc => "doc",
            Self::Minutes => "minutes",
            Self::Ledger => "ledger",
            Self::Log => "log",
            Self::Config => "config",
            Self::Scan => "scan",
            Self::Drill => "drill",
            Self::Training => "training",
            Self::Contract => "contract",
            Self::Disclosure => "disclosure",
            Self::Report => "report",
            Self::Consent => "consent",
            Self::Cert => "cert",
            Self::Photo => "photo",
        }
    }
}

/// Who answers an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Audience {
    Hospital,
    Clinic,
    DentalClinic,
    MaternityHome,
    Pharmacy,
    Vendor,
    Executive,
    PlanningManager,
    SystemOperator,
}

impl Audience {
    /// All: kinds of institutions, then vendors, then those who answer within an institution.
    pub const ALL: [Self; 9] = [
        Self::Hospital,
        Self::Clinic,
        Self::DentalClinic,
        Self::MaternityHome,
        Self::Pharmacy,
        Self::Vendor,
        Self::Executive,
        Self::PlanningManager,
        Self::SystemOperator,
    ];

    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hospital => "hospital",
            Self::Clinic => "clinic",
            Self::DentalClinic => "dental_clinic",
            Self::MaternityHome => "maternity_home",
            Self::Pharmacy => "pharmacy",
            Self::Vendor => "vendor",
            Self::Executive => "executive",
            Self::PlanningManager => "planning_manager",
            Self::SystemOperator => "system_operator",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// When an item of the BCP table matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Phase {
    /// Before anything happens.
    #[serde(rename = "平時")]
    Peace,
    /// Something odd is seen.
    #[serde(rename = "検知")]
    Detection,
    /// The first acts.
    #[serde(rename = "初動対応")]
    Response,
    /// Bringing systems back.
    #[serde(rename = "復旧処理")]
    Recovery,
    /// Reporting, and learning from it.
    #[serde(rename = "事後対応")]
    Aftermath,
}

impl Phase {
    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Peace => "peace",
            Self::Detection => "detection",
            Self::Response => "response",
            Self::Recovery => "recovery",
            Self::Aftermath => "aftermath",
        }
    }
}

/// Where a row's subject and number were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// In the official text.
    OfficialCopy,
    /// In an official draft of it.
    OfficialDraft,
    /// In an earlier official paper that stands as it is.
    EarlierText,
    /// In what others write about it.
    Secondary,
    /// It is a proposal of this project.
    Proposal,
    /// Nowhere: it was inferred.
    Unseen,
}

impl Level {
    /// Its code, with words in `locale/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::OfficialCopy => "official_copy",
            Self::OfficialDraft => "official_draft",
            Self::EarlierText => "earlier_text",
            Self::Secondary => "secondary",
            Self::Proposal => "proposal",
            Self::Unseen => "unseen",
        }
    }
}
