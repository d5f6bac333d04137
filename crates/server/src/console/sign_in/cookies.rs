//! The cookies of signing in: the session's, that of a sign-in that is not finished, that of one that goes elsewhere, and the
//! terminal's.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::App;
use crate::door::{cookie, device_cookie_name, session_cookie_name};

const STEP_COOKIE: &str = "renkei_step";
/// The cookie of a browser that is away at an identity provider.
const ERRAND_COOKIE: &str = "renkei_errand";
const ERRAND_PATH: &str = "/sign-in/provider";
/// A sign-in that is not finished is kept as long as the store keeps it, in seconds.
const STEP_AGE: u32 = 300;
/// A terminal's cookie lasts as long as browsers let one last, in seconds: 400 days from each sight of the sign-in page.
const DEVICE_AGE: u32 = 400 * 24 * 3600;
/// A session's cookie lasts as long as the longest session; the store knows better, in seconds.
const SESSION_AGE: u32 = 12 * 3600;

/// What the cookie of a sign-in that is not finished holds.
pub(crate) fn step(headers: &HeaderMap) -> &str {
    cookie(headers, STEP_COOKIE).unwrap_or_default()
}

/// What the cookie of a sign-in elsewhere holds.
pub(super) fn errand(headers: &HeaderMap) -> &str {
    cookie(headers, ERRAND_COOKIE).unwrap_or_default()
}

/// With the cookie of a sign-in elsewhere. It is sent along when the provider sends the browser back, as a strict one
/// would not be.
pub(super) fn with_errand(app: &App, response: Response, value: &str) -> Response {
    cookie_at(app, response, (ERRAND_COOKIE, value), "Lax", ERRAND_PATH, STEP_AGE)
}

/// Without the cookie of a sign-in elsewhere.
pub(super) fn without_errand(app: &App, response: Response) -> Response {
    cookie_at(app, response, (ERRAND_COOKIE, ""), "Lax", ERRAND_PATH, 0)
}

/// With the cookie of a session, and without that of the way there.
pub(crate) fn with_session(app: &App, response: Response, value: &str) -> Response {
    let response = set(app, response, STEP_COOKIE, "", 0);
    set(app, response, session_cookie_name(app), value, SESSION_AGE)
}

/// Without the cookie of a session.
pub(crate) fn without_session(app: &App, response: Response) -> Response {
    set(app, response, session_cookie_name(app), "", 0)
}

/// With the cookie of a sign-in that goes on.
pub(crate) fn with_step(app: &App, response: Response, value: &str) -> Response {
    set(app, response, STEP_COOKIE, value, STEP_AGE)
}

/// With the cookie of a terminal.
pub(crate) fn with_device(app: &App, response: Response, value: &str) -> Response {
    set(app, response, device_cookie_name(app), value, DEVICE_AGE)
}

fn set(app: &App, response: Response, name: &str, value: &str, age: u32) -> Response {
    cookie_at(app, response, (name, value), "Strict", "/", age)
}

fn cookie_at(
    app: &App,
    mut response: Response,
    (name, value): (&str, &str),
    same_site: &str,
    path: &str,
    age: u32,
) -> Response {
    let secure = if app.is_secure() { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; HttpOnly; SameSite={same_site}; Path={path}; Max-Age={age}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
