//! Bodies as they arrive: of the right type, not too large, not too slow.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use fhir::finding::Language;
use http_body_util::{BodyExt, Limited};

use crate::answer::Refused;

/// A body must arrive whole within this.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// Too large (413), too slow (408), or broken off (400).
pub(crate) async fn read_body(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    language: Language,
) -> Result<Bytes, Refused> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Refused::too_large(language));
    }
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await {
        Err(_) => Err(Refused::too_slow(language)),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Refused::too_large(language)),
        Ok(Err(_)) => Err(Refused::bad_request("answer.broken-off", language)),
    }
}

/// FHIR JSON, or plain JSON; `charset`, where one is named, must be UTF-8.
///
/// # Errors
/// Anything else is 415.
pub(crate) fn require_fhir_json(headers: &HeaderMap, language: Language) -> Result<(), Refused> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_json =
        parts.next().is_some_and(|kind| kind == "application/fhir+json" || kind == "application/json");
    let mut charsets =
        parts.filter_map(|part| part.strip_prefix("charset=").map(|name| name.replace('"', "")));
    if is_json && charsets.all(|name| name == "utf-8") {
        Ok(())
    } else {
        Err(Refused::unsupported_media(language))
    }
}
