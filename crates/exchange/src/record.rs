//! How acts of the exchange stand on record.

use access::Viewer;
use audit::{Event, Measures, Outcome, Shown};
use store::{Bucket, Fault, Permit, PersonId, UnitId, new_event_id};

use crate::Act;

/// An event by this viewer, in this act, not yet about anybody.
pub(crate) fn event(
    act: &Act,
    what: audit::Act,
    outcome: Outcome,
    viewer: &Viewer,
    rule: &str,
) -> Result<Event, Fault> {
    Ok(Event {
        id: new_event_id(Bucket::of_text(&act.request), act.now)?,
        at: act.now,
        act: what,
        outcome,
        actor: viewer.actor(),
        patient: None,
        objects: Vec::new(),
        purpose: None,
        rule: rule.to_owned(),
        shown: None,
        measures: Measures::default(),
        request: act.request.clone(),
    })
}

/// An event about one unit of a person.
pub(crate) fn about(
    viewer: &Viewer,
    what: audit::Act,
    rule: &str,
    person: PersonId,
    unit: UnitId,
    act: &Act,
) -> Result<Event, Fault> {
    let mut event = event(act, what, Outcome::Done, viewer, rule)?;
    event.patient = Some(person.to_string());
    event.objects = vec![format!("Bundle/{unit}")];
    Ok(event)
}

/// The event of a unit that leaves whole.
pub(crate) fn shown_unit(viewer: &Viewer, permit: &Permit, unit: UnitId, act: &Act) -> Result<Event, Fault> {
    let mut event = about(viewer, audit::Act::View, permit.rule(), *permit.person(), unit, act)?;
    event.purpose = Some(permit.purpose().code().to_owned());
    event.shown = Some(Shown { entries: 1, hidden: 0 });
    Ok(event)
}
