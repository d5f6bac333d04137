//! One item: what it asks and where it stands in the source, what proves it and how fresh that is, who answered what.

use std::str::FromStr;
use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use guideline::{Answer, Catalogue, Control, Item, Proof};
use jiff::Timestamp;
use jiff::civil::Date;
use safety::register::{Definition, registers};
use safety::{NotAnswered, Overview, Said};
use store::{Evidence, GuidelineAnswer};

use super::guideline::{StandingShown, in_language, shown};
use super::measured;
use super::permission::{can, ours, own};
use super::support::{EntryShown, explaining};
use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/item.html")]
struct ItemPage {
    frame: Frame,
    error: Option<(&'static str, String)>,
    id: String,
    words: String,
    edition: String,
    edition_id: String,
    chapter: String,
    facts: Vec<(String, String)>,
    unverified: Option<String>,
    standing: StandingShown,
    controls: Vec<ControlShown>,
    related: Vec<(String, String, String)>,
    explained: Vec<EntryShown>,
    answer: Option<AnswerShown>,
    form: Option<AnswerForm>,
}

/// A control, in plain words, with its evidence.
struct ControlShown {
    id: String,
    name: String,
    proof: String,
    why: String,
    yes: String,
    show: String,
    measures: String,
    pass_rule: String,
    fresh_days: u16,
    registers: Vec<(String, String)>,
    evidence: Vec<EvidenceShown>,
}

/// A piece of evidence with its clock.
struct EvidenceShown {
    holds: bool,
    is_stale: bool,
    kind: String,
    source: String,
    true_at: String,
    received_at: String,
    until: String,
    measured: Vec<(String, String)>,
    by: String,
}

/// What somebody answered.
struct AnswerShown {
    word: String,
    target: String,
    reason: String,
    by: String,
    at: String,
}

/// The form, with what was typed.
struct AnswerForm {
    seen: i64,
    may_say_yes: bool,
    answer: String,
    target: String,
    reason: String,
}

/// What was typed, and why it was not taken.
struct Typed {
    answer: String,
    target: String,
    reason: String,
    status: StatusCode,
    error: (&'static str, &'static str),
}

/// `GET /safety/guideline/{item}`.
pub(crate) async fn item(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let item = Catalogue::shipped().item(&id).ok_or_else(|| reader.not_found(&app))?;
    page(&app, &reader, item, None).await
}

/// `POST /safety/guideline/{item}`: `answer`, `target`, `reason`, and the version `seen`.
pub(crate) async fn answer_item(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::AnswerGuideline, &ours(&reader))?;
    let item = Catalogue::shipped().item(&id).ok_or_else(|| reader.not_found(&app))?;
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let said = match said(&fields, item) {
        Ok(said) => said,
        Err(error) => return page(&app, &reader, item, Some(typed(&fields, error))).await,
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    match app.safety.answer(viewer, rule, own(&reader), &item.id, &said, act).await {
        Ok(()) => Ok(to(&format!("/safety/guideline/{}", item.id))),
        Err(NotAnswered::Store(fault)) => Err(Refusal::fault(reader.frame(&app), &fault)),
        Err(NotAnswered::Item) => Err(reader.not_found(&app)),
        Err(NotAnswered::Target) => refused(&app, &reader, item, &fields, TARGET).await,
        Err(NotAnswered::Reason) => refused(&app, &reader, item, &fields, REASON).await,
        Err(NotAnswered::Meanwhile(_)) => {
            let typed = Typed {
                status: StatusCode::CONFLICT,
                ..typed(&fields, ("theirs", "guideline.answered-meanwhile"))
            };
            page(&app, &reader, item, Some(typed)).await
        }
    }
}

const TARGET: (&str, &str) = ("target", "guideline.wrong-target");
const REASON: (&str, &str) = ("reason", "guideline.wrong-reason");
const ANSWER: (&str, &str) = ("answer", "guideline.wrong-answer");

async fn refused(
    app: &App,
    reader: &Reader,
    item: &'static Item,
    fields: &Fields,
    error: (&'static str, &'static str),
) -> Result<Response, Refusal> {
    page(app, reader, item, Some(typed(fields, error))).await
}

fn typed(fields: &Fields, error: (&'static str, &'static str)) -> Typed {
    Typed {
        answer: text(fields, "answer"),
        target: text(fields, "target"),
        reason: text(fields, "reason"),
        status: StatusCode::UNPROCESSABLE_ENTITY,
        error,
    }
}

/// What a form says; else the field that is wrong, and why.
fn said(fields: &Fields, item: &Item) -> Result<Said, (&'static str, &'static str)> {
    let reason = text(fields, "reason");
    let answer = match text(fields, "answer").as_str() {
        "yes" if is_by_word(item) => Answer::Yes,
        "no" => Answer::No { target: Date::from_str(&text(fields, "target")).map_err(|_| TARGET)? },
        "not-applicable" => Answer::NotApplicable { reason: reason.clone() },
        _ => return Err(ANSWER),
    };
    Ok(Said { answer, reason, seen: text(fields, "seen").parse().unwrap_or(0) })
}

/// Whether a paper or a word proves it; the rest nobody can answer with yes.
fn is_by_word(item: &Item) -> bool {
    matches!(item.proof, Proof::Document | Proof::Attest)
}

async fn page(
    app: &App,
    reader: &Reader,
    item: &'static Item,
    typed: Option<Typed>,
) -> Result<Response, Refusal> {
    let now = reader.visitor.act.now;
    let overview = app.safety.overview(own(reader), now).await;
    let overview = overview.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let can_answer = can(reader, Action::AnswerGuideline);
    let status = typed.as_ref().map_or(StatusCode::OK, |typed| typed.status);
    let page = item_page(reader.frame(app), item, &overview, can_answer, typed, now);
    Ok(page.frame.answer(status, &page))
}

fn item_page(
    frame: Frame,
    item: &'static Item,
    overview: &Overview,
    can_answer: bool,
    typed: Option<Typed>,
    now: Timestamp,
) -> ItemPage {
    let all = Catalogue::shipped();
    let edition = all.edition(&item.edition);
    let stands = overview.items.iter().find(|(one, _)| one.id == item.id).map(|(_, stands)| stands);
    let unknown = guideline::Standing::Unconfirmed { why: guideline::Why::Never };
    let answer = overview.answers.get(&item.id);
    let words = in_language(&frame, &item.ja, &item.en);
    let titled = frame.titled(words.clone());
    let frame = if typed.is_some() { titled.with_error() } else { titled };
    ItemPage {
        error: typed.as_ref().map(|one| (one.error.0, frame.word(one.error.1).to_owned())),
        id: item.id.clone(),
        edition: edition.map(|one| in_language(&frame, &one.ja, &one.en)).unwrap_or_default(),
        edition_id: item.edition.clone(),
        chapter: chapter(item),
        facts: facts(item, &frame),
        unverified: (!item.is_verified).then(|| item.why.clone()),
        standing: shown(stands.unwrap_or(&unknown), &frame),
        controls: all.controls_of(item).map(|one| control(one, overview, now, &frame)).collect(),
        related: all.related(item).into_iter().map(|one| related(one, overview, &frame)).collect(),
        explained: explaining(&item.id, &frame),
        answer: answer.map(|one| answered(one, &frame)),
        form: can_answer.then(|| form(item, answer, typed)),
        words,
        frame,
    }
}

fn chapter(item: &Item) -> String {
    let edition = Catalogue::shipped().edition(&item.edition);
    let chapters = edition.into_iter().flat_map(|edition| &edition.chapters);
    let mut chapters = chapters.filter(|one| Some(&one.id) == item.chapter.as_ref());
    chapters.next().map(|one| format!("{} {}", one.number, one.ja)).unwrap_or_default()
}

fn facts(item: &Item, frame: &Frame) -> Vec<(String, String)> {
    let listed = |section: &str, codes: Vec<&str>| {
        let words = codes.into_iter().map(|code| frame.word(&format!("{section}.{code}")).to_owned());
        frame.list(&words.collect::<Vec<_>>())
    };
    let facts = [
        ("guideline.proof", listed("item-proof", vec![item.proof.code()])),
        ("guideline.exhibits", listed("exhibit", item.exhibits.iter().map(|one| one.code()).collect())),
        ("guideline.audience", listed("audience", item.audience.iter().map(|one| one.code()).collect())),
        ("guideline.phase", listed("phase", item.phase.iter().map(|one| one.code()).collect())),
        ("guideline.deadline", item.deadline.clone().unwrap_or_default()),
        ("guideline.level", listed("level", vec![item.level.code()])),
    ];
    let told = facts.into_iter().filter(|(_, value)| !value.is_empty());
    told.map(|(key, value)| (frame.word(key).to_owned(), value)).collect()
}

fn control(control: &Control, overview: &Overview, now: Timestamp, frame: &Frame) -> ControlShown {
    let plain = if frame.is_english() { &control.plain_en } else { &control.plain_ja };
    let of = overview.evidence.iter().filter(|one| one.control == control.id);
    let kept = registers().iter().filter(|one| one.proves.contains(&control.id));
    let register =
        |one: &Definition| (one.code.clone(), frame.word(&format!("register-name.{}", one.code)).to_owned());
    ControlShown {
        id: control.id.clone(),
        name: in_language(frame, &control.ja, &control.en),
        proof: frame.word(&format!("item-proof.{}", control.proof.code())).to_owned(),
        why: plain.why.clone(),
        yes: plain.yes.clone(),
        show: plain.show.clone(),
        measures: in_language(frame, &control.measures, &control.measures_en),
        pass_rule: in_language(frame, &control.pass_rule, &control.pass_rule_en),
        fresh_days: control.fresh_days,
        registers: kept.map(register).collect(),
        evidence: of.map(|one| evidence(one, now, frame)).collect(),
    }
}

fn evidence(one: &Evidence, now: Timestamp, frame: &Frame) -> EvidenceShown {
    EvidenceShown {
        holds: one.holds,
        is_stale: one.holds_until <= now,
        kind: frame.word(&format!("item-proof.{}", one.kind)).to_owned(),
        source: format!("{} {}", one.scope, one.source),
        true_at: minute(one.true_at),
        received_at: minute(one.received_at),
        until: minute(one.holds_until),
        measured: measured::facts(&one.measured, frame),
        by: one.by.as_ref().map(|by| by.name.clone()).unwrap_or_default(),
    }
}

fn related(item: &Item, overview: &Overview, frame: &Frame) -> (String, String, String) {
    let stands = overview.items.iter().find(|(one, _)| one.id == item.id);
    let stands = stands.map(|(_, stands)| shown(stands, frame).word).unwrap_or_default();
    (item.id.clone(), in_language(frame, &item.ja, &item.en), stands)
}

fn answered(one: &GuidelineAnswer, frame: &Frame) -> AnswerShown {
    AnswerShown {
        word: frame.word(&format!("item-standing.{}", one.answer)).to_owned(),
        target: one.target.map(|day| day.to_string()).unwrap_or_default(),
        reason: one.reason.clone().unwrap_or_default(),
        by: one.by.name.clone(),
        at: minute(one.at),
    }
}

fn form(item: &Item, answer: Option<&GuidelineAnswer>, typed: Option<Typed>) -> AnswerForm {
    let (answer_code, target, reason) = match (typed, answer) {
        (Some(typed), _) => (typed.answer, typed.target, typed.reason),
        (None, Some(one)) => (
            one.answer.clone(),
            one.target.map(|day| day.to_string()).unwrap_or_default(),
            one.reason.clone().unwrap_or_default(),
        ),
        (None, None) => (String::new(), String::new(), String::new()),
    };
    AnswerForm {
        seen: answer.map_or(0, |one| one.version),
        may_say_yes: is_by_word(item),
        answer: answer_code,
        target,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
    }

    #[test]
    fn nobody_answers_yes_where_the_system_sees_for_itself() {
        let all = Catalogue::shipped();
        let yes = fields(&[("answer", "yes"), ("reason", "規程第3版、2026年4月承認")]);
        assert_eq!(said(&yes, all.item("mhlw6.op.17.3").unwrap()).unwrap_err(), ANSWER);
        assert_eq!(said(&yes, all.item("chk.r7.h.1.1").unwrap()).unwrap().answer, Answer::Yes);
        let no = fields(&[("answer", "no"), ("target", "来年")]);
        assert_eq!(said(&no, all.item("mhlw6.op.17.3").unwrap()).unwrap_err(), TARGET);
    }

    #[test]
    fn the_page_explains_its_controls_and_shows_the_clock_of_evidence() {
        let item = Catalogue::shipped().item("mhlw6.op.17.3").unwrap();
        let at = Timestamp::from_second(1_795_000_000).unwrap();
        let evidence = Evidence {
            id: audit::EventId::from_bytes([7; 16]),
            scope: safety::HUB.to_owned(),
            control: "time_sync".to_owned(),
            source: "check".to_owned(),
            kind: "auto".to_owned(),
            holds: true,
            measured: "{\"offset_ms\":12}".to_owned(),
            true_at: at,
            received_at: at,
            holds_until: at,
            by: None,
        };
        let overview = Overview { items: Vec::new(), evidence: vec![evidence], answers: HashMap::new() };
        for frame in frames() {
            let html = rendered(&item_page(frame.clone(), item, &overview, true, None, at));
            let control = Catalogue::shipped().control("time_sync").unwrap();
            assert!(html.contains(&in_language(&frame, &control.plain_ja.why, &control.plain_en.why)));
            assert!(html.contains("offset_ms") && html.contains(frame.word("guideline.is-stale")));
            assert!(!html.contains("value=\"yes\""));
        }
    }
}
