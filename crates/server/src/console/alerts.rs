//! 警告: what in the record of acts somebody else should look at, and whom that watches over. Nobody is shown an alert
//! about themselves.

use std::str::FromStr;
use std::sync::Arc;

use access::{Action, Concern, Role};
use askama::Template;
use audit::EventId;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{BadThreshold, NoNote, alert_rules, is_about, threshold_of};
use store::{Alert, OddLook, PersonId};

use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::{Frame, role_key};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::{minute, second};

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    frame: Frame,
    waiting: Vec<AlertRow>,
    done: Vec<AlertRow>,
    can_answer: bool,
    watch: Option<Watching>,
    error: Option<(String, String)>,
}

/// One alert.
struct AlertRow {
    id: String,
    rule: String,
    severity: String,
    is_high: bool,
    name: String,
    role: String,
    institution: String,
    at: String,
    looks: Vec<LookRow>,
    note: String,
    by: String,
    answered_at: String,
}

/// One act that an alert rests on.
struct LookRow {
    at: String,
    act: String,
    patient: Option<String>,
    institution: String,
}

/// Whom alerts watch over, and from how many on.
struct Watching {
    persons: Vec<String>,
    thresholds: Vec<ThresholdRow>,
}

struct ThresholdRow {
    rule: String,
    words: String,
    value: i64,
    lowest: i64,
    highest: i64,
    minutes: i64,
}

/// No more alerts stand on the page; unanswered ones come first.
const SHOWN: u16 = 200;

/// `GET /alerts`.
pub(crate) async fn alerts(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, None).await
}

/// `POST /alerts`: an answer (`alert`, `note`), a person to watch over (`watch`) or no longer (`unwatch`), or a threshold
/// (`rule`, `threshold`).
pub(crate) async fn change_alerts(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let error = if fields.contains_key("alert") {
        answer(&app, &reader, &fields).await?
    } else if fields.contains_key("threshold") {
        set_threshold(&app, &reader, &fields).await?
    } else {
        watch(&app, &reader, &fields).await?
    };
    match error {
        None => Ok(to("/alerts")),
        Some(error) => page(&app, &reader, Some(error)).await,
    }
}

type Wrong = Option<(String, &'static str)>;

async fn answer(app: &App, reader: &Reader, fields: &Fields) -> Result<Wrong, Refusal> {
    let id = EventId::try_from(text(fields, "alert")).map_err(|_| reader.not_found(app))?;
    let found = app.exchange.store.alert(id).await;
    let found = found.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let is_theirs = |one: &Alert| {
        (viewer.institution.is_none() || one.oddity.institution == viewer.institution)
            && !is_about(viewer, one)
    };
    let alert = found.filter(is_theirs).ok_or_else(|| reader.not_found(app))?;
    let concern = Concern {
        institution: alert.oddity.institution.as_deref(),
        holder: Some(&alert.oddity.subject),
        ..Concern::default()
    };
    let rule = reader.may(app, Action::AnswerAlert, &concern)?;
    match app.identity.answer_alert(viewer, rule, &alert, &text(fields, "note"), act).await {
        Ok(()) => Ok(None),
        Err(NoNote::Store(fault)) => Err(Refusal::fault(reader.frame(app), &fault)),
        Err(NoNote::Note) => Ok(Some((format!("note-{id}"), "alerts.wrong-note"))),
        Err(NoNote::NotThere) => Ok(Some((format!("note-{id}"), "alerts.not-there"))),
    }
}

async fn watch(app: &App, reader: &Reader, fields: &Fields) -> Result<Wrong, Refusal> {
    let rule = reader.may(app, Action::KeepWatch, &ours(reader))?;
    let is_watched = fields.contains_key("watch");
    let Ok(person) = PersonId::from_str(&text(fields, if is_watched { "watch" } else { "unwatch" })) else {
        return Ok(Some(("watch".to_owned(), "alerts.wrong-patient")));
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let kept = app.identity.watch_over(viewer, rule, person, own(reader), is_watched, act).await;
    kept.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    Ok(None)
}

async fn set_threshold(app: &App, reader: &Reader, fields: &Fields) -> Result<Wrong, Refusal> {
    let rule = reader.may(app, Action::KeepWatch, &ours(reader))?;
    let of = text(fields, "rule");
    let wrong = Some((format!("threshold-{of}"), "alerts.wrong-threshold"));
    let (Some(institution), Ok(threshold)) = (own(reader), text(fields, "threshold").parse()) else {
        return Ok(wrong);
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    match app.identity.keep_threshold(viewer, rule, institution, &of, threshold, act).await {
        Ok(()) => Ok(None),
        Err(BadThreshold::Store(fault)) => Err(Refusal::fault(reader.frame(app), &fault)),
        Err(BadThreshold::Range) => Ok(wrong),
    }
}

fn own(reader: &Reader) -> Option<&str> {
    reader.visitor.viewer.institution.as_deref()
}

fn ours(reader: &Reader) -> Concern<'_> {
    Concern { institution: own(reader), ..Concern::default() }
}

async fn page(app: &App, reader: &Reader, error: Wrong) -> Result<Response, Refusal> {
    reader.may(app, Action::SeeAlerts, &ours(reader))?;
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    let all = app.exchange.store.alerts(own(reader).map(str::to_owned), SHOWN).await.map_err(fault)?;
    let frame = reader.frame(app);
    let shown = all.iter().filter(|one| !is_about(viewer, one));
    let (waiting, done): (Vec<&Alert>, Vec<&Alert>) = shown.partition(|one| one.answer.is_none());
    let may = |action| access::may_administer(viewer, action, &ours(reader), now).is_ok();
    let watch = if may(Action::KeepWatch) { Some(watching(app, reader, &frame).await?) } else { None };
    let error = error.map(|(field, key)| (field, frame.word(key).to_owned()));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let titled = frame.clone().titled(frame.word("alerts.title").to_owned());
    let page = AlertsPage {
        waiting: waiting.into_iter().map(|one| row(one, reader, &frame)).collect(),
        done: done.into_iter().map(|one| row(one, reader, &frame)).collect(),
        can_answer: may(Action::AnswerAlert),
        watch,
        frame: if error.is_some() { titled.with_error() } else { titled },
        error,
    };
    Ok(page.frame.answer(status, &page))
}

async fn watching(app: &App, reader: &Reader, frame: &Frame) -> Result<Watching, Refusal> {
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let persons = app.exchange.store.watched_persons(own(reader).map(str::to_owned)).await.map_err(fault)?;
    let watched = app.exchange.store.watched().await.map_err(fault)?;
    let thresholds = alert_rules().iter().filter(|_| own(reader).is_some()).filter_map(|rule| {
        Some(ThresholdRow {
            rule: rule.code.clone(),
            words: frame.word(&format!("rule.{}", rule.code)).to_owned(),
            value: threshold_of(rule, own(reader), &watched),
            lowest: rule.lowest?,
            highest: rule.highest?,
            minutes: rule.window().as_mins(),
        })
    });
    let thresholds = thresholds.collect();
    Ok(Watching { persons: persons.iter().map(ToString::to_string).collect(), thresholds })
}

fn row(alert: &Alert, reader: &Reader, frame: &Frame) -> AlertRow {
    let oddity = &alert.oddity;
    let name = |number: &Option<String>| {
        number.as_deref().map(|number| reader.institutions.name(number)).unwrap_or_default()
    };
    let look = |look: &OddLook| LookRow {
        at: second(look.at),
        act: frame.word(&format!("act.{}", look.act)).to_owned(),
        patient: look.person.map(|person| person.to_string()),
        institution: name(&look.institution),
    };
    let role = Role::from_code(&oddity.role).map_or(oddity.role.as_str(), |role| frame.word(role_key(role)));
    let answer = alert.answer.as_ref();
    AlertRow {
        id: alert.id.to_string(),
        rule: frame.word(&format!("rule.{}", oddity.rule)).to_owned(),
        severity: frame.word(&format!("alert-severity.{}", oddity.severity)).to_owned(),
        is_high: oddity.severity == "high",
        name: oddity.subject.name.clone(),
        role: role.to_owned(),
        institution: name(&oddity.institution),
        at: minute(alert.raised_at),
        looks: oddity.looks.iter().map(look).collect(),
        note: answer.map(|one| one.note.clone()).unwrap_or_default(),
        by: answer.map(|one| one.by.name.clone()).unwrap_or_default(),
        answered_at: answer.map(|one| minute(one.at)).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn an_alert_tells_which_looks_and_waits_for_a_note_of_those_who_may_answer() {
        for frame in frames() {
            let text = || "x".to_owned();
            let row = || AlertRow {
                id: "0".repeat(32),
                rule: text(),
                severity: text(),
                is_high: true,
                name: "架空 閲覧".to_owned(),
                role: text(),
                institution: text(),
                at: text(),
                looks: vec![LookRow {
                    at: text(),
                    act: text(),
                    patient: Some("p1".to_owned()),
                    institution: text(),
                }],
                note: text(),
                by: text(),
                answered_at: text(),
            };
            let page = |can_answer| AlertsPage {
                frame: frame.clone(),
                waiting: vec![row()],
                done: vec![row()],
                can_answer,
                watch: None,
                error: None,
            };
            let html = rendered(&page(true));
            assert!(html.contains("架空 閲覧") && html.contains("name=\"note\"") && html.contains("p1"));
            assert!(!rendered(&page(false)).contains("name=\"note\""));
        }
    }
}
