//! A browser goes to a provider and comes back: once, the same browser, within minutes.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use serde::{Deserialize, Serialize};
use store::{Fault, Provider, ProviderKind};

use crate::device::Place;
use crate::provider::call::{self, CallFault, Errand};
use crate::provider::registration::terms;
use crate::provider::token::{Identified, TokenFault};
use crate::provider::{ProvenPerson, entering};
use crate::sessions::{Begun, Standing};
use crate::sign_in::NotIn;
use crate::{Identity, chance, damaged, rules};

/// What somebody goes to a provider for.
#[derive(Clone, Copy, Debug)]
pub enum Occasion<'a> {
    /// To sign in.
    SignIn,
    /// To set up the account of an invitation, whose link carries this.
    Invited(&'a str),
    /// To link their subject to the account of their session, which this cookie holds. Wants a fresh proof.
    Link(&'a str),
    /// To prove themselves again in the session that this cookie holds.
    Proof(&'a str),
}

/// Where a browser is sent.
#[derive(Debug)]
pub struct Asked {
    /// What the browser's cookie holds until it comes back.
    pub cookie: String,
    /// The provider's address.
    pub url: String,
}

/// What a browser brings back.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// The code, unless the provider declined.
    pub code: Option<String>,
    /// What the hub sent along.
    pub state: Option<String>,
    /// Who the provider says it is (RFC 9207).
    pub iss: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub enum Vouched {
    /// A session began or goes on; where its holder wanted to go.
    In(Begun, String),
    /// A subject was linked to the holder's account.
    Linked,
    /// A patient: which person it is, the caller finds by their number.
    Person(ProvenPerson, String),
}

/// Why nobody was let in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotVouched {
    /// There is no such provider, or not for this.
    #[error("there is no such provider")]
    NotThere,
    /// Too many attempts in vain came from this address: nothing was looked at.
    #[error("too many attempts from this address")]
    TooMany,
    /// It took too long, came twice, or came back in another browser: begin again.
    #[error("this sign-in is over")]
    Over,
    /// The provider let nobody in, or its user did not want to.
    #[error("the provider declined")]
    Declined,
    /// The provider does not answer.
    #[error("the provider does not answer")]
    Unreachable,
    /// What the provider answered is not believed; why stands on record.
    #[error("the provider's answer is not believed")]
    Unproven,
    /// The provider showed less than was agreed.
    #[error("the provider showed less than two factors, or not what was agreed")]
    Weak,
    /// The subject is no account's that is in use.
    #[error("the subject belongs to no account in use")]
    Unlinked,
    /// The subject is another account's already.
    #[error("the subject is another account's")]
    Taken,
    /// The subject is not the one whose session this is, or the invitation does not hold.
    #[error("the subject is not whose session this is")]
    NotYours,
    /// The card's PIN was wrong.
    #[error("the PIN was wrong")]
    WrongPin,
    /// The institution refuses terminals it does not know, and this is one.
    #[error("the terminal is not registered, and the institution refuses such")]
    UnregisteredDevice,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// What is kept of a sign-in while its browser is away.
#[derive(Serialize, Deserialize)]
struct Awaiting {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    purpose: Purpose,
    next: String,
    /// The secret of the terminal, which browsers do not show when another site sends them back.
    secret: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum Purpose {
    SignIn,
    Invited(String),
    Link([u8; 32]),
    Proof([u8; 32]),
}

const KIND: &str = "provider";
/// Codes, states and names that come by an address are at most this long.
const LONGEST_RETURNED: usize = 2048;

impl Identity {
    /// Sends a browser to a provider. `redirect` is the address of this hub it comes back to, `next` where its user wants
    /// to go.
    ///
    /// # Errors
    /// See [`NotVouched`].
    pub async fn ask_provider(
        &self,
        id: &str,
        occasion: Occasion<'_>,
        redirect: &str,
        next: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Asked, NotVouched> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotVouched::TooMany);
        }
        let provider = self.store.provider(id.to_owned()).await?.ok_or(NotVouched::NotThere)?;
        let purpose = self.purpose(&provider, occasion, place, act).await?;
        let errand = Errand {
            redirect: redirect.to_owned(),
            state: chance::secret()?,
            nonce: chance::secret()?,
            verifier: chance::secret()?,
        };
        let metadata = self.known_providers.of(&provider, act.now).await?;
        let url = call::address(&metadata, &provider, &errand, rules::rules().session.fresh())?;
        let Errand { state, nonce, verifier, .. } = errand;
        let (provider, next) = (provider.id, next.to_owned());
        let secret = place.secret.clone();
        let awaiting = Awaiting { provider, state, nonce, verifier, purpose, next, secret };
        let awaiting = serde_json::to_vec(&awaiting).map_err(|_| damaged("a sign-in elsewhere"))?;
        Ok(Asked { cookie: self.keep_step(KIND, None, awaiting, act).await?, url })
    }

    /// A browser comes back from a provider, with the cookie of [`Asked`].
    ///
    /// # Errors
    /// See [`NotVouched`]; whatever was tried in vain is counted and on record.
    pub async fn with_provider(
        &self,
        id: &str,
        cookie: &str,
        returned: Returned,
        redirect: &str,
        place: &Place,
        act: &Act,
    ) -> Result<Vouched, NotVouched> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotVouched::TooMany);
        }
        let taken = self.store.take_ceremony(chance::hash(cookie), act.now).await?;
        let taken = taken.filter(|taken| taken.kind == KIND).ok_or(NotVouched::Over)?;
        let awaiting: Awaiting =
            serde_json::from_slice(&taken.state).map_err(|_| damaged("a sign-in elsewhere"))?;
        let Awaiting { provider, state, nonce, verifier, purpose, next, secret } = awaiting;
        let place = &Place { secret, ..place.clone() };
        // Hashes are compared, so that the time it takes tells nothing.
        let is_same = returned.state.as_deref().map(chance::hash) == Some(chance::hash(&state));
        if !is_same || provider != id {
            return Err(self.in_vain(NotVouched::Over, id, "state", place, act).await?);
        }
        let provider = self.store.provider(provider).await?.ok_or(NotVouched::NotThere)?;
        if returned.iss.is_some_and(|iss| iss != provider.issuer) {
            return Err(self.in_vain(NotVouched::Unproven, id, "issuer", place, act).await?);
        }
        let code = returned.code.filter(|code| (1..=LONGEST_RETURNED).contains(&code.len()));
        let Some(code) = code else {
            return Err(self.in_vain(NotVouched::Declined, id, "declined", place, act).await?);
        };
        let errand = Errand { redirect: redirect.to_owned(), state, nonce, verifier };
        let identified = match self.identified(&provider, &errand, code, act).await {
            Ok(identified) => identified,
            Err(NotIdentified::Call(CallFault::Store(fault))) => return Err(fault.into()),
            Err(NotIdentified::Call(CallFault::Unreachable)) => return Err(NotVouched::Unreachable),
            Err(why) => {
                return Err(self.in_vain(NotVouched::Unproven, id, why.code(), place, act).await?);
            }
        };
        let demands = terms(&provider)?.demands;
        let Some(proved) = demands.met_by(identified.acr.as_deref(), &identified.amr) else {
            return Err(self.in_vain(NotVouched::Weak, id, "weak", place, act).await?);
        };
        let entry = entering::Entry { provider, identified, proved, purpose, next };
        match self.enter(entry, place, act).await {
            Err(why @ (NotVouched::Unlinked | NotVouched::Taken | NotVouched::NotYours)) => {
                Err(self.in_vain(why, id, "no-account", place, act).await?)
            }
            entered => entered,
        }
    }

    /// What an occasion is for this provider, if it is for that at all.
    async fn purpose(
        &self,
        provider: &Provider,
        occasion: Occasion<'_>,
        place: &Place,
        act: &Act,
    ) -> Result<Purpose, NotVouched> {
        if provider.kind == ProviderKind::Patient
            && !matches!(occasion, Occasion::SignIn | Occasion::Proof(_))
        {
            return Err(NotVouched::NotThere);
        }
        match occasion {
            Occasion::SignIn => Ok(Purpose::SignIn),
            Occasion::Invited(link) => Ok(Purpose::Invited(link.to_owned())),
            Occasion::Link(cookie) => match self.standing(cookie, place, act).await? {
                Standing::In(viewer, session) if viewer.assurance.is_fresh => Ok(Purpose::Link(session.hash)),
                _ => Err(NotVouched::NotYours),
            },
            Occasion::Proof(cookie) => match self.standing(cookie, place, act).await? {
                Standing::In(_, session) | Standing::Locked(_, session) => Ok(Purpose::Proof(session.hash)),
                Standing::Out => Err(NotVouched::NotYours),
            },
        }
    }

    /// What the provider says of whoever brought the code. Keys that have changed meanwhile are fetched.
    async fn identified(
        &self,
        provider: &Provider,
        errand: &Errand,
        code: String,
        act: &Act,
    ) -> Result<Identified, NotIdentified> {
        let metadata = self.known_providers.of(provider, act.now).await?;
        let token = call::exchange(metadata.clone(), provider, errand, code, act.now).await?;
        let oldest = rules::rules().session.fresh();
        match Identified::by(&token, &metadata, provider, &errand.nonce, oldest, act.now) {
            Err(TokenFault::UnknownKey) => {
                let metadata = self.known_providers.anew(provider, act.now).await?;
                Ok(Identified::by(&token, &metadata, provider, &errand.nonce, oldest, act.now)?)
            }
            identified => Ok(identified?),
        }
    }

    /// Counts what was tried in vain with its address, and puts it on record with what was wrong.
    pub(super) async fn in_vain(
        &self,
        why: NotVouched,
        provider: &str,
        fault: &str,
        place: &Place,
        act: &Act,
    ) -> Result<NotVouched, Fault> {
        self.attempts.count(&place.address, act.now);
        tracing::warn!(provider, fault, "another's sign-in was not taken");
        let nobody = Viewer::nobody();
        let mut event = on_record(act, audit::Act::SignIn, Outcome::Refused, &nobody, "wrong-proof")?;
        event.objects = vec![format!("provider/{provider}"), format!("fault/{fault}")];
        self.store.append(None, event).await?;
        Ok(why)
    }
}

#[derive(Debug, thiserror::Error)]
enum NotIdentified {
    #[error(transparent)]
    Call(#[from] CallFault),
    #[error(transparent)]
    Token(#[from] TokenFault),
}

impl NotIdentified {
    fn code(&self) -> &'static str {
        match self {
            Self::Call(CallFault::Code) => "code",
            Self::Call(_) => "no-token",
            Self::Token(fault) => fault.code(),
        }
    }
}

impl From<NotIn> for NotVouched {
    fn from(not_in: NotIn) -> Self {
        match not_in {
            NotIn::Store(fault) => Self::Store(fault),
            NotIn::UnregisteredDevice => Self::UnregisteredDevice,
            _ => Self::Unlinked,
        }
    }
}

impl From<CallFault> for NotVouched {
    fn from(fault: CallFault) -> Self {
        match fault {
            CallFault::Store(fault) => Self::Store(fault),
            CallFault::Unreachable | CallFault::Code | CallFault::NoToken => Self::Unreachable,
        }
    }
}
