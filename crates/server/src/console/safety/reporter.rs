//! One 報告元: what it measured last, what that proves, what it is meant to be like, and its end.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use guideline::Catalogue;
use jiff::Timestamp;
use safety::report::{Measured, Neighbour, NotEnrolled, Port};
use store::{Evidence, Reporter};

use super::measured;
use super::permission::{at_fault, can, ours, own};
use super::reporters::{StateShown, state, wrong};
use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/reporter.html")]
struct ReporterPage {
    frame: Frame,
    id: String,
    state: StateShown,
    about: Vec<(String, String)>,
    facts: Vec<(String, String)>,
    proved: Vec<ProvedRow>,
    seen: Vec<SeenRow>,
    /// Where it may be changed: what it is meant to be like.
    form: Option<(String, String)>,
    error: Option<(&'static str, String)>,
}

/// What it proves of a control.
struct ProvedRow {
    control: String,
    link: String,
    holds: bool,
    is_stale: bool,
    until: String,
    measured: String,
}

/// A machine that it saw.
struct SeenRow {
    address: String,
    mac: String,
    hostname: String,
}

/// Two lines.
const FORM_BYTES: usize = 8 << 10;

/// `GET /safety/reporters/{id}`.
pub(crate) async fn reporter(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let one = ours_of(&app, &reader, id).await?;
    page(&app, &reader, &one, None).await
}

/// `POST /safety/reporters/{id}`: `end`, or what it is meant to be like.
pub(crate) async fn change_reporter(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    let one = ours_of(&app, &reader, id).await?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    if !text(&fields, "end").is_empty() {
        let ended = app.safety.end_reporter(viewer, rule, &one, act).await;
        ended.map_err(at_fault(&app, &reader))?;
        return Ok(to("/safety/reporters"));
    }
    let (ports, names) = (text(&fields, "ports"), text(&fields, "administrators"));
    match app.safety.expect_of_reporter(viewer, rule, &one, (&ports, &names), act).await {
        Ok(()) => Ok(to(&format!("/safety/reporters/{}", one.id))),
        Err(NotEnrolled::Store(fault)) => Err(at_fault(&app, &reader)(fault)),
        Err(why) => {
            let typed = Reporter { ports: Some(ports), administrators: Some(names), ..one };
            page(&app, &reader, &typed, Some(wrong(&why))).await
        }
    }
}

/// A reporter of the reader's institution.
async fn ours_of(app: &App, reader: &Reader, id: String) -> Result<Reporter, Refusal> {
    let found = app.exchange.store.reporter(id).await.map_err(at_fault(app, reader))?;
    found.filter(|one| one.institution == own(reader)).ok_or_else(|| reader.not_found(app))
}

async fn page(
    app: &App,
    reader: &Reader,
    one: &Reporter,
    error: Option<(&'static str, &'static str)>,
) -> Result<Response, Refusal> {
    let evidence = app.exchange.store.newest_evidence(own(reader).to_owned()).await;
    let evidence = evidence.map_err(at_fault(app, reader))?;
    let can_keep = can(reader, Action::KeepRegisters);
    let page = reporter_page(reader.frame(app), one, &evidence, error, can_keep, reader.visitor.act.now);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page.frame.answer(status, &page))
}

fn reporter_page(
    frame: Frame,
    one: &Reporter,
    evidence: &[Evidence],
    error: Option<(&'static str, &'static str)>,
    can_keep: bool,
    now: Timestamp,
) -> ReporterPage {
    let frame = frame.titled(one.name.clone());
    let last = one.last.as_ref();
    let reported: Measured =
        last.and_then(|last| serde_json::from_str(&last.measured).ok()).unwrap_or_default();
    let source = one.source();
    let proved = evidence.iter().filter(|piece| piece.source == source);
    let typed = || (one.ports.clone().unwrap_or_default(), one.administrators.clone().unwrap_or_default());
    ReporterPage {
        id: one.id.clone(),
        state: state(one, &frame, now),
        about: about(one, &frame),
        facts: facts(&reported, &frame),
        proved: proved.map(|piece| proved_row(piece, &frame, now)).collect(),
        seen: reported.seen.iter().flatten().map(seen_row).collect(),
        form: (can_keep && one.is_in_force()).then(typed),
        error: error.map(|(field, key)| (field, frame.word(key).to_owned())),
        frame: if error.is_some() { frame.with_error() } else { frame },
    }
}

fn about(one: &Reporter, frame: &Frame) -> Vec<(String, String)> {
    let at = |at: Option<Timestamp>| at.map(minute).unwrap_or_default();
    let last = one.last.as_ref();
    told(
        frame,
        [
            ("reporters.device", one.device.clone().unwrap_or_default()),
            ("reporters.reported-at", at(last.map(|last| last.at))),
            ("reporters.received-at", at(last.map(|last| last.received_at))),
            ("reporters.made-by", format!("{} {}", one.made_by.name, minute(one.made_at))),
            ("reporters.ended-at", at(one.ended_at)),
            ("reporters.thumbprint", one.thumbprint.clone()),
        ],
    )
}

/// What it measured; what it left out is not told.
fn facts(measured: &Measured, frame: &Frame) -> Vec<(String, String)> {
    let os = measured.os.as_ref().map(|os| {
        let parts = [Some(&os.name), os.version.as_ref(), os.kernel.as_ref()];
        parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" / ")
    });
    let yes_no = |is: bool| frame.word(if is { "yes-no.yes" } else { "yes-no.no" }).to_owned();
    let extent = measured.disk_encryption.map(|extent| {
        let code = serde_json::to_value(extent).ok().and_then(|code| code.as_str().map(str::to_owned));
        frame.word(&format!("register-choice.{}", code.unwrap_or_default())).to_owned()
    });
    let listening = measured.listening.as_ref().map(|all| listed(all.iter().map(Port::to_string), frame));
    let names = measured.local_administrators.as_ref();
    told(
        frame,
        [
            ("reporters.os", os.unwrap_or_default()),
            ("reporters.updated-on", measured.updated_on.map(|day| day.to_string()).unwrap_or_default()),
            ("reporters.portable", measured.portable.map(yes_no).unwrap_or_default()),
            ("reporters.disk-encryption", extent.unwrap_or_default()),
            (
                "reporters.antivirus",
                measured
                    .antivirus
                    .as_ref()
                    .map_or_else(String::new, |one| format!("{} {}", one.name, one.signatures_on)),
            ),
            (
                "reporters.administrators-found",
                names.map_or_else(String::new, |all| listed(all.iter().cloned(), frame)),
            ),
            ("reporters.listening", listening.unwrap_or_default()),
            (
                "reporters.vpn",
                measured
                    .vpn
                    .as_ref()
                    .map_or_else(String::new, |one| format!("{} {}", one.product, one.version)),
            ),
        ],
    )
}

/// A list in a line; that it is empty is a fact as well.
fn listed(all: impl Iterator<Item = String>, frame: &Frame) -> String {
    let all: Vec<String> = all.collect();
    if all.is_empty() { frame.word("reporters.nothing").to_owned() } else { frame.list(&all) }
}

fn told<const N: usize>(frame: &Frame, facts: [(&str, String); N]) -> Vec<(String, String)> {
    let told = facts.into_iter().filter(|(_, value)| !value.is_empty());
    told.map(|(key, value)| (frame.word(key).to_owned(), value)).collect()
}

fn proved_row(one: &Evidence, frame: &Frame, now: Timestamp) -> ProvedRow {
    let control = Catalogue::shipped().control(&one.control);
    let name = control.map(|control| if frame.is_english() { &control.en } else { &control.ja });
    let item = control.and_then(|control| Catalogue::shipped().covered_by(control).next());
    ProvedRow {
        control: name.cloned().unwrap_or_else(|| one.control.clone()),
        link: item.map_or_else(
            || "/safety/guideline".to_owned(),
            |item| format!("/safety/guideline/{}#{}", item.id, one.control),
        ),
        holds: one.holds,
        is_stale: one.holds_until <= now,
        until: minute(one.holds_until),
        measured: measured::line(&one.measured, frame),
    }
}

fn seen_row(one: &Neighbour) -> SeenRow {
    SeenRow {
        address: one.address.map(|address| address.to_string()).unwrap_or_default(),
        mac: one.mac.clone().unwrap_or_default(),
        hostname: one.hostname.clone().unwrap_or_default(),
    }
}
