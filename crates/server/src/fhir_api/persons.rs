//! `POST /fhir/Patient/$merge`, `$unmerge` and `$numbers`, for the hub's operator. Parameters are named as in R5's `$merge`.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{KinCard, NotJoined};
use fhir::json::Node;
use fhir::systems;
use fhir::validate::Parsed;
use serde_json::{Value, json};
use store::PersonId;

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::incoming::{read_body, require_fhir_json};

/// Parameters that name persons are small.
const LARGEST: usize = 16 << 10;

/// Joins `source-patient` to `target-patient`; answers whom both lead to.
pub(crate) async fn merge(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let named = Named::read(&app, &visitor, &headers, body).await?;
    let source = named.person("source-patient").await?;
    let target = named.person("target-patient").await?;
    let head = app.exchange.merge(&visitor.viewer, source, target, &visitor.act).await;
    let head = head.map_err(|why| refused(&why, &visitor))?;
    Ok(parameters(vec![reference("source-patient", &source), reference("target-patient", &head)]))
}

/// Parts `source-patient` from whom they were joined to; answers both, and the grants that ended with it.
pub(crate) async fn unmerge(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let named = Named::read(&app, &visitor, &headers, body).await?;
    let source = named.person("source-patient").await?;
    let parted = app.exchange.unmerge(&visitor.viewer, source, &visitor.act).await;
    let parted = parted.map_err(|why| refused(&why, &visitor))?;
    let mut answer =
        vec![reference("source-patient", &parted.person), reference("target-patient", &parted.head)];
    let ended = parted.ended_grants.iter();
    answer.extend(ended.map(|grant| json!({"name": "ended-grant", "valueString": grant.to_string()})));
    Ok(parameters(answer))
}

/// The insured numbers of `patient` and of everybody who is one with them, with the days the centre tells.
pub(crate) async fn numbers(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let named = Named::read(&app, &visitor, &headers, body).await?;
    let person = named.person("patient").await?;
    let card = app.exchange.person_card(&visitor.viewer, person, &visitor.act).await;
    let card = card.map_err(|why| refused(&why, &visitor))?;
    let mut answer = vec![reference("patient", &card.head)];
    answer.extend(card.kin.iter().map(kin));
    Ok(parameters(answer))
}

/// Persons as Parameters name them: by reference, or by an insured number.
struct Named<'a> {
    app: &'a App,
    visitor: &'a Visitor,
    body: bytes::Bytes,
}

impl<'a> Named<'a> {
    async fn read(
        app: &'a App,
        visitor: &'a Visitor,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Self, Refused> {
        require_fhir_json(headers, visitor.language)?;
        let body = read_body(headers, body, LARGEST, visitor.language).await?;
        Ok(Self { app, visitor, body })
    }

    /// The person under `name`, or under `{name}-identifier`.
    async fn person(&self, name: &str) -> Result<PersonId, Refused> {
        let missing = || Refused::bad_request("answer.person-needed", self.visitor.language);
        let (id, number) = self.names(name)?;
        match (id, number) {
            (Some(id), _) => PersonId::from_str(&id).map_err(|_| missing()),
            (None, Some(number)) => {
                let holder = self.app.exchange.store.holder_of(&number).await;
                holder
                    .map_err(|fault| Refused::fault(&fault, self.visitor.language))?
                    .ok_or_else(|| Refused::not_found(self.visitor.language))
            }
            (None, None) => Err(missing()),
        }
    }

    fn names(&self, name: &str) -> Result<(Option<String>, Option<String>), Refused> {
        let broken = |_| Refused::bad_request("answer.person-needed", self.visitor.language);
        let parsed = Parsed::parse(&self.body, &self.app.exchange.limits).map_err(broken)?;
        let parameters = parsed.root().all(&["parameter"]);
        let of = |wanted: &str| parameters.iter().find(|one| one.text_at(&["name"]) == Some(wanted)).copied();
        let reference = of(name).and_then(|one| one.text_at(&["valueReference", "reference"]));
        let id = reference.map(|text| text.strip_prefix("Patient/").unwrap_or(text).to_owned());
        let identifier = of(&format!("{name}-identifier")).and_then(|one| one.at(&["valueIdentifier"]));
        Ok((id, identifier.and_then(number_of)))
    }
}

fn number_of(identifier: Node<'_>) -> Option<String> {
    let is_number =
        [systems::MEMBER_ID, systems::PUBLIC_PAYER_ID].contains(&identifier.text_at(&["system"])?);
    is_number.then(|| identifier.text_at(&["value"]).map(str::to_owned)).flatten()
}

fn refused(why: &NotJoined, visitor: &Visitor) -> Refused {
    match why {
        NotJoined::Refused(refusal) => Refused::forbidden(refusal.rule, visitor.language),
        NotJoined::Unknown => Refused::not_found(visitor.language),
        NotJoined::AlreadyOne => Refused::conflict("answer.already-one", visitor.language),
        NotJoined::NotMerged => Refused::conflict("answer.not-merged", visitor.language),
        NotJoined::Store(fault) => Refused::fault(fault, visitor.language),
    }
}

fn kin(card: &KinCard) -> Value {
    let mut parts = vec![reference("patient", &card.person)];
    for (number, period) in &card.numbers {
        let period = period.as_ref().map(|known| {
            let mut period = json!({"start": known.valid_from.to_string()});
            if let Some(last) = known.valid_to {
                period["end"] = json!(last.to_string());
            }
            period
        });
        let mut identifier = json!({"system": systems::MEMBER_ID, "value": number});
        if let Some(period) = period {
            identifier["period"] = period;
        }
        parts.push(json!({"name": "identifier", "valueIdentifier": identifier}));
    }
    json!({"name": "kin", "part": parts})
}

fn reference(name: &str, person: &PersonId) -> Value {
    json!({"name": name, "valueReference": {"reference": format!("Patient/{person}")}})
}

fn parameters(parameters: Vec<Value>) -> Response {
    let body = json!({"resourceType": "Parameters", "parameter": parameters}).to_string();
    (StatusCode::OK, [(CONTENT_TYPE, FHIR_JSON)], body).into_response()
}
