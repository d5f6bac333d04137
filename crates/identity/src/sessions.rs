//! Sessions: from a cookie to a viewer.

use access::{Act, Assurance, Factors, Role, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use store::{Account, AccountState, FactorKind, Fault, Session, Use};

use crate::provider::VOUCHED_TWO;
use crate::rules::rules;
use crate::{Identity, chance};

/// Where a browser is.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Address it comes from.
    pub address: String,
    /// What it calls itself.
    pub agent: String,
    /// The registered device it is on.
    pub device: Option<String>,
}

/// A session just begun, or proved again.
#[derive(Debug)]
pub struct Begun {
    /// What the browser's cookie holds from now on.
    pub cookie: String,
    /// Who it is.
    pub viewer: Viewer,
}

/// How a cookie stands.
#[derive(Debug)]
pub enum Standing {
    /// It is somebody's.
    In(Viewer, Session),
    /// It is somebody's who has been away: they must prove themselves again.
    Locked(Viewer, Session),
    /// It is nobody's.
    Out,
}

/// A session is marked as used no more often than this, so that looking around writes little.
const SEEN_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);
/// What a session that came by a door of the demo was proved with.
pub const DEMO_DOOR: &str = "demo-door";
/// No more of what a browser calls itself is kept.
const LONGEST_AGENT: usize = 200;

/// After how many seconds without a touch a session is locked.
pub fn idle_seconds() -> i64 {
    rules().session.idle().as_secs()
}

impl Identity {
    /// How a cookie stands now.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn standing(&self, cookie: &str, now: Timestamp) -> Result<Standing, Fault> {
        let Some((session, account)) = self.store.session(chance::hash(cookie)).await? else {
            return Ok(Standing::Out);
        };
        let is_over = session.ended_at.is_some() || session.ends_at <= now || now < session.made_at;
        let Some(viewer) = viewer(&account, Some(&session), now).filter(|_| !is_over) else {
            return Ok(Standing::Out);
        };
        if session.seen_at + rules().session.idle() <= now {
            return Ok(Standing::Locked(viewer, session));
        }
        if session.seen_at + SEEN_EVERY <= now {
            self.store.mark_seen(&session, now).await?;
        }
        Ok(Standing::In(viewer, session))
    }

    /// Begins a session without a proof: for the doors of the demo, which is reached from its own machine only. None if
    /// the account is not in use.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn by_demo_door(
        &self,
        account: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Option<Begun>, Fault> {
        let Some(account) = self.store.account(account.to_owned()).await? else { return Ok(None) };
        self.begin(&account, vec![DEMO_DOOR.to_owned()], Vec::new(), place, act).await
    }

    /// Ends the session of a cookie: signing out.
    ///
    /// # Errors
    /// On any [`Fault`] it stands.
    pub async fn sign_out(&self, cookie: &str, act: &Act) -> Result<(), Fault> {
        if let Standing::In(viewer, session) | Standing::Locked(viewer, session) =
            self.standing(cookie, act.now).await?
        {
            self.end_sessions(&viewer, &session.account, Some(&session.id), act).await?;
        }
        Ok(())
    }

    /// Ends one session of an account, or (`None`) all of them; answers how many.
    ///
    /// # Errors
    /// On any [`Fault`] none is ended.
    pub async fn end_sessions(
        &self,
        viewer: &Viewer,
        account: &str,
        id: Option<&str>,
        act: &Act,
    ) -> Result<u64, Fault> {
        let mut event = on_record(act, audit::Act::SignIn, Outcome::Done, viewer, "signed-out")?;
        event.objects = vec![format!("account/{account}"), "session-ended".to_owned()];
        self.store.end_sessions(account.to_owned(), id.map(str::to_owned), event).await
    }

    /// The sessions of an account that hold now, newest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn sessions(&self, account: &str, now: Timestamp) -> Result<Vec<Session>, Fault> {
        let sessions = self.store.sessions_of(account.to_owned()).await?;
        Ok(sessions.into_iter().filter(|session| now < session.ends_at).collect())
    }

    /// Begins a session for an account that proved itself by `uses` of factors of these kinds. None if one of them was
    /// used meanwhile.
    pub(crate) async fn begin(
        &self,
        account: &Account,
        factors: Vec<String>,
        uses: Vec<Use>,
        place: &Place,
        act: &Act,
    ) -> Result<Option<Begun>, Fault> {
        let cookie = chance::secret()?;
        let session = Session {
            hash: chance::hash(&cookie),
            id: chance::id()?,
            account: account.id.clone(),
            device: place.device.clone(),
            address: place.address.clone(),
            agent: place.agent.chars().take(LONGEST_AGENT).collect(),
            factors,
            made_at: act.now,
            seen_at: act.now,
            proved_at: act.now,
            ends_at: act.now + rules().session.longest(),
            ended_at: None,
        };
        let Some(viewer) = viewer(account, Some(&session), act.now) else { return Ok(None) };
        let mut event = on_record(act, audit::Act::SignIn, Outcome::Done, &viewer, "signed-in")?;
        event.objects = objects(account, &session.factors, place);
        let is_begun = self.store.begin_session(session, uses, event).await?;
        Ok(is_begun.then_some(Begun { cookie, viewer }))
    }

    /// Goes on with a session whose holder proved themselves again, under a new cookie.
    pub(crate) async fn go_on(
        &self,
        account: &Account,
        session: Session,
        factors: Vec<String>,
        uses: Vec<Use>,
        act: &Act,
    ) -> Result<Option<Begun>, Fault> {
        let cookie = chance::secret()?;
        let proved = Session { factors, proved_at: act.now, seen_at: act.now, ..session };
        let Some(viewer) = viewer(account, Some(&proved), act.now) else { return Ok(None) };
        let mut event = on_record(act, audit::Act::SignIn, Outcome::Done, &viewer, "proved-again")?;
        let place = Place {
            address: proved.address.clone(),
            agent: proved.agent.clone(),
            device: proved.device.clone(),
        };
        event.objects = objects(account, &proved.factors, &place);
        let is_proved = self.store.prove_session(proved, chance::hash(&cookie), uses, event).await?;
        Ok(is_proved.then_some(Begun { cookie, viewer }))
    }
}

/// Who an account is to the policy, if it is in use now.
pub(crate) fn viewer(account: &Account, session: Option<&Session>, now: Timestamp) -> Option<Viewer> {
    let is_in_use = account.state == AccountState::Active && account.ends_at.is_none_or(|end| now < end);
    let role = Role::from_code(&account.role).filter(|_| is_in_use)?;
    let is_fresh = session.is_some_and(|session| now < session.proved_at + rules().session.fresh());
    let factors = session.map_or(Factors::None, |session| counted(&session.factors));
    Some(Viewer {
        credential: account.id.clone(),
        name: account.name.clone(),
        role,
        institution: account.institution.clone(),
        person: account.person,
        assurance: Assurance { factors, is_fresh, is_machine: false },
        scopes: None,
        stands_for: None,
    })
}

/// How many kinds of proof a session was begun with. A passkey checks its holder; what another vouches for counts as it
/// was shown. The demo's doors count as two, so that the demo shows what follows from them.
fn counted(factors: &[String]) -> Factors {
    let has = |kind: &str| factors.iter().any(|factor| factor == kind);
    let is_two = has(FactorKind::Passkey.code()) || has(VOUCHED_TWO) || has(DEMO_DOOR);
    let kinds = factors.iter().filter(|factor| FactorKind::from_code(factor).is_some()).count();
    if is_two || kinds > 1 {
        Factors::Two
    } else if factors.is_empty() {
        Factors::None
    } else {
        Factors::One
    }
}

/// What an event of a sign-in says: whose it is, by what it was proved, and from where.
pub(crate) fn objects(account: &Account, factors: &[String], place: &Place) -> Vec<String> {
    let agent: String = place.agent.chars().take(LONGEST_AGENT).collect();
    std::iter::once(format!("account/{}", account.id))
        .chain(factors.iter().map(|factor| format!("factor/{factor}")))
        .chain(Some(&place.address).filter(|text| !text.is_empty()).map(|text| format!("address/{text}")))
        .chain(place.device.as_ref().map(|device| format!("device/{device}")))
        .chain(Some(agent).filter(|text| !text.is_empty()).map(|text| format!("agent/{text}")))
        .collect()
}
