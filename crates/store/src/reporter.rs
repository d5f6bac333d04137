//! Machines and products that report what they measured (報告元), as rows. A report is kept with what it proves and its
//! event, all in one commit, and only once.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, Tx, Value, all, first, instant};
use crate::{Bucket, Evidence, Fault, Holder, Store, event, evidence};

/// Something that reports what it measured, and the newest of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporter {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Number of the institution that registered it.
    pub institution: String,
    /// What people call it.
    pub name: String,
    /// Name of its row in the register of devices, where it has one.
    pub device: Option<String>,
    /// The thumbprint of its key (RFC 7638), by which its reports name it.
    pub thumbprint: String,
    /// Its public key (RFC 7517).
    pub jwk: String,
    /// On which ports it is meant to listen, as `safety` writes them; none where nobody said.
    pub ports: Option<String>,
    /// Who is meant to administer it, as `safety` writes them; none where nobody said.
    pub administrators: Option<String>,
    /// When it was registered.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Holder,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// What it reported last.
    pub last: Option<Report>,
}

/// What something reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The name it gave its report.
    pub jti: String,
    /// When it says it was made.
    pub at: Timestamp,
    /// When the hub received it.
    pub received_at: Timestamp,
    /// What was measured, as `safety` writes it.
    pub measured: String,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was kept.
    Kept,
    /// It is the one that was kept last.
    Replayed,
    /// It was not made after the one that was kept last.
    Older,
    /// The reporter is not there, or was ended.
    Ended,
}

macro_rules! columns {
    () => {
        "select id, institution, name, device, thumbprint, jwk, ports, administrators, made_at, made_by,
            made_by_name, ended_at, jti, reported_at, received_at, measured from reporter "
    };
}

impl Reporter {
    /// Whether its reports are taken.
    pub fn is_in_force(&self) -> bool {
        self.ended_at.is_none()
    }

    /// The source of what it proves, in evidence.
    pub fn source(&self) -> String {
        format!("report:{}", self.id)
    }
}

impl Store {
    /// Keeps a reporter. False if its key was registered before, by whomever; nothing is kept then.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_reporter(&self, one: Reporter, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&one.id);
        self.write(bucket.number(), move |tx| {
            if of_key(tx, &one.thumbprint)?.is_some() {
                return Ok(false);
            }
            insert(tx, &one)?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// The reporters of an institution, by name; those in force first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn reporters(&self, institution: String) -> Result<Vec<Reporter>, Fault> {
        self.read(move |tx| {
            let sql = concat!(
                columns!(),
                "where institution = $1 order by case when ended_at is null then 0 else 1 end, name, id"
            );
            all(tx, sql, &[institution.as_str().into()], parse)
        })
        .await
    }

    /// A reporter by its id.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn reporter(&self, id: String) -> Result<Option<Reporter>, Fault> {
        self.read(move |tx| first(tx, concat!(columns!(), "where id = $1"), &[id.as_str().into()], parse))
            .await
    }

    /// The reporter with a key of this thumbprint, in force or not.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn reporter_of_key(&self, thumbprint: String) -> Result<Option<Reporter>, Fault> {
        self.read(move |tx| of_key(tx, &thumbprint)).await
    }

    /// Keeps what a reporter is meant to be like. False if it is not there or was ended.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn expect_of_reporter(
        &self,
        id: String,
        ports: Option<String>,
        administrators: Option<String>,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql =
                "update reporter set ports = $1, administrators = $2 where id = $3 and ended_at is null";
            let row = [ports.as_deref().into(), administrators.as_deref().into(), id.as_str().into()];
            let is_kept = tx.execute(sql, &row)? == 1;
            if is_kept {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_kept)
        })
        .await
    }

    /// Ends a reporter: no report of it is taken any more, and what it said proves nothing. False if it is not there or
    /// was ended before.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_reporter(&self, one: &Reporter, on_record: Event) -> Result<bool, Fault> {
        let (bucket, one) = (Bucket::of_text(&one.id), one.clone());
        self.write(bucket.number(), move |tx| {
            let sql = "update reporter set ended_at = $1 where id = $2 and ended_at is null";
            let row = [on_record.at.as_microsecond().into(), one.id.as_str().into()];
            let is_ended = tx.execute(sql, &row)? == 1;
            if is_ended {
                evidence::retire_source(tx, &one.institution, &one.source())?;
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_ended)
        })
        .await
    }

    /// Keeps a report and what it proves, if its reporter is in force and it was made after the one before.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_report(
        &self,
        id: String,
        report: Report,
        proved: Vec<Evidence>,
        on_record: Event,
    ) -> Result<Taken, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            // One statement, so that of two at once on any engine one finds the other's.
            let sql = "update reporter set jti = $1, reported_at = $2, received_at = $3, measured = $4
                where id = $5 and ended_at is null and (reported_at is null or reported_at < $6)";
            let at = report.at.as_microsecond();
            let row: [Value<'_>; 6] = [
                report.jti.as_str().into(),
                at.into(),
                report.received_at.as_microsecond().into(),
                report.measured.as_str().into(),
                id.as_str().into(),
                at.into(),
            ];
            if tx.execute(sql, &row)? == 0 {
                return why_not(tx, &id, &report);
            }
            proved.iter().try_for_each(|one| evidence::insert(tx, one))?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(Taken::Kept)
        })
        .await
    }
}

fn why_not(tx: &mut dyn Tx, id: &str, report: &Report) -> Result<Taken, Fault> {
    let known = first(tx, concat!(columns!(), "where id = $1"), &[id.into()], parse)?;
    let Some(known) = known.filter(Reporter::is_in_force) else { return Ok(Taken::Ended) };
    let is_same = known.last.is_some_and(|last| last.jti == report.jti);
    Ok(if is_same { Taken::Replayed } else { Taken::Older })
}

fn of_key(tx: &mut dyn Tx, thumbprint: &str) -> Result<Option<Reporter>, Fault> {
    first(tx, concat!(columns!(), "where thumbprint = $1"), &[thumbprint.into()], parse)
}

fn insert(tx: &mut dyn Tx, one: &Reporter) -> Result<(), Fault> {
    tx.execute(
        "insert into reporter (id, institution, name, device, thumbprint, jwk, ports, administrators, made_at,
            made_by, made_by_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            one.id.as_str().into(),
            one.institution.as_str().into(),
            one.name.as_str().into(),
            one.device.as_deref().into(),
            one.thumbprint.as_str().into(),
            one.jwk.as_str().into(),
            one.ports.as_deref().into(),
            one.administrators.as_deref().into(),
            one.made_at.as_microsecond().into(),
            one.made_by.credential.as_str().into(),
            one.made_by.name.as_str().into(),
        ],
    )
    .map(drop)
}

fn parse(row: &Row<'_>) -> Result<Reporter, Fault> {
    let at = |column| row.int_or_null(column)?.map(instant).transpose();
    let last = match (row.text_or_null(12)?, at(13)?, at(14)?, row.text_or_null(15)?) {
        (Some(jti), Some(at), Some(received_at), Some(measured)) => {
            Some(Report { jti, at, received_at, measured })
        }
        _ => None,
    };
    Ok(Reporter {
        id: row.text(0)?,
        institution: row.text(1)?,
        name: row.text(2)?,
        device: row.text_or_null(3)?,
        thumbprint: row.text(4)?,
        jwk: row.text(5)?,
        ports: row.text_or_null(6)?,
        administrators: row.text_or_null(7)?,
        made_at: instant(row.int(8)?)?,
        made_by: Holder { credential: row.text(9)?, name: row.text(10)? },
        ended_at: at(11)?,
        last,
    })
}
