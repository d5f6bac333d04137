//! Sending: `POST /fhir/Bundle`, `PUT /fhir/Bundle/{id}`, `POST /fhir/Bundle/{id}/$attach`.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{Registered, Sending};
use fhir::finding::Language;
use serde::Deserialize;
use serde_json::json;
use store::{Receipt, Standing, UnitId};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::incoming::{read_body, require_fhir_json};

const AUDIT_EVENT: HeaderName = HeaderName::from_static("audit-event");

/// Registers a bundle: 201 for a new unit, 200 where one was replaced or the same bytes stood already.
pub(crate) async fn register(
    app: State<Arc<App>>,
    visitor: Visitor,
    query: Query<Consent>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    send(app, visitor, None, query, headers, body).await
}

/// Puts whole new content in the place of a unit (変更): cancelled and registered in one step, under the same id.
pub(crate) async fn change(
    app: State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    query: Query<Consent>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let unit = unit_id(&id, visitor.language)?;
    send(app, visitor, Some(unit), query, headers, body).await
}

/// Sends a discharge summary (Bundle) or a PDF (DocumentReference) along with a referral.
pub(crate) async fn attach(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let referral = unit_id(&id, visitor.language)?;
    require_fhir_json(&headers, visitor.language)?;
    let bytes = read_body(&headers, body, app.exchange.limits.bytes, visitor.language).await?;
    let attached = app.exchange.attach(&visitor.viewer, referral, &bytes, &visitor.act).await;
    let attached = attached.map_err(|why| Refused::not_registered(&why, visitor.language))?;
    Ok(answer(&app, &attached, &visitor, Wish::of(&headers), &bytes))
}

async fn send(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    replaces: Option<UnitId>,
    Query(consent): Query<Consent>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let is_consented = consent.is_given(visitor.language)?;
    require_fhir_json(&headers, visitor.language)?;
    let bytes = read_body(&headers, body, app.exchange.limits.bytes, visitor.language).await?;
    let sending = Sending { replaces, is_consented };
    let registered = app.exchange.register(&visitor.viewer, &bytes, sending, &visitor.act).await;
    let registered = registered.map_err(|why| Refused::not_registered(&why, visitor.language))?;
    Ok(answer(&app, &registered, &visitor, Wish::of(&headers), &bytes))
}

/// `?referral-consent=given`: the patient has told the sender that the destination may read the referral (同意済フラグ).
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Consent {
    referral_consent: Option<String>,
}

impl Consent {
    fn is_given(&self, language: Language) -> Result<bool, Refused> {
        match self.referral_consent.as_deref() {
            None | Some("pending") => Ok(false),
            Some("given") => Ok(true),
            Some(_) => Err(Refused::bad_request("answer.unknown-consent", language)),
        }
    }
}

/// The id in an address; one that is no id is not found.
pub(crate) fn unit_id(text: &str, language: Language) -> Result<UnitId, Refused> {
    UnitId::from_str(text).map_err(|_| Refused::not_found(language))
}

/// What the client wants back (`Prefer: return=…`).
enum Wish {
    Receipt,
    Nothing,
    Resource,
    Outcome,
}

impl Wish {
    /// The receipt, unless something else is preferred; a preference nobody knows is none.
    fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all("prefer").iter().filter_map(|line| line.to_str().ok());
        let mut wishes = lines.flat_map(|line| line.split([',', ';'])).map(str::trim);
        match wishes.find_map(|wish| wish.strip_prefix("return=")) {
            Some("minimal") => Self::Nothing,
            Some("representation") => Self::Resource,
            Some("OperationOutcome") => Self::Outcome,
            _ => Self::Receipt,
        }
    }
}

/// The receipt, with warnings where there are any, or what was preferred to it. The same for the same bytes, however
/// often they are sent.
fn answer(app: &App, registered: &Registered, visitor: &Visitor, wish: Wish, sent: &[u8]) -> Response {
    let receipt = &registered.receipt;
    let status = if receipt.standing == Standing::New { StatusCode::CREATED } else { StatusCode::OK };
    let location = format!("{}/fhir/Bundle/{}", app.base_url, receipt.unit);
    let warnings = registered.warnings.to_operation_outcome(visitor.language);
    let body = match wish {
        Wish::Receipt => parameters(receipt, &warnings).into_bytes(),
        Wish::Nothing => Vec::new(),
        Wish::Resource => sent.to_vec(),
        Wish::Outcome => warnings.into_bytes(),
    };
    let headers = [
        (CONTENT_TYPE, FHIR_JSON.to_owned()),
        (LOCATION, location),
        (ETAG, format!("W/\"{}\"", receipt.digest_text())),
        (AUDIT_EVENT, receipt.event.to_string()),
    ];
    (status, headers, body).into_response()
}

fn parameters(receipt: &Receipt, warnings: &str) -> String {
    json!({
        "resourceType": "Parameters",
        "parameter": [
            {"name": "bundle", "valueReference": {"reference": format!("Bundle/{}", receipt.unit)}},
            {"name": "patient", "valueReference": {"reference": format!("Patient/{}", receipt.person)}},
            {"name": "received", "valueInstant": receipt.received_at.to_string()},
            {"name": "event", "valueReference": {"reference": format!("AuditEvent/{}", receipt.event)}},
            {"name": "sha256", "valueString": receipt.digest_text()},
            {"name": "outcome", "resource": serde_json::from_str::<serde_json::Value>(warnings).unwrap_or_default()},
        ],
    })
    .to_string()
}
