//! Looks without consent as JSON: which wait for their review, and what it found.

use std::sync::Arc;

use audit::EventId;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::Look;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Finding;

use super::incoming::{JSON, json_body};
use crate::App;
use crate::answer::Refused;
use crate::door::Visitor;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    finding: String,
    #[serde(default)]
    note: String,
}

/// `GET /api/v1/reviews`: the looks of the viewer's institution, oldest first.
pub(crate) async fn reviews(State(app): State<Arc<App>>, visitor: Visitor) -> Result<Response, Refused> {
    let looks = app.exchange.looks(&visitor.viewer, &visitor.act).await;
    let looks = looks.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    let looks: Vec<Value> = looks.iter().map(shown).collect();
    Ok((JSON, json!({"looks": looks}).to_string()).into_response())
}

/// `POST /api/v1/reviews/{id}`: `justified` or `flagged`.
pub(crate) async fn review(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let id = EventId::try_from(id).map_err(|_| Refused::not_found(visitor.language))?;
    let sent: Found = json_body(&visitor, &headers, body).await?;
    let finding = Finding::from_code(&sent.finding)
        .ok_or_else(|| Refused::bad_request("answer.not-this-shape", visitor.language))?;
    let kept = app.exchange.review(&visitor.viewer, id, finding, &sent.note, &visitor.act).await;
    kept.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn shown(look: &Look) -> Value {
    let mut shown = super::consents::shown(&look.grant);
    shown["events"] = json!(look.events.iter().map(|event| event.id.to_string()).collect::<Vec<_>>());
    shown
}
