//! The hub as strangers meet it: over HTTP and at the command line, through the real program.

mod cli;
mod crash;
mod faults;
mod hub;
mod input;
#[path = "../../../../tests/postgres.rs"]
mod postgres;
mod register;
mod view;
