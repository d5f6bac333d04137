//! Proving oneself again: after an absence, and before dangerous acts.

use access::Act;
use store::{Account, Factor, FactorKind, Session};

use crate::device::Place;
use crate::sessions::{Begun, DEMO_DOOR, Standing};
use crate::sign_in::{NotIn, code_use, find};
use crate::{Identity, certificate, chance};

const PASSKEY: &str = "proof-passkey";

impl Identity {
    /// Asks the browser of a session for one of its account's passkeys: the cookie of the ceremony and the JSON for
    /// `navigator.credentials.get`.
    ///
    /// # Errors
    /// [`NotIn::Over`] if the session is, or a fault of the store.
    pub async fn ask_proof(&self, cookie: &str, place: &Place, act: &Act) -> Result<(String, String), NotIn> {
        let (_, held, _) = self.of_session(cookie, place, act).await?;
        let passkeys = self.passkeys.as_ref().ok_or(NotIn::NoPasskeys)?;
        let asked = passkeys.ask(Some(&held), "proof")?;
        let ceremony = self.keep_step(PASSKEY, None, asked.state, act).await?;
        Ok((ceremony, asked.options))
    }

    /// The browser's answer to [`Self::ask_proof`]: the session goes on, under a new cookie.
    ///
    /// # Errors
    /// See [`NotIn`].
    pub async fn prove_with_passkey(
        &self,
        cookie: &str,
        ceremony: &str,
        answer: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Begun, NotIn> {
        let (account, held, session) = self.of_session(cookie, place, act).await?;
        let taken = self.store.take_ceremony(chance::hash(ceremony), act.now).await?;
        let taken = taken.filter(|taken| taken.kind == PASSKEY).ok_or(NotIn::Over)?;
        let passkeys = self.passkeys.as_ref().ok_or(NotIn::NoPasskeys)?;
        let Some(used) = passkeys.proved(&taken.state, answer, &held)? else {
            return Err(self.failed(&account.login, place, act).await?);
        };
        let proved = vec![FactorKind::Passkey.code().to_owned()];
        self.go_on(&account, session, proved, vec![used], act).await?.ok_or(NotIn::Over)
    }

    /// The session goes on after its account's password and a code, by the clock or from paper, or the account's
    /// certificate.
    ///
    /// # Errors
    /// See [`NotIn`].
    pub async fn prove_with_code(
        &self,
        cookie: &str,
        password: &str,
        code: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Begun, NotIn> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotIn::TooMany);
        }
        let (account, held, session) = self.of_session(cookie, place, act).await?;
        let may_be_looked_at = account.quiet_until <= act.now;
        let kept = find(&held, FactorKind::Password).filter(|_| may_be_looked_at);
        let kept = kept.and_then(|factor| std::str::from_utf8(&factor.secret).ok());
        let is_right = self.hashing.is_right(password, kept).await?;
        let used = match is_right {
            true => code_use(&held, code, act)?.or_else(|| certificate::shown(&held, place, act)),
            false => None,
        };
        let Some((used, kind)) = used else {
            return Err(self.failed(&account.login, place, act).await?);
        };
        let proved = vec![FactorKind::Password.code().to_owned(), kind.code().to_owned()];
        self.go_on(&account, session, proved, vec![used], act).await?.ok_or(NotIn::Over)
    }

    /// A session that came by a door of the demo goes on: for the demo, which is reached from its own machine only.
    ///
    /// # Errors
    /// See [`NotIn`].
    pub async fn prove_by_demo_door(&self, cookie: &str, place: &Place, act: &Act) -> Result<Begun, NotIn> {
        let (account, _, session) = self.of_session(cookie, place, act).await?;
        let factors = session.factors.clone();
        if !factors.iter().any(|factor| factor == DEMO_DOOR) {
            return Err(NotIn::Wrong);
        }
        self.go_on(&account, session, factors, Vec::new(), act).await?.ok_or(NotIn::Over)
    }

    /// The account and factors of a session that holds, locked or not.
    async fn of_session(
        &self,
        cookie: &str,
        place: &Place,
        act: &Act,
    ) -> Result<(Account, Vec<Factor>, Session), NotIn> {
        let session = match self.standing(cookie, place, act).await? {
            Standing::In(_, session) | Standing::Locked(_, session) => session,
            Standing::Out => return Err(NotIn::Over),
        };
        let account = self.store.account(session.account.clone()).await?.ok_or(NotIn::Over)?;
        let held = self.store.factors_of(account.id.clone()).await?;
        Ok((account, held, session))
    }
}
