//! What institutions do, with the clock in the test's hand: single promises, and sequences of everything anybody can
//! do, held against a simple model.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what was left out, and what was counted, is told")]

mod letters;
mod model;
mod opposites;
mod periods;
#[expect(dead_code, reason = "only the crash tests crash a server")]
#[path = "../../../../tests/postgres.rs"]
mod postgres;
mod sequences;
mod step;
mod world;
