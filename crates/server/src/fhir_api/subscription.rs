//! FHIR R4 Subscription: asking to be told by rest-hook.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{BadEndpoint, NotSubscribed, Request};
use fhir::finding::Language;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Subscription, SubscriptionId, SubscriptionState};

use access::Interest;

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::incoming::{read_body, require_fhir_json};
use crate::fhir_api::paging::page;
use crate::notices::secret_text;

/// The largest Subscription taken, in bytes.
const LARGEST: usize = 64 << 10;
const PAYLOAD: &str = "application/fhir+json";
/// Where the secret stands in the answer to a create, and nowhere else.
const SECRET: &str = "urn:renkei:webhook-secret";

/// `POST /fhir/Subscription`.
pub(crate) async fn subscribe(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let request = request(&app, &headers, body, visitor.language).await?;
    let subscribed = app.exchange.subscribe(&visitor.viewer, request, &visitor.act).await;
    let (subscription, secret) = subscribed.map_err(|why| not_subscribed(&why, visitor.language))?;
    let mut resource = resource(&subscription, visitor.act.now);
    resource["extension"] = json!([{"url": SECRET, "valueString": secret_text(&secret)}]);
    let location = (LOCATION, format!("{}/fhir/Subscription/{}", app.base_url, subscription.id));
    let headers = [(CONTENT_TYPE, FHIR_JSON.to_owned()), location];
    Ok((StatusCode::CREATED, headers, resource.to_string()).into_response())
}

/// `PUT /fhir/Subscription/{id}`: of one that is there; its endpoint is asked again.
pub(crate) async fn change_subscription(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let id = parse_id(&id, visitor.language)?;
    let request = request(&app, &headers, body, visitor.language).await?;
    let changed = app.exchange.change_subscription(&visitor.viewer, id, request, &visitor.act).await;
    answer(&changed.map_err(|why| not_subscribed(&why, visitor.language))?, &visitor)
}

/// `GET /fhir/Subscription/{id}`.
pub(crate) async fn subscription(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = parse_id(&id, visitor.language)?;
    let found = app.exchange.subscription(&visitor.viewer, id).await;
    answer(&found.map_err(|why| not_subscribed(&why, visitor.language))?, &visitor)
}

/// `DELETE /fhir/Subscription/{id}`.
pub(crate) async fn unsubscribe(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = parse_id(&id, visitor.language)?;
    let ended = app.exchange.unsubscribe(&visitor.viewer, id, &visitor.act).await;
    ended.map_err(|why| not_subscribed(&why, visitor.language))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /fhir/Subscription?status=&criteria=&url=`: those the viewer may know of.
pub(crate) async fn subscriptions(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let all = app.exchange.subscriptions(&visitor.viewer).await;
    let all = all.map_err(|why| not_subscribed(&why, visitor.language))?;
    let resources = all.iter().map(|one| resource(one, visitor.act.now));
    let is_asked = |resource: &Value| {
        let is = |name: &str, value: &Value| parameters.get(name).is_none_or(|asked| value == asked.as_str());
        is("status", &resource["status"])
            && is("criteria", &resource["criteria"])
            && is("url", &resource["channel"]["endpoint"])
    };
    let entries: Vec<Value> = resources
        .filter(is_asked)
        .map(|resource| {
            let url =
                format!("{}/fhir/Subscription/{}", app.base_url, resource["id"].as_str().unwrap_or_default());
            json!({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
        })
        .collect();
    let body = page(&app, "Subscription", &parameters, &entries, visitor.language)?;
    Ok(([(CONTENT_TYPE, FHIR_JSON)], body).into_response())
}

/// Why nothing was done, as a FHIR client reads it.
pub(crate) fn not_subscribed(why: &NotSubscribed, language: Language) -> Refused {
    match why {
        NotSubscribed::Refused(refusal) => Refused::forbidden(refusal.rule, language),
        NotSubscribed::UnknownCriteria => Refused::unprocessable("answer.criteria-unknown", language),
        NotSubscribed::EndsInThePast => Refused::unprocessable("answer.end-in-the-past", language),
        NotSubscribed::TooMany => Refused::unprocessable("answer.too-many-subscriptions", language),
        NotSubscribed::NotFound => Refused::not_found(language),
        NotSubscribed::Store(fault) => Refused::fault(fault, language),
    }
}

fn answer(subscription: &Subscription, visitor: &Visitor) -> Result<Response, Refused> {
    let resource = resource(subscription, visitor.act.now);
    Ok(([(CONTENT_TYPE, FHIR_JSON)], resource.to_string()).into_response())
}

fn parse_id(id: &str, language: Language) -> Result<SubscriptionId, Refused> {
    SubscriptionId::from_str(id).map_err(|_| Refused::not_found(language))
}

/// Reads what a Subscription asks for. Elements that would change its meaning and are not supported are refused.
async fn request(app: &App, headers: &HeaderMap, body: Body, language: Language) -> Result<Request, Refused> {
    require_fhir_json(headers, language)?;
    let bytes = read_body(headers, body, LARGEST, language).await?;
    let incomplete = || Refused::unprocessable("answer.subscription-incomplete", language);
    let resource: Value = serde_json::from_slice(&bytes).map_err(|_| incomplete())?;
    if resource["resourceType"] != "Subscription" {
        return Err(incomplete());
    }
    let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let channel = &resource["channel"];
    if channel["type"] != "rest-hook" || channel.get("header").is_some() {
        return Err(Refused::unprocessable("answer.channel-unsupported", language));
    }
    let has_payload = match channel.get("payload").map(Value::as_str) {
        None => false,
        Some(Some(PAYLOAD)) => true,
        Some(_) => return Err(Refused::unprocessable("answer.payload-unsupported", language)),
    };
    let endpoint = text(&channel["endpoint"]).ok_or_else(incomplete)?;
    let endpoint = app.notices.endpoints.admit(&endpoint);
    let end = resource.get("end").map(|end| end.as_str().and_then(|end| end.parse::<Timestamp>().ok()));
    Ok(Request {
        criteria: text(&resource["criteria"]).ok_or_else(incomplete)?,
        endpoint: endpoint.map_err(|why| Refused::unprocessable(endpoint_key(why), language))?,
        has_payload,
        reason: text(&resource["reason"]).ok_or_else(incomplete)?,
        ends_at: end.map(|end| end.ok_or_else(incomplete)).transpose()?,
        is_off: match resource["status"].as_str() {
            Some("requested" | "active") => false,
            Some("off") => true,
            _ => return Err(incomplete()),
        },
    })
}

fn endpoint_key(why: BadEndpoint) -> &'static str {
    match why {
        BadEndpoint::NotAnAddress => "answer.endpoint-unknown",
        BadEndpoint::NotEncrypted => "answer.endpoint-not-encrypted",
        BadEndpoint::Private => "answer.endpoint-private",
    }
}

fn resource(subscription: &Subscription, now: Timestamp) -> Value {
    let interest = Interest::of_code(&subscription.interest);
    let criteria = interest.map(|interest| interest.criteria(subscription.institution.as_deref()));
    let status = if subscription.has_ended(now) { SubscriptionState::Off } else { subscription.state };
    let mut resource = json!({
        "resourceType": "Subscription",
        "id": subscription.id.to_string(),
        "status": status.code(),
        "reason": subscription.reason,
        "criteria": criteria,
    });
    if let Some(end) = subscription.ends_at {
        resource["end"] = json!(end.to_string());
    }
    if let Some(error) = &subscription.error {
        resource["error"] = json!(error);
    }
    resource["channel"] = json!({"type": "rest-hook", "endpoint": subscription.endpoint});
    if subscription.has_payload {
        resource["channel"]["payload"] = json!(PAYLOAD);
    }
    resource
}
