//! What a page shows of a row: its fields, the steps its reader can make, and its history.

use safety::register::{Cells, Definition, Field};
use store::{RegisterRow, RegisterVersion};

use super::field::{label, shown};
use super::permission::can_write;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::time::minute;

/// A row as it stands.
pub(super) struct RowView {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) is_over: bool,
    pub(super) facts: Vec<(String, String)>,
}

/// A step that can be made.
pub(super) struct MoveView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) needs_note: bool,
}

/// A version of the row.
pub(super) struct VersionView {
    pub(super) deed: String,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) note: String,
    pub(super) changes: Vec<String>,
}

pub(super) fn row_view(frame: &Frame, definition: &Definition, row: &RegisterRow, cells: &Cells) -> RowView {
    let fact = |field: &Field| (label(frame, &field.code), shown(frame, field, cells.text(&field.code)));
    RowView {
        id: row.id.clone(),
        state: frame.word(&format!("register-state.{}", row.state)).to_owned(),
        is_over: row.is_over,
        facts: definition.fields.iter().map(fact).filter(|(_, text)| !text.is_empty()).collect(),
    }
}

pub(super) fn moves(
    frame: &Frame,
    reader: &Reader,
    definition: &Definition,
    row: &RegisterRow,
) -> Vec<MoveView> {
    let may = definition.moves_from(&row.state).filter(|one| can_write(reader, one.by, Some(row)));
    may.map(|one| MoveView {
        code: one.code.clone(),
        name: frame.word(&format!("register-move.{}", one.code)).to_owned(),
        needs_note: one.note,
    })
    .collect()
}

/// Every version with what it changed, the newest first.
pub(super) fn version_views(
    frame: &Frame,
    definition: &Definition,
    versions: &[RegisterVersion],
) -> Vec<VersionView> {
    let cells: Vec<Cells> = versions.iter().map(|one| Cells::parse(&one.cells)).collect();
    let view = |(index, one): (usize, &RegisterVersion)| {
        let now = &cells[index];
        let before = cells.get(index + 1);
        let change = |field: &Field| {
            let before = before?.text(&field.code);
            let after = now.text(&field.code);
            (before != after).then(|| {
                let (before, after) = (shown(frame, field, before), shown(frame, field, after));
                format!("{}：{before} → {after}", label(frame, &field.code))
            })
        };
        VersionView {
            deed: frame.word(&format!("register-move.{}", one.deed)).to_owned(),
            by: one.by.name.clone(),
            at: minute(one.at),
            note: one.note.clone(),
            changes: definition.fields.iter().filter_map(change).collect(),
        }
    };
    versions.iter().enumerate().map(view).collect()
}
