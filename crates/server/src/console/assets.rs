//! What pages need besides HTML: the sheet of styles, the mark and two small scripts, inside the binary.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("../../assets/style.css");
const PASSKEY: &str = include_str!("../../assets/passkey.js");
const AWAY: &str = include_str!("../../assets/away.js");
const MARK: &str = include_str!("../../assets/mark.svg");

/// `GET /assets/{name}`.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "style.css" => file("text/css; charset=utf-8", STYLE),
        "passkey.js" => file("text/javascript; charset=utf-8", PASSKEY),
        "away.js" => file("text/javascript; charset=utf-8", AWAY),
        "mark.svg" => file("image/svg+xml", MARK),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /favicon.ico`: the mark.
pub(crate) async fn favicon() -> Response {
    file("image/svg+xml", MARK)
}

fn file(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "public, max-age=300"),
        (ETAG, concat!("\"", env!("CARGO_PKG_VERSION"), "\"")),
    ];
    (headers, content).into_response()
}
