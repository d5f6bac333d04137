//! `Organization`: where something can be sent (宛先検索, OQS-IF-045).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use exchange::Destination;
use fhir::systems::INSTITUTION_ID;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use store::{Institution, InstitutionQuery};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::words::{word, words_with};

/// How many come at once where nothing is asked, and at most.
const COUNT: usize = 20;
const MOST: usize = 100;

/// The parameters that narrow a search, as they stand in its links.
const NARROWING: [&str; 5] = ["name", "identifier", "phone", "address", "address-postalcode"];

/// `GET /fhir/Organization?name=&identifier=&phone=&address=&address-postalcode=`: only those that use the service
/// today. A number that is known but cannot be sent to is told in an OperationOutcome.
pub(crate) async fn organizations(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let text = |name: &str| parameters.get(name).filter(|text| !text.trim().is_empty()).cloned();
    let number = text("identifier").map(|token| match token.split_once('|') {
        Some((system, number)) if system.is_empty() || system == INSTITUTION_ID => number.to_owned(),
        // A number of another system is nobody's here.
        Some(_) => "-".to_owned(),
        None => token,
    });
    let query = InstitutionQuery {
        name: text("name"),
        number: number.clone(),
        phone: text("phone"),
        address: text("address"),
        postcode: text("address-postalcode"),
    };
    let count = parameters.get("_count").and_then(|count| count.parse().ok()).unwrap_or(COUNT).clamp(1, MOST);
    let after = parameters.get("after").cloned().unwrap_or_default();
    let not_shown = |why| Refused::not_shown(&why, visitor.language);
    let found = app.exchange.destinations(&visitor.viewer, query, &after, count, &visitor.act).await;
    let found = found.map_err(not_shown)?;
    let entry = |one: &Institution| {
        let url = format!("{}/fhir/Organization/{}", app.base_url, one.number);
        json!({"fullUrl": url, "resource": organization(one, true), "search": {"mode": "match"}})
    };
    let mut entries: Vec<Value> = found.institutions.iter().map(entry).collect();
    if let Some(number) = number.filter(|_| entries.is_empty()) {
        let known =
            app.exchange.destination(&visitor.viewer, &number, &visitor.act).await.map_err(not_shown)?;
        entries.push(json!({"resource": why_not(known.as_ref(), &visitor), "search": {"mode": "outcome"}}));
    }
    let mut links = vec![json!({"relation": "self", "url": link(&app, &parameters, count, &after)})];
    if let Some(next) = &found.next {
        links.push(json!({"relation": "next", "url": link(&app, &parameters, count, next)}));
    }
    let body = json!({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries});
    Ok(([(CONTENT_TYPE, FHIR_JSON)], body.to_string()).into_response())
}

/// `GET /fhir/Organization/{id}`: one institution by its number; `active` tells whether it uses the service today.
pub(crate) async fn organization_by_number(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Result<Response, Refused> {
    let found = app.exchange.destination(&visitor.viewer, &number, &visitor.act).await;
    let found = found.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    let found = found.ok_or_else(|| Refused::not_found(visitor.language))?;
    let body = organization(&found.institution, found.uses_service);
    Ok(([(CONTENT_TYPE, FHIR_JSON)], body.to_string()).into_response())
}

/// An institution as FHIR tells it. Its kana stand as an alias.
fn organization(one: &Institution, is_active: bool) -> Value {
    let mut resource = json!({
        "resourceType": "Organization",
        "id": one.number,
        "identifier": [{"system": INSTITUTION_ID, "value": one.number}],
        "active": is_active,
        "type": [{
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov"}],
            "text": one.kind,
        }],
        "name": one.name,
    });
    if !one.kana.is_empty() {
        resource["alias"] = json!([one.kana]);
    }
    if !one.phone.is_empty() {
        resource["telecom"] = json!([{"system": "phone", "value": one.phone}]);
    }
    if !one.address.is_empty() {
        resource["address"] = json!([{"text": one.address, "country": "JP"}]);
        if !one.postcode.is_empty() {
            resource["address"][0]["postalCode"] = json!(one.postcode);
        }
    }
    resource
}

/// Why nothing can be sent to the number that was asked for.
fn why_not(known: Option<&Destination>, visitor: &Visitor) -> Value {
    let language = visitor.language;
    let (code, text) = match known.map(|known| &known.institution) {
        None => ("institution-unknown", word(language, "answer.institution-unknown").to_owned()),
        Some(Institution { ended_on: Some(day), successor: Some(successor), .. }) => {
            let values = [("day", &*day.to_string()), ("successor", successor)];
            ("institution-moved", words_with(language, "answer.institution-moved", &values))
        }
        Some(Institution { ended_on: Some(day), .. }) => {
            let values = [("day", &*day.to_string())];
            ("institution-ended", words_with(language, "answer.institution-ended", &values))
        }
        Some(_) => ("institution-not-using", word(language, "answer.institution-not-using").to_owned()),
    };
    json!({"resourceType": "OperationOutcome", "issue": [{
        "severity": "information",
        "code": "not-found",
        "details": {"coding": [{"system": "urn:renkei:answer", "code": code}], "text": text},
    }]})
}

fn link(app: &App, parameters: &HashMap<String, String>, count: usize, after: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let narrowing = NARROWING.iter().filter_map(|name| Some((name, parameters.get(*name)?)));
    let mut url = format!("{}/fhir/Organization?_count={count}", app.base_url);
    narrowing.for_each(|(name, value)| url.push_str(&format!("&{name}={}", encoded(value))));
    if !after.is_empty() {
        url.push_str(&format!("&after={}", encoded(after)));
    }
    url
}
