//! 台帳: one engine for every register. What a register holds is a table in `rules/registers/`, never code.
//!
//! [`Definition`] is such a table; [`Cells`] are the fields of one row as they were checked; `acts` keeps rows and moves
//! them on record; `findings` says what of a register is not as it should be; `cross` compares registers with what the
//! hub sees; [`evidence_of`] makes of that what holds for a control; `sheet` takes registers out
//! to spreadsheets and back in.

mod acts;
mod beside;
mod called;
mod cells;
mod cross;
mod definition;
mod demand;
mod evidence;
mod findings;
mod sheet;

pub use acts::{Edited, NotKept, keep, make, move_row};
pub use called::{Called, keep_calls};
pub use cells::{CellFault, Cells, Wrong, read_cell};
pub use cross::{CROSS_FINDINGS, Examined, Seen, cross_check};
pub use definition::{Definition, Field, FieldType, Keeper, Move, register, registers};
pub use evidence::{Standing, evidence_of};
pub use findings::{Finding, findings_of};
pub use sheet::{
    Beside, ID_COLUMN, Names, STATE_COLUMN, SheetFault, SheetPlan, SheetWrong, VERSION_COLUMN, carry_out,
    lines, plan,
};
