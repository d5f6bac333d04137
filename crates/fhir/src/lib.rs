//! What a document is.
//!
//! For: reading FHIR R4 JSON once into a tree that borrows the bytes, judging it against R4's base and the
//! rules of 電子カルテ情報共有サービス, and saying what is wrong in words a person can act on.
//!
//! Not for: keeping, sending or permitting anything; those are other rooms. No clock, no I/O, no network.
//!
//! To add one more rule: a row in `rules/clins.toml`, a function in [`rules`](self) by subject, and words for it in
//! `locale/*/findings.toml`. To add one more finding: a row in `rules/findings.toml` and words likewise.

pub mod attachment;
pub mod bundle;
pub mod finding;
pub mod json;
pub mod likeness;
pub mod narrative;
pub mod path;
pub mod r4;
mod rules;
pub mod systems;
pub mod validate;
mod words;
