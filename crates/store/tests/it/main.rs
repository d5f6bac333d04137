//! What the store promises, on every engine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what was left out, and what was counted, is told")]

mod accounts;
mod apps;
mod contract;
mod devices;
mod engines;
mod keyring;
mod notices;
mod persons;
mod plans;
#[expect(dead_code, reason = "only the crash tests crash a server")]
#[path = "../../../../tests/postgres.rs"]
mod postgres;
mod providers;
mod registers;
mod reporters;
mod seal;
mod watching;
