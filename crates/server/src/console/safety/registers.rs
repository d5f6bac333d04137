//! 台帳: every register with its rows, what is overdue, what is found, and when it was changed last.

use std::sync::Arc;

use access::Action;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use safety::register::{Examined, registers};

use super::permission::{at_fault, can, ours, own};
use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time::minute;

#[derive(Template)]
#[template(path = "safety/registers.html")]
struct RegistersPage {
    frame: Frame,
    rows: Vec<RegisterView>,
    accounts: Accounts,
    can_keep: bool,
    findings: usize,
}

/// A register.
struct RegisterView {
    code: String,
    name: String,
    about: String,
    open: i64,
    overdue: i64,
    findings: usize,
    changed: String,
}

/// Accounts are kept where people sign in; here they are counted.
struct Accounts {
    active: usize,
    all: usize,
    can_see: bool,
}

/// `GET /safety/registers`.
pub(crate) async fn register_index(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    reader.may(&app, Action::SeeSafety, &ours(&reader))?;
    let (store, act) = (&app.exchange.store, &reader.visitor.act);
    let fault = at_fault(&app, &reader);
    let counts = store.register_counts(own(&reader), act.today()).await.map_err(&fault)?;
    let examined = Examined::look(store, own(&reader), act.today(), act.now).await.map_err(&fault)?;
    let accounts = store.accounts(Some(own(&reader).to_owned())).await.map_err(&fault)?;
    let frame = reader.frame(&app);
    let view = |code: &str| {
        let count = counts.iter().find(|count| count.register == code);
        RegisterView {
            code: code.to_owned(),
            name: frame.word(&format!("register-name.{code}")).to_owned(),
            about: frame.word(&format!("register-about.{code}")).to_owned(),
            open: count.map_or(0, |count| count.open),
            overdue: count.map_or(0, |count| count.overdue),
            findings: examined.findings.iter().filter(|one| one.register == code).count(),
            changed: count.map(|count| minute(count.changed_at)).unwrap_or_default(),
        }
    };
    let rows = registers().iter().map(|one| view(&one.code)).collect();
    let accounts = Accounts {
        active: accounts.iter().filter(|one| one.state.code() == "active").count(),
        all: accounts.len(),
        can_see: can(&reader, Action::AccountList),
    };
    let page = RegistersPage {
        frame: frame.clone().titled(frame.word("registers.title").to_owned()),
        rows,
        accounts,
        can_keep: can(&reader, Action::KeepRegisters),
        findings: examined.findings.len(),
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}
