//! 監査ログ: every act in the hub, newest first, for the safety manager.

use std::sync::Arc;

use askama::Template;
use audit::{Event, Outcome};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use store::Page;

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::seen_by::{before, institution, objects, older, role, rule};
use crate::console::time;

#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct AuditPage {
    frame: Frame,
    rows: Vec<Row>,
    last: usize,
    older: Option<String>,
    is_first_page: bool,
}

/// One act.
struct Row {
    number: usize,
    id: String,
    at: String,
    act: String,
    outcome: String,
    is_refused: bool,
    name: String,
    role: String,
    institution: String,
    patient: Option<String>,
    objects: String,
    rule: String,
    rule_code: String,
}

const PAGE: u16 = 100;

/// `GET /audit?before=&from=`.
pub(crate) async fn audit_log(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let before =
        before(&reader).ok_or_else(|| Refusal::of_status(reader.frame(&app), StatusCode::BAD_REQUEST))?;
    let events = app.exchange.events(&visitor.viewer, None, Page { before, limit: PAGE }, &visitor.act).await;
    let events = events.map_err(|why| reader.not_shown(&app, &why))?;
    let asked = reader.place.query.split('&').find_map(|pair| pair.strip_prefix("from="));
    let first: usize = asked.and_then(|from| from.parse().ok()).unwrap_or(1);
    let frame = reader.frame(&app);
    let title = frame.word("audit.title").to_owned();
    let page = AuditPage {
        rows: events.iter().zip(first..).map(|(event, number)| row(event, number, &reader, &frame)).collect(),
        frame: frame.titled(title),
        last: first.saturating_add(events.len()),
        older: older(&events, PAGE),
        is_first_page: asked.is_none(),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

fn row(event: &Event, number: usize, reader: &Reader, frame: &Frame) -> Row {
    let is_refused = event.outcome == Outcome::Refused;
    Row {
        number,
        id: event.id.to_string(),
        at: time::second(event.at),
        act: frame.word(&format!("act.{}", event.act.code())).to_owned(),
        outcome: frame.word(if is_refused { "outcome.refused" } else { "outcome.done" }).to_owned(),
        is_refused,
        name: event.actor.name.clone(),
        role: role(event, reader),
        institution: institution(event, &reader.institutions),
        patient: event.patient.clone(),
        objects: objects(event, reader, str::to_owned),
        rule: rule(event, reader),
        rule_code: event.rule.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn rows_are_numbered_and_lead_to_who_looked() {
        for frame in frames() {
            let text = || "x".to_owned();
            let row = Row {
                number: 101,
                id: text(),
                at: text(),
                act: text(),
                outcome: text(),
                is_refused: true,
                name: text(),
                role: text(),
                institution: String::new(),
                patient: Some("p1".to_owned()),
                objects: text(),
                rule: text(),
                rule_code: text(),
            };
            let older = Some("2026-11-21T00:00:00Z".to_owned());
            let html =
                rendered(&AuditPage { frame, rows: vec![row], last: 102, older, is_first_page: false });
            assert!(html.contains("<td class=\"number\">101</td>") && html.contains("/patients/p1/seen-by"));
            assert!(html.contains("from=102"));
        }
    }
}
