//! Findings that somebody shared: everything the page shows stands in its address, and nothing of the document does.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fhir::finding::Severity;

use super::trace::{Trace, Traced};
use super::verdict::sentence;
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Guest;
use crate::words::words_with;

#[derive(Template)]
#[template(path = "shared_findings.html")]
pub(crate) struct SharedPage {
    frame: Frame,
    sentence: String,
    has_errors: bool,
    /// How many findings the address had no room for.
    more: usize,
    rows: Vec<Row>,
}

struct Row {
    severity: String,
    is_error: bool,
    code: String,
    rule: String,
    profile: String,
    expression: String,
    position: Option<String>,
    message: String,
    mend: String,
}

/// `GET /validator/findings?f=…`; without findings in the address, the page says so.
pub(crate) async fn shared_findings(State(app): State<Arc<App>>, guest: Guest) -> Response {
    let shared = guest.place.query.split('&').find_map(|pair| Trace::read(pair.strip_prefix("f=")?));
    let trace = shared.unwrap_or_default();
    let frame = guest.frame(&app);
    let title = frame.word("shared.title").to_owned();
    let page = SharedPage::of(&trace, frame.titled(title));
    page.frame.answer(StatusCode::OK, &page)
}

impl SharedPage {
    fn of(trace: &Trace, frame: Frame) -> Self {
        let count = |severity| trace.traced.iter().filter(|one| one.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        Self {
            sentence: sentence(errors, warnings, &frame),
            has_errors: errors > 0,
            more: trace.total.saturating_sub(trace.traced.len()),
            rows: trace.traced.iter().map(|traced| Row::of(traced, &frame)).collect(),
            frame,
        }
    }
}

impl Row {
    fn of(traced: &Traced, frame: &Frame) -> Self {
        let position = traced.position.map(|at| {
            let values = [("line", &*at.line.to_string()), ("column", &*at.column.to_string())];
            words_with(frame.language, "validator.at", &values)
        });
        let kind = traced.kind();
        Self {
            severity: frame.word(&format!("severity.{}", traced.severity.code())).to_owned(),
            is_error: traced.severity == Severity::Error,
            code: traced.code.clone(),
            rule: traced.rule.clone(),
            profile: traced.profile.clone(),
            expression: traced.expression.clone(),
            position,
            message: kind.map_or_else(String::new, |kind| kind.message(frame.language)),
            mend: kind.map_or_else(String::new, |kind| kind.mend(frame.language)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_shared_page_tells_rule_and_place_and_how_many_more_there_were() {
        for frame in frames() {
            let trace =
                Trace::read("7,e2001~Bundle.entry.3.resource~12.5~R0213~http://example.jp/P%7C1").unwrap();
            let html = rendered(&SharedPage::of(&trace, frame));
            for text in ["RK-2001", "R0213", "Bundle.entry[3].resource", "http://example.jp/P|1", "6"] {
                assert!(html.contains(text), "{text}");
            }
        }
    }
}
