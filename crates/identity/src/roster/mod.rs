//! 名簿: the accounts of an institution as a list that spreadsheets read, and back.
//!
//! `sheet.rs` knows the columns and nothing of accounts. `plan.rs` works out row by row what a list would do;
//! what was planned is carried out whole or not at all.

mod plan;
mod sheet;
mod writing;

pub use plan::{Plan, PlannedRow};
pub use sheet::{COLUMNS, Found, LARGEST_BYTES, MOST_ROWS, SheetFault, SheetRow, read};
