//! The door: who asks, when, and in which language. A handler that takes a [`Visitor`] cannot run without one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use access::{TokenFault, Viewer, authenticate};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE, USER_AGENT};
use axum::http::request::Parts;
use exchange::Act;
use fhir::finding::Language;
use identity::{Place, Standing};
use store::{PersonId, Proxy, Session};

use crate::App;
use crate::answer::Refused;
use crate::listen::Peer;
use crate::smart::narrowed;

/// The cookie of a session. Over TLS no other site under the same name can set it.
const SESSION_COOKIE: &str = "renkei_session";
const SECURE_SESSION_COOKIE: &str = "__Host-renkei_session";
/// The cookie of a terminal that is registered.
const DEVICE_COOKIE: &str = "renkei_device";
const SECURE_DEVICE_COOKIE: &str = "__Host-renkei_device";
/// The cookie that remembers a chosen language.
pub(crate) const LANGUAGE_COOKIE: &str = "renkei_lang";

/// Somebody with a token or a session that holds.
pub(crate) struct Visitor {
    /// Who.
    pub(crate) viewer: Viewer,
    /// The session of their browser; none for machines.
    pub(crate) session: Option<Session>,
    /// When, and in which request.
    pub(crate) act: Act,
    /// In which language they read.
    pub(crate) language: Language,
    /// For whom else they may look, where they are a patient (代理).
    pub(crate) represented: Vec<Proxy>,
}

/// Anybody: what is known before a token is asked for.
pub(crate) struct Caller {
    /// When, and in which request.
    pub(crate) act: Act,
    /// In which language they read.
    pub(crate) language: Language,
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let caller = Caller::of(parts, app);
        let language = caller.language;
        let is_browser = parts.headers.get(COOKIE).is_some() && parts.headers.get(AUTHORIZATION).is_none();
        let now = caller.act.now;
        if let Some(token) = bearer(&parts.headers) {
            return match authenticate(&app.exchange.store, token, now).await {
                Ok(viewer) => match narrowed(viewer, parts) {
                    Ok(viewer) => Self::of(app, parts, viewer, None, caller).await,
                    Err(missing) => Err(Refused::scope_missing(missing, language)),
                },
                Err(TokenFault::NotInForce) => Err(Refused::unauthenticated(language, is_browser)),
                Err(TokenFault::Store(fault)) => Err(Refused::fault(&fault, language)),
            };
        }
        let Some(cookie) = session_cookie(app, &parts.headers) else {
            return Err(Refused::unauthenticated(language, is_browser));
        };
        let cookie = cookie.to_owned();
        let Ok(peer) = <Peer as FromRequestParts<Arc<App>>>::from_request_parts(parts, app).await;
        match app.identity.standing(&cookie, &place(&peer, &parts.headers), &caller.act).await {
            Ok(Standing::In(viewer, session)) => Self::of(app, parts, viewer, Some(session), caller).await,
            Ok(Standing::Locked(..)) => Err(Refused::locked(language)),
            Ok(Standing::Out) => Err(Refused::unauthenticated(language, is_browser)),
            Err(fault) => Err(Refused::fault(&fault, language)),
        }
    }
}

impl Visitor {
    /// Whoever came in, looking for whomever the address names: themselves, or somebody they may act for.
    async fn of(
        app: &App,
        parts: &Parts,
        viewer: Viewer,
        session: Option<Session>,
        caller: Caller,
    ) -> Result<Self, Refused> {
        let Caller { act, language } = caller;
        let refused = |fault| Refused::fault(&fault, language);
        let represented = app.identity.represented_by(&viewer, act.now).await.map_err(refused)?;
        let viewer = match named_person(parts) {
            Some(person) => app.identity.looking_for(viewer, person, &represented).await.map_err(refused)?,
            None => viewer,
        };
        Ok(Self { viewer, session, act, language, represented })
    }
}

/// Whom a page is about: by its address, or by `?for=` where the address names a document.
fn named_person(parts: &Parts) -> Option<PersonId> {
    let by_path = parts.uri.path().strip_prefix("/patients/").and_then(|rest| rest.split('/').next());
    let by_query = || parts.uri.query()?.split('&').find_map(|pair| pair.strip_prefix("for="));
    by_path.or_else(by_query)?.parse().ok()
}

impl OptionalFromRequestParts<Arc<App>> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Option<Self>, Refused> {
        match <Self as FromRequestParts<Arc<App>>>::from_request_parts(parts, app).await {
            Ok(visitor) => Ok(Some(visitor)),
            Err(refused) if refused.is_unauthenticated() && !refused.is_locked() => Ok(None),
            Err(refused) => Err(refused),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts, app))
    }
}

impl Caller {
    fn of(parts: &mut Parts, app: &App) -> Self {
        let act =
            parts.extensions.get_or_insert_with(|| Act { now: (app.clock)(), request: request_id(app) });
        Self { act: act.clone(), language: language(&parts.headers, parts.uri.query()) }
    }
}

/// `?lang=`, then the cookie, then `Accept-Language`; Japanese unless English is asked for.
pub(crate) fn language(headers: &HeaderMap, query: Option<&str>) -> Language {
    let asked = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang=")));
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let tag = asked.or_else(|| cookie(headers, LANGUAGE_COOKIE)).or(accepted).unwrap_or("ja");
    if tag.trim_start().to_ascii_lowercase().starts_with("en") {
        Language::English
    } else {
        Language::Japanese
    }
}

/// What the cookie of a session holds.
pub(crate) fn session_cookie<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    cookie(headers, session_cookie_name(app))
}

/// What the cookie of a session is called at this hub's address.
pub(crate) fn session_cookie_name(app: &App) -> &'static str {
    if app.is_secure() { SECURE_SESSION_COOKIE } else { SESSION_COOKIE }
}

/// What the cookie of a terminal holds.
pub(crate) fn device_cookie<'h>(app: &App, headers: &'h HeaderMap) -> Option<&'h str> {
    cookie(headers, device_cookie_name(app))
}

/// What the cookie of a terminal is called at this hub's address.
pub(crate) fn device_cookie_name(app: &App) -> &'static str {
    if app.is_secure() { SECURE_DEVICE_COOKIE } else { DEVICE_COOKIE }
}

/// Where a browser is.
pub(crate) fn place(peer: &Peer, headers: &HeaderMap) -> Place {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Place {
        address: peer.address.clone(),
        network: peer.network,
        agent: agent.to_owned(),
        secret: peer.secret.clone(),
        certificate: peer.certificate,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The value of a cookie.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs =
        headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Unique within this hub: the second of the request and a running number.
fn request_id(app: &App) -> String {
    static RUNNING: AtomicU64 = AtomicU64::new(0);
    let running = RUNNING.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{running:x}", (app.clock)().as_microsecond())
}
