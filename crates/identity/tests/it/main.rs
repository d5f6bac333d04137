//! What this room promises, over a real store, by a clock that the test holds.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access_review;
mod alerts;
mod devices;
mod exceptions;
mod house;
mod life;
mod region;
mod roster;
mod sessions;
mod world;
