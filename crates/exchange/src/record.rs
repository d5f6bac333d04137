//! How acts of the exchange stand on record.

use access::Viewer;
use audit::{Event, Measures, Outcome};
use store::{Bucket, Fault, new_event_id};

use crate::Act;

pub(crate) const REGISTER: audit::Act = audit::Act::Register;

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
