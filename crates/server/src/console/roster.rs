//! 名簿: an institution's accounts out as CSV, and back in after a look at what that would do.

use std::sync::Arc;

use access::{Action, Concern, may_administer};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use identity::roster::{Found, LARGEST_BYTES, Plan, PlannedRow, SheetFault, read};
use identity::{Invited, NotDone};

use crate::App;
use crate::console::accounts::{own, permitted};
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "accounts_import.html")]
struct ImportPage {
    frame: Frame,
    list: String,
    end_missing: bool,
    /// What would be done; none before a list was looked at.
    planned: Option<Planned>,
    faults: Vec<FaultRow>,
    error: Option<String>,
}

struct Planned {
    rows: Vec<PlanRow>,
    changing: usize,
    print: String,
}

struct PlanRow {
    line: String,
    login: String,
    name: String,
    changes: Vec<String>,
}

struct FaultRow {
    place: String,
    column: String,
    said: String,
}

#[derive(Template)]
#[template(path = "accounts_imported.html")]
struct ImportedPage {
    frame: Frame,
    done: usize,
    invited: Vec<InvitedRow>,
}

struct InvitedRow {
    name: String,
    login: String,
    address: String,
    ends_at: String,
}

/// A list and the fields around it.
const FORM_BYTES: usize = LARGEST_BYTES + (64 << 10);

/// `GET /accounts.csv`.
pub(crate) async fn export_accounts(
    State(app): State<Arc<App>>,
    reader: Reader,
) -> Result<Response, Refusal> {
    let rule = may(&app, &reader)?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let list = app.identity.export(viewer, rule, own(&reader), act).await;
    let list = list.map_err(|fault| Refusal::fault(reader.frame(&app), &fault))?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"renkei-accounts.csv\""),
    ];
    Ok((headers, list).into_response())
}

/// `GET /accounts/import`.
pub(crate) async fn import_page(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    may(&app, &reader)?;
    Ok(page(&reader.frame(&app), Shown::default(), StatusCode::OK))
}

/// `POST /accounts/import`: shows what a list would do, and does it when asked to with the same print.
pub(crate) async fn import_accounts(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    may(&app, &reader)?;
    let frame = reader.frame(&app);
    let fault = |fault| Refusal::fault(reader.frame(&app), &fault);
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let list = given(&fields);
    let end_missing = !text(&fields, "end-missing").is_empty();
    let kept = paper::decoded(list).map(|text| text.into_owned()).unwrap_or_default();
    let shown = Shown { list: kept, end_missing, ..Shown::default() };
    let rows = match read(list) {
        Ok(rows) => rows,
        Err(faults) => {
            let faults = faults.iter().map(|fault| fault_row(&frame, fault)).collect();
            return Ok(page(&frame, Shown { faults, ..shown }, StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let decide = |action, concern: &Concern<'_>| may_administer(viewer, action, concern, act.now);
    let plan = app.identity.plan(&rows, end_missing, viewer, &decide, act).await.map_err(fault)?;
    if !plan.faults.is_empty() {
        let faults = plan.faults.iter().map(|fault| fault_row(&frame, fault)).collect();
        return Ok(page(&frame, Shown { faults, ..shown }, StatusCode::UNPROCESSABLE_ENTITY));
    }
    let print = text(&fields, "print");
    if print.is_empty() {
        return Ok(page(&frame, shown.with(&frame, &plan, None), StatusCode::OK));
    }
    if print != plan.print() {
        return Ok(page(&frame, shown.with(&frame, &plan, Some("roster.outdated")), StatusCode::CONFLICT));
    }
    let done = plan.rows.iter().filter(|row| !row.changes.is_empty()).count();
    let again = shown.with(&frame, &plan, Some("roster.outdated"));
    match app.identity.carry_out_plan(plan, act).await {
        Ok(invited) => Ok(imported(&app, &frame, done, &invited)),
        Err(NotDone::Store(why)) => Err(fault(why)),
        Err(NotDone::LoginTaken(_) | NotDone::Outdated(_) | NotDone::LastAdministrator(_)) => {
            Ok(page(&frame, again, StatusCode::CONFLICT))
        }
    }
}

/// The rule that lets whole lists out and in.
fn may(app: &App, reader: &Reader) -> Result<&'static str, Refusal> {
    let concern = Concern { institution: own(reader), ..Concern::default() };
    permitted(app, reader, Action::ExportAccounts, &concern)
}

/// The file that was chosen, or else what was typed.
fn given(fields: &Fields) -> &[u8] {
    let of = |name: &str| fields.get(name).map(Vec::as_slice).filter(|bytes| !bytes.is_empty());
    of("file").or_else(|| of("list")).unwrap_or_default()
}

#[derive(Default)]
struct Shown {
    list: String,
    end_missing: bool,
    planned: Option<Planned>,
    faults: Vec<FaultRow>,
    error: Option<String>,
}

impl Shown {
    fn with(&self, frame: &Frame, plan: &Plan, error: Option<&str>) -> Self {
        let row = |row: &PlannedRow| PlanRow {
            line: row.line.map(|line| line.to_string()).unwrap_or_default(),
            login: row.login.clone(),
            name: row.name.clone(),
            changes: row
                .changes
                .iter()
                .map(|change| frame.word(&format!("change.{}", change.code())).to_owned())
                .collect(),
        };
        let planned = Planned {
            rows: plan.rows.iter().map(row).collect(),
            changing: plan.rows.iter().filter(|row| !row.changes.is_empty()).count(),
            print: plan.print(),
        };
        Self {
            list: self.list.clone(),
            end_missing: self.end_missing,
            planned: Some(planned),
            faults: Vec::new(),
            error: error.map(|key| frame.word(key).to_owned()),
        }
    }
}

fn fault_row(frame: &Frame, fault: &SheetFault) -> FaultRow {
    let said = match &fault.found {
        Found::Refused(rule) => frame.word(&format!("rule.{rule}")).to_owned(),
        Found::Cell(text) => {
            let column = fault.column.unwrap_or_default();
            frame.fill(&format!("roster-cell.{column}"), "found", text)
        }
        found => frame.fill(&format!("roster-fault.{}", found.code()), "found", found.value()),
    };
    let place = match fault.line {
        0 => frame.word("roster.no-line").to_owned(),
        line => frame.fill("roster.line", "line", line),
    };
    FaultRow { place, column: fault.column.unwrap_or_default().to_owned(), said }
}

fn page(frame: &Frame, shown: Shown, status: StatusCode) -> Response {
    let title = frame.word("roster.title").to_owned();
    let frame = frame.clone().titled(title);
    let is_wrong = shown.error.is_some() || !shown.faults.is_empty();
    let Shown { list, end_missing, planned, faults, error } = shown;
    let frame = if is_wrong { frame.with_error() } else { frame };
    let page = ImportPage { frame, list, end_missing, planned, faults, error };
    page.frame.answer(status, &page)
}

fn imported(app: &App, frame: &Frame, done: usize, invited: &[Invited]) -> Response {
    let row = |one: &Invited| InvitedRow {
        name: one.account.name.clone(),
        login: one.account.login.clone(),
        address: format!("{}/invitation/{}", app.base_url, one.link),
        ends_at: minute(one.ends_at),
    };
    let title = frame.word("roster.done-title").to_owned();
    let invited = invited.iter().map(row).collect();
    let page = ImportedPage { frame: frame.clone().titled(title), done, invited };
    page.frame.answer(StatusCode::OK, &page)
}
