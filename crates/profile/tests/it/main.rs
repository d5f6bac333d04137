//! The room's tests: each tells one story, and its name is the sentence.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod data;
mod hostile;
mod judge;
mod library;
mod pack;
mod packages;
mod snapshots;
mod tables;
mod terminology;
