//! 検査資料: the packs of an institution, how far one is, and who may read it.

use std::sync::Arc;
use std::time::Duration;

use access::{Action, may_administer};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, REFRESH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use fhir::finding::Language;
use jiff::Timestamp;
use safety::pack::{NoLink, NoPack, contents, is_given_up};
use store::{InspectionPack, InspectorLink, PackState};
use tracing::warn;

use super::permission::{at_fault, ours, own};
use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::{day, minute};
use crate::words::word;

#[derive(Template)]
#[template(path = "safety/packs.html")]
struct PacksPage {
    frame: Frame,
    packs: Vec<PackRow>,
    can_make: bool,
}

#[derive(Template)]
#[template(path = "safety/pack.html")]
struct PackPage {
    frame: Frame,
    pack: PackRow,
    files: Vec<(String, u64)>,
    links: Vec<LinkRow>,
    /// The address that was just made; it is shown this once.
    address: Option<String>,
    error: Option<(&'static str, String)>,
    can_hand_over: bool,
    today: String,
}

/// A pack as it is shown.
struct PackRow {
    id: String,
    made: String,
    by: String,
    state: String,
    is_making: bool,
    is_ready: bool,
    done: i64,
    steps: i64,
    sha256: String,
}

/// A link as it is shown.
struct LinkRow {
    id: String,
    reader: String,
    by: String,
    until: String,
    looks: String,
    is_open: bool,
}

const SHOWN: u16 = 100;
/// How often a page that waits for a pack asks again, in seconds.
const ASKS_AGAIN: HeaderValue = HeaderValue::from_static("1");

/// `GET /safety/packs`.
pub(crate) async fn packs(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let found = app.exchange.store.packs(own(&reader).to_owned(), SHOWN).await;
    let found = found.map_err(at_fault(&app, &reader))?;
    let frame = reader.frame(&app);
    let page = PacksPage {
        packs: found.iter().map(|pack| row(pack, &reader, &frame)).collect(),
        can_make: can_hand_over(&reader),
        frame: frame.clone().titled(frame.word("packs.title").to_owned()),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// `POST /safety/packs`: makes one, and leads to where it can be waited for.
pub(crate) async fn make_pack(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::HandOverPapers, &ours(&reader))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let pack = match app.safety.begin_pack(viewer, rule, own(&reader), act).await {
        Ok(pack) => pack,
        Err(NoPack::Making(id)) => return Ok(to(&format!("/safety/packs/{id}"))),
        Err(NoPack::Store(fault)) => return Err(Refusal::fault(reader.frame(&app), &fault)),
    };
    let leads_to = format!("/safety/packs/{}", pack.id);
    let name = reader.institutions.name(&pack.scope);
    let safety = Arc::clone(&app.safety);
    tokio::spawn(async move {
        if let Err(fault) = safety.make_pack(&pack, name, on_paper).await {
            warn!(%fault, pack = pack.id, "an inspection pack was not kept");
        }
    });
    Ok(to(&leads_to))
}

/// `GET /safety/packs/{id}`: how far it is, then what is in it.
pub(crate) async fn pack_page(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    shown(&app, &reader, &id, None, None).await
}

/// `POST /safety/packs/{id}`: a link for an inspector (`reader`, `until`), or the end of one (`end`).
pub(crate) async fn change_links(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::HandOverPapers, &ours(&reader))?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    if fields.contains_key("end") {
        let ended =
            app.safety.end_inspector_link(viewer, rule, own(&reader), &text(&fields, "end"), act).await;
        ended.map_err(at_fault(&app, &reader))?;
        return Ok(to(&format!("/safety/packs/{id}")));
    }
    let whom = text(&fields, "reader");
    let Ok(until) = text(&fields, "until").parse() else {
        return shown(&app, &reader, &id, None, Some(("until", "packs.wrong-until"))).await;
    };
    match app.safety.link_inspector(viewer, rule, (own(&reader), &id), (&whom, until), act).await {
        Ok(secret) => {
            shown(&app, &reader, &id, Some(format!("{}/inspection/{secret}", app.base_url)), None).await
        }
        Err(NoLink::Reader) => shown(&app, &reader, &id, None, Some(("reader", "packs.wrong-reader"))).await,
        Err(NoLink::End) => shown(&app, &reader, &id, None, Some(("until", "packs.wrong-until"))).await,
        Err(NoLink::NotReady) => Err(reader.not_found(&app)),
        Err(NoLink::Store(fault)) => Err(Refusal::fault(reader.frame(&app), &fault)),
    }
}

/// `GET /safety/packs/{id}/archive`.
pub(crate) async fn take_pack(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::HandOverPapers, &ours(&reader))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let bytes = app.safety.hand_over_pack(viewer, rule, own(&reader), &id, act).await;
    let bytes = bytes.map_err(at_fault(&app, &reader))?.ok_or_else(|| reader.not_found(&app))?;
    let headers = [
        (CONTENT_TYPE, "application/zip"),
        (CONTENT_DISPOSITION, "attachment; filename=\"renkei-inspection-pack.zip\""),
    ];
    Ok((headers, bytes).into_response())
}

async fn shown(
    app: &App,
    reader: &Reader,
    id: &str,
    address: Option<String>,
    error: Option<(&'static str, &'static str)>,
) -> Result<Response, Refusal> {
    reader.may(app, Action::SeeSafety, &ours(reader))?;
    let (store, scope) = (&app.exchange.store, own(reader).to_owned());
    let found = store.pack(scope.clone(), id.to_owned()).await.map_err(at_fault(app, reader))?;
    let pack = found.ok_or_else(|| reader.not_found(app))?;
    let archive = store.pack_archive(scope.clone(), id.to_owned()).await.map_err(at_fault(app, reader))?;
    let links = store.inspector_links(scope, SHOWN).await.map_err(at_fault(app, reader))?;
    let frame = reader.frame(app);
    let now = reader.visitor.act.now;
    let titled = frame.clone().titled(frame.word("packs.one").to_owned());
    let page = PackPage {
        pack: row(&pack, reader, &frame),
        files: archive.as_deref().map(contents).unwrap_or_default(),
        links: links
            .iter()
            .filter(|link| link.pack == pack.id)
            .map(|link| link_row(link, now, &frame))
            .collect(),
        address,
        error: error.map(|(field, key)| (field, frame.word(key).to_owned())),
        can_hand_over: can_hand_over(reader),
        today: reader.visitor.act.today().to_string(),
        frame: if error.is_some() { titled.with_error() } else { titled },
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut response = page.frame.answer(status, &page);
    if page.pack.is_making {
        response.headers_mut().insert(REFRESH, ASKS_AGAIN);
    }
    Ok(response)
}

/// Whether forms that hand papers over are offered; a fresh proof is asked for when they are used.
fn can_hand_over(reader: &Reader) -> bool {
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    match may_administer(viewer, Action::HandOverPapers, &ours(reader), now) {
        Ok(_) => true,
        Err(refusal) => refusal.rule == "step-up-needed",
    }
}

fn row(pack: &InspectionPack, reader: &Reader, frame: &Frame) -> PackRow {
    let is_given_up = is_given_up(pack, &reader.visitor.act);
    let state = if is_given_up { PackState::Failed } else { pack.state };
    PackRow {
        id: pack.id.clone(),
        made: minute(pack.made_at),
        by: pack.by.name.clone(),
        state: frame.word(&format!("pack-state.{}", state.code())).to_owned(),
        is_making: state == PackState::Making,
        is_ready: state == PackState::Ready,
        done: pack.done,
        steps: pack.steps,
        sha256: pack.sha256.clone().unwrap_or_default(),
    }
}

fn link_row(link: &InspectorLink, now: Timestamp, frame: &Frame) -> LinkRow {
    let last = link.looked_at.map(minute).unwrap_or_else(|| "–".to_owned());
    LinkRow {
        id: link.id.clone(),
        reader: link.reader.clone(),
        by: link.by.name.clone(),
        until: link.ended_at.map_or_else(|| day(link.ends_at - Duration::from_micros(1)).to_string(), minute),
        looks: format!("{} ({last})", frame.fill("packs.looks", "count", link.looks)),
        is_open: link.is_open(now),
    }
}

/// What stands on paper is in Japanese: it is for Japanese inspectors.
fn on_paper(key: &str) -> String {
    word(Language::Japanese, key).to_owned()
}
