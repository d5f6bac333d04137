//! What other machines measured, as signed messages: their signature is all that lets them.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use safety::report::{NotTaken, ReportFault, largest_report};
use serde_json::{Value, json};

use super::incoming::JSON;
use crate::App;
use crate::answer::Refused;
use crate::door::Caller;
use crate::fhir_api::read_body;

/// The media type of a signed message in its compact form (RFC 7515 §9.2.1).
const JOSE: &str = "application/jose";

/// `POST /api/v1/safety/reports`: a report, signed; what it says of controls comes back.
pub(crate) async fn take_report(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let language = caller.language;
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(JOSE) {
        return Err(Refused::not_signed(language));
    }
    let body = read_body(&headers, body, largest_report(), language).await;
    let body = body.map_err(|refused| match refused.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refused::report(&ReportFault::TooLarge, language),
        _ => refused,
    })?;
    let receipt = app.safety.take_report(&body, &caller.act).await.map_err(|why| match why {
        NotTaken::Report(fault) => Refused::report(&fault, language),
        NotTaken::Store(fault) => Refused::fault(&fault, language),
    })?;
    let found = receipt
        .found
        .iter()
        .map(|one| json!({"control": one.control, "holds": one.holds, "measured": one.measured}));
    let answer = json!({
        "reporter": receipt.reporter,
        "received_at": caller.act.now.to_string(),
        "controls": found.collect::<Vec<Value>>(),
    });
    Ok((StatusCode::CREATED, JSON, answer.to_string()).into_response())
}
