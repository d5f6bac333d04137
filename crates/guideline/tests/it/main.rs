//! The room from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod change;
mod route;
mod standing;
