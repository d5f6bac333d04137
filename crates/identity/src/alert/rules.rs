//! `rules/alerts.toml`.

use std::sync::LazyLock;

use jiff::SignedDuration;
use serde::Deserialize;

/// A rule by which acts look odd.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    /// Its code, with words in `locale/`.
    pub code: String,
    /// How bad it is: `high`, `middle`, `low`.
    pub severity: String,
    /// From how many on.
    pub threshold: i64,
    /// The least an institution may set.
    pub lowest: Option<i64>,
    /// The most an institution may set.
    pub highest: Option<i64>,
    window_minutes: i64,
    #[serde(default)]
    but_not: Vec<String>,
    /// Where it comes from.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rule: Vec<AlertRule>,
}

static RULES: LazyLock<Vec<AlertRule>> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("../../../../rules/alerts.toml"))
        .expect("rules/alerts.toml is compiled in and a test of this room reads it");
    table.rule
});

/// All rules, in the order of the table.
pub fn alert_rules() -> &'static [AlertRule] {
    &RULES
}

impl AlertRule {
    /// Within how long its acts count together.
    pub fn window(&self) -> SignedDuration {
        SignedDuration::from_mins(self.window_minutes)
    }

    /// Whether it means acts of this role.
    pub(super) fn means(&self, role: &str) -> bool {
        !self.but_not.iter().any(|one| one == role)
    }
}
