//! What each code means, whatever the document.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use fhir::finding::{FindingKind, Severity};

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Guest;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "rules.html")]
pub(crate) struct RulesPage {
    frame: Frame,
    rules: Vec<Rule>,
}

#[derive(Template)]
#[template(path = "rule.html")]
pub(crate) struct RulePage {
    frame: Frame,
    rule: Rule,
}

/// A code and all that is known of it.
struct Rule {
    code: &'static str,
    rule: Option<&'static str>,
    /// The rule's name, or what is wrong where it has none.
    title: String,
    severity: String,
    is_error: bool,
    message: String,
    mend: String,
    source: &'static str,
    issue_type: &'static str,
}

/// `GET /validator/rules`.
pub(crate) async fn rules(State(app): State<Arc<App>>, guest: Guest) -> Response {
    let frame = guest.frame(&app);
    let title = frame.word("rules.title").to_owned();
    let rules = FindingKind::all().into_iter().map(|kind| Rule::of(kind, &frame)).collect();
    let page = RulesPage { rules, frame: frame.titled(title) };
    page.frame.answer(StatusCode::OK, &page)
}

/// `GET /validator/rules/{code}`.
pub(crate) async fn rule(
    State(app): State<Arc<App>>,
    guest: Guest,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    let frame = guest.frame(&app);
    let Some(kind) = FindingKind::of_code(&code) else { return Err(Refusal::not_found(frame)) };
    let page = RulePage { rule: Rule::of(kind, &frame), frame: frame.titled(kind.code()) };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

impl Rule {
    fn of(kind: FindingKind, frame: &Frame) -> Self {
        let message = kind.message(frame.language);
        Self {
            code: kind.code(),
            rule: kind.rule(),
            title: kind.title(frame.language).map_or_else(|| message.clone(), str::to_owned),
            severity: frame.word(&format!("severity.{}", kind.severity().code())).to_owned(),
            is_error: kind.severity() == Severity::Error,
            message,
            mend: kind.mend(frame.language),
            source: kind.source(),
            issue_type: kind.issue_type(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn every_code_has_a_page_that_says_what_to_do() {
        for frame in frames() {
            for kind in FindingKind::all() {
                let html = rendered(&RulePage { rule: Rule::of(kind, &frame), frame: frame.clone() });
                assert!(html.contains(kind.code()) && !html.contains("{found}"), "{}", kind.code());
            }
            let rules = FindingKind::all().into_iter().map(|kind| Rule::of(kind, &frame)).collect();
            assert!(rendered(&RulesPage { rules, frame }).contains("/validator/rules/RK-2001"));
        }
    }
}
