//! Searching by POST (`/fhir/{type}/_search`): the parameters stand in the body, so that no insured number stands in an
//! address, where it would be logged on the way.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{Method, request};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, post};
use tower::ServiceExt;

use crate::App;
use crate::answer::Refused;
use crate::door::language;
use crate::fhir_api::incoming::read_body;

/// Parameters are small.
const LIMIT: usize = 64 << 10;

/// Answers a search by POST as `search` answers the same by GET.
pub(crate) fn by_post(search: MethodRouter) -> MethodRouter<Arc<App>> {
    post(async move |request: Request| match as_get(request).await {
        Ok(request) => search.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {}),
        Err(refused) => refused.into_response(),
    })
}

async fn as_get(request: Request) -> Result<Request, Refused> {
    let (mut parts, body) = request.into_parts();
    let language = language(&parts.headers, parts.uri.query());
    let media = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media.split(';').next().map(str::trim) != Some("application/x-www-form-urlencoded") {
        return Err(Refused::unsupported_media(language));
    }
    let body = read_body(&parts.headers, body, LIMIT, language).await?;
    let form = std::str::from_utf8(&body).unwrap_or_default().trim();
    parts.uri = asked(&parts, form).ok_or_else(|| Refused::bad_request("answer.form-needed", language))?;
    parts.method = Method::GET;
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    Ok(Request::from_parts(parts, Body::empty()))
}

/// The address with what stands in the body after what stands in the address.
fn asked(parts: &request::Parts, form: &str) -> Option<Uri> {
    let query = [parts.uri.query().unwrap_or_default(), form].into_iter().filter(|part| !part.is_empty());
    let query = query.collect::<Vec<_>>().join("&");
    let path = PathAndQuery::try_from(format!("{}?{query}", parts.uri.path())).ok()?;
    Uri::builder().path_and_query(path).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_body_joins_what_stands_in_the_address() {
        let asked_of = |uri: &str, form: &str| {
            let (parts, ()) = Request::builder().uri(uri).body(()).unwrap().into_parts();
            asked(&parts, form).map(|uri| uri.to_string())
        };
        assert_eq!(
            asked_of("/fhir/Task/_search", "owner=1&_count=2").as_deref(),
            Some("/fhir/Task/_search?owner=1&_count=2")
        );
        assert_eq!(asked_of("/fhir/Task/_search?a=b", "c=d").as_deref(), Some("/fhir/Task/_search?a=b&c=d"));
        assert_eq!(asked_of("/fhir/Task/_search", "a b"), None);
    }
}
