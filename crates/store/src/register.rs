//! Registers (台帳) as rows: each as it stands, and every version it had. What the cells mean is known above.

use audit::Event;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::sql::{Row, Tx, all, day, first, instant};
use crate::{Bucket, Fault, Holder, Store, event, folded};

/// A row of a register, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterRow {
    /// Number of the institution that keeps it.
    pub institution: String,
    /// Code of the register.
    pub register: String,
    /// 32 hexadecimal digits.
    pub id: String,
    /// Which version this is, from one.
    pub version: i64,
    /// What it is called.
    pub name: String,
    /// Code of its state.
    pub state: String,
    /// Whether it is over: returned, ended, retired.
    pub is_over: bool,
    /// When something is due; none where nothing is.
    pub due: Option<Date>,
    /// Its fields, as JSON.
    pub cells: String,
    /// What it is found by; comes back [`folded()`].
    pub words: String,
    /// Who made it.
    pub made_by: Holder,
    /// When.
    pub made_at: Timestamp,
    /// Who changed it last.
    pub changed_by: Holder,
    /// When.
    pub changed_at: Timestamp,
}

/// A version that a row had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterVersion {
    /// Which, from one.
    pub version: i64,
    /// Code of its state then.
    pub state: String,
    /// Its fields then, as JSON.
    pub cells: String,
    /// Code of what made it: `made`, `changed`, `imported`, or a move.
    pub deed: String,
    /// What was said with it.
    pub note: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Holder,
}

/// Which rows of a register: those due longest first, what is over last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisterQuery {
    /// Only rows that hold this text, however it is written.
    pub text: String,
    /// Only rows in this state.
    pub state: Option<String>,
    /// Only rows due before this day.
    pub due_before: Option<Date>,
    /// Only rows that this account or credential made.
    pub made_by: Option<String>,
    /// Leaves out so many.
    pub skip: u32,
    /// At most so many.
    pub limit: u32,
}

/// How a register stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterCount {
    /// Its code.
    pub register: String,
    /// Rows that are not over.
    pub open: i64,
    /// Of these, rows whose due day has passed.
    pub overdue: i64,
    /// When one was changed last.
    pub changed_at: Timestamp,
}

/// How rows of a register come to be kept: the code of the deed, and what was said with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterDeed {
    /// `made`, `changed`, `imported`, or the code of a move.
    pub code: String,
    /// What was said with it; empty where nothing was.
    pub note: String,
}

/// Stands in rows where nothing is due, so that they come last.
const NOTHING_DUE: &str = "9999-12-31";

/// After every due day, in the order of any collation.
const AFTER_ALL_DAYS: &str = "99999";

macro_rules! columns {
    () => {
        "select institution, register, id, version, name, state, is_over, due, cells, made_at, made_by, made_by_name,
            changed_at, changed_by, changed_by_name, folded from register_row "
    };
}

macro_rules! found {
    () => {
        "where institution = $1 and register = $2 and folded like $3 escape '!' and state like $4 and due < $5
            and made_by like $6 "
    };
}

impl Store {
    /// Keeps rows, all or none, each as the version after the one that stands, and puts it on record. Answers the row
    /// that somebody else changed meanwhile, where there is one; then nothing is kept.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_register_rows(
        &self,
        institution: &str,
        rows: Vec<RegisterRow>,
        deed: RegisterDeed,
        on_record: Event,
    ) -> Result<Option<RegisterRow>, Fault> {
        let bucket = Bucket::of_text(institution);
        self.write(bucket.number(), move |tx| {
            for row in &rows {
                let standing = standing(tx, row)?;
                if standing.as_ref().map_or(0, |one| one.version) + 1 != row.version {
                    return match standing {
                        Some(theirs) => Ok(Some(theirs)),
                        None => Err(Fault::Damaged("a row of a register is gone")),
                    };
                }
            }
            for row in &rows {
                keep(tx, row)?;
                append(tx, row, &deed)?;
            }
            event::insert(tx, bucket, None, &on_record)?;
            Ok(None)
        })
        .await
    }

    /// Rows of a register, and how many there are of them in all.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn register_rows(
        &self,
        institution: &str,
        register: &str,
        query: RegisterQuery,
    ) -> Result<(Vec<RegisterRow>, i64), Fault> {
        let (institution, register) = (institution.to_owned(), register.to_owned());
        self.read(move |tx| {
            let text = format!("%{}%", escaped(&folded(&query.text)));
            let before = query.due_before.map_or_else(|| AFTER_ALL_DAYS.to_owned(), |day| day.to_string());
            let parts = [
                institution.as_str().into(),
                register.as_str().into(),
                text.as_str().into(),
                query.state.as_deref().unwrap_or("%").into(),
                before.as_str().into(),
                query.made_by.as_deref().unwrap_or("%").into(),
            ];
            let count = concat!("select count(*) from register_row ", found!());
            let count = first(tx, count, &parts, |row| row.int(0))?.unwrap_or_default();
            let sql = concat!(columns!(), found!(), "order by is_over, due, name, id limit $7 offset $8");
            let [a, b, c, d, e, f] = parts;
            let parts = [a, b, c, d, e, f, i64::from(query.limit).into(), i64::from(query.skip).into()];
            Ok((all(tx, sql, &parts, parse)?, count))
        })
        .await
    }

    /// Every row of an institution's registers, or of one of them.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn all_register_rows(
        &self,
        institution: &str,
        register: Option<&str>,
    ) -> Result<Vec<RegisterRow>, Fault> {
        let (institution, register) = (institution.to_owned(), register.unwrap_or("%").to_owned());
        self.read(move |tx| {
            let sql = concat!(
                columns!(),
                "where institution = $1 and register like $2 order by register, is_over, due, name, id"
            );
            all(tx, sql, &[institution.as_str().into(), register.as_str().into()], parse)
        })
        .await
    }

    /// A row of a register.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn register_row(
        &self,
        institution: &str,
        register: &str,
        id: &str,
    ) -> Result<Option<RegisterRow>, Fault> {
        let key = [institution, register, id].map(str::to_owned);
        self.read(move |tx| {
            let sql = concat!(columns!(), "where institution = $1 and register = $2 and id = $3");
            first(tx, sql, &key.each_ref().map(|part| part.as_str().into()), parse)
        })
        .await
    }

    /// Every version a row had, the newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn register_versions(
        &self,
        institution: &str,
        register: &str,
        id: &str,
    ) -> Result<Vec<RegisterVersion>, Fault> {
        let key = [institution, register, id].map(str::to_owned);
        self.read(move |tx| {
            let sql = "select version, state, cells, deed, note, at, by_id, by_name from register_version
                where institution = $1 and register = $2 and id = $3 order by version desc";
            all(tx, sql, &key.each_ref().map(|part| part.as_str().into()), |row| {
                Ok(RegisterVersion {
                    version: row.int(0)?,
                    state: row.text(1)?,
                    cells: row.text(2)?,
                    deed: row.text(3)?,
                    note: row.text(4)?,
                    at: instant(row.int(5)?)?,
                    by: Holder { credential: row.text(6)?, name: row.text(7)? },
                })
            })
        })
        .await
    }

    /// How each register of an institution stands that has rows.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn register_counts(&self, institution: &str, today: Date) -> Result<Vec<RegisterCount>, Fault> {
        let (today, institution) = (today.to_string(), institution.to_owned());
        self.read(move |tx| {
            let sql = "select register, count(case when is_over = 0 then 1 end),
                    count(case when is_over = 0 and due < $1 then 1 end), max(changed_at)
                from register_row where institution = $2 group by register order by register";
            all(tx, sql, &[today.as_str().into(), institution.as_str().into()], |row| {
                Ok(RegisterCount {
                    register: row.text(0)?,
                    open: row.int(1)?,
                    overdue: row.int(2)?,
                    changed_at: instant(row.int(3)?)?,
                })
            })
        })
        .await
    }
}

/// What is typed stands for itself, not for any text.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

fn standing(tx: &mut dyn Tx, row: &RegisterRow) -> Result<Option<RegisterRow>, Fault> {
    let sql = concat!(columns!(), "where institution = $1 and register = $2 and id = $3");
    let key = [row.institution.as_str().into(), row.register.as_str().into(), row.id.as_str().into()];
    first(tx, sql, &key, parse)
}

fn keep(tx: &mut dyn Tx, row: &RegisterRow) -> Result<(), Fault> {
    let sql = "insert into register_row (institution, register, id, version, name, folded, state, is_over, due, cells,
            made_at, made_by, made_by_name, changed_at, changed_by, changed_by_name)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict (institution, register, id) do update set version = excluded.version, name = excluded.name,
            folded = excluded.folded, state = excluded.state, is_over = excluded.is_over, due = excluded.due,
            cells = excluded.cells, changed_at = excluded.changed_at, changed_by = excluded.changed_by,
            changed_by_name = excluded.changed_by_name";
    let text = folded(&row.words);
    let due = row.due.filter(|_| !row.is_over).map_or_else(|| NOTHING_DUE.to_owned(), |day| day.to_string());
    let row = [
        row.institution.as_str().into(),
        row.register.as_str().into(),
        row.id.as_str().into(),
        row.version.into(),
        row.name.as_str().into(),
        text.as_str().into(),
        row.state.as_str().into(),
        i64::from(row.is_over).into(),
        due.as_str().into(),
        row.cells.as_str().into(),
        row.made_at.as_microsecond().into(),
        row.made_by.credential.as_str().into(),
        row.made_by.name.as_str().into(),
        row.changed_at.as_microsecond().into(),
        row.changed_by.credential.as_str().into(),
        row.changed_by.name.as_str().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn append(tx: &mut dyn Tx, row: &RegisterRow, deed: &RegisterDeed) -> Result<(), Fault> {
    let sql = "insert into register_version (institution, register, id, version, state, cells, deed, note, at, by_id,
            by_name) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let row = [
        row.institution.as_str().into(),
        row.register.as_str().into(),
        row.id.as_str().into(),
        row.version.into(),
        row.state.as_str().into(),
        row.cells.as_str().into(),
        deed.code.as_str().into(),
        deed.note.as_str().into(),
        row.changed_at.as_microsecond().into(),
        row.changed_by.credential.as_str().into(),
        row.changed_by.name.as_str().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn parse(row: &Row<'_>) -> Result<RegisterRow, Fault> {
    let due = Some(row.text(7)?).filter(|due| due != NOTHING_DUE);
    Ok(RegisterRow {
        institution: row.text(0)?,
        register: row.text(1)?,
        id: row.text(2)?,
        version: row.int(3)?,
        name: row.text(4)?,
        state: row.text(5)?,
        is_over: row.int(6)? != 0,
        due: due.map(day).transpose()?,
        cells: row.text(8)?,
        words: row.text(15)?,
        made_at: instant(row.int(9)?)?,
        made_by: Holder { credential: row.text(10)?, name: row.text(11)? },
        changed_at: instant(row.int(12)?)?,
        changed_by: Holder { credential: row.text(13)?, name: row.text(14)? },
    })
}
