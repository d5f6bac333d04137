//! One incident: one column, phase by phase, with the clock of duties and the timeline.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use guideline::Phase;
use jiff::Timestamp;
use safety::incident::{Course, Deed, Fact, Happened, NotWritten};
use serde::Deserialize;
use store::{Incident, IncidentEntry};

use super::incident_view::{
    ActionView, DutyView, EntryView, QuestionView, StepView, Tab, action_views, duty_views, entry_views,
    question_views, step_views, tabs,
};
use super::incident_words::{instant, wrong_key};
use super::incidents::FORM_BYTES;
use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/incident.html")]
struct IncidentPage {
    frame: Frame,
    id: String,
    errors: Vec<(String, String)>,
    is_drill: bool,
    seen_at: String,
    opened: String,
    closed_at: Option<String>,
    tabs: Vec<Tab>,
    shown: &'static str,
    next_phase: Option<(&'static str, String)>,
    next_duty: Option<String>,
    steps: Vec<StepView>,
    questions: Vec<QuestionView>,
    duties: Vec<DutyView>,
    actions: Vec<ActionView>,
    entries: Vec<EntryView>,
    can_write: bool,
    can_close: bool,
    /// Whether they may set right, and say that something is done, also after the end.
    can_finish: bool,
    typed: Typed,
}

/// What a form held that was not taken; empty else.
#[derive(Clone, Default)]
pub(super) struct Typed {
    pub(super) deed: String,
    pub(super) about: String,
    pub(super) said: String,
    pub(super) at: String,
    pub(super) who: String,
    pub(super) due: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    phase: Option<String>,
}

/// What was typed, and why it was not taken.
struct Refused {
    typed: Typed,
    status: StatusCode,
    errors: Vec<(String, String)>,
}

const PHASES: [Phase; 4] = [Phase::Detection, Phase::Response, Phase::Recovery, Phase::Aftermath];

/// `GET /safety/incidents/{id}`: as it stands, with the steps of `phase`.
pub(crate) async fn incident(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    page(&app, &reader, &id, asked.phase, None).await
}

/// `POST /safety/incidents/{id}`: writes on (`deed`, `about`, `said`, `at`, `who`, `due`).
pub(crate) async fn write_incident(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let typed = typed(&fields);
    let action = if typed.deed == "close" { Action::AnswerGuideline } else { Action::KeepRegisters };
    let rule = reader.may(&app, action, &ours(&reader))?;
    let now = reader.visitor.act.now;
    let frame = reader.frame(&app);
    let at = if typed.at.is_empty() { Some(now) } else { instant(&typed.at) };
    let Some((deed, at)) = deed(&typed).zip(at) else {
        let key = if at.is_none() { "incident.wrong-time" } else { "incident.wrong-what" };
        let refused = refused(typed, vec![frame.word(key).to_owned()]);
        return page(&app, &reader, &id, asked.phase, Some(refused)).await;
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let happened = Happened { said: typed.said.clone(), at };
    let written = app.safety.write_incident(viewer, rule, (own(&reader), &id), &deed, &happened, act).await;
    let told = match written {
        Ok(()) => return Ok(to(&back(&id, &deed, asked.phase.as_deref()))),
        Err(NotWritten::Store(fault)) => return Err(Refusal::fault(frame, &fault)),
        Err(NotWritten::NotThere) => return Err(reader.not_found(&app)),
        Err(NotWritten::Wrong(wrong)) => vec![frame.word(wrong_key(wrong)).to_owned()],
        Err(NotWritten::Closed) => vec![frame.word("incident.wrong-closed").to_owned()],
        Err(NotWritten::Open(open)) => {
            open.iter().map(|key| frame.fill("incident.still-open", "what", frame.word(key))).collect()
        }
    };
    page(&app, &reader, &id, asked.phase, Some(refused(typed, told))).await
}

/// The page after a deed, near where it was done.
fn back(id: &str, deed: &Deed, phase: Option<&str>) -> String {
    let (phase, anchor) = match deed {
        Deed::MoveOn(phase) => (Some(phase.code()), "#steps".to_owned()),
        Deed::Do(code) | Deed::Undo(code) | Deed::Skip(code) => (phase, format!("#do-{code}")),
        Deed::Answer(code, _) => (phase, format!("#question-{code}")),
        Deed::Report(code) | Deed::Waive(code) => (phase, format!("#duty-{code}")),
        Deed::Plan(..) | Deed::Finish(_) => (phase, "#actions".to_owned()),
        Deed::Note | Deed::Correct(_) => (phase, "#timeline".to_owned()),
        Deed::Close => (None, String::new()),
    };
    let known = phase.filter(|code| PHASES.iter().any(|one| one.code() == *code));
    let query = known.map(|code| format!("?phase={code}")).unwrap_or_default();
    format!("/safety/incidents/{id}{query}{anchor}")
}

fn typed(fields: &Fields) -> Typed {
    Typed {
        deed: text(fields, "deed"),
        about: text(fields, "about"),
        said: text(fields, "said"),
        at: text(fields, "at"),
        who: text(fields, "who"),
        due: text(fields, "due"),
    }
}

/// What the form asks for; none where it is nothing that can be done.
fn deed(typed: &Typed) -> Option<Deed> {
    let about = || typed.about.clone();
    Some(match typed.deed.as_str() {
        "note" => Deed::Note,
        "correct" => Deed::Correct(typed.about.parse().ok()?),
        "do" => Deed::Do(about()),
        "undo" => Deed::Undo(about()),
        "skip" => Deed::Skip(about()),
        "yes" => Deed::Answer(about(), Fact::Yes),
        "maybe" => Deed::Answer(about(), Fact::Maybe),
        "no" => Deed::Answer(about(), Fact::No),
        "report" => Deed::Report(about()),
        "waive" => Deed::Waive(about()),
        "phase" => Deed::MoveOn(PHASES.into_iter().find(|one| one.code() == typed.about)?),
        "plan" => Deed::Plan(typed.who.clone(), typed.due.parse().ok()),
        "finish" => Deed::Finish(typed.about.parse().ok()?),
        "close" => Deed::Close,
        _ => return None,
    })
}

/// Where the form stands that was not taken.
fn anchor(typed: &Typed) -> String {
    let about = &typed.about;
    match typed.deed.as_str() {
        "do" | "undo" | "skip" => format!("do-{about}"),
        "yes" | "maybe" | "no" => format!("question-{about}"),
        "report" | "waive" => format!("duty-{about}"),
        "plan" | "finish" => "actions".to_owned(),
        "close" => "close".to_owned(),
        "correct" => format!("entry-{about}"),
        _ => "note".to_owned(),
    }
}

fn refused(typed: Typed, told: Vec<String>) -> Refused {
    let anchor = anchor(&typed);
    Refused {
        errors: told.into_iter().map(|one| (anchor.clone(), one)).collect(),
        typed,
        status: StatusCode::UNPROCESSABLE_ENTITY,
    }
}

async fn page(
    app: &App,
    reader: &Reader,
    id: &str,
    phase: Option<String>,
    refused: Option<Refused>,
) -> Result<Response, Refusal> {
    let (store, scope) = (&app.exchange.store, own(reader).to_owned());
    let found = store.incident(scope.clone(), id.to_owned()).await.map_err(at_fault(app, reader))?;
    let incident = found.ok_or_else(|| reader.not_found(app))?;
    let entries = store.incident_entries(scope.clone(), id.to_owned()).await;
    let entries = entries.map_err(at_fault(app, reader))?;
    let rows = store.all_register_rows(&scope, Some("contacts")).await.map_err(at_fault(app, reader))?;
    let course = Course::of(&incident, &entries);
    let shown = PHASES.into_iter().find(|one| Some(one.code()) == phase.as_deref()).unwrap_or(course.phase);
    let refused =
        refused.unwrap_or(Refused { typed: Typed::default(), status: StatusCode::OK, errors: Vec::new() });
    let status = refused.status;
    let page = IncidentPage {
        can_write: course.closed_at.is_none() && can(reader, Action::KeepRegisters),
        can_finish: can(reader, Action::KeepRegisters),
        can_close: course.closed_at.is_none() && can(reader, Action::AnswerGuideline),
        duties: duty_views(&course, &safety::contacts(&rows), reader.visitor.act.now, &reader.frame(app)),
        ..incident_page(
            reader.frame(app),
            &incident,
            &entries,
            &course,
            shown,
            refused,
            reader.visitor.act.now,
        )
    };
    Ok(page.frame.answer(status, &page))
}

fn incident_page(
    frame: Frame,
    incident: &Incident,
    entries: &[IncidentEntry],
    course: &Course,
    shown: Phase,
    refused: Refused,
    now: Timestamp,
) -> IncidentPage {
    let titled = frame.titled(incident.title.clone());
    let frame = if refused.errors.is_empty() { titled } else { titled.with_error() };
    let after = PHASES.into_iter().skip_while(|one| *one != course.phase).nth(1);
    IncidentPage {
        id: incident.id.clone(),
        errors: refused.errors,
        is_drill: incident.is_drill,
        seen_at: minute(incident.seen_at),
        opened: format!("{} {}", incident.opened_by.name, minute(incident.opened_at)),
        closed_at: course.closed_at.map(minute),
        tabs: tabs(&PHASES, course, shown, &frame),
        shown: shown.code(),
        next_phase: after
            .map(|phase| (phase.code(), frame.word(&format!("phase.{}", phase.code())).to_owned())),
        next_duty: super::incident_view::next_duty(course, now, &frame),
        steps: step_views(course, shown, &frame),
        questions: question_views(course, &frame),
        duties: Vec::new(),
        actions: action_views(course),
        entries: entry_views(entries, &frame),
        can_write: false,
        can_close: false,
        can_finish: false,
        typed: refused.typed,
        frame,
    }
}

#[cfg(test)]
mod tests {
    use audit::EventId;
    use store::Holder;

    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn the_page_shows_the_steps_of_a_phase_the_clock_and_only_to_those_who_write_the_forms() {
        let at: Timestamp = "2026-11-20T01:00:00Z".parse().unwrap();
        let by = || Holder { credential: "a".to_owned(), name: "架空 情報".to_owned() };
        let incident = Incident {
            institution: "4910000001".to_owned(),
            id: "0".repeat(32),
            title: "電子カルテが開かない".to_owned(),
            is_drill: true,
            seen_at: at,
            opened_at: at,
            opened_by: by(),
        };
        let entry = |seq: i64, kind: &str, about: &str, said: &str| IncidentEntry {
            seq,
            event: EventId::from_bytes([1; 16]),
            kind: kind.to_owned(),
            about: about.to_owned(),
            said: said.to_owned(),
            who: String::new(),
            due: None,
            happened_at: at,
            at,
            by: by(),
        };
        let entries = [
            entry(1, "opened", "", "英語の画面が出た"),
            entry(2, "maybe", "personal-data", ""),
            entry(3, "step-done", "hands-off", "<b>触らない</b>"),
        ];
        let course = Course::of(&incident, &entries);
        let now: Timestamp = "2026-11-27T01:00:00Z".parse().unwrap();
        for frame in frames() {
            let refused = Refused { typed: Typed::default(), status: StatusCode::OK, errors: Vec::new() };
            let page = |can_write| IncidentPage {
                can_write,
                can_close: can_write,
                can_finish: can_write,
                duties: duty_views(&course, &[], now, &frame),
                ..incident_page(
                    frame.clone(),
                    &incident,
                    &entries,
                    &course,
                    Phase::Detection,
                    Refused { typed: refused.typed.clone(), status: refused.status, errors: Vec::new() },
                    now,
                )
            };
            let html = rendered(&page(true));
            assert!(html.contains("英語の画面が出た") && html.contains("name=\"deed\""));
            assert!(html.contains("mark-high"), "the first report is overdue");
            assert!(!html.contains("<b>触らない"), "what is said is shown as it is");
            for key in [">incident-", ">phase."] {
                assert!(!html.contains(key), "words, not keys: {html}");
            }
            assert!(!rendered(&page(false)).contains("name=\"deed\""));
        }
    }
}
