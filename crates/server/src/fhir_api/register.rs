//! `POST /fhir/Bundle`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::Registered;
use serde_json::json;
use store::Standing;

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::incoming::{read_body, require_fhir_json};

const AUDIT_EVENT: HeaderName = HeaderName::from_static("audit-event");

/// Registers a bundle: 201 for a new unit, 200 where one was replaced or the same bytes stood already.
pub(crate) async fn register(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    require_fhir_json(&headers, visitor.language)?;
    let bytes = read_body(&headers, body, app.exchange.limits.bytes, visitor.language).await?;
    let registered = app.exchange.register(&visitor.viewer, &bytes, &visitor.act).await;
    let registered = registered.map_err(|why| Refused::not_registered(&why, visitor.language))?;
    Ok(receipt(&app, &registered, &visitor))
}

/// The receipt, with warnings where there are any. The same for the same bytes, however often they are sent.
fn receipt(app: &App, registered: &Registered, visitor: &Visitor) -> Response {
    let receipt = &registered.receipt;
    let status = if receipt.standing == Standing::New { StatusCode::CREATED } else { StatusCode::OK };
    let location = format!("{}/fhir/Bundle/{}", app.base_url, receipt.unit);
    let warnings = registered.warnings.to_operation_outcome(visitor.language);
    let body = json!({
        "resourceType": "Parameters",
        "parameter": [
            {"name": "bundle", "valueReference": {"reference": format!("Bundle/{}", receipt.unit)}},
            {"name": "patient", "valueReference": {"reference": format!("Patient/{}", receipt.person)}},
            {"name": "received", "valueInstant": receipt.received_at.to_string()},
            {"name": "event", "valueReference": {"reference": format!("AuditEvent/{}", receipt.event)}},
            {"name": "sha256", "valueString": receipt.digest_text()},
            {"name": "outcome", "resource": serde_json::from_str::<serde_json::Value>(&warnings).unwrap_or_default()},
        ],
    });
    let headers = [
        (CONTENT_TYPE, FHIR_JSON.to_owned()),
        (LOCATION, location),
        (ETAG, format!("W/\"{}\"", receipt.digest_text())),
        (AUDIT_EVENT, receipt.event.to_string()),
    ];
    (status, headers, body.to_string()).into_response()
}
