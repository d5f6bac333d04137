//! One row of a register: made, looked at, changed, moved, and every version it had.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use safety::register::{CellFault, Cells, Definition, Edited, Move, NotKept, keep, make, move_row, register};
use store::RegisterRow;

use super::field::{FieldView, Known, field_views, label, said, typed};
use super::permission::{at_fault, can_write, may_write, own, seen_row};
use super::row_view::{MoveView, RowView, VersionView, moves, row_view, version_views};
use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/register_row.html")]
struct RegisterRowPage {
    frame: Frame,
    code: String,
    register: String,
    /// The row; none before it is made.
    row: Option<RowView>,
    fields: Vec<FieldView>,
    can_change: bool,
    moves: Vec<MoveView>,
    versions: Vec<VersionView>,
    errors: Vec<(String, String)>,
    /// Who changed it meanwhile, and when.
    outdated: Option<String>,
    version: i64,
}

/// What a form left behind that could not be taken.
#[derive(Default)]
struct Wrong {
    status: StatusCode,
    typed: Option<Fields>,
    faults: Vec<CellFault>,
    errors: Vec<(String, String)>,
    theirs: Option<Box<RegisterRow>>,
}

/// Four long fields, each letter as nine signs.
const FORM_BYTES: usize = 64 << 10;

/// `GET /safety/registers/{register}/new`.
pub(crate) async fn new_row(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    let definition = register(&code).ok_or_else(|| reader.not_found(&app))?;
    may_write(&app, &reader, definition.asked_by, None)?;
    page(&app, &reader, definition, None, Wrong::default()).await
}

/// `POST /safety/registers/{register}`: makes a row of the fields of the register.
pub(crate) async fn make_row(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let definition = register(&code).ok_or_else(|| reader.not_found(&app))?;
    let rule = may_write(&app, &reader, definition.asked_by, None)?;
    let fields = form(&app, &reader, &headers, body).await?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let cells = checked(&app, &reader, definition, &fields).await?;
    let made = match cells {
        Ok(cells) => make(&app.exchange.store, viewer, rule, own(&reader), definition, cells, act).await,
        Err(faults) => Err(NotKept::Cells(faults)),
    };
    match made {
        Ok(id) => Ok(to(&format!("/safety/registers/{code}/{id}"))),
        Err(why) => {
            let wrong = wrong(&app, &reader, definition, why, Some(fields))?;
            page(&app, &reader, definition, None, wrong).await
        }
    }
}

/// `GET /safety/registers/{register}/{id}`.
pub(crate) async fn register_row(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((code, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (definition, row) = seen_row(&app, &reader, &code, &id).await?;
    page(&app, &reader, definition, Some(row), Wrong::default()).await
}

/// `POST /safety/registers/{register}/{id}`: the fields of the register from a `row-version` on, or a `move` with a `note`.
pub(crate) async fn change_row(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((code, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let definition = register(&code).ok_or_else(|| reader.not_found(&app))?;
    let fields = form(&app, &reader, &headers, body).await?;
    let moved = text(&fields, "move");
    let made = definition.moves.iter().find(|one| one.code == moved);
    may_write(&app, &reader, made.map_or(definition.asked_by, |made| made.by), None)?;
    let (definition, row) = seen_row(&app, &reader, &code, &id).await?;
    // Whoever decides on a row decides on what stood before them.
    let is_current = text(&fields, "row-version").parse() == Ok(row.version);
    let done = match made {
        _ if !is_current => Err(NotKept::Outdated(Box::new(row.clone()))),
        Some(one) => moved_on(&app, &reader, definition, row.clone(), one, &fields).await?,
        None if moved.is_empty() => kept(&app, &reader, definition, row.clone(), &fields).await?,
        None => return Err(reader.not_found(&app)),
    };
    match done {
        Ok(()) => Ok(to(&format!("/safety/registers/{code}/{id}"))),
        Err(why) => {
            let wrong = wrong(&app, &reader, definition, why, moved.is_empty().then_some(fields))?;
            page(&app, &reader, definition, Some(row), wrong).await
        }
    }
}

type Done = Result<Result<(), NotKept>, Refusal>;

async fn kept(
    app: &App,
    reader: &Reader,
    definition: &Definition,
    row: RegisterRow,
    fields: &Fields,
) -> Done {
    let rule = may_write(app, reader, definition.asked_by, Some(&row))?;
    let cells = match checked(app, reader, definition, fields).await? {
        Ok(cells) => cells,
        Err(faults) => return Ok(Err(NotKept::Cells(faults))),
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    Ok(keep(&app.exchange.store, viewer, rule, definition, Edited { row, cells }, act).await)
}

async fn moved_on(
    app: &App,
    reader: &Reader,
    definition: &Definition,
    row: RegisterRow,
    made: &Move,
    fields: &Fields,
) -> Done {
    let rule = may_write(app, reader, made.by, Some(&row))?;
    let store = &app.exchange.store;
    let versions = store.register_versions(own(reader), &definition.code, &row.id).await;
    let versions = versions.map_err(at_fault(app, reader))?;
    let (viewer, act, note) = (&reader.visitor.viewer, &reader.visitor.act, text(fields, "note"));
    Ok(move_row(store, viewer, rule, definition, (row, &versions), made, &note, act).await)
}

async fn form(app: &App, reader: &Reader, headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
    let fields = read_form(headers, body, FORM_BYTES, reader.language()).await;
    fields.map_err(|status| Refusal::of_status(reader.frame(app), status))
}

async fn checked(
    app: &App,
    reader: &Reader,
    definition: &Definition,
    fields: &Fields,
) -> Result<Result<Cells, Vec<CellFault>>, Refusal> {
    let known = Known::load(app, own(reader), definition).await.map_err(at_fault(app, reader))?;
    Ok(typed(definition, fields, &known, reader.visitor.act.today()))
}

/// What the page says of what was not kept.
fn wrong(
    app: &App,
    reader: &Reader,
    definition: &Definition,
    why: NotKept,
    fields: Option<Fields>,
) -> Result<Wrong, Refusal> {
    let frame = reader.frame(app);
    let of = |anchor: &str, key: &str| vec![(anchor.to_owned(), frame.word(key).to_owned())];
    let unprocessable = Wrong { status: StatusCode::UNPROCESSABLE_ENTITY, typed: fields, ..Wrong::default() };
    Ok(match why {
        NotKept::Store(fault) => return Err(Refusal::fault(frame, &fault)),
        NotKept::Cells(faults) => {
            let error = |fault: &CellFault| {
                let said = said(&frame, definition, fault);
                (format!("f-{}", fault.field), format!("{}：{said}", label(&frame, &fault.field)))
            };
            Wrong { errors: faults.iter().map(error).collect(), faults, ..unprocessable }
        }
        NotKept::Outdated(theirs) => Wrong {
            status: StatusCode::CONFLICT,
            errors: of("outdated", "registers.wrong-outdated"),
            theirs: Some(theirs),
            ..unprocessable
        },
        NotKept::State => Wrong {
            status: StatusCode::CONFLICT,
            errors: of("moves", "registers.wrong-state"),
            ..unprocessable
        },
        NotKept::FourEyes => Wrong { errors: of("moves", "registers.wrong-four-eyes"), ..unprocessable },
        NotKept::Note => Wrong { errors: of("note", "registers.wrong-note"), ..unprocessable },
    })
}

async fn page(
    app: &App,
    reader: &Reader,
    definition: &Definition,
    row: Option<RegisterRow>,
    wrong: Wrong,
) -> Result<Response, Refusal> {
    let fault = at_fault(app, reader);
    let known = Known::load(app, own(reader), definition).await.map_err(&fault)?;
    let versions = match &row {
        Some(row) => app.exchange.store.register_versions(own(reader), &definition.code, &row.id).await,
        None => Ok(Vec::new()),
    };
    let versions = versions.map_err(&fault)?;
    let frame = reader.frame(app);
    let cells = row.as_ref().map(|row| Cells::parse(&row.cells)).unwrap_or_default();
    let value = |code: &str| match &wrong.typed {
        Some(fields) => text(fields, code),
        None => cells.text(code).to_owned(),
    };
    let theirs = wrong.theirs.as_ref().map(|row| Cells::parse(&row.cells));
    let fields = field_views(&frame, definition, &known, &value, &wrong.faults, theirs.as_ref());
    let register = frame.word(&format!("register-name.{}", definition.code)).to_owned();
    let is_open = row.as_ref().is_none_or(|row| definition.is_open(&row.state));
    let title = row
        .as_ref()
        .map_or_else(|| frame.fill("registers.new-title", "register", &register), |row| row.name.clone());
    let titled = frame.clone().titled(title);
    let has_error = !wrong.errors.is_empty();
    let page = RegisterRowPage {
        can_change: is_open && can_write(reader, definition.asked_by, row.as_ref()),
        moves: row.as_ref().map(|row| moves(&frame, reader, definition, row)).unwrap_or_default(),
        versions: version_views(&frame, definition, &versions),
        outdated: wrong
            .theirs
            .as_ref()
            .map(|row| format!("{} {}", row.changed_by.name, minute(row.changed_at))),
        version: wrong.theirs.as_deref().or(row.as_ref()).map_or(0, |row| row.version),
        row: row.map(|row| row_view(&frame, definition, &row, &cells)),
        frame: if has_error { titled.with_error() } else { titled },
        code: definition.code.clone(),
        register,
        fields,
        errors: wrong.errors,
    };
    Ok(page.frame.answer(wrong.status, &page))
}
