//! Safety management (安全管理): one file per page.

mod field;
mod findings;
mod inspection;
mod packs;
mod permission;
mod register_list;
mod register_row;
mod registers;

pub(crate) use findings::findings;
pub(crate) use inspection::{inspection, inspection_file};
pub(crate) use packs::{change_links, make_pack, pack_page, packs, take_pack};
pub(crate) use register_list::register_list;
pub(crate) use register_row::{change_row, make_row, new_row, register_row};
pub(crate) use registers::register_index;
