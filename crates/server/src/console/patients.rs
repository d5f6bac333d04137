//! 患者: the people whose consent to one's institution holds now.

use std::collections::HashMap;
use std::sync::Arc;

use access::{Role, consent_groups, emergency_scopes};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use exchange::NotShown;
use fhir::json::Node;
use jiff::Timestamp;
use store::{Grant, PersonId};

use crate::App;
use crate::console::clinical::{self, Identity};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time;
use crate::fhir_api::purpose;

#[derive(Template)]
#[template(path = "patients.html")]
pub(crate) struct PatientsPage {
    frame: Frame,
    /// Whether the reader sees people by their consent; else by having registered or insured them.
    by_consent: bool,
    people: Vec<Granting>,
    identifier: String,
    error: Option<String>,
}

/// Somebody who consented.
struct Granting {
    person: String,
    identity: Identity,
    groups: Vec<String>,
    lacking: Vec<String>,
    until: String,
}

/// `GET /patients?identifier=`.
pub(crate) async fn patients(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let viewer = &reader.visitor.viewer;
    match (viewer.role, viewer.person) {
        (role, _) if role.is_clinical() || matches!(role, Role::Institution | Role::Insurer) => {}
        (Role::Patient, Some(person)) => {
            return Ok((StatusCode::SEE_OTHER, [(LOCATION, format!("/patients/{person}"))]).into_response());
        }
        _ => return Err(Refusal::by_rule(reader.frame(&app), "role-sees-no-record")),
    }
    let identifier = parameters.get("identifier").map(|text| text.trim().to_owned());
    let mut error = None;
    if let Some(identifier) = &identifier {
        match look_up(&app, &reader, identifier).await? {
            Ok(person) => {
                // An insurer sees checkup reports and nothing else.
                let end = if viewer.role == Role::Insurer { "/documents" } else { "" };
                let to = format!("/patients/{person}{end}");
                return Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response());
            }
            Err(key) => error = Some(key),
        }
    }
    let people = granting(&app, &reader).await?;
    let frame = reader.frame(&app);
    let error = error.map(|key| frame.word(key).to_owned());
    let title = frame.word("patients.title").to_owned();
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let page = PatientsPage {
        frame: frame.titled(title),
        by_consent: viewer.role.is_clinical(),
        people,
        identifier: identifier.unwrap_or_default(),
        error,
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// The person with an insured number, or the key of why there is none to show.
async fn look_up(
    app: &App,
    reader: &Reader,
    number: &str,
) -> Result<Result<PersonId, &'static str>, Refusal> {
    if number.is_empty() {
        return Ok(Err("patients.number-missing"));
    }
    let visitor = &reader.visitor;
    let found = app.exchange.find(&visitor.viewer, number, purpose(visitor), &visitor.act).await;
    let found = found.map_err(|why| reader.not_shown(app, &why))?;
    Ok(found.map(|found| found.person).ok_or("patients.nobody"))
}

async fn granting(app: &App, reader: &Reader) -> Result<Vec<Granting>, Refusal> {
    let visitor = &reader.visitor;
    let now = visitor.act.now;
    let institution = visitor.viewer.institution.clone().unwrap_or_default();
    let grants = app.exchange.store.granted_to(institution, now).await;
    let grants = grants.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    let is_theirs = |grant: &Grant| {
        grant.holder.as_ref().is_none_or(|holder| holder.credential == visitor.viewer.credential)
    };
    let grants = grants.into_iter().filter(is_theirs).collect();
    let mut people = Vec::new();
    for (person, grants) in by_person(grants, now) {
        let found = app.exchange.identify(&visitor.viewer, person, purpose(visitor), &visitor.act).await;
        let found = match found {
            Ok(Some(found)) => found,
            Ok(None) | Err(NotShown::Refused(_)) => continue,
            Err(why) => return Err(reader.not_shown(app, &why)),
        };
        let of = |node: Node<'_>| Some(Identity::of(node, time::day(now), reader.language()));
        let identity = clinical::read(&found.patient, of).unwrap_or_default();
        people.push(row(person, identity, &grants, reader));
    }
    people.sort_by(|one, other| one.identity.kana.cmp(&other.identity.kana));
    Ok(people)
}

fn by_person(grants: Vec<Grant>, now: Timestamp) -> Vec<(PersonId, Vec<Grant>)> {
    let mut people: Vec<(PersonId, Vec<Grant>)> = Vec::new();
    for grant in grants.into_iter().filter(|grant| grant.starts_at <= now) {
        match people.iter_mut().find(|(person, _)| *person == grant.person) {
            Some((_, known)) => known.push(grant),
            None => people.push((grant.person, vec![grant])),
        }
    }
    people
}

fn row(person: PersonId, identity: Identity, grants: &[Grant], reader: &Reader) -> Granting {
    let is_english = reader.language() == fhir::finding::Language::English;
    let name = |group: &access::ConsentGroup| {
        if is_english { group.name_en.clone() } else { group.name_ja.clone() }
    };
    let is_granted =
        |group: &&access::ConsentGroup| grants.iter().any(|grant| grant.groups.contains(&group.code));
    let (granted, lacking): (Vec<_>, Vec<_>) = consent_groups().iter().partition(is_granted);
    let opened = emergency_scopes().iter().filter(is_granted);
    Granting {
        person: person.to_string(),
        identity,
        groups: opened.chain(granted).map(name).collect(),
        lacking: lacking.into_iter().map(name).collect(),
        until: grants.iter().map(|grant| grant.ends_at).max().map(time::minute).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn who_consented_to_what_is_listed_and_an_empty_list_says_so() {
        for frame in frames() {
            let one = Granting {
                person: "p".to_owned(),
                identity: Identity { name: "仮名 花子".to_owned(), ..Identity::default() },
                groups: vec!["検査".to_owned()],
                lacking: vec!["傷病名".to_owned()],
                until: "2026-11-22 09:00".to_owned(),
            };
            let page = |people, error| PatientsPage {
                by_consent: true,
                frame: frame.clone(),
                people,
                identifier: "<1>".to_owned(),
                error,
            };
            let html = rendered(&page(vec![one], None));
            assert!(html.contains("仮名 花子") && html.contains("chip-off") && html.contains("&#60;1&#62;"));
            let html = rendered(&page(Vec::new(), Some("番号".to_owned())));
            assert!(html.contains("class=\"empty\"") && html.contains("href=\"#identifier\""));
        }
    }
}
