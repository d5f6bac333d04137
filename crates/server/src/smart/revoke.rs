//! `POST /oauth/revoke` (RFC 7009) and `POST /oauth/introspect` (RFC 7662): what an app may do with a token of its own.

use std::sync::Arc;

use access::token_hash;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use identity::app::{AssertionFault, Client, ClientFault};
use serde_json::{Value, json};
use store::{Credential, Fault, Lent};

use crate::App;
use crate::door::Caller;
use crate::smart::answer;
use crate::smart::fault::NotLent;
use crate::smart::parameters::value;
use crate::smart::token::{client, parameters};

/// Ends a token. Whether it was one is not told.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let ended = async {
        let (client, token) = asked(&app, &caller, "/oauth/revoke", &headers, body).await?;
        let own = own(&app, &caller, &client, &token).await?;
        if let Some((credential, _)) = own {
            let ended = app.exchange.store.end_lent(credential.id, caller.act.now).await;
            ended.map_err(|fault| unavailable(fault, &caller))?;
        }
        Ok::<_, NotLent>(StatusCode::OK)
    };
    ended.await.map_or_else(IntoResponse::into_response, IntoResponse::into_response)
}

/// Tells an app that can prove itself what a token of its own is good for; of any other, only that it is not active.
pub(crate) async fn introspect(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let told = async {
        let (client, token) = asked(&app, &caller, "/oauth/introspect", &headers, body).await?;
        if client.assertion.is_none() {
            return Err(NotLent::client(&ClientFault::Unknown, caller.language));
        }
        let own = own(&app, &caller, &client, &token).await?;
        let inactive = json!({"active": false});
        Ok::<_, NotLent>(answer(&own.map_or(inactive, |(credential, lent)| active(&credential, &lent))))
    };
    told.await.map_or_else(IntoResponse::into_response, IntoResponse::into_response)
}

/// Who asks, about which token; their assertion is spent.
async fn asked(
    app: &App,
    caller: &Caller,
    path: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Client, String), NotLent> {
    let parameters = parameters(headers, body, caller).await?;
    let client = client(app, &parameters, path, caller).await?;
    if let Some(assertion) = client.assertion {
        let is_new = app.exchange.store.spend(assertion, caller.act.now).await;
        if !is_new.map_err(|fault| unavailable(fault, caller))? {
            return Err(NotLent::client(&AssertionFault::Replayed.into(), caller.language));
        }
    }
    let token = value(&parameters, "token").ok_or_else(|| NotLent::invalid_request(caller.language))?;
    Ok((client, token.to_owned()))
}

/// The token, if it was lent to this app and is in force.
async fn own(
    app: &App,
    caller: &Caller,
    client: &Client,
    token: &str,
) -> Result<Option<(Credential, Lent)>, NotLent> {
    let found = app.exchange.store.credential(token_hash(token)).await;
    let found = found.map_err(|fault| unavailable(fault, caller))?;
    let in_force = found.filter(|one| one.revoked_at.is_none() && caller.act.now < one.ends_at);
    Ok(in_force.and_then(|one| {
        let lent = one.lent.clone().filter(|lent| lent.app == client.app.id)?;
        Some((one, lent))
    }))
}

fn active(credential: &Credential, lent: &Lent) -> Value {
    let mut active = json!({
        "active": true,
        "client_id": lent.app,
        "scope": lent.scopes,
        "exp": credential.ends_at.as_second(),
        "iat": credential.created_at.as_second(),
        "token_type": "Bearer",
    });
    if let Some(patient) = lent.patient {
        active["patient"] = json!(patient.to_string());
    }
    active
}

fn unavailable(fault: Fault, caller: &Caller) -> NotLent {
    NotLent::client(&ClientFault::Store(fault), caller.language)
}
