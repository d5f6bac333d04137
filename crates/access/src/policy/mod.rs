//! The written rules: `rules/policy/*.cedar`, and the one function that puts a case before them.
//!
//! A policy permits or forbids; nothing is permitted that no policy permits, and one that forbids outweighs all that
//! permit. An institution may add what forbids ([`Narrowing`]), never what permits.

mod action;
mod axes;
mod case;
mod facts;
mod laws;
mod matrix;
mod names;
mod narrow;
mod remembered;

pub use action::Action;
pub use axes::{Setting, facts_asked, settings};
pub use case::{Case, Explained, explain};
pub use facts::{Facts, Step};
pub use matrix::{Cell, matrix};
pub use narrow::{Narrowing, NarrowingFault, narrow, narrowed};

use crate::{Refusal, Viewer};

/// Whether a viewer may do something, and by which rule.
///
/// # Errors
/// The refusing rule.
pub fn rule(viewer: &Viewer, action: Action, facts: &Facts) -> Result<&'static str, Refusal> {
    let narrowing = viewer.institution.as_deref().and_then(narrowed);
    Case::of(viewer, facts).rule(action, narrowing.as_deref())
}
