//! Opening an incident and writing on: each entry is appended, and goes on record in the same commit.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use guideline::Phase;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use store::{Fault, Holder, Incident, IncidentEntry, NotAppended, random};

use super::allowed::{Draft, SAID, TITLE, allowed, checked, said};
use super::course::{Course, Fact, Kind};
use crate::Safety;

/// What somebody saw, and when.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What it is called.
    pub title: String,
    /// What was seen.
    pub seen: String,
    /// Who saw it.
    pub seen_by: String,
    /// When (覚知).
    pub seen_at: Timestamp,
    /// Whether it is a drill (訓練).
    pub is_drill: bool,
}

/// What somebody writes into the timeline.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A note.
    Note,
    /// An earlier entry, by its number, is set right.
    Correct(i64),
    /// A step, by its code, is done.
    Do(String),
    /// A step is not done after all.
    Undo(String),
    /// A step does not apply.
    Skip(String),
    /// A question, by its code, is answered.
    Answer(String, Fact),
    /// A duty, by its code, was done.
    Report(String),
    /// A duty does not apply.
    Waive(String),
    /// The next phase begins.
    MoveOn(Phase),
    /// Somebody is to do something by a day.
    Plan(String, Option<Date>),
    /// What an entry, by its number, set is done.
    Finish(i64),
    /// It is over.
    Close,
}

/// What was said with a deed, and when it happened.
#[derive(Clone, Debug)]
pub struct Happened {
    /// What was said; may be empty where the deed speaks for itself.
    pub said: String,
    /// When it happened.
    pub at: Timestamp,
}

/// What is wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// What it is called has 2 to 80 characters.
    Title,
    /// Something must be said here, of 2 to 4000 characters.
    Said,
    /// Who, in 2 to 80 characters.
    Who,
    /// It lies in the future.
    Future,
    /// It lies more than a year back.
    LongAgo,
    /// It lies before anybody noticed.
    BeforeSeen,
    /// A day from today on, at most five years ahead.
    Due,
    /// There is no such step, duty, question, phase or entry, or it is settled.
    What,
}

/// Why nothing was written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotWritten {
    /// What was typed cannot stand.
    #[error("what was typed cannot stand")]
    Wrong(Wrong),
    /// There is no such incident.
    #[error("there is no such incident")]
    NotThere,
    /// It is closed: only corrections and what is done afterwards come after that.
    #[error("it is closed")]
    Closed,
    /// It cannot be closed yet: these duties, and questions, are open.
    #[error("something is open")]
    Open(Vec<String>),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// An incident is opened within a year of when it was noticed.
const LONGEST_AGO: SignedDuration = SignedDuration::from_hours(24 * 366);
/// So often others may come between before the store is taken to be at fault.
const TRIES: usize = 20;

impl Safety {
    /// Opens an incident, or a drill; answers its id.
    ///
    /// # Errors
    /// See [`NotWritten`].
    pub async fn open_incident(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        opening: &Opening,
        act: &Act,
    ) -> Result<String, NotWritten> {
        let title = said(&opening.title, &TITLE, Wrong::Title)?;
        let seen = said(&opening.seen, &SAID, Wrong::Said)?;
        let seen_by = said(&opening.seen_by, &TITLE, Wrong::Who)?;
        if opening.seen_at > act.now {
            return Err(NotWritten::Wrong(Wrong::Future));
        }
        if act.now.duration_since(opening.seen_at) > LONGEST_AGO {
            return Err(NotWritten::Wrong(Wrong::LongAgo));
        }
        let incident = Incident {
            institution: institution.to_owned(),
            id: format!("{:032x}", u128::from_be_bytes(random::<16>().map_err(Fault::from)?)),
            title,
            is_drill: opening.is_drill,
            seen_at: opening.seen_at,
            opened_at: act.now,
            opened_by: holder(by),
        };
        let happened = Happened { said: seen, at: opening.seen_at };
        let draft = Draft { kind: Kind::Opened, about: String::new(), who: seen_by, due: None };
        let (entry, event) = entry(&incident, 1, draft, happened, by, rule, act)?;
        let id = incident.id.clone();
        self.store.open_incident(incident, entry, event).await?;
        self.prove_incidents(institution, by, rule, act).await?;
        Ok(id)
    }

    /// Writes into the timeline of an incident.
    ///
    /// # Errors
    /// See [`NotWritten`].
    pub async fn write_incident(
        &self,
        by: &Viewer,
        rule: &str,
        (institution, id): (&str, &str),
        deed: &Deed,
        happened: &Happened,
        act: &Act,
    ) -> Result<(), NotWritten> {
        let found = self.store.incident(institution.to_owned(), id.to_owned()).await?;
        let incident = found.ok_or(NotWritten::NotThere)?;
        for _ in 0..TRIES {
            let entries = self.store.incident_entries(institution.to_owned(), id.to_owned()).await?;
            let course = Course::of(&incident, &entries);
            let draft = allowed(deed, &entries, &course, act)?;
            let happened = checked(deed, happened, &incident, act)?;
            let next = entries.last().map_or(1, |entry| entry.seq + 1);
            let (entry, event) = entry(&incident, next, draft, happened, by, rule, act)?;
            let (institution, id) = (institution.to_owned(), id.to_owned());
            match self.store.append_to_incident(institution.clone(), id, entry, event).await? {
                Ok(()) => return Ok(self.prove_incidents(&institution, by, rule, act).await?),
                Err(NotAppended::NotThere) => return Err(NotWritten::NotThere),
                // Both are kept, one after the other.
                Err(NotAppended::Meanwhile) => {}
            }
        }
        Err(NotWritten::Store(Fault::Conflict))
    }
}

fn holder(by: &Viewer) -> Holder {
    Holder { credential: by.credential.clone(), name: by.name.clone() }
}

/// An entry, and the event that seals it: its digest is on record, its words are not.
fn entry(
    incident: &Incident,
    seq: i64,
    draft: Draft,
    happened: Happened,
    by: &Viewer,
    rule: &str,
    act: &Act,
) -> Result<(IncidentEntry, audit::Event), Fault> {
    let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
    let entry = IncidentEntry {
        seq,
        event: event.id,
        kind: draft.kind.code().to_owned(),
        about: draft.about,
        said: happened.said,
        who: draft.who,
        due: draft.due,
        happened_at: happened.at,
        at: act.now,
        by: holder(by),
    };
    event.objects = objects(incident, &entry);
    Ok((entry, event))
}

/// What the event of an entry is about: the incident, what was done, and the digest of all that the entry says.
pub(super) fn objects(incident: &Incident, entry: &IncidentEntry) -> Vec<String> {
    let told = serde_json::json!([
        incident.institution,
        incident.id,
        incident.title,
        incident.is_drill,
        incident.seen_at.as_microsecond(),
        entry.seq,
        entry.kind,
        entry.about,
        entry.said,
        entry.who,
        entry.due.map(|day| day.to_string()),
        entry.happened_at.as_microsecond(),
        entry.at.as_microsecond(),
        entry.by.credential,
        entry.by.name,
    ]);
    let digest = digest(&SHA256, told.to_string().as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let what =
        if entry.about.is_empty() { entry.kind.clone() } else { format!("{}/{}", entry.kind, entry.about) };
    vec![format!("incident/{}", incident.id), what, format!("sha256/{hex}")]
}
