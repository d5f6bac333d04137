//! The record of acts as FHIR AuditEvents.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Page, PersonId};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;

const PAGE: u16 = 100;

/// `GET /fhir/AuditEvent?patient=&_count=&before=`: who did what with one person's record, or in the whole hub.
pub(crate) async fn audit_events(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let needs = |key| Refused::bad_request(key, visitor.language);
    let reference = parameters.get("patient").map(|text| text.strip_prefix("Patient/").unwrap_or(text));
    let person = reference.map(PersonId::from_str).transpose().map_err(|_| needs("answer.patient-needed"))?;
    let before = parameters.get("before").map(|text| text.parse::<Timestamp>()).transpose();
    let before = before.map_err(|_| needs("answer.before-needed"))?;
    // Without a bound, everything up to now and what this second still brings.
    let before = before.unwrap_or(visitor.act.now + SignedDuration::from_secs(1));
    let count = parameters.get("_count").map(|text| text.parse::<u16>()).transpose();
    let limit = count.map_err(|_| needs("answer.count-needed"))?.map_or(PAGE, |count| count.clamp(1, PAGE));
    let page = Page { before, limit };
    let events = app.exchange.events(&visitor.viewer, person, page, &visitor.act).await;
    let events = events.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    let entries: Vec<Value> = events
        .iter()
        .map(|event| {
            let url = format!("{}/fhir/AuditEvent/{}", app.base_url, event.id);
            json!({"fullUrl": url, "resource": audit::as_fhir(event, &app.site), "search": {"mode": "match"}})
        })
        .collect();
    let patient = reference.map(|id| format!("patient={id}&")).unwrap_or_default();
    let url = |before: Timestamp| {
        format!("{}/fhir/AuditEvent?{patient}_count={limit}&before={before}", app.base_url)
    };
    let mut links = vec![json!({"relation": "self", "url": url(before)})];
    if let Some(last) = events.last().filter(|_| events.len() == usize::from(limit)) {
        links.push(json!({"relation": "next", "url": url(last.at)}));
    }
    let bundle = json!({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries});
    Ok(([(CONTENT_TYPE, FHIR_JSON)], bundle.to_string()).into_response())
}
