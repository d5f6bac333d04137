//! Coming in and going out: by a password and a code, by a passkey, by an identity that another vouches for, by the doors
//! of the demo.

mod cookies;
mod invitation;
mod passkey;
mod proof;
mod provider;

use std::sync::Arc;

use access::{Role, Viewer};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use identity::{Begun, NextStep, NotIn, Setup};
use store::ProviderKind;

use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Guest;
use crate::console::refusal::Refusal;
pub(crate) use crate::door::place;
use crate::door::{Caller, session_cookie};
use crate::listen::Peer;

pub(crate) use cookies::{step, with_device, with_session, with_step, without_session};
pub(crate) use invitation::{
    CodesPage, accept_password, authenticator, begin_invitation, invitation_page, qr, weak_words, welcomed,
};
pub(crate) use passkey::{passkey_asked, passkey_done};
pub(crate) use proof::{proof_page, prove};
pub(crate) use provider::{
    ProviderLink, card_page, from_provider, invitation_to_provider, offered, read_card, to_provider,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    next: String,
    login: String,
    error: Option<String>,
    has_passkeys: bool,
    /// Ways in for those who work here.
    providers: Vec<ProviderLink>,
    /// Ways in for patients.
    for_patients: Vec<ProviderLink>,
    has_cards: bool,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    frame: Frame,
    next: String,
    error: Option<String>,
}

/// No form here is larger.
pub(crate) const FORM_BYTES: usize = 16 << 10;

/// `POST /door`: in the demo, in by one of its doors.
pub(crate) async fn open_door(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = fields(&app, &guest, &headers, body).await?;
    let code = text(&fields, "door");
    let door = app.doors.iter().find(|door| door.code == code);
    let door = door.ok_or_else(|| Refusal::not_found(guest.frame(&app)))?;
    match app.identity.by_demo_door(&door.account, &place(&peer, &headers), &guest.act).await {
        Ok(begun) => Ok(let_in(&app, &begun, &door.leads_to)),
        Err(NotIn::Store(fault)) => Err(Refusal::fault(guest.frame(&app), &fault)),
        Err(NotIn::Over) => Err(Refusal::not_found(guest.frame(&app))),
        Err(why) => {
            let frame = guest.frame(&app).with_error();
            let error = frame.word(why_not(&why)).to_owned();
            page(&app, frame, String::new(), String::new(), Some(error)).await
        }
    }
}

/// `GET /sign-in`. A terminal keeps its secret for as long as somebody now and then signs in on it.
pub(crate) async fn sign_in_page(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
) -> Result<Response, Refusal> {
    let next = asked_next(&guest.place.query);
    let response = page(&app, guest.frame(&app), next, String::new(), None).await?;
    Ok(match &peer.secret {
        Some(secret) => with_device(&app, response, secret),
        None => response,
    })
}

/// `POST /sign-in`: with a login and a password.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = fields(&app, &guest, &headers, body).await?;
    let (login, next) = (text(&fields, "login"), local(&text(&fields, "next")).to_owned());
    let password = fields.get("password").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let password = password.unwrap_or_default();
    let refused = async |key: &str| {
        let frame = guest.frame(&app).with_error();
        let error = frame.word(key).to_owned();
        page(&app, frame, next.clone(), login.clone(), Some(error)).await
    };
    if login.is_empty() || password.is_empty() {
        return refused("sign-in.missing").await;
    }
    match app.identity.with_password(&login, &password, &place(&peer, &headers), &guest.act).await {
        Ok(NextStep::In(begun)) => Ok(let_in(&app, &begun, &next)),
        Ok(NextStep::Code { ceremony }) => {
            let frame = guest.frame(&app);
            Ok(with_step(&app, code_page(frame, next, None), &ceremony))
        }
        Ok(NextStep::Second { ceremony, setup }) => Ok(second(&app, &guest, &ceremony, &setup, false)),
        Err(NotIn::Store(fault)) => Err(Refusal::fault(guest.frame(&app), &fault)),
        Err(why) => refused(why_not(&why)).await,
    }
}

/// `POST /sign-in/code`: with the code that comes after a password.
pub(crate) async fn sign_in_with_code(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = fields(&app, &guest, &headers, body).await?;
    let next = local(&text(&fields, "next")).to_owned();
    let place = place(&peer, &headers);
    match app.identity.with_code(step(&headers), &text(&fields, "code"), &place, &guest.act).await {
        Ok(Ok(begun)) => Ok(let_in(&app, &begun, &next)),
        Ok(Err(again)) => {
            let frame = guest.frame(&app).with_error();
            let error = frame.word("sign-in.wrong-code").to_owned();
            Ok(with_step(&app, code_page(frame, next, Some(error)), &again))
        }
        Err(NotIn::Store(fault)) => Err(Refusal::fault(guest.frame(&app), &fault)),
        Err(why) => {
            let frame = guest.frame(&app).with_error();
            let error = frame.word(why_not(&why)).to_owned();
            page(&app, frame, next, String::new(), Some(error)).await
        }
    }
}

/// `POST /sign-in/second`: with the first code of the app that takes the place of an exception.
pub(crate) async fn sign_in_with_second(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = fields(&app, &guest, &headers, body).await?;
    let (code, place) = (text(&fields, "code"), place(&peer, &headers));
    match app.identity.with_second(step(&headers), &code, &place, &guest.act).await {
        Ok(Ok((begun, codes))) => Ok(welcomed(&app, guest.frame(&app), codes, Some(begun))),
        Ok(Err(NextStep::Second { ceremony, setup })) => Ok(second(&app, &guest, &ceremony, &setup, true)),
        Err(NotIn::Store(fault)) => Err(Refusal::fault(guest.frame(&app), &fault)),
        outcome => {
            let why = outcome.err().unwrap_or(NotIn::Over);
            let frame = guest.frame(&app).with_error();
            let error = frame.word(why_not(&why)).to_owned();
            page(&app, frame, String::new(), String::new(), Some(error)).await
        }
    }
}

fn second(app: &App, guest: &Guest, ceremony: &str, setup: &Setup, is_wrong: bool) -> Response {
    let page = authenticator(guest.frame(app), "/sign-in/second".to_owned(), setup, is_wrong);
    with_step(app, page, ceremony)
}

/// `POST /sign-out`.
pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Response, crate::answer::Refused> {
    if let Some(cookie) = session_cookie(&app, &headers) {
        let ended = app.identity.sign_out(cookie, &place(&peer, &headers), &caller.act).await;
        ended.map_err(|fault| crate::answer::Refused::fault(&fault, caller.language))?;
    }
    Ok(without_session(&app, to("/")))
}

/// Where somebody begins.
pub(crate) fn home(viewer: &Viewer) -> String {
    match (viewer.role, viewer.person) {
        (role, _) if role.is_clinical() || role == Role::Insurer => "/patients".to_owned(),
        (Role::Patient, Some(person)) => format!("/patients/{person}"),
        (Role::SafetyManager | Role::Auditor, _) => "/audit".to_owned(),
        (Role::Developer | Role::Institution, _) => "/validator".to_owned(),
        (Role::Clerk, _) => "/directory".to_owned(),
        (Role::Executive, _) => "/figures".to_owned(),
        (Role::PlanningManager, _) => "/accounts".to_owned(),
        _ => "/".to_owned(),
    }
}

/// Why somebody was not let in, as a key of words.
pub(crate) fn why_not(why: &NotIn) -> &'static str {
    match why {
        NotIn::Wrong => "sign-in.wrong",
        NotIn::TooMany => "sign-in.too-many",
        NotIn::LacksSecondFactor => "sign-in.lacks-second",
        NotIn::NoPasskeys => "sign-in.no-passkeys",
        NotIn::UnregisteredDevice => "sign-in.unregistered-device",
        NotIn::Over | NotIn::Store(_) => "sign-in.over",
    }
}

/// The way to where somebody wanted to go, or to where they begin, with their session.
pub(crate) fn let_in(app: &App, begun: &Begun, next: &str) -> Response {
    let next = local(next);
    let home = home(&begun.viewer);
    with_session(app, to(if next.is_empty() { &home } else { next }), &begun.cookie)
}

/// Only a path of this hub is gone back to.
pub(crate) fn local(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte));
    if is_plain && next.starts_with('/') && !next.starts_with("//") { next } else { "" }
}

/// What an address says one wanted to go to.
pub(crate) fn asked_next(query: &str) -> String {
    let next = query.split('&').find_map(|pair| pair.strip_prefix("next="));
    local(next.unwrap_or_default()).to_owned()
}

pub(crate) fn to(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, path.to_owned())]).into_response()
}

async fn fields(app: &App, guest: &Guest, headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
    let fields = read_form(headers, body, FORM_BYTES, guest.place.language).await;
    fields.map_err(|status| Refusal::of_status(guest.frame(app), status))
}

async fn page(
    app: &App,
    frame: Frame,
    next: String,
    login: String,
    error: Option<String>,
) -> Result<Response, Refusal> {
    let fault = |fault| Refusal::fault(frame.clone(), &fault);
    let providers = offered(app, ProviderKind::Staff, None).await.map_err(fault)?;
    let for_patients = offered(app, ProviderKind::Patient, None).await.map_err(fault)?;
    let title = frame.word("sign-in.title").to_owned();
    let status = if error.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let has_passkeys = app.identity.has_passkeys();
    let has_cards = app.is_demo() && !app.cards.is_empty();
    let frame = frame.titled(title);
    let page = SignInPage { frame, next, login, error, has_passkeys, providers, for_patients, has_cards };
    Ok(page.frame.answer(status, &page))
}

fn code_page(frame: Frame, next: String, error: Option<String>) -> Response {
    let title = frame.word("sign-in.code-title").to_owned();
    let status = if error.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let page = CodePage { frame: frame.titled(title), next, error };
    page.frame.answer(status, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_wrong_password_is_told_at_the_top_and_at_the_field() {
        for frame in frames() {
            let error = Some("写し間違い".to_owned());
            let page = SignInPage {
                frame: frame.with_error(),
                next: "/audit".to_owned(),
                login: "kakuu".to_owned(),
                error,
                has_passkeys: true,
                providers: vec![ProviderLink {
                    id: "p1".to_owned(), name: "架空病院の職員ID".to_owned()
                }],
                for_patients: Vec::new(),
                has_cards: false,
            };

            let html = rendered(&page);
            assert!(
                html.contains("href=\"#password\"")
                    && html.contains("aria-invalid")
                    && html.contains("/sign-in/provider/p1?next=/audit")
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
