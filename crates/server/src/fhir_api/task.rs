//! A referral's way as a FHIR Task: the inbox, the sender's status, the consent that opens it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use access::Role;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use exchange::NotShown;
use exchange::referral::Mailbox;
use fhir::bundle::UnitKind;
use fhir::finding::Language;
use fhir::systems;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{PersonId, Referral, ReferralState, UnitId};
use tokio::time::{Instant, timeout};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::paging::{Parameters, page};
use crate::fhir_api::register::unit_id;
use crate::words::word;

/// The longest that one request waits for something new.
const LONGEST_WAIT: u64 = 55;
/// Another server may have moved a referral: look again at least this often.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What is asked for.
struct Wanted {
    mailbox: Mailbox,
    since: Timestamp,
    states: Vec<ReferralState>,
    wait: Duration,
}

/// `GET /fhir/Task?owner=` (自施設宛文書情報一覧), `?requester=` (文書情報状況照会), `?patient=` (the patient's own).
/// `_lastUpdated=ge…` and `business-status` narrow it; `_wait=` seconds holds the answer until there is something.
pub(crate) async fn tasks(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let language = visitor.language;
    let refused = |why: NotShown| Refused::not_shown(&why, language);
    if visitor.viewer.role == Role::Patient {
        let patient = parameters.get("patient").map(|text| text.strip_prefix("Patient/").unwrap_or(text));
        let person = patient.and_then(|text| text.parse::<PersonId>().ok());
        let person = person.ok_or_else(|| Refused::bad_request("answer.patient-needed", language))?;
        let own = app.exchange.own_referrals(&visitor.viewer, person, &visitor.act).await.map_err(refused)?;
        return searchset(&app, &own, &parameters, language).await;
    }
    let wanted = Wanted::of(&visitor, &parameters)?;
    let found = wait_for(&app, &visitor, &wanted).await.map_err(refused)?;
    searchset(&app, &found, &parameters, language).await
}

/// `GET /fhir/Task/{id}`: the way of one referral.
pub(crate) async fn task(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let unit = unit_id(&id, visitor.language)?;
    let found = app.exchange.referral_status(&visitor.viewer, unit, &visitor.act).await;
    let found = found.map_err(|fault| Refused::fault(&fault, visitor.language))?;
    let referral = found.ok_or_else(|| Refused::not_found(visitor.language))?;
    one(&app, &referral, visitor.language).await
}

/// `POST /fhir/Task/{id}/$open`: the patient consents, or the sender passes on that they did.
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let unit = unit_id(&id, visitor.language)?;
    let opened = app.exchange.open_referral(&visitor.viewer, unit, &visitor.act).await;
    let referral = opened.map_err(|why| Refused::not_moved(&why, visitor.language))?;
    one(&app, &referral, visitor.language).await
}

async fn wait_for(app: &App, visitor: &Visitor, wanted: &Wanted) -> Result<Vec<Referral>, NotShown> {
    let own = visitor.viewer.institution.as_deref().unwrap_or_default();
    let mut listener = app.exchange.store.listen(own);
    let until = Instant::now() + wanted.wait;
    loop {
        let all = app.exchange.referrals(&visitor.viewer, wanted.mailbox, wanted.since, &visitor.act).await?;
        let found: Vec<Referral> = all.into_iter().filter(|one| wanted.includes(one)).collect();
        if !found.is_empty() || Instant::now() >= until {
            return Ok(found);
        }
        // A hint may be missed, so its absence means nothing.
        drop(timeout(LOOK_AGAIN, listener.heard()).await);
    }
}

impl Wanted {
    fn of(visitor: &Visitor, parameters: &HashMap<String, String>) -> Result<Self, Refused> {
        let wrong = |key: &str| Refused::bad_request(key, visitor.language);
        let own = visitor.viewer.institution.as_deref().unwrap_or_default();
        let is_own = |text: &String| !own.is_empty() && text.ends_with(own);
        let mailbox = match (parameters.get("owner"), parameters.get("requester")) {
            (Some(owner), None) if is_own(owner) => Mailbox::In,
            (None, Some(requester)) if is_own(requester) => Mailbox::Out,
            _ => return Err(wrong("answer.own-institution-needed")),
        };
        let since = match parameters.get("_lastUpdated") {
            None => Timestamp::UNIX_EPOCH,
            Some(text) => {
                let instant = text.strip_prefix("ge").and_then(|text| text.parse().ok());
                instant.ok_or_else(|| wrong("answer.last-updated-needed"))?
            }
        };
        let states = parameters.get("business-status").map_or("", String::as_str);
        let states = states.split(',').filter(|code| !code.is_empty());
        let states: Option<Vec<_>> =
            states.map(|code| ReferralState::from_code(code.rsplit('|').next().unwrap_or(code))).collect();
        let wait = parameters.get("_wait").map_or(Ok(0), |text| text.parse::<u64>());
        let wait = wait.map_err(|_| wrong("answer.wait-needed"))?.min(LONGEST_WAIT);
        Ok(Self {
            mailbox,
            since,
            states: states.ok_or_else(|| wrong("answer.unknown-state"))?,
            wait: Duration::from_secs(wait),
        })
    }

    fn includes(&self, referral: &Referral) -> bool {
        self.states.is_empty() || self.states.contains(&referral.state)
    }
}

async fn one(app: &App, referral: &Referral, language: Language) -> Result<Response, Refused> {
    let parts = app.exchange.store.parts_of(referral.unit).await;
    let parts = parts.map_err(|fault| Refused::fault(&fault, language))?;
    let body = resource(referral, &parts, language).to_string();
    Ok(([(CONTENT_TYPE, FHIR_JSON)], body).into_response())
}

async fn searchset(
    app: &App,
    found: &[Referral],
    parameters: &Parameters,
    language: Language,
) -> Result<Response, Refused> {
    let mut entries = Vec::with_capacity(found.len());
    for referral in found {
        let parts = app.exchange.store.parts_of(referral.unit).await;
        let parts = parts.map_err(|fault| Refused::fault(&fault, language))?;
        let url = format!("{}/fhir/Task/{}", app.base_url, referral.unit);
        let task = resource(referral, &parts, language);
        entries.push(json!({"fullUrl": url, "resource": task, "search": {"mode": "match"}}));
    }
    let body = page(app, "Task", parameters, &entries, language)?;
    Ok(([(CONTENT_TYPE, FHIR_JSON)], body).into_response())
}

fn resource(referral: &Referral, parts: &[(UnitId, UnitKind)], language: Language) -> Value {
    let institution = |number: &str| json!({"type": "Organization", "identifier": {"system": systems::INSTITUTION_ID, "value": number}});
    let state = referral.state.code();
    let mut task = json!({
        "resourceType": "Task",
        "id": referral.unit.to_string(),
        "meta": {"lastUpdated": referral.moved_at.to_string()},
        "identifier": [{"system": "http://jpfhir.jp/fhir/clins/bundle-identifier", "value": referral.identifier}],
        "status": status(referral.state),
        "businessStatus": {
            "coding": [{"system": "urn:renkei:referral-state", "code": state}],
            "text": word(language, &format!("referral.{state}")),
        },
        "intent": "order",
        "code": {"coding": [{
            "system": "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes",
            "code": "57133-1",
            "display": "診療情報提供書",
        }]},
        "focus": {"reference": format!("Bundle/{}", referral.unit)},
        "for": {"reference": format!("Patient/{}", referral.person)},
        "authoredOn": referral.registered_at.to_string(),
        "lastModified": referral.moved_at.to_string(),
        "requester": institution(&referral.sender),
        "owner": institution(&referral.destination),
        "restriction": {"period": {"end": referral.ends_at.to_string()}},
    });
    if let Some(consent) = &referral.consent {
        let key = format!("referral.consent-{consent}");
        let text = word(language, &key);
        task["statusReason"] =
            json!({"coding": [{"system": "urn:renkei:referral-consent", "code": consent}], "text": text});
    }
    if !parts.is_empty() && !referral.state.is_ended() {
        task["input"] = parts.iter().map(|(unit, kind)| input(*unit, *kind, language)).collect();
    }
    task
}

fn input(unit: UnitId, kind: UnitKind, language: Language) -> Value {
    let resource = if kind == UnitKind::Attachment { "DocumentReference" } else { "Bundle" };
    json!({
        "type": {"text": word(language, &format!("kind.{}", store::kind_code(kind)))},
        "valueReference": {"reference": format!("{resource}/{unit}")},
    })
}

/// The nearest state of a Task.
fn status(state: ReferralState) -> &'static str {
    match state {
        ReferralState::Registered => "on-hold",
        ReferralState::Open => "ready",
        ReferralState::Fetched | ReferralState::Deleted => "completed",
        ReferralState::Cancelled => "cancelled",
        ReferralState::Expired => "failed",
    }
}
