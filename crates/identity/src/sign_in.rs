//! Signing in, step by step.
//!
//! A passkey is one step. A password is followed by a code, unless the connection shows the account's certificate or an
//! approved exception still holds. Whoever fails learns only that it failed.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use jiff::SignedDuration;
use store::{Account, AccountState, Ceremony, Factor, FactorKind, Fault, Use};

use crate::device::Place;
use crate::rules::rules;
use crate::sessions::Begun;
use crate::totp::Setup;
use crate::{Identity, Login, certificate, chance, factors, recovery, sessions, totp};

/// What comes after a step.
#[derive(Debug)]
pub enum NextStep {
    /// Nothing: a session was begun.
    In(Begun),
    /// A code. `ceremony` is what the browser's cookie holds until then.
    Code {
        /// What the browser's cookie holds until then.
        ceremony: String,
    },
    /// A second factor, set up now: the exception that let them do without has lapsed.
    Second {
        /// What the browser's cookie holds until then.
        ceremony: String,
        /// What the app is set up with.
        setup: Setup,
    },
}

/// Why nobody was let in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotIn {
    /// Something was wrong, or the account rests, or there is none; which one is not told.
    #[error("login or proof is wrong, or the account is locked for a while")]
    Wrong,
    /// Too many wrong attempts came from this address: nothing was looked at.
    #[error("too many attempts from this address")]
    TooMany,
    /// It took too long, or was tried twice: begin again.
    #[error("this sign-in is over")]
    Over,
    /// The account has no second factor and no exception: an administrator must invite its holder anew.
    #[error("the account lacks a second factor")]
    LacksSecondFactor,
    /// Passkeys cannot be used at this hub's address.
    #[error("there are no passkeys here")]
    NoPasskeys,
    /// The institution refuses terminals it does not know, and this is one.
    #[error("the terminal is not registered, and the institution refuses such")]
    UnregisteredDevice,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

const CODE: &str = "sign-in-code";
const PASSKEY: &str = "sign-in-passkey";
/// How long the next step may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

impl Identity {
    /// The first step with a password.
    ///
    /// # Errors
    /// See [`NotIn`]; failures are counted and on record.
    pub async fn with_password(
        &self,
        login: &str,
        password: &str,
        place: &Place,
        act: &Act,
    ) -> Result<NextStep, NotIn> {
        let (account, held) = self.sought(login, place, act).await?;
        let kept = account.as_ref().and_then(|_| find(&held, FactorKind::Password));
        let kept = kept.and_then(|factor| std::str::from_utf8(&factor.secret).ok());
        let is_right = self.hashing.is_right(password, kept).await?;
        let Some(account) = account.filter(|one| is_right && sessions::viewer(one, None, act.now).is_some())
        else {
            return Err(self.failed(login, place, act).await?);
        };
        if let Some((used, kind)) = certificate::shown(&held, place, act) {
            let proved = vec![FactorKind::Password.code().to_owned(), kind.code().to_owned()];
            return self.begin(&account, proved, vec![used], place, act).await.map(NextStep::In);
        }
        if find(&held, FactorKind::Totp).is_some() || find(&held, FactorKind::Recovery).is_some() {
            let ceremony = self.keep_step(CODE, Some(&account.id), Vec::new(), act).await?;
            return Ok(NextStep::Code { ceremony });
        }
        match account.excepted_until {
            Some(until) if act.now < until => {}
            // Whoever has another way in sets nothing up by a password.
            Some(_) if factors::in_force(&held).all(|one| one.kind == FactorKind::Password) => {
                return Ok(self.ask_second(&account, totp::new_secret()?, act).await?);
            }
            _ => return Err(NotIn::LacksSecondFactor),
        }
        let proved = vec![FactorKind::Password.code().to_owned()];
        self.begin(&account, proved, Vec::new(), place, act).await.map(NextStep::In)
    }

    /// The second step: a code by the clock, or one of the codes on paper. On a wrong code the answer is
    /// [`NotIn::Wrong`] with a step that may be tried again, until the account rests.
    ///
    /// # Errors
    /// See [`NotIn`].
    pub async fn with_code(
        &self,
        ceremony: &str,
        code: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Result<Begun, String>, NotIn> {
        let (account, held) = self.step_of(CODE, ceremony, place, act).await?;
        let Some((used, kind)) = code_use(&held, code, act)? else {
            self.failed(&account.login, place, act).await?;
            let again = self.keep_step(CODE, Some(&account.id), Vec::new(), act).await?;
            return Ok(Err(again));
        };
        let proved = vec![FactorKind::Password.code().to_owned(), kind.code().to_owned()];
        match self.begin(&account, proved, vec![used], place, act).await {
            Ok(begun) => Ok(Ok(begun)),
            // The code was used before, so it is as good as wrong.
            Err(NotIn::Over) => Ok(Err(self.keep_step(CODE, Some(&account.id), Vec::new(), act).await?)),
            Err(why) => Err(why),
        }
    }

    /// Asks the browser for a passkey: of this login, or (an empty one) any. Answers the cookie of the ceremony and
    /// the JSON for `navigator.credentials.get`.
    ///
    /// # Errors
    /// [`NotIn::TooMany`], or a [`Fault`].
    pub async fn ask_passkey(
        &self,
        login: &str,
        place: &Place,
        act: &Act,
    ) -> Result<(String, String), NotIn> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotIn::TooMany);
        }
        let held = match login.parse::<Login>() {
            Ok(login) => match self.store.account_of_login(login.to_string()).await? {
                Some(account) => Some(self.store.factors_of(account.id).await?),
                None => Some(Vec::new()),
            },
            Err(_) => None,
        };
        let passkeys = self.passkeys.as_ref().ok_or(NotIn::NoPasskeys)?;
        let asked = passkeys.ask(held.as_deref(), &format!("{}/{login}", self.site))?;
        let ceremony = self.keep_step(PASSKEY, None, asked.state, act).await?;
        Ok((ceremony, asked.options))
    }

    /// The browser's answer to [`Self::ask_passkey`].
    ///
    /// # Errors
    /// See [`NotIn`].
    pub async fn with_passkey(
        &self,
        ceremony: &str,
        login: &str,
        answer: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Begun, NotIn> {
        let passkeys = self.passkeys.as_ref().ok_or(NotIn::NoPasskeys)?;
        let taken = self.store.take_ceremony(chance::hash(ceremony), act.now).await?;
        let taken = taken.filter(|taken| taken.kind == PASSKEY).ok_or(NotIn::Over)?;
        let account = match login.parse::<Login>() {
            Ok(login) => self.store.account_of_login(login.to_string()).await?,
            Err(_) => match passkeys.account_of(answer) {
                Some(id) => self.store.account(id).await?,
                None => None,
            },
        };
        // A passkey cannot be guessed: whoever holds one is not locked out by another's guesses at the password.
        let account = account.filter(|one| sessions::viewer(one, None, act.now).is_some());
        let Some(account) = account else {
            return Err(self.failed(login, place, act).await?);
        };
        let held = self.store.factors_of(account.id.clone()).await?;
        let Some(used) = passkeys.proved(&taken.state, answer, &held)? else {
            return Err(self.failed(&account.login, place, act).await?);
        };
        let proved = vec![FactorKind::Passkey.code().to_owned()];
        self.begin(&account, proved, vec![used], place, act).await
    }

    /// Keeps what a step has come to; answers what the browser's cookie holds until the next.
    pub(crate) async fn keep_step(
        &self,
        kind: &str,
        account: Option<&str>,
        state: Vec<u8>,
        act: &Act,
    ) -> Result<String, Fault> {
        let cookie = chance::secret()?;
        let ceremony = Ceremony {
            hash: chance::hash(&cookie),
            kind: kind.to_owned(),
            account: account.map(str::to_owned),
            state,
            ends_at: act.now + PATIENCE,
        };
        self.store.keep_ceremony(ceremony, act.now).await?;
        Ok(cookie)
    }

    /// The account of a login, and its factors, if an attempt may be looked at. An account that rests is not told of.
    async fn sought(
        &self,
        login: &str,
        place: &Place,
        act: &Act,
    ) -> Result<(Option<Account>, Vec<Factor>), NotIn> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotIn::TooMany);
        }
        let found = match login.parse::<Login>() {
            Ok(login) => self.store.account_of_login(login.to_string()).await?,
            Err(_) => None,
        };
        let found = found.filter(|one| one.state == AccountState::Active && one.quiet_until <= act.now);
        let held = match &found {
            Some(account) => self.store.factors_of(account.id.clone()).await?,
            None => Vec::new(),
        };
        Ok((found, held))
    }

    /// The account that a step belongs to, which is taken out.
    async fn step_of(
        &self,
        kind: &str,
        ceremony: &str,
        place: &Place,
        act: &Act,
    ) -> Result<(Account, Vec<Factor>), NotIn> {
        let (account, held, _) = self.step_with_state(kind, ceremony, place, act).await?;
        Ok((account, held))
    }

    /// The same, with what the step had come to.
    pub(crate) async fn step_with_state(
        &self,
        kind: &str,
        ceremony: &str,
        place: &Place,
        act: &Act,
    ) -> Result<(Account, Vec<Factor>, Vec<u8>), NotIn> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotIn::TooMany);
        }
        let taken = self.store.take_ceremony(chance::hash(ceremony), act.now).await?;
        let taken = taken.filter(|taken| taken.kind == kind).ok_or(NotIn::Over)?;
        let account = match taken.account {
            Some(id) => self.store.account(id).await?,
            None => None,
        };
        let account = account.filter(|one| sessions::viewer(one, None, act.now).is_some());
        let account = account.filter(|one| one.quiet_until <= act.now).ok_or(NotIn::Over)?;
        let held = self.store.factors_of(account.id.clone()).await?;
        Ok((account, held, taken.state))
    }

    /// Counts an attempt in vain, with its address and with its account if there is one. It is put on record either way,
    /// so that it takes as long either way.
    pub(crate) async fn failed(&self, login: &str, place: &Place, act: &Act) -> Result<NotIn, Fault> {
        self.attempts.count(&place.address, act.now);
        let account = match login.parse::<Login>() {
            Ok(login) => self.store.account_of_login(login.to_string()).await?,
            Err(_) => None,
        };
        let mut event =
            on_record(act, audit::Act::SignIn, Outcome::Refused, &Viewer::nobody(), "wrong-proof")?;
        match account {
            None => self.store.append(None, event).await?,
            Some(account) => {
                event.objects = sessions::objects(&account, &[], place, None);
                let quiet = rules().lock_out.quiet(account.failures + 1);
                if !quiet.is_zero() {
                    event.objects.push("locked".to_owned());
                }
                let quiet_until = act.now + quiet;
                let quiet_until = quiet_until.max(account.quiet_until);
                self.store.count_failure(account.id, quiet_until, event).await?;
            }
        }
        Ok(NotIn::Wrong)
    }
}

/// The use that a typed code proves: by the clock, or from paper.
pub(crate) fn code_use(held: &[Factor], code: &str, act: &Act) -> Result<Option<(Use, FactorKind)>, Fault> {
    let typed: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    if let Some(app) = find(held, FactorKind::Totp)
        && let Some(step) = totp::step(&app.secret, &typed, act.now)?
    {
        return Ok(Some((Use { id: app.id.clone(), step, secret: None }, FactorKind::Totp)));
    }
    Ok(recovery::proved(&typed, held).map(|used| (used, FactorKind::Recovery)))
}

/// The factor of a kind that is in force.
pub(crate) fn find(held: &[Factor], kind: FactorKind) -> Option<&Factor> {
    factors::in_force(held).find(|factor| factor.kind == kind)
}
