//! Identity that others vouch for: an institution's own OpenID provider for its people, an adapter for patients.
//!
//! `registration` keeps providers, `demands` judges what they show of a sign-in, `call` talks to them, `token` believes
//! an ID token or not, `ceremony` leads a browser there and back, `entering` opens the session. `card` is the simulated
//! card of the demo: another adapter, which ends in the same [`ProvenPerson`].

mod call;
mod card;
mod ceremony;
mod demands;
mod entering;
mod registration;
mod rules;
mod token;

pub use card::SimulatedCard;
pub use ceremony::{Asked, NotVouched, Occasion, Returned, Vouched};
pub use demands::Demands;
pub use entering::ProvenPerson;
pub use registration::{ClientProof, NewProvider, NotTaken, PersonClaim, Terms};

pub(crate) use call::Known;
pub(crate) use demands::VOUCHED_TWO;
pub(crate) use entering::vouching_name;
