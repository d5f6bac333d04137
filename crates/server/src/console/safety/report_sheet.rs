//! 測定の一覧: what was measured of many machines, as a sheet that somebody answers for. First what it would prove, then all
//! of it or nothing.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paper::{Limits, read_sheets};
use safety::report::{SheetMachine, machines_of, report_sheet};

use super::permission::{at_fault, ours, own};
use super::register_import::{FaultRow, fault_row, given, listed, names, said_unread};
use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::to;

#[derive(Template)]
#[template(path = "safety/report_sheet.html")]
struct SheetPage {
    frame: Frame,
    columns: Vec<ColumnShown>,
    /// What would be kept; none before a file was looked at.
    planned: Option<Planned>,
    faults: Vec<FaultRow>,
    more: usize,
    error: Option<String>,
}

struct ColumnShown {
    name: String,
    is_required: bool,
    choices: String,
}

struct Planned {
    /// The lines that were read, to be sent again with the order to keep them.
    list: String,
    machines: Vec<(u64, String, String)>,
    count: usize,
}

/// What a page shows besides its columns.
#[derive(Default)]
struct Shown {
    planned: Option<Planned>,
    faults: Vec<FaultRow>,
    more: usize,
    error: Option<String>,
}

/// No more machines or faults stand on the page.
const SHOWN: usize = 200;

/// `GET /safety/reporters/sheet`.
pub(crate) async fn report_sheet_page(
    State(app): State<Arc<App>>,
    reader: Reader,
) -> Result<Response, Refusal> {
    reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    Ok(page(&reader.frame(&app), Shown::default(), StatusCode::OK))
}

/// `POST /safety/reporters/sheet`: shows what a `file` holds; keeps it when sent its `list` again.
pub(crate) async fn bring_report_sheet(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let rule = reader.may(&app, Action::KeepRegisters, &ours(&reader))?;
    let frame = reader.frame(&app);
    let limits = Limits::default();
    let fields = read_form(&headers, body, 2 * limits.bytes, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(frame.clone(), status))?;
    let refused = |shown: Shown| Ok(page(&frame, shown, StatusCode::UNPROCESSABLE_ENTITY));
    let sheets = match read_sheets(given(&fields), &limits) {
        Ok(sheets) => sheets,
        Err(why) => return refused(Shown { error: Some(said_unread(&frame, &why)), ..Shown::default() }),
    };
    let sheet = sheets.first().map(|sheet| sheet.rows.as_slice()).unwrap_or_default();
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let machines = match machines_of(sheet, &names, viewer, act) {
        Ok(machines) => machines,
        Err(faults) => {
            let more = faults.len().saturating_sub(SHOWN);
            let faults = faults.iter().take(SHOWN).map(|fault| fault_row(&frame, report_sheet(), fault));
            return refused(Shown { faults: faults.collect(), more, ..Shown::default() });
        }
    };
    if text(&fields, "list").is_empty() {
        let planned = Some(planned(&machines, listed(sheet)));
        return Ok(page(&frame, Shown { planned, ..Shown::default() }, StatusCode::OK));
    }
    let kept = app.safety.keep_sheet(viewer, rule, own(&reader), &machines, act).await;
    kept.map_err(at_fault(&app, &reader))?;
    Ok(to("/safety"))
}

fn planned(machines: &[SheetMachine], list: String) -> Planned {
    let shown = machines.iter().take(SHOWN);
    Planned {
        list,
        machines: shown.map(|one| (one.line, one.name.clone(), one.on.to_string())).collect(),
        count: machines.len(),
    }
}

fn page(frame: &Frame, shown: Shown, status: StatusCode) -> Response {
    let page = sheet_page(frame, shown);
    page.frame.answer(status, &page)
}

fn sheet_page(frame: &Frame, shown: Shown) -> SheetPage {
    let titled = frame.clone().titled(frame.word("report-sheet.title"));
    let is_wrong = shown.error.is_some() || !shown.faults.is_empty();
    let column = |field: &safety::register::Field| {
        let choices =
            field.choices.iter().map(|code| frame.word(&format!("register-choice.{code}")).to_owned());
        let choices = frame.list(&choices.collect::<Vec<_>>());
        ColumnShown {
            name: frame.word(&format!("register-field.{}", field.code)).to_owned(),
            is_required: field.required,
            choices,
        }
    };
    SheetPage {
        columns: report_sheet().fields.iter().map(column).collect(),
        planned: shown.planned,
        faults: shown.faults,
        more: shown.more,
        error: shown.error,
        frame: if is_wrong { titled.with_error() } else { titled },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn every_column_and_choice_of_the_sheet_has_a_name_of_its_own() {
        for frame in frames() {
            let page = sheet_page(&frame, Shown::default());
            let mut columns: Vec<&str> = page.columns.iter().map(|one| one.name.as_str()).collect();
            columns.sort_unstable();
            columns.dedup();
            assert_eq!(columns.len(), report_sheet().fields.len(), "{columns:?}");
            let html = rendered(&page);
            assert!(!html.contains("register-field.") && !html.contains("register-choice."), "{html}");
        }
    }
}
