//! Asking a hub over HTTP.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::cli::{Hub, Lang};
use crate::fault::Fault;

/// A hub and the token to show it.
pub(crate) struct Client {
    agent: Agent,
    hub: String,
    token: String,
    language: &'static str,
}

/// What a hub answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(hub: &Hub, lang: Lang) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        let hub_url = hub.hub.trim_end_matches('/').to_owned();
        Self { agent: config.into(), hub: hub_url, token: hub.token.clone(), language: lang.tag() }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Answer, Fault> {
        let request = self.agent.get(format!("{}{path}", self.hub));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        self.answer(request.header("accept-language", self.language).call())
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Result<Answer, Fault> {
        let request = self.agent.post(format!("{}{path}", self.hub));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = request.header("content-type", "application/fhir+json");
        self.answer(request.header("accept-language", self.language).send(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Result<Answer, Fault> {
        let request = self.agent.delete(format!("{}{path}", self.hub));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        self.answer(request.header("accept-language", self.language).call())
    }

    fn answer(&self, result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, Fault> {
        let fault = |error: ureq::Error| Fault::Hub(self.hub.clone(), error.to_string());
        let mut response = result.map_err(fault)?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(64 << 20).read_to_vec().map_err(fault)?;
        Ok(Answer { status, body })
    }
}

impl Answer {
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The texts of an OperationOutcome, a line each.
    pub(crate) fn complaints(&self) -> String {
        let json = self.json();
        let issues = json["issue"].as_array().into_iter().flatten();
        let lines = issues.map(|issue| {
            let place = issue["expression"][0].as_str().map(|place| format!("{place}: ")).unwrap_or_default();
            format!("  {place}{}", issue["details"]["text"].as_str().unwrap_or_default())
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
