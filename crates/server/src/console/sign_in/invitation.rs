//! An invitation: its holder sets up what they will prove themselves with, alone, on their phone.

use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{Begun, Enrolled, Enrolment, NotEnrolled, Setup, WeakPassword, Welcome};
use store::ProviderKind;

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::{Frame, role_key};
use crate::console::reader::{Guest, Institutions};
use crate::console::refusal::Refusal;
use crate::console::sign_in::{
    FORM_BYTES, ProviderLink, home, let_in, offered, place, step, with_session, with_step,
};
use crate::console::time::minute;
use crate::listen::Peer;

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    frame: Frame,
    link: String,
    name: String,
    login: String,
    role: String,
    institution: Option<String>,
    is_anew: bool,
    has_passkeys: bool,
    providers: Vec<ProviderLink>,
    /// Until when a password alone will do, by an exception.
    excepted_until: Option<String>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "invitation_over.html")]
struct OverPage {
    frame: Frame,
}

/// The page where an authenticator app is set up.
#[derive(Template)]
#[template(path = "authenticator.html")]
pub(crate) struct AuthenticatorPage {
    pub(crate) frame: Frame,
    /// Where the form goes.
    pub(crate) action: String,
    /// The QR code, as SVG.
    pub(crate) picture: String,
    /// The secret to be typed, in groups of four.
    pub(crate) typed: String,
    pub(crate) error: Option<String>,
}

/// The page that tells the codes on paper, once.
#[derive(Template)]
#[template(path = "codes.html")]
pub(crate) struct CodesPage {
    pub(crate) frame: Frame,
    pub(crate) codes: Vec<String>,
    /// Where it goes on.
    pub(crate) next: String,
}

/// `GET /invitation/{link}`.
pub(crate) async fn invitation_page(
    State(app): State<Arc<App>>,
    guest: Guest,
    Path(link): Path<String>,
) -> Result<Response, Refusal> {
    match app.identity.welcome(&link, &guest.act).await {
        Ok(welcome) => page(&app, &guest, link, welcome, None).await,
        Err(why) => over(&app, &guest, why),
    }
}

/// `POST /invitation/{link}`: takes a password and shows what to set an app up with.
pub(crate) async fn begin_invitation(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    Path(link): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, guest.place.language).await;
    let fields = fields.map_err(|status| Refusal::of_status(guest.frame(&app), status))?;
    let leave = Enrolment::Invited(link.clone());
    let password = fields.get("password").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let password = password.unwrap_or_default();
    let proposed = if text(&fields, "alone").is_empty() {
        app.identity.propose_password(&leave, &password, &guest.act).await.map(Some)
    } else {
        let place = place(&peer, &headers);
        match app.identity.enrol_password_alone(&leave, &password, &place, &guest.act).await {
            Ok(Enrolled { begun: Some(begun), .. }) => return Ok(let_in(&app, &begun, "")),
            Ok(_) => Ok(None),
            Err(why) => Err(why),
        }
    };
    match proposed {
        Ok(None) => over(&app, &guest, NotEnrolled::Over),
        Ok(Some((ceremony, setup))) => {
            let action = format!("/invitation/{link}/code");
            Ok(with_step(&app, authenticator(guest.frame(&app), action, &setup, false), &ceremony))
        }
        Err(NotEnrolled::Weak(weak)) => match app.identity.welcome(&link, &guest.act).await {
            Ok(welcome) => page(&app, &guest, link, welcome, Some(weak)).await,
            Err(why) => over(&app, &guest, why),
        },
        Err(why) => over(&app, &guest, why),
    }
}

/// `POST /invitation/{link}/code`: the app's first code; the account is set up, and a session begins.
pub(crate) async fn accept_password(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    Path(link): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, guest.place.language).await;
    let fields = fields.map_err(|status| Refusal::of_status(guest.frame(&app), status))?;
    let (leave, place) = (Enrolment::Invited(link.clone()), place(&peer, &headers));
    let code = text(&fields, "code");
    match app.identity.enrol_password(&leave, step(&headers), &code, &place, &guest.act).await {
        Ok(Enrolled { codes, begun }) => Ok(welcomed(&app, guest.frame(&app), codes, begun)),
        Err(NotEnrolled::WrongCode { ceremony }) => {
            let again = app.identity.show_again(&leave, &ceremony, &guest.act).await;
            let (ceremony, setup) = match again {
                Ok(shown) => shown,
                Err(why) => return over(&app, &guest, why),
            };
            let action = format!("/invitation/{link}/code");
            Ok(with_step(&app, authenticator(guest.frame(&app), action, &setup, true), &ceremony))
        }
        Err(why) => over(&app, &guest, why),
    }
}

/// A text as a QR code: SVG for inside a page. Empty if the text is too long for one.
pub(crate) fn qr(text: &str) -> String {
    let drawn = qrcode::QrCode::new(text.as_bytes())
        .map(|code| code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build());
    // The declaration of XML has no place inside HTML.
    let drawn = drawn.unwrap_or_default();
    drawn.find("<svg").map(|at| drawn[at..].to_owned()).unwrap_or_default()
}

/// The page of an authenticator app to be set up.
pub(crate) fn authenticator(frame: Frame, action: String, setup: &Setup, is_wrong: bool) -> Response {
    let picture = qr(&setup.url);
    let groups: Vec<&str> =
        setup.typed.as_bytes().chunks(4).filter_map(|four| std::str::from_utf8(four).ok()).collect();
    let error = is_wrong.then(|| frame.word("authenticator.wrong").to_owned());
    let frame = if is_wrong { frame.with_error() } else { frame };
    let title = frame.word("authenticator.title").to_owned();
    let typed = groups.join(" ");
    let page = AuthenticatorPage { frame: frame.titled(title), action, picture, typed, error };
    let status = if is_wrong { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    page.frame.answer(status, &page)
}

/// The codes on paper, and the session that begins.
pub(crate) fn welcomed(app: &App, frame: Frame, codes: Vec<String>, begun: Option<Begun>) -> Response {
    let title = frame.word("codes.title").to_owned();
    let next = begun.as_ref().map_or_else(|| "/account".to_owned(), |begun| home(&begun.viewer));
    let page = CodesPage { frame: frame.titled(title), codes, next };
    let response = page.frame.answer(StatusCode::OK, &page);
    match begun {
        Some(begun) => with_session(app, response, &begun.cookie),
        None => response,
    }
}

/// What is wrong with a password, in words.
pub(crate) fn weak_words(frame: &Frame, weak: WeakPassword) -> String {
    match weak {
        WeakPassword::TooShort(shortest) => frame.fill("password.too-short", "shortest", shortest),
        WeakPassword::TooLong(longest) => frame.fill("password.too-long", "longest", longest),
        WeakPassword::OneKind => frame.word("password.one-kind").to_owned(),
        WeakPassword::Guessable => frame.word("password.guessable").to_owned(),
        WeakPassword::Used => frame.word("password.used").to_owned(),
    }
}

async fn page(
    app: &App,
    guest: &Guest,
    link: String,
    welcome: Welcome,
    weak: Option<WeakPassword>,
) -> Result<Response, Refusal> {
    let frame = guest.frame(app);
    let institutions = Institutions::load(app).await;
    let institutions = institutions.map_err(|fault| Refusal::fault(guest.frame(app), &fault))?;
    let providers = match welcome.role {
        Some(Role::Patient) => Ok(Vec::new()),
        _ => offered(app, ProviderKind::Staff, Some(welcome.institution.as_deref())).await,
    };
    let providers = providers.map_err(|fault| Refusal::fault(guest.frame(app), &fault))?;
    let error = weak.map(|weak| weak_words(&frame, weak));
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let title = frame.word("invitation.title").to_owned();
    let role = welcome.role.map(|role| frame.word(role_key(role)).to_owned());
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = InvitationPage {
        frame: frame.titled(title),
        link,
        name: welcome.name,
        login: welcome.login,
        role: role.unwrap_or_default(),
        institution: welcome.institution.map(|number| institutions.name(&number)),
        is_anew: welcome.is_anew,
        excepted_until: welcome.excepted_until.map(minute),
        has_passkeys: app.identity.has_passkeys(),
        providers,
        error,
    };
    Ok(page.frame.answer(status, &page))
}

fn over(app: &App, guest: &Guest, why: NotEnrolled) -> Result<Response, Refusal> {
    let frame = guest.frame(app);
    if let NotEnrolled::Store(fault) = why {
        return Err(Refusal::fault(frame, &fault));
    }
    let title = frame.word("invitation.over-title").to_owned();
    let page = OverPage { frame: frame.titled(title) };
    Ok(page.frame.answer(StatusCode::GONE, &page))
}
