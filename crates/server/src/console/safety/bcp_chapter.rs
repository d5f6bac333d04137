//! One chapter of the plan: what it is for, an example, its text, and every text it had.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use guideline::Catalogue;
use safety::plan::{Chapter, NotWrittenDown, chapters};

use super::incidents::FORM_BYTES;
use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/bcp_chapter.html")]
struct ChapterPage {
    frame: Frame,
    error: Option<(&'static str, String)>,
    code: String,
    hint: String,
    example: String,
    /// Id and words of the items that it answers.
    items: Vec<(String, String)>,
    /// Where the registers tell of it.
    drawn: Option<(&'static str, String)>,
    words: String,
    seen: i64,
    /// What somebody else wrote meanwhile.
    theirs: Option<TextView>,
    earlier: Vec<TextView>,
    approved: i64,
    can_write: bool,
}

/// A text that the chapter had.
struct TextView {
    version: i64,
    words: String,
    by: String,
}

/// What was typed and not taken.
struct Typed {
    words: String,
    status: StatusCode,
    error: (&'static str, &'static str),
}

/// `GET /safety/bcp/chapters/{chapter}`.
pub(crate) async fn chapter_page(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    page(&app, &reader, chapter(&app, &reader, &code)?, None).await
}

/// `POST /safety/bcp/chapters/{chapter}`: its `words`, after the version `seen`.
pub(crate) async fn keep_chapter(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    let chapter = chapter(&app, &reader, &code)?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (words, seen) = (text(&fields, "words"), text(&fields, "seen").parse().unwrap_or(0));
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let (status, error) = match app
        .safety
        .keep_chapter(viewer, rule, own(&reader), (&code, seen), &words, act)
        .await
    {
        Ok(()) => return Ok(to("/safety/bcp")),
        Err(NotWrittenDown::Store(fault)) => return Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(NotWrittenDown::Chapter) => return Err(reader.not_found(&app)),
        Err(NotWrittenDown::Words) => (StatusCode::UNPROCESSABLE_ENTITY, ("words", "continuity.wrong-words")),
        Err(NotWrittenDown::Meanwhile(_)) => (StatusCode::CONFLICT, ("theirs", "continuity.wrong-outdated")),
    };
    page(&app, &reader, chapter, Some(Typed { words, status, error })).await
}

fn chapter(app: &App, reader: &Reader, code: &str) -> Result<&'static Chapter, Refusal> {
    chapters().iter().find(|one| one.code == code).ok_or_else(|| reader.not_found(app))
}

async fn page(
    app: &App,
    reader: &Reader,
    chapter: &'static Chapter,
    typed: Option<Typed>,
) -> Result<Response, Refusal> {
    let plan = app.safety.plan(own(reader)).await.map_err(at_fault(app, reader))?;
    let frame = reader.frame(app);
    let code = &chapter.code;
    let told = |section: &str| frame.word(&format!("{section}.{code}")).to_owned();
    let item = |id: &String| {
        let item = Catalogue::shipped().item(id);
        let words = item.map(|item| if frame.is_english() { item.en.clone() } else { item.ja.clone() });
        (id.clone(), words.unwrap_or_default())
    };
    let views = plan.texts(code).map(|one| TextView {
        version: one.version,
        words: one.words.clone(),
        by: format!("{} {}", one.by.name, minute(one.at)),
    });
    let mut earlier: Vec<TextView> = views.collect();
    earlier.reverse();
    let is_conflict = typed.as_ref().is_some_and(|one| one.status == StatusCode::CONFLICT);
    let standing = plan.newest(code);
    let status = typed.as_ref().map_or(StatusCode::OK, |one| one.status);
    let error = typed.as_ref().map(|one| (one.error.0, frame.word(one.error.1).to_owned()));
    let titled = frame.clone().titled(told("bcp-chapter"));
    let page = ChapterPage {
        hint: told("bcp-hint"),
        example: told("bcp-example"),
        items: chapter.items.iter().map(item).collect(),
        drawn: chapter.drawn.map(|drawn| match drawn {
            safety::plan::Drawn::Diagram => ("/safety/diagram", frame.word("diagram.title").to_owned()),
            safety::plan::Drawn::Contacts => ("/safety/contacts", frame.word("contacts.title").to_owned()),
        }),
        words: typed.map(|one| one.words).or(standing.map(|one| one.words.clone())).unwrap_or_default(),
        seen: standing.map_or(0, |one| one.version),
        theirs: if is_conflict { earlier.first().map(TextView::copied) } else { None },
        approved: plan
            .approved()
            .and_then(|approval| plan.approved_text(approval, code))
            .map_or(0, |one| one.version),
        earlier,
        can_write: can(reader, Action::KeepRegisters),
        frame: if error.is_some() { titled.with_error() } else { titled },
        error,
        code: code.clone(),
    };
    Ok(page.frame.answer(status, &page))
}

impl TextView {
    fn copied(&self) -> Self {
        Self { version: self.version, words: self.words.clone(), by: self.by.clone() }
    }
}
