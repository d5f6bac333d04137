//! What time does to sessions, invitations and wrong attempts: with the clock in the test's hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod life;
mod sessions;
mod world;
