//! A register out as CSV or Excel, and back in: first what a file would do, then all of it or nothing.

use std::collections::HashMap;
use std::sync::Arc;

use access::{Action, on_record};
use askama::Template;
use audit::Outcome;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use fhir::finding::Language;
use paper::{Leaf, Limits, Row, Unread, Workbook, read_sheets};
use safety::register::{
    Beside, CellFault, Definition, NotKept, SheetFault, SheetPlan, SheetWrong, carry_out, lines, plan,
    register,
};
use store::RegisterRow;

use super::field::{Known, label, said};
use super::permission::{at_fault, ours, own, seen};
use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;
use crate::words::word;

#[derive(Template)]
#[template(path = "safety/register_import.html")]
struct ImportPage {
    frame: Frame,
    code: String,
    /// What would be done; none before a file was looked at.
    planned: Option<Planned>,
    faults: Vec<FaultRow>,
    more: usize,
    error: Option<String>,
}

struct Planned {
    /// The lines that were read, to be sent again with the order to do it.
    list: String,
    rows: Vec<(u64, String, bool)>,
    count: usize,
    unchanged: usize,
}

struct FaultRow {
    line: u64,
    column: String,
    said: String,
}

/// No more rows or faults stand on the page.
const SHOWN: usize = 200;

/// `GET /safety/registers/{register}/export/{format}`: `csv` or `xlsx`, every row.
pub(crate) async fn export_register(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path((code, format)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (definition, only_own) = seen(&app, &reader, &code)?;
    let rule = reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    if only_own || !matches!(format.as_str(), "csv" | "xlsx") {
        return Err(reader.not_found(&app));
    }
    let (store, viewer, act) = (&app.exchange.store, &reader.visitor.viewer, &reader.visitor.act);
    let fault = at_fault(&app, &reader);
    let rows = store.all_register_rows(own(&reader), Some(&code)).await.map_err(&fault)?;
    let event = on_record(act, audit::Act::KeepRegister, Outcome::Done, viewer, rule).map_err(&fault)?;
    let objects = vec![code.clone(), "exported".to_owned(), rows.len().to_string()];
    store.append(None, audit::Event { objects, ..event }).await.map_err(&fault)?;
    let frame = reader.frame(&app);
    let lines =
        lines(definition, &rows, &|kind, code| frame.word(&format!("register-{kind}.{code}")).to_owned());
    let (media, bytes) = match format.as_str() {
        "csv" => ("text/csv; charset=utf-8", paper::csv(&lines)),
        _ => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            paper::xlsx(&workbook(&frame, definition, &lines, act.today()))
                .map_err(|_| Refusal::of_status(frame.clone(), StatusCode::INTERNAL_SERVER_ERROR))?,
        ),
    };
    let name = format!("attachment; filename=\"renkei-{code}.{format}\"");
    Ok(([(CONTENT_TYPE, media.to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// `GET /safety/registers/{register}/import`.
pub(crate) async fn import_register_page(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Response, Refusal> {
    let definition = register(&code).ok_or_else(|| reader.not_found(&app))?;
    reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    Ok(page(&reader.frame(&app), definition, Shown::default(), StatusCode::OK))
}

/// `POST /safety/registers/{register}/import`: shows what a `file` would do; does it when sent its `list` again.
pub(crate) async fn import_register(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(code): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let definition = register(&code).ok_or_else(|| reader.not_found(&app))?;
    let rule = reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    let frame = reader.frame(&app);
    let limits = Limits::default();
    let fields = read_form(&headers, body, 2 * limits.bytes, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(frame.clone(), status))?;
    let sheets = match read_sheets(given(&fields), &limits) {
        Ok(sheets) => sheets,
        Err(why) => {
            return Ok(page(
                &frame,
                definition,
                Shown::unread(&frame, &why),
                StatusCode::UNPROCESSABLE_ENTITY,
            ));
        }
    };
    let sheet = sheets.first().map(|sheet| sheet.rows.as_slice()).unwrap_or_default();
    let planned = match planned(&app, &reader, definition, sheet).await? {
        Ok(planned) => planned,
        Err(faults) => {
            let shown = Shown { faults, ..Shown::default() };
            return Ok(page(&frame, definition, shown, StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    if text(&fields, "list").is_empty() || planned.rows.is_empty() {
        let list = listed(sheet);
        return Ok(page(
            &frame,
            definition,
            Shown { planned: Some((planned, list)), ..Shown::default() },
            StatusCode::OK,
        ));
    }
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    match carry_out(&app.exchange.store, viewer, rule, planned, act).await {
        Ok(()) => Ok(to(&format!("/safety/registers/{code}"))),
        Err(NotKept::Store(fault)) => Err(Refusal::fault(frame, &fault)),
        Err(_) => {
            let error = Some(frame.word("register-wrong.outdated").to_owned());
            Ok(page(&frame, definition, Shown { error, ..Shown::default() }, StatusCode::CONFLICT))
        }
    }
}

/// The file that was chosen, or else the lines that were looked at before.
fn given(fields: &Fields) -> &[u8] {
    let of = |name: &str| fields.get(name).map(Vec::as_slice).filter(|bytes| !bytes.is_empty());
    of("file").or_else(|| of("list")).unwrap_or_default()
}

/// The lines as text, so that a workbook can be sent again as well.
fn listed(sheet: &[Row]) -> String {
    let rows = sheet.iter().map(|row| row.cells.iter().map(paper::Cell::text));
    String::from_utf8(paper::csv(rows)).unwrap_or_default()
}

async fn planned(
    app: &App,
    reader: &Reader,
    definition: &Definition,
    sheet: &[Row],
) -> Result<Result<SheetPlan, Vec<SheetFault>>, Refusal> {
    let fault = at_fault(app, reader);
    let rows =
        app.exchange.store.all_register_rows(own(reader), Some(&definition.code)).await.map_err(&fault)?;
    let standing: HashMap<String, RegisterRow> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let known = Known::load(app, own(reader), definition).await.map_err(&fault)?;
    let beside = Beside {
        institution: own(reader),
        by: &reader.visitor.viewer,
        standing: &standing,
        known: &|of, name| known.has(of, name),
        act: &reader.visitor.act,
    };
    let names = |kind: &str, code: &str| {
        let key = format!("register-{kind}.{code}");
        [Language::Japanese, Language::English].map(|language| word(language, &key).to_owned()).to_vec()
    };
    Ok(plan(definition, sheet, &names, &beside))
}

fn workbook(
    frame: &Frame,
    definition: &Definition,
    lines: &[Vec<String>],
    today: jiff::civil::Date,
) -> Workbook {
    let title = frame.word(&format!("register-name.{}", definition.code)).to_owned();
    let headings = lines.first().cloned().unwrap_or_default();
    let rows =
        lines.iter().skip(1).map(|line| line.iter().map(|text| text.as_str().into()).collect()).collect();
    let leaf = Leaf {
        name: title.clone(),
        fields: headings.into_iter().map(|heading| paper::Field::new(heading, 20)).collect(),
        rows,
        ..Leaf::default()
    };
    Workbook { title, date: today, leaves: vec![leaf] }
}

#[derive(Default)]
struct Shown {
    planned: Option<(SheetPlan, String)>,
    faults: Vec<SheetFault>,
    error: Option<String>,
}

impl Shown {
    fn unread(frame: &Frame, why: &Unread) -> Self {
        let key = match why {
            Unread::Empty => "empty",
            Unread::TooLarge(_) | Unread::TooLargeUnpacked(_) => "too-large",
            Unread::Macros(_) => "macros",
            Unread::OldOrLocked => "old-or-locked",
            Unread::TooManyRows { .. } | Unread::TooManyColumns { .. } | Unread::TooManySheets(_) => {
                "too-many"
            }
            Unread::Encoding => "encoding",
            Unread::NoWorkbook | Unread::Damaged(_) | Unread::NoSheet { .. } => "damaged",
        };
        Self { error: Some(frame.word(&format!("register-unread.{key}")).to_owned()), ..Self::default() }
    }
}

fn fault_row(frame: &Frame, definition: &Definition, fault: &SheetFault) -> FaultRow {
    let is_field = definition.field(&fault.column).is_some();
    let said = match &fault.found {
        SheetWrong::Cell(wrong) => {
            said(frame, definition, &CellFault { field: fault.column.clone(), wrong: wrong.clone() })
        }
        SheetWrong::Twice(line) => frame.fill("register-wrong.twice", "value", line),
        other => frame.fill(&format!("register-wrong.{}", other.code()), "value", &fault.column),
    };
    let column = if is_field { label(frame, &fault.column) } else { fault.column.clone() };
    FaultRow { line: fault.line, column, said }
}

fn page(frame: &Frame, definition: &Definition, shown: Shown, status: StatusCode) -> Response {
    let register = frame.word(&format!("register-name.{}", definition.code)).to_owned();
    let titled = frame.clone().titled(frame.fill("register-import.title", "register", register));
    let is_wrong = shown.error.is_some() || !shown.faults.is_empty();
    let planned = shown.planned.map(|(plan, list)| Planned {
        rows: plan
            .rows
            .iter()
            .take(SHOWN)
            .map(|(line, row)| (*line, row.name.clone(), row.version == 1))
            .collect(),
        count: plan.rows.len(),
        unchanged: plan.unchanged,
        list,
    });
    let page = ImportPage {
        frame: if is_wrong { titled.with_error() } else { titled },
        code: definition.code.clone(),
        planned,
        faults: shown.faults.iter().take(SHOWN).map(|fault| fault_row(frame, definition, fault)).collect(),
        more: shown.faults.len().saturating_sub(SHOWN),
        error: shown.error,
    };
    page.frame.answer(status, &page)
}
