//! Where notices may be sent. The hub calls these addresses by itself, so nobody may make it call into the network it
//! stands in.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;

/// An address that notices may be sent to. Only [`Endpoints::admit`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

/// Which addresses may be called.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// Hosts, each with or without a port, that the configuration trusts: by http too, and wherever they are.
    pub allowed: Vec<String>,
}

/// Why an address may not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadEndpoint {
    /// It is no absolute http(s) address, or has a user name or a fragment in it.
    NotAnAddress,
    /// It is http, and the configuration does not trust it.
    NotEncrypted,
    /// It is in a private network, and the configuration does not trust it.
    Private,
}

/// The longest address taken, in bytes.
const LONGEST: usize = 1000;

impl Endpoints {
    /// Admits an address by its text. Where its name leads is judged again by [`Self::may_call`] each time it is called.
    ///
    /// # Errors
    /// See [`BadEndpoint`].
    pub fn admit(&self, text: &str) -> Result<Endpoint, BadEndpoint> {
        let uri: Uri = text.parse().map_err(|_| BadEndpoint::NotAnAddress)?;
        let scheme = uri.scheme_str().ok_or(BadEndpoint::NotAnAddress)?;
        let authority = uri.authority().ok_or(BadEndpoint::NotAnAddress)?;
        let is_address = matches!(scheme, "http" | "https")
            && !authority.as_str().contains('@')
            && !text.contains('#')
            && text.len() <= LONGEST;
        if !is_address {
            return Err(BadEndpoint::NotAnAddress);
        }
        if self.is_allowed(authority.host(), authority.port_u16()) {
            return Ok(Endpoint(text.to_owned()));
        }
        if scheme != "https" {
            return Err(BadEndpoint::NotEncrypted);
        }
        let host = authority.host();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if literal.is_ok_and(|address| !is_public(address)) || is_local_name(host) {
            return Err(BadEndpoint::Private);
        }
        Ok(Endpoint(text.to_owned()))
    }

    /// Whether a host that turned out to be at `address` may be called.
    pub fn may_call(&self, host: &str, port: Option<u16>, address: IpAddr) -> bool {
        is_public(address) || self.is_allowed(host, port)
    }

    fn is_allowed(&self, host: &str, port: Option<u16>) -> bool {
        self.allowed.iter().any(|allowed| {
            allowed.eq_ignore_ascii_case(host)
                || port.is_some_and(|port| allowed.eq_ignore_ascii_case(&format!("{host}:{port}")))
        })
    }
}

impl Endpoint {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name that only means something inside a network.
fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || [".localhost", ".local", ".internal", ".lan", ".home.arpa"].iter().any(|end| host.ends_with(end))
}

/// Whether an address is of the public internet. Sources: IANA special-purpose address registries for IPv4 and IPv6.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, third, _] = v4.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            let is_protocol = first == 192 && second == 0 && third == 0;
            let is_benchmark = first == 198 && (18..20).contains(&second);
            let is_special =
                v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_documentation();
            !(is_special || is_shared || is_protocol || is_benchmark || first == 0 || first >= 224)
        }
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public(IpAddr::V4(v4)),
            // Only 2000::/3 is given out as global unicast; of it, documentation and tunnels are not public.
            None => {
                let segments = v6.segments();
                segments[0] & 0xe000 == 0x2000
                    && !(segments[0] == 0x2001 && segments[1] < 0x0200)
                    && !(segments[0] == 0x2001 && segments[1] == 0x0db8)
                    && segments[0] != 0x2002
                    && segments[0] != 0x3fff
            }
        },
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, or behind a translator.
fn embedded(address: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    let [first, second, .., high, low] = address.segments();
    let is_translated = first == 0x0064 && second == 0xff9b;
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    address.to_ipv4_mapped().or_else(|| is_translated.then(|| std::net::Ipv4Addr::new(a, b, c, d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_by_https_are_called_unless_the_configuration_trusts_them() {
        let none = Endpoints::default();
        assert!(none.admit("https://hospital.example/notices?to=1").is_ok());
        let refused = [
            ("http://hospital.example/", BadEndpoint::NotEncrypted),
            ("ftp://hospital.example/", BadEndpoint::NotAnAddress),
            ("/notices", BadEndpoint::NotAnAddress),
            ("https://user:word@hospital.example/", BadEndpoint::NotAnAddress),
            ("https://127.0.0.1/", BadEndpoint::Private),
            ("https://10.1.2.3/", BadEndpoint::Private),
            ("https://169.254.169.254/latest/meta-data", BadEndpoint::Private),
            ("https://[::1]/", BadEndpoint::Private),
            ("https://[::ffff:192.168.0.1]/", BadEndpoint::Private),
            ("https://[fd00::1]/", BadEndpoint::Private),
            ("https://localhost./", BadEndpoint::Private),
            ("https://database.internal/", BadEndpoint::Private),
        ];
        for (text, why) in refused {
            assert_eq!(none.admit(text), Err(why), "{text}");
        }
        let trusting = Endpoints { allowed: vec!["127.0.0.1:9000".to_owned(), "emr.lan".to_owned()] };
        assert!(trusting.admit("http://127.0.0.1:9000/in").is_ok());
        assert!(trusting.admit("http://EMR.lan/in").is_ok());
        assert!(trusting.admit("http://127.0.0.1:9001/in").is_err());
    }

    #[test]
    fn a_name_that_leads_into_a_private_network_is_not_called() {
        let none = Endpoints::default();
        for private in [
            "127.0.0.1",
            "0.0.0.0",
            "100.64.0.1",
            "192.168.1.1",
            "64:ff9b::a00:1",
            "fe80::1",
            "2002:7f00:1::",
        ] {
            assert!(!none.may_call("hospital.example", Some(443), private.parse().unwrap()), "{private}");
        }
        assert!(none.may_call("hospital.example", Some(443), "93.184.215.14".parse().unwrap()));
        assert!(none.may_call("hospital.example", Some(443), "2606:4700::1".parse().unwrap()));
    }
}
