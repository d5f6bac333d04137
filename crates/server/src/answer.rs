//! Answers that say no: for systems an OperationOutcome, for people a page; always with what to do next.

use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{NotGranted, NotMoved, NotRegistered, NotShown};
use fhir::finding::{Findings, Language};
use safety::report::ReportFault;
use serde_json::json;
use store::{Fault, NotKept};

use crate::words::{word, words_with};

/// The media type of FHIR JSON.
pub(crate) const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// A request that was not fulfilled.
pub(crate) struct Refused {
    status: StatusCode,
    body: String,
    retry_after: bool,
    to_sign_in: bool,
    is_locked: bool,
    scope: Option<String>,
}

impl Refused {
    /// No token, or none that holds. A browser is led to the sign-in page.
    pub(crate) fn unauthenticated(language: Language, to_sign_in: bool) -> Self {
        let refused = Self::saying(StatusCode::UNAUTHORIZED, "login", "answer.unauthenticated", language);
        Self { to_sign_in, ..refused }
    }

    /// A session whose holder was away: they must prove themselves again.
    pub(crate) fn locked(language: Language) -> Self {
        let refused = Self::saying(StatusCode::UNAUTHORIZED, "login", "answer.locked", language);
        Self { is_locked: true, ..refused }
    }

    /// Whether it is a session whose holder was away.
    pub(crate) fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Whether only a token is missing.
    pub(crate) fn is_unauthenticated(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// Nothing is there, or nothing that may be told of.
    pub(crate) fn not_found(language: Language) -> Self {
        Self::saying(StatusCode::NOT_FOUND, "not-found", "answer.not-found", language)
    }

    /// The address is there, and does not do this.
    pub(crate) fn method_not_allowed(language: Language) -> Self {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::saying(status, "not-supported", "answer.method-not-allowed", language)
    }

    /// The request itself is wrong, in the way `key` says.
    pub(crate) fn bad_request(key: &str, language: Language) -> Self {
        Self::saying(StatusCode::BAD_REQUEST, "invalid", key, language)
    }

    /// What was asked for is understood and cannot be done, in the way `key` says.
    pub(crate) fn unprocessable(key: &str, language: Language) -> Self {
        Self::saying(StatusCode::UNPROCESSABLE_ENTITY, "business-rule", key, language)
    }

    /// A profile was asked for that no package at hand defines.
    pub(crate) fn unknown_profile(profile: &str, language: Language) -> Self {
        let text = words_with(language, "answer.unknown-profile", &[("profile", profile)]);
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, outcome("not-found", "unknown-profile", &text))
    }

    /// What is there does not allow it, in the way `key` says.
    pub(crate) fn conflict(key: &str, language: Language) -> Self {
        Self::saying(StatusCode::CONFLICT, "conflict", key, language)
    }

    /// The body is larger than may be sent.
    pub(crate) fn too_large(language: Language) -> Self {
        Self::saying(StatusCode::PAYLOAD_TOO_LARGE, "too-long", "answer.too-large", language)
    }

    /// The body did not arrive in time.
    pub(crate) fn too_slow(language: Language) -> Self {
        Self::saying(StatusCode::REQUEST_TIMEOUT, "timeout", "answer.too-slow", language)
    }

    /// The body is of another media type.
    pub(crate) fn unsupported_media(language: Language) -> Self {
        Self::saying(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-supported",
            "answer.unsupported-media",
            language,
        )
    }

    /// A rule refused.
    pub(crate) fn forbidden(rule: &str, language: Language) -> Self {
        let text = word(language, &format!("rule.{rule}")).to_owned();
        Self::new(StatusCode::FORBIDDEN, outcome("forbidden", rule, &text))
    }

    /// An app was not let do this: it lacks a scope, or (`None`) no scope lets it.
    pub(crate) fn scope_missing(scope: Option<String>, language: Language) -> Self {
        let Some(scope) = scope else { return Self::forbidden("not-for-apps", language) };
        let text = words_with(language, "answer.scope-missing", &[("scope", &scope)]);
        let refused = Self::new(StatusCode::FORBIDDEN, outcome("forbidden", "scope-missing", &text));
        Self { scope: Some(scope), ..refused }
    }

    /// A report is a signed message in its compact form.
    pub(crate) fn not_signed(language: Language) -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Self::saying(status, "not-supported", "report-fault.media", language)
    }

    /// Why a report of another machine was not taken.
    pub(crate) fn report(why: &ReportFault, language: Language) -> Self {
        let (status, issue) = match why {
            ReportFault::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-long"),
            ReportFault::NotAJws | ReportFault::Algorithm => (StatusCode::BAD_REQUEST, "invalid"),
            ReportFault::UnknownKey | ReportFault::Signature => (StatusCode::FORBIDDEN, "security"),
            ReportFault::Shape(_) | ReportFault::Member(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            ReportFault::Old | ReportFault::Future => (StatusCode::UNPROCESSABLE_ENTITY, "business-rule"),
            ReportFault::Replayed | ReportFault::Older => (StatusCode::CONFLICT, "conflict"),
        };
        let key = format!("report-fault.{}", why.code());
        let text = words_with(language, &key, &[("detail", why.detail())]);
        Self::new(status, outcome(issue, why.code(), &text))
    }

    /// The store could not do it.
    pub(crate) fn fault(fault: &Fault, language: Language) -> Self {
        let (status, key) = match fault {
            Fault::Busy | Fault::Conflict => (StatusCode::SERVICE_UNAVAILABLE, "answer.busy"),
            Fault::Full => (StatusCode::INSUFFICIENT_STORAGE, "answer.full"),
            Fault::Stopped | Fault::Unreachable(_) => (StatusCode::SERVICE_UNAVAILABLE, "answer.unreachable"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "answer.damaged"),
        };
        tracing::error!(%fault, "the store could not answer");
        let refused = Self::saying(status, "transient", key, language);
        Self { retry_after: status == StatusCode::SERVICE_UNAVAILABLE, ..refused }
    }

    /// Why a bundle was not registered.
    pub(crate) fn not_registered(why: &NotRegistered, language: Language) -> Self {
        let findings =
            |status, findings: &Findings| Self::new(status, findings.to_operation_outcome(language));
        match why {
            NotRegistered::NotASender => Self::forbidden("not-a-sender", language),
            NotRegistered::NotTheSender(found) => findings(StatusCode::FORBIDDEN, found),
            NotRegistered::Unacceptable(found) => findings(StatusCode::UNPROCESSABLE_ENTITY, found),
            NotRegistered::NotKept(not) => Self::not_kept(not, language),
        }
    }

    /// Why a unit was not moved or cancelled.
    pub(crate) fn not_moved(why: &NotMoved, language: Language) -> Self {
        match why {
            NotMoved::Refused(refusal) => Self::forbidden(refusal.rule, language),
            NotMoved::NotKept(not) => Self::not_kept(not, language),
        }
    }

    /// What stands is in the way, or is not there.
    fn not_kept(not: &NotKept, language: Language) -> Self {
        match not {
            NotKept::Stands(unit) => {
                let text = words_with(language, "answer.stands", &[("unit", &unit.to_string())]);
                Self::new(StatusCode::CONFLICT, outcome("duplicate", "stands", &text))
            }
            NotKept::NotThere => Self::not_found(language),
            NotKept::InState(state) => {
                let key = format!("referral.{}", state.code());
                let name = word(language, &key);
                let text = words_with(language, "answer.in-state", &[("state", name)]);
                let status = if state.is_ended() { StatusCode::GONE } else { StatusCode::CONFLICT };
                Self::new(status, outcome("conflict", &format!("referral-{}", state.code()), &text))
            }
            NotKept::Fault(fault) => Self::fault(fault, language),
        }
    }

    /// Why nothing was shown.
    pub(crate) fn not_shown(why: &NotShown, language: Language) -> Self {
        match why {
            NotShown::Refused(refusal) => Self::forbidden(refusal.rule, language),
            NotShown::Store(fault) => Self::fault(fault, language),
        }
    }

    /// Why an act upon grants was not done.
    pub(crate) fn not_granted(why: &NotGranted, language: Language) -> Self {
        match why {
            NotGranted::Refused(refusal) => Self::forbidden(refusal.rule, language),
            NotGranted::NotFound => Self::not_found(language),
            NotGranted::Store(fault) => Self::fault(fault, language),
            NotGranted::Wrong(code @ ("grant-ended" | "reviewed-already")) => {
                Self::saying(StatusCode::CONFLICT, "conflict", &format!("wrong.{code}"), language)
            }
            NotGranted::Wrong(code) => {
                Self::saying(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &format!("wrong.{code}"), language)
            }
        }
    }

    /// For pages that say no in HTML.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    fn saying(status: StatusCode, issue: &str, key: &str, language: Language) -> Self {
        let code = key.rsplit('.').next().unwrap_or(key);
        Self::new(status, outcome(issue, code, word(language, key)))
    }

    fn new(status: StatusCode, body: String) -> Self {
        Self { status, body, retry_after: false, to_sign_in: false, is_locked: false, scope: None }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if self.to_sign_in {
            return (StatusCode::SEE_OTHER, [(LOCATION, "/sign-in")]).into_response();
        }
        let mut response = (self.status, [(CONTENT_TYPE, FHIR_JSON)], self.body).into_response();
        if self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // RFC 6750 §3.1
        let lacking =
            self.scope.map(|scope| format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""));
        if let Some(Ok(lacking)) = lacking.map(HeaderValue::try_from) {
            response.headers_mut().insert(WWW_AUTHENTICATE, lacking);
        }
        response
    }
}

/// An OperationOutcome with one issue.
pub(crate) fn outcome(issue: &str, code: &str, text: &str) -> String {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{
            "severity": "error",
            "code": issue,
            "details": {"coding": [{"system": "urn:renkei:answer", "code": code}], "text": text},
        }],
    })
    .to_string()
}
