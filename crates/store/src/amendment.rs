//! Many accounts changed at once, or none: what a list or an institution's own system asks for.

use std::collections::BTreeSet;

use audit::Event;
use jiff::Timestamp;

use crate::account::{account, administrators_of, end_all, hold, insert, insert_invitation};
use crate::sql::{Tx, first};
use crate::{Account, AccountState, Bucket, Fault, Invitation, Store, event};

/// One account made, or changed.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// As it was when the change was decided; none for a new one.
    pub before: Option<Account>,
    /// As it is to be: of one that is there only name, role, state and end change.
    pub after: Account,
    /// What invites its holder.
    pub invitation: Option<Invitation>,
    /// What its institution's own system calls it.
    pub naming: Naming,
    /// How it stands on record.
    pub on_record: Event,
}

/// What an institution's own system calls an account (SCIM's `externalId`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// As before.
    #[default]
    Kept,
    /// By this name from now on.
    Named(String),
    /// By none any more.
    Unnamed,
}

/// What came of amendments. The numbers say which, from nought; nothing was changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amended {
    /// All are done.
    Done,
    /// Another account has the login.
    LoginTaken(usize),
    /// It was changed since.
    Outdated(usize),
    /// Nobody could manage the accounts of its institution any more.
    LastAdministrator(usize),
}

impl Store {
    /// Makes and changes accounts and puts each on record: all in one transaction, or none. Whoever loses a role or is
    /// put out of use loses their sessions. `administrators` are the roles that manage an institution's accounts: it
    /// never loses the last of them.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn amend_accounts(
        &self,
        amendments: Vec<Amendment>,
        administrators: &'static [&'static str],
        now: Timestamp,
    ) -> Result<Amended, Fault> {
        let lane = amendments.first().map(|one| one.after.institution.clone().unwrap_or_default());
        let lane = Bucket::of_text(&lane.unwrap_or_default());
        self.write(lane.number(), move |tx| {
            for institution in losing(&amendments, administrators, now) {
                hold(tx, institution)?;
            }
            if let Some(hindrance) = hindrance(tx, &amendments, administrators, now)? {
                return Ok(hindrance);
            }
            amendments.iter().try_for_each(|one| apply(tx, one, now))?;
            Ok(Amended::Done)
        })
        .await
    }

    /// What its institution's own system calls each account of an institution: account and name.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn external_names(&self, institution: String) -> Result<Vec<(String, String)>, Fault> {
        let sql = "select account, external_id from external_name where institution = $1";
        self.read(move |tx| {
            crate::sql::all(tx, sql, &[institution.as_str().into()], |row| Ok((row.text(0)?, row.text(1)?)))
        })
        .await
    }

    /// What its institution's own system calls one account.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn external_name(&self, account: String) -> Result<Option<String>, Fault> {
        let sql = "select external_id from external_name where account = $1";
        self.read(move |tx| first(tx, sql, &[account.as_str().into()], |row| row.text(0))).await
    }
}

/// The institutions that would lose somebody who manages their accounts, in one order for everybody.
fn losing<'a>(amendments: &'a [Amendment], administrators: &[&str], now: Timestamp) -> BTreeSet<&'a str> {
    let lost = amendments.iter().filter(|one| is_loss(one, administrators, now));
    lost.filter_map(|one| one.after.institution.as_deref()).collect()
}

fn is_loss(one: &Amendment, administrators: &[&str], now: Timestamp) -> bool {
    let kept = one.before.as_ref().is_some_and(|before| before.keeps_accounts(administrators, now));
    kept && !one.after.keeps_accounts(administrators, now)
}

/// Why the amendments cannot be done as they were decided.
fn hindrance(
    tx: &mut dyn Tx,
    amendments: &[Amendment],
    administrators: &[&str],
    now: Timestamp,
) -> Result<Option<Amended>, Fault> {
    for (number, one) in amendments.iter().enumerate() {
        match &one.before {
            Some(before) => {
                let found = account(tx, &before.id)?;
                if !found.is_some_and(|found| is_same(&found, before)) {
                    return Ok(Some(Amended::Outdated(number)));
                }
            }
            None => {
                let sql = "select id from account where login = $1";
                if first(tx, sql, &[one.after.login.as_str().into()], |row| row.text(0))?.is_some() {
                    return Ok(Some(Amended::LoginTaken(number)));
                }
            }
        }
    }
    for institution in losing(amendments, administrators, now) {
        let living = administrators_of(tx, institution, administrators, now)?;
        let is_untouched = |id: &String| !amendments.iter().any(|one| one.after.id == *id);
        let is_kept = |one: &Amendment| {
            one.after.institution.as_deref() == Some(institution)
                && one.after.keeps_accounts(administrators, now)
        };
        if !living.iter().any(is_untouched) && !amendments.iter().any(is_kept) {
            let is_of_it = |one: &Amendment| one.after.institution.as_deref() == Some(institution);
            let lost = amendments.iter().position(|one| is_of_it(one) && is_loss(one, administrators, now));
            return Ok(lost.map(Amended::LastAdministrator));
        }
    }
    Ok(None)
}

/// Whether what amendments change stands as it did. Signing in meanwhile is no change.
fn is_same(one: &Account, other: &Account) -> bool {
    let of = |account: &Account| {
        let state = account.state;
        (account.name.clone(), account.role.clone(), account.institution.clone(), state, account.ends_at)
    };
    of(one) == of(other)
}

fn apply(tx: &mut dyn Tx, one: &Amendment, now: Timestamp) -> Result<(), Fault> {
    let after = &one.after;
    let is_done = match &one.before {
        None => insert(tx, after)?,
        Some(before) => change(tx, before, after, now)?,
    };
    if !is_done {
        // Another server was faster: all that was done goes back, and it is tried again.
        return Err(Fault::Conflict);
    }
    if let Some(invitation) = &one.invitation {
        insert_invitation(tx, invitation)?;
    }
    name(tx, after, &one.naming)?;
    event::insert(tx, Bucket::of_text(&after.id), after.person.as_ref(), &one.on_record)
}

fn change(tx: &mut dyn Tx, before: &Account, after: &Account, now: Timestamp) -> Result<bool, Fault> {
    let sql = "update account set name = $1, role = $2, state = $3, ends_at = $4
        where id = $5 and role = $6 and state = $7";
    let row = [
        after.name.as_str().into(),
        after.role.as_str().into(),
        after.state.code().into(),
        after.ends_at.map(Timestamp::as_microsecond).into(),
        after.id.as_str().into(),
        before.role.as_str().into(),
        before.state.code().into(),
    ];
    let is_done = tx.execute(sql, &row)? == 1;
    if is_done && (after.state != AccountState::Active || after.role != before.role) {
        end_all(tx, &after.id, now)?;
    }
    Ok(is_done)
}

fn name(tx: &mut dyn Tx, account: &Account, naming: &Naming) -> Result<(), Fault> {
    let Some(institution) = account.institution.as_deref() else { return Ok(()) };
    if *naming != Naming::Kept {
        tx.execute("delete from external_name where account = $1", &[account.id.as_str().into()])?;
    }
    if let Naming::Named(external_id) = naming {
        let sql = "insert into external_name (account, institution, external_id) values ($1, $2, $3)";
        tx.execute(sql, &[account.id.as_str().into(), institution.into(), external_id.as_str().into()])?;
    }
    Ok(())
}
