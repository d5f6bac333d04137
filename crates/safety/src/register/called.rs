//! A call test (通報訓練): who of the contacts was reached, kept as the next version of each row, all in one commit.

use std::collections::HashMap;

use access::{Act, Viewer};
use store::Store;

use super::acts::{NotKept, changed, write};
use super::cells::Cells;
use super::definition::register;

/// What somebody found who called a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Id of the contact's row.
    pub row: String,
    /// The version that was before them.
    pub version: i64,
    /// Whether somebody answered.
    pub is_reached: bool,
}

/// Keeps what a call test found today. All of it or none.
///
/// # Errors
/// See [`NotKept`]; [`NotKept::State`] where a contact is none of the institution's, or no more in use.
pub async fn keep_calls(
    store: &Store,
    by: &Viewer,
    rule: &str,
    institution: &str,
    calls: &[Called],
    act: &Act,
) -> Result<(), NotKept> {
    let Some(definition) = register("contacts") else { return Err(NotKept::State) };
    let rows = store.all_register_rows(institution, Some("contacts")).await?;
    let mut open: HashMap<String, _> =
        rows.into_iter().filter(|row| !row.is_over).map(|row| (row.id.clone(), row)).collect();
    let mut kept = Vec::new();
    for call in calls {
        let row = open.remove(&call.row).ok_or(NotKept::State)?;
        if row.version != call.version {
            return Err(NotKept::Outdated(Box::new(row)));
        }
        let reached = if call.is_reached { "yes" } else { "no" };
        let today = act.today().to_string();
        let cells = Cells::parse(&row.cells).with("tested-on", &today).with("reached", reached);
        kept.push(changed(row, by, definition, Some(&cells), act));
    }
    write(store, by, rule, kept, "tested", "", act).await
}
