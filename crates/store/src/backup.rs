//! A copy of a SQLite database, made while others write.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::Fault;

/// What a copy must hold, counted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Events on record.
    pub events: i64,
    /// Units.
    pub units: i64,
    /// Accounts.
    pub accounts: i64,
}

/// Copies a database into a file that is not there yet, whole and as of one instant, and counts what is in the copy.
///
/// # Errors
/// On any [`Fault`] the copy is worth nothing.
pub fn copy_database(database: &Path, to: &Path) -> Result<Counts, Fault> {
    let from = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let name = to.to_str().ok_or(Fault::Damaged("a path that is no text"))?;
    from.execute("vacuum into ?1", [name])?;
    count_rows(to)
}

/// Counts what a database file holds, without changing it.
///
/// # Errors
/// On any [`Fault`] of reading.
pub fn count_rows(database: &Path) -> Result<Counts, Fault> {
    let opened = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let count = |sql| opened.query_row(sql, [], |row| row.get(0));
    Ok(Counts {
        events: count("select count(*) from event")?,
        units: count("select count(*) from unit")?,
        accounts: count("select count(*) from account")?,
    })
}
