//! What this room promises, from facts laid beside each other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod pack;
mod reports;
