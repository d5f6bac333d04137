//! Setting up what an account proves itself with: by an invitation, or by its holder who is signed in and has just
//! proved themselves.

use access::{Act, Role, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Account, AccountState, Factor, FactorKind, Fault, Invitation};

use crate::device::Place;
use crate::exception::is_excepted;
use crate::factors::{in_force, new_factor};
use crate::password::WeakPassword;
use crate::sessions::{Begun, viewer};
use crate::sign_in::{NotIn, find};
use crate::totp::{self, Setup};
use crate::{Identity, chance, damaged, recovery};

/// By what leave something is set up.
#[derive(Clone, Debug)]
pub enum Enrolment {
    /// What the link of an invitation carries.
    Invited(String),
    /// A holder who is signed in and has just proved themselves.
    Holder(Viewer),
}

/// What an invitation is for.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// Whom it invites.
    pub name: String,
    /// What they will type.
    pub login: String,
    /// Their role.
    pub role: Option<Role>,
    /// Their institution's number.
    pub institution: Option<String>,
    /// Whether all that was set up before ends with it: the account is in use already.
    pub is_anew: bool,
    /// Until when an approved exception lets them do with a password alone.
    pub excepted_until: Option<Timestamp>,
}

/// What was set up: the codes on paper are told here and never again.
#[derive(Debug)]
pub struct Enrolled {
    /// Codes for the day the phone is lost; none with a passkey.
    pub codes: Vec<String>,
    /// The session that begins with it, for those who were invited.
    pub begun: Option<Begun>,
}

/// Why nothing was set up.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotEnrolled {
    /// The invitation does not hold: unknown, used, or over.
    #[error("the invitation does not hold")]
    NotInvited,
    /// The text is not taken for a password.
    #[error("the password is too weak")]
    Weak(WeakPassword),
    /// No exception lets them do with a password alone.
    #[error("a second factor is needed")]
    NotExcepted,
    /// The code is wrong: the app's clock, or a typing error. It may be tried again by this cookie.
    #[error("the code is wrong")]
    WrongCode {
        /// What the browser's cookie holds for the next try.
        ceremony: String,
    },
    /// The browser's answer does not belong to what was asked.
    #[error("the passkey was not set up")]
    NoPasskey,
    /// It took too long: begin again.
    #[error("this enrolment is over")]
    Over,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

const PASSKEY: &str = "enrol-passkey";
const PASSWORD: &str = "enrol-password";

/// A password that awaits its second factor.
#[derive(Serialize, Deserialize)]
struct Awaiting {
    password: String,
    secret: Vec<u8>,
}

impl Identity {
    /// Whom the link of an invitation invites.
    ///
    /// # Errors
    /// [`NotEnrolled::NotInvited`], or a fault.
    pub async fn welcome(&self, link: &str, act: &Act) -> Result<Welcome, NotEnrolled> {
        let (_, account) = self.invited(link, act).await?;
        Ok(Welcome {
            role: Role::from_code(&account.role),
            name: account.name,
            login: account.login,
            institution: account.institution,
            is_anew: account.state == AccountState::Active,
            excepted_until: account.excepted_until.filter(|until| act.now < *until),
        })
    }

    /// Asks the browser for a new passkey: the cookie of the ceremony and the JSON for `navigator.credentials.create`.
    ///
    /// # Errors
    /// See [`NotEnrolled`].
    pub async fn ask_new_passkey(
        &self,
        leave: &Enrolment,
        act: &Act,
    ) -> Result<(String, String), NotEnrolled> {
        let (account, _) = self.of_leave(leave, act).await?;
        let held = self.store.factors_of(account.id.clone()).await?;
        let passkeys = self.passkeys.as_ref().ok_or(NotEnrolled::NoPasskey)?;
        let asked = passkeys.ask_new(&account, &held)?;
        let ceremony = self.keep_step(PASSKEY, Some(&account.id), asked.state, act).await?;
        Ok((ceremony, asked.options))
    }

    /// The browser's answer to [`Self::ask_new_passkey`]. `label` is what its holder calls it.
    ///
    /// # Errors
    /// See [`NotEnrolled`].
    pub async fn enrol_passkey(
        &self,
        leave: &Enrolment,
        ceremony: &str,
        answer: &str,
        label: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Enrolled, NotEnrolled> {
        let (account, invitation) = self.of_leave(leave, act).await?;
        let state = self.step_state(PASSKEY, ceremony, &account, act).await?;
        let passkeys = self.passkeys.as_ref().ok_or(NotEnrolled::NoPasskey)?;
        let secret = passkeys.new_secret(&state, answer).ok_or(NotEnrolled::NoPasskey)?;
        let factor = new_factor(&account.id, FactorKind::Passkey, label, secret, act.now)?;
        self.set_up(leave, account, invitation, vec![factor], Vec::new(), place, act).await
    }

    /// Takes a password and tells what to set an authenticator app up with: the cookie of the ceremony, and that.
    ///
    /// # Errors
    /// See [`NotEnrolled`].
    pub async fn propose_password(
        &self,
        leave: &Enrolment,
        password: &str,
        act: &Act,
    ) -> Result<(String, Setup), NotEnrolled> {
        let (account, _) = self.of_leave(leave, act).await?;
        let earlier = self.store.factors_of(account.id.clone()).await?;
        let names = [account.login.as_str(), account.name.as_str(), self.site.as_str()];
        self.hashing.check(password, false, &names, &earlier).await?.map_err(NotEnrolled::Weak)?;
        let awaiting = Awaiting { password: self.hashing.hash(password).await?, secret: totp::new_secret()? };
        self.await_code(&account, &awaiting, act).await
    }

    /// Sets a password up alone, as long as an approved exception holds.
    ///
    /// # Errors
    /// See [`NotEnrolled`].
    pub async fn enrol_password_alone(
        &self,
        leave: &Enrolment,
        password: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Enrolled, NotEnrolled> {
        let (account, invitation) = self.of_leave(leave, act).await?;
        if !is_excepted(&account, act.now) {
            return Err(NotEnrolled::NotExcepted);
        }
        let earlier = self.store.factors_of(account.id.clone()).await?;
        let names = [account.login.as_str(), account.name.as_str(), self.site.as_str()];
        self.hashing.check(password, true, &names, &earlier).await?.map_err(NotEnrolled::Weak)?;
        let hashed = self.hashing.hash(password).await?.into_bytes();
        let factor = new_factor(&account.id, FactorKind::Password, "", hashed, act.now)?;
        self.set_up(leave, account, invitation, vec![factor], Vec::new(), place, act).await
    }

    /// The first code of the app: with it the password and the app are set up, and codes on paper are given.
    ///
    /// # Errors
    /// See [`NotEnrolled`]; after [`NotEnrolled::WrongCode`] it may be tried again.
    pub async fn enrol_password(
        &self,
        leave: &Enrolment,
        ceremony: &str,
        code: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Enrolled, NotEnrolled> {
        let (account, invitation) = self.of_leave(leave, act).await?;
        let state = self.step_state(PASSWORD, ceremony, &account, act).await?;
        let awaiting: Awaiting =
            serde_json::from_slice(&state).map_err(|_| damaged("an awaiting password"))?;
        let typed: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let Some(step) = totp::step(&awaiting.secret, &typed, act.now)? else {
            let (ceremony, _) = self.await_code(&account, &awaiting, act).await?;
            return Err(NotEnrolled::WrongCode { ceremony });
        };
        let of = |kind, label: &str, secret| new_factor(&account.id, kind, label, secret, act.now);
        let password = of(FactorKind::Password, "", awaiting.password.into_bytes())?;
        let app = Factor { step, ..of(FactorKind::Totp, "", awaiting.secret)? };
        let (codes, papers) = recovery::new_codes(&account, act.now)?;
        let factors = [vec![password, app], papers].concat();
        self.set_up(leave, account, invitation, factors, codes, place, act).await
    }

    /// What to set the app up with, once more: for a page that is shown again after a wrong code.
    ///
    /// # Errors
    /// See [`NotEnrolled`].
    pub async fn show_again(
        &self,
        leave: &Enrolment,
        ceremony: &str,
        act: &Act,
    ) -> Result<(String, Setup), NotEnrolled> {
        let (account, _) = self.of_leave(leave, act).await?;
        let state = self.step_state(PASSWORD, ceremony, &account, act).await?;
        let awaiting: Awaiting =
            serde_json::from_slice(&state).map_err(|_| damaged("an awaiting password"))?;
        self.await_code(&account, &awaiting, act).await
    }

    async fn await_code(
        &self,
        account: &Account,
        awaiting: &Awaiting,
        act: &Act,
    ) -> Result<(String, Setup), NotEnrolled> {
        let state = serde_json::to_vec(awaiting).map_err(|_| damaged("an awaiting password"))?;
        let setup = totp::setup(&awaiting.secret, &account.login, &self.site)?;
        Ok((self.keep_step(PASSWORD, Some(&account.id), state, act).await?, setup))
    }

    /// Sets factors up. By an invitation everything that was there before ends; a holder's new password takes the place
    /// of the old, with its app and its codes on paper.
    #[expect(
        clippy::too_many_arguments,
        reason = "the last step of each way of enrolling, with all it has come to"
    )]
    async fn set_up(
        &self,
        leave: &Enrolment,
        account: Account,
        invitation: Option<Invitation>,
        factors: Vec<Factor>,
        codes: Vec<String>,
        place: &Place,
        act: &Act,
    ) -> Result<Enrolled, NotEnrolled> {
        let active = Account { state: AccountState::Active, ..account };
        let who = viewer(&active, None, act.now).ok_or(NotEnrolled::NotInvited)?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, &who, "own-account")?;
        event.objects = vec![format!("account/{}", active.id)];
        event.objects.extend(kinds(&factors).map(|kind| format!("factor/{kind}")));
        let Some(invitation) = invitation else {
            let Enrolment::Holder(_) = leave else { return Err(NotEnrolled::NotInvited) };
            let held = self.store.factors_of(active.id.clone()).await?;
            let ended = replaced(&held, &factors);
            self.store.change_factors(active.id, factors, ended, event).await?;
            return Ok(Enrolled { codes, begun: None });
        };
        let proved: Vec<String> =
            kinds(&factors).filter(|kind| *kind != FactorKind::Recovery.code()).map(str::to_owned).collect();
        if !self.store.set_up_factors(invitation, factors, true, event).await? {
            return Err(NotEnrolled::NotInvited);
        }
        // What was set up stands, even where its holder must sign in on another terminal.
        let begun = match self.begin(&active, proved, Vec::new(), place, act).await {
            Ok(begun) => Some(begun),
            Err(NotIn::Store(fault)) => return Err(fault.into()),
            Err(_) => None,
        };
        Ok(Enrolled { codes, begun })
    }

    pub(crate) async fn of_leave(
        &self,
        leave: &Enrolment,
        act: &Act,
    ) -> Result<(Account, Option<Invitation>), NotEnrolled> {
        match leave {
            Enrolment::Invited(link) => {
                let (invitation, account) = self.invited(link, act).await?;
                Ok((account, Some(invitation)))
            }
            Enrolment::Holder(holder) => {
                let account = self.store.account(holder.credential.clone()).await?;
                Ok((account.ok_or(NotEnrolled::NotInvited)?, None))
            }
        }
    }

    async fn invited(&self, link: &str, act: &Act) -> Result<(Invitation, Account), NotEnrolled> {
        let found = self.store.invitation(chance::hash(link)).await?;
        let found = found.filter(|found| act.now < found.ends_at).ok_or(NotEnrolled::NotInvited)?;
        let account = self.store.account(found.account.clone()).await?;
        let may_be = |one: &Account| matches!(one.state, AccountState::Invited | AccountState::Active);
        Ok((found, account.filter(may_be).ok_or(NotEnrolled::NotInvited)?))
    }

    async fn step_state(
        &self,
        kind: &str,
        ceremony: &str,
        account: &Account,
        act: &Act,
    ) -> Result<Vec<u8>, NotEnrolled> {
        let taken = self.store.take_ceremony(chance::hash(ceremony), act.now).await?;
        let taken = taken.filter(|taken| taken.kind == kind && taken.account.as_ref() == Some(&account.id));
        Ok(taken.ok_or(NotEnrolled::Over)?.state)
    }
}

impl From<NotIn> for NotEnrolled {
    fn from(not_in: NotIn) -> Self {
        match not_in {
            NotIn::Store(fault) => Self::Store(fault),
            _ => Self::Over,
        }
    }
}

fn kinds(factors: &[Factor]) -> impl Iterator<Item = &'static str> {
    let mut kinds: Vec<FactorKind> = factors.iter().map(|factor| factor.kind).collect();
    kinds.dedup();
    kinds.into_iter().map(FactorKind::code)
}

/// The ids of what a new password takes the place of.
fn replaced(held: &[Factor], new: &[Factor]) -> Vec<String> {
    if find(new, FactorKind::Password).is_none() {
        return Vec::new();
    }
    let replaced = [FactorKind::Password, FactorKind::Totp, FactorKind::Recovery];
    in_force(held).filter(|one| replaced.contains(&one.kind)).map(|one| one.id.clone()).collect()
}
