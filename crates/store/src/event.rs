//! Events as rows: written with the act they tell of, or alone before an answer leaves.

use audit::{Event, EventId};
use jiff::Timestamp;

use crate::person::{self, Past};
use crate::sql::{Row, Tx, Value, all, first};
use crate::{Bucket, Fault, PersonId, Store};

/// How far back a list of events reaches: newest first, older than `before`, at most `limit`.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Only events before this instant.
    pub before: Timestamp,
    /// At most this many.
    pub limit: u16,
}

impl Store {
    /// Puts an event on record; durable when this returns.
    ///
    /// # Errors
    /// On a [`Fault`] the event may not be on record, and nothing it permits may be answered.
    pub async fn append(&self, person: Option<PersonId>, event: Event) -> Result<(), Fault> {
        let bucket = person.map_or_else(|| Bucket::of_text(&event.request), |person| person.bucket());
        self.write(bucket.number(), move |tx| insert(tx, bucket, person.as_ref(), &event)).await
    }

    /// What was done with one person's record, and with their kin's. What was seen while they were wrongly one with
    /// somebody else is in both records.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn events_of(&self, person: PersonId, page: Page) -> Result<Vec<Event>, Fault> {
        self.read(move |tx| {
            let kin = person::kin(tx, &person)?;
            let mut events = Vec::new();
            for one in &kin.all {
                events.extend(events_of_one(tx, one, page)?);
            }
            for past in &kin.parted {
                events.extend(seen_meanwhile(tx, past, kin.head, page)?);
            }
            events.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
            events.dedup_by_key(|event| event.id);
            events.truncate(usize::from(page.limit));
            Ok(events)
        })
        .await
    }

    /// One event of a person's record, or of their kin's: what [`Self::events_of`] would list under this id.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn event_of(&self, person: PersonId, id: EventId) -> Result<Option<Event>, Fault> {
        self.read(move |tx| {
            let kin = person::kin(tx, &person)?;
            for one in &kin.all {
                let sql = "select body from event where bucket = $1 and id = $2 and person = $3";
                let key = [one.bucket().number().into(), id.as_bytes().into(), one.as_bytes().into()];
                if let Some(found) = first(tx, sql, &key, parse)? {
                    return Ok(Some(found));
                }
            }
            for past in &kin.parted {
                let page = Page { before: past.until, limit: u16::MAX };
                let seen = seen_meanwhile(tx, past, kin.head, page)?;
                if let Some(found) = seen.into_iter().find(|event| event.id == id) {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        })
        .await
    }

    /// What was done in the whole hub.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn events(&self, page: Page) -> Result<Vec<Event>, Fault> {
        self.read(move |tx| {
            let sql = "select body from event where at < $1 order by at desc limit $2";
            all(tx, sql, &[page.before.as_microsecond().into(), i64::from(page.limit).into()], parse)
        })
        .await
    }
    /// Sign-ins with an account, attempts in vain, and ends of its sessions.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn sign_ins_of(&self, account: String, page: Page) -> Result<Vec<Event>, Fault> {
        self.read(move |tx| {
            // An account's own bucket holds few acts besides.
            let sql = "select body from event where bucket = $1 and person is null and at < $2
                and act = 'sign-in' and body like $3 order by at desc limit $4";
            let object = format!("%\"account/{account}\"%");
            let key: [Value<'_>; 4] = [
                Bucket::of_text(&account).number().into(),
                page.before.as_microsecond().into(),
                object.as_str().into(),
                i64::from(page.limit).into(),
            ];
            all(tx, sql, &key, parse)
        })
        .await
    }
}

fn events_of_one(tx: &mut dyn Tx, person: &PersonId, page: Page) -> Result<Vec<Event>, Fault> {
    let sql =
        "select body from event where bucket = $1 and person = $2 and at < $3 order by at desc limit $4";
    let key: [Value<'_>; 4] = [
        person.bucket().number().into(),
        person.as_bytes().into(),
        page.before.as_microsecond().into(),
        i64::from(page.limit).into(),
    ];
    all(tx, sql, &key, parse)
}

/// What was seen of a person while they were wrongly one with another, told as the other's.
fn seen_meanwhile(tx: &mut dyn Tx, past: &Past, whose: PersonId, page: Page) -> Result<Vec<Event>, Fault> {
    let sql = "select body from event where bucket = $1 and person = $2 and at >= $3 and at < $4
        and act in ('view', 'find') order by at desc limit $5";
    let key: [Value<'_>; 5] = [
        past.other.bucket().number().into(),
        past.other.as_bytes().into(),
        past.since.as_microsecond().into(),
        past.until.min(page.before).as_microsecond().into(),
        i64::from(page.limit).into(),
    ];
    let events = all(tx, sql, &key, parse)?;
    Ok(events.into_iter().map(|event| Event { patient: Some(whose.to_string()), ..event }).collect())
}

pub(crate) fn insert(
    tx: &mut dyn Tx,
    bucket: Bucket,
    person: Option<&PersonId>,
    event: &Event,
) -> Result<(), Fault> {
    let body = serde_json::to_string(event).map_err(|_| Fault::Damaged("an event that is no JSON"))?;
    tx.execute(
        "insert into event (bucket, id, person, at, act, outcome, institution, body)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            bucket.number().into(),
            event.id.as_bytes().into(),
            person.map(PersonId::as_bytes).into(),
            event.at.as_microsecond().into(),
            event.act.code().into(),
            event.outcome.code().into(),
            event.actor.institution.as_deref().into(),
            body.as_str().into(),
        ],
    )
    .map(drop)
}

pub(crate) fn id(row: &Row<'_>, column: usize) -> Result<EventId, Fault> {
    row.bytes(column)?.try_into().map(EventId::from_bytes).map_err(|_| Fault::Damaged("an event's id"))
}

pub(crate) fn parse(row: &Row<'_>) -> Result<Event, Fault> {
    serde_json::from_str(&row.text(0)?).map_err(|_| Fault::Damaged("an event"))
}
