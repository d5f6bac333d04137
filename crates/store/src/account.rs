//! Accounts as rows. What they may and how they prove themselves is decided above.

use std::collections::HashSet;

use audit::Event;
use jiff::Timestamp;

use crate::sql::{Row, Tx, all, first, instant};
use crate::{Bucket, Fault, PersonId, Store, event, person};

/// An account: one human being in one institution and one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What its holder types: small letters, digits, `.`, `-`, `_`, `@`.
    pub login: String,
    /// Name, as the patient will read it.
    pub name: String,
    /// Role code, as `access` names roles.
    pub role: String,
    /// Its institution's number.
    pub institution: Option<String>,
    /// The person, for a patient.
    pub person: Option<PersonId>,
    /// Where it stands.
    pub state: AccountState,
    /// How it was made sure who this is (本人確認), as `identity` writes it.
    pub proofing: Option<String>,
    /// Id of the account or credential that made it.
    pub made_by: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends, if it was given an end.
    pub ends_at: Option<Timestamp>,
    /// When somebody last signed in with it.
    pub used_at: Option<Timestamp>,
    /// How often in a row it was tried in vain.
    pub failures: i64,
    /// No attempt is looked at before.
    pub quiet_until: Timestamp,
    /// Until when it may do without a second factor, by an approved exception.
    pub excepted_until: Option<Timestamp>,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountState {
    /// Its holder has not set it up yet.
    Invited,
    /// In use.
    Active,
    /// Out of use for a time (停止).
    Suspended,
    /// Out of use for good.
    Ended,
}

/// Leave to set up an account's factors, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// SHA-256 of what the link carries.
    pub hash: [u8; 32],
    /// For which account.
    pub account: String,
    /// Id of the account or credential that gave it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// Until when it holds.
    pub ends_at: Timestamp,
}

/// What came of changing where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountMove {
    /// It was changed.
    Moved,
    /// There is no such account in a state that it could be changed from.
    NotThere,
    /// It is the last that can manage its institution's accounts.
    LastAdministrator,
}

impl Account {
    /// Whether it can manage its institution's accounts at this time, `administrators` being the roles that can.
    #[must_use]
    pub fn keeps_accounts(&self, administrators: &[&str], now: Timestamp) -> bool {
        let is_in_use = self.state == AccountState::Active && self.ends_at.is_none_or(|end| now < end);
        is_in_use && self.institution.is_some() && administrators.contains(&self.role.as_str())
    }
}

macro_rules! columns {
    () => {
        "select id, login, name, role, institution, person, state, proofing, made_by, made_at, ends_at, used_at,
            failures, quiet_until, excepted_until from account "
    };
}

impl Store {
    /// Keeps a new account and puts it on record. False if the login is taken: nothing is kept then.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_account(
        &self,
        account: Account,
        invitation: Option<Invitation>,
        on_record: Event,
    ) -> Result<bool, Fault> {
        let bucket = Bucket::of_text(&account.id);
        self.write(bucket.number(), move |tx| {
            if !insert(tx, &account)? {
                return Ok(false);
            }
            if let Some(invitation) = &invitation {
                insert_invitation(tx, invitation)?;
            }
            event::insert(tx, bucket, account.person.as_ref(), &on_record)?;
            Ok(true)
        })
        .await
    }

    /// An account by its id; a patient's leads to the head of their kin.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn account(&self, id: String) -> Result<Option<Account>, Fault> {
        self.read(move |tx| account(tx, &id)).await
    }

    /// An account by what its holder types.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn account_of_login(&self, login: String) -> Result<Option<Account>, Fault> {
        let sql = concat!(columns!(), "where login = $1");
        self.read(move |tx| {
            let found = first(tx, sql, &[login.as_str().into()], parse)?;
            found.map(|found| at_head(tx, found)).transpose()
        })
        .await
    }

    /// The accounts of an institution, or (`None`) all, by login.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn accounts(&self, institution: Option<String>) -> Result<Vec<Account>, Fault> {
        self.read(move |tx| match &institution {
            Some(number) => {
                let sql = concat!(columns!(), "where institution = $1 order by login");
                all(tx, sql, &[number.as_str().into()], parse)
            }
            None => all(tx, concat!(columns!(), "order by login"), &[], parse),
        })
        .await
    }

    /// Moves an account from one of some states to another, and puts it on record. Leaving [`AccountState::Active`] is
    /// refused to the last active account of its institution in one of the roles `administrators`. An account that
    /// leaves it loses its sessions.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn move_account(
        &self,
        id: String,
        from: &'static [AccountState],
        to: AccountState,
        administrators: &'static [&'static str],
        on_record: Event,
    ) -> Result<AccountMove, Fault> {
        let found = self.account(id.clone()).await?;
        let lane = Bucket::of_text(found.as_ref().and_then(|one| one.institution.as_deref()).unwrap_or(&id));
        self.write(lane.number(), move |tx| {
            let Some(found) = account(tx, &id)?.filter(|one| from.contains(&one.state)) else {
                return Ok(AccountMove::NotThere);
            };
            let moved = change_state(tx, &found, to, administrators, on_record.at)?;
            if moved == AccountMove::Moved {
                event::insert(tx, Bucket::of_text(&id), found.person.as_ref(), &on_record)?;
            }
            Ok(moved)
        })
        .await
    }

    /// Counts an attempt that failed: nothing more is looked at until `quiet_until`. Puts it on record.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is counted.
    pub async fn count_failure(
        &self,
        id: String,
        quiet_until: Timestamp,
        on_record: Event,
    ) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&id);
        self.write(bucket.number(), move |tx| {
            let sql = "update account set failures = failures + 1, quiet_until = $1 where id = $2";
            tx.execute(sql, &[quiet_until.as_microsecond().into(), id.as_str().into()])?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// Keeps another invitation for an account, and puts it on record. Earlier ones no longer hold.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_invitation(&self, invitation: Invitation, on_record: Event) -> Result<(), Fault> {
        let bucket = Bucket::of_text(&invitation.account);
        self.write(bucket.number(), move |tx| {
            let sql = "update invitation set used_at = $1 where account = $2 and used_at is null";
            let row = [on_record.at.as_microsecond().into(), invitation.account.as_str().into()];
            tx.execute(sql, &row)?;
            insert_invitation(tx, &invitation)?;
            event::insert(tx, bucket, None, &on_record)
        })
        .await
    }

    /// The ids of the accounts that an invitation waits for.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn awaited(&self, now: Timestamp) -> Result<HashSet<String>, Fault> {
        let sql = "select account from invitation where used_at is null and ends_at > $1";
        self.read(move |tx| {
            let ids = all(tx, sql, &[now.as_microsecond().into()], |row| row.text(0))?;
            Ok(ids.into_iter().collect())
        })
        .await
    }

    /// The invitation with this hash, if it was not used.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn invitation(&self, hash: [u8; 32]) -> Result<Option<Invitation>, Fault> {
        let sql = "select hash, account, made_by, made_at, ends_at from invitation
            where hash = $1 and used_at is null";
        self.read(move |tx| first(tx, sql, &[(&hash).into()], parse_invitation)).await
    }
}

pub(crate) fn account(tx: &mut dyn Tx, id: &str) -> Result<Option<Account>, Fault> {
    let found = first(tx, concat!(columns!(), "where id = $1"), &[id.into()], parse)?;
    found.map(|found| at_head(tx, found)).transpose()
}

/// Moves an account to another state. Leaving [`AccountState::Active`] ends its sessions, and is refused to the last
/// active account of its institution in one of the roles `administrators`.
pub(crate) fn change_state(
    tx: &mut dyn Tx,
    found: &Account,
    to: AccountState,
    administrators: &[&str],
    at: Timestamp,
) -> Result<AccountMove, Fault> {
    if to != AccountState::Active && is_last(tx, found, administrators, at)? {
        return Ok(AccountMove::LastAdministrator);
    }
    let sql = "update account set state = $1 where id = $2";
    tx.execute(sql, &[to.code().into(), found.id.as_str().into()])?;
    if to != AccountState::Active {
        end_all(tx, &found.id, at)?;
    }
    Ok(AccountMove::Moved)
}

/// Takes an invitation that still holds: only one caller is told true.
pub(crate) fn use_invitation(tx: &mut dyn Tx, hash: &[u8; 32], now: Timestamp) -> Result<bool, Fault> {
    let sql = "update invitation set used_at = $1 where hash = $2 and used_at is null and ends_at > $3";
    let now = now.as_microsecond();
    Ok(tx.execute(sql, &[now.into(), hash.into(), now.into()])? == 1)
}

/// An account that was set up is in use from now on, and what was tried in vain is forgotten.
pub(crate) fn activate(tx: &mut dyn Tx, id: &str) -> Result<(), Fault> {
    let sql =
        "update account set state = 'active', failures = 0 where id = $1 and state in ('invited', 'active')";
    tx.execute(sql, &[id.into()]).map(drop)
}

/// Marks that somebody signed in: what was tried in vain before is forgotten.
pub(crate) fn mark_used(tx: &mut dyn Tx, id: &str, now: Timestamp) -> Result<(), Fault> {
    let sql = "update account set used_at = $1, failures = 0 where id = $2";
    tx.execute(sql, &[now.as_microsecond().into(), id.into()]).map(drop)
}

/// Ends every session of an account.
pub(crate) fn end_all(tx: &mut dyn Tx, id: &str, now: Timestamp) -> Result<u64, Fault> {
    let sql = "update session set ended_at = $1 where account = $2 and ended_at is null";
    tx.execute(sql, &[now.as_microsecond().into(), id.into()])
}

/// Whoever else would end an administrator of this institution waits here, on whichever server.
pub(crate) fn hold(tx: &mut dyn Tx, institution: &str) -> Result<(), Fault> {
    if tx.execute("update institution set kind = kind where number = $1", &[institution.into()])? == 0 {
        let sql = "update account set state = state where institution = $1 and state = 'active'";
        tx.execute(sql, &[institution.into()])?;
    }
    Ok(())
}

/// The accounts of an institution that can manage its accounts now.
pub(crate) fn administrators_of(
    tx: &mut dyn Tx,
    institution: &str,
    administrators: &[&str],
    now: Timestamp,
) -> Result<Vec<String>, Fault> {
    let sql = "select id, role from account
        where institution = $1 and state = 'active' and (ends_at is null or ends_at > $2)";
    let living = all(tx, sql, &[institution.into(), now.as_microsecond().into()], |row| {
        Ok((row.text(0)?, row.text(1)?))
    })?;
    let keep = living.into_iter().filter(|(_, role)| administrators.contains(&role.as_str()));
    Ok(keep.map(|(id, _)| id).collect())
}

fn is_last(tx: &mut dyn Tx, found: &Account, administrators: &[&str], now: Timestamp) -> Result<bool, Fault> {
    let Some(institution) = found.institution.as_deref() else { return Ok(false) };
    if !found.keeps_accounts(administrators, now) {
        return Ok(false);
    }
    hold(tx, institution)?;
    let living = administrators_of(tx, institution, administrators, now)?;
    Ok(!living.iter().any(|id| *id != found.id))
}

/// Keeps an account; false if its login is taken.
pub(crate) fn insert(tx: &mut dyn Tx, account: &Account) -> Result<bool, Fault> {
    let sql =
        "insert into account (id, login, name, role, institution, person, state, proofing, made_by, made_at,
            ends_at, failures, quiet_until, excepted_until)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict (login) do nothing";
    let row = [
        account.id.as_str().into(),
        account.login.as_str().into(),
        account.name.as_str().into(),
        account.role.as_str().into(),
        account.institution.as_deref().into(),
        account.person.as_ref().map(PersonId::as_bytes).into(),
        account.state.code().into(),
        account.proofing.as_deref().into(),
        account.made_by.as_str().into(),
        account.made_at.as_microsecond().into(),
        account.ends_at.map(Timestamp::as_microsecond).into(),
        account.failures.into(),
        account.quiet_until.as_microsecond().into(),
        account.excepted_until.map(Timestamp::as_microsecond).into(),
    ];
    Ok(tx.execute(sql, &row)? == 1)
}

pub(crate) fn insert_invitation(tx: &mut dyn Tx, invitation: &Invitation) -> Result<(), Fault> {
    let sql = "insert into invitation (hash, account, made_by, made_at, ends_at) values ($1, $2, $3, $4, $5)";
    let row = [
        (&invitation.hash).into(),
        invitation.account.as_str().into(),
        invitation.made_by.as_str().into(),
        invitation.made_at.as_microsecond().into(),
        invitation.ends_at.as_microsecond().into(),
    ];
    tx.execute(sql, &row).map(drop)
}

fn at_head(tx: &mut dyn Tx, found: Account) -> Result<Account, Fault> {
    let person = found.person.map(|person| person::head(tx, &person)).transpose()?;
    Ok(Account { person, ..found })
}

fn parse(row: &Row<'_>) -> Result<Account, Fault> {
    let damaged = Fault::Damaged("an account");
    let person = row.bytes_or_null(5)?;
    Ok(Account {
        id: row.text(0)?,
        login: row.text(1)?,
        name: row.text(2)?,
        role: row.text(3)?,
        institution: row.text_or_null(4)?,
        person: person.map(|bytes| PersonId::from_row(&bytes).ok_or_else(|| damaged.clone())).transpose()?,
        state: AccountState::from_code(&row.text(6)?).ok_or(damaged)?,
        proofing: row.text_or_null(7)?,
        made_by: row.text(8)?,
        made_at: instant(row.int(9)?)?,
        ends_at: row.int_or_null(10)?.map(instant).transpose()?,
        used_at: row.int_or_null(11)?.map(instant).transpose()?,
        failures: row.int(12)?,
        quiet_until: instant(row.int(13)?)?,
        excepted_until: row.int_or_null(14)?.map(instant).transpose()?,
    })
}

fn parse_invitation(row: &Row<'_>) -> Result<Invitation, Fault> {
    Ok(Invitation {
        hash: row.bytes(0)?.try_into().map_err(|_| Fault::Damaged("an invitation"))?,
        account: row.text(1)?,
        made_by: row.text(2)?,
        made_at: instant(row.int(3)?)?,
        ends_at: instant(row.int(4)?)?,
    })
}

impl AccountState {
    /// All states, in the order of an account's life.
    pub const ALL: [Self; 4] = [Self::Invited, Self::Active, Self::Suspended, Self::Ended];

    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}
