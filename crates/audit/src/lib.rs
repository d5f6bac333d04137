//! The record of who did what.
//!
//! An [`Event`] is one act by one actor, permitted or refused, with the rule that decided. It is written in the
//! same transaction as the act it tells of, and before any answer leaves. This room does no I/O: `store` keeps
//! events, `server` shows them, and [`as_fhir`] puts them in the form other people's tools read.

mod event;
mod fhir;

pub use event::{Act, Actor, Event, EventId, Measures, OnBehalf, Outcome, Shown};
pub use fhir::as_fhir;
