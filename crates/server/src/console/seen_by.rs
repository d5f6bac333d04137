//! 見た人: who looked at a person's record, by name, when, and why. People and systems apart.

use std::sync::Arc;

use access::Role;
use askama::Template;
use audit::{Event, Outcome};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::{answer_days, is_askable, may_ask_again};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use store::{Inquiry, Page, Relation};

use crate::App;
use crate::console::asking::{self, Asked};
use crate::console::frame::{Frame, relation_key, role_key};
use crate::console::reader::{Institutions, Reader};
use crate::console::record;
use crate::console::refusal::Refusal;
use crate::console::time;
use crate::words::{word, words_with};

#[derive(Template)]
#[template(path = "seen_by.html")]
pub(crate) struct SeenByPage {
    frame: Frame,
    person: String,
    is_own: bool,
    people: Vec<Look>,
    systems: Vec<Look>,
    months: Vec<Month>,
    days: i64,
    older: Option<String>,
}

/// A month to choose.
struct Month {
    code: String,
    is_chosen: bool,
}

/// One act upon the record.
struct Look {
    id: String,
    at: String,
    name: String,
    role: String,
    institution: String,
    is_self: bool,
    what: String,
    is_refused: bool,
    is_without_consent: bool,
    purpose: String,
    rule: String,
    counts: String,
    asked: Vec<Asked>,
    can_ask: bool,
}

const PAGE: u16 = 200;
/// So many months can be chosen.
const MONTHS: i64 = 24;

/// `GET /patients/{id}/seen-by`.
pub(crate) async fn seen_by(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let visitor = &reader.visitor;
    let bad = || Refusal::of_status(reader.frame(&app), StatusCode::BAD_REQUEST);
    let before = before(&reader).ok_or_else(bad)?;
    let month = month(&reader).ok_or_else(bad)?;
    let (since, until) = month.map_or((Timestamp::MIN, before), |first| bounds(first, before));
    let page = Page { before: until, limit: PAGE };
    let events = app.exchange.events(&visitor.viewer, Some(person), page, &visitor.act).await;
    let mut events = events.map_err(|why| reader.not_shown(&app, &why))?;
    let older = older(&events, PAGE).filter(|_| events.last().is_some_and(|last| since <= last.at));
    events.retain(|event| since <= event.at);
    let is_own = visitor.viewer.role == Role::Patient;
    let inquiries = asking::of_own(&app, &reader, person).await?;
    let (systems, people): (Vec<&Event>, Vec<&Event>) =
        events.iter().partition(|event| event.actor.is_system);
    let look = |event: &Event| look(event, &reader, &inquiries);
    let frame = reader.frame(&app);
    let is_theirs = is_own && frame.for_whom.is_none();
    let title = frame.word(if is_theirs { "seen-by.own-title" } else { "seen-by.title" }).to_owned();
    let page = SeenByPage {
        frame: frame.titled(title),
        person: person.to_string(),
        is_own,
        people: people.into_iter().map(look).collect(),
        systems: systems.into_iter().map(look).collect(),
        months: months(time::day(visitor.act.now), month),
        days: answer_days(),
        older: older.map(|older| match month {
            Some(first) => format!("{older}&month={}", first.strftime("%Y-%m")),
            None => older,
        }),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// `?before=`, an instant; without one, everything up to now and what this second still brings. `None` if it is no
/// instant.
pub(crate) fn before(reader: &Reader) -> Option<Timestamp> {
    let asked = reader.place.query.split('&').find_map(|pair| pair.strip_prefix("before="));
    match asked {
        Some(text) => text.replace("%3A", ":").parse().ok(),
        None => Some(reader.visitor.act.now + SignedDuration::from_secs(1)),
    }
}

/// `?month=2026-11`: its first day; without one, none is chosen. `None` if it is no month.
fn month(reader: &Reader) -> Option<Option<Date>> {
    let asked = reader.place.query.split('&').find_map(|pair| pair.strip_prefix("month="));
    match asked.filter(|text| !text.is_empty()) {
        Some(text) => format!("{text}-01").parse().ok().map(Some),
        None => Some(None),
    }
}

/// A month's beginning, and its end or `before`, whichever is earlier.
fn bounds(first: Date, before: Timestamp) -> (Timestamp, Timestamp) {
    let next = first.saturating_add(1.month());
    let begin = |day: Date| time::begin_of(day).unwrap_or(Timestamp::MAX);
    (begin(first), begin(next).min(before))
}

fn months(today: Date, chosen: Option<Date>) -> Vec<Month> {
    let first = today.first_of_month();
    let month = |ago: i64| {
        let month = first.saturating_sub(ago.months());
        Month { code: month.strftime("%Y-%m").to_string(), is_chosen: chosen == Some(month) }
    };
    (0..MONTHS).map(month).collect()
}

/// Where the next page begins; none on the last.
pub(crate) fn older(events: &[Event], limit: u16) -> Option<String> {
    events.last().filter(|_| events.len() == usize::from(limit)).map(|last| last.at.to_string())
}

/// Kinds of things whose names tell nobody anything, and what a browser calls itself.
const NAMED: [&str; 4] = ["Consent/", "AuditEvent/", "Proxy/", "agent/"];

/// What was done, in words, with what it was done to.
pub(crate) fn what(event: &Event, reader: &Reader) -> String {
    let language = reader.language();
    let act = word(language, &format!("act.{}", event.act.code())).to_owned();
    match objects(event, reader, |_| word(language, "act.one-bundle").to_owned()) {
        objects if objects.is_empty() => act,
        objects => words_with(language, "act.of", &[("act", &act), ("objects", &objects)]),
    }
}

/// What it was done to, in words; `bundle` says how a unit is named.
pub(crate) fn objects(event: &Event, reader: &Reader, bundle: impl Fn(&str) -> String) -> String {
    let language = reader.language();
    let is_information = |object: &String| store::Information::ALL.iter().any(|one| one.code() == object);
    if event.objects.len() == store::Information::ALL.len() && event.objects.iter().all(is_information) {
        return word(language, "act.all-informations").to_owned();
    }
    // Names that the hub gives tell nobody anything.
    let is_name = |object: &&String| NAMED.iter().any(|kind| object.starts_with(kind));
    let objects = event.objects.iter().filter(|object| !is_name(object));
    let objects = objects.map(|object| match object.as_str() {
        "documents" => word(language, "act.document-list").to_owned(),
        unit if unit.starts_with("Bundle/") => bundle(unit),
        information => {
            let keys =
                ["information", "act", "stance", "look-finding"].map(|part| format!("{part}.{information}"));
            let words =
                keys.iter().map(|key| word(language, key)).zip(&keys).find(|(words, key)| words != key);
            words.map_or(information, |(words, _)| words).to_owned()
        }
    });
    objects.collect::<Vec<_>>().join(word(language, "act.joint"))
}

/// The rules that decided, in words; codes that have none as they are.
pub(crate) fn rule(event: &Event, reader: &Reader) -> String {
    let language = reader.language();
    let rules = event.rule.split(' ').map(|rule| {
        let key = format!("rule.{rule}");
        let words = word(language, &key);
        if words == key { rule.to_owned() } else { words.to_owned() }
    });
    rules.collect::<Vec<_>>().join(word(language, "act.joint"))
}

/// The role of whoever acted, in words.
pub(crate) fn role(event: &Event, reader: &Reader) -> String {
    let code = event.actor.role.as_str();
    if let Some(behalf) = &event.actor.on_behalf_of {
        let relation = Relation::from_code(&behalf.relation).map_or("role.patient", relation_key);
        return words_with(
            reader.language(),
            "seen-by.proxy",
            &[("relation", word(reader.language(), relation))],
        );
    }
    let key = access::Role::from_code(code).map_or("role.operator", role_key);
    word(reader.language(), key).to_owned()
}

/// The institution of whoever acted, by name.
pub(crate) fn institution(event: &Event, institutions: &Institutions) -> String {
    event.actor.institution.as_deref().map(|number| institutions.name(number)).unwrap_or_default()
}

fn look(event: &Event, reader: &Reader, inquiries: &[Inquiry]) -> Look {
    let language = reader.language();
    let purpose = match event.purpose.as_deref() {
        Some("TREAT") => "purpose.treatment",
        Some("ETREAT") => "purpose.emergency",
        Some("DISASTER") => "purpose.disaster",
        Some("COVERAGE") => "purpose.insurer-programme",
        Some("PATRQT") => "purpose.patient-request",
        Some("HOPERAT") => "purpose.operations",
        _ => "purpose.none",
    };
    let is_self = event.actor.id == reader.visitor.viewer.credential;
    // Others' counts would tell a patient that something is kept from them.
    let is_told = is_self || reader.visitor.viewer.role != Role::Patient;
    let counts = event.shown.filter(|_| is_told).map(|shown| {
        let values = [("shown", shown.entries.to_string()), ("hidden", shown.hidden.to_string())];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        words_with(language, "seen-by.counts", &values)
    });
    let viewer = &reader.visitor.viewer;
    let about: Vec<&Inquiry> = inquiries.iter().filter(|one| one.look == event.id).collect();
    let can_ask = viewer.role == Role::Patient
        && is_askable(event, viewer)
        && (about.is_empty() || may_ask_again(&about, reader.visitor.act.now));
    Look {
        id: event.id.to_string(),
        at: time::minute(event.at),
        name: event.actor.name.clone(),
        role: role(event, reader),
        institution: institution(event, &reader.institutions),
        is_self,
        what: what(event, reader),
        is_refused: event.outcome == Outcome::Refused,
        is_without_consent: event.act == audit::Act::Emergency
            || matches!(event.purpose.as_deref(), Some("ETREAT" | "DISASTER")),
        purpose: word(language, purpose).to_owned(),
        rule: rule(event, reader),
        counts: counts.unwrap_or_default(),
        asked: about.iter().rev().map(|one| Asked::of(one, reader)).collect(),
        can_ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn people_and_systems_stand_apart_and_refusals_are_marked() {
        for frame in frames() {
            let look = |name: &str, is_refused| Look {
                id: "0".repeat(32),
                at: "2026-11-21 09:00".to_owned(),
                name: name.to_owned(),
                role: "医療従事者".to_owned(),
                institution: "架空中央病院".to_owned(),
                is_self: false,
                what: "閲覧".to_owned(),
                is_refused,
                is_without_consent: false,
                purpose: String::new(),
                rule: "規則".to_owned(),
                counts: String::new(),
                asked: Vec::new(),
                can_ask: true,
            };
            let page = SeenByPage {
                frame,
                person: "p".to_owned(),
                is_own: true,
                people: vec![look("見た人", true)],
                systems: vec![look("電子カルテ", false)],
                months: months(jiff::civil::date(2026, 11, 21), None),
                days: 14,
                older: None,
            };
            let html = rendered(&page);
            let (people, systems) = html.split_once("id=\"systems\"").unwrap();
            assert!(people.contains("見た人") && people.contains("look-refused"));
            assert!(people.contains("<option value=\"2026-11\">") && people.contains("value=\"2024-12\""));
            assert!(html.contains(&format!("/patients/p/seen-by/{}", "0".repeat(32))));
            assert!(systems.contains("電子カルテ") && !systems.contains("look-refused"));
        }
    }
}
