//! PostgreSQL: several writing connections, each with its own share of the buckets.

use std::collections::HashMap;
use std::error::Error;

use bytes::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Statement};

use crate::Fault;
use crate::sql::{Row, Tx, Value};
use crate::writer::Connection;

/// A connection, made again when it breaks.
pub(crate) struct Postgres {
    url: String,
    open: Option<Open>,
}

struct Open {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Postgres {
    /// Connects to `url`, in the form `postgres://user@host/database`.
    pub(crate) fn connect(url: &str) -> Result<Self, Fault> {
        let mut connection = Self { url: url.to_owned(), open: None };
        connection.opened()?;
        Ok(connection)
    }

    fn opened(&mut self) -> Result<&mut Open, Fault> {
        if self.open.as_ref().is_some_and(|open| open.client.is_closed()) {
            self.open = None;
        }
        match &mut self.open {
            Some(open) => Ok(open),
            closed => {
                let client = Client::connect(&self.url, NoTls)?;
                Ok(closed.insert(Open { client, statements: HashMap::new() }))
            }
        }
    }
}

impl Connection for Postgres {
    fn transaction(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> Result<(), Fault>) -> Result<(), Fault> {
        let open = self.opened()?;
        open.client.batch_execute("begin")?;
        let outcome = work(open).and_then(|()| Ok(open.client.batch_execute("commit")?));
        if outcome.is_err() && open.client.batch_execute("rollback").is_err() {
            self.open = None;
        }
        outcome
    }

    fn reads(&mut self) -> Result<&mut dyn Tx, Fault> {
        Ok(self.opened()?)
    }
}

impl Open {
    fn statement(&mut self, sql: &'static str) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

impl Tx for Open {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, Fault> {
        if params.is_empty() {
            self.client.batch_execute(sql)?;
            return Ok(0);
        }
        let statement = self.statement(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        Ok(self.client.execute(&statement, &params)?)
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let statement = self.statement(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        for row in self.client.query(&statement, &params)? {
            each(&Row::Postgres(&row))?;
        }
        Ok(())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Int(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
            Self::Null => Ok(IsNull::Yes),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}
