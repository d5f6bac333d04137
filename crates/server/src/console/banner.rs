//! What stands above every page while it holds: an emergency, a disaster; and for patients, who opened their record
//! without consent.

use access::{Role, Viewer};
use jiff::{SignedDuration, Timestamp};
use store::{Basis, Fault, Grant};

use crate::App;
use crate::console::reader::{Institutions, Place};
use crate::console::time;
use crate::door::Visitor;
use crate::words::words_with;

/// One banner.
#[derive(Clone, Debug)]
pub(crate) struct Banner {
    /// What it says.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) href: Option<String>,
}

/// A patient is told on every page for so long; afterwards on the page of consents.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The banners for whoever is signed in.
pub(crate) async fn banners(
    app: &App,
    visitor: &Visitor,
    place: &Place,
    institutions: &Institutions,
) -> Result<Vec<Banner>, Fault> {
    let (viewer, now) = (&visitor.viewer, visitor.act.now);
    let mut banners = disasters(app, viewer, place, now).await?;
    if viewer.role.is_clinical() {
        let held = app.exchange.store.grants_held_by(viewer.credential.clone(), now).await?;
        banners.extend(held.iter().map(|grant| opened(grant, place)));
    }
    if let Some(person) = viewer.stands_for.map(|one| one.person).or(viewer.person) {
        let grants = app.exchange.store.grants_of(person).await?;
        let is_told = |grant: &&Grant| grant.basis != Basis::CardReader && now < grant.given_at + TOLD_FOR;
        let href = format!("/patients/{person}/consents");
        banners.extend(grants.iter().filter(is_told).map(|grant| told(grant, &href, place, institutions)));
    }
    banners.extend(inquiries(app, viewer, place, now).await?);
    Ok(banners)
}

/// Whoever must answer patients is told how many wait.
async fn inquiries(
    app: &App,
    viewer: &Viewer,
    place: &Place,
    now: Timestamp,
) -> Result<Option<Banner>, Fault> {
    let institution = match (viewer.role, &viewer.institution) {
        (Role::PlanningManager | Role::SafetyManager, Some(number)) => Some(number.clone()),
        (Role::Operator, _) => None,
        _ => return Ok(None),
    };
    let waiting = app.exchange.store.inquiries_waiting(institution, now).await?;
    let (open, overdue) = (waiting.open.to_string(), waiting.overdue.to_string());
    let key = if waiting.overdue > 0 { "banner.inquiries-overdue" } else { "banner.inquiries" };
    let text = words_with(place.language, key, &[("open", &open), ("overdue", &overdue)]);
    Ok((waiting.open > 0).then(|| Banner { text, href: Some("/inquiries".to_owned()) }))
}

/// Everybody of an institution in the area is told, and whoever declares disasters.
async fn disasters(app: &App, viewer: &Viewer, place: &Place, now: Timestamp) -> Result<Vec<Banner>, Fault> {
    let is_operator = viewer.role == Role::Operator;
    let institution = viewer.institution.as_deref();
    if !is_operator && institution.is_none() {
        return Ok(Vec::new());
    }
    let href =
        if viewer.role.is_clinical() { Some("/disaster") } else { is_operator.then_some("/disasters") };
    let all = app.exchange.store.disasters().await?;
    let holding = all.iter().filter(|disaster| {
        disaster.holds(now) && (is_operator || institution.is_some_and(|number| disaster.covers(number)))
    });
    let banner = |disaster: &store::Disaster| {
        let until = time::minute(disaster.ends_at);
        let values = [("name", &*disaster.name), ("authority", &*disaster.authority), ("until", &*until)];
        let text = words_with(place.language, "banner.disaster", &values);
        Banner { text, href: href.map(str::to_owned) }
    };
    Ok(holding.map(banner).collect())
}

fn opened(grant: &Grant, place: &Place) -> Banner {
    let key =
        if grant.basis == Basis::Disaster { "banner.opened-disaster" } else { "banner.opened-emergency" };
    let (person, until) = (grant.person.to_string(), time::minute(access::end_of(grant)));
    let values = [("person", &*person), ("until", &*until)];
    Banner { text: words_with(place.language, key, &values), href: Some(format!("/patients/{person}")) }
}

fn told(grant: &Grant, href: &str, place: &Place, institutions: &Institutions) -> Banner {
    let key = if grant.basis == Basis::Disaster { "banner.told-disaster" } else { "banner.told-emergency" };
    let (at, institution) = (time::minute(grant.given_at), institutions.name(&grant.institution));
    let values = [("at", &*at), ("institution", &*institution)];
    Banner { text: words_with(place.language, key, &values), href: Some(href.to_owned()) }
}
