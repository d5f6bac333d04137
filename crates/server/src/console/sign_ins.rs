//! サインインの履歴: when, from where and by what somebody signed in with an account, or tried to. For its holder, and
//! for whoever keeps it.

use std::sync::Arc;

use access::{Action, Concern};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::{SignIn, SignInKind};

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time::second;

#[derive(Template)]
#[template(path = "sign_ins.html")]
struct SignInsPage {
    frame: Frame,
    name: String,
    login: String,
    rows: Vec<SignInRow>,
}

/// One line of the history.
pub(crate) struct SignInRow {
    /// When.
    pub(crate) at: String,
    /// What was done or tried.
    pub(crate) what: String,
    /// Whether it failed.
    pub(crate) is_refused: bool,
    /// By what it was proved.
    pub(crate) factors: String,
    /// From which address.
    pub(crate) address: String,
    /// On which device, or in which browser.
    pub(crate) device: String,
}

/// `GET /accounts/{id}/sign-ins`.
pub(crate) async fn sign_ins(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let own = reader.visitor.viewer.institution.as_deref();
    reader.may(&app, Action::AccountList, &Concern { institution: own, ..Concern::default() })?;
    let fault = |fault| Refusal::fault(reader.frame(&app), &fault);
    let found = app.exchange.store.account(id).await.map_err(fault)?;
    let is_theirs = |one: &store::Account| own.is_none() || one.institution.as_deref() == own;
    let account = found.filter(|one| is_theirs(one) && one.person.is_none());
    let account = account.ok_or_else(|| reader.not_found(&app))?;
    let frame = reader.frame(&app);
    let rows = rows(&app, &reader, &account.id).await?;
    let title = frame.word("sign-ins.title").to_owned();
    let page = SignInsPage { rows, name: account.name, login: account.login, frame: frame.titled(title) };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

/// The last sign-ins with an account.
pub(crate) async fn rows(app: &App, reader: &Reader, account: &str) -> Result<Vec<SignInRow>, Refusal> {
    let frame = reader.frame(app);
    let found = app.identity.sign_ins(account, reader.visitor.act.now).await;
    let found = found.map_err(|fault| Refusal::fault(reader.frame(app), &fault))?;
    Ok(found.into_iter().map(|one| row(one, &frame)).collect())
}

fn row(one: SignIn, frame: &Frame) -> SignInRow {
    let factor = |code: &String| frame.word(&format!("factor.{code}")).to_owned();
    SignInRow {
        at: second(one.at),
        what: frame.word(&format!("sign-in-kind.{}", one.kind.code())).to_owned(),
        is_refused: matches!(one.kind, SignInKind::Refused | SignInKind::Locked),
        factors: one.factors.iter().map(factor).collect::<Vec<_>>().join(frame.word("act.joint")),
        address: one.address.unwrap_or_default(),
        device: one.device.or(one.agent).unwrap_or_default(),
    }
}
