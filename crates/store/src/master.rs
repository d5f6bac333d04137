//! Masters: tables of codes, of lab items, of institutions, version beside version.
//!
//! A version can be seen once its row in `master_version` stands; its rows are written before that, some thousands at
//! a time, so that a large table holds nobody up.

use audit::Event;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Row, Tx, Value, all, day, first, instant};
use crate::{Bucket, Fault, Institution, Store, event, institution};

/// How many rows one transaction writes.
const AT_ONCE: usize = 2000;

/// A version of a master, without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterVersion {
    /// Which master: a kind of `rules/masters.toml`.
    pub kind: String,
    /// Its maker's name for the version.
    pub version: String,
    /// The day it comes into force.
    pub valid_from: Date,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// By whom, in words.
    pub imported_by: String,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// The names of the file's columns.
    pub columns: Vec<String>,
    /// How many rows it has.
    pub rows: usize,
}

/// One row of a master.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MasterRow {
    /// The code; an institution's number.
    pub code: String,
    /// What it is called.
    pub display: String,
    /// The first day it may be used.
    pub valid_from: Option<Date>,
    /// The last day.
    pub valid_to: Option<Date>,
    /// All cells, in the order of the version's columns.
    pub cells: Vec<String>,
}

/// What became of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It stands.
    New,
    /// The same file stood already under this name.
    Already,
    /// Another file stands under this name; nothing was changed.
    OtherFile,
}

const VERSIONS: &str =
    "select kind, version, valid_from, imported_at, imported_by, digest, columns, count_of_rows
    from master_version order by kind, valid_from, imported_at";

const ROWS: &str = "select code, display, valid_from, valid_to, cells from master_row
    where kind = $1 and version = $2 order by place";

const ROWS_OF_CODE: &str = "select code, display, valid_from, valid_to, cells from master_row
    where kind = $1 and version = $2 and code = $3 order by place";

impl Store {
    /// Keeps a version whole: its rows, what it says of institutions, and the event; or nothing of it.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_master(
        &self,
        master: MasterVersion,
        rows: Vec<MasterRow>,
        institutions: Vec<Institution>,
        event: Event,
    ) -> Result<Kept, Fault> {
        let (kind, version, digest) = (master.kind.clone(), master.version.clone(), master.digest);
        let standing = self.masters().await?;
        if let Some(one) = standing.iter().find(|one| one.kind == kind && one.version == version) {
            return Ok(if one.digest == digest { Kept::Already } else { Kept::OtherFile });
        }
        // What an import that was cut off left behind.
        self.write(0, move |tx| {
            let sql = "delete from master_row where kind = $1 and version = $2";
            tx.execute(sql, &[kind.as_str().into(), version.as_str().into()]).map(drop)
        })
        .await?;
        for (part, rows) in rows.chunks(AT_ONCE).enumerate() {
            let (rows, kind, version) = (rows.to_vec(), master.kind.clone(), master.version.clone());
            self.write(0, move |tx| insert_rows(tx, &kind, &version, part * AT_ONCE, &rows)).await?;
        }
        self.write(0, move |tx| {
            institutions.iter().try_for_each(|one| institution::upsert(tx, one))?;
            insert_version(tx, &master)?;
            event::insert(tx, Bucket::of_text(&master.kind), None, &event)
        })
        .await?;
        Ok(Kept::New)
    }

    /// All versions of all masters, by kind and the day they come into force.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn masters(&self) -> Result<Vec<MasterVersion>, Fault> {
        self.read(|tx| all(tx, VERSIONS, &[], parse_version)).await
    }

    /// The rows of a version, in the order of its file.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn master_rows(&self, kind: String, version: String) -> Result<Vec<MasterRow>, Fault> {
        self.read(move |tx| all(tx, ROWS, &[kind.as_str().into(), version.as_str().into()], parse_row)).await
    }

    /// The rows of some codes: of each question (kind, version, code) the rows that stand under it.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn master_codes(
        &self,
        questions: Vec<(String, String, String)>,
    ) -> Result<Vec<Vec<MasterRow>>, Fault> {
        self.read(move |tx| {
            let rows = |(kind, version, code): &(String, String, String)| {
                let params = [kind.as_str().into(), version.as_str().into(), code.as_str().into()];
                all(tx, ROWS_OF_CODE, &params, parse_row)
            };
            questions.iter().map(rows).collect()
        })
        .await
    }

    /// How far the judging of stored units by a version has come, as whoever judges wrote it down.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn revalidation(&self, kind: String, version: String) -> Result<Option<String>, Fault> {
        self.read(move |tx| {
            let sql = "select state from revalidation where kind = $1 and version = $2";
            first(tx, sql, &[kind.as_str().into(), version.as_str().into()], |row| row.text(0))
        })
        .await
    }

    /// Writes down how far the judging has come, with an event where one is given.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_revalidation(
        &self,
        kind: String,
        version: String,
        state: String,
        event: Option<Event>,
    ) -> Result<(), Fault> {
        self.write(0, move |tx| {
            tx.execute(
                "insert into revalidation (kind, version, state) values ($1, $2, $3)
                 on conflict (kind, version) do update set state = excluded.state",
                &[kind.as_str().into(), version.as_str().into(), state.as_str().into()],
            )?;
            event.as_ref().map_or(Ok(()), |one| event::insert(tx, Bucket::of_text(&kind), None, one))
        })
        .await
    }
}

fn insert_version(tx: &mut dyn Tx, one: &MasterVersion) -> Result<(), Fault> {
    let (from, columns) = (one.valid_from.to_string(), json(&one.columns)?);
    let rows = i64::try_from(one.rows).unwrap_or(i64::MAX);
    tx.execute(
        "insert into master_version (kind, version, valid_from, imported_at, imported_by, digest, columns,
             count_of_rows)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            one.kind.as_str().into(),
            one.version.as_str().into(),
            from.as_str().into(),
            one.imported_at.as_microsecond().into(),
            one.imported_by.as_str().into(),
            (&one.digest).into(),
            columns.as_str().into(),
            rows.into(),
        ],
    )
    .map(drop)
}

fn insert_rows(
    tx: &mut dyn Tx,
    kind: &str,
    version: &str,
    start: usize,
    rows: &[MasterRow],
) -> Result<(), Fault> {
    for (place, row) in (start..).zip(rows) {
        let text = |date: Option<Date>| date.map(|date| date.to_string());
        let (from, to, cells) = (text(row.valid_from), text(row.valid_to), json(&row.cells)?);
        let params: [Value<'_>; 8] = [
            kind.into(),
            version.into(),
            i64::try_from(place).unwrap_or(i64::MAX).into(),
            row.code.as_str().into(),
            row.display.as_str().into(),
            from.as_deref().into(),
            to.as_deref().into(),
            cells.as_str().into(),
        ];
        tx.execute(
            "insert into master_row (kind, version, place, code, display, valid_from, valid_to, cells)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &params,
        )?;
    }
    Ok(())
}

fn parse_version(row: &Row<'_>) -> Result<MasterVersion, Fault> {
    Ok(MasterVersion {
        kind: row.text(0)?,
        version: row.text(1)?,
        valid_from: day(row.text(2)?)?,
        imported_at: instant(row.int(3)?)?,
        imported_by: row.text(4)?,
        digest: row.bytes(5)?.try_into().map_err(|_| Fault::Damaged("a master's digest"))?,
        columns: texts(&row.text(6)?)?,
        rows: usize::try_from(row.int(7)?).map_err(|_| Fault::Damaged("a master's rows"))?,
    })
}

fn parse_row(row: &Row<'_>) -> Result<MasterRow, Fault> {
    Ok(MasterRow {
        code: row.text(0)?,
        display: row.text(1)?,
        valid_from: row.text_or_null(2)?.map(day).transpose()?,
        valid_to: row.text_or_null(3)?.map(day).transpose()?,
        cells: texts(&row.text(4)?)?,
    })
}

fn json(texts: &[String]) -> Result<String, Fault> {
    serde_json::to_string(texts).map_err(|_| Fault::Damaged("a row that is no JSON"))
}

fn texts(json: &str) -> Result<Vec<String>, Fault> {
    serde_json::from_str(json).map_err(|_| Fault::Damaged("a row of a master"))
}
