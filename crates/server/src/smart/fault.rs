//! Errors as OAuth tells them (RFC 6749 §5.2): a code for the program, English in ASCII as the RFC demands, and the same
//! in the asker's language beside it.

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fhir::finding::Language;
use identity::app::{AssertionFault, ClientFault, LendFault};
use serde_json::json;

use crate::answer::Refused;
use crate::smart::answer;
use crate::words::word;

/// An OAuth request that was not fulfilled.
pub(super) struct NotLent {
    status: StatusCode,
    error: &'static str,
    key: String,
    language: Language,
}

impl NotLent {
    /// The request itself is wrong.
    pub(super) fn invalid_request(language: Language) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", "invalid-request", language)
    }

    /// No such way to a token.
    pub(super) fn unsupported_grant(language: Language) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", "unsupported-grant", language)
    }

    /// The form could not be read.
    pub(super) fn form(status: StatusCode, language: Language) -> Self {
        Self { status, ..Self::invalid_request(language) }
    }

    /// The app is not proved.
    pub(super) fn client(fault: &ClientFault, language: Language) -> Self {
        let key = match fault {
            ClientFault::Assertion(fault) => {
                tracing::warn!(reason = fault.code(), "an app's assertion was refused");
                format!("assertion-{}", fault.code())
            }
            ClientFault::Unknown => format!("assertion-{}", AssertionFault::Signature.code()),
            ClientFault::Store(fault) => {
                let status = Refused::fault(fault, language).status();
                return Self::new(status, "temporarily_unavailable", "unavailable", language);
            }
        };
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", &key, language)
    }

    /// No token is lent.
    pub(super) fn lend(fault: &LendFault, language: Language) -> Self {
        let wrong = |error, key| Self::new(StatusCode::BAD_REQUEST, error, key, language);
        match fault {
            LendFault::Client(fault) => Self::client(fault, language),
            LendFault::Kind => wrong("unauthorized_client", "kind"),
            LendFault::Code => wrong("invalid_grant", "code"),
            LendFault::Scope => wrong("invalid_scope", "scope"),
        }
    }

    fn new(status: StatusCode, error: &'static str, key: &str, language: Language) -> Self {
        Self { status, error, key: format!("smart.{key}"), language }
    }
}

impl IntoResponse for NotLent {
    fn into_response(self) -> Response {
        let body = json!({
            "error": self.error,
            "error_description": word(Language::English, &self.key),
            "message": word(self.language, &self.key),
        });
        let mut response = (self.status, answer(&body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}
