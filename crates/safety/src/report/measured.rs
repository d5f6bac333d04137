//! What a machine measured of itself, as it stands in a report. What it could not know it leaves out; a member that is
//! not known here is refused, so that no misspelt fact passes for one that was left out.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Facts of one machine or product at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Its operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<System>,
    /// The last day on which updates were installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_on: Option<Date>,
    /// Whether it is made to be carried about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portable: Option<bool>,
    /// How much of its own disks is encrypted, but for what it boots from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_encryption: Option<Extent>,
    /// What looks for malware on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub antivirus: Option<Antivirus>,
    /// Accounts that can do everything on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_administrators: Option<Vec<String>>,
    /// Ports on which others reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listening: Option<Vec<Port>>,
    /// Machines that it saw beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Vec<Neighbour>>,
    /// What ends VPNs on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpn: Option<Product>,
}

/// An operating system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Its name.
    pub name: String,
    /// Its version, or its patch level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version of its kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
}

/// How much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// All of it.
    All,
    /// A part.
    Some,
    /// Nothing.
    None,
}

/// What looks for malware.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Antivirus {
    /// Its name.
    pub name: String,
    /// The day of its signatures.
    pub signatures_on: Date,
}

/// A port on which something listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Its number.
    pub port: u16,
    /// Of which protocol.
    pub protocol: Protocol,
}

/// What is spoken at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A machine that was seen: at least one of these is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The address of its network card, twelve hexadecimal digits, parted or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
}

/// A product and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its name, as its maker writes it.
    pub product: String,
    /// Its version, as its maker writes it.
    pub version: String,
}

/// Most characters of a text.
const LONGEST: usize = 120;
/// Most accounts, ports and machines.
const MOST: usize = 1000;

impl Measured {
    /// The member that cannot stand, if any: a day after `today`, a list or a text that is too long or empty, a machine
    /// of which nothing is known.
    pub fn wrong_member(&self, today: Date) -> Option<&'static str> {
        let is_text = |text: &str| is_text(text);
        let is_past = |day: Date| day <= today;
        let checks = [
            (
                "os",
                self.os.as_ref().is_none_or(|os| {
                    is_text(&os.name)
                        && [&os.version, &os.kernel].into_iter().flatten().all(|text| is_text(text))
                }),
            ),
            ("updated_on", self.updated_on.is_none_or(is_past)),
            (
                "antivirus",
                self.antivirus.as_ref().is_none_or(|one| is_text(&one.name) && is_past(one.signatures_on)),
            ),
            (
                "local_administrators",
                self.local_administrators
                    .as_ref()
                    .is_none_or(|all| all.len() <= MOST && all.iter().all(|name| is_text(name))),
            ),
            ("listening", self.listening.as_ref().is_none_or(|all| all.len() <= MOST)),
            (
                "seen",
                self.seen.as_ref().is_none_or(|all| all.len() <= MOST && all.iter().all(Neighbour::is_known)),
            ),
            ("vpn", self.vpn.as_ref().is_none_or(|one| is_text(&one.product) && is_text(&one.version))),
        ];
        checks.into_iter().find(|(_, is_well)| !is_well).map(|(member, _)| member)
    }
}

impl Neighbour {
    fn is_known(&self) -> bool {
        let is_mac = self.mac.as_deref().is_none_or(|mac| plain_mac(mac).is_some());
        let is_name = self.hostname.as_deref().is_none_or(is_text);
        let is_nothing = self.address.is_none() && self.mac.is_none() && self.hostname.is_none();
        is_mac && is_name && !is_nothing
    }
}

/// The address of a network card as twelve small hexadecimal digits, however it was written.
pub fn plain_mac(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|sign| !matches!(sign, ':' | '-' | '.')).collect();
    let is_mac = digits.len() == 12 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    is_mac.then(|| digits.to_ascii_lowercase())
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}

impl fmt::Display for Port {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        write!(to, "{}/{protocol}", self.port)
    }
}

/// `443` (TCP), `443/tcp`, `123/udp`.
impl FromStr for Port {
    type Err = NotAPort;

    fn from_str(text: &str) -> Result<Self, NotAPort> {
        let (port, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = match protocol.to_ascii_lowercase().as_str() {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            _ => return Err(NotAPort),
        };
        Ok(Self { port: port.parse().map_err(|_| NotAPort)?, protocol })
    }
}

/// A text that is no port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no port")]
pub struct NotAPort;

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    fn wrong(json: &str) -> Option<&'static str> {
        serde_json::from_str::<Measured>(json).unwrap().wrong_member(TODAY)
    }

    #[test]
    fn days_to_come_empty_names_and_machines_of_which_nothing_is_known_are_named_by_their_member() {
        assert_eq!(wrong("{}"), None);
        assert_eq!(wrong(r#"{"updated_on":"2026-11-22"}"#), None);
        assert_eq!(wrong(r#"{"updated_on":"2026-11-23"}"#), Some("updated_on"));
        assert_eq!(wrong(r#"{"antivirus":{"name":"x","signatures_on":"2030-01-01"}}"#), Some("antivirus"));
        assert_eq!(wrong(r#"{"os":{"name":" "}}"#), Some("os"));
        assert_eq!(wrong(r#"{"local_administrators":["a\nb"]}"#), Some("local_administrators"));
        assert_eq!(wrong(r#"{"seen":[{}]}"#), Some("seen"));
        assert_eq!(wrong(r#"{"seen":[{"mac":"02-00-5E"}]}"#), Some("seen"));
        assert_eq!(wrong(r#"{"seen":[{"mac":"02-00-5E-10-00-01"}]}"#), None);
        let many: Vec<String> = (0..=MOST).map(|_| r#"{"port":1,"protocol":"tcp"}"#.to_owned()).collect();
        assert_eq!(wrong(&format!(r#"{{"listening":[{}]}}"#, many.join(","))), Some("listening"));
    }

    #[test]
    fn a_misspelt_fact_does_not_pass_for_one_that_was_left_out() {
        for bad in [
            r#"{"disk_encrypted":"all"}"#,
            r#"{"disk_encryption":"mostly"}"#,
            r#"{"os":{"name":"x","build":1}}"#,
        ] {
            assert!(serde_json::from_str::<Measured>(bad).is_err(), "{bad}");
        }
    }
}
