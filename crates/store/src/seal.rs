//! Seals on the record of acts: what was written once can be altered or taken out only so that it shows.
//!
//! Events are closed in pages, a little after they were written. A page keeps a digest of its events, and a keyed hash of
//! that and of the page before it. Whoever can write to the database but has no keyring cannot make one.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256, digest};

use crate::sql::{Row, Tx, all, first, instant};
use crate::{Fault, Store};

/// No page holds more events; small, so that nobody who writes waits for one.
const PAGE: i64 = 1000;
/// An act is on record at most so long after its time.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// What came of comparing the record with its seals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealCheck {
    /// Pages that were compared.
    pub pages: i64,
    /// Events under them.
    pub sealed: i64,
    /// Events that no page holds yet.
    pub unsealed: i64,
    /// When the newest page was closed.
    pub newest: Option<Timestamp>,
    /// The first page that is not as it was, and why.
    pub broken: Option<(i64, BrokenSeal)>,
}

/// Why a page is not as it was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenSeal {
    /// A page is not there, or stands in another's place.
    Missing,
    /// One of its events is not there.
    EventGone,
    /// One of its events says something else.
    EventAltered,
    /// The page itself was not made with this hub's keyring, or does not follow the one before it.
    Forged,
}

impl BrokenSeal {
    /// As it is told to machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "page-missing",
            Self::EventGone => "event-gone",
            Self::EventAltered => "event-altered",
            Self::Forged => "page-forged",
        }
    }
}

struct Page {
    seq: i64,
    at: Timestamp,
    newest: i64,
    events: i64,
    digest: Vec<u8>,
    mac: Vec<u8>,
}

macro_rules! columns {
    () => {
        "select seq, at, newest, events, digest, mac from event_seal "
    };
}
impl Store {
    /// Closes the next page over what is on record and under none; answers how many events it holds, 0 if there are none.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is closed; two servers that close at once are told [`Fault::Conflict`], and one wins.
    pub async fn seal_events(&self, now: Timestamp) -> Result<usize, Fault> {
        let keyring = Arc::clone(&self.keyring);
        self.write(0, move |tx| {
            let last = newest_page(tx)?;
            let since = last.as_ref().map_or(i64::MIN, |page| page.newest - micros(LATE));
            let sql = "select e.bucket, e.id, e.body, e.at from event e
                left join event_sealed s on s.bucket = e.bucket and s.event = e.id
                where e.at >= $1 and s.seal is null order by e.at, e.id limit $2";
            let mut events = all(tx, sql, &[since.into(), PAGE.into()], sealable)?;
            if events.is_empty() {
                return Ok(0);
            }
            events.sort_by(|a, b| (a.bucket, &a.id).cmp(&(b.bucket, &b.id)));
            let seq = last.as_ref().map_or(1, |page| page.seq + 1);
            let count = i64::try_from(events.len()).unwrap_or(PAGE);
            let page = digest_of(events.iter().map(|event| (event.bucket, &event.id, &event.body)));
            let before = last.as_ref().map_or(&[][..], |page| &page.mac);
            let mac = keyring.keyed_hash("event-seal", &sealed_text(seq, count, &page, before));
            let newest = events.iter().map(|event| event.at).max().unwrap_or_default();
            let newest = newest.max(last.as_ref().map_or(newest, |page| page.newest));
            tx.execute(
                "insert into event_seal (seq, at, newest, events, digest, mac) values ($1, $2, $3, $4, $5, $6)",
                &[
                    seq.into(),
                    now.as_microsecond().into(),
                    newest.into(),
                    count.into(),
                    page.as_slice().into(),
                    mac.as_slice().into(),
                ],
            )?;
            for event in &events {
                let row = [event.bucket.into(), event.id.as_slice().into(), seq.into()];
                tx.execute("insert into event_sealed (bucket, event, seal) values ($1, $2, $3)", &row)?;
            }
            Ok(events.len())
        })
        .await
    }

    /// Compares the whole record with its seals.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn check_seals(&self) -> Result<SealCheck, Fault> {
        let keyring = Arc::clone(&self.keyring);
        self.read(move |tx| {
            let pages = all(tx, concat!(columns!(), "order by seq"), &[], page)?;
            let total = first(tx, "select count(*) from event", &[], |row| row.int(0))?.unwrap_or(0);
            let known = first(tx, "select count(*) from event_sealed", &[], |row| row.int(0))?.unwrap_or(0);
            let mut check = SealCheck {
                pages: i64::try_from(pages.len()).unwrap_or(i64::MAX),
                sealed: pages.iter().map(|page| page.events).sum(),
                unsealed: (total - known).max(0),
                newest: pages.last().map(|page| page.at),
                broken: None,
            };
            let mut before = Vec::new();
            for (expected, page) in (1..).zip(&pages) {
                let mac = |digest: &[u8]| {
                    keyring.keyed_hash("event-seal", &sealed_text(page.seq, page.events, digest, &before))
                };
                let fault = match events_of(tx, page)? {
                    _ if page.seq != expected => Some(BrokenSeal::Missing),
                    _ if mac(&page.digest).as_slice() != page.mac => Some(BrokenSeal::Forged),
                    None => Some(BrokenSeal::EventGone),
                    Some(digest) => (digest != page.digest).then_some(BrokenSeal::EventAltered),
                };
                if let Some(fault) = fault {
                    check.broken = Some((page.seq, fault));
                    break;
                }
                before.clone_from(&page.mac);
            }
            Ok(check)
        })
        .await
    }
}

impl Store {
    /// How many units there are, and how many of them no act on record tells of.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn units_without_event(&self) -> Result<(i64, i64), Fault> {
        self.without_event(
            "select count(*) from unit",
            "select count(*) from unit t left join event e on e.bucket = t.bucket and e.id = t.event
             where e.id is null",
        )
        .await
    }

    /// How many units were replaced, cancelled or ended, and how many of those ends no act on record tells of.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn ends_without_event(&self) -> Result<(i64, i64), Fault> {
        self.without_event(
            "select count(*) from disposal",
            "select count(*) from disposal t left join event e on e.bucket = t.bucket and e.id = t.event
             where e.id is null",
        )
        .await
    }

    /// How often somebody of an institution read its record of acts since then.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn record_read_since(&self, institution: String, since: Timestamp) -> Result<i64, Fault> {
        self.read(move |tx| {
            let sql = "select count(*) from event where at >= $1 and act = 'read-record' and institution = $2
                and outcome = 'done' and person is null";
            let key = [since.as_microsecond().into(), institution.as_str().into()];
            Ok(first(tx, sql, &key, |row| row.int(0))?.unwrap_or(0))
        })
        .await
    }

    async fn without_event(&self, all: &'static str, without: &'static str) -> Result<(i64, i64), Fault> {
        self.read(move |tx| {
            let mut count = |sql| Ok::<_, Fault>(first(tx, sql, &[], |row| row.int(0))?.unwrap_or(0));
            Ok((count(all)?, count(without)?))
        })
        .await
    }
}

struct Sealable {
    bucket: i64,
    id: Vec<u8>,
    body: String,
    at: i64,
}

fn sealable(row: &Row<'_>) -> Result<Sealable, Fault> {
    Ok(Sealable { bucket: row.int(0)?, id: row.bytes(1)?, body: row.text(2)?, at: row.int(3)? })
}

fn newest_page(tx: &mut dyn Tx) -> Result<Option<Page>, Fault> {
    first(tx, concat!(columns!(), "order by seq desc limit 1"), &[], page)
}

fn page(row: &Row<'_>) -> Result<Page, Fault> {
    Ok(Page {
        seq: row.int(0)?,
        at: instant(row.int(1)?)?,
        newest: row.int(2)?,
        events: row.int(3)?,
        digest: row.bytes(4)?,
        mac: row.bytes(5)?,
    })
}

/// The digest of a page's events as they are now; none where one of them is not there.
fn events_of(tx: &mut dyn Tx, page: &Page) -> Result<Option<Vec<u8>>, Fault> {
    let sql = "select s.bucket, s.event, e.body from event_sealed s
        join event e on e.bucket = s.bucket and e.id = s.event where s.seal = $1 order by s.bucket, s.event";
    let events = all(tx, sql, &[page.seq.into()], |row| Ok((row.int(0)?, row.bytes(1)?, row.text(2)?)))?;
    let are_all = i64::try_from(events.len()).is_ok_and(|count| count == page.events);
    Ok(are_all.then(|| digest_of(events.iter().map(|(bucket, id, body)| (*bucket, id, body)))))
}

fn digest_of<'a>(events: impl Iterator<Item = (i64, &'a Vec<u8>, &'a String)>) -> Vec<u8> {
    let mut page = Context::new(&SHA256);
    for (bucket, id, body) in events {
        page.update(&bucket.to_be_bytes());
        page.update(id);
        page.update(digest(&SHA256, body.as_bytes()).as_ref());
    }
    page.finish().as_ref().to_vec()
}

fn sealed_text(seq: i64, events: i64, digest: &[u8], before: &[u8]) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{seq}:{events}:{}:{}", hex(digest), hex(before))
}

fn micros(time: SignedDuration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
