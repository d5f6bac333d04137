//! 見た人: who looked at a person's record, by name, when, and why. People and systems apart.

use std::sync::Arc;

use access::Role;
use askama::Template;
use audit::{Event, Outcome};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use store::Page;

use crate::App;
use crate::console::frame::Frame;
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
    older: Option<String>,
}

/// One act upon the record.
struct Look {
    at: String,
    name: String,
    role: String,
    institution: String,
    is_self: bool,
    what: String,
    is_refused: bool,
    purpose: String,
    rule: String,
    counts: String,
}

const PAGE: u16 = 200;

/// `GET /patients/{id}/seen-by`.
pub(crate) async fn seen_by(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let visitor = &reader.visitor;
    let before =
        before(&reader).ok_or_else(|| Refusal::of_status(reader.frame(&app), StatusCode::BAD_REQUEST))?;
    let page = Page { before, limit: PAGE };
    let events = app.exchange.events(&visitor.viewer, Some(person), page, &visitor.act).await;
    let events = events.map_err(|why| reader.not_shown(&app, &why))?;
    let is_own = visitor.viewer.role == Role::Patient;
    let (systems, people): (Vec<&Event>, Vec<&Event>) =
        events.iter().partition(|event| event.actor.is_system);
    let look = |event: &Event| look(event, &reader);
    let frame = reader.frame(&app);
    let title = frame.word(if is_own { "seen-by.own-title" } else { "seen-by.title" }).to_owned();
    let page = SeenByPage {
        frame: frame.titled(title),
        person: person.to_string(),
        is_own,
        people: people.into_iter().map(look).collect(),
        systems: systems.into_iter().map(look).collect(),
        older: older(&events, PAGE),
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

/// Where the next page begins; none on the last.
pub(crate) fn older(events: &[Event], limit: u16) -> Option<String> {
    events.last().filter(|_| events.len() == usize::from(limit)).map(|last| last.at.to_string())
}

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
    // A grant's own name tells nobody anything, and what a browser calls itself little.
    let is_told = |object: &&String| !object.starts_with("Consent/") && !object.starts_with("agent/");
    let objects = event.objects.iter().filter(is_told);
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
    let key = access::Role::from_code(code).map_or("role.operator", crate::console::frame::role_key);
    word(reader.language(), key).to_owned()
}

/// The institution of whoever acted, by name.
pub(crate) fn institution(event: &Event, institutions: &Institutions) -> String {
    event.actor.institution.as_deref().map(|number| institutions.name(number)).unwrap_or_default()
}

fn look(event: &Event, reader: &Reader) -> Look {
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
    Look {
        at: time::minute(event.at),
        name: event.actor.name.clone(),
        role: role(event, reader),
        institution: institution(event, &reader.institutions),
        is_self,
        what: what(event, reader),
        is_refused: event.outcome == Outcome::Refused,
        purpose: word(language, purpose).to_owned(),
        rule: rule(event, reader),
        counts: counts.unwrap_or_default(),
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
                at: "2026-11-21 09:00".to_owned(),
                name: name.to_owned(),
                role: "医療従事者".to_owned(),
                institution: "架空中央病院".to_owned(),
                is_self: false,
                what: "閲覧".to_owned(),
                is_refused,
                purpose: String::new(),
                rule: "規則".to_owned(),
                counts: String::new(),
            };
            let page = SeenByPage {
                frame,
                person: "p".to_owned(),
                is_own: true,
                people: vec![look("見た人", true)],
                systems: vec![look("電子カルテ", false)],
                older: None,
            };
            let html = rendered(&page);
            let (people, systems) = html.split_once("id=\"systems\"").unwrap();
            assert!(people.contains("見た人") && people.contains("look-refused"));
            assert!(systems.contains("電子カルテ") && !systems.contains("look-refused"));
        }
    }
}
