//! Exceptions from the second factor: approved by somebody who keeps accounts, for a reason, until a day. They lapse by
//! themselves (guideline 7.0, 運用編 14: a password alone only where an approved exception stands).

use access::{Act, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use store::{Account, Factor, FactorKind, Fault, PasswordException};

use crate::device::Place;
use crate::rules::rules;
use crate::sessions::{self, Begun};
use crate::sign_in::{NextStep, NotIn, find};
use crate::{Identity, chance, factors, recovery, totp};

/// A session with the codes on paper that were told with it, or the step again.
pub type Second = Result<(Begun, Vec<String>), NextStep>;

const SECOND: &str = "sign-in-second";

/// Why no exception was made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotExcepted {
    /// There is no such account, or it has ended.
    #[error("there is no such account")]
    NotThere,
    /// It says nothing of why, or too much: a sentence, of at most 200 letters.
    #[error("a reason is needed")]
    Reason,
    /// The end is past, or later than this many days from now.
    #[error("the end must be within {0} days")]
    End(i64),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

const LONGEST_REASON: usize = 200;

/// The most days that an exception may last.
pub fn longest_exception_days() -> i64 {
    rules().exception.longest_days
}

/// Whether an account may do with a password alone at this time.
pub(crate) fn is_excepted(account: &Account, now: Timestamp) -> bool {
    account.excepted_until.is_some_and(|until| now < until)
}

impl Identity {
    /// Lets the holder of an account do with a password alone until a day.
    ///
    /// # Errors
    /// See [`NotExcepted`].
    pub async fn except(
        &self,
        by: &Viewer,
        rule: &str,
        account: &str,
        reason: &str,
        until: Timestamp,
        act: &Act,
    ) -> Result<(), NotExcepted> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(NotExcepted::Reason);
        }
        if until <= act.now || act.now + rules().exception.longest() < until {
            return Err(NotExcepted::End(longest_exception_days()));
        }
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("account/{account}"), "excepted".to_owned()];
        let kept = PasswordException {
            id: chance::id()?,
            account: account.to_owned(),
            reason: reason.to_owned(),
            made_by: by.credential.clone(),
            made_by_name: by.name.clone(),
            made_at: act.now,
            ends_at: until,
        };
        if self.store.keep_exception(kept, event).await? { Ok(()) } else { Err(NotExcepted::NotThere) }
    }

    /// Ends the exception of an account before its day; false if none is in force.
    ///
    /// # Errors
    /// On any [`Fault`] it stands.
    pub async fn end_exception(
        &self,
        by: &Viewer,
        rule: &str,
        account: &str,
        act: &Act,
    ) -> Result<bool, Fault> {
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("account/{account}"), "exception-ended".to_owned()];
        self.store.end_exception(account.to_owned(), event).await
    }

    /// Whoever did with a password alone proves that the app they were just told of is set up; with it a session
    /// begins, and codes on paper are given. On a wrong code the answer is the step again.
    ///
    /// # Errors
    /// See [`NotIn`].
    pub async fn with_second(
        &self,
        ceremony: &str,
        code: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Second, NotIn> {
        let (account, held, secret) = self.step_with_state(SECOND, ceremony, place, act).await?;
        // Set up elsewhere meanwhile: then that is asked for.
        if find(&held, FactorKind::Totp).is_some() {
            return Err(NotIn::Over);
        }
        let typed: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let Some(step) = totp::step(&secret, &typed, act.now)? else {
            self.failed(&account.login, place, act).await?;
            return Ok(Err(self.ask_second(&account, secret, act).await?));
        };
        let app = factors::new_factor(&account.id, FactorKind::Totp, "", secret, act.now)?;
        let (codes, papers) = recovery::new_codes(&account, act.now)?;
        let made = [vec![Factor { step, ..app }], papers].concat();
        let who = sessions::viewer(&account, None, act.now).ok_or(NotIn::Over)?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, &who, "own-account")?;
        event.objects = vec![format!("account/{}", account.id), "factor/totp".to_owned()];
        self.store.change_factors(account.id.clone(), made, Vec::new(), event).await?;
        let proved = [FactorKind::Password, FactorKind::Totp].map(|kind| kind.code().to_owned()).to_vec();
        let begun = self.begin(&account, proved, Vec::new(), place, act).await?;
        Ok(Ok((begun, codes)))
    }

    pub(crate) async fn ask_second(
        &self,
        account: &Account,
        secret: Vec<u8>,
        act: &Act,
    ) -> Result<NextStep, Fault> {
        let setup = totp::setup(&secret, &account.login, &self.site)?;
        let ceremony = self.keep_step(SECOND, Some(&account.id), secret, act).await?;
        Ok(NextStep::Second { ceremony, setup })
    }
}
