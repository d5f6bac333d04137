//! Apps of vendors: what proves one, what somebody let it do, and the token it gets for that.
//!
//! A backend proves itself by a signed assertion (`assertion.rs`, `keys.rs`) and gets a token for its institution. An app
//! that somebody opened brings the code that their consent made (`asking.rs`). `lending.rs` makes both kinds of token.

mod asking;
mod assertion;
mod client;
mod keys;
mod lending;
mod register;
mod signing;

pub use asking::{Asking, CODE_LIFE, NotAsked, is_repeated, let_in};
pub use assertion::{AssertionFault, LONGEST_ASSERTION, LONGEST_LIFE, Presented, Proven};
pub use client::{Client, ClientFault, prove, public};
pub use keys::{KeySet, KeySetFault, MachineKey};
pub use lending::{LendFault, Loan, lend_by_code, lend_to_backend};
pub use register::{NotRegistered, Registration};
pub use signing::{Curve, SigningFault, SigningKey};
