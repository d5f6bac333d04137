//! The call itself: one POST, no redirects, no proxy, and never into a private network.

use std::net::SocketAddr;
use std::time::Duration;

use exchange::Endpoints;
use jiff::Timestamp;
use store::SigningSecret;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::answer::FHIR_JSON;
use crate::notices::NoticeSettings;
use crate::notices::message::Message;

/// Calls endpoints.
pub(super) struct Post {
    agent: Agent,
    endpoints: Endpoints,
}

/// What came of a call.
pub(super) enum Answer {
    /// 2xx: it has arrived.
    Taken(String),
    /// 410: nothing more is wanted.
    Gone(String),
    /// Anything else: a status, or a code of `locale/*/console.toml`, `[delivery]`.
    Refused(String),
}

/// Resolves names as ever and leaves out addresses that may not be called.
#[derive(Debug)]
struct Guarded {
    endpoints: Endpoints,
    names: DefaultResolver,
}

/// Every address of a name is in a private network.
#[derive(Debug, thiserror::Error)]
#[error("the name leads into a private network")]
struct PrivateAddress;

impl Post {
    pub(super) fn new(settings: &NoticeSettings) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(settings.timeout))
            .max_idle_age(Duration::from_secs(20))
            .user_agent(concat!("renkei/", env!("CARGO_PKG_VERSION")))
            .build();
        let guarded = Guarded { endpoints: settings.endpoints.clone(), names: DefaultResolver::default() };
        let agent = Agent::with_parts(config, DefaultConnector::default(), guarded);
        Self { agent, endpoints: settings.endpoints.clone() }
    }

    /// Sends a message and waits for its answer.
    pub(super) fn send(&self, to: &str, message: &Message, secret: &SigningSecret, now: Timestamp) -> Answer {
        // The configuration may trust less than it did when the subscription was made.
        if self.endpoints.admit(to).is_err() {
            return Answer::Refused("not-admitted".to_owned());
        }
        let mut request = self
            .agent
            .post(to)
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now.as_second().to_string())
            .header("webhook-signature", message.signature(secret, now));
        if !message.body.is_empty() {
            request = request.header("content-type", FHIR_JSON);
        }
        match request.send(&message.body) {
            Ok(answer) => match answer.status().as_u16() {
                status @ 200..300 => Answer::Taken(status.to_string()),
                status @ 410 => Answer::Gone(status.to_string()),
                status => Answer::Refused(status.to_string()),
            },
            Err(error) => Answer::Refused(code(&error).to_owned()),
        }
    }
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        let may_call = |address: &&SocketAddr| self.endpoints.may_call(host, uri.port_u16(), address.ip());
        let mut callable = self.empty();
        found.iter().filter(may_call).for_each(|address| callable.push(*address));
        if callable.is_empty() { Err(ureq::Error::Other(Box::new(PrivateAddress))) } else { Ok(callable) }
    }
}

fn code(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timeout",
        ureq::Error::HostNotFound => "unknown-host",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "no-trust",
        ureq::Error::Other(other) if other.is::<PrivateAddress>() => "private-address",
        _ => "unreachable",
    }
}
