//! R4's base: structure, formats, required codes, references and invariants.
//!
//! For: what every FHIR R4 document must keep, whatever its profile. Not for: profiles and the service's rules.
//! The facts stand in `tables/r4.txt`, made by `cargo xtask regen r4`. They hold R4's invariants too;
//! `invariants.rs` judges them.

mod address;
mod binding;
mod bundle;
mod constraints;
mod facts;
mod format;
mod invariants;
mod reference;
pub(crate) mod tables;
mod walk;

use std::borrow::Cow;

pub use facts::{ElementFacts, TypeId};

use crate::finding::Drafts;
use crate::json::Node;
use crate::validate::Judge;
use constraints::constraints;
use tables::tables;

/// The judge of R4's base.
pub(crate) struct Base {
    advice: bool,
}

impl Base {
    /// Unfolds the tables, once in a process. With `advice`, best practices are told as well.
    pub(crate) fn new(advice: bool) -> Self {
        let _ = (tables(), constraints());
        Self { advice }
    }
}

impl Judge for Base {
    fn judge(&self, root: Node<'_>, drafts: &mut Drafts) {
        walk::resource(root, drafts, self.advice);
    }
}

/// The FHIRPath name of a JSON name: `valueQuantity` is `value.ofType(Quantity)`, `_birthDate` is `birthDate`.
pub(crate) fn path_name(name: &str) -> Cow<'_, str> {
    let plain = name.strip_prefix('_').unwrap_or(name);
    match tables().choice(plain) {
        Some((base, kind)) => format!("{base}.ofType({kind})").into(),
        None => plain.into(),
    }
}

/// Whether R4 has a type or an element of this name.
pub(crate) fn is_known_name(name: &str) -> bool {
    tables().knows(name)
}

/// The types of resources that can stand alone, by name.
pub(crate) fn resource_types() -> Vec<&'static str> {
    tables().resource_types()
}
