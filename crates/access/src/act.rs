//! What is known of every act before it is decided, and how it stands on record.

use audit::{Event, Measures, Outcome};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use store::{Bucket, Fault, new_event_id};

use crate::Viewer;

/// What every act brings in by the door.
#[derive(Clone, Debug)]
pub struct Act {
    /// The time of the act.
    pub now: Timestamp,
    /// The request it belongs to.
    pub request: String,
}

impl Act {
    /// The day of the act, in Asia/Tokyo.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::fixed(offset(9))).date()
    }
}

/// An event by this viewer, in this act, not yet about anybody.
///
/// # Errors
/// When the random source fails.
pub fn on_record(
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
