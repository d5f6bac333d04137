//! Incidents (インシデント) as rows: what was opened, and a timeline that only grows. Each entry goes on record in the same
//! commit; nothing here changes or takes out a row.

use audit::{Event, EventId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Row, Tx, all, day, first, instant};
use crate::{Bucket, Fault, Holder, Store, event};

/// An incident, as it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Number of the institution.
    pub institution: String,
    /// 32 hexadecimal digits.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Whether it is a drill (訓練).
    pub is_drill: bool,
    /// When somebody first noticed (覚知).
    pub seen_at: Timestamp,
    /// When it was opened here.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: Holder,
}

/// An entry of an incident's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentEntry {
    /// Which, from one.
    pub seq: i64,
    /// The event it is on record with.
    pub event: EventId,
    /// Code of what was done.
    pub kind: String,
    /// What it is about: code of a step, a duty, a question, a phase, or the number of an entry; empty for none.
    pub about: String,
    /// What was said.
    pub said: String,
    /// Who is to do it, where somebody is; empty else.
    pub who: String,
    /// By when, where there is a day.
    pub due: Option<Date>,
    /// When it happened.
    pub happened_at: Timestamp,
    /// When it was written.
    pub at: Timestamp,
    /// By whom.
    pub by: Holder,
}

/// Why an entry was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAppended {
    /// Another entry came meanwhile.
    Meanwhile,
    /// There is no such incident.
    NotThere,
}

/// What the record of acts holds of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentTrace {
    /// For each entry in its order: what its event says it is about; none where the event is gone.
    pub objects: Vec<Option<Vec<String>>>,
    /// How many events tell of the incident.
    pub events: i64,
}

macro_rules! columns {
    () => {
        "select institution, id, title, is_drill, seen_at, opened_at, opened_by, opened_by_name from incident "
    };
}

impl Store {
    /// Keeps an incident with its first entry, and puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn open_incident(
        &self,
        incident: Incident,
        entry: IncidentEntry,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&incident.institution);
        self.write(bucket.number(), move |tx| {
            insert(tx, &incident)?;
            append(tx, &incident.institution, &incident.id, &entry)?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// Appends an entry, if it is the one after the newest, and puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn append_to_incident(
        &self,
        institution: String,
        id: String,
        entry: IncidentEntry,
        on_record: Event,
    ) -> Result<Result<(), NotAppended>, Fault> {
        let bucket = Bucket::of_text(&institution);
        self.write(bucket.number(), move |tx| {
            let sql = "select seq from incident_entry where institution = $1 and incident = $2
                order by seq desc limit 1";
            let newest =
                first(tx, sql, &[institution.as_str().into(), id.as_str().into()], |row| row.int(0))?;
            match newest {
                None => return Ok(Err(NotAppended::NotThere)),
                Some(newest) if newest + 1 != entry.seq => return Ok(Err(NotAppended::Meanwhile)),
                Some(_) => {}
            }
            append(tx, &institution, &id, &entry)?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Incidents and drills of an institution, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn incidents(&self, institution: String, limit: u16) -> Result<Vec<Incident>, Fault> {
        self.read(move |tx| {
            let sql = concat!(columns!(), "where institution = $1 order by opened_at desc, id limit $2");
            all(tx, sql, &[institution.as_str().into(), i64::from(limit).into()], parse)
        })
        .await
    }

    /// An incident.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn incident(&self, institution: String, id: String) -> Result<Option<Incident>, Fault> {
        self.read(move |tx| {
            let sql = concat!(columns!(), "where institution = $1 and id = $2");
            first(tx, sql, &[institution.as_str().into(), id.as_str().into()], parse)
        })
        .await
    }

    /// The timeline of an incident, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn incident_entries(
        &self,
        institution: String,
        id: String,
    ) -> Result<Vec<IncidentEntry>, Fault> {
        self.read(move |tx| {
            let sql = "select seq, event, kind, about, said, who, due, happened_at, at, by_id, by_name
                from incident_entry where institution = $1 and incident = $2 order by seq";
            all(tx, sql, &[institution.as_str().into(), id.as_str().into()], entry)
        })
        .await
    }

    /// What the record of acts holds of an incident, to hold its timeline against.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn incident_trace(&self, institution: String, id: String) -> Result<IncidentTrace, Fault> {
        let bucket = Bucket::of_text(&institution).number();
        self.read(move |tx| {
            let sql =
                "select v.body from incident_entry e left join event v on v.bucket = $1 and v.id = e.event
                where e.institution = $2 and e.incident = $3 order by e.seq";
            let key = [bucket.into(), institution.as_str().into(), id.as_str().into()];
            let objects = all(tx, sql, &key, |row| match row.text_or_null(0)? {
                Some(_) => event::parse(row).map(|event| Some(event.objects)),
                None => Ok(None),
            })?;
            let sql = "select count(*) from event where bucket = $1 and person is null and act = 'safety'
                and body like $2";
            let named = format!("%\"incident/{id}\"%");
            let events = first(tx, sql, &[bucket.into(), named.as_str().into()], |row| row.int(0))?;
            Ok(IncidentTrace { objects, events: events.unwrap_or_default() })
        })
        .await
    }
}

fn insert(tx: &mut dyn Tx, incident: &Incident) -> Result<(), Fault> {
    tx.execute(
        "insert into incident (institution, id, title, is_drill, seen_at, opened_at, opened_by, opened_by_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            incident.institution.as_str().into(),
            incident.id.as_str().into(),
            incident.title.as_str().into(),
            i64::from(incident.is_drill).into(),
            incident.seen_at.as_microsecond().into(),
            incident.opened_at.as_microsecond().into(),
            incident.opened_by.credential.as_str().into(),
            incident.opened_by.name.as_str().into(),
        ],
    )
    .map(drop)
}

fn append(tx: &mut dyn Tx, institution: &str, id: &str, entry: &IncidentEntry) -> Result<(), Fault> {
    let due = entry.due.map(|day| day.to_string());
    tx.execute(
        "insert into incident_entry (institution, incident, seq, event, kind, about, said, who, due, happened_at,
            at, by_id, by_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            institution.into(),
            id.into(),
            entry.seq.into(),
            entry.event.as_bytes().into(),
            entry.kind.as_str().into(),
            entry.about.as_str().into(),
            entry.said.as_str().into(),
            entry.who.as_str().into(),
            due.as_deref().into(),
            entry.happened_at.as_microsecond().into(),
            entry.at.as_microsecond().into(),
            entry.by.credential.as_str().into(),
            entry.by.name.as_str().into(),
        ],
    )
    .map(drop)
}

fn parse(row: &Row<'_>) -> Result<Incident, Fault> {
    Ok(Incident {
        institution: row.text(0)?,
        id: row.text(1)?,
        title: row.text(2)?,
        is_drill: row.int(3)? == 1,
        seen_at: instant(row.int(4)?)?,
        opened_at: instant(row.int(5)?)?,
        opened_by: Holder { credential: row.text(6)?, name: row.text(7)? },
    })
}

fn entry(row: &Row<'_>) -> Result<IncidentEntry, Fault> {
    let due = row.text_or_null(6)?.map(day).transpose()?;
    Ok(IncidentEntry {
        seq: row.int(0)?,
        event: event::id(row, 1)?,
        kind: row.text(2)?,
        about: row.text(3)?,
        said: row.text(4)?,
        who: row.text(5)?,
        due,
        happened_at: instant(row.int(7)?)?,
        at: instant(row.int(8)?)?,
        by: Holder { credential: row.text(9)?, name: row.text(10)? },
    })
}
