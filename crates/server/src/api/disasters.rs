//! Disasters as JSON: declared, listed, ended.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::Declaration;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Disaster;

use super::incoming::{JSON, json_body};
use crate::App;
use crate::answer::Refused;
use crate::door::Visitor;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    name: String,
    authority: String,
    prefectures: Vec<String>,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

/// `POST /api/v1/disasters`: an operator declares one.
pub(crate) async fn declare_disaster(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let sent: Declared = json_body(&visitor, &headers, body).await?;
    let declaration = Declaration {
        name: sent.name,
        authority: sent.authority,
        prefectures: sent.prefectures,
        starts_at: sent.starts_at,
        ends_at: sent.ends_at,
    };
    let declared = app.exchange.declare_disaster(&visitor.viewer, declaration, &visitor.act).await;
    let declared = declared.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok((StatusCode::CREATED, JSON, shown(&declared).to_string()).into_response())
}

/// `GET /api/v1/disasters`: every one, newest first. No secret: anybody with a token.
pub(crate) async fn disasters(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Refused> {
    let all = app.exchange.store.disasters().await;
    let all = all.map_err(|fault| Refused::fault(&fault, visitor.language))?;
    let all: Vec<Value> = all.iter().map(shown).collect();
    Ok((JSON, json!({"disasters": all}).to_string()).into_response())
}

/// `POST /api/v1/disasters/{id}/end`: from this instant on nothing opens by it.
pub(crate) async fn end_disaster(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let ended = app.exchange.end_disaster(&visitor.viewer, &id, &visitor.act).await;
    ended.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn shown(disaster: &Disaster) -> Value {
    json!({
        "id": disaster.id,
        "name": disaster.name,
        "authority": disaster.authority,
        "prefectures": disaster.prefectures,
        "starts_at": disaster.starts_at.to_string(),
        "ends_at": disaster.ends_at.to_string(),
        "ended_at": disaster.ended_at.map(|at| at.to_string()),
    })
}
