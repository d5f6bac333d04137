//! What happened on terminals that nobody knows, and what an institution does with them, as rows.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
use crate::{Bucket, Fault, Store, event};

/// A sign-in or a session on a terminal that nobody knows. The same again is counted, until somebody has looked at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFinding {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What happened.
    pub kind: DeviceFindingKind,
    /// Number of the account's institution.
    pub institution: Option<String>,
    /// Id of the account.
    pub account: String,
    /// Where it came from.
    pub address: String,
    /// What the browser called itself.
    pub agent: String,
    /// Code of the kind of network it came by.
    pub network: String,
    /// How often.
    pub times: i64,
    /// When first.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
    /// When somebody had looked at it.
    pub resolved_at: Option<Timestamp>,
    /// Id of the account or credential of whoever had.
    pub resolved_by: Option<String>,
}

/// What happened on a terminal that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceFindingKind {
    /// Somebody signed in on it.
    Unregistered,
    /// The cookie of a session came from another terminal than the one it began on; the session was ended.
    Elsewhere,
}

macro_rules! columns {
    () => {
        "select id, kind, institution, account, address, agent, network, times, first_at, last_at, resolved_at,
            resolved_by from device_finding "
    };
}

impl Store {
    /// Ends the session of a cookie that came from another terminal, and says so: as a finding, and on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_strayed_session(
        &self,
        hash: [u8; 32],
        finding: Option<DeviceFinding>,
        account: &str,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(account);
        self.write(bucket.number(), move |tx| {
            let sql = "update session set ended_at = $1 where hash = $2 and ended_at is null";
            tx.execute(sql, &[on_record.at.as_microsecond().into(), (&hash).into()])?;
            if let Some(finding) = &finding {
                count(tx, finding)?;
            }
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// The findings about the accounts of an institution, or (`None`) about all, that nobody has looked at yet.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn device_findings(&self, institution: Option<String>) -> Result<Vec<DeviceFinding>, Fault> {
        self.read(move |tx| match &institution {
            Some(number) => {
                let sql = concat!(
                    columns!(),
                    "where institution = $1 and resolved_at is null order by last_at desc, id"
                );
                all(tx, sql, &[number.as_str().into()], parse)
            }
            None => all(
                tx,
                concat!(columns!(), "where resolved_at is null order by last_at desc, id"),
                &[],
                parse,
            ),
        })
        .await
    }

    /// A finding by its id, looked at or not.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn device_finding(&self, id: String) -> Result<Option<DeviceFinding>, Fault> {
        self.read(move |tx| first(tx, concat!(columns!(), "where id = $1"), &[id.as_str().into()], parse))
            .await
    }

    /// Marks that somebody has looked at a finding. False if it is not there, or somebody had before.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn resolve_device_finding(
        &self,
        id: String,
        by: String,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update device_finding set resolved_at = $1, resolved_by = $2
                where id = $3 and resolved_at is null";
            let row = [on_record.at.as_microsecond().into(), by.as_str().into(), id.as_str().into()];
            let is_resolved = tx.execute(sql, &row)? == 1;
            if is_resolved {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_resolved)
        })
        .await
    }

    /// What an institution does with terminals it does not know, as `access` codes it, if it has said so.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn unregistered_devices(&self, institution: String) -> Result<Option<String>, Fault> {
        let sql = "select choice from unregistered_devices where institution = $1";
        self.read(move |tx| first(tx, sql, &[institution.as_str().into()], |row| row.text(0))).await
    }

    /// Keeps what an institution does with terminals it does not know, and puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn keep_unregistered_devices(
        &self,
        institution: String,
        choice: &'static str,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&institution);
        self.write(bucket.number(), move |tx| {
            let sql = "insert into unregistered_devices (institution, choice) values ($1, $2)
                on conflict (institution) do update set choice = excluded.choice";
            tx.execute(sql, &[institution.as_str().into(), choice.into()])?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }
}

/// Keeps a finding, or counts it to the same one if nobody has looked at that yet.
pub(crate) fn count(tx: &mut dyn Tx, finding: &DeviceFinding) -> Result<(), Fault> {
    let same = "update device_finding set times = times + 1, last_at = $1
        where kind = $2 and account = $3 and address = $4 and agent = $5 and resolved_at is null";
    let row = [
        finding.last_at.as_microsecond().into(),
        finding.kind.code().into(),
        finding.account.as_str().into(),
        finding.address.as_str().into(),
        finding.agent.as_str().into(),
    ];
    if tx.execute(same, &row)? > 0 {
        return Ok(());
    }
    let sql = "insert into device_finding (id, kind, institution, account, address, agent, network, times, first_at,
            last_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let row = [
        finding.id.as_str().into(),
        finding.kind.code().into(),
        finding.institution.as_deref().into(),
        finding.account.as_str().into(),
        finding.address.as_str().into(),
        finding.agent.as_str().into(),
        finding.network.as_str().into(),
        finding.times.into(),
        finding.first_at.as_microsecond().into(),
        finding.last_at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn parse(row: &Row<'_>) -> Result<DeviceFinding, Fault> {
    Ok(DeviceFinding {
        id: row.text(0)?,
        kind: DeviceFindingKind::from_code(&row.text(1)?)
            .ok_or(Fault::Damaged("a finding about a device"))?,
        institution: row.text_or_null(2)?,
        account: row.text(3)?,
        address: row.text(4)?,
        agent: row.text(5)?,
        network: row.text(6)?,
        times: row.int(7)?,
        first_at: instant(row.int(8)?)?,
        last_at: instant(row.int(9)?)?,
        resolved_at: row.int_or_null(10)?.map(instant).transpose()?,
        resolved_by: row.text_or_null(11)?,
    })
}

impl DeviceFindingKind {
    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unregistered => "unregistered",
            Self::Elsewhere => "elsewhere",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Unregistered, Self::Elsewhere].into_iter().find(|kind| kind.code() == code)
    }
}
