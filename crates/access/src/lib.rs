//! Who may.
//!
//! A [`Viewer`] is whoever the door let in; [`decide()`] is the one function that turns a question about a person's
//! record into a `Permit` or a refusal, by a named rule. It is pure: grants, wishes, disasters and the time are
//! arguments. Nothing is permitted that no rule permits.

mod consent;
mod decide;
mod figures;
mod interest;
mod leave;
mod powers;
mod service;
mod token;
mod viewer;

pub use consent::{ConsentGroup, consent_groups, emergency_scopes, scope};
pub use decide::{Asked, Decision, Question, RULES, Refusal, decide, for_retention, may_read_record};
pub use figures::may_see_figures;
pub use interest::{Interest, interests, may_see_notices, may_subscribe};
pub use leave::{Hindrance, LONGEST_GRANT, end_of, hindrance, newest_wish, refusal};
pub use powers::{
    POWERS, may_declare, may_hand_in_consent, may_join_persons, may_list_reviews, may_open_in_disaster,
    may_open_in_emergency, may_review, may_revoke, may_simulate, may_wish,
};
pub use service::{may_find_destinations, may_read_masters};
pub use store::Purpose;
pub use token::{NewToken, TokenFault, authenticate, new_token, token_hash};
pub use viewer::{Role, Viewer};
