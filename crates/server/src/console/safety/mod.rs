//! Safety management (安全管理): one file per page.

mod field;
mod findings;
mod permission;
mod register_list;
mod register_row;
mod registers;
mod today;

pub(crate) use findings::findings;
pub(crate) use register_list::register_list;
pub(crate) use register_row::{change_row, make_row, new_row, register_row};
pub(crate) use registers::register_index;
pub(crate) use today::{run_checks, today};
