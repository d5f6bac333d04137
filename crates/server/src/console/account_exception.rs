//! パスワードだけの例外: granted for a reason until a day, and ended.

use std::sync::Arc;

use access::{Action, Concern, Role};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use identity::NotExcepted;
use store::Holder;

use crate::App;
use crate::console::accounts::{page, permitted};
use crate::console::form::{read_form, text};
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, to};
use crate::console::time::end_of_day;

/// `POST /accounts/exception`.
pub(crate) async fn change_exception(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let fault = |fault| Refusal::fault(reader.frame(&app), &fault);
    let account = app.exchange.store.account(text(&fields, "account")).await.map_err(fault)?;
    let account = account.ok_or_else(|| reader.not_found(&app))?;
    let holder = Holder { credential: account.id.clone(), name: account.name.clone() };
    let concern = Concern {
        institution: account.institution.as_deref(),
        subject: Role::from_code(&account.role),
        holder: Some(&holder),
        is_first: false,
    };
    let rule = permitted(&app, &reader, Action::AccountExcept, &concern)?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    if text(&fields, "act") == "end" {
        let ended = app.identity.end_exception(viewer, rule, &account.id, act).await.map_err(fault)?;
        return if ended {
            Ok(to("/accounts"))
        } else {
            page(&app, &reader, Some("accounts.not-there")).await
        };
    }
    let Some(until) = end_of_day(&text(&fields, "until")) else {
        return page(&app, &reader, Some("exception.wrong-end")).await;
    };
    let reason = text(&fields, "reason");
    match app.identity.except(viewer, rule, &account.id, &reason, until, act).await {
        Ok(()) => Ok(to("/accounts")),
        Err(NotExcepted::Reason) => page(&app, &reader, Some("exception.wrong-reason")).await,
        Err(NotExcepted::End(_)) => page(&app, &reader, Some("exception.wrong-end")).await,
        Err(NotExcepted::NotThere) => page(&app, &reader, Some("accounts.not-there")).await,
        Err(NotExcepted::Store(why)) => Err(fault(why)),
    }
}
