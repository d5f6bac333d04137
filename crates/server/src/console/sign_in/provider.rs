//! Signing in elsewhere: the way to an identity provider and back, for staff and for patients.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::REFRESH;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use exchange::Act;
use identity::{Begun, NotVouched, Occasion, ProvenPerson, Returned, Vouched};
use percent_encoding::percent_decode_str;
use store::ProviderKind;

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Place;
use crate::console::refusal::Refusal;
use crate::console::sign_in::cookies::{errand, with_errand, without_errand};
use crate::console::sign_in::{FORM_BYTES, asked_next, home, local, place, to, with_session};
use crate::door::{Caller, session_cookie};
use crate::listen::Peer;

/// A way to sign in elsewhere, as it stands on a page.
pub(crate) struct ProviderLink {
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Template)]
#[template(path = "provider_done.html")]
struct DonePage {
    frame: Frame,
    next: String,
}

#[derive(Template)]
#[template(path = "provider_refused.html")]
struct NotVouchedPage {
    frame: Frame,
    reason: String,
}

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage {
    frame: Frame,
    cards: Vec<CardRow>,
    error: Option<String>,
}

struct CardRow {
    serial: String,
    name: String,
    pin: String,
    is_chosen: bool,
}

/// Providers in force that vouch for these, for the pages that offer them.
pub(crate) async fn offered(
    app: &App,
    kind: ProviderKind,
    of: Option<Option<&str>>,
) -> Result<Vec<ProviderLink>, store::Fault> {
    let all = app.identity.providers().await?.into_iter().map(|(provider, _)| provider);
    let fits = all.filter(|one| one.kind == kind && of.is_none_or(|of| one.institution.as_deref() == of));
    Ok(fits.map(|one| ProviderLink { id: one.id, name: one.name }).collect())
}

/// `GET /sign-in/provider/{provider}`: to the provider, to sign in; `for=proof` and `for=account` within a session, whose
/// cookie no other site can make a browser send.
pub(crate) async fn to_provider(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = uri.query().unwrap_or_default();
    let cookie = session_cookie(&app, &headers).unwrap_or_default();
    let occasion = match asked(query, "for").as_deref() {
        Some("proof") => Occasion::Proof(cookie),
        Some("account") => Occasion::Link(cookie),
        _ => Occasion::SignIn,
    };
    leave(&app, &caller, &id, occasion, &asked_next(query), &place(&peer, &headers)).await
}

/// `GET /invitation/{link}/provider/{provider}`: to the provider, to set the account of an invitation up by it.
pub(crate) async fn invitation_to_provider(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    Path((link, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    leave(&app, &caller, &id, Occasion::Invited(&link), "", &place(&peer, &headers)).await
}

/// `GET /sign-in/provider/{provider}/back`: from the provider.
pub(crate) async fn from_provider(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let query = uri.query().unwrap_or_default();
    let returned =
        Returned { code: asked(query, "code"), state: asked(query, "state"), iss: asked(query, "iss") };
    let (place, back) = (place(&peer, &headers), back(&app, &id));
    let vouched =
        app.identity.with_provider(&id, errand(&headers), returned, &back, &place, &caller.act).await;
    let response = match vouched {
        Ok(Vouched::In(begun, next)) => Ok(inside(&app, &caller, &begun, &next)),
        Ok(Vouched::Linked) => Ok(done(&app, &caller, "/account".to_owned())),
        Ok(Vouched::Person(proven, next)) => match admit(&app, proven, &place, &caller.act).await {
            Ok(begun) => Ok(inside(&app, &caller, &begun, &next)),
            Err(why) => refused(&app, &caller, &why),
        },
        Err(why) => refused(&app, &caller, &why),
    };
    response.map(|response| without_errand(&app, response))
}

/// `GET /sign-in/card`: in the demo, the reader of simulated cards. Also for whoever's screen is locked.
pub(crate) async fn card_page(
    State(app): State<Arc<App>>,
    caller: Caller,
    uri: Uri,
) -> Result<Response, Refusal> {
    card(&app, card_frame(&app, &caller, uri.query()), "", None)
}

/// `POST /sign-in/card`: a simulated card with its PIN. The session that the browser had before ends.
pub(crate) async fn read_card(
    State(app): State<Arc<App>>,
    caller: Caller,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let frame = || card_frame(&app, &caller, None);
    let fields = read_form(&headers, body, FORM_BYTES, caller.language).await;
    let fields = fields.map_err(|status| Refusal::of_status(frame(), status))?;
    let serial = text(&fields, "card");
    let Some(chosen) = app.cards.iter().find(|card| card.serial == serial) else {
        return card(&app, frame(), "", Some("card.none"));
    };
    let (shown, place, pin) = (frame(), place(&peer, &headers), text(&fields, "pin"));
    let words = (shown.word("card.adapter"), shown.word("card.checked"));
    let proven = app.identity.with_simulated_card(chosen, &pin, words, &place, &caller.act);
    let begun = match proven.await {
        Ok(proven) => admit(&app, proven, &place, &caller.act).await,
        Err(why) => Err(why),
    };
    let fault = |fault| Refusal::fault(frame(), &fault);
    match begun {
        Ok(begun) => {
            if let Some(cookie) = session_cookie(&app, &headers) {
                app.identity.sign_out(cookie, &place, &caller.act).await.map_err(fault)?;
            }
            Ok(with_session(&app, to(&home(&begun.viewer)), &begun.cookie))
        }
        Err(NotVouched::Store(why)) => Err(fault(why)),
        Err(why) => card(&app, frame(), &serial, Some(why_not(&why))),
    }
}

fn card_frame(app: &App, caller: &Caller, query: Option<&str>) -> Frame {
    let path = "/sign-in/card".to_owned();
    let query = query.unwrap_or_default().to_owned();
    Frame::new(app, &Place { path, query, language: caller.language }, None)
}

/// Lets a proven patient in, once it is known which person they are.
async fn admit(
    app: &App,
    proven: ProvenPerson,
    place: &identity::Place,
    act: &Act,
) -> Result<Begun, NotVouched> {
    let person = app.exchange.person_of_number(proven.number(), act).await?.ok_or(NotVouched::Unlinked)?;
    app.identity.admit_person(proven, person, place, act).await
}

async fn leave(
    app: &App,
    caller: &Caller,
    id: &str,
    occasion: Occasion<'_>,
    next: &str,
    place: &identity::Place,
) -> Result<Response, Refusal> {
    match app.identity.ask_provider(id, occasion, &back(app, id), next, place, &caller.act).await {
        Ok(asked) => Ok(with_errand(app, to(&asked.url), &asked.cookie)),
        Err(NotVouched::NotYours) if matches!(occasion, Occasion::Link(_)) => Ok(to("/proof?next=/account")),
        Err(why) => refused(app, caller, &why),
    }
}

/// Where a provider sends browsers back to: each to its own, so that no provider's code is taken for another's.
fn back(app: &App, id: &str) -> String {
    format!("{}/sign-in/provider/{id}/back", app.base_url)
}

fn inside(app: &App, caller: &Caller, begun: &Begun, next: &str) -> Response {
    let next = local(next);
    let next = if next.is_empty() { home(&begun.viewer) } else { next.to_owned() };
    with_session(app, done(app, caller, next), &begun.cookie)
}

/// A page of this hub that leads on: a browser that another site sent here would not send the session's cookie along.
fn done(app: &App, caller: &Caller, next: String) -> Response {
    let frame = Frame::new(app, &here(caller), None);
    let title = frame.word("provider.done").to_owned();
    let page = DonePage { frame: frame.titled(title), next };
    let mut response = page.frame.answer(StatusCode::OK, &page);
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={}", page.next)) {
        response.headers_mut().insert(REFRESH, refresh);
    }
    response
}

fn refused(app: &App, caller: &Caller, why: &NotVouched) -> Result<Response, Refusal> {
    let frame = Frame::new(app, &here(caller), None);
    let status = match why {
        NotVouched::Store(fault) => return Err(Refusal::fault(frame, fault)),
        NotVouched::NotThere => return Err(Refusal::not_found(frame)),
        NotVouched::Unreachable => StatusCode::BAD_GATEWAY,
        NotVouched::TooMany => StatusCode::TOO_MANY_REQUESTS,
        NotVouched::Weak
        | NotVouched::Unlinked
        | NotVouched::Taken
        | NotVouched::NotYours
        | NotVouched::UnregisteredDevice => StatusCode::FORBIDDEN,
        NotVouched::Over | NotVouched::Declined | NotVouched::Unproven | NotVouched::WrongPin => {
            StatusCode::UNAUTHORIZED
        }
    };
    let (title, reason) = (frame.word("provider.refused").to_owned(), frame.word(why_not(why)).to_owned());
    let page = NotVouchedPage { frame: frame.titled(title), reason };
    Ok(page.frame.answer(status, &page))
}

/// Why nobody was let in, as a key of words.
fn why_not(why: &NotVouched) -> &'static str {
    match why {
        NotVouched::TooMany => "sign-in.too-many",
        NotVouched::Over | NotVouched::NotThere | NotVouched::Store(_) => "provider.over",
        NotVouched::Declined => "provider.declined",
        NotVouched::Unreachable => "provider.unreachable",
        NotVouched::Unproven => "provider.unproven",
        NotVouched::Weak => "provider.weak",
        NotVouched::Unlinked => "provider.unlinked",
        NotVouched::Taken => "provider.taken",
        NotVouched::NotYours => "provider.not-yours",
        NotVouched::WrongPin => "card.wrong-pin",
        NotVouched::UnregisteredDevice => "sign-in.unregistered-device",
    }
}

fn card(app: &App, frame: Frame, chosen: &str, error: Option<&str>) -> Result<Response, Refusal> {
    if !app.is_demo() || app.cards.is_empty() {
        return Err(Refusal::not_found(frame));
    }
    let error = error.map(|key| frame.word(key).to_owned());
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let cards = app.cards.iter().enumerate().map(|(index, card)| CardRow {
        is_chosen: card.serial == chosen || (chosen.is_empty() && index == 0),
        serial: card.serial.clone(),
        name: card.name.clone(),
        pin: card.pin.clone(),
    });
    let title = frame.word("card.title").to_owned();
    let page = CardPage { cards: cards.collect(), error, frame: frame.titled(title) };
    Ok(page.frame.answer(status, &page))
}

fn here(caller: &Caller) -> Place {
    Place { path: "/sign-in".to_owned(), query: String::new(), language: caller.language }
}

/// One parameter of an address; none where it stands twice.
fn asked(query: &str, name: &str) -> Option<String> {
    let mut found = query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(key, _)| *key == name);
    let (_, value) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let value = value.replace('+', " ");
    percent_decode_str(&value).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn a_parameter_that_stands_twice_is_none() {
        assert_eq!(asked("code=a%20b&state=x", "code").as_deref(), Some("a b"));
        assert_eq!(asked("code=a&code=b", "code"), None);
        assert_eq!(asked("code=%ff", "code"), None);
        assert_eq!(asked("", "code"), None);
    }

    #[test]
    fn the_simulated_card_is_marked_as_one() {
        for frame in frames() {
            let row = |serial: &str, is_chosen| CardRow {
                serial: serial.to_owned(),
                name: "架空 花子".to_owned(),
                pin: "1234".to_owned(),
                is_chosen,
            };
            let error = Some("違います".to_owned());
            let html = rendered(&CardPage { frame, cards: vec![row("1", true), row("2", false)], error });
            assert!(
                html.contains("架空 花子") && html.contains("aria-invalid") && html.contains("class=\"note")
            );
            assert_eq!(html.matches(" checked").count(), 1);
        }
    }

    #[test]
    fn every_reason_has_words() {
        for frame in frames() {
            for why in [
                NotVouched::TooMany,
                NotVouched::Over,
                NotVouched::Declined,
                NotVouched::Unreachable,
                NotVouched::Unproven,
                NotVouched::Weak,
                NotVouched::Unlinked,
                NotVouched::Taken,
                NotVouched::NotYours,
                NotVouched::WrongPin,
            ] {
                let key = why_not(&why);
                assert_ne!(frame.word(key), key);
            }
        }
    }
}
