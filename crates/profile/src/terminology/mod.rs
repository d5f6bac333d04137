//! Which codes there are, which of them a value set holds, and how they may be displayed.

mod clause;
mod code_system;
mod expand;
mod expansion;
mod filter;
mod grammar;
mod import;
mod set;
mod sheet;
mod table;
mod value_set;

pub use code_system::{CodeSystem, Concept, Content, Designation};
pub use expansion::{Expansion, Member, Membership, SystemCodes, Unknown, UnknownKind};
pub use import::{TableForm, Unusable};
pub use sheet::{Sheet, day};
pub use table::CodeTable;
pub use value_set::{Clause, Filter, ValueSet};

pub(crate) use expand::expand;
pub(crate) use grammar::has_form;
pub(crate) use import::read as read_table;
