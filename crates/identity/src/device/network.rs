//! Which kind of network an address belongs to.

use std::net::IpAddr;

use access::Network;
use ipnet::IpNet;

use crate::device::rules::rules;

/// The kinds of networks by ranges of addresses: those of `rules/devices.toml`, and a hub's own.
#[derive(Clone, Debug)]
pub struct Networks(Vec<(IpNet, Network)>);

/// A row that names no range of addresses, or no kind of network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{range} {kind}: expected a range such as 10.0.0.0/8, and closed, open or mobile")]
pub struct BadNetwork {
    /// What was written as the range.
    pub range: String,
    /// What was written as the kind.
    pub kind: String,
}

impl Networks {
    /// With a hub's own ranges and the codes of their kinds.
    ///
    /// # Errors
    /// The first that is none.
    pub fn with<'t>(own: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, BadNetwork> {
        let everywhere = rules().network.iter().map(|row| (row.range.as_str(), row.kind.as_str()));
        let all: Result<Vec<_>, _> = own.into_iter().chain(everywhere).map(parsed).collect();
        let mut all = all?;
        // Of two that are as narrow, the hub's own stands first and stays so.
        all.sort_by_key(|(range, _)| std::cmp::Reverse(range.prefix_len()));
        Ok(Self(all))
    }

    /// The kind of network that an address belongs to: the narrowest range's; open where there is none.
    pub fn of(&self, address: &str) -> Network {
        let Ok(address) = address.parse::<IpAddr>() else { return Network::default() };
        let address = address.to_canonical();
        self.0.iter().find(|(range, _)| range.contains(&address)).map(|(_, kind)| *kind).unwrap_or_default()
    }
}

impl Default for Networks {
    fn default() -> Self {
        Self::with([]).expect("a test reads the ranges that are compiled in")
    }
}

fn parsed((range, kind): (&str, &str)) -> Result<(IpNet, Network), BadNetwork> {
    let bad = || BadNetwork { range: range.to_owned(), kind: kind.to_owned() };
    Ok((range.parse().map_err(|_| bad())?, Network::from_code(kind).ok_or_else(bad)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_range_names_the_kind_of_a_network_and_what_is_in_none_is_open() {
        let own = [("10.0.0.0/8", "closed"), ("10.99.0.0/16", "mobile"), ("2001:db8::/32", "closed")];
        let networks = Networks::with(own).unwrap();
        for (address, kind) in [
            ("127.0.0.1", Network::Closed),
            ("::1", Network::Closed),
            ("::ffff:127.0.0.1", Network::Closed),
            ("10.1.2.3", Network::Closed),
            ("10.99.2.3", Network::Mobile),
            ("2001:db8::7", Network::Closed),
            ("192.0.2.1", Network::Open),
            ("", Network::Open),
        ] {
            assert_eq!(networks.of(address), kind, "{address}");
        }
        assert_eq!(Networks::default().of("10.1.2.3"), Network::Open);
        assert!(Networks::with([("10.0.0.0/33", "closed")]).is_err());
        assert!(Networks::with([("10.0.0.0/8", "shut")]).is_err());
    }
}
