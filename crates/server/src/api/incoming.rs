//! Small JSON bodies, strictly read.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::answer::Refused;
use crate::door::Visitor;
use crate::fhir_api::{read_body, require_fhir_json};

/// No body here is larger.
const LARGEST_BYTES: usize = 64 << 10;
/// The media type of answers here.
pub(super) const JSON: [(axum::http::HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];

/// Reads a body as JSON of one shape; anything else is 400.
pub(super) async fn json_body<T: DeserializeOwned>(
    visitor: &Visitor,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Refused> {
    require_fhir_json(headers, visitor.language)?;
    let bytes = read_body(headers, body, LARGEST_BYTES, visitor.language).await?;
    serde_json::from_slice(&bytes)
        .map_err(|_| Refused::bad_request("answer.not-this-shape", visitor.language))
}
