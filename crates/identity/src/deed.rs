//! What a list or an institution's own system wants of accounts, decided one by one and done together.

use access::{Act, Action, Concern, Refusal, Role, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use store::{Account, AccountState, Amended, Amendment, Fault, Holder, Naming};

use crate::Identity;
use crate::account::{self, ADMINISTRATORS, Invited, NewAccount, NotMade};

/// Decides whether something may be done to an account: `access::may_administer` for a viewer, or always the same rule
/// for whoever sits at the hub's own machine.
pub type Decide<'d> = dyn Fn(Action, &Concern<'_>) -> Result<&'static str, Refusal> + Sync + 'd;

/// How an account that is there is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its holder's name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// Whether it is to be in use, out of use, or over; `None` leaves that as it is.
    pub state: Option<AccountState>,
}

/// What changes of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It is made.
    Invited,
    /// Another name.
    Renamed,
    /// Another role.
    Role,
    /// Another end.
    End,
    /// Another name in its institution's own system.
    Named,
    /// Out of use for a time.
    Suspended,
    /// In use again.
    Reinstated,
    /// Over.
    Ended,
}

/// Something decided that is to be done to one account.
#[derive(Clone, Debug)]
pub struct Deed {
    changes: Vec<Change>,
    amendment: Amendment,
    link: Option<String>,
}

/// Why nothing was done. The number says at which deed, from nought.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotDone {
    /// Another account has the login.
    #[error("the login is taken")]
    LoginTaken(usize),
    /// The account was changed since it was decided.
    #[error("the account was changed since")]
    Outdated(usize),
    /// Nobody could manage the institution's accounts any more.
    #[error("it is the last that manages its institution's accounts")]
    LastAdministrator(usize),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why an account is not to be changed as wanted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotWanted {
    /// A rule refuses it.
    #[error("refused by {}", .0.rule)]
    Refused(Refusal),
    /// A maintainer's account needs an end; none may be past.
    #[error("the end is missing or past")]
    End,
    /// It could not be put on record.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Invited,
        Self::Renamed,
        Self::Role,
        Self::End,
        Self::Named,
        Self::Suspended,
        Self::Reinstated,
        Self::Ended,
    ];

    /// The code in the record and of its words.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Renamed => "renamed",
            Self::Role => "role",
            Self::End => "end",
            Self::Named => "named",
            Self::Suspended => "suspended",
            Self::Reinstated => "active",
            Self::Ended => "ended",
        }
    }

    /// The act that lets it.
    fn action(self) -> Action {
        match self {
            Self::Invited | Self::Renamed | Self::Role | Self::End | Self::Named => Action::AccountInvite,
            Self::Suspended | Self::Reinstated => Action::AccountSuspend,
            Self::Ended => Action::AccountEnd,
        }
    }
}

impl Deed {
    /// An account to be made; with `link` its holder is invited at once.
    ///
    /// # Errors
    /// See [`NotMade`].
    pub fn make(
        by: &Viewer,
        rule: &str,
        new: NewAccount,
        with_link: bool,
        act: &Act,
    ) -> Result<Self, NotMade> {
        let account = account::made(new, by, act)?;
        let (link, invitation) = match with_link {
            true => account::invitation(&account, by, act).map(|(link, one)| (Some(link), Some(one)))?,
            false => (None, None),
        };
        let changes = vec![Change::Invited];
        let on_record = event(by, rule, &account, &changes, act)?;
        let amendment =
            Amendment { before: None, after: account, invitation, naming: Naming::Kept, on_record };
        Ok(Self { changes, amendment, link })
    }

    /// The same for an account that is made, to be out of use from the beginning.
    #[must_use]
    pub fn out_of_use(mut self) -> Self {
        self.amendment.after.state = AccountState::Suspended;
        self
    }

    /// What makes an account as it is wanted; `None` if it is so already. `is_first`: it is the only one that keeps its
    /// institution's accounts.
    ///
    /// # Errors
    /// See [`NotWanted`].
    pub fn change(
        by: &Viewer,
        account: &Account,
        wanted: &Wanted,
        is_first: bool,
        decide: &Decide<'_>,
        act: &Act,
    ) -> Result<Option<Self>, NotWanted> {
        let after = after(account, wanted);
        let changes = changes(account, &after);
        if changes.is_empty() {
            return Ok(None);
        }
        let has_end = wanted.ends_at.is_some_and(|end| act.now < end);
        let needs_end = changes.contains(&Change::End) || changes.contains(&Change::Role);
        if needs_end && !has_end && (wanted.ends_at.is_some() || wanted.role == Role::Maintainer) {
            return Err(NotWanted::End);
        }
        let rule = decided(account, wanted.role, &changes, is_first, decide)?;
        let on_record = event(by, rule, account, &changes, act)?;
        let before = Some(account.clone());
        let amendment = Amendment { before, after, invitation: None, naming: Naming::Kept, on_record };
        Ok(Some(Self { changes, amendment, link: None }))
    }

    /// What gives an account another name in its institution's own system, together with `deed` if there is one.
    ///
    /// # Errors
    /// See [`NotWanted`].
    pub fn naming(
        deed: Option<Self>,
        by: &Viewer,
        account: &Account,
        naming: Naming,
        decide: &Decide<'_>,
        act: &Act,
    ) -> Result<Option<Self>, NotWanted> {
        if naming == Naming::Kept {
            return Ok(deed);
        }
        let mut deed = match deed {
            Some(deed) => deed,
            None => {
                let changes = vec![Change::Named];
                let role = Role::from_code(&account.role).unwrap_or(Role::Developer);
                let rule = decided(account, role, &changes, false, decide)?;
                let on_record = event(by, rule, account, &changes, act)?;
                let (before, after) = (Some(account.clone()), account.clone());
                let naming = Naming::Kept;
                let amendment = Amendment { before, after, invitation: None, naming, on_record };
                Self { changes, amendment, link: None }
            }
        };
        deed.amendment.naming = naming;
        Ok(Some(deed))
    }

    /// The account as it will be.
    pub fn account(&self) -> &Account {
        &self.amendment.after
    }

    /// What changes.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    pub(crate) fn before(&self) -> Option<&Account> {
        self.amendment.before.as_ref()
    }
}

impl Identity {
    /// Does what was decided, all of it in one commit or nothing. Answers the links of those who were invited.
    ///
    /// # Errors
    /// See [`NotDone`]; nothing is done.
    pub async fn carry_out(&self, deeds: Vec<Deed>, act: &Act) -> Result<Vec<Invited>, NotDone> {
        let invited = deeds.iter().filter_map(|deed| {
            let ends_at = deed.amendment.invitation.as_ref()?.ends_at;
            Some(Invited { account: deed.amendment.after.clone(), link: deed.link.clone()?, ends_at })
        });
        let invited = invited.collect();
        let amendments = deeds.into_iter().map(|deed| deed.amendment).collect();
        match self.store.amend_accounts(amendments, ADMINISTRATORS, act.now).await? {
            Amended::Done => Ok(invited),
            Amended::LoginTaken(at) => Err(NotDone::LoginTaken(at)),
            Amended::Outdated(at) => Err(NotDone::Outdated(at)),
            Amended::LastAdministrator(at) => Err(NotDone::LastAdministrator(at)),
        }
    }
}

/// How an account looks once it is as wanted.
fn after(account: &Account, wanted: &Wanted) -> Account {
    let is_out = matches!(account.state, AccountState::Suspended);
    let state = match wanted.state {
        // Whoever never came in is invited still.
        Some(AccountState::Active) if is_out && account.used_at.is_none() => AccountState::Invited,
        Some(AccountState::Active) if is_out => AccountState::Active,
        Some(state @ (AccountState::Suspended | AccountState::Ended)) => state,
        _ => account.state,
    };
    Account {
        name: wanted.name.clone(),
        role: wanted.role.code().to_owned(),
        ends_at: wanted.ends_at,
        state,
        ..account.clone()
    }
}

fn changes(before: &Account, after: &Account) -> Vec<Change> {
    let state = match after.state {
        AccountState::Suspended => Change::Suspended,
        AccountState::Ended => Change::Ended,
        AccountState::Invited | AccountState::Active => Change::Reinstated,
    };
    let all = [
        (before.name != after.name, Change::Renamed),
        (before.role != after.role, Change::Role),
        (before.ends_at != after.ends_at, Change::End),
        (before.state != after.state, state),
    ];
    all.into_iter().filter_map(|(is_so, change)| is_so.then_some(change)).collect()
}

/// The rule that lets every change, asked for the role that is and the one that is to be.
fn decided(
    account: &Account,
    role: Role,
    changes: &[Change],
    is_first: bool,
    decide: &Decide<'_>,
) -> Result<&'static str, NotWanted> {
    let holder = Holder { credential: account.id.clone(), name: account.name.clone() };
    let mut rule = "";
    for change in changes {
        for subject in [Role::from_code(&account.role), Some(role)] {
            let institution = account.institution.as_deref();
            let concern = Concern { institution, subject, holder: Some(&holder), is_first };
            rule = decide(change.action(), &concern).map_err(NotWanted::Refused)?;
        }
    }
    Ok(rule)
}

fn event(
    by: &Viewer,
    rule: &str,
    account: &Account,
    changes: &[Change],
    act: &Act,
) -> Result<audit::Event, Fault> {
    let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
    event.objects = vec![format!("account/{}", account.id)];
    event.objects.extend(changes.iter().map(|change| change.code().to_owned()));
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(state: AccountState, used: bool) -> Account {
        let now = Timestamp::UNIX_EPOCH;
        Account {
            id: "a".to_owned(),
            login: "kakuu.kango".to_owned(),
            name: "架空 看護".to_owned(),
            role: "nurse".to_owned(),
            institution: Some("4919999901".to_owned()),
            person: None,
            state,
            proofing: None,
            made_by: "-".to_owned(),
            made_at: now,
            ends_at: None,
            used_at: used.then_some(now),
            failures: 0,
            quiet_until: now,
            excepted_until: None,
        }
    }

    #[test]
    fn whoever_never_came_in_is_invited_again_when_they_are_reinstated() {
        let wanted = |state| Wanted {
            name: "架空 看護".to_owned(),
            role: Role::Nurse,
            ends_at: None,
            state: Some(state),
        };
        let of = |from, used, to| after(&account(from, used), &wanted(to)).state;
        use AccountState::{Active, Ended, Invited, Suspended};
        assert_eq!(of(Suspended, false, Active), Invited);
        assert_eq!(of(Suspended, true, Active), Active);
        assert_eq!(of(Invited, false, Active), Invited);
        assert_eq!(of(Invited, false, Suspended), Suspended);
        assert_eq!(of(Active, true, Ended), Ended);
    }

    #[test]
    fn a_new_role_is_asked_for_as_well_as_the_old_one() {
        let wanted =
            Wanted {
                name: "架空 看護".to_owned(), role: Role::SafetyManager, ends_at: None, state: None
            };
        let no_managers = |_: Action, concern: &Concern<'_>| match concern.subject {
            Some(Role::SafetyManager) => Err(Refusal { rule: "not-account-manager" }),
            _ => Ok("account-system"),
        };
        let act = Act { now: Timestamp::UNIX_EPOCH, request: "r".to_owned() };
        let deed = Deed::change(
            &Viewer::hub(),
            &account(AccountState::Active, true),
            &wanted,
            false,
            &no_managers,
            &act,
        );
        assert!(matches!(deed, Err(NotWanted::Refused(_))));
    }
}
