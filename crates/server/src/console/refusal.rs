//! The page that says no: what happened and what to do next.

use askama::Template;
use axum::extract::Request;
use axum::http::header::{ACCEPT, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use store::Fault;

use crate::App;
use crate::answer::Refused;
use crate::console::frame::Frame;
use crate::console::reader::Place;
use crate::door::language;

/// Instead of a page: one that says why not, or the way to sign in.
pub(crate) struct Refusal(Box<Kind>);

enum Kind {
    Page(StatusCode, RefusalPage),
    SignIn(String),
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    frame: Frame,
    reason: String,
    next: String,
    rule: Option<&'static str>,
}

impl Refusal {
    /// A rule refused.
    pub(crate) fn by_rule(frame: Frame, rule: &'static str) -> Self {
        let reason = frame.word(&format!("rule.{rule}")).to_owned();
        Self::page(StatusCode::FORBIDDEN, frame, "refused", Some(reason), Some(rule))
    }

    /// Nothing is here, or nothing that may be told of.
    pub(crate) fn not_found(frame: Frame) -> Self {
        Self::page(StatusCode::NOT_FOUND, frame, "not-found", None, None)
    }

    /// The store could not answer.
    pub(crate) fn fault(frame: Frame, fault: &Fault) -> Self {
        let status = Refused::fault(fault, frame.language).status();
        Self::of_status(frame, status)
    }

    /// What a status means to a person.
    pub(crate) fn of_status(frame: Frame, status: StatusCode) -> Self {
        let key = match status {
            StatusCode::NOT_FOUND => "not-found",
            StatusCode::FORBIDDEN => "refused",
            StatusCode::PAYLOAD_TOO_LARGE => "too-large",
            StatusCode::BAD_REQUEST | StatusCode::REQUEST_TIMEOUT => "broken-off",
            StatusCode::SERVICE_UNAVAILABLE => "busy",
            StatusCode::INSUFFICIENT_STORAGE => "full",
            _ => "fault",
        };
        Self::page(status, frame, key, None, None)
    }

    /// The way to prove oneself again, and back to where one wanted to go.
    pub(crate) fn to_proof(path: &str) -> Self {
        Self(Box::new(Kind::SignIn(format!("/proof?next={path}"))))
    }

    /// The way to the sign-in page, and back to where one wanted to go.
    pub(crate) fn to_sign_in(path: &str) -> Self {
        Self(Box::new(Kind::SignIn(format!("/sign-in?next={path}"))))
    }

    fn page(
        status: StatusCode,
        frame: Frame,
        key: &str,
        reason: Option<String>,
        rule: Option<&'static str>,
    ) -> Self {
        let text = |part: &str| frame.word(&format!("refusal.{key}{part}")).to_owned();
        let reason = reason.unwrap_or_else(|| text(""));
        let (title, next) = (text("-title"), text("-next"));
        Self(Box::new(Kind::Page(status, RefusalPage { frame: frame.titled(title), reason, next, rule })))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match *self.0 {
            Kind::SignIn(to) => (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response(),
            Kind::Page(status, page) => {
                let mut response = page.frame.answer(status, &page);
                if status == StatusCode::SERVICE_UNAVAILABLE {
                    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
                }
                response
            }
        }
    }
}

/// A refusal outside any handler: a page where a browser asked for one, else as it is.
pub(crate) fn for_eyes(app: &App, request: &Request, refused: Refused) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let path = request.uri().path();
    if !accepts.contains("text/html") || path.starts_with("/fhir/") {
        return refused.into_response();
    }
    let query = request.uri().query();
    let place = Place {
        path: path.to_owned(),
        query: query.unwrap_or_default().to_owned(),
        language: language(request.headers(), query),
    };
    Refusal::of_status(Frame::new(app, &place, None), refused.status()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn every_refusal_says_why_and_what_next() {
        let statuses = [403, 404, 408, 413, 500, 503, 507].map(|code| StatusCode::from_u16(code).unwrap());
        for frame in frames() {
            for status in statuses {
                let Refusal(kind) = Refusal::of_status(frame.clone(), status);
                let Kind::Page(kept, page) = *kind else { panic!("a page was expected") };
                assert_eq!(kept, status);
                assert!(!rendered(&page).contains("refusal."), "{status}");
            }
            let Refusal(kind) = Refusal::by_rule(frame, "no-grant");
            let Kind::Page(_, page) = *kind else { panic!("a page was expected") };
            assert!(rendered(&page).contains("<code>no-grant</code>"));
        }
    }
}
