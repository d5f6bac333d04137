//! きょう: the three next things, how far the institution is, and the checks that ran.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use fhir::finding::Language;
use guideline::{Catalogue, Control};
use jiff::Timestamp;
use safety::incident::Task;
use safety::register::Examined;
use safety::{Next, next_things};
use store::Evidence;

use super::bars::{EditionBar, bars};
use super::incident_view::until;
use super::incident_words::time_left;
use super::measured;
use super::permission::{can, ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/today.html")]
struct TodayPage {
    frame: Frame,
    next: Vec<NextRow>,
    more: usize,
    editions: Vec<EditionBar>,
    checks: Vec<CheckRow>,
    can_run: bool,
}

/// One thing to do: what, why, and where.
struct NextRow {
    title: String,
    detail: String,
    link: String,
}

/// What is newest of a control.
struct CheckRow {
    control: String,
    source: String,
    holds: bool,
    at: String,
    until: String,
    is_stale: bool,
    measured: String,
}

/// So many things are told at once.
const NEXT: usize = 3;

/// `GET /safety`.
pub(crate) async fn today(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let fault = |fault| Refusal::fault(reader.frame(&app), &fault);
    let act = &reader.visitor.act;
    let overview = app.safety.overview(own(&reader), act.now).await.map_err(fault)?;
    let examined =
        Examined::look(&app.exchange.store, own(&reader), act.today(), act.now).await.map_err(fault)?;
    let tasks = app.safety.incident_tasks(own(&reader)).await.map_err(fault)?;
    let next = next_things(&overview, &examined.findings, &tasks, act.today());
    let frame = reader.frame(&app);
    let frame = frame.clone().titled(frame.word("today.title").to_owned());
    let page = TodayPage {
        next: next.iter().take(NEXT).map(|one| next_row(one, act.now, &frame)).collect(),
        more: next.len().saturating_sub(NEXT),
        editions: bars(&overview, &frame),
        checks: overview.evidence.iter().map(|one| check_row(one, &reader, &frame)).collect(),
        can_run: can(&reader, Action::RunChecks),
        frame,
    };
    Ok(page.frame.answer(axum::http::StatusCode::OK, &page))
}

/// `POST /safety`: the checks of the reader's institution run now.
pub(crate) async fn run_checks(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::RunChecks, &ours(&reader))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let ran = app.safety.run_checks(Some(own(&reader)), viewer, rule, act).await;
    ran.map_err(|fault| Refusal::fault(reader.frame(&app), &fault))?;
    Ok(to("/safety"))
}

fn next_row(next: &Next, now: Timestamp, frame: &Frame) -> NextRow {
    let control = |id: &str| Catalogue::shipped().control(id);
    match next {
        Next::Control { control: id, items } => {
            let found = control(id);
            NextRow {
                title: frame.fill(
                    "today.fails",
                    "control",
                    found.map_or(id.as_str(), |one| name(one, frame)),
                ),
                detail: found.map(|one| plain(one, frame)).unwrap_or_default()
                    + &frame.fill("today.items", "count", items),
                link: first_item(found),
            }
        }
        Next::Incident(task) => task_row(task, now, frame),
        Next::Stale { control: id, items, since } => {
            let found = control(id);
            NextRow {
                title: frame.fill(
                    "today.stale",
                    "control",
                    found.map_or(id.as_str(), |one| name(one, frame)),
                ),
                detail: frame.fill("today.since", "at", minute(*since))
                    + &frame.fill("today.items", "count", items),
                link: first_item(found),
            }
        }
        Next::PastTarget { item, target } => NextRow {
            title: frame.fill("today.past", "day", target),
            detail: Catalogue::shipped().item(item).map(|item| item.ja.clone()).unwrap_or_default(),
            link: format!("/safety/guideline/{item}"),
        },
        Next::Finding(finding) => NextRow {
            title: frame.word(&format!("register-finding.{}", finding.code)).to_owned(),
            detail: finding.subject.clone(),
            link: "/safety/findings".to_owned(),
        },
    }
}

/// What an incident leaves to do.
fn task_row(task: &Task, now: Timestamp, frame: &Frame) -> NextRow {
    let told = |key: &str, code: &str| frame.word(&format!("{key}.{code}")).to_owned();
    match task {
        Task::Duty { incident, duty, deadline } => NextRow {
            title: told("incident-duty", duty),
            detail: deadline.map_or_else(
                || frame.word("incident.soon").to_owned(),
                |end| format!("{} {}", until(end), time_left(end, now, frame)),
            ),
            link: format!("/safety/incidents/{incident}#duty-{duty}"),
        },
        Task::Question { incident, question } => NextRow {
            title: told("incident-question", question),
            detail: frame.word("incident.undecided").to_owned(),
            link: format!("/safety/incidents/{incident}#question-{question}"),
        },
        Task::Action { incident, what, who, due } => NextRow {
            title: what.clone(),
            detail: format!(
                "{who} {}",
                due.map(|day| frame.fill("incident.by-day", "day", day)).unwrap_or_default()
            ),
            link: format!("/safety/incidents/{incident}#actions"),
        },
    }
}

fn name<'c>(control: &'c Control, frame: &Frame) -> &'c str {
    if frame.language == Language::Japanese { &control.ja } else { &control.en }
}

fn plain(control: &Control, frame: &Frame) -> String {
    let plain = if frame.language == Language::Japanese { &control.plain_ja } else { &control.plain_en };
    plain.yes.clone()
}

fn first_item(control: Option<&Control>) -> String {
    let first = control.and_then(|control| Catalogue::shipped().covered_by(control).next());
    first.map_or_else(|| "/safety/guideline".to_owned(), |item| format!("/safety/guideline/{}", item.id))
}

fn check_row(one: &Evidence, reader: &Reader, frame: &Frame) -> CheckRow {
    let control = Catalogue::shipped().control(&one.control);
    CheckRow {
        control: control.map_or(one.control.as_str(), |control| name(control, frame)).to_owned(),
        source: frame.word(&format!("today-source.{}", kind_of(&one.source))).to_owned(),
        holds: one.holds,
        at: minute(one.true_at),
        until: minute(one.holds_until),
        is_stale: one.holds_until <= reader.visitor.act.now,
        measured: measured::line(&one.measured, frame),
    }
}

/// What kind of source it is: machines that report are many.
fn kind_of(source: &str) -> &str {
    source.split(':').next().unwrap_or(source)
}
