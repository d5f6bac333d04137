//! What an inspector sees who was given a link: one pack, read-only, until its end.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use safety::pack::{Look, contents, file};
use store::{InspectionPack, InspectorLink};

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Guest;
use crate::console::refusal::Refusal;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/inspection.html")]
struct InspectionPage {
    frame: Frame,
    link: String,
    institution: String,
    reader: String,
    made: String,
    by: String,
    until: String,
    sha256: String,
    files: Vec<(String, u64)>,
}

#[derive(Template)]
#[template(path = "safety/inspection_over.html")]
struct OverPage {
    frame: Frame,
}

const WHOLE: &str = "renkei-inspection-pack.zip";

/// `GET /inspection/{link}`.
pub(crate) async fn inspection(
    State(app): State<Arc<App>>,
    guest: Guest,
    Path(secret): Path<String>,
) -> Result<Response, Refusal> {
    let Some((link, pack, archive)) = opened(&app, &guest, &secret, "looked").await? else {
        return Ok(over(&app, &guest));
    };
    let frame = guest.frame(&app);
    let page = InspectionPage {
        link: secret,
        institution: guest.institution(&link.scope),
        reader: link.reader,
        made: minute(pack.made_at),
        by: pack.by.name,
        until: minute(link.ends_at),
        sha256: pack.sha256.unwrap_or_default(),
        files: contents(&archive),
        frame: frame.clone().titled(frame.word("inspection.title").to_owned()),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// `GET /inspection/{link}/file`: a file by its `name`, or all of them.
pub(crate) async fn inspection_file(
    State(app): State<Arc<App>>,
    guest: Guest,
    Path(secret): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let name = asked.get("name").map_or(WHOLE, String::as_str);
    let Some((_, _, archive)) = opened(&app, &guest, &secret, "taken").await? else {
        return Ok(over(&app, &guest));
    };
    let bytes = if name == WHOLE { Some(archive) } else { file(&archive, name) };
    let bytes = bytes.ok_or_else(|| Refusal::not_found(guest.frame(&app)))?;
    let last = name.rsplit('/').next().unwrap_or(WHOLE);
    let headers = [
        (CONTENT_TYPE, kind(last).to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{last}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

type Opened = Option<(InspectorLink, InspectionPack, Vec<u8>)>;

async fn opened(app: &App, guest: &Guest, secret: &str, what: &str) -> Result<Opened, Refusal> {
    let found = app.safety.inspect(&Look { secret, what }, &guest.act).await;
    found.map_err(|fault| Refusal::fault(guest.frame(app), &fault))
}

/// Says the same whether there never was such a link or it is over.
fn over(app: &App, guest: &Guest) -> Response {
    let frame = guest.frame(app);
    let page = OverPage { frame: frame.clone().titled(frame.word("inspection.over-title").to_owned()) };
    page.frame.answer(StatusCode::GONE, &page)
}

/// The media type of a file of a pack, by the end of its name.
fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("pdf") => "application/pdf",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("zip") => "application/zip",
        _ => "text/plain; charset=utf-8",
    }
}
