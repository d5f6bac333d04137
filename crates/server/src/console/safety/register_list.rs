//! One register: its rows, what is overdue first.

use std::collections::HashMap;
use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use safety::register::{Cells, Definition, Field};
use store::{RegisterQuery, RegisterRow};

use super::field::{label, shown};
use super::permission::{at_fault, can, can_write, own, seen};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "safety/register_list.html")]
struct RegisterListPage {
    frame: Frame,
    code: String,
    about: String,
    source: String,
    columns: Vec<String>,
    rows: Vec<RowView>,
    asked: Asked,
    states: Vec<(String, String)>,
    count: i64,
    pages: Pages,
    can_add: bool,
    can_see_all: bool,
    can_import: bool,
}

/// What was asked for.
struct Asked {
    text: String,
    state: String,
    is_overdue: bool,
    page: u32,
}

/// The pages before and after this one, as addresses.
struct Pages {
    number: u32,
    of: u32,
    before: Option<String>,
    after: Option<String>,
}

/// A row of the list.
struct RowView {
    id: String,
    name: String,
    cells: Vec<String>,
    state: String,
    is_over: bool,
    is_overdue: bool,
}

const ON_A_PAGE: u32 = 50;

/// `GET /safety/registers/{register}`: `text`, `state`, `overdue`, `page`.
pub(crate) async fn register_list(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(code): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refusal> {
    let (definition, only_own) = seen(&app, &reader, &code)?;
    let asked = Asked::of(definition, &parameters);
    let today = reader.visitor.act.today();
    let query = asked.query(today, only_own.then(|| reader.visitor.viewer.credential.clone()));
    let (found, count) = app
        .exchange
        .store
        .register_rows(own(&reader), &code, query)
        .await
        .map_err(at_fault(&app, &reader))?;
    let frame = reader.frame(&app);
    let listed: Vec<&Field> =
        definition.fields.iter().filter(|one| one.listed && one.code != definition.name).collect();
    let word = |section: &str, code: &str| frame.word(&format!("{section}.{code}")).to_owned();
    let columns = [definition.name.as_str()].into_iter().chain(listed.iter().map(|one| one.code.as_str()));
    let page = RegisterListPage {
        columns: columns.map(|code| label(&frame, code)).collect(),
        rows: found.iter().map(|row| view(&frame, &listed, row, today)).collect(),
        states: definition.states.iter().map(|code| (code.clone(), word("register-state", code))).collect(),
        pages: asked.pages(&code, count),
        about: word("register-about", &code),
        source: definition.source.clone(),
        can_add: can_write(&reader, definition.asked_by, None),
        can_see_all: !only_own,
        can_import: can(&reader, Action::KeepRegisters),
        frame: frame.clone().titled(word("register-name", &code)),
        code,
        asked,
        count,
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

impl Asked {
    fn of(definition: &Definition, parameters: &HashMap<String, String>) -> Self {
        let text = |name: &str| parameters.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        let state = text("state");
        Self {
            text: text("text").chars().take(100).collect(),
            state: if definition.states.contains(&state) { state } else { String::new() },
            is_overdue: parameters.contains_key("overdue"),
            page: text("page").parse().unwrap_or(1).clamp(1, 10_000),
        }
    }

    fn query(&self, today: Date, made_by: Option<String>) -> RegisterQuery {
        RegisterQuery {
            text: self.text.clone(),
            state: Some(self.state.clone()).filter(|state| !state.is_empty()),
            due_before: self.is_overdue.then_some(today),
            made_by,
            skip: (self.page - 1) * ON_A_PAGE,
            limit: ON_A_PAGE,
        }
    }

    fn pages(&self, code: &str, count: i64) -> Pages {
        let of = u32::try_from(count.max(1)).unwrap_or(u32::MAX).div_ceil(ON_A_PAGE);
        let text = utf8_percent_encode(&self.text, NON_ALPHANUMERIC);
        let overdue = if self.is_overdue { "&overdue=yes" } else { "" };
        let state = &self.state;
        let to = |page| format!("/safety/registers/{code}?text={text}&state={state}{overdue}&page={page}");
        Pages {
            number: self.page,
            of,
            before: (self.page > 1).then(|| to(self.page - 1)),
            after: (self.page < of).then(|| to(self.page + 1)),
        }
    }
}

fn view(frame: &Frame, listed: &[&Field], row: &RegisterRow, today: Date) -> RowView {
    let cells = Cells::parse(&row.cells);
    RowView {
        id: row.id.clone(),
        name: row.name.clone(),
        cells: listed.iter().map(|field| shown(frame, field, cells.text(&field.code))).collect(),
        state: frame.word(&format!("register-state.{}", row.state)).to_owned(),
        is_over: row.is_over,
        is_overdue: row.due.is_some_and(|due| due < today),
    }
}
