//! The numbers and names of `rules/identity-providers.toml`.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub(super) amr: Methods,
    pub(super) token: Token,
    pub(super) calls: Calls,
}

/// Values of `amr` by what they prove.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Methods {
    pub(super) knowledge: Vec<String>,
    pub(super) possession: Vec<String>,
    pub(super) inherence: Vec<String>,
    pub(super) several: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Token {
    skew_seconds: i64,
    oldest_minutes: i64,
    pub(super) largest_bytes: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Calls {
    patience_seconds: u64,
    pub(super) largest_bytes: u64,
    kept_minutes: i64,
    again_seconds: i64,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/identity-providers.toml"))
        .expect("rules/identity-providers.toml is compiled in and every test of this room reads it")
});

pub(super) fn rules() -> &'static Rules {
    &RULES
}

impl Token {
    pub(super) fn skew(&self) -> SignedDuration {
        SignedDuration::from_secs(self.skew_seconds)
    }

    pub(super) fn oldest(&self) -> SignedDuration {
        SignedDuration::from_mins(self.oldest_minutes)
    }
}

impl Calls {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds)
    }

    pub(super) fn kept(&self) -> SignedDuration {
        SignedDuration::from_mins(self.kept_minutes)
    }

    pub(super) fn again(&self) -> SignedDuration {
        SignedDuration::from_secs(self.again_seconds)
    }
}
