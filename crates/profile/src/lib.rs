//! What a guide demands.
//!
//! For: reading FHIR packages as their makers left them, finding definitions by canonical, completing profiles into
//! snapshots, knowing which codes a value set holds, and judging documents by all that.
//!
//! Not for: fetching packages, or keeping documents. The only I/O is the folder in which the user keeps packages.
//!
//! A [`Package`] is one guide; a [`Library`] holds those at hand; a [`Resolver`] answers in the scope of one of them;
//! [`Profiles`] are everything they ask, compiled.
//! To add a kind of oddity or of error: a variant, and its words in both `locale/*/packages.toml`.

mod compile;
mod definition;
mod element;
mod judge;
mod pack;
mod package;
mod program;
mod snapshot;
mod terminology;
mod words;

pub use definition::{Context, Derivation, StructureDefinition, StructureKind};
pub use element::{Binding, Constraint, Discriminator, Element, ElementBase, ElementType, Slicing, Strength};
pub use judge::{Profiles, UnknownProfile};
pub use package::{
    Added, Dependency, Imported, Library, Limits, Oddity, OddityKind, Package, PackageError, PackageId,
    Resolver, Resource, Version,
};
pub use snapshot::{Snapshot, SnapshotError};
pub use terminology::{
    Clause, CodeSystem, CodeTable, Concept, Content, Designation, Expansion, Filter, Member, Membership,
    Sheet, SystemCodes, TableForm, Unknown, UnknownKind, Unusable, ValueSet, day,
};
