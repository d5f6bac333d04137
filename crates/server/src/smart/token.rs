//! `POST /oauth/token`: a backend's assertion or an app's code for a token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use identity::app::{Client, ClientFault, Loan, is_repeated, lend_by_code, lend_to_backend, prove, public};
use jiff::Timestamp;
use serde_json::json;

use crate::App;
use crate::door::Caller;
use crate::smart::answer;
use crate::smart::fault::NotLent;
use crate::smart::parameters::{Parameters, form, value};

/// What proves an app (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Lends a token.
pub(crate) async fn token(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match lend(&app, &caller, &headers, body).await {
        Ok(loan) => lent(&loan),
        Err(not) => not.into_response(),
    }
}

async fn lend(app: &App, caller: &Caller, headers: &HeaderMap, body: Body) -> Result<Loan, NotLent> {
    let language = caller.language;
    let parameters = parameters(headers, body, caller).await?;
    let of = |name: &str| value(&parameters, name);
    let store = &app.exchange.store;
    let lent = match of("grant_type") {
        Some("client_credentials") => {
            let client = client(app, &parameters, "/oauth/token", caller).await?;
            lend_to_backend(store, client, of("scope").unwrap_or_default(), &caller.act).await
        }
        Some("authorization_code") => {
            let client = client(app, &parameters, "/oauth/token", caller).await?;
            let (code, verifier, address) = (of("code"), of("code_verifier"), of("redirect_uri"));
            let (Some(code), Some(verifier), Some(address)) = (code, verifier, address) else {
                return Err(NotLent::invalid_request(language));
            };
            lend_by_code(store, client, code, verifier, address, &caller.act).await
        }
        Some(_) => return Err(NotLent::unsupported_grant(language)),
        None => return Err(NotLent::invalid_request(language)),
    };
    lent.map_err(|fault| NotLent::lend(&fault, language))
}

/// The form of a request to one of the addresses for machines.
pub(super) async fn parameters(
    headers: &HeaderMap,
    body: Body,
    caller: &Caller,
) -> Result<Parameters, NotLent> {
    let parameters = form(headers, body).await.map_err(|status| NotLent::form(status, caller.language))?;
    if is_repeated(&parameters) { Err(NotLent::invalid_request(caller.language)) } else { Ok(parameters) }
}

/// The app that sent a request: proved by its assertion, or public.
pub(super) async fn client(
    app: &App,
    parameters: &[(String, String)],
    path: &str,
    caller: &Caller,
) -> Result<Client, NotLent> {
    let now: Timestamp = caller.act.now;
    let id = value(parameters, "client_id");
    let client = match (value(parameters, "client_assertion"), value(parameters, "client_assertion_type")) {
        (Some(assertion), Some(JWT_BEARER)) => {
            // SMART names the token address; OAuth clients at large name the issuer, or where they send it.
            let audiences = ["/oauth/token", path, ""].map(|path| format!("{}{path}", app.base_url));
            prove(&app.exchange.store, assertion, id, &audiences, now).await
        }
        (None, None) => match id {
            Some(id) => public(&app.exchange.store, id, now).await,
            None => return Err(NotLent::invalid_request(caller.language)),
        },
        _ => return Err(NotLent::invalid_request(caller.language)),
    };
    client.map_err(|fault: ClientFault| NotLent::client(&fault, caller.language))
}

fn lent(loan: &Loan) -> Response {
    let mut body = json!({
        "access_token": loan.token,
        "token_type": "Bearer",
        "expires_in": loan.life.as_secs(),
        "scope": loan.scopes.to_string(),
    });
    if let Some(patient) = loan.patient {
        body["patient"] = json!(patient.to_string());
    }
    answer(&body)
}
