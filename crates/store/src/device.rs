//! Terminals as rows: registered, approved, ended. What a terminal may is decided above.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, all, first, instant};
use crate::{Bucket, Fault, Store, event};

/// A terminal that people sign in on, as its institution knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Number of the institution that keeps it, or whose person's it is.
    pub institution: String,
    /// What it is called there: its 管理番号, or the name its owner gave it.
    pub label: String,
    /// Whose thing it is.
    pub kind: DeviceKind,
    /// The account of its owner, for a personal one.
    pub owner: Option<String>,
    /// SHA-256 of its secret, or of its client certificate (DER); none before it has one.
    pub key: Option<[u8; 32]>,
    /// The version of the conditions that its owner accepted, for a personal one.
    pub conditions: Option<i64>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Id of the account or credential that asked.
    pub asked_by: String,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Id of the account or credential that approved it.
    pub approved_by: Option<String>,
    /// When it ends by itself; a personal one must.
    pub ends_at: Option<Timestamp>,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
}

/// Whose thing a terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// The institution's (施設端末).
    Institution,
    /// One person's own (BYOD).
    Personal,
}

/// A one-time code by which a terminal takes its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode {
    /// SHA-256 of what is typed.
    pub hash: [u8; 32],
    /// Until when it holds.
    pub ends_at: Timestamp,
}

macro_rules! columns {
    () => {
        "select id, institution, label, kind, owner, key, conditions, asked_at, asked_by, approved_at, approved_by,
            ends_at, ended_at from device "
    };
}

impl Store {
    /// Keeps a new terminal, with the code it may be set up by, and puts it on record. False if another has its key.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_device(
        &self,
        device: Device,
        code: Option<DeviceCode>,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&device.institution);
        self.write(bucket.number(), move |tx| {
            let sql = "insert into device (id, institution, label, kind, owner, key, code, code_ends_at, conditions,
                    asked_at, asked_by, approved_at, approved_by, ends_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (key) do nothing";
            let code_hash = code.as_ref().map(|code| &code.hash);
            let row = [
                device.id.as_str().into(),
                device.institution.as_str().into(),
                device.label.as_str().into(),
                device.kind.code().into(),
                device.owner.as_deref().into(),
                device.key.as_ref().into(),
                code_hash.into(),
                code.as_ref().map(|code| code.ends_at.as_microsecond()).into(),
                device.conditions.into(),
                device.asked_at.as_microsecond().into(),
                device.asked_by.as_str().into(),
                device.approved_at.map(Timestamp::as_microsecond).into(),
                device.approved_by.as_deref().into(),
                device.ends_at.map(Timestamp::as_microsecond).into(),
            ];
            let is_kept = tx.execute(sql, &row)? == 1;
            if is_kept {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_kept)
        })
        .await
    }

    /// Gives an institution's own terminal that was not ended another code; the one before no longer holds. False if there
    /// is no such terminal.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn keep_device_code(
        &self,
        id: String,
        code: DeviceCode,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update device set code = $1, code_ends_at = $2
                where id = $3 and kind = 'institution' and ended_at is null";
            let row = [(&code.hash).into(), code.ends_at.as_microsecond().into(), id.as_str().into()];
            let is_kept = tx.execute(sql, &row)? == 1;
            if is_kept {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_kept)
        })
        .await
    }

    /// Gives the terminal that a code is for its key; the code is used up. `on_record` makes the event once it is known
    /// which terminal it is. None if the code does not hold: only one caller is told of a terminal.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed, and the code still holds.
    pub async fn set_up_device(
        &self,
        code: [u8; 32],
        key: [u8; 32],
        on_record: Event,
    ) -> Result<Option<Device>, Fault> {
        self.write(i64::from(code[0]), move |tx| {
            let found = first(tx, concat!(columns!(), "where code = $1"), &[(&code).into()], parse)?;
            let Some(found) = found else { return Ok(None) };
            let sql = "update device set key = $1, code = null, code_ends_at = null
                where code = $2 and code_ends_at > $3 and ended_at is null";
            let row = [(&key).into(), (&code).into(), on_record.at.as_microsecond().into()];
            if tx.execute(sql, &row)? == 0 {
                return Ok(None);
            }
            let mut event = on_record.clone();
            event.objects.push(format!("device/{}", found.id));
            event::insert(tx, Bucket::of_text(&found.id), None, &event)?;
            Ok(Some(Device { key: Some(key), ..found }))
        })
        .await
    }

    /// Approves a terminal that was asked for, until an end. False if none awaits it.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn approve_device(
        &self,
        id: String,
        by: String,
        ends_at: Timestamp,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update device set approved_at = $1, approved_by = $2, ends_at = $3
                where id = $4 and approved_at is null and ended_at is null";
            let row = [
                on_record.at.as_microsecond().into(),
                by.as_str().into(),
                ends_at.as_microsecond().into(),
                id.as_str().into(),
            ];
            let is_approved = tx.execute(sql, &row)? == 1;
            if is_approved {
                event::insert(tx, bucket, None, &on_record)?;
            }
            Ok(is_approved)
        })
        .await
    }

    /// Ends a terminal, and every session on it. False if it is ended already, or not there.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_device(&self, id: String, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let now = on_record.at.as_microsecond();
            let sql =
                "update device set ended_at = $1, code = null, code_ends_at = null where id = $2 and ended_at is null";
            if tx.execute(sql, &[now.into(), id.as_str().into()])? == 0 {
                return Ok(false);
            }
            let sql = "update session set ended_at = $1 where device = $2 and ended_at is null";
            tx.execute(sql, &[now.into(), id.as_str().into()])?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// A terminal by its id, ended or not.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn device(&self, id: String) -> Result<Option<Device>, Fault> {
        self.read(move |tx| first(tx, concat!(columns!(), "where id = $1"), &[id.as_str().into()], parse))
            .await
    }

    /// The terminal with this key, ended or not.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn device_of_key(&self, key: [u8; 32]) -> Result<Option<Device>, Fault> {
        self.read(move |tx| first(tx, concat!(columns!(), "where key = $1"), &[(&key).into()], parse)).await
    }

    /// The terminals of an institution, or (`None`) all, by name; those that were ended last.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn devices(&self, institution: Option<String>) -> Result<Vec<Device>, Fault> {
        let mut found = self
            .read(move |tx| match &institution {
                Some(number) => {
                    let sql = concat!(columns!(), "where institution = $1 order by label, id");
                    all(tx, sql, &[number.as_str().into()], parse)
                }
                None => all(tx, concat!(columns!(), "order by institution, label, id"), &[], parse),
            })
            .await?;
        found.sort_by_key(|one| one.ended_at.is_some());
        Ok(found)
    }
}

fn parse(row: &Row<'_>) -> Result<Device, Fault> {
    let damaged = Fault::Damaged("a device");
    let key = row.bytes_or_null(5)?.map(|key| key.try_into().map_err(|_| damaged.clone()));
    let at = |column| row.int_or_null(column)?.map(instant).transpose();
    Ok(Device {
        id: row.text(0)?,
        institution: row.text(1)?,
        label: row.text(2)?,
        kind: DeviceKind::from_code(&row.text(3)?).ok_or(damaged)?,
        owner: row.text_or_null(4)?,
        key: key.transpose()?,
        conditions: row.int_or_null(6)?,
        asked_at: instant(row.int(7)?)?,
        asked_by: row.text(8)?,
        approved_at: at(9)?,
        approved_by: row.text_or_null(10)?,
        ends_at: at(11)?,
        ended_at: at(12)?,
    })
}

impl Device {
    /// Whether it is approved, set up and not over.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        let is_over = self.ended_at.is_some() || self.ends_at.is_some_and(|end| end <= now);
        self.approved_at.is_some() && self.key.is_some() && !is_over
    }
}

impl DeviceKind {
    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Personal => "personal",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::Institution, Self::Personal].into_iter().find(|kind| kind.code() == code)
    }
}
