//! Parameters of OAuth requests, in the order they came: RFC 6749 §3.2 refuses one that comes twice.

use axum::body::Body;
use axum::extract::{Form, FromRequest, Query};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri};
use fhir::finding::Language;

use crate::fhir_api::read_body;

/// Names and values.
pub(crate) type Parameters = Vec<(String, String)>;

/// An assertion and a little more.
const FORM_BYTES: usize = 16 << 10;

/// The fields of an urlencoded form.
///
/// # Errors
/// The status that says why not.
pub(crate) async fn form(headers: &HeaderMap, body: Body) -> Result<Parameters, StatusCode> {
    let bytes = read_body(headers, body, FORM_BYTES, Language::Japanese).await;
    let bytes = bytes.map_err(|refused| refused.status())?;
    let mut request = Request::builder().method(Method::POST);
    if let Some(kind) = headers.get(CONTENT_TYPE) {
        request = request.header(CONTENT_TYPE, kind);
    }
    let request = request.body(Body::from(bytes)).map_err(|_| StatusCode::BAD_REQUEST)?;
    let form = Form::<Parameters>::from_request(request, &()).await;
    form.map(|Form(fields)| fields).map_err(|_| StatusCode::BAD_REQUEST)
}

/// The parameters of an address; none where they cannot be read.
pub(crate) fn query(uri: &Uri) -> Parameters {
    Query::<Parameters>::try_from_uri(uri).map(|Query(fields)| fields).unwrap_or_default()
}

/// The one value of a name.
pub(super) fn value<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}
