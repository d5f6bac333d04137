//! Which codes there are, which of them a value set holds, and how they may be displayed.

mod clause;
mod code_system;
mod expand;
mod expansion;
mod filter;
mod set;
mod value_set;

pub use code_system::{CodeSystem, Concept, Content, Designation};
pub use expansion::{Expansion, Member, Membership, SystemCodes, Unknown, UnknownKind};
pub use value_set::{Clause, Filter, ValueSet};

pub(crate) use expand::expand;
