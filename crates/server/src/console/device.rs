//! この端末: how the terminal one is on is known; a code is typed here, and a personal one is asked for.

use std::collections::HashMap;
use std::sync::Arc;

use access::Viewer;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::{NotAsked, NotSetUp, Place, personal_conditions};

use crate::App;
use crate::console::devices::{DeviceRow, device_row};
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Guest;
use crate::console::refusal::Refusal;
use crate::console::sign_in::{FORM_BYTES, place, to, with_device};
use crate::listen::Peer;

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage {
    frame: Frame,
    /// The terminal, if it is known or asked for.
    here: Option<DeviceRow>,
    institution: String,
    /// The version of the conditions, for whoever may ask for their own terminal here.
    conditions: Option<i64>,
    error: Option<(&'static str, String)>,
}

/// `GET /device`.
pub(crate) async fn device(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    page(&app, &guest, &place(&peer, &headers), None).await
}

/// `POST /device`: a code that sets this terminal up, or its owner's wish to use it.
pub(crate) async fn set_up_device(
    State(app): State<Arc<App>>,
    guest: Guest,
    peer: Peer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = read_form(&headers, body, FORM_BYTES, guest.place.language).await;
    let fields = fields.map_err(|status| Refusal::of_status(guest.frame(&app), status))?;
    let place = place(&peer, &headers);
    let wrong = if fields.contains_key("code") {
        match by_code(&app, &guest, &place, &fields).await? {
            Ok(secret) => return Ok(with_device(&app, to("/device"), &secret)),
            Err(key) => ("code", guest.frame(&app).word(key).to_owned()),
        }
    } else {
        match asked(&app, &guest, &place, &fields).await? {
            Ok(secret) => return Ok(with_device(&app, to("/device"), &secret)),
            Err(wrong) => wrong,
        }
    };
    page(&app, &guest, &place, Some(wrong)).await
}

async fn by_code(
    app: &App,
    guest: &Guest,
    place: &Place,
    fields: &Fields,
) -> Result<Result<String, &'static str>, Refusal> {
    let by = guest.visitor.as_ref().map_or_else(Viewer::nobody, |visitor| visitor.viewer.clone());
    match app.identity.set_up_device(&text(fields, "code"), &by, place, &guest.act).await {
        Ok((_, secret)) => Ok(Ok(secret)),
        Err(NotSetUp::Store(fault)) => Err(Refusal::fault(guest.frame(app), &fault)),
        Err(NotSetUp::Wrong) => Ok(Err("device.wrong-code")),
        Err(NotSetUp::TooMany) => Ok(Err("sign-in.too-many")),
    }
}

async fn asked(
    app: &App,
    guest: &Guest,
    place: &Place,
    fields: &Fields,
) -> Result<Result<String, (&'static str, String)>, Refusal> {
    let Some(visitor) = guest.visitor.as_ref().filter(|visitor| visitor.session.is_some()) else {
        return Err(Refusal::to_sign_in("/device"));
    };
    let frame = guest.frame(app);
    let said = |field, key: &str| Ok(Err((field, frame.word(key).to_owned())));
    let accepted = text(fields, "conditions").parse().ok();
    let label = text(fields, "label");
    match app.identity.ask_for_device(&visitor.viewer, &label, accepted, place, &guest.act).await {
        Ok(secret) => Ok(Ok(secret)),
        Err(NotAsked::Store(fault)) => Err(Refusal::fault(guest.frame(app), &fault)),
        Err(NotAsked::NotAccepted) => said("conditions", "device.not-accepted"),
        Err(NotAsked::WrongLabel) => said("label", "devices.wrong-label"),
        Err(NotAsked::NoInstitution) => Err(Refusal::not_found(guest.frame(app))),
        Err(NotAsked::Known) => said("label", "device.known"),
        Err(NotAsked::TooMany(most)) => Ok(Err(("label", frame.fill("device.too-many", "most", most)))),
    }
}

async fn page(
    app: &App,
    guest: &Guest,
    place: &Place,
    error: Option<(&'static str, String)>,
) -> Result<Response, Refusal> {
    let fault = |fault| Refusal::fault(guest.frame(app), &fault);
    let here = app.identity.device_here(place).await.map_err(fault)?;
    let here = here.filter(|device| device.ended_at.is_none());
    let frame = guest.frame(app);
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let institution = here.as_ref().map(|device| guest.institution(&device.institution)).unwrap_or_default();
    let row = here.map(|device| device_row(&device, &HashMap::new(), guest.act.now, &frame));
    let may_ask = guest
        .visitor
        .as_ref()
        .is_some_and(|visitor| visitor.session.is_some() && visitor.viewer.institution.is_some());
    let conditions = (row.is_none() && may_ask).then(personal_conditions);
    let title = frame.word("device.title").to_owned();
    let page = DevicePage { here: row, institution, conditions, error, frame: frame.titled(title) };
    Ok(page.frame.answer(status, &page))
}
