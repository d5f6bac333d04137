//! From which version on a VPN product is without holes that were broken into: a table, never code.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use store::folded;

use super::measured::Product;

/// `rules/vpn.toml`, or the table that a hub's operator keeps in its place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    checked_on: Date,
    holds_days: i64,
    #[serde(rename = "product")]
    products: Vec<Listed>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    #[serde(default)]
    also: Vec<String>,
    /// No version below is mended.
    unsupported_below: Option<String>,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "branch")]
    branches: Vec<Branch>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Branch {
    /// With what its versions begin.
    of: String,
    /// The first that is good.
    least: String,
    /// What is wrong with those before.
    why: String,
}

impl Versions {
    /// The table that is compiled in: an example.
    pub fn shipped() -> Self {
        toml::from_str(include_str!("../../../../rules/vpn.toml"))
            .expect("rules/vpn.toml is compiled in and a test of this file reads it")
    }

    /// The table in a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
        toml::from_str(&text).map_err(|error| error.to_string())
    }

    /// Whether a product is good on a day, and by what. Nothing where the table does not know it, or where nobody has
    /// held the table against the makers' notices of late.
    pub(super) fn judge(&self, one: &Product, on: Date) -> Option<(bool, Value)> {
        let is_it = |listed: &&Listed| {
            [&listed.name].into_iter().chain(&listed.also).any(|name| folded(name) == folded(&one.product))
        };
        let listed = self.products.iter().find(is_it)?;
        let version = numbers(&one.version);
        let (product, named, checked_on) = (&one.product, &one.version, self.checked_on);
        if let Some(below) = listed.unsupported_below.as_deref().filter(|below| version < numbers(below)) {
            let measured = json!({ "product": product, "version": named, "unsupported_below": below,
                "table_checked_on": checked_on });
            return Some((false, measured));
        }
        let branch = listed.branches.iter().find(|branch| version.starts_with(&numbers(&branch.of)))?;
        let holds = version >= numbers(&branch.least);
        let is_fresh = on <= self.checked_on.saturating_add(SignedDuration::from_hours(24 * self.holds_days));
        let measured = json!({ "product": product, "version": named, "least": branch.least, "why": branch.why,
            "table_checked_on": checked_on });
        (is_fresh || !holds).then_some((holds, measured))
    }
}

/// The numbers of a version, in order: `22.7R2.6` is 22, 7, 2, 6.
fn numbers(version: &str) -> Vec<u32> {
    let parts = version.split(|sign: char| !sign.is_ascii_digit()).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn judged(product: &str, version: &str, on: Date) -> Option<bool> {
        let one = Product { product: product.to_owned(), version: version.to_owned() };
        Versions::shipped().judge(&one, on).map(|(holds, _)| holds)
    }

    #[test]
    fn a_version_below_the_least_of_its_branch_fails_at_any_time_and_a_good_one_holds_while_the_table_is_fresh()
     {
        let (fresh, later) = (date(2025, 5, 1), date(2026, 11, 22));
        assert_eq!(judged("fortios", "7.2.6", later), Some(false));
        assert_eq!(judged("FortiGate", "v7.2.10", fresh), Some(true), "numbers, not letters");
        assert_eq!(
            judged("FortiOS", "7.2.7", later),
            None,
            "nobody held the table against the notices of late"
        );
        assert_eq!(judged("FortiOS", "5.6.14", later), Some(false), "no longer mended");
        assert_eq!(judged("Ivanti Connect Secure", "22.7R2.5", fresh), Some(false));
        assert_eq!(judged("Ivanti Connect Secure", "22.7R2.6", fresh), Some(true));
    }

    #[test]
    fn what_the_table_does_not_know_it_does_not_guess() {
        assert_eq!(judged("FortiOS", "8.0.0", date(2025, 5, 1)), None);
        assert_eq!(judged("架空VPN", "1.0", date(2025, 5, 1)), None);
    }
}
