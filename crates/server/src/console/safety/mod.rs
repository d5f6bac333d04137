//! Safety management (安全管理): one file per page.

mod bars;
mod changes;
mod diagram;
mod executive;
mod field;
mod findings;
mod guideline;
mod inspection;
mod item;
mod measured;
mod packs;
mod path;
mod permission;
mod register_import;
mod register_list;
mod register_row;
mod registers;
mod row_view;
mod support;
mod today;

pub(crate) use changes::changes;
pub(crate) use diagram::diagram_page;
pub(crate) use executive::executive;
pub(crate) use findings::findings;
pub(crate) use guideline::guideline;
pub(crate) use inspection::{inspection, inspection_file};
pub(crate) use item::{answer_item, item};
pub(crate) use packs::{change_links, make_pack, pack_page, packs, take_pack};
pub(crate) use path::path;
pub(crate) use register_import::{export_register, import_register, import_register_page};
pub(crate) use register_list::register_list;
pub(crate) use register_row::{change_row, make_row, new_row, register_row};
pub(crate) use registers::register_index;
pub(crate) use support::support;
pub(crate) use today::{run_checks, today};
