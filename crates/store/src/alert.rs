//! Alerts (警告) as rows: what looked odd in the record of acts, and what came of it. An act counts once for a rule,
//! however often the record is watched.

use audit::{Event, EventId};
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
use crate::{Bucket, Fault, Holder, PersonId, Store, event};

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The event by which it was raised.
    pub id: EventId,
    /// What looked odd, and to whom.
    pub oddity: Oddity,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// Who said what came of it.
    pub answer: Option<AlertAnswer>,
}

/// Somebody's acts that a rule calls odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// Code of the rule.
    pub rule: String,
    /// How bad it is: `high`, `middle`, `low`.
    pub severity: String,
    /// Who acted.
    pub subject: Holder,
    /// Their role, by code.
    pub role: String,
    /// For which institution they acted.
    pub institution: Option<String>,
    /// Who was looked up, where it is about one person.
    pub about: Option<PersonId>,
    /// Which acts, oldest first.
    pub looks: Vec<OddLook>,
}

/// One of the acts that an alert rests on. No clinical content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddLook {
    /// Its event.
    pub event: EventId,
    /// When.
    pub at: Timestamp,
    /// Code of the act.
    pub act: String,
    /// Whose record.
    pub person: Option<PersonId>,
    /// Acting for which institution.
    pub institution: Option<String>,
}

/// What came of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertAnswer {
    /// Who looked into it.
    pub by: Holder,
    /// When.
    pub at: Timestamp,
    /// What they found.
    pub note: String,
}

macro_rules! columns {
    () => {
        "select id, rule, severity, subject, subject_name, subject_role, institution, about, raised_at, closed_at,
            closed_by, closed_by_name, note from alert "
    };
}

impl Store {
    /// Keeps what of an oddity is not kept yet: with the alert of the same rule, subject and person that nobody has
    /// answered, or else with a new one, which is put on record. Answers whether there is a new one.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn raise_alert(&self, oddity: Oddity, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&oddity.subject.credential);
        self.write(bucket.number(), move |tx| {
            let unanswered = unanswered(tx, bucket, &oddity)?;
            let alert = unanswered.clone().unwrap_or_else(|| on_record.id.to_string());
            let mut kept = 0;
            for look in &oddity.looks {
                kept += insert_look(tx, bucket, &oddity.rule, &alert, look)?;
            }
            let is_new = kept > 0 && unanswered.is_none();
            if is_new {
                insert(tx, bucket, &oddity, &on_record)?;
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_new)
        })
        .await
    }

    /// Alerts about those who act for an institution, or (`None`) about all; unanswered ones first, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn alerts(&self, institution: Option<String>, limit: u16) -> Result<Vec<Alert>, Fault> {
        self.read(move |tx| {
            let order = i64::from(limit);
            let found = match &institution {
                Some(number) => {
                    let sql = concat!(
                        columns!(),
                        "where institution = $1 order by case when closed_at is null then 0 else 1 end, raised_at desc,
                         id limit $2"
                    );
                    all(tx, sql, &[number.as_str().into(), order.into()], parse)?
                }
                None => {
                    let sql = concat!(
                        columns!(),
                        "order by case when closed_at is null then 0 else 1 end, raised_at desc, id limit $1"
                    );
                    all(tx, sql, &[order.into()], parse)?
                }
            };
            found.into_iter().map(|one| with_looks(tx, one)).collect()
        })
        .await
    }

    /// An alert.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn alert(&self, id: EventId) -> Result<Option<Alert>, Fault> {
        self.read(move |tx| {
            let id = id.to_string();
            let found = first(tx, concat!(columns!(), "where id = $1"), &[id.as_str().into()], parse)?;
            found.map(|one| with_looks(tx, one)).transpose()
        })
        .await
    }

    /// Keeps what came of an alert that nobody has answered, and puts it on record. False if somebody has.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn answer_alert(
        &self,
        alert: &Alert,
        answer: AlertAnswer,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&alert.oddity.subject.credential);
        let id = alert.id.to_string();
        self.write(bucket.number(), move |tx| {
            let sql = "update alert set closed_at = $1, closed_by = $2, closed_by_name = $3, note = $4
                where bucket = $5 and id = $6 and closed_at is null";
            let row = [
                answer.at.as_microsecond().into(),
                answer.by.credential.as_str().into(),
                answer.by.name.as_str().into(),
                answer.note.as_str().into(),
                bucket.number().into(),
                id.as_str().into(),
            ];
            let is_open = tx.execute(sql, &row)? == 1;
            if is_open {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_open)
        })
        .await
    }

    /// Until when the record was watched; none before it ever was.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn watched_until(&self) -> Result<Option<Timestamp>, Fault> {
        self.read(|tx| {
            let at = first(tx, "select at from alert_position where id = 1", &[], |row| row.int(0))?;
            at.map(instant).transpose()
        })
        .await
    }

    /// Marks until when the record was watched; never back.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn mark_watched(&self, until: Timestamp) -> Result<(), Fault> {
        self.write(0, move |tx| {
            let sql = "insert into alert_position (id, at) values (1, $1)
                on conflict (id) do update set at = excluded.at where alert_position.at < excluded.at";
            tx.execute(sql, &[until.as_microsecond().into()]).map(drop)
        })
        .await
    }
}

fn unanswered(tx: &mut dyn Tx, bucket: Bucket, oddity: &Oddity) -> Result<Option<String>, Fault> {
    let sql = "select id, about from alert
        where bucket = $1 and subject = $2 and rule = $3 and closed_at is null order by raised_at";
    let key =
        [bucket.number().into(), oddity.subject.credential.as_str().into(), oddity.rule.as_str().into()];
    let open = all(tx, sql, &key, |row| Ok((row.text(0)?, row.bytes_or_null(1)?)))?;
    let about = oddity.about.as_ref().map(|person| person.as_bytes().to_vec());
    Ok(open.into_iter().find(|(_, whom)| *whom == about).map(|(id, _)| id))
}

fn insert(tx: &mut dyn Tx, bucket: Bucket, oddity: &Oddity, event: &Event) -> Result<(), Fault> {
    let sql = "insert into alert (bucket, id, rule, severity, subject, subject_name, subject_role, institution, about,
            raised_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let id = event.id.to_string();
    let row = [
        bucket.number().into(),
        id.as_str().into(),
        oddity.rule.as_str().into(),
        oddity.severity.as_str().into(),
        oddity.subject.credential.as_str().into(),
        oddity.subject.name.as_str().into(),
        oddity.role.as_str().into(),
        oddity.institution.as_deref().into(),
        oddity.about.as_ref().map(PersonId::as_bytes).into(),
        event.at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn insert_look(
    tx: &mut dyn Tx,
    bucket: Bucket,
    rule: &str,
    alert: &str,
    look: &OddLook,
) -> Result<u64, Fault> {
    let sql = "insert into alert_look (bucket, rule, event, alert, at, act, person, institution)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (bucket, rule, event) do nothing";
    let row = [
        bucket.number().into(),
        rule.into(),
        look.event.as_bytes().into(),
        alert.into(),
        look.at.as_microsecond().into(),
        look.act.as_str().into(),
        look.person.as_ref().map(PersonId::as_bytes).into(),
        look.institution.as_deref().into(),
    ];
    tx.execute(sql, &row)
}

fn with_looks(tx: &mut dyn Tx, mut alert: Alert) -> Result<Alert, Fault> {
    let sql = "select event, at, act, person, institution from alert_look
        where bucket = $1 and alert = $2 order by at, event";
    let (bucket, id) = (Bucket::of_text(&alert.oddity.subject.credential), alert.id.to_string());
    alert.oddity.looks = all(tx, sql, &[bucket.number().into(), id.as_str().into()], |row| {
        Ok(OddLook {
            event: event::id(row, 0)?,
            at: instant(row.int(1)?)?,
            act: row.text(2)?,
            person: person(row, 3)?,
            institution: row.text_or_null(4)?,
        })
    })?;
    Ok(alert)
}

fn person(row: &Row<'_>, column: usize) -> Result<Option<PersonId>, Fault> {
    let bytes = row.bytes_or_null(column)?;
    bytes.map(|bytes| PersonId::from_row(&bytes).ok_or(Fault::Damaged("an alert's person"))).transpose()
}

fn parse(row: &Row<'_>) -> Result<Alert, Fault> {
    let answer = match (row.int_or_null(9)?, row.text_or_null(10)?, row.text_or_null(11)?) {
        (Some(at), Some(credential), Some(name)) => Some(AlertAnswer {
            by: Holder { credential, name },
            at: instant(at)?,
            note: row.text_or_null(12)?.unwrap_or_default(),
        }),
        _ => None,
    };
    Ok(Alert {
        id: EventId::try_from(row.text(0)?).map_err(|_| Fault::Damaged("an alert's id"))?,
        oddity: Oddity {
            rule: row.text(1)?,
            severity: row.text(2)?,
            subject: Holder { credential: row.text(3)?, name: row.text(4)? },
            role: row.text(5)?,
            institution: row.text_or_null(6)?,
            about: person(row, 7)?,
            looks: Vec::new(),
        },
        raised_at: instant(row.int(8)?)?,
        answer,
    })
}
