//! The embedded engine: one file, one writing connection, a few that read.

use std::path::Path;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection as Raw, OpenFlags, Statement};
use tracing::warn;

use crate::Fault;
use crate::sql::{Row, Tx, Value};
use crate::writer::Connection;

/// Pages are larger than SQLite's default because a sealed bundle seldom fits 4 KB.
const PAGE_BYTES: i64 = 8192;
/// The write-ahead log is folded back every this many pages (64 MB).
const CHECKPOINT_PAGES: i64 = 8192;

/// How often the log is folded back beside the writer while it writes, so that no group waits for all of it.
const FOLDING: Duration = Duration::from_millis(200);

/// A connection to the database file.
pub(crate) struct Sqlite {
    raw: Raw,
    /// Tells that something was written; the writer's only.
    written: Option<Sender<()>>,
}

impl Sqlite {
    /// Opens the writing connection, making the file if need be.
    pub(crate) fn writer(path: &Path) -> Result<Self, Fault> {
        let raw = Raw::open(path)?;
        raw.pragma_update(None, "page_size", PAGE_BYTES)?;
        raw.pragma_update(None, "journal_mode", "wal")?;
        raw.pragma_update(None, "synchronous", "full")?;
        // Not `fast`: a page given back while its rows move on would keep copies of wrapped keys past their disposal.
        raw.pragma_update(None, "secure_delete", "on")?;
        raw.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        let folding = Raw::open(path)?;
        let (written, told) = bounded(1);
        thread::spawn(move || fold_back(&folding, &told));
        Ok(Self { written: Some(written), ..Self::tuned(raw)? })
    }

    /// Opens a connection that can only read.
    pub(crate) fn reader(path: &Path) -> Result<Self, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::tuned(Raw::open_with_flags(path, flags)?)
    }

    fn tuned(raw: Raw) -> Result<Self, Fault> {
        raw.busy_timeout(Duration::from_secs(5))?;
        raw.pragma_update(None, "mmap_size", 256 << 20)?;
        raw.pragma_update(None, "cache_size", -16_000)?;
        raw.set_prepared_statement_cache_capacity(256);
        Ok(Self { raw, written: None })
    }

    fn statement(&self, sql: &'static str) -> Result<rusqlite::CachedStatement<'_>, Fault> {
        Ok(self.raw.prepare_cached(sql)?)
    }
}

/// Folds the log back as far as nobody reads it, until the writer is gone. What fails here is tried again here, and by
/// the writer once the log is long: whatever was acknowledged lies in the log until then.
fn fold_back(raw: &Raw, told: &Receiver<()>) {
    while told.recv().is_ok() {
        if let Err(error) = raw.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
            warn!(%error, "the log was not folded back");
        }
        thread::sleep(FOLDING);
    }
}

impl Connection for Sqlite {
    fn transaction(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Fault>) -> Result<(), Fault> {
        self.execute("begin immediate", &[])?;
        let outcome = work(self).and_then(|()| self.execute("commit", &[]).map(drop));
        if outcome.is_err() && !self.raw.is_autocommit() && self.execute("rollback", &[]).is_err() {
            return Err(Fault::Stopped);
        }
        if let Some(written) = &self.written {
            // If it is told already, that is enough.
            let _ = written.try_send(());
        }
        outcome
    }

    fn reads(&mut self) -> Result<&mut dyn Tx, Fault> {
        Ok(self)
    }
}

impl Tx for Sqlite {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, Fault> {
        let mut statement = self.statement(sql)?;
        bind(&mut statement, params)?;
        Ok(statement.raw_execute()? as u64)
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut statement = self.statement(sql)?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }
}

/// SQLite numbers `$n` names by first appearance, so statements must name them in order.
fn bind(statement: &mut Statement<'_>, params: &[Value<'_>]) -> Result<(), Fault> {
    for (index, value) in params.iter().enumerate() {
        debug_assert_eq!(statement.parameter_name(index + 1), Some(format!("${}", index + 1).as_str()));
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Null => ValueRef::Null,
        }))
    }
}
