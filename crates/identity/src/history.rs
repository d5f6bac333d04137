//! Sign-ins with an account, as its holder and those who keep it read them: out of the record of acts.

use audit::{Event, Outcome};
use jiff::Timestamp;
use store::{Fault, Page};

use crate::Identity;

/// How far back a list of sign-ins reaches.
const SHOWN: u16 = 30;

/// Something that was done or tried with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: SignInKind,
    /// The address it came from, where that is on record.
    pub address: Option<String>,
    /// The registered device.
    pub device: Option<String>,
    /// What the browser called itself.
    pub agent: Option<String>,
    /// Codes of what it was proved with.
    pub factors: Vec<String>,
}

/// What was done or tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInKind {
    /// Somebody signed in.
    SignedIn,
    /// They proved themselves again.
    ProvedAgain,
    /// Somebody tried in vain.
    Refused,
    /// Somebody tried in vain, so often that the account rests for a while.
    Locked,
    /// A session was ended.
    Ended,
}

impl Identity {
    /// The last sign-ins with an account, newest first, at most thirty.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn sign_ins(&self, account: &str, now: Timestamp) -> Result<Vec<SignIn>, Fault> {
        // What this instant still brings belongs to it.
        let page = Page { before: now + jiff::SignedDuration::from_secs(1), limit: SHOWN };
        let events = self.store.sign_ins_of(account.to_owned(), page).await?;
        Ok(events.iter().map(SignIn::of).collect())
    }
}

impl SignIn {
    fn of(event: &Event) -> Self {
        let after = |mark: &'static str| {
            event.objects.iter().filter_map(move |one| one.strip_prefix(mark).map(str::to_owned))
        };
        Self {
            at: event.at,
            kind: SignInKind::of(event),
            address: after("address/").next(),
            device: after("device/").next(),
            agent: after("agent/").next(),
            factors: after("factor/").collect(),
        }
    }
}

impl SignInKind {
    pub(crate) fn of(event: &Event) -> Self {
        let is_locked = event.objects.iter().any(|object| object == "locked");
        match (event.outcome, event.rule.as_str()) {
            (Outcome::Refused, _) if is_locked => Self::Locked,
            (Outcome::Refused, _) => Self::Refused,
            (Outcome::Done, "signed-out") => Self::Ended,
            (Outcome::Done, "proved-again") => Self::ProvedAgain,
            (Outcome::Done, _) => Self::SignedIn,
        }
    }

    /// The code that lists show.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::ProvedAgain => "proved-again",
            Self::Refused => "refused",
            Self::Locked => "locked",
            Self::Ended => "ended",
        }
    }
}
