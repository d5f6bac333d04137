//! アプリの許可: an app asks somebody to let it act for them (SMART App Launch 2.2, standalone).
//!
//! The cookie of a sign-in is kept from requests that other sites start, so whoever is sent here by an app arrives as
//! nobody. The page then names the app and asks them to go on, and that step is the hub's own.

use std::sync::Arc;

use access::{Deeds, Level, Role, Scope, Viewer, may_let_app_in};
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use identity::app::{Asking, NotAsked, let_in};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use store::PersonId;

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Guest;
use crate::console::refusal::Refusal;
use crate::door::{Visitor, cookie};
use crate::fhir_api::purpose;
use crate::routes::POLICY;
use crate::smart::{Parameters, form, query};

#[derive(Template)]
#[template(path = "authorize.html")]
struct AuthorizePage {
    frame: Frame,
    app: String,
    /// Where the app is, as far as a person can judge it.
    site: String,
    step: Step,
}

/// What is left to do.
enum Step {
    /// Go on from here: by this address.
    GoOn(String),
    /// Say yes or no.
    Answer(Answer),
    /// Nothing: it cannot be told whose question it is.
    Wrong(String),
}

struct Answer {
    lets: Vec<String>,
    hidden: Vec<(String, String)>,
    /// The patient that the app is opened with is named here.
    asks_patient: bool,
    error: Option<String>,
}

/// What remembers the question while one signs in.
const COOKIE: &str = "renkei_asked";
/// How long, in seconds.
const COOKIE_AGE: u32 = 600;
/// A longer question is not remembered.
const LONGEST_QUESTION: usize = 3000;
/// Marks the step that is the hub's own.
const HERE: &str = "here";
/// Types that a person knows by another name.
const TYPES: &[&str] = &[
    "Patient",
    "Condition",
    "AllergyIntolerance",
    "Observation",
    "MedicationRequest",
    "DocumentReference",
    "Bundle",
    "Task",
    "AuditEvent",
    "Organization",
    "Subscription",
    "Consent",
];

/// `GET /oauth/authorize`.
pub(crate) async fn asked_by_app(
    State(app): State<Arc<App>>,
    guest: Guest,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    let (asked, ours): (Parameters, Parameters) =
        query(&uri).into_iter().partition(|(name, _)| ![HERE, "lang"].contains(&name.as_str()));
    let is_here = asked.is_empty() || ours.iter().any(|(name, _)| name == HERE);
    let parameters = if asked.is_empty() { remembered(&headers) } else { asked };
    let asking = match ask(&app, &guest, &parameters).await? {
        Ok(asking) => asking,
        Err(answer) => return Ok(answer),
    };
    match &guest.visitor {
        Some(visitor) => {
            may_let_app_in(&visitor.viewer, asking.app.institution.as_deref())
                .map_err(|refusal| Refusal::by_rule(guest.frame(&app), refusal.rule))?;
            let answer = Answer::to(&asking, visitor, &guest.frame(&app), parameters, None);
            Ok(page(&app, &guest, &asking, Step::Answer(answer)))
        }
        None if is_here => Ok(to_sign_in(&app, &parameters)),
        None => {
            let address = format!("/oauth/authorize?{}&{HERE}=1", encoded(&parameters));
            Ok(page(&app, &guest, &asking, Step::GoOn(address)))
        }
    }
}

/// `POST /oauth/authorize`: yes or no.
pub(crate) async fn answer_app(
    State(app): State<Arc<App>>,
    guest: Guest,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = form(&headers, body).await;
    let fields = fields.map_err(|status| Refusal::of_status(guest.frame(&app), status))?;
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
    let is_ours = |name: &str| ["decision", "number"].contains(&name);
    let parameters: Parameters = fields.iter().filter(|(name, _)| !is_ours(name)).cloned().collect();
    let asking = match ask(&app, &guest, &parameters).await? {
        Ok(asking) => asking,
        Err(answer) => return Ok(answer),
    };
    let Some(visitor) = &guest.visitor else { return Ok(to_sign_in(&app, &parameters)) };
    let rule = may_let_app_in(&visitor.viewer, asking.app.institution.as_deref())
        .map_err(|refusal| Refusal::by_rule(guest.frame(&app), refusal.rule))?;
    if field("decision") != Some("allow") {
        return Ok(back(&app, &asking.redirect_uri, "error", "access_denied", &asking.state));
    }
    let patient = match patient(&app, &guest, visitor, &asking, field("number").unwrap_or_default()).await? {
        Ok(patient) => patient,
        Err(key) => {
            let frame = guest.frame(&app);
            let answer = Answer::to(&asking, visitor, &frame, parameters, Some(key));
            return Ok(page(&app, &guest, &asking, Step::Answer(answer)));
        }
    };
    let code = let_in(&app.exchange.store, &asking, &visitor.viewer, patient, rule, &visitor.act).await;
    let code = code.map_err(|fault| Refusal::fault(guest.frame(&app), &fault))?;
    Ok(back(&app, &asking.redirect_uri, "code", &code, &asking.state))
}

/// The question, or the answer that it gets at once.
async fn ask(
    app: &App,
    guest: &Guest,
    parameters: &[(String, String)],
) -> Result<Result<Asking, Response>, Refusal> {
    let fhir = format!("{}/fhir", app.base_url);
    match Asking::read(&app.exchange.store, parameters, &fhir, guest.act.now).await {
        Ok(asking) => Ok(Ok(asking)),
        Err(NotAsked::Doubtful(code)) => {
            let frame = guest.frame(app).with_error();
            let why = frame.word(&format!("authorize.{code}")).to_owned();
            let title = frame.word("authorize.wrong").to_owned();
            let (app, site) = (String::new(), String::new());
            let page = AuthorizePage { frame: frame.titled(title), app, site, step: Step::Wrong(why) };
            Ok(Err(page.frame.answer(StatusCode::BAD_REQUEST, &page)))
        }
        Err(NotAsked::Wrong { redirect_uri, state, error }) => {
            Ok(Err(back(app, &redirect_uri, "error", error, &state)))
        }
        Err(NotAsked::Store(fault)) => Err(Refusal::fault(guest.frame(app), &fault)),
    }
}

/// Whom the app is opened with: oneself, or whoever has the insured number; else the key of why nobody.
async fn patient(
    app: &App,
    guest: &Guest,
    visitor: &Visitor,
    asking: &Asking,
    number: &str,
) -> Result<Result<Option<PersonId>, &'static str>, Refusal> {
    if !asking.scopes.need_patient() {
        return Ok(Ok(None));
    }
    if visitor.viewer.person.is_some() {
        return Ok(Ok(visitor.viewer.person));
    }
    if number.is_empty() {
        return Ok(Err("patients.number-missing"));
    }
    let found = app.exchange.find(&visitor.viewer, number, purpose(visitor), &visitor.act).await;
    match found {
        Ok(Some(found)) => Ok(Ok(Some(found.person))),
        Ok(None) | Err(exchange::NotShown::Refused(_)) => Ok(Err("patients.nobody")),
        Err(exchange::NotShown::Store(fault)) => Err(Refusal::fault(guest.frame(app), &fault)),
    }
}

impl Answer {
    fn to(
        asking: &Asking,
        visitor: &Visitor,
        frame: &Frame,
        parameters: Parameters,
        error: Option<&str>,
    ) -> Self {
        Self {
            lets: asking.scopes.iter().flat_map(|scope| lets(scope, &visitor.viewer, frame)).collect(),
            hidden: parameters,
            asks_patient: asking.scopes.need_patient() && visitor.viewer.person.is_none(),
            error: error.map(|key| frame.word(key).to_owned()),
        }
    }
}

/// What a scope lets an app do, in words.
fn lets(scope: &Scope, viewer: &Viewer, frame: &Frame) -> Vec<String> {
    let what = match scope.resource {
        None => frame.word("authorize.what-all").to_owned(),
        Some(known) if TYPES.contains(&known) => frame.word(&format!("authorize.what-{known}")).to_owned(),
        Some(other) => other.to_owned(),
    };
    let reads = scope.deeds.include(Deeds::READ) || scope.deeds.include(Deeds::SEARCH);
    let changes = [Deeds::CREATE, Deeds::UPDATE, Deeds::DELETE].iter().any(|deed| scope.deeds.include(*deed));
    let reading = match (viewer.role, scope.level) {
        (Role::Patient, _) => "authorize.read-own",
        (_, Level::Patient) => "authorize.read-patient",
        _ => "authorize.read-user",
    };
    let lines = [(reads, reading), (changes && scope.level != Level::Patient, "authorize.change")];
    let lines = lines.into_iter().filter(|(is_let, _)| *is_let);
    lines.map(|(_, key)| frame.fill(key, "what", &what)).collect()
}

fn page(app: &App, guest: &Guest, asking: &Asking, step: Step) -> Response {
    let is_wrong = matches!(&step, Step::Answer(Answer { error: Some(_), .. }));
    let frame = guest.frame(app);
    let frame = if is_wrong { frame.with_error() } else { frame };
    let title = frame.fill("authorize.title", "app", &asking.app.name);
    let origin = origin(&asking.redirect_uri);
    let page = AuthorizePage {
        frame: frame.titled(title),
        app: asking.app.name.clone(),
        site: origin.clone(),
        step,
    };
    let mut response = page.frame.answer(StatusCode::OK, &page);
    // The answer to the form leads to the app, which a browser holds against the form's policy.
    let policy = POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// `https://app.example` of a registered address.
fn origin(address: &str) -> String {
    address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// Back to the app, with its state and our name (RFC 9207).
fn back(app: &App, redirect_uri: &str, name: &str, value: &str, state: &str) -> Response {
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    let pairs = [(name, value), ("state", state), ("iss", app.base_url.as_str())];
    let pairs: Parameters = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let forget = format!("{COOKIE}=; HttpOnly; SameSite=Strict; Path=/oauth; Max-Age=0");
    let to = format!("{redirect_uri}{joint}{}", encoded(&pairs));
    (StatusCode::SEE_OTHER, [(LOCATION, to), (SET_COOKIE, forget)]).into_response()
}

/// To the sign-in page; the question waits in a cookie.
fn to_sign_in(app: &App, parameters: &[(String, String)]) -> Response {
    let question = encoded(parameters);
    let to = (LOCATION, "/sign-in?next=/oauth/authorize".to_owned());
    if question.len() > LONGEST_QUESTION {
        return (StatusCode::SEE_OTHER, [to]).into_response();
    }
    let secure = if app.base_url.starts_with("https:") { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={question}; HttpOnly; SameSite=Strict; Path=/oauth; Max-Age={COOKIE_AGE}{secure}");
    (StatusCode::SEE_OTHER, [to, (SET_COOKIE, cookie)]).into_response()
}

fn remembered(headers: &HeaderMap) -> Parameters {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs =
        cookie(headers, COOKIE).unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn encoded(parameters: &[(String, String)]) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn what_an_app_may_do_stands_in_words_and_what_it_asked_goes_on_with_the_answer() {
        for frame in frames() {
            let scope = access::Scopes::parse("user/Condition.crs patient/*.rs").unwrap();
            let viewer = Viewer { role: Role::Clinician, ..Viewer::hub() };
            let lets: Vec<String> = scope.iter().flat_map(|scope| lets(scope, &viewer, &frame)).collect();
            assert_eq!(lets.len(), 3);
            assert!(lets.iter().all(|line| !line.contains("authorize.") && !line.contains('{')), "{lets:?}");
            let hidden = vec![("state".to_owned(), "<x>".to_owned())];
            let error = Some("番号".to_owned());
            let answer = Answer { lets, hidden, asks_patient: true, error };
            let (app, site) = ("服薬手帳".to_owned(), "https://app.example".to_owned());
            let html = rendered(&AuthorizePage { frame, app, site, step: Step::Answer(answer) });
            assert!(html.contains("value=\"&#60;x&#62;\"") && html.contains("href=\"#number\""));
            assert!(html.contains("value=\"deny\"") && html.contains("https://app.example"));
        }
    }

    #[test]
    fn every_type_has_its_name() {
        for frame in frames() {
            for one in TYPES {
                let key = format!("authorize.what-{one}");
                assert_ne!(frame.word(&key), key);
            }
        }
    }

    #[test]
    fn the_origin_of_an_address_is_all_that_a_form_may_lead_to() {
        assert_eq!(origin("https://app.example:8443/back?x=1"), "https://app.example:8443");
        assert_eq!(origin("http://127.0.0.1:9/"), "http://127.0.0.1:9");
    }

    #[test]
    fn what_was_asked_is_remembered_as_it_was() {
        let asked: Parameters = vec![("state".to_owned(), "a&b=c; d".to_owned())];
        let mut headers = HeaderMap::new();
        headers.insert("cookie", format!("{COOKIE}={}", encoded(&asked)).parse().unwrap());
        assert_eq!(remembered(&headers), asked);
    }
}
