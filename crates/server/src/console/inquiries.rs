//! 問い合わせに答える: what patients asked about looks by people of one's institution.

use std::sync::Arc;

use askama::Template;
use audit::EventId;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use exchange::{Inquired, longest_answer};

use crate::App;
use crate::console::asking::Asked;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::{seen_by, time};

#[derive(Template)]
#[template(path = "inquiries.html")]
struct InquiriesPage {
    frame: Frame,
    waiting: Vec<Row>,
    done: Vec<Row>,
    longest: usize,
    error: Option<String>,
}

/// One inquiry, with the look it is about.
struct Row {
    id: String,
    patient: String,
    asked: Asked,
    at: String,
    name: String,
    institution: String,
    what: String,
    why: String,
    can_answer: bool,
}

/// `GET /inquiries`.
pub(crate) async fn inquiries(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, None).await
}

/// `POST /inquiries`: an answer (`id`, `answer`).
pub(crate) async fn answer_inquiry(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let id = EventId::try_from(text(&fields, "id")).map_err(|_| reader.not_found(&app))?;
    let visitor = &reader.visitor;
    match app.exchange.answer(&visitor.viewer, id, &text(&fields, "answer"), &visitor.act).await {
        Ok(()) => Ok(to("/inquiries")),
        Err(why) => {
            let code = reader.not_granted(&app, why)?;
            page(&app, &reader, Some(code)).await
        }
    }
}

async fn page(app: &App, reader: &Reader, error: Option<&'static str>) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let all = match app.exchange.inquiries(&visitor.viewer, &visitor.act).await {
        Ok(all) => all,
        Err(why) => {
            let code = reader.not_granted(app, why)?;
            return Err(Refusal::by_rule(reader.frame(app), code));
        }
    };
    let (waiting, done): (Vec<Inquired>, Vec<Inquired>) =
        all.into_iter().partition(|one| one.inquiry.answer.is_none());
    let frame = reader.frame(app);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|code| frame.word(&format!("wrong.{code}")).to_owned());
    let title = frame.word("inquiries.title").to_owned();
    let page = InquiriesPage {
        waiting: waiting.iter().map(|one| row(one, reader)).collect(),
        done: done.iter().rev().map(|one| row(one, reader)).collect(),
        longest: longest_answer(),
        frame: if error.is_some() { frame.titled(title).with_error() } else { frame.titled(title) },
        error,
    };
    Ok(page.frame.answer(status, &page))
}

fn row(one: &Inquired, reader: &Reader) -> Row {
    let (inquiry, look) = (&one.inquiry, one.look.as_ref());
    let institution = inquiry.institution.as_deref().map(|number| reader.institutions.name(number));
    Row {
        id: inquiry.id.to_string(),
        patient: inquiry.person.to_string(),
        asked: Asked::of(inquiry, reader),
        at: look.map(|event| time::minute(event.at)).unwrap_or_default(),
        name: inquiry.looker.name.clone(),
        institution: institution.unwrap_or_default(),
        what: look.map(|event| seen_by::what(event, reader)).unwrap_or_default(),
        why: look.map(|event| seen_by::rule(event, reader)).unwrap_or_default(),
        can_answer: one.can_answer,
    }
}
