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
use crate::console::seen_by::{before, institution, older, role, rule};
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
    let before = before(&reader).ok_or_else(|| Refusal::of_status(reader.frame(&app), StatusCode::BAD_REQUEST))?;
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
        objects: event.objects.join(" "),
        rule: rule(event, reader),
        rule_code: event.rule.clone(),
    }
}
