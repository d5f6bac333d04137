//! 救急時・災害時: the form by which a record is opened without consent.

use std::sync::Arc;

use access::emergency_scopes;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{Described, EmergencyRequest, NotGranted, Sought};
use store::Grant;

use crate::App;
use crate::console::consents::name;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

#[derive(Template)]
#[template(path = "opening.html")]
pub(crate) struct OpeningPage {
    frame: Frame,
    is_disaster: bool,
    action: &'static str,
    scopes: Vec<(String, String)>,
    sexes: Vec<(String, String)>,
    typed: Typed,
    error: Option<(String, &'static str)>,
}

/// What was typed, so that nobody types it twice.
#[derive(Clone, Default)]
struct Typed {
    number: String,
    name: String,
    birth: String,
    sex: String,
    address: String,
    scope: String,
    reason: String,
    hours: String,
}

/// No form here is larger.
const FORM_BYTES: usize = 16 << 10;
/// For how many hours an emergency is opened unless the form says otherwise.
const HOURS: i64 = 24;
/// FHIR's codes of sex as the form offers them, and the keys of their names.
const SEXES: [(&str, &str); 4] =
    [("male", "sex.male"), ("female", "sex.female"), ("other", "sex.other"), ("unknown", "sex.unknown")];

/// `GET /emergency`.
pub(crate) async fn emergency_page(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    if reader.visitor.viewer.role != access::Role::EmergencyClinician {
        return Err(Refusal::by_rule(reader.frame(&app), "not-privileged"));
    }
    Ok(page(&app, &reader, false, Typed::default(), None))
}

/// `POST /emergency`.
pub(crate) async fn open_emergency(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let typed = Typed::read(&app, &reader, &headers, body).await?;
    let hours = typed.hours.parse().unwrap_or(HOURS);
    let (scope, reason) = (typed.scope.clone(), typed.reason.clone());
    let opened = match typed.sought() {
        Ok(sought) => {
            let request = EmergencyRequest { sought, scope, reason, hours };
            app.exchange.open_in_emergency(&reader.visitor.viewer, &request, &reader.visitor.act).await
        }
        Err(code) => Err(NotGranted::Wrong(code)),
    };
    answer(&app, &reader, false, typed, opened)
}

/// `GET /disaster`.
pub(crate) async fn disaster_page(State(app): State<Arc<App>>, reader: Reader) -> Result<Response, Refusal> {
    let disasters = app.exchange.store.disasters().await;
    let disasters = disasters.map_err(|fault| Refusal::fault(reader.frame(&app), &fault))?;
    let (viewer, now) = (&reader.visitor.viewer, reader.visitor.act.now);
    match access::may_open_in_disaster(viewer, &disasters, now) {
        Ok(_) => Ok(page(&app, &reader, true, Typed::default(), None)),
        Err(refusal) => Err(Refusal::by_rule(reader.frame(&app), refusal.rule)),
    }
}

/// `POST /disaster`.
pub(crate) async fn open_disaster(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let typed = Typed::read(&app, &reader, &headers, body).await?;
    let opened = match typed.sought() {
        Ok(sought) => {
            let (viewer, act) = (&reader.visitor.viewer, &reader.visitor.act);
            app.exchange.open_in_disaster(viewer, &sought, &typed.reason, act).await
        }
        Err(code) => Err(NotGranted::Wrong(code)),
    };
    answer(&app, &reader, true, typed, opened)
}

/// On to the record that was opened, or back to the form with what is wrong.
fn answer(
    app: &App,
    reader: &Reader,
    is_disaster: bool,
    typed: Typed,
    opened: Result<Grant, NotGranted>,
) -> Result<Response, Refusal> {
    match opened {
        Ok(grant) => {
            let to = format!("/patients/{}", grant.person);
            Ok((StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response())
        }
        Err(NotGranted::NotFound) => Ok(page(app, reader, is_disaster, typed, Some("nobody"))),
        Err(why) => {
            let code = reader.not_granted(app, why)?;
            Ok(page(app, reader, is_disaster, typed, Some(code)))
        }
    }
}

fn page(
    app: &App,
    reader: &Reader,
    is_disaster: bool,
    typed: Typed,
    error: Option<&'static str>,
) -> Response {
    let frame = reader.frame(app);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|code| (frame.word(&format!("wrong.{code}")).to_owned(), field(code)));
    let title = if is_disaster { "opening.disaster-title" } else { "opening.emergency-title" };
    let title = frame.word(title).to_owned();
    let page = OpeningPage {
        is_disaster,
        action: if is_disaster { "/disaster" } else { "/emergency" },
        scopes: emergency_scopes().iter().map(|scope| (scope.code.clone(), name(scope, &frame))).collect(),
        sexes: SEXES.map(|(code, key)| (code.to_owned(), frame.word(key).to_owned())).to_vec(),
        typed,
        frame: if error.is_some() { frame.titled(title).with_error() } else { frame.titled(title) },
        error,
    };
    page.frame.answer(status, &page)
}

/// Which field a code is about.
fn field(code: &str) -> &'static str {
    match code {
        "reason-too-short" | "reason-too-long" => "reason",
        "unknown-scope" => "scope",
        "hours" => "hours",
        "birth-date" => "birth",
        "ambiguous" => "address",
        _ => "number",
    }
}

impl Typed {
    async fn read(app: &App, reader: &Reader, headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        let fields: Fields = read_form(headers, body, FORM_BYTES, reader.language())
            .await
            .map_err(|status| Refusal::of_status(reader.frame(app), status))?;
        let of = |name| text(&fields, name);
        Ok(Self {
            number: of("number"),
            name: of("name"),
            birth: of("birth"),
            sex: of("sex"),
            address: of("address"),
            scope: of("scope"),
            reason: of("reason"),
            hours: of("hours"),
        })
    }

    /// By number where there is one, else by what people say of themselves.
    fn sought(&self) -> Result<Sought, &'static str> {
        if !self.number.is_empty() {
            return Ok(Sought::Number(self.number.clone()));
        }
        if self.name.is_empty() {
            return Err("nobody-named");
        }
        let birth_date = self.birth.parse().map_err(|_| "birth-date")?;
        if !SEXES.iter().any(|(code, _)| *code == self.sex) {
            return Err("nobody-named");
        }
        let (name, sex, address) = (self.name.clone(), self.sex.clone(), self.address.clone());
        Ok(Sought::Described(Described { name, birth_date, sex, address }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn what_was_typed_stays_and_the_error_leads_to_its_field() {
        for frame in frames() {
            for is_disaster in [false, true] {
                let typed = Typed { name: "<仮名>".to_owned(), ..Typed::default() };
                let page = OpeningPage {
                    frame: frame.clone(),
                    is_disaster,
                    action: "/emergency",
                    scopes: vec![("emergency-summary".to_owned(), "サマリー".to_owned())],
                    sexes: vec![("male".to_owned(), "男性".to_owned())],
                    typed,
                    error: Some(("短い".to_owned(), "reason")),
                };
                let html = rendered(&page);
                assert!(html.contains("&#60;仮名&#62;") && html.contains("href=\"#reason\""));
                assert_eq!(html.contains("name=\"hours\""), !is_disaster);
            }
        }
    }
}
