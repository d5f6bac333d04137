//! What SCIM tells of errors (RFC 7644 §3.12): the code for the program, and words with how to mend it.

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fhir::finding::Language;
use identity::{NotDone, NotWanted};
use serde_json::json;
use store::Fault;

use crate::answer::Refused;
use crate::scim::answer;
use crate::words::{word, words_with};

/// A request of a system that was not fulfilled.
#[derive(Debug)]
pub(crate) struct ScimFault {
    status: StatusCode,
    scim_type: Option<&'static str>,
    detail: String,
}

/// What is wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The code of RFC 7644, table 9.
    pub(super) scim_type: &'static str,
    /// The key of its words.
    pub(super) key: &'static str,
    /// Which attribute or text.
    pub(super) what: String,
}

impl Wrong {
    /// A value that an attribute cannot have.
    pub(super) fn value(attribute: &str) -> Self {
        Self { scim_type: "invalidValue", key: "scim.invalid-value", what: attribute.to_owned() }
    }

    /// An attribute that does not change.
    pub(super) fn mutability(attribute: &str) -> Self {
        Self { scim_type: "mutability", key: "scim.mutability", what: attribute.to_owned() }
    }

    /// A path that leads to nothing here.
    pub(super) fn path(path: &str) -> Self {
        Self { scim_type: "invalidPath", key: "scim.invalid-path", what: path.chars().take(80).collect() }
    }

    /// Something that is no such message.
    pub(super) fn syntax() -> Self {
        Self { scim_type: "invalidSyntax", key: "scim.invalid-syntax", what: String::new() }
    }
}

impl ScimFault {
    /// The request is wrong.
    pub(super) fn wrong(wrong: &Wrong, language: Language) -> Self {
        let detail = words_with(language, wrong.key, &[("what", &wrong.what)]);
        Self { status: StatusCode::BAD_REQUEST, scim_type: Some(wrong.scim_type), detail }
    }

    /// A rule refuses.
    pub(super) fn refused(rule: &str, language: Language) -> Self {
        let detail = word(language, &format!("rule.{rule}")).to_owned();
        Self { status: StatusCode::FORBIDDEN, scim_type: None, detail }
    }

    /// Nothing is there, or nothing of this institution.
    pub(super) fn not_found(language: Language) -> Self {
        Self::of_status(StatusCode::NOT_FOUND, language)
    }

    /// It was changed since it was read.
    pub(super) fn outdated(language: Language) -> Self {
        Self::of_status(StatusCode::PRECONDITION_FAILED, language)
    }

    /// The login is taken.
    pub(super) fn taken(language: Language) -> Self {
        let detail = word(language, "scim.taken").to_owned();
        Self { status: StatusCode::CONFLICT, scim_type: Some("uniqueness"), detail }
    }

    /// The store could not do it.
    pub(super) fn fault(fault: &Fault, language: Language) -> Self {
        Self::of_status(Refused::fault(fault, language).status(), language)
    }

    /// It is not to be as wanted.
    pub(super) fn not_wanted(why: &NotWanted, language: Language) -> Self {
        match why {
            NotWanted::Refused(refusal) => Self::refused(refusal.rule, language),
            NotWanted::End => Self::wrong(&Wrong::value("endsAt"), language),
            NotWanted::Store(fault) => Self::fault(fault, language),
        }
    }

    /// It was not done.
    pub(super) fn not_done(why: &NotDone, language: Language) -> Self {
        match why {
            NotDone::LoginTaken(_) => Self::taken(language),
            NotDone::Outdated(_) => Self::outdated(language),
            NotDone::LastAdministrator(_) => {
                let detail = word(language, "scim.last-administrator").to_owned();
                Self { status: StatusCode::CONFLICT, scim_type: None, detail }
            }
            NotDone::Store(fault) => Self::fault(fault, language),
        }
    }

    /// What a status means.
    pub(super) fn of_status(status: StatusCode, language: Language) -> Self {
        let key = match status {
            StatusCode::UNAUTHORIZED => "scim.unauthenticated",
            StatusCode::FORBIDDEN => "scim.forbidden",
            StatusCode::NOT_FOUND => "scim.not-found",
            StatusCode::METHOD_NOT_ALLOWED => "scim.method-not-allowed",
            StatusCode::PRECONDITION_FAILED => "scim.outdated",
            StatusCode::PAYLOAD_TOO_LARGE => "scim.too-large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "scim.unsupported-media",
            StatusCode::SERVICE_UNAVAILABLE => "scim.busy",
            status if status.is_client_error() => "scim.bad-request",
            _ => "scim.fault",
        };
        Self { status, scim_type: None, detail: word(language, key).to_owned() }
    }
}

impl IntoResponse for ScimFault {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_str(),
            "detail": self.detail,
        });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = json!(scim_type);
        }
        let mut response = answer(self.status, &body);
        match self.status {
            StatusCode::UNAUTHORIZED => {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}

/// A refusal outside any handler, where a system asked under `/scim/`.
pub(crate) fn for_systems(path: &str, status: StatusCode, language: Language) -> Option<Response> {
    path.starts_with("/scim/").then(|| ScimFault::of_status(status, language).into_response())
}
