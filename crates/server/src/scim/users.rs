//! `/scim/v2/Users`: the accounts of the asking system's institution.

use std::collections::HashMap;
use std::sync::Arc;

use access::{Action, Role};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use identity::{Deed, Login, NewAccount, NotMade, Proofing, Wanted};
use serde_json::Value;
use store::{Account, AccountState, Naming};

use crate::App;
use crate::fhir_api::read_body;
use crate::scim::asker::Asker;
use crate::scim::draft::Draft;
use crate::scim::fault::{ScimFault, Wrong};
use crate::scim::filter::Filter;
use crate::scim::user::{Shape, is_expected, is_known, user, version_of};
use crate::scim::{answer, page};
use crate::smart::query;
use crate::words::word;

/// No body here is larger.
const LARGEST_BYTES: usize = 64 << 10;
/// How many a page holds, unless fewer are asked for.
pub(super) const MOST_RESULTS: usize = 200;

/// One account, what its institution's system calls it, and both as SCIM shows them.
struct Known {
    account: Account,
    external_id: Option<String>,
    shown: Value,
}

/// `GET /scim/v2/Users`: all, or those that a filter finds, by login.
pub(crate) async fn list(State(app): State<Arc<App>>, asker: Asker, uri: Uri) -> Result<Response, ScimFault> {
    asker.may(Action::AccountList, None)?;
    let fault = |fault| ScimFault::fault(&fault, asker.language);
    let parameters = query(&uri);
    let of = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    let filter = of("filter").map(Filter::parse).transpose();
    let filter = filter.map_err(|wrong| ScimFault::wrong(&wrong, asker.language))?;
    let number = |name: &'static str, otherwise: i64| match of(name) {
        None => Ok(otherwise),
        Some(text) => text.parse::<i64>().map_err(|_| ScimFault::wrong(&Wrong::value(name), asker.language)),
    };
    let start = usize::try_from(number("startIndex", 1)?.max(1)).unwrap_or(usize::MAX);
    let count = usize::try_from(number("count", 100)?.max(0)).unwrap_or(usize::MAX).min(MOST_RESULTS);
    let names = app.exchange.store.external_names(asker.institution.clone()).await.map_err(fault)?;
    let names: HashMap<String, String> = names.into_iter().collect();
    let all = app.exchange.store.accounts(Some(asker.institution.clone())).await.map_err(fault)?;
    let name = |one: &Account| names.get(&one.id).map(String::as_str);
    let is_found = |one: &&Account| filter.as_ref().is_none_or(|filter| filter.matches(one, name(one)));
    let found: Vec<&Account> = all.iter().filter(|one| is_shown(one)).filter(is_found).collect();
    let shape = Shape::of(&parameters);
    let shown = found.iter().skip(start - 1).take(count);
    let shown: Vec<Value> = shown.map(|one| shape.shaped(user(&app, one, name(one)))).collect();
    Ok(answer(StatusCode::OK, &page(found.len(), start, &shown)))
}

/// `GET /scim/v2/Users/{id}`.
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ScimFault> {
    asker.may(Action::AccountList, None)?;
    let known = known(&app, &asker, id).await?;
    if is_known(&headers, version_of(&known.shown)) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(one(StatusCode::OK, known.shown, &Shape::of(&query(&uri))))
}

/// `POST /scim/v2/Users`: makes an account that waits to be invited. No link is answered: a person hands it over, who has
/// made sure who its holder is.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    asker: Asker,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, ScimFault> {
    let language = asker.language;
    let sent = sent(&asker, &headers, body).await?;
    let draft = Draft::read(&sent).map_err(|wrong| ScimFault::wrong(&wrong, language))?;
    let missing = |attribute: &str| ScimFault::wrong(&Wrong::value(attribute), language);
    let login = draft.user_name.as_deref().and_then(|login| login.parse::<Login>().ok());
    let login = login.ok_or_else(|| missing("userName"))?;
    let role = draft.role.ok_or_else(|| missing("roles"))?;
    let name = draft.display_name.ok_or_else(|| missing("displayName"))?;
    let rule = asker.may(Action::AccountInvite, Some(role))?;
    let checked = word(language, "scim.proofing").to_owned();
    let proofing = Proofing { checked, by: asker.viewer.name.clone(), level: 1, reference: None };
    let new = NewAccount {
        login,
        name,
        role,
        institution: Some(asker.institution.clone()),
        person: None,
        proofing: Some(proofing),
        ends_at: draft.ends_at,
    };
    let deed = Deed::make(&asker.viewer, rule, new, false, &asker.act).map_err(|why| match why {
        NotMade::Store(fault) => ScimFault::fault(&fault, language),
        NotMade::LoginTaken => ScimFault::taken(language),
        NotMade::NeedsEnd | NotMade::EndsBefore => missing("endsAt"),
        NotMade::NeedsInstitution | NotMade::NeedsPerson => missing("roles"),
    })?;
    let deed = if draft.active == Some(false) { deed.out_of_use() } else { deed };
    let account = deed.account().clone();
    let naming = draft.external_id.clone().map_or(Naming::Kept, Naming::Named);
    do_it(&app, &asker, Some(deed), &account, naming).await?;
    let shown = user(&app, &account, draft.external_id.as_deref());
    let location = shown["meta"]["location"].as_str().and_then(|text| HeaderValue::from_str(text).ok());
    let mut response = one(StatusCode::CREATED, shown, &Shape::of(&query(&uri)));
    if let Some(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// `PUT /scim/v2/Users/{id}`: what was not sent and can be missing goes.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, ScimFault> {
    let wrong = |wrong: Wrong| ScimFault::wrong(&wrong, asker.language);
    let known = expected(&app, &asker, id, &headers).await?;
    let sent = Draft::read(&sent(&asker, &headers, body).await?).map_err(wrong)?;
    let is_other = |login: &String| !login.eq_ignore_ascii_case(&known.account.login);
    if sent.user_name.as_ref().is_some_and(is_other) {
        return Err(wrong(Wrong::mutability("userName")));
    }
    if sent.display_name.is_none() {
        return Err(wrong(Wrong::value("displayName")));
    }
    change(&app, &asker, known, sent, &uri).await
}

/// `PATCH /scim/v2/Users/{id}`.
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<Response, ScimFault> {
    let known = expected(&app, &asker, id, &headers).await?;
    let message = sent(&asker, &headers, body).await?;
    let draft = Draft::of(&known.account, known.external_id.clone()).patched(&message);
    let draft = draft.map_err(|wrong| ScimFault::wrong(&wrong, asker.language))?;
    change(&app, &asker, known, draft, &uri).await
}

/// `DELETE /scim/v2/Users/{id}`: ends the account. Its login is not given again.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ScimFault> {
    let known = expected(&app, &asker, id, &headers).await?;
    let account = &known.account;
    let wanted = Wanted { state: Some(AccountState::Ended), ..as_it_is(account) };
    let deed = decided(&asker, account, &wanted)?;
    do_it(&app, &asker, deed, account, Naming::Kept).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn change(
    app: &App,
    asker: &Asker,
    known: Known,
    draft: Draft,
    uri: &Uri,
) -> Result<Response, ScimFault> {
    let is = as_it_is(&known.account);
    let wanted = Wanted {
        name: draft.display_name.unwrap_or(is.name),
        role: draft.role.unwrap_or(is.role),
        ends_at: draft.ends_at,
        state: draft.active.map(|active| if active { AccountState::Active } else { AccountState::Suspended }),
    };
    let deed = decided(asker, &known.account, &wanted)?;
    let naming = match (&known.external_id, draft.external_id) {
        (before, after) if *before == after => Naming::Kept,
        (_, Some(after)) => Naming::Named(after),
        (_, None) => Naming::Unnamed,
    };
    do_it(app, asker, deed, &known.account, naming).await?;
    let after = self::known(app, asker, known.account.id).await?;
    Ok(one(StatusCode::OK, after.shown, &Shape::of(&query(uri))))
}

fn as_it_is(account: &Account) -> Wanted {
    Wanted {
        name: account.name.clone(),
        // A role this program does not know can do nothing, and is nobody's to give.
        role: Role::from_code(&account.role).unwrap_or(Role::Developer),
        ends_at: account.ends_at,
        state: None,
    }
}

fn decided(asker: &Asker, account: &Account, wanted: &Wanted) -> Result<Option<Deed>, ScimFault> {
    let decide = |action, concern: &access::Concern<'_>| asker.decide(action, concern);
    let deed = Deed::change(&asker.viewer, account, wanted, false, &decide, &asker.act);
    deed.map_err(|why| ScimFault::not_wanted(&why, asker.language))
}

/// Does what was decided, and names the account as the system calls it.
async fn do_it(
    app: &App,
    asker: &Asker,
    deed: Option<Deed>,
    account: &Account,
    naming: Naming,
) -> Result<(), ScimFault> {
    let decide = |action, concern: &access::Concern<'_>| asker.decide(action, concern);
    let deed = Deed::naming(deed, &asker.viewer, account, naming, &decide, &asker.act);
    let Some(deed) = deed.map_err(|why| ScimFault::not_wanted(&why, asker.language))? else { return Ok(()) };
    let done = app.identity.carry_out(vec![deed], &asker.act).await;
    done.map(drop).map_err(|why| ScimFault::not_done(&why, asker.language))
}

/// Ended accounts are gone for SCIM, and patients' were never there.
fn is_shown(account: &Account) -> bool {
    account.state != AccountState::Ended && account.person.is_none()
}

async fn known(app: &App, asker: &Asker, id: String) -> Result<Known, ScimFault> {
    let fault = |fault| ScimFault::fault(&fault, asker.language);
    let account = app.exchange.store.account(id).await.map_err(fault)?;
    let is_theirs =
        |one: &Account| is_shown(one) && one.institution.as_deref() == Some(asker.institution.as_str());
    let account = account.filter(is_theirs).ok_or_else(|| ScimFault::not_found(asker.language))?;
    let external_id = app.exchange.store.external_name(account.id.clone()).await.map_err(fault)?;
    let shown = user(app, &account, external_id.as_deref());
    Ok(Known { account, external_id, shown })
}

/// The account that is to be changed, if it is as the caller has seen it.
async fn expected(app: &App, asker: &Asker, id: String, headers: &HeaderMap) -> Result<Known, ScimFault> {
    let known = known(app, asker, id).await?;
    if is_expected(headers, version_of(&known.shown)) {
        Ok(known)
    } else {
        Err(ScimFault::outdated(asker.language))
    }
}

async fn sent(asker: &Asker, headers: &HeaderMap, body: Body) -> Result<Value, ScimFault> {
    let language = asker.language;
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/scim+json" && kind != "application/json" {
        return Err(ScimFault::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, language));
    }
    let bytes = read_body(headers, body, LARGEST_BYTES, language).await;
    let bytes = bytes.map_err(|refused| ScimFault::of_status(refused.status(), language))?;
    serde_json::from_slice(&bytes).map_err(|_| ScimFault::wrong(&Wrong::syntax(), language))
}

fn one(status: StatusCode, user: Value, shape: &Shape) -> Response {
    let version = HeaderValue::from_str(version_of(&user));
    let mut response = answer(status, &shape.shaped(user));
    if let Ok(version) = version {
        response.headers_mut().insert(ETAG, version);
    }
    response
}
