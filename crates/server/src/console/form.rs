//! Forms as browsers send them, limited like any other body.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use fhir::finding::Language;

use crate::fhir_api::read_body;

/// The fields of a form by name. A file that was chosen stands under its field's name as text does.
pub(crate) type Fields = HashMap<String, Vec<u8>>;

/// Reads a form, urlencoded or multipart, of at most `limit` bytes.
///
/// # Errors
/// The status that says why not: too large, too slow, broken off, or no form.
pub(crate) async fn read_form(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    language: Language,
) -> Result<Fields, StatusCode> {
    let bytes = read_body(headers, body, limit, language).await.map_err(|refused| refused.status())?;
    let mut request = Request::builder().method(Method::POST);
    if let Some(kind) = headers.get(CONTENT_TYPE) {
        request = request.header(CONTENT_TYPE, kind);
    }
    let mut request = request.body(Body::from(bytes)).map_err(|_| StatusCode::BAD_REQUEST)?;
    // The bytes are read and counted already.
    DefaultBodyLimit::disable().apply(&mut request);
    if is_multipart(headers) { multipart(request).await } else { urlencoded(request).await }
}

/// A field as text, without the space around it.
pub(crate) fn text(fields: &Fields, name: &str) -> String {
    fields.get(name).map(|value| String::from_utf8_lossy(value).trim().to_owned()).unwrap_or_default()
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("multipart/form-data")
}

async fn urlencoded(request: Request<Body>) -> Result<Fields, StatusCode> {
    let Form(fields) = Form::<HashMap<String, String>>::from_request(request, &())
        .await
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(fields.into_iter().map(|(name, value)| (name, value.into_bytes())).collect())
}

async fn multipart(request: Request<Body>) -> Result<Fields, StatusCode> {
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    let mut fields = Fields::new();
    while let Some(part) = parts.next_field().await.map_err(|_| StatusCode::BAD_REQUEST)? {
        let name = part.name().unwrap_or_default().to_owned();
        let value = part.bytes().await.map_err(|_| StatusCode::BAD_REQUEST)?;
        fields.insert(name, value.to_vec());
    }
    Ok(fields)
}
