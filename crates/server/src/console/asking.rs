//! 問い合わせ: a patient, or whoever acts for them, asks why somebody looked.

use std::sync::Arc;

use access::Role;
use askama::Template;
use audit::{Event, EventId};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use exchange::{answer_days, longest_question};
use jiff::SignedDuration;
use store::{Inquiry, PersonId};

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::{record, seen_by, time};

#[derive(Template)]
#[template(path = "asking.html")]
struct AskingPage {
    frame: Frame,
    person: String,
    look: String,
    at: String,
    name: String,
    role: String,
    institution: String,
    what: String,
    is_again: bool,
    longest: usize,
    days: i64,
    typed: String,
    error: Option<String>,
}

/// What was asked about a look, as the patient and whoever answers read it.
pub(crate) struct Asked {
    /// Who asked.
    pub(crate) by: String,
    /// In their words.
    pub(crate) words: String,
    /// When.
    pub(crate) at: String,
    /// The last day for an answer.
    pub(crate) due: String,
    /// Whether that is past.
    pub(crate) is_overdue: bool,
    /// Whether it was asked again.
    pub(crate) is_again: bool,
    /// The answer.
    pub(crate) answer: Option<Answered>,
}

/// An answer, as people read it.
pub(crate) struct Answered {
    /// Who answered.
    pub(crate) by: String,
    /// When.
    pub(crate) at: String,
    /// In their words.
    pub(crate) words: String,
}

impl Asked {
    /// An inquiry as people read it.
    pub(crate) fn of(inquiry: &Inquiry, reader: &Reader) -> Self {
        Self {
            by: inquiry.asker.name.clone(),
            words: inquiry.words.clone(),
            at: time::minute(inquiry.asked_at),
            due: time::day(inquiry.due_at - SignedDuration::from_secs(1)).to_string(),
            is_overdue: inquiry.is_overdue(reader.visitor.act.now),
            is_again: inquiry.is_again,
            answer: inquiry.answer.as_ref().map(|answer| Answered {
                by: answer.by.name.clone(),
                at: time::minute(answer.at),
                words: answer.words.clone(),
            }),
        }
    }
}

/// What was asked about a person's record, for a patient who may read it; for others, nothing.
pub(crate) async fn of_own(app: &App, reader: &Reader, person: PersonId) -> Result<Vec<Inquiry>, Refusal> {
    if reader.visitor.viewer.role != Role::Patient {
        return Ok(Vec::new());
    }
    let inquiries = app.exchange.store.inquiries_of(person).await;
    inquiries.map_err(|fault| Refusal::fault(reader.frame(app), &fault))
}

/// `GET /patients/{id}/seen-by/{look}`.
pub(crate) async fn asking(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((id, look)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let look = EventId::try_from(look).map_err(|_| reader.not_found(&app))?;
    page(&app, &reader, person, look, String::new(), None).await
}

/// `POST /patients/{id}/seen-by/{look}`: asks (`words`, which may be empty).
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((id, look)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let look = EventId::try_from(look).map_err(|_| reader.not_found(&app))?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (visitor, words) = (&reader.visitor, text(&fields, "words"));
    match app.exchange.ask(&visitor.viewer, person, look, &words, &visitor.act).await {
        Ok(()) => Ok(to(&format!("/patients/{person}/seen-by#look-{look}"))),
        Err(why) => {
            let code = reader.not_granted(&app, why)?;
            page(&app, &reader, person, look, words, Some(code)).await
        }
    }
}

async fn page(
    app: &App,
    reader: &Reader,
    person: PersonId,
    look: EventId,
    typed: String,
    error: Option<&'static str>,
) -> Result<Response, Refusal> {
    let visitor = &reader.visitor;
    let found = app.exchange.look_to_ask_about(&visitor.viewer, person, look, &visitor.act).await;
    let (event, asked): (Event, Vec<Inquiry>) = match found {
        Ok(found) => found,
        Err(why) => {
            let code = reader.not_granted(app, why)?;
            return Err(Refusal::by_rule(reader.frame(app), code));
        }
    };
    let frame = reader.frame(app);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = frame.word("asking.title").to_owned();
    let error = error.map(|code| frame.word(&format!("wrong.{code}")).to_owned());
    let frame = if error.is_some() { frame.titled(title).with_error() } else { frame.titled(title) };
    let page = AskingPage {
        frame,
        person: person.to_string(),
        look: look.to_string(),
        at: time::minute(event.at),
        name: event.actor.name.clone(),
        role: seen_by::role(&event, reader),
        institution: seen_by::institution(&event, &reader.institutions),
        what: seen_by::what(&event, reader),
        is_again: !asked.is_empty(),
        longest: longest_question(),
        days: answer_days(),
        typed,
        error,
    };
    Ok(page.frame.answer(status, &page))
}
