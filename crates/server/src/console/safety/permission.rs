//! Who may do what with a register: those who keep it, and whoever asks for what they need themselves.

use access::{Action, Concern, may_administer};
use safety::register::{Definition, Keeper, register};
use store::{Fault, RegisterRow};

use crate::App;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

/// The institution whose registers a reader sees.
pub(super) fn own(reader: &Reader) -> &str {
    reader.visitor.viewer.institution.as_deref().unwrap_or_default()
}

/// What an act is about: the reader's own institution.
pub(super) fn ours(reader: &Reader) -> Concern<'_> {
    Concern { institution: reader.visitor.viewer.institution.as_deref(), ..Concern::default() }
}

/// Whether a reader may do something at their institution.
pub(super) fn can(reader: &Reader, action: Action) -> bool {
    may_administer(&reader.visitor.viewer, action, &ours(reader), reader.visitor.act.now).is_ok()
}

/// The page that says that the store could not.
pub(super) fn at_fault<'r>(app: &'r App, reader: &'r Reader) -> impl Fn(Fault) -> Refusal + use<'r> {
    |fault| Refusal::fault(reader.frame(app), &fault)
}

/// The register of this code, for a reader who sees all of it, or (true) only what they asked for themselves.
pub(super) fn seen(app: &App, reader: &Reader, code: &str) -> Result<(&'static Definition, bool), Refusal> {
    let definition = register(code).ok_or_else(|| reader.not_found(app))?;
    let is_asker = definition.asked_by == Keeper::TakeOutAsker && can(reader, Action::RequestTakeOut);
    if is_asker && !can(reader, Action::SeeSafety) {
        return Ok((definition, true));
    }
    reader.may(app, Action::SeeSafety, &ours(reader))?;
    Ok((definition, false))
}

/// A row that the reader may see.
pub(super) async fn seen_row(
    app: &App,
    reader: &Reader,
    code: &str,
    id: &str,
) -> Result<(&'static Definition, RegisterRow), Refusal> {
    let (definition, only_own) = seen(app, reader, code)?;
    let row = app.exchange.store.register_row(own(reader), code, id).await.map_err(at_fault(app, reader))?;
    let row = row.filter(|row| !only_own || is_theirs(reader, row)).ok_or_else(|| reader.not_found(app))?;
    Ok((definition, row))
}

/// Whether the reader made the row.
pub(super) fn is_theirs(reader: &Reader, row: &RegisterRow) -> bool {
    row.made_by.credential == reader.visitor.viewer.credential
}

/// The rule that lets the reader write in a register as somebody of this kind. Whoever asks for themselves writes their
/// own rows alone; a keeper of registers writes any.
pub(super) fn may_write(
    app: &App,
    reader: &Reader,
    keeper: Keeper,
    row: Option<&RegisterRow>,
) -> Result<&'static str, Refusal> {
    let (action, concern) = needed(reader, keeper, row);
    reader.may(app, action, &concern)
}

/// Whether [`may_write`] would let them.
pub(super) fn can_write(reader: &Reader, keeper: Keeper, row: Option<&RegisterRow>) -> bool {
    let (action, concern) = needed(reader, keeper, row);
    may_administer(&reader.visitor.viewer, action, &concern, reader.visitor.act.now).is_ok()
}

fn needed<'r>(reader: &'r Reader, keeper: Keeper, row: Option<&'r RegisterRow>) -> (Action, Concern<'r>) {
    let is_own = row.is_none_or(|row| is_theirs(reader, row));
    match keeper {
        Keeper::TakeOutAsker if !is_own || can(reader, Action::KeepRegisters) => {
            (Action::KeepRegisters, ours(reader))
        }
        Keeper::TakeOutApprover => {
            (keeper.action(), Concern { holder: row.map(|row| &row.made_by), ..ours(reader) })
        }
        Keeper::RegisterKeeper | Keeper::TakeOutAsker => (keeper.action(), ours(reader)),
    }
}
