//! The hub as strangers meet it: over HTTP and at the command line, through the real program.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what was left out, and what was counted, is told")]

mod access_review;
mod alerts;
mod apps_console;
mod authenticator;
mod bad_sign_in;
mod bcp;
mod bench;
mod browser;
mod certificate;
mod checkup;
mod cli;
mod consent;
mod crash;
mod day;
mod device;
mod directory;
mod disaster;
mod emergency;
mod faults;
mod figures;
mod guideline;
mod hub;
mod incidents;
mod input;
mod ips;
mod master;
mod matrix;
mod operation;
mod package;
mod packs;
mod patient_door;
mod persons;
mod policy;
#[path = "../../../../tests/postgres.rs"]
mod postgres;
mod projections;
mod provider;
mod provisioning;
mod receiver;
mod register;
mod registers;
mod reports;
mod safety;
mod sign_in;
mod smart;
mod subscription;
mod summary;
mod terminal;
mod transcript;
mod validate;
mod view;
