//! 報告元: which machines and products report what they measured, and when they last did.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::app::KeySetFault;
use jiff::{SignedDuration, Timestamp};
use safety::report::{Enrolment, NotEnrolled};
use store::{Evidence, Reporter};

use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/reporters.html")]
struct ReportersPage {
    frame: Frame,
    rows: Vec<ReporterRow>,
    can_keep: bool,
    typed: Enrolment,
    error: Option<(&'static str, String)>,
}

struct ReporterRow {
    id: String,
    name: String,
    device: String,
    state: StateShown,
    reported_at: String,
    holding: usize,
    failing: usize,
}

/// Whether something reports.
pub(super) struct StateShown {
    pub(super) code: &'static str,
    pub(super) word: String,
}

/// A key and a few names.
const FORM_BYTES: usize = 64 << 10;
/// The evidence of a day needs a report a day, and a little time.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(26);

/// `GET /safety/reporters`.
pub(crate) async fn reporters(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    page(&app, &reader, Enrolment::default(), None).await
}

/// `POST /safety/reporters`: registers one.
pub(crate) async fn enrol_reporter(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let typed = typed(&fields);
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    match app.safety.enrol_reporter(viewer, rule, own(&reader), typed.clone(), act).await {
        Ok(id) => Ok(to(&format!("/safety/reporters/{id}"))),
        Err(NotEnrolled::Store(fault)) => Err(at_fault(&app, &reader)(fault)),
        Err(why) => page(&app, &reader, typed, Some(wrong(&why))).await,
    }
}

fn typed(fields: &Fields) -> Enrolment {
    Enrolment {
        name: text(fields, "name"),
        device: text(fields, "device"),
        jwk: text(fields, "jwk"),
        ports: text(fields, "ports"),
        administrators: text(fields, "administrators"),
    }
}

/// Which field is wrong, and how to mend it.
pub(super) fn wrong(why: &NotEnrolled) -> (&'static str, &'static str) {
    match why {
        NotEnrolled::Name | NotEnrolled::Store(_) => ("name", "reporters.not-name"),
        NotEnrolled::TooMany => ("name", "reporters.too-many"),
        NotEnrolled::Gone => ("name", "reporters.gone"),
        NotEnrolled::Device => ("device", "reporters.not-device"),
        NotEnrolled::Key(KeySetFault::Private) => ("jwk", "reporters.not-private"),
        NotEnrolled::Key(_) => ("jwk", "reporters.not-key"),
        NotEnrolled::KeyKnown => ("jwk", "reporters.key-known"),
        NotEnrolled::Ports => ("ports", "reporters.not-ports"),
    }
}

async fn page(
    app: &App,
    reader: &Reader,
    typed: Enrolment,
    error: Option<(&'static str, &'static str)>,
) -> Result<Response, Refusal> {
    let fault = at_fault(app, reader);
    let store = &app.exchange.store;
    let all = store.reporters(own(reader).to_owned()).await.map_err(&fault)?;
    let evidence = store.newest_evidence(own(reader).to_owned()).await.map_err(&fault)?;
    let page = reporters_page(
        reader.frame(app),
        &all,
        &evidence,
        (typed, error),
        can(reader, Action::KeepRegisters),
        reader.visitor.act.now,
    );
    let status = if page.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page.frame.answer(status, &page))
}

fn reporters_page(
    frame: Frame,
    all: &[Reporter],
    evidence: &[Evidence],
    (typed, error): (Enrolment, Option<(&'static str, &'static str)>),
    can_keep: bool,
    now: Timestamp,
) -> ReportersPage {
    let title = frame.word("reporters.title").to_owned();
    let frame = frame.titled(title);
    ReportersPage {
        rows: all.iter().map(|one| row(one, evidence, &frame, now)).collect(),
        can_keep,
        typed,
        error: error.map(|(field, key)| (field, frame.word(key).to_owned())),
        frame: if error.is_some() { frame.with_error() } else { frame },
    }
}

fn row(one: &Reporter, evidence: &[Evidence], frame: &Frame, now: Timestamp) -> ReporterRow {
    let source = one.source();
    let fresh = evidence.iter().filter(|piece| piece.source == source && piece.holds_until > now);
    let (holding, failing): (Vec<_>, Vec<_>) = fresh.partition(|piece| piece.holds);
    ReporterRow {
        id: one.id.clone(),
        name: one.name.clone(),
        device: one.device.clone().unwrap_or_default(),
        state: state(one, frame, now),
        reported_at: one.last.as_ref().map(|last| minute(last.at)).unwrap_or_default(),
        holding: holding.len(),
        failing: failing.len(),
    }
}

/// Whether a reporter reports, in words.
pub(super) fn state(one: &Reporter, frame: &Frame, now: Timestamp) -> StateShown {
    let code = match &one.last {
        _ if !one.is_in_force() => "ended",
        None => "never",
        Some(last) if now.duration_since(last.at) > SILENT_AFTER => "silent",
        Some(_) => "reporting",
    };
    StateShown { code, word: frame.word(&format!("reporter-state.{code}")).to_owned() }
}

#[cfg(test)]
mod tests {
    use store::{Holder, Report};

    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn the_list_tells_who_reports_and_who_fell_silent() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let one = |name: &str, hours: Option<i64>| Reporter {
            id: "0".repeat(32),
            institution: "4919999901".to_owned(),
            name: name.to_owned(),
            device: Some("PC-3F-01".to_owned()),
            thumbprint: name.to_owned(),
            jwk: String::new(),
            ports: None,
            administrators: None,
            made_at: now,
            made_by: Holder { credential: "a".to_owned(), name: "架空 情報".to_owned() },
            ended_at: None,
            last: hours.map(|hours| Report {
                jti: "r".to_owned(),
                at: now - SignedDuration::from_hours(hours),
                received_at: now,
                measured: "{}".to_owned(),
            }),
        };
        let all = [one("病棟PC", Some(1)), one("受付PC", Some(27)), one("検査PC", None)];
        for frame in frames() {
            let html = rendered(&reporters_page(
                frame.clone(),
                &all,
                &[],
                (Enrolment::default(), Some(("jwk", "reporters.not-key"))),
                true,
                now,
            ));
            for state in ["reporting", "silent", "never"] {
                assert!(html.contains(frame.word(&format!("reporter-state.{state}"))), "{state}");
            }
            assert!(html.contains(frame.word("reporters.not-key")) && html.contains("href=\"#jwk\""));
        }
    }
}
