//! How acts of the exchange stand on record.

use access::{Act, Viewer};
use audit::{Event, Outcome, Shown};
use store::{Fault, Permit, PersonId, UnitId};

pub(crate) use access::on_record as event;

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
