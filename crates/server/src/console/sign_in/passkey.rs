//! Passkeys: what the script of a page asks of the hub before and after the browser asks its holder.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use identity::{Enrolled, Enrolment, NotEnrolled, NotIn};
use serde::Deserialize;
use serde_json::json;

use crate::App;
use crate::answer::Refused;
use crate::console::sign_in::{FORM_BYTES, home, local, place, step, why_not, with_session, with_step};
use crate::door::{Caller, Visitor, session_cookie};
use crate::fhir_api::read_body;
use crate::listen::Peer;
use crate::words::word;

/// What a passkey is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Occasion {
    SignIn,
    Proof,
    Invitation(String),
    Account,
}

/// What the script sends.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    login: String,
    next: String,
    label: String,
    answer: serde_json::Value,
}

/// `POST /passkey/{occasion}`: JSON for `navigator.credentials`. Whoever's session is locked is no visitor, and may prove
/// themselves all the same.
pub(crate) async fn passkey_asked(
    State(app): State<Arc<App>>,
    caller: Caller,
    visitor: Result<Visitor, Refused>,
    peer: Peer,
    Path(occasion): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let sent = sent(&headers, body, &caller).await?;
    let occasion = Occasion::of(&occasion).ok_or_else(|| Refused::not_found(caller.language))?;
    let place = place(&peer, &headers);
    let asked = match &occasion {
        Occasion::SignIn => app.identity.ask_passkey(&sent.login, &place, &caller.act).await,
        Occasion::Proof => {
            let cookie = session_cookie(&app, &headers).unwrap_or_default();
            app.identity.ask_proof(cookie, &place, &caller.act).await
        }
        Occasion::Invitation(_) | Occasion::Account => {
            let leave = leave(occasion, visitor.ok(), &caller)?;
            let asked = app.identity.ask_new_passkey(&leave, &caller.act).await;
            return match asked {
                Ok((ceremony, options)) => Ok(with_step(&app, as_json(options), &ceremony)),
                Err(why) => not_enrolled(&why, &caller),
            };
        }
    };
    match asked {
        Ok((ceremony, options)) => Ok(with_step(&app, as_json(options), &ceremony)),
        Err(why) => not_in(&why, &caller),
    }
}

/// `POST /passkey/{occasion}/done`: what the browser's holder answered.
pub(crate) async fn passkey_done(
    State(app): State<Arc<App>>,
    caller: Caller,
    visitor: Result<Visitor, Refused>,
    peer: Peer,
    Path(occasion): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let sent = sent(&headers, body, &caller).await?;
    let occasion = Occasion::of(&occasion).ok_or_else(|| Refused::not_found(caller.language))?;
    let (place, answer, ceremony) = (place(&peer, &headers), sent.answer.to_string(), step(&headers));
    let begun = match &occasion {
        Occasion::SignIn => {
            app.identity.with_passkey(ceremony, &sent.login, &answer, &place, &caller.act).await
        }
        Occasion::Proof => {
            let cookie = session_cookie(&app, &headers).unwrap_or_default();
            app.identity.prove_with_passkey(cookie, ceremony, &answer, &place, &caller.act).await
        }
        Occasion::Invitation(_) | Occasion::Account => {
            let leave = leave(occasion, visitor.ok(), &caller)?;
            let label: String = sent.label.trim().chars().take(40).collect();
            let done =
                app.identity.enrol_passkey(&leave, ceremony, &answer, &label, &place, &caller.act).await;
            return match done {
                Ok(Enrolled { begun: Some(begun), .. }) => {
                    Ok(with_session(&app, led_to(&home(&begun.viewer)), &begun.cookie))
                }
                Ok(Enrolled { begun: None, .. }) => Ok(led_to("/account")),
                Err(why) => not_enrolled(&why, &caller),
            };
        }
    };
    match begun {
        Ok(begun) => {
            let (home, next) = (home(&begun.viewer), local(&sent.next));
            Ok(with_session(&app, led_to(if next.is_empty() { &home } else { next }), &begun.cookie))
        }
        Err(why) => not_in(&why, &caller),
    }
}

impl Occasion {
    /// `sign-in`, `proof`, `account`, or `invitation-` and what its link carries.
    fn of(name: &str) -> Option<Self> {
        match name {
            "sign-in" => Some(Self::SignIn),
            "proof" => Some(Self::Proof),
            "account" => Some(Self::Account),
            _ => name.strip_prefix("invitation-").map(|link| Self::Invitation(link.to_owned())),
        }
    }
}

/// By what leave a passkey is set up. A holder must have proved themselves just now.
fn leave(occasion: Occasion, visitor: Option<Visitor>, caller: &Caller) -> Result<Enrolment, Refused> {
    match (occasion, visitor) {
        (Occasion::Invitation(link), _) => Ok(Enrolment::Invited(link)),
        (_, Some(visitor)) if visitor.session.is_some() && visitor.viewer.assurance.is_fresh => {
            Ok(Enrolment::Holder(visitor.viewer))
        }
        _ => Err(Refused::forbidden("step-up-needed", caller.language)),
    }
}

async fn sent(headers: &HeaderMap, body: Body, caller: &Caller) -> Result<Sent, Refused> {
    let bytes = read_body(headers, body, FORM_BYTES, caller.language).await?;
    serde_json::from_slice(&bytes).map_err(|_| Refused::bad_request("answer.not-json", caller.language))
}

fn as_json(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

fn led_to(path: &str) -> Response {
    as_json(json!({"to": path}).to_string())
}

fn not_in(why: &NotIn, caller: &Caller) -> Result<Response, Refused> {
    match why {
        NotIn::Store(fault) => Err(Refused::fault(fault, caller.language)),
        why => Ok(said(why_not(why), caller)),
    }
}

fn not_enrolled(why: &NotEnrolled, caller: &Caller) -> Result<Response, Refused> {
    match why {
        NotEnrolled::Store(fault) => Err(Refused::fault(fault, caller.language)),
        NotEnrolled::NotInvited => Ok(said("invitation.over", caller)),
        _ => Ok(said("invitation.no-passkey", caller)),
    }
}

/// The reason, in words the script shows.
fn said(key: &str, caller: &Caller) -> Response {
    let text = word(caller.language, key);
    (StatusCode::UNAUTHORIZED, as_json(json!({"error": text}).to_string())).into_response()
}
