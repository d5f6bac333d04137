//! Who may.
//!
//! A [`Viewer`] is whoever the door let in. [`policy`] holds the written rules, and the one function that puts every act
//! before them; nothing is permitted that no rule permits. [`decide()`] turns a question about a person's record into a
//! `Permit` or a refusal, by a named rule: it works out the facts from grants, wishes, disasters and the time, which are
//! arguments, and how far a permit reaches.

mod act;
mod administration;
mod apps;
mod assurance;
mod consent;
mod decide;
mod device;
mod figures;
mod interest;
mod leave;
mod patient_door;
pub mod policy;
mod powers;
mod role;
mod scopes;
mod sending;
mod service;
mod token;
mod viewer;

pub use act::{Act, on_record};
pub use administration::{Concern, may_administer, may_end_sessions};
pub use apps::may_let_app_in;
pub use assurance::{Assurance, Factors};
pub use consent::{ConsentGroup, consent_groups, emergency_scopes, scope};
pub use decide::{Asked, Decision, Question, RULES, Refusal, decide, for_retention, may_read_record};
pub use device::{Network, Unregistered, may_sign_in_on};
pub use figures::may_see_figures;
pub use interest::{Interest, interests, may_see_notices, may_subscribe};
pub use leave::{Hindrance, LONGEST_GRANT, end_of, hindrance, newest_wish, refusal};
pub use patient_door::{
    may_answer, may_ask, may_list_inquiries, may_list_proxies, may_register_proxy, may_see_proxies,
};
pub use policy::Action;
pub use powers::{
    POWERS, may_declare, may_hand_in_consent, may_join_persons, may_list_reviews, may_open_in_disaster,
    may_open_in_emergency, may_review, may_revoke, may_simulate, may_wish,
};
pub use role::Role;
pub use scopes::{ACCOUNTS_SCOPE, Deeds, Level, Scope, Scopes, UnknownScope};
pub use sending::{
    may_cancel, may_follow, may_list_own_referrals, may_list_referrals, may_open_referral, may_register,
};
pub use service::{may_find_destinations, may_read_masters};
pub use store::Purpose;
pub use token::{NewToken, TokenFault, authenticate, new_token, token_hash, viewer_of};
pub use viewer::{StandsFor, Viewer};
