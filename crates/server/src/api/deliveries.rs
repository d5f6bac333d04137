//! What became of a subscription's notices, and sending one again.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Delivery, DeliveryKey, DeliveryState, Page, SubscriptionId};

use crate::App;
use crate::answer::Refused;
use crate::door::Visitor;
use crate::fhir_api::not_subscribed;

const PAGE: u16 = 100;

/// `GET /api/v1/subscriptions/{id}/deliveries?before=`: newest first.
pub(crate) async fn deliveries(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let id = SubscriptionId::from_str(&id).map_err(|_| Refused::not_found(visitor.language))?;
    let before = parameters.get("before").map(|text| text.parse::<Timestamp>()).transpose();
    let before = before.map_err(|_| Refused::bad_request("answer.before-needed", visitor.language))?;
    let before = before.unwrap_or(visitor.act.now + SignedDuration::from_secs(1));
    let found = app.exchange.deliveries(&visitor.viewer, id, Page { before, limit: PAGE }).await;
    let found = found.map_err(|why| not_subscribed(&why, visitor.language))?;
    let next =
        found.last().filter(|_| found.len() == usize::from(PAGE)).map(|last| last.created_at.to_string());
    let listed: Vec<Value> = found.iter().map(row).collect();
    let body = json!({"deliveries": listed, "next_before": next});
    Ok(([(CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}

/// `POST /api/v1/deliveries/{id}/resend`: under the same id; 202, for it leaves in a moment.
pub(crate) async fn resend(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let key = DeliveryKey::from_str(&id).map_err(|_| Refused::not_found(visitor.language))?;
    let sent = app.exchange.resend(&visitor.viewer, key, &visitor.act).await;
    sent.map_err(|why| not_subscribed(&why, visitor.language))?;
    Ok(StatusCode::ACCEPTED.into_response())
}

fn row(delivery: &Delivery) -> Value {
    let next = (delivery.state == DeliveryState::Waiting).then(|| delivery.due_at.to_string());
    json!({
        "id": delivery.key.to_string(),
        "topic": delivery.key.topic.code(),
        "event": delivery.key.event.to_string(),
        "created_at": delivery.created_at.to_string(),
        "state": delivery.state.code(),
        "attempts": delivery.attempts,
        "next_try": next,
        "last_answer": delivery.answer,
        "settled_at": delivery.settled_at.map(|at| at.to_string()),
    })
}
