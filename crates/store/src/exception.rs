//! Approved exceptions from the second factor as rows.

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Tx, all, instant};
use crate::{Bucket, Fault, Store, event};

/// Leave to do with a password alone, until a day and for a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordException {
    /// 32 hexadecimal digits.
    pub id: String,
    /// For which account.
    pub account: String,
    /// Why, in words.
    pub reason: String,
    /// Id of the account that approved it.
    pub made_by: String,
    /// Their name.
    pub made_by_name: String,
    /// When.
    pub made_at: Timestamp,
    /// Until when it holds.
    pub ends_at: Timestamp,
}

impl Store {
    /// Keeps an exception, in the place of the one before, and puts it on record. False if the account is not there, or
    /// has ended.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_exception(&self, kept: PasswordException, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&kept.account);
        self.write(bucket.number(), move |tx| {
            if !except(tx, &kept.account, kept.ends_at)? {
                return Ok(false);
            }
            let sql = "insert into password_exception (id, account, reason, made_by, made_by_name, made_at, ends_at)
                values ($1, $2, $3, $4, $5, $6, $7)";
            let row = [
                kept.id.as_str().into(),
                kept.account.as_str().into(),
                kept.reason.as_str().into(),
                kept.made_by.as_str().into(),
                kept.made_by_name.as_str().into(),
                kept.made_at.as_microsecond().into(),
                kept.ends_at.as_microsecond().into(),
            ];
            tx.execute(sql, &row)?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// Ends the exception of an account before its day, and puts it on record. False if none is in force.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_exception(&self, account: String, on_record: Event) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&account);
        self.write(bucket.number(), move |tx| {
            let now = on_record.at.as_microsecond();
            let sql = "update account set excepted_until = $1 where id = $2 and excepted_until > $3";
            if tx.execute(sql, &[now.into(), account.as_str().into(), now.into()])? == 0 {
                return Ok(false);
            }
            let sql = "update password_exception set ends_at = $1 where account = $2 and ends_at > $3";
            tx.execute(sql, &[now.into(), account.as_str().into(), now.into()])?;
            event::insert(tx, bucket, None, &on_record)?;
            Ok(true)
        })
        .await
    }

    /// The exceptions of an account, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn exceptions_of(&self, account: String) -> Result<Vec<PasswordException>, Fault> {
        let sql =
            "select id, account, reason, made_by, made_by_name, made_at, ends_at from password_exception
            where account = $1 order by made_at desc, id";
        self.read(move |tx| {
            all(tx, sql, &[account.as_str().into()], |row| {
                Ok(PasswordException {
                    id: row.text(0)?,
                    account: row.text(1)?,
                    reason: row.text(2)?,
                    made_by: row.text(3)?,
                    made_by_name: row.text(4)?,
                    made_at: instant(row.int(5)?)?,
                    ends_at: instant(row.int(6)?)?,
                })
            })
        })
        .await
    }
}

fn except(tx: &mut dyn Tx, account: &str, until: Timestamp) -> Result<bool, Fault> {
    let sql = "update account set excepted_until = $1 where id = $2 and state <> 'ended'";
    Ok(tx.execute(sql, &[until.as_microsecond().into(), account.into()])? == 1)
}
