//! `GET /fhir/metadata`: the CapabilityStatement, made from the table of addresses.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use fhir::bundle::resource_types;
use serde_json::{Value, json};

use crate::App;
use crate::answer::FHIR_JSON;
use crate::routes::{Meaning, ROUTES};
use crate::smart::security;

/// What this hub can do.
pub(crate) async fn metadata(State(app): State<Arc<App>>) -> Response {
    let statement = json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-21",
        "kind": "instance",
        "software": {"name": "Renkei", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {"description": app.site, "url": format!("{}/fhir", app.base_url)},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{
            "mode": "server",
            "security": security(&app),
            "resource": resources(),
        }],
    });
    ([(CONTENT_TYPE, FHIR_JSON)], statement.to_string()).into_response()
}

#[derive(Default)]
struct Abilities {
    interactions: Vec<Value>,
    searches: Vec<Value>,
    operations: Vec<Value>,
}

fn resources() -> Vec<Value> {
    let mut types: BTreeMap<&str, Abilities> = BTreeMap::new();
    for route in ROUTES {
        match &route.meaning {
            Meaning::Interactions(name, codes) => {
                let codes = codes.iter().map(|code| json!({"code": code}));
                types.entry(name).or_default().interactions.extend(codes);
            }
            Meaning::Search(name, parameters) => {
                let abilities = types.entry(name).or_default();
                abilities.interactions.push(json!({"code": "search-type"}));
                let listed = parameters.iter().map(|(name, kind)| json!({"name": name, "type": kind}));
                abilities.searches.extend(listed);
            }
            Meaning::Operation(name, operation, definition) => {
                let operation = json!({"name": operation, "definition": definition});
                types.entry(name).or_default().operations.push(operation);
            }
            Meaning::OperationOnAll(operation, definition) => {
                let operation = json!({"name": operation, "definition": definition});
                for name in resource_types() {
                    types.entry(name).or_default().operations.push(operation.clone());
                }
            }
            Meaning::Other => {}
        }
    }
    types.into_iter().map(|(name, abilities)| resource(name, abilities)).collect()
}

fn resource(name: &str, abilities: Abilities) -> Value {
    let mut resource = json!({"type": name});
    let lists = [
        ("interaction", abilities.interactions),
        ("searchParam", abilities.searches),
        ("operation", abilities.operations),
    ];
    for (key, list) in lists {
        if !list.is_empty() {
            resource[key] = Value::Array(list);
        }
    }
    resource
}
