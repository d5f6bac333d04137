//! Sessions: from a cookie to a viewer.

use access::{Act, Assurance, Factors, Network, Role, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use store::{Account, AccountState, Device, DeviceFindingKind, FactorKind, Fault, Session, Use};

use crate::device::{Place, finding};
use crate::provider::VOUCHED_TWO;
use crate::rules::rules;
use crate::sign_in::NotIn;
use crate::{Identity, chance};

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

/// After how many seconds without a touch a session is locked.
pub fn idle_seconds() -> i64 {
    rules().session.idle().as_secs()
}

impl Identity {
    /// How a cookie that comes from a place stands now. A session that comes from another terminal than the one it began
    /// on is ended.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn standing(&self, cookie: &str, place: &Place, act: &Act) -> Result<Standing, Fault> {
        let now = act.now;
        let Some((session, account)) = self.store.session(chance::hash(cookie)).await? else {
            return Ok(Standing::Out);
        };
        let is_over = session.ended_at.is_some() || session.ends_at <= now || now < session.made_at;
        let Some(viewer) = viewer(&account, Some(&session), now).filter(|_| !is_over) else {
            return Ok(Standing::Out);
        };
        if !self.is_at_home(&session, &viewer, place, act).await? {
            return Ok(Standing::Out);
        }
        if session.seen_at + rules().session.idle() <= now {
            return Ok(Standing::Locked(viewer, session));
        }
        if session.seen_at + SEEN_EVERY <= now {
            self.store.mark_seen(&session, now).await?;
        }
        Ok(Standing::In(viewer, session))
    }

    /// Begins a session without a proof: for the doors of the demo, which is reached from its own machine only.
    ///
    /// # Errors
    /// See [`NotIn`]; [`NotIn::Over`] if the account is not in use.
    pub async fn by_demo_door(&self, account: &str, place: &Place, act: &Act) -> Result<Begun, NotIn> {
        let account = self.store.account(account.to_owned()).await?.ok_or(NotIn::Over)?;
        self.begin(&account, vec![DEMO_DOOR.to_owned()], Vec::new(), place, act).await
    }

    /// Ends the session of a cookie: signing out.
    ///
    /// # Errors
    /// On any [`Fault`] it stands.
    pub async fn sign_out(&self, cookie: &str, place: &Place, act: &Act) -> Result<(), Fault> {
        if let Standing::In(viewer, session) | Standing::Locked(viewer, session) =
            self.standing(cookie, place, act).await?
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

    /// Begins a session for an account that proved itself by `uses` of factors of these kinds, if it may on the terminal
    /// it is on.
    ///
    /// # Errors
    /// [`NotIn::UnregisteredDevice`]; [`NotIn::Over`] if the account is not in use, or one of `uses` was used meanwhile.
    pub(crate) async fn begin(
        &self,
        account: &Account,
        factors: Vec<String>,
        uses: Vec<Use>,
        place: &Place,
        act: &Act,
    ) -> Result<Begun, NotIn> {
        let cookie = chance::secret()?;
        let mut session = Session {
            hash: chance::hash(&cookie),
            id: chance::id()?,
            account: account.id.clone(),
            device: None,
            address: place.address.clone(),
            network: place.network.code().to_owned(),
            agent: place.agent(),
            factors,
            made_at: act.now,
            seen_at: act.now,
            proved_at: act.now,
            ends_at: act.now + rules().session.longest(),
            ended_at: None,
        };
        let viewer = viewer(account, Some(&session), act.now).ok_or(NotIn::Over)?;
        let told = |outcome, rule, device: Option<&Device>| {
            let mut event = on_record(act, audit::Act::SignIn, outcome, &viewer, rule)?;
            event.objects = objects(account, &session.factors, place, device.map(|one| one.id.as_str()));
            Ok::<_, Fault>(event)
        };
        let (rule, device) = match self.admitted(account, place, act.now).await? {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.store.append(None, told(Outcome::Refused, refusal.rule, None)?).await?;
                return Err(NotIn::UnregisteredDevice);
            }
        };
        let event = told(Outcome::Done, rule, device.as_ref())?;
        // Nobody looks after the terminals of those who act for no institution.
        let is_found = device.is_none() && account.institution.is_some();
        let found = is_found.then(|| {
            let institution = account.institution.clone();
            finding(DeviceFindingKind::Unregistered, &account.id, institution, place, act)
        });
        session.device = device.map(|device| device.id);
        let is_begun = self.store.begin_session(session, uses, found.transpose()?, event).await?;
        if is_begun { Ok(Begun { cookie, viewer }) } else { Err(NotIn::Over) }
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
            network: Network::from_code(&proved.network).unwrap_or_default(),
            agent: proved.agent.clone(),
            ..Place::default()
        };
        event.objects = objects(account, &proved.factors, &place, proved.device.as_deref());
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
pub(crate) fn objects(
    account: &Account,
    factors: &[String],
    place: &Place,
    device: Option<&str>,
) -> Vec<String> {
    let agent = place.agent();
    std::iter::once(format!("account/{}", account.id))
        .chain(factors.iter().map(|factor| format!("factor/{factor}")))
        .chain(Some(&place.address).filter(|text| !text.is_empty()).map(|text| format!("address/{text}")))
        .chain(Some(format!("network/{}", place.network.code())))
        .chain(device.map(|device| format!("device/{device}")))
        .chain(Some(agent).filter(|text| !text.is_empty()).map(|text| format!("agent/{text}")))
        .collect()
}
