//! The schema's history: numbered texts that only go forward, each with its checksum.

use ring::digest::{SHA256, digest};

use crate::Fault;
use crate::sql::{Tx, first};
use crate::writer::Connection;

/// Every step, oldest first. A step that was released is never changed: add another.
const STEPS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_first_rooms.sql")),
    (2, include_str!("../migrations/0002_documents.sql")),
    (3, include_str!("../migrations/0003_consent.sql")),
    (4, include_str!("../migrations/0004_notices.sql")),
    (5, include_str!("../migrations/0005_masters.sql")),
    (6, include_str!("../migrations/0006_persons.sql")),
    (7, include_str!("../migrations/0007_accounts.sql")),
    (8, include_str!("../migrations/0008_apps.sql")),
    (9, include_str!("../migrations/0009_devices.sql")),
    (10, include_str!("../migrations/0010_providers.sql")),
    (11, include_str!("../migrations/0011_patient_door.sql")),
    (12, include_str!("../migrations/0012_provisioning.sql")),
    (13, include_str!("../migrations/0013_access_reviews.sql")),
    (14, include_str!("../migrations/0014_alerts.sql")),
    (15, include_str!("../migrations/0015_safety.sql")),
    (16, include_str!("../migrations/0016_registers.sql")),
    (17, include_str!("../migrations/0017_inspection_packs.sql")),
    (18, include_str!("../migrations/0018_reports.sql")),
    (19, include_str!("../migrations/0019_plans.sql")),
];

const HISTORY: &str = "create table if not exists schema_history (
    step bigint not null primary key, checksum bytea not null)";

/// Brings the schema up to this program's, in one transaction.
///
/// # Errors
/// [`Fault::Schema`] when the database is newer than the program or a past step was altered.
pub(crate) fn migrate<C: Connection>(connection: &mut C, is_postgres: bool) -> Result<(), Fault> {
    connection.transaction(&mut |tx| {
        if is_postgres {
            // Two servers that start at once take turns.
            tx.execute("select pg_advisory_xact_lock(7236354)", &[])?;
        }
        tx.execute(HISTORY, &[])?;
        refuse_newer(tx)?;
        STEPS.iter().try_for_each(|(step, text)| apply(tx, *step, text))
    })
}

fn refuse_newer(tx: &mut dyn Tx) -> Result<(), Fault> {
    let newest =
        first(tx, "select step from schema_history order by step desc limit 1", &[], |row| row.int(0))?;
    let ours = STEPS.last().map_or(0, |(step, _)| *step);
    match newest {
        Some(theirs) if theirs > ours => {
            Err(Fault::Schema(format!("it is at step {theirs}, this program knows {ours}").into()))
        }
        _ => Ok(()),
    }
}

fn apply(tx: &mut dyn Tx, step: i64, text: &'static str) -> Result<(), Fault> {
    let checksum = digest(&SHA256, text.as_bytes());
    let known =
        first(tx, "select checksum from schema_history where step = $1", &[step.into()], |row| row.bytes(0))?;
    match known {
        Some(known) if known == checksum.as_ref() => Ok(()),
        Some(_) => Err(Fault::Schema(format!("step {step} is not the one this program knows").into())),
        None => {
            for statement in text.split_inclusive(";\n").filter(|statement| statement.contains(';')) {
                tx.execute(statement, &[])?;
            }
            let insert = "insert into schema_history (step, checksum) values ($1, $2)";
            tx.execute(insert, &[step.into(), checksum.as_ref().into()]).map(drop)
        }
    }
}
