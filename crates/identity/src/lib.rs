//! Who it is.
//!
//! An account belongs to one human being in one institution and one role. Its holder proves themselves with a passkey,
//! a password and a code, or by an identity that another vouches for; then their browser has a
//! [`Session`](store::Session), and each request of it becomes an [`access::Viewer`]. What a viewer may do is decided in
//! `access`.
//!
//! Attackers are told nothing: wrong login, wrong password and locked account read the same and take the same time.

mod access_review;
mod account;
mod alert;
pub mod app;
mod attempts;
mod certificate;
mod chance;
mod deed;
mod device;
mod enrolment;
mod exception;
mod factors;
mod history;
mod login;
mod passkey;
mod password;
mod proof;
mod provider;
mod proxy;
mod recovery;
pub mod roster;
mod rules;
mod sessions;
mod sign_in;
mod stale;
mod totp;

use std::sync::Arc;

use store::{Fault, Store};
use webauthn_rs::prelude::Url;

pub use access_review::{Answer, LapsedRights, NewAccessReview, NotAnswered, NotOpened, evidence};
pub use account::{ADMINISTRATORS, Invited, NewAccount, NotMade, NotMoved, OFFERED, Proofing};
pub use alert::{AlertRule, BadThreshold, NoNote, Watch, alert_rules, is_about, threshold_of};
pub use certificate::NoCertificate;
pub use deed::{Change, Decide, Deed, NotDone, NotWanted, Wanted};
pub use device::{
    BadNetwork, Networks, NewDevice, NotAsked, NotKnown, NotSetUp, Place, ToldCode, longest_personal_days,
    personal_conditions,
};
pub use enrolment::{Enrolled, Enrolment, NotEnrolled, Welcome};
pub use exception::{NotExcepted, Second, longest_exception_days};
pub use factors::Held;
pub use history::{SignIn, SignInKind};
pub use login::{BadLogin, Login};
pub use password::{PasswordTrial, WeakPassword, try_password_rule};
pub use provider::{
    Asked, ClientProof, Demands, NewProvider, NotTaken, NotVouched, Occasion, PersonClaim, ProvenPerson,
    Returned, SimulatedCard, Terms, Vouched,
};
pub use proxy::{NewProxy, NotProxy};
pub use rules::{LockRule, lock_rule};
pub use sessions::{Begun, DEMO_DOOR, Standing, idle_seconds};
pub use sign_in::{NextStep, NotIn};
pub use stale::{Stale, idle_days};
pub use totp::Setup;

/// Accounts, factors and sessions over an open store.
pub struct Identity {
    store: Arc<Store>,
    passkeys: Option<passkey::Passkeys>,
    hashing: password::Hashing,
    attempts: attempts::Attempts,
    known_providers: provider::Known,
    /// How this hub calls itself in an authenticator.
    site: String,
}

impl Identity {
    /// Over a store, for a hub that browsers reach at `base_url`. There are no passkeys where that names the hub by a
    /// number: they belong to a name (WebAuthn level 3 §5.1.2).
    pub fn new(store: Arc<Store>, base_url: &str, site: &str) -> Self {
        let passkeys = Url::parse(base_url).ok().and_then(|url| passkey::Passkeys::new(&url, site));
        let hashing = password::Hashing::new();
        Self {
            store,
            passkeys,
            hashing,
            attempts: attempts::Attempts::default(),
            known_providers: provider::Known::default(),
            site: site.to_owned(),
        }
    }

    /// Whether passkeys can be used at this hub's address.
    pub fn has_passkeys(&self) -> bool {
        self.passkeys.is_some()
    }
}

/// What a table or a row of this room says cannot be so.
fn damaged(what: &'static str) -> Fault {
    Fault::Damaged(what)
}
