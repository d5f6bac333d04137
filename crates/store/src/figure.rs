//! What is counted for the model project: over events and tables that hold no clinical content, never over bodies.

use audit::{Event, EventId};
use jiff::Timestamp;

use crate::sql::{Value, all};
use crate::{Fault, Store};

/// Where a walk over the events stands: after this event of this instant.
#[derive(Clone, Copy, Debug)]
pub struct EventCursor {
    at: Timestamp,
    id: Option<EventId>,
}

/// How many looks without consent an institution had, by their reason and by what their review found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookCount {
    /// Whose staff looked.
    pub institution: String,
    /// Code of the basis: `emergency`, `disaster`.
    pub basis: String,
    /// Code of the finding; none before the review.
    pub finding: Option<String>,
    /// How many.
    pub count: i64,
}

impl EventCursor {
    /// Before the first event at or after an instant.
    pub fn from(at: Timestamp) -> Self {
        Self { at, id: None }
    }

    /// After an event.
    pub fn after(event: &Event) -> Self {
        Self { at: event.at, id: Some(event.id) }
    }
}

impl Store {
    /// The next events in the order of time, before `until`, at most `limit`: a long walk goes in many short steps, so
    /// that nobody waits for it.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn events_from(
        &self,
        cursor: EventCursor,
        until: Timestamp,
        limit: u16,
    ) -> Result<Vec<Event>, Fault> {
        self.read(move |tx| {
            let sql = "select body from event where (at, id) > ($1, $2) and at < $3 order by at, id limit $4";
            // No id is smaller than no bytes at all.
            let id: &[u8] = cursor.id.as_ref().map_or(&[], |id| id.as_bytes());
            let key: [Value<'_>; 4] = [
                cursor.at.as_microsecond().into(),
                id.into(),
                until.as_microsecond().into(),
                i64::from(limit).into(),
            ];
            all(tx, sql, &key, crate::event::parse)
        })
        .await
    }

    /// Looks without consent that began in a time.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn look_counts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<LookCount>, Fault> {
        self.read(move |tx| {
            let sql = "select institution, basis, finding, count(*) from viewing_grant
                where basis <> 'card-reader' and starts_at >= $1 and starts_at < $2
                group by institution, basis, finding order by institution, basis, finding";
            all(tx, sql, &[from.as_microsecond().into(), until.as_microsecond().into()], |row| {
                Ok(LookCount {
                    institution: row.text(0)?,
                    basis: row.text(1)?,
                    finding: row.text_or_null(2)?,
                    count: row.int(3)?,
                })
            })
        })
        .await
    }

    /// How many of the referrals that were sent in a time are where on their way, by their senders: sender, code of the
    /// state, count.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn referral_counts(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(String, String, i64)>, Fault> {
        self.read(move |tx| {
            let sql = "select sender, state, count(*) from referral
                where registered_at >= $1 and registered_at < $2 group by sender, state order by sender, state";
            all(tx, sql, &[from.as_microsecond().into(), until.as_microsecond().into()], |row| {
                Ok((row.text(0)?, row.text(1)?, row.int(2)?))
            })
        })
        .await
    }

    /// How many persons expressed a wish, and how many there are.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn wish_counts(&self) -> Result<(i64, i64), Fault> {
        self.read(|tx| {
            let wished = all(tx, "select count(distinct person) from wish", &[], |row| row.int(0))?;
            let persons = all(tx, "select count(distinct person) from member", &[], |row| row.int(0))?;
            Ok((wished.first().copied().unwrap_or(0), persons.first().copied().unwrap_or(0)))
        })
        .await
    }
}
