//! What a register demands of its rows, as its table says it.

use serde::Deserialize;

/// What rows must say; where they do not, there is a finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Demand {
    pub(super) code: String,
    /// In which states; in any where none is named.
    #[serde(default)]
    pub(super) states: Vec<String>,
    /// Only rows that say all of this.
    #[serde(default)]
    pub(super) only: Vec<Only>,
    /// Controls that fail by it.
    #[serde(default)]
    pub(super) controls: Vec<String>,
    pub(super) must: Must,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Only {
    pub(super) field: String,
    pub(super) is: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Must {
    /// All these fields say something.
    Filled(Vec<String>),
    /// All these fields say yes.
    Yes(Vec<String>),
    /// The day has not passed.
    NotPast(String),
    /// The day lies at most so many days back.
    Within(Fresh),
    /// The number is not below another.
    AtLeast(Least),
    /// One number is at least so many hundredths of another.
    Share(Share),
    /// No such row may be.
    Never,
    /// Some such row must be, with a day that lies at most so many days back.
    Any(AnyFresh),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fresh {
    pub(super) field: String,
    pub(super) days: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Least {
    pub(super) field: String,
    pub(super) least: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Share {
    pub(super) of: String,
    pub(super) to: String,
    pub(super) percent: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnyFresh {
    #[serde(default)]
    pub(super) field: Option<String>,
    #[serde(default)]
    pub(super) days: i64,
}
