//! Coming in and going out: the demo's doors, the sign-in page, signing out.

use std::sync::Arc;

use access::{Role, TokenFault, Viewer, authenticate};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Guest;
use crate::console::refusal::Refusal;
use crate::door::TOKEN_COOKIE;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    next: String,
    error: Option<String>,
}

/// A sign-in lasts this many seconds: a working day.
const TOKEN_AGE: u32 = 12 * 3600;
/// No form here is larger.
const FORM_BYTES: usize = 8 << 10;

/// `POST /door`: in the demo, in by one of its doors.
pub(crate) async fn open_door(
    State(app): State<Arc<App>>,
    guest: Guest,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, guest.place.language).await;
    let fields = fields.map_err(|status| Refusal::of_status(guest.frame(&app), status))?;
    let code = text(&fields, "door");
    let door = app.doors.iter().find(|door| door.code == code);
    let door = door.ok_or_else(|| Refusal::not_found(guest.frame(&app)))?;
    Ok(let_in(&app, &door.token, &door.leads_to))
}

/// `GET /sign-in`.
pub(crate) async fn sign_in_page(State(app): State<Arc<App>>, guest: Guest) -> Response {
    let next = guest.place.query.split('&').find_map(|pair| pair.strip_prefix("next="));
    let next = local(next.unwrap_or_default()).to_owned();
    page(guest.frame(&app), next, None, StatusCode::OK)
}

/// `POST /sign-in`: with a token.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    guest: Guest,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, guest.place.language).await;
    let fields = fields.map_err(|status| Refusal::of_status(guest.frame(&app), status))?;
    let (token, next) = (text(&fields, "token"), local(&text(&fields, "next")).to_owned());
    let refused = |key: &str| {
        let frame = guest.frame(&app).with_error();
        let error = frame.word(key).to_owned();
        page(frame, next.clone(), Some(error), StatusCode::UNAUTHORIZED)
    };
    if token.is_empty() {
        return Ok(refused("sign-in.missing"));
    }
    match authenticate(&app.exchange.store, &token, guest.act.now).await {
        Ok(viewer) => {
            let to = if next.is_empty() { home(&viewer) } else { next };
            Ok(let_in(&app, &token, &to))
        }
        Err(TokenFault::NotInForce) => Ok(refused("sign-in.wrong")),
        Err(TokenFault::Store(fault)) => Err(Refusal::fault(guest.frame(&app), &fault)),
    }
}

/// `POST /sign-out`.
pub(crate) async fn sign_out() -> Response {
    let cookie = format!("{TOKEN_COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, "/".to_owned())]).into_response()
}

/// Where somebody begins.
pub(crate) fn home(viewer: &Viewer) -> String {
    match (viewer.role, viewer.person) {
        (Role::Clinician | Role::EmergencyClinician | Role::Insurer, _) => "/patients".to_owned(),
        (Role::Patient, Some(person)) => format!("/patients/{person}"),
        (Role::SafetyManager, _) => "/audit".to_owned(),
        (Role::Developer | Role::Institution, _) => "/validator".to_owned(),
        (Role::Patient, None) | (Role::Operator, _) => "/".to_owned(),
    }
}

fn page(frame: Frame, next: String, error: Option<String>, status: StatusCode) -> Response {
    let title = frame.word("sign-in.title").to_owned();
    let page = SignInPage { frame: frame.titled(title), next, error };
    page.frame.answer(status, &page)
}

fn let_in(app: &App, token: &str, to: &str) -> Response {
    let secure = if app.base_url.starts_with("https:") { "; Secure" } else { "" };
    let cookie =
        format!("{TOKEN_COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={TOKEN_AGE}{secure}");
    (StatusCode::SEE_OTHER, [(SET_COOKIE, cookie), (LOCATION, to.to_owned())]).into_response()
}

/// Only a path of this hub is gone back to.
fn local(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte));
    if is_plain && next.starts_with('/') && !next.starts_with("//") { next } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_wrong_token_is_told_at_the_top_and_at_the_field() {
        for frame in frames() {
            let error = Some("写し間違い".to_owned());
            let html = rendered(&SignInPage { frame: frame.with_error(), next: "/audit".to_owned(), error });
            assert!(
                html.contains("href=\"#token\"") && html.contains("aria-invalid") && html.contains("/audit")
            );
            assert!(html.contains("<title>エラー：") || html.contains("<title>Error: "));
        }
    }

    #[test]
    fn one_is_never_led_to_another_site() {
        assert_eq!(local("/patients"), "/patients");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb", ""] {
            assert_eq!(local(elsewhere), "");
        }
    }
}
