//! Consents and wishes: what a card reader hands in (simulated), what a patient reads, takes back and wishes.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use audit::EventId;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{ReaderConsent, SimulatedReader};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Grant, PersonId, Stance, Wish};

use super::incoming::{JSON, json_body};
use crate::App;
use crate::answer::Refused;
use crate::door::Visitor;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandedIn {
    /// The insured number on the card.
    member: String,
    groups: Vec<String>,
    /// Now, where it is missing.
    given_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wished {
    patient: String,
    institution: Option<String>,
    groups: Vec<String>,
    stance: String,
}

/// `POST /api/v1/consents`: what a patient consented to at the sender's card reader (simulated).
pub(crate) async fn hand_in_consent(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let sent: HandedIn = json_body(&visitor, &headers, body).await?;
    let given_at = sent.given_at.unwrap_or(visitor.act.now);
    let reader = SimulatedReader(ReaderConsent { member_id: sent.member, groups: sent.groups, given_at });
    let grant = app.exchange.consent_at_reader(&visitor.viewer, &reader, &visitor.act).await;
    let grant = grant.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok((StatusCode::CREATED, JSON, shown(&grant).to_string()).into_response())
}

/// `GET /api/v1/consents?patient=`: everything the patient allowed and wished.
pub(crate) async fn consents(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let person = parameters.get("patient").and_then(|id| PersonId::from_str(id).ok());
    let person = person.ok_or_else(|| Refused::bad_request("answer.patient-needed", visitor.language))?;
    let all = app.exchange.consents(&visitor.viewer, person, &visitor.act).await;
    let all = all.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    let grants: Vec<Value> = all.grants.iter().map(shown).collect();
    let wishes: Vec<Value> = all.wishes.iter().map(shown_wish).collect();
    Ok((JSON, json!({"grants": grants, "wishes": wishes}).to_string()).into_response())
}

/// `DELETE /api/v1/consents/{id}`: takes it back; by the patient, or by the institution that has it (OQS-IF-037).
pub(crate) async fn revoke_consent(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = EventId::try_from(id).map_err(|_| Refused::not_found(visitor.language))?;
    let revoked = app.exchange.revoke(&visitor.viewer, id, &visitor.act).await;
    revoked.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/v1/wishes`: what a patient wishes about some groups.
pub(crate) async fn wish(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let sent: Wished = json_body(&visitor, &headers, body).await?;
    let needed = |key| Refused::bad_request(key, visitor.language);
    let person = PersonId::from_str(&sent.patient).map_err(|_| needed("answer.patient-needed"))?;
    let stance = Stance::from_code(&sent.stance).ok_or_else(|| needed("answer.not-this-shape"))?;
    let wished =
        app.exchange.wish(&visitor.viewer, person, sent.institution, sent.groups, stance, &visitor.act).await;
    wished.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok(StatusCode::CREATED.into_response())
}

/// A grant as its patient and its holder may read it.
pub(crate) fn shown(grant: &Grant) -> Value {
    json!({
        "id": grant.id.to_string(),
        "patient": grant.person.to_string(),
        "institution": grant.institution,
        "groups": grant.groups,
        "basis": grant.basis.code(),
        "purpose": grant.purpose.code(),
        "source": grant.source,
        "holder": grant.holder.as_ref().map(|holder| holder.name.clone()),
        "reason": grant.reason,
        "given_at": grant.given_at.to_string(),
        "starts_at": grant.starts_at.to_string(),
        "ends_at": access::end_of(grant).to_string(),
        "revoked_at": grant.revoked_at.map(|at| at.to_string()),
        "review": grant.review.as_ref().map(|review| review.finding.code()),
    })
}

fn shown_wish(wish: &Wish) -> Value {
    json!({
        "id": wish.id.to_string(),
        "institution": wish.institution,
        "groups": wish.groups,
        "stance": wish.stance.code(),
        "expressed_at": wish.expressed_at.to_string(),
    })
}
