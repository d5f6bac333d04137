//! `rules/reports.toml`: which fact answers which control, and from where on it holds.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use store::folded;

use super::measured::{Extent, Measured, Port};
use super::vpn::Versions;

/// What somebody said a machine is meant to be like; `None` where nobody did, and then nothing is proved by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// On which ports it listens.
    pub ports: Option<BTreeSet<Port>>,
    /// Who can do everything on it.
    pub administrators: Option<BTreeSet<String>>,
}

/// What a fact says of a control.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Id of the control.
    pub control: &'static str,
    /// Whether it holds for this machine.
    pub holds: bool,
    /// By what.
    pub measured: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    limits: Limits,
    rule: Vec<Rule>,
}

/// How reports are bounded.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// A report comes within so many minutes of its making.
    pub(crate) oldest_minutes: i64,
    /// A machine's clock is at most so many seconds ahead.
    pub(crate) ahead_seconds: i64,
    /// No report is larger.
    pub(crate) largest_bytes: usize,
    /// No institution registers more.
    pub(crate) most_reporters: usize,
    /// For so many days a machine that was seen counts as there.
    pub(crate) seen_days: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    fact: Fact,
    control: String,
    #[serde(default)]
    within_days: i64,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Fact {
    Updates,
    Antivirus,
    DiskEncryption,
    Listening,
    Administrators,
    Vpn,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/reports.toml"))
        .expect("rules/reports.toml is compiled in and a test of this file reads it")
});

pub(crate) fn limits() -> &'static Limits {
    &TABLE.limits
}

/// What the facts of a machine say of controls on a day. A fact that was left out says nothing.
pub(crate) fn found(
    measured: &Measured,
    expected: &Expected,
    versions: &Result<Versions, String>,
    on: Date,
) -> Vec<Found> {
    let found = |rule: &'static Rule| {
        let (holds, measured) = rule.reads(measured, expected, versions, on)?;
        Some(Found { control: rule.control.as_str(), holds, measured })
    };
    TABLE.rule.iter().filter_map(found).collect()
}

impl Rule {
    fn reads(
        &self,
        facts: &Measured,
        expected: &Expected,
        versions: &Result<Versions, String>,
        on: Date,
    ) -> Option<(bool, Value)> {
        match self.fact {
            Fact::Updates => {
                let day = facts.updated_on?;
                Some((self.is_within(day, on), json!({ "updated_on": day, "within_days": self.within_days })))
            }
            Fact::Antivirus => {
                let one = facts.antivirus.as_ref()?;
                let measured = json!({ "antivirus": one.name, "signatures_on": one.signatures_on, "within_days": self.within_days });
                Some((self.is_within(one.signatures_on, on), measured))
            }
            Fact::DiskEncryption => {
                let extent = facts.disk_encryption.filter(|_| facts.portable == Some(true))?;
                Some((extent == Extent::All, json!({ "disk_encryption": extent, "portable": true })))
            }
            Fact::Listening => {
                let (open, meant) = (facts.listening.as_ref()?, expected.ports.as_ref()?);
                let strange: BTreeSet<&Port> = open.iter().filter(|port| !meant.contains(port)).collect();
                let strange: Vec<String> = strange.into_iter().map(Port::to_string).collect();
                Some((strange.is_empty(), json!({ "open": open.len(), "not_meant": strange })))
            }
            Fact::Administrators => {
                let (found, meant) =
                    (facts.local_administrators.as_ref()?, expected.administrators.as_ref()?);
                let meant: BTreeSet<String> = meant.iter().map(|name| folded(name)).collect();
                let strange: Vec<&String> =
                    found.iter().filter(|name| !meant.contains(&folded(name))).collect();
                Some((
                    strange.is_empty(),
                    json!({ "administrators": found.len(), "not_meant_administrators": strange }),
                ))
            }
            Fact::Vpn => {
                let one = facts.vpn.as_ref()?;
                match versions {
                    Ok(versions) => versions.judge(one, on),
                    // A table that cannot be read proves nothing good.
                    Err(why) => Some((false, json!({ "product": one.product, "error": why }))),
                }
            }
        }
    }

    fn is_within(&self, day: Date, on: Date) -> bool {
        let oldest = on.checked_sub(SignedDuration::from_hours(24 * self.within_days)).unwrap_or(Date::MIN);
        day >= oldest
    }
}

#[cfg(test)]
mod tests {
    use guideline::Catalogue;
    use jiff::civil::date;

    use super::*;

    const ON: Date = date(2026, 11, 22);

    fn read(json: &str, expected: &Expected) -> Vec<(&'static str, bool)> {
        let measured: Measured = serde_json::from_str(json).unwrap();
        let all = found(&measured, expected, &Ok(Versions::shipped()), ON);
        all.into_iter().map(|one| (one.control, one.holds)).collect()
    }

    #[test]
    fn every_rule_answers_a_control_of_the_catalogue_and_none_two() {
        let controls: BTreeSet<&str> = TABLE.rule.iter().map(|rule| rule.control.as_str()).collect();
        assert_eq!(controls.len(), TABLE.rule.len());
        assert!(controls.iter().all(|id| Catalogue::shipped().control(id).is_some()), "{controls:?}");
    }

    #[test]
    fn a_fact_that_was_left_out_says_nothing() {
        assert!(read("{}", &Expected::default()).is_empty());
        let open = r#"{"listening":[{"port":23,"protocol":"tcp"}],"local_administrators":["root"]}"#;
        assert!(read(open, &Expected::default()).is_empty(), "nobody said what is meant");
        assert!(read(r#"{"disk_encryption":"none"}"#, &Expected::default()).is_empty(), "not carried about");
    }

    #[test]
    fn updates_and_signatures_hold_for_their_days_and_no_longer() {
        let none = Expected::default();
        assert_eq!(read(r#"{"updated_on":"2026-10-18"}"#, &none), [("patch_state", true)]);
        assert_eq!(read(r#"{"updated_on":"2026-10-17"}"#, &none), [("patch_state", false)]);
        let signed = |day: &str| format!(r#"{{"antivirus":{{"name":"x","signatures_on":"{day}"}}}}"#);
        assert_eq!(read(&signed("2026-11-19"), &none), [("malware_scan", true)]);
        assert_eq!(read(&signed("2026-11-18"), &none), [("malware_scan", false)]);
    }

    #[test]
    fn what_is_carried_about_is_encrypted_as_a_whole_or_fails() {
        let of = |extent: &str| format!(r#"{{"portable":true,"disk_encryption":"{extent}"}}"#);
        assert_eq!(read(&of("all"), &Expected::default()), [("takeout_encrypted", true)]);
        assert_eq!(read(&of("some"), &Expected::default()), [("takeout_encrypted", false)]);
    }

    #[test]
    fn ports_and_administrators_beyond_what_is_meant_fail() {
        let port = |text: &str| text.parse::<Port>().unwrap();
        let expected = Expected {
            ports: Some([port("22"), port("123/udp")].into()),
            administrators: Some(["Admin-01".to_owned()].into()),
        };
        let good = r#"{"listening":[{"port":22,"protocol":"tcp"}],"local_administrators":["admin-01"]}"#;
        assert_eq!(read(good, &expected), [("unneeded_services", true), ("admin_inventory", true)]);
        let bad = r#"{"listening":[{"port":123,"protocol":"tcp"}],"local_administrators":["guest"]}"#;
        assert_eq!(read(bad, &expected), [("unneeded_services", false), ("admin_inventory", false)]);
    }
}
