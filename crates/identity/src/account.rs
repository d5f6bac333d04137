//! The life of an account: invited, active, suspended, ended. Who may is decided in `access`; here it is done, once the
//! caller holds the name of the rule that permits.

use access::{Act, Role, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Account, AccountMove, AccountState, Fault, Invitation, PersonId};

use crate::rules::rules;
use crate::{Identity, Login, chance, damaged};

/// Roles that manage the accounts of their institution: the last of them cannot go.
pub const ADMINISTRATORS: &[&str] = &["safety-manager", "planning-manager"];

/// Roles that an account of staff can have; patients' accounts come by their own door.
pub const OFFERED: &[Role] = &[
    Role::Clinician,
    Role::EmergencyClinician,
    Role::Nurse,
    Role::Pharmacist,
    Role::Clerk,
    Role::Executive,
    Role::SafetyManager,
    Role::PlanningManager,
    Role::SystemOperator,
    Role::Maintainer,
    Role::Auditor,
    Role::Insurer,
    Role::Developer,
];

/// How it was made sure who somebody is (本人確認).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proofing {
    /// What was checked, in words: a licence of a physician, a staff card, an eKYC.
    pub checked: String,
    /// Who checked it, by name.
    pub by: String,
    /// Identity assurance level: 1, 2 or 3, as NIST SP 800-63A and 行政手続のガイドライン count them.
    pub level: u8,
    /// The number of an eKYC provider's record, where one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What its holder will type.
    pub login: Login,
    /// Name, as patients will read it.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Its institution's number, for roles that act for one.
    pub institution: Option<String>,
    /// The person, for a patient.
    pub person: Option<PersonId>,
    /// How it was made sure who it is.
    pub proofing: Option<Proofing>,
    /// When it ends; a maintainer's must.
    pub ends_at: Option<Timestamp>,
}

/// An account with the link that lets its holder in, told once.
#[derive(Debug)]
pub struct Invited {
    /// The account.
    pub account: Account,
    /// What the link carries, after `/invitation/`.
    pub link: String,
    /// Until when it holds.
    pub ends_at: Timestamp,
}

/// Why no account was made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotMade {
    /// Another account has this login.
    #[error("the login is taken")]
    LoginTaken,
    /// The role acts for an institution, and none was named.
    #[error("the role needs an institution")]
    NeedsInstitution,
    /// A patient's account needs a person, and no other may have one.
    #[error("a patient's account, and only that, belongs to a person of the hub")]
    NeedsPerson,
    /// A maintainer's account needs an end.
    #[error("a maintainer's account needs an end")]
    NeedsEnd,
    /// An end that is past.
    #[error("the end is past")]
    EndsBefore,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why an account was not changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotMoved {
    /// There is no such account, or not in a state it could be moved from.
    #[error("there is no such account in a state that it can be moved from")]
    NotThere,
    /// It is the last that can manage its institution's accounts.
    #[error("it is the last that manages its institution's accounts")]
    LastAdministrator,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl Identity {
    /// Makes an account and invites its holder.
    ///
    /// # Errors
    /// See [`NotMade`]; nothing is made.
    pub async fn invite(
        &self,
        by: &Viewer,
        rule: &str,
        new: NewAccount,
        act: &Act,
    ) -> Result<Invited, NotMade> {
        let account = made(new, by, act)?;
        let (link, invitation) = invitation(&account, by, act)?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("account/{}", account.id), "invited".to_owned()];
        let ends_at = invitation.ends_at;
        if self.store.keep_account(account.clone(), Some(invitation), event).await? {
            Ok(Invited { account, link, ends_at })
        } else {
            Err(NotMade::LoginTaken)
        }
    }

    /// Invites the holder of an account anew: for a link that ran out, or when all their devices are lost. What was set
    /// up before holds until the new invitation is used.
    ///
    /// # Errors
    /// See [`NotMoved`].
    pub async fn invite_anew(
        &self,
        by: &Viewer,
        rule: &str,
        id: &str,
        act: &Act,
    ) -> Result<Invited, NotMoved> {
        let account = self.store.account(id.to_owned()).await?;
        let may_be = |one: &Account| matches!(one.state, AccountState::Invited | AccountState::Active);
        let account = account.filter(may_be).ok_or(NotMoved::NotThere)?;
        let (link, invitation) = invitation(&account, by, act)?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("account/{}", account.id), "invited-anew".to_owned()];
        let ends_at = invitation.ends_at;
        self.store.keep_invitation(invitation, event).await?;
        Ok(Invited { account, link, ends_at })
    }

    /// Puts an account out of use for a time; its sessions end.
    ///
    /// # Errors
    /// See [`NotMoved`].
    pub async fn suspend(&self, by: &Viewer, rule: &str, id: &str, act: &Act) -> Result<(), NotMoved> {
        let from = &[AccountState::Invited, AccountState::Active];
        self.move_to(by, rule, id, from, AccountState::Suspended, act).await
    }

    /// Puts a suspended account into use again.
    ///
    /// # Errors
    /// See [`NotMoved`].
    pub async fn reinstate(&self, by: &Viewer, rule: &str, id: &str, act: &Act) -> Result<(), NotMoved> {
        let account = self.store.account(id.to_owned()).await?.ok_or(NotMoved::NotThere)?;
        // Whoever never came in is invited still.
        let to = if account.used_at.is_some() { AccountState::Active } else { AccountState::Invited };
        self.move_to(by, rule, id, &[AccountState::Suspended], to, act).await
    }

    /// Ends an account for good; its sessions end.
    ///
    /// # Errors
    /// See [`NotMoved`].
    pub async fn end(&self, by: &Viewer, rule: &str, id: &str, act: &Act) -> Result<(), NotMoved> {
        let from = &[AccountState::Invited, AccountState::Active, AccountState::Suspended];
        self.move_to(by, rule, id, from, AccountState::Ended, act).await
    }

    async fn move_to(
        &self,
        by: &Viewer,
        rule: &str,
        id: &str,
        from: &'static [AccountState],
        to: AccountState,
        act: &Act,
    ) -> Result<(), NotMoved> {
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("account/{id}"), to.code().to_owned()];
        match self.store.move_account(id.to_owned(), from, to, ADMINISTRATORS, event).await? {
            AccountMove::Moved => Ok(()),
            AccountMove::NotThere => Err(NotMoved::NotThere),
            AccountMove::LastAdministrator => Err(NotMoved::LastAdministrator),
        }
    }
}

/// The account that is asked for, not yet kept.
pub(crate) fn made(new: NewAccount, by: &Viewer, act: &Act) -> Result<Account, NotMade> {
    new.check(act.now)?;
    let proofing = new.proofing.as_ref().map(serde_json::to_string).transpose();
    Ok(Account {
        id: chance::id()?,
        login: new.login.to_string(),
        name: new.name,
        role: new.role.code().to_owned(),
        institution: new.institution,
        person: new.person,
        state: AccountState::Invited,
        proofing: proofing.map_err(|_| damaged("a proofing"))?,
        made_by: by.credential.clone(),
        made_at: act.now,
        ends_at: new.ends_at,
        used_at: None,
        failures: 0,
        quiet_until: act.now,
        excepted_until: None,
    })
}

impl NewAccount {
    fn check(&self, now: Timestamp) -> Result<(), NotMade> {
        if self.role.acts_for_an_institution() && self.institution.is_none() {
            return Err(NotMade::NeedsInstitution);
        }
        if (self.role == Role::Patient) != self.person.is_some() {
            return Err(NotMade::NeedsPerson);
        }
        if self.role == Role::Maintainer && self.ends_at.is_none() {
            return Err(NotMade::NeedsEnd);
        }
        if self.ends_at.is_some_and(|end| end <= now) {
            return Err(NotMade::EndsBefore);
        }
        Ok(())
    }
}

pub(crate) fn invitation(account: &Account, by: &Viewer, act: &Act) -> Result<(String, Invitation), Fault> {
    let link = chance::secret()?;
    let invitation = Invitation {
        hash: chance::hash(&link),
        account: account.id.clone(),
        made_by: by.credential.clone(),
        made_at: act.now,
        ends_at: act.now + rules().invitation.holds(),
    };
    Ok((link, invitation))
}
