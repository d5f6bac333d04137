//! The little SQL both engines speak: statements with `$1, $2, …` in order of appearance, three types of value.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::Fault;

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Null,
}

/// A row of an answer, in either engine's form.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

/// One open transaction, or a connection that only reads.
pub(crate) trait Tx {
    /// Runs a statement; answers how many rows it touched.
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, Fault>;

    /// Runs a query and hands each row over.
    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}

/// All rows, mapped.
pub(crate) fn all<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    params: &[Value<'_>],
    map: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut rows = Vec::new();
    tx.query(sql, params, &mut |row| {
        rows.push(map(row)?);
        Ok(())
    })?;
    Ok(rows)
}

/// The first row, mapped.
pub(crate) fn first<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    params: &[Value<'_>],
    map: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    Ok(all(tx, sql, params, map)?.into_iter().next())
}

/// The instant that stands for no end; rows hold it exactly.
pub const NEVER: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// An instant as rows keep it: microseconds since 1970.
pub(crate) fn instant(microseconds: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Fault::Damaged("an instant"))
}

/// A day as rows keep it: an ISO date.
pub(crate) fn day(text: String) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::Damaged("a day"))
}

impl Row<'_> {
    pub(crate) fn int(&self, column: usize) -> Result<i64, Fault> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn int_or_null(&self, column: usize) -> Result<Option<i64>, Fault> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, Fault> {
        self.text_or_null(column)?.ok_or(Fault::Damaged("a text is missing"))
    }

    pub(crate) fn text_or_null(&self, column: usize) -> Result<Option<String>, Fault> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, Fault> {
        self.bytes_or_null(column)?.ok_or(Fault::Damaged("bytes are missing"))
    }

    pub(crate) fn bytes_or_null(&self, column: usize) -> Result<Option<Vec<u8>>, Fault> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, T> From<Option<T>> for Value<'a>
where
    T: Into<Value<'a>>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
