//! インシデント: those of an institution and its drills, and opening one.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use fhir::finding::Language;
use safety::diagram::diagram;
use safety::incident::{Course, NotWritten, Opening, Printed, papers};
use store::Incident;

use super::diagram::picture;
use super::incident_words::{instant, wrong_key};
use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;
use crate::words::word;

#[derive(Template)]
#[template(path = "safety/incidents.html")]
struct IncidentsPage {
    frame: Frame,
    error: Option<(&'static str, String)>,
    rows: Vec<IncidentRow>,
    can_open: bool,
    typed: Typed,
}

/// An incident in the list.
struct IncidentRow {
    id: String,
    title: String,
    is_drill: bool,
    is_open: bool,
    phase: String,
    seen_at: String,
    by: String,
}

/// What was typed.
struct Typed {
    title: String,
    seen: String,
    seen_by: String,
    seen_at: String,
    is_drill: bool,
}

/// A page of Japanese text, each letter as nine signs; more than anybody writes, so that what is too long is told.
pub(super) const FORM_BYTES: usize = 1 << 20;
const SHOWN: u16 = 100;

/// `GET /safety/incidents`.
pub(crate) async fn incidents(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let typed = Typed {
        title: String::new(),
        seen: String::new(),
        seen_by: reader.visitor.viewer.name.clone(),
        seen_at: minute(reader.visitor.act.now).replace(' ', "T"),
        is_drill: false,
    };
    page(&app, &reader, typed, None).await
}

/// `POST /safety/incidents`: opens one (`title`, `seen`, `seen-by`, `seen-at`, `drill`).
pub(crate) async fn open_incident(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let typed = typed(&fields);
    let Some(seen_at) = instant(&typed.seen_at) else {
        return page(&app, &reader, typed, Some(("seen-at", "incident.wrong-time"))).await;
    };
    let opening = Opening {
        title: typed.title.clone(),
        seen: typed.seen.clone(),
        seen_by: typed.seen_by.clone(),
        seen_at,
        is_drill: typed.is_drill,
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    match app.safety.open_incident(viewer, rule, own(&reader), &opening, act).await {
        Ok(id) => Ok(to(&format!("/safety/incidents/{id}"))),
        Err(NotWritten::Store(fault)) => Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(NotWritten::Wrong(wrong)) => {
            let field = match wrong {
                safety::incident::Wrong::Title => "title",
                safety::incident::Wrong::Said => "seen",
                safety::incident::Wrong::Who => "seen-by",
                _ => "seen-at",
            };
            page(&app, &reader, typed, Some((field, wrong_key(wrong)))).await
        }
        Err(_) => Err(reader.not_found(&app)),
    }
}

/// `GET /safety/incidents/papers`: what lies ready in print, as PDF.
pub(crate) async fn incident_papers(
    State(app): State<Arc<App>>,
    reader: Reader,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let document = papers(&printed(&app, &reader).await?);
    as_pdf(&app, &reader, document, "renkei-incident-papers.pdf").await
}

/// What goes on paper: in Japanese, for everybody in the house.
pub(super) async fn printed(app: &App, reader: &Reader) -> Result<Printed, Refusal> {
    let rows = app.exchange.store.all_register_rows(own(reader), None).await;
    let rows = rows.map_err(at_fault(app, reader))?;
    let mut frame = reader.frame(app);
    frame.language = Language::Japanese;
    Ok(Printed {
        name: reader.institutions.name(own(reader)),
        day: reader.visitor.act.today(),
        by: reader.visitor.viewer.name.clone(),
        diagram: picture(&frame, &diagram(&rows)).on_paper(),
        rows,
        words: |key| word(Language::Japanese, key).to_owned(),
    })
}

/// A document as PDF, set on a thread that may take its time.
pub(super) async fn as_pdf(
    app: &App,
    reader: &Reader,
    document: paper::Document,
    name: &str,
) -> Result<Response, Refusal> {
    let set = tokio::task::spawn_blocking(move || paper::pdf(&document)).await;
    let Ok(Ok(bytes)) = set else {
        return Err(Refusal::of_status(reader.frame(app), StatusCode::INTERNAL_SERVER_ERROR));
    };
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}

fn typed(fields: &Fields) -> Typed {
    Typed {
        title: text(fields, "title"),
        seen: text(fields, "seen"),
        seen_by: text(fields, "seen-by"),
        seen_at: text(fields, "seen-at"),
        is_drill: fields.contains_key("drill"),
    }
}

async fn page(
    app: &App,
    reader: &Reader,
    typed: Typed,
    error: Option<(&'static str, &'static str)>,
) -> Result<Response, Refusal> {
    reader.may(app, Action::SeeSafety, &ours(reader))?;
    let frame = reader.frame(app);
    let found = app.exchange.store.incidents(own(reader).to_owned(), SHOWN).await;
    let mut rows = Vec::new();
    for incident in found.map_err(at_fault(app, reader))? {
        let entries = app.exchange.store.incident_entries(own(reader).to_owned(), incident.id.clone()).await;
        let course = Course::of(&incident, &entries.map_err(at_fault(app, reader))?);
        rows.push(row(incident, &course, &frame));
    }
    let error = error.map(|(field, key)| (field, frame.word(key).to_owned()));
    let titled = frame.clone().titled(frame.word("incident.title").to_owned());
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = IncidentsPage {
        frame: if error.is_some() { titled.with_error() } else { titled },
        error,
        rows,
        can_open: can(reader, Action::KeepRegisters),
        typed,
    };
    Ok(page.frame.answer(status, &page))
}

fn row(incident: Incident, course: &Course, frame: &Frame) -> IncidentRow {
    IncidentRow {
        phase: frame.word(&format!("phase.{}", course.phase.code())).to_owned(),
        is_open: course.closed_at.is_none(),
        seen_at: minute(incident.seen_at),
        by: incident.opened_by.name,
        id: incident.id,
        title: incident.title,
        is_drill: incident.is_drill,
    }
}
