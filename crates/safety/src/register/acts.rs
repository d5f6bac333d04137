//! Rows made, changed and moved: each with its event in the same commit.

use access::{Act, Viewer, on_record};
use audit::{Event, Outcome};
use store::{Fault, Holder, RegisterDeed, RegisterRow, RegisterVersion, Store, random};

use super::cells::{CellFault, Cells, Wrong};
use super::definition::{Definition, Move};

/// A row whose fields were changed, and from which version on.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The row that was before its editor.
    pub row: RegisterRow,
    /// What its fields are to say.
    pub cells: Cells,
}

/// Why a row was not kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotKept {
    /// Fields that cannot stand as they are.
    #[error("some fields cannot stand as they are")]
    Cells(Vec<CellFault>),
    /// Somebody changed the row meanwhile: as it stands now.
    #[error("somebody changed the row meanwhile")]
    Outdated(Box<RegisterRow>),
    /// In its state the row cannot be changed, or not moved like this.
    #[error("the row is in another state")]
    State,
    /// Whoever wrote it, or takes it out, cannot say yes to it.
    #[error("somebody else must do this")]
    FourEyes,
    /// Something must be said with it.
    #[error("something must be said with it")]
    Note,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Most characters of what is said with a move.
const LONGEST_NOTE: usize = 500;

/// Makes a row; answers its id.
///
/// # Errors
/// See [`NotKept`].
pub async fn make(
    store: &Store,
    by: &Viewer,
    rule: &str,
    institution: &str,
    definition: &Definition,
    cells: Cells,
    act: &Act,
) -> Result<String, NotKept> {
    let row = new_row(by, institution, definition, &cells, act)?;
    let id = row.id.clone();
    write(store, by, rule, vec![row], "made", "", act).await?;
    Ok(id)
}

/// Keeps what the fields of a row are to say.
///
/// # Errors
/// See [`NotKept`].
pub async fn keep(
    store: &Store,
    by: &Viewer,
    rule: &str,
    definition: &Definition,
    edited: Edited,
    act: &Act,
) -> Result<(), NotKept> {
    if !definition.is_open(&edited.row.state) {
        return Err(NotKept::State);
    }
    let row = changed(edited.row, by, definition, Some(&edited.cells), act);
    write(store, by, rule, vec![row], "changed", "", act).await
}

/// Moves a row to another state. `versions` is its history: who wrote it cannot say yes to it.
///
/// # Errors
/// See [`NotKept`].
#[expect(clippy::too_many_arguments, reason = "who, what, from where, and what was said")]
pub async fn move_row(
    store: &Store,
    by: &Viewer,
    rule: &str,
    definition: &Definition,
    (row, versions): (RegisterRow, &[RegisterVersion]),
    made: &Move,
    note: &str,
    act: &Act,
) -> Result<(), NotKept> {
    if !made.from.contains(&row.state) {
        return Err(NotKept::State);
    }
    let cells = Cells::parse(&row.cells);
    if has_own_part(by, made, versions, &cells) {
        return Err(NotKept::FourEyes);
    }
    let missing = made.needs.iter().filter(|field| cells.text(field).is_empty());
    let missing: Vec<CellFault> =
        missing.map(|field| CellFault { field: field.clone(), wrong: Wrong::Missing }).collect();
    if !missing.is_empty() {
        return Err(NotKept::Cells(missing));
    }
    let length = note.chars().count();
    if (made.note && length == 0) || length > LONGEST_NOTE {
        return Err(NotKept::Note);
    }
    let mut row = changed(row, by, definition, None, act);
    row.state.clone_from(&made.to);
    row.is_over = definition.is_over(&made.to);
    write(store, by, rule, vec![row], &made.code, note, act).await
}

/// Whether they wrote the row, or are named in it, where somebody else must decide. One person may have several
/// accounts, so the name counts as well.
fn has_own_part(by: &Viewer, made: &Move, versions: &[RegisterVersion], cells: &Cells) -> bool {
    let is_theirs = |one: &RegisterVersion| {
        matches!(one.deed.as_str(), "made" | "changed" | "imported")
            && (one.by.credential == by.credential || one.by.name == by.name)
    };
    let is_named = made.not_by.as_ref().is_some_and(|field| cells.text(field) == by.name);
    (made.four_eyes && versions.iter().any(is_theirs)) || is_named
}

/// A new row, in its first state.
pub(super) fn new_row(
    by: &Viewer,
    institution: &str,
    definition: &Definition,
    cells: &Cells,
    act: &Act,
) -> Result<RegisterRow, Fault> {
    let id = u128::from_be_bytes(random::<16>()?);
    let holder = Holder { credential: by.credential.clone(), name: by.name.clone() };
    let row = RegisterRow {
        institution: institution.to_owned(),
        register: definition.code.clone(),
        id: format!("{id:032x}"),
        version: 0,
        name: String::new(),
        state: definition.first_state().to_owned(),
        is_over: definition.is_over(definition.first_state()),
        due: None,
        cells: String::new(),
        words: String::new(),
        made_by: holder.clone(),
        made_at: act.now,
        changed_by: holder,
        changed_at: act.now,
    };
    Ok(changed(row, by, definition, Some(cells), act))
}

/// The next version of a row, with other cells or the same.
pub(super) fn changed(
    row: RegisterRow,
    by: &Viewer,
    definition: &Definition,
    cells: Option<&Cells>,
    act: &Act,
) -> RegisterRow {
    let kept = Cells::parse(&row.cells);
    let cells = cells.unwrap_or(&kept);
    RegisterRow {
        version: row.version + 1,
        name: cells.text(&definition.name).to_owned(),
        due: definition.due.as_ref().and_then(|field| cells.day(field)),
        cells: cells.to_json(),
        words: cells.words(),
        changed_by: Holder { credential: by.credential.clone(), name: by.name.clone() },
        changed_at: act.now,
        ..row
    }
}

/// Writes rows of one register, all or none.
pub(super) async fn write(
    store: &Store,
    by: &Viewer,
    rule: &str,
    rows: Vec<RegisterRow>,
    deed: &str,
    note: &str,
    act: &Act,
) -> Result<(), NotKept> {
    let Some(first) = rows.first() else { return Ok(()) };
    let (institution, register) = (first.institution.clone(), first.register.clone());
    let mut event: Event = on_record(act, audit::Act::KeepRegister, Outcome::Done, by, rule)?;
    let what = if rows.len() == 1 { format!("{register}/{}", first.id) } else { register };
    event.objects = vec![what, deed.to_owned(), rows.len().to_string()];
    let deed = RegisterDeed { code: deed.to_owned(), note: note.to_owned() };
    match store.keep_register_rows(&institution, rows, deed, event).await? {
        None => Ok(()),
        Some(theirs) => Err(NotKept::Outdated(Box::new(theirs))),
    }
}
