//! Watching over the record: in short passes, each from a little before where the last one ended. What was seen twice
//! counts once, so that nothing is lost and nothing told twice, whenever the hub stops.

use access::{Act, Viewer, on_record};
use audit::{Event, Outcome};
use jiff::{SignedDuration, Timestamp};
use store::{EventCursor, Fault, Store};

use super::rules::alert_rules;
use super::trail::{Step, Trail};

/// An act bears the time at which it was asked for, and is on record a little later: at most by this much.
const LATE: SignedDuration = SignedDuration::from_mins(1);
/// How many events one step of the walk reads.
const ROWS: u16 = 2000;

/// Who watches: what it remembers of the last hour. One that knows nothing yet reads that first.
#[derive(Default)]
pub struct Watch {
    trail: Trail,
    has_begun: bool,
}

impl Watch {
    /// Reads what is new on record and raises alerts; answers how many.
    ///
    /// # Errors
    /// On a [`Fault`] the next pass begins anew; nothing is lost.
    pub async fn pass(&mut self, store: &Store, act: &Act) -> Result<usize, Fault> {
        let passed = self.try_pass(store, act).await;
        if passed.is_err() {
            *self = Self::default();
        }
        passed
    }

    async fn try_pass(&mut self, store: &Store, act: &Act) -> Result<usize, Fault> {
        let watched_until = store.watched_until().await?;
        let since = watched_until.unwrap_or(act.now) - LATE;
        let longest = alert_rules().iter().map(super::AlertRule::window).max().unwrap_or_default();
        let from = if self.has_begun { since } else { since - longest };
        let new = self.read(store, from, act.now).await?;
        self.has_begun = true;
        let new: Vec<Step> = new.into_iter().filter(|step| since <= step.at).collect();
        let mut raised = 0;
        if !new.is_empty() {
            let watched = store.watched().await?;
            for oddity in self.trail.oddities(&new, &watched) {
                let event = told(&oddity, act)?;
                raised += usize::from(store.raise_alert(oddity, event).await?);
            }
        }
        // While nothing happens nothing is written, but now and then.
        if !new.is_empty() || watched_until.is_none_or(|until| until + LATE < act.now) {
            store.mark_watched(act.now).await?;
        }
        self.trail.forget_before(act.now - LATE - longest);
        Ok(raised)
    }

    async fn read(&mut self, store: &Store, from: Timestamp, now: Timestamp) -> Result<Vec<Step>, Fault> {
        let (mut cursor, mut new) = (EventCursor::from(from), Vec::new());
        loop {
            let events = store.events_from(cursor, now + SignedDuration::from_secs(1), ROWS).await?;
            new.extend(events.iter().filter_map(|event| self.trail.add(event)));
            match events.last() {
                Some(last) if events.len() == usize::from(ROWS) => cursor = EventCursor::after(last),
                _ => return Ok(new),
            }
        }
    }
}

fn told(oddity: &store::Oddity, act: &Act) -> Result<Event, Fault> {
    let mut event = on_record(act, audit::Act::Alert, Outcome::Done, &Viewer::hub(), &oddity.rule)?;
    event.objects = vec![format!("account/{}", oddity.subject.credential), "raised".to_owned()];
    Ok(event)
}
