//! What the store promises, on every engine.

mod contract;
mod engines;
mod keyring;
#[expect(dead_code, reason = "only the crash tests crash a server")]
#[path = "../../../../tests/postgres.rs"]
mod postgres;
