//! わたしのアカウント: what one proves oneself with, and where one is signed in.

use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{Enrolled, Enrolment, NoCertificate, NotEnrolled};
use store::{FactorKind, ProviderKind};

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{
    CodesPage, FORM_BYTES, ProviderLink, authenticator, offered, place, step, to, weak_words, with_step,
    without_session,
};
use crate::console::sign_ins::{self, SignInRow};
use crate::console::time::minute;
use crate::listen::Peer;

#[derive(Template)]
#[template(path = "own_account.html")]
struct OwnAccountPage {
    frame: Frame,
    factors: Vec<FactorRow>,
    papers: usize,
    sessions: Vec<SessionRow>,
    sign_ins: Vec<SignInRow>,
    has_passkeys: bool,
    /// Where the holder's subject can be linked from.
    providers: Vec<ProviderLink>,
    /// Whether a certificate can be shown: the hub is reached by TLS.
    takes_certificates: bool,
    is_fresh: bool,
    error: Option<String>,
}

struct FactorRow {
    id: String,
    kind: String,
    label: String,
    made_at: String,
    used_at: Option<String>,
}

struct SessionRow {
    id: String,
    is_this: bool,
    address: String,
    agent: String,
    made_at: String,
    seen_at: String,
}

/// `GET /account`.
pub(crate) async fn own_account(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    page(&app, &reader, None).await
}

/// `POST /account`: ends a session or a factor, or begins a new password. What changes factors wants a fresh proof.
pub(crate) async fn change_own_account(
    State(app): State<Arc<App>>,
    reader: Reader,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    let Some(session) = &reader.visitor.session else { return Err(reader.not_found(&app)) };
    let fault = |fault| Refusal::fault(reader.frame(&app), &fault);
    let account = session.account.as_str();
    if let Some(id) = given(&fields, "end-session") {
        app.identity.end_sessions(viewer, account, Some(&id), act).await.map_err(fault)?;
        let response = to("/account");
        return Ok(if id == session.id { without_session(&app, to("/")) } else { response });
    }
    if !viewer.assurance.is_fresh {
        return Ok(to("/proof?next=/account"));
    }
    if let Some(id) = given(&fields, "end-factor") {
        let is_ended = app.identity.end_factor(viewer, account, &id, act).await.map_err(fault)?;
        return if is_ended {
            Ok(to("/account"))
        } else {
            page(&app, &reader, Some("account.last-factor")).await
        };
    }
    if fields.contains_key("certificate") {
        return match app.identity.enrol_certificate(viewer, &place(&peer, &headers), act).await {
            Ok(()) => Ok(to("/account")),
            Err(NoCertificate::Store(why)) => Err(fault(why)),
            Err(NoCertificate::NotShown) => page(&app, &reader, Some("account.no-certificate")).await,
            Err(NoCertificate::InUse) => page(&app, &reader, Some("account.certificate-in-use")).await,
        };
    }
    let leave = Enrolment::Holder(viewer.clone());
    let password = fields.get("password").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    match app.identity.propose_password(&leave, &password.unwrap_or_default(), act).await {
        Ok((ceremony, setup)) => {
            let page = authenticator(reader.frame(&app), "/account/code".to_owned(), &setup, false);
            Ok(with_step(&app, page, &ceremony))
        }
        Err(NotEnrolled::Weak(weak)) => {
            let words = weak_words(&reader.frame(&app), weak);
            page_saying(&app, &reader, Some(words)).await
        }
        Err(why) => refused(&app, &reader, why).await,
    }
}

/// `POST /account/code`: the first code of the app that stands beside a new password.
pub(crate) async fn accept_own_password(
    State(app): State<Arc<App>>,
    reader: Reader,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, reader.language()).await;
    let fields = fields.map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
    if reader.visitor.session.is_none() || !viewer.assurance.is_fresh {
        return Ok(to("/proof?next=/account"));
    }
    let (leave, place) = (Enrolment::Holder(viewer.clone()), place(&peer, &headers));
    let code = text(&fields, "code");
    match app.identity.enrol_password(&leave, step(&headers), &code, &place, act).await {
        Ok(Enrolled { codes, .. }) => {
            let frame = reader.frame(&app);
            let title = frame.word("codes.title").to_owned();
            let page = CodesPage { frame: frame.titled(title), codes, next: "/account".to_owned() };
            Ok(page.frame.answer(StatusCode::OK, &page))
        }
        Err(NotEnrolled::WrongCode { ceremony }) => {
            match app.identity.show_again(&leave, &ceremony, act).await {
                Ok((ceremony, setup)) => {
                    let page = authenticator(reader.frame(&app), "/account/code".to_owned(), &setup, true);
                    Ok(with_step(&app, page, &ceremony))
                }
                Err(why) => refused(&app, &reader, why).await,
            }
        }
        Err(why) => refused(&app, &reader, why).await,
    }
}

async fn refused(app: &App, reader: &Reader, why: NotEnrolled) -> Result<Response, Refusal> {
    match why {
        NotEnrolled::Store(fault) => Err(Refusal::fault(reader.frame(app), &fault)),
        _ => page(app, reader, Some("sign-in.over")).await,
    }
}

async fn page(app: &App, reader: &Reader, error: Option<&str>) -> Result<Response, Refusal> {
    let error = error.map(|key| reader.frame(app).word(key).to_owned());
    page_saying(app, reader, error).await
}

async fn page_saying(app: &App, reader: &Reader, error: Option<String>) -> Result<Response, Refusal> {
    let Some(session) = &reader.visitor.session else { return Err(reader.not_found(app)) };
    let now = reader.visitor.act.now;
    let fault = |fault| Refusal::fault(reader.frame(app), &fault);
    let held = app.identity.held(&session.account).await.map_err(fault)?;
    let sessions = app.identity.sessions(&session.account, now).await.map_err(fault)?;
    let viewer = &reader.visitor.viewer;
    let providers = match viewer.role {
        Role::Patient => Vec::new(),
        _ => {
            let own = Some(viewer.institution.as_deref());
            offered(app, ProviderKind::Staff, own).await.map_err(fault)?
        }
    };
    let frame = reader.frame(app);
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let title = frame.word("account.title").to_owned();
    let papers = held.iter().filter(|one| one.kind == FactorKind::Recovery).count();
    let factors = held.into_iter().filter(|one| one.kind != FactorKind::Recovery).map(|one| FactorRow {
        kind: frame.word(&format!("factor.{}", one.kind.code())).to_owned(),
        id: one.id,
        // Of a certificate's fingerprint the beginning is enough to know it again.
        label: one.label.chars().take(if one.kind == FactorKind::Certificate { 16 } else { 60 }).collect(),
        made_at: minute(one.made_at),
        used_at: one.used_at.map(minute),
    });
    let factors = factors.collect();
    let sessions = sessions.into_iter().map(|one| SessionRow {
        is_this: one.id == session.id,
        id: one.id,
        address: one.address,
        agent: one.agent,
        made_at: minute(one.made_at),
        seen_at: minute(one.seen_at),
    });
    let sign_ins = sign_ins::rows(app, reader, &session.account).await?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = OwnAccountPage {
        sign_ins,
        factors,
        papers,
        sessions: sessions.collect(),
        has_passkeys: app.identity.has_passkeys(),
        providers,
        takes_certificates: app.is_secure(),
        is_fresh: viewer.assurance.is_fresh,
        error,
        frame: frame.titled(title),
    };
    Ok(page.frame.answer(status, &page))
}

fn given(fields: &crate::console::form::Fields, name: &str) -> Option<String> {
    Some(text(fields, name)).filter(|value| !value.is_empty())
}
