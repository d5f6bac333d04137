//! Proving oneself again: the locked screen, and the step before a dangerous act.

use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use identity::{NotIn, Standing};
use store::{FactorKind, ProviderKind};

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::{Institutions, Place};
use crate::console::refusal::Refusal;
use crate::console::sign_in::{
    FORM_BYTES, ProviderLink, asked_next, let_in, local, offered, place, to, why_not,
};
use crate::door::{Caller, session_cookie};
use crate::listen::Peer;

#[derive(Template)]
#[template(path = "proof.html")]
struct ProofPage {
    frame: Frame,
    next: String,
    name: String,
    error: Option<String>,
    is_locked: bool,
    has_passkeys: bool,
    /// By whom the holder can be vouched for again.
    providers: Vec<ProviderLink>,
    /// A patient of the demo, who can show a simulated card again.
    has_cards: bool,
    /// The session came by a door of the demo: the same door proves it again.
    is_by_door: bool,
}

/// `GET /proof`.
pub(crate) async fn proof_page(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = uri.query().unwrap_or_default();
    page(&app, &caller, &peer, &headers, query, asked_next(query), None).await
}

/// `POST /proof`: with the password and a code, or, in the demo, by the same door.
pub(crate) async fn prove(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let frame = || Frame::new(&app, &here(&caller, ""), None);
    let fields = read_form(&headers, body, FORM_BYTES, caller.language).await;
    let fields = fields.map_err(|status| Refusal::of_status(frame(), status))?;
    let next = local(&text(&fields, "next")).to_owned();
    let cookie = session_cookie(&app, &headers).unwrap_or_default();
    let place = place(&peer, &headers);
    let proved = if fields.contains_key("door") && app.is_demo() {
        app.identity.prove_by_demo_door(cookie, &place, &caller.act).await
    } else {
        let password = fields.get("password").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let (password, code) = (password.unwrap_or_default(), text(&fields, "code"));
        app.identity.prove_with_code(cookie, &password, &code, &place, &caller.act).await
    };
    match proved {
        Ok(begun) => Ok(let_in(&app, &begun, &next)),
        Err(NotIn::Store(fault)) => Err(Refusal::fault(frame(), &fault)),
        Err(NotIn::Over) => Ok(to("/sign-in")),
        Err(why) => page(&app, &caller, &peer, &headers, "", next, Some(why_not(&why))).await,
    }
}

async fn page(
    app: &App,
    caller: &Caller,
    peer: &Peer,
    headers: &HeaderMap,
    query: &str,
    next: String,
    error: Option<&str>,
) -> Result<Response, Refusal> {
    let here = here(caller, query);
    let fault = |fault| Refusal::fault(Frame::new(app, &here, None), &fault);
    let cookie = session_cookie(app, headers).unwrap_or_default();
    let (viewer, session, is_locked) =
        match app.identity.standing(cookie, &place(peer, headers), &caller.act).await {
            Ok(Standing::In(viewer, session)) => (viewer, session, false),
            Ok(Standing::Locked(viewer, session)) => (viewer, session, true),
            Ok(Standing::Out) => return Err(Refusal::to_sign_in(&next)),
            Err(why) => return Err(fault(why)),
        };
    let institutions = Institutions::load(app).await.map_err(fault)?;
    let held = app.identity.held(&session.account).await.map_err(fault)?;
    let is_vouched_for = held.iter().any(|one| one.kind == FactorKind::Oidc);
    let providers = if is_vouched_for {
        let kind = if viewer.role == Role::Patient { ProviderKind::Patient } else { ProviderKind::Staff };
        offered(app, kind, Some(viewer.institution.as_deref())).await.map_err(fault)?
    } else {
        Vec::new()
    };
    let institution = viewer.institution.as_deref().map(|number| institutions.name(number));
    let mut frame = Frame::new(app, &here, Some((&viewer, institution)));
    if is_locked {
        frame.menu.clear();
    }
    let title = frame.word(if is_locked { "proof.locked-title" } else { "proof.title" }).to_owned();
    let error = error.map(|key| frame.word(key).to_owned());
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let page = ProofPage {
        frame: frame.titled(title),
        next,
        name: viewer.name,
        error,
        is_locked,
        has_passkeys: app.identity.has_passkeys(),
        has_cards: is_vouched_for && viewer.role == Role::Patient && !app.cards.is_empty(),
        providers,
        is_by_door: session.factors.iter().any(|factor| factor == identity::DEMO_DOOR),
    };
    Ok(page.frame.answer(status, &page))
}

fn here(caller: &Caller, query: &str) -> Place {
    Place { path: "/proof".to_owned(), query: query.to_owned(), language: caller.language }
}
