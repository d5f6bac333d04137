//! 事後の点検: looks without consent that wait for somebody else's eyes.

use std::sync::Arc;

use askama::Template;
use audit::EventId;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::Look;
use store::Finding;

use crate::App;
use crate::console::consents::finding;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::{seen_by, time};

#[derive(Template)]
#[template(path = "reviews.html")]
pub(crate) struct ReviewsPage {
    frame: Frame,
    waiting: Vec<Row>,
    done: Vec<Row>,
    can_review: bool,
    error: Option<String>,
}

/// One look.
struct Row {
    id: String,
    basis: String,
    institution: String,
    holder: String,
    patient: String,
    reason: String,
    from: String,
    until: String,
    acts: Vec<String>,
    found: Option<Found>,
}

/// What its review found.
struct Found {
    is_flagged: bool,
    finding: String,
    note: String,
    by: String,
    at: String,
}

/// No form here is larger.
const FORM_BYTES: usize = 16 << 10;

/// `GET /reviews`.
pub(crate) async fn reviews(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, None).await
}

/// `POST /reviews`: a finding (`id`, `finding`, `note`).
pub(crate) async fn keep_review(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let id = EventId::try_from(text(&fields, "id")).map_err(|_| reader.not_found(&app))?;
    let found = Finding::from_code(&text(&fields, "finding"));
    let found = found.ok_or_else(|| Refusal::of_status(reader.frame(&app), StatusCode::BAD_REQUEST))?;
    let (visitor, note) = (&reader.visitor, text(&fields, "note"));
    match app.exchange.review(&visitor.viewer, id, found, &note, &visitor.act).await {
        Ok(()) => Ok((StatusCode::SEE_OTHER, [(LOCATION, "/reviews")]).into_response()),
        Err(why) => {
            let code = reader.not_granted(&app, why)?;
            page(&app, &reader, Some(code)).await
        }
    }
}

async fn page(app: &App, reader: &Reader, error: Option<&'static str>) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let looks = match app.exchange.looks(&visitor.viewer, &visitor.act).await {
        Ok(looks) => looks,
        Err(why) => {
            let code = reader.not_granted(app, why)?;
            return Err(Refusal::by_rule(reader.frame(app), code));
        }
    };
    let frame = reader.frame(app);
    let (waiting, done): (Vec<Look>, Vec<Look>) =
        looks.into_iter().partition(|look| look.grant.review.is_none());
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|code| frame.word(&format!("wrong.{code}")).to_owned());
    let title = frame.word("reviews.title").to_owned();
    let row = |look: &Look| row(look, reader, &frame);
    let page = ReviewsPage {
        waiting: waiting.iter().map(row).collect(),
        done: done.iter().rev().map(row).collect(),
        can_review: visitor.viewer.role == access::Role::SafetyManager,
        frame: if error.is_some() {
            frame.clone().titled(title).with_error()
        } else {
            frame.clone().titled(title)
        },
        error,
    };
    Ok(page.frame.answer(status, &page))
}

fn row(look: &Look, reader: &Reader, frame: &Frame) -> Row {
    let grant = &look.grant;
    let acts = look
        .events
        .iter()
        .map(|event| format!("{} {}", time::minute(event.at), seen_by::what(event, reader)));
    Row {
        id: grant.id.to_string(),
        basis: frame.word(&format!("basis.{}", grant.basis.code())).to_owned(),
        institution: reader.institutions.name(&grant.institution),
        holder: grant.holder.as_ref().map(|holder| holder.name.clone()).unwrap_or_default(),
        patient: grant.person.to_string(),
        reason: grant.reason.clone().unwrap_or_default(),
        from: time::minute(grant.starts_at),
        until: time::minute(access::end_of(grant)),
        acts: acts.collect(),
        found: grant.review.as_ref().map(|review| Found {
            is_flagged: review.finding == Finding::Flagged,
            finding: finding(review.finding, frame),
            note: review.note.clone(),
            by: review.by.name.clone(),
            at: time::minute(review.at),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_look_waits_with_its_reason_and_can_be_found_just_or_flagged() {
        for frame in frames() {
            let row = Row {
                id: "0".repeat(32),
                basis: "救急時".to_owned(),
                institution: "架空中央病院".to_owned(),
                holder: "架空 当直".to_owned(),
                patient: "p".to_owned(),
                reason: "意識がない".to_owned(),
                from: "2026-11-21 09:00".to_owned(),
                until: "2026-11-22 09:00".to_owned(),
                acts: vec!["閲覧".to_owned()],
                found: None,
            };
            let page =
                ReviewsPage { frame, waiting: vec![row], done: Vec::new(), can_review: true, error: None };
            let html = rendered(&page);
            assert!(html.contains("value=\"justified\"") && html.contains("value=\"flagged\""));
            assert!(html.contains("意識がない"));
        }
    }
}
