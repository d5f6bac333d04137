//! The numbers of `rules/devices.toml`.

use std::sync::LazyLock;

use jiff::SignedDuration;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub(super) code: Code,
    pub(super) personal: Personal,
    pub(super) network: Vec<Range>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    minutes: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Personal {
    pub(super) longest_days: i64,
    pub(super) most: usize,
    pub(super) conditions: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub(super) range: String,
    pub(super) kind: String,
    #[serde(rename = "source")]
    _source: String,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/devices.toml"))
        .expect("rules/devices.toml is compiled in and every test of this room reads it")
});

pub(super) fn rules() -> &'static Rules {
    &RULES
}

impl Code {
    pub(super) fn holds(&self) -> SignedDuration {
        SignedDuration::from_mins(self.minutes)
    }
}
