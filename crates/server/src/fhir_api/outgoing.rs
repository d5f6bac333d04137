//! Searchsets made of resources exactly as they were registered.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use exchange::{Hidden, HiddenBecause, ShownItem, View};
use fhir::finding::Language;
use fhir::systems;
use serde_json::{Value, json};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::fhir_api::paging::{Paging, Parameters};
use crate::words::{word, words_with};

/// The key of the words for why something is hidden.
pub(crate) fn reason_key(because: HiddenBecause) -> &'static str {
    match because {
        HiddenBecause::NotTold => "hidden.not-told",
        HiddenBecause::Withheld => "hidden.withheld",
        HiddenBecause::NotConsented => "hidden.not-consented",
        HiddenBecause::OutsideWindow => "hidden.outside-window",
    }
}

/// A view as a page of a searchset: each resource byte for byte, then a Provenance for whatever came by several ways,
/// then what was hidden as an OperationOutcome. `path` and `parameters` are what was asked for.
///
/// # Errors
/// If the page asked for is none.
pub(crate) fn searchset(
    app: &App,
    view: &View,
    path: &str,
    parameters: &Parameters,
    language: Language,
) -> Result<Response, Refused> {
    let paging = Paging::of(parameters, language)?;
    let items = paging.cut(&view.items);
    let size: usize = items.iter().map(|item| item.resource.len() + 200 * item.sources.len()).sum();
    let mut body = Vec::with_capacity(size + 500);
    let total = view.items.len();
    let links = paging.links(app, path, parameters, total);
    body.extend_from_slice(
        format!(
            "{{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":{total},\"link\":{links},\"entry\":["
        )
        .as_bytes(),
    );
    for item in items {
        body.extend_from_slice(format!("{{\"fullUrl\":{},\"resource\":", json!(url(app, item))).as_bytes());
        body.extend_from_slice(&item.resource);
        body.extend_from_slice(b",\"search\":{\"mode\":\"match\"}},");
    }
    for item in items.iter().filter(|item| item.sources.len() > 1) {
        let entry = json!({"resource": provenance(app, item), "search": {"mode": "include"}});
        body.extend_from_slice(entry.to_string().as_bytes());
        body.push(b',');
    }
    body.extend_from_slice(b"{\"resource\":");
    body.extend_from_slice(hidden_outcome(&view.hidden, language).as_bytes());
    body.extend_from_slice(b",\"search\":{\"mode\":\"outcome\"}}]}");
    let headers = [
        (CONTENT_TYPE, FHIR_JSON.to_owned()),
        (HeaderName::from_static("audit-event"), view.event.to_string()),
    ];
    Ok((headers, body).into_response())
}

fn url(app: &App, item: &ShownItem) -> String {
    format!("{}/fhir/Bundle/{}#{}", app.base_url, item.unit, item.offset)
}

/// Which units tell a resource, and which institutions registered them; the first is the one shown.
fn provenance(app: &App, item: &ShownItem) -> Value {
    let entities = item.sources.iter().map(|source| {
        json!({
            "role": "source",
            "what": {
                "reference": format!("{}/fhir/Bundle/{}", app.base_url, source.unit),
                "type": "Bundle",
                "display": store::kind_code(source.kind)
            }
        })
    });
    let institution = json!({"system": systems::INSTITUTION_ID, "value": item.institution});
    json!({
        "resourceType": "Provenance",
        "target": [{"reference": url(app, item)}],
        "recorded": item.received_at.to_string(),
        "agent": [{"who": {"identifier": institution}}],
        "entity": entities.collect::<Value>()
    })
}

fn hidden_outcome(hidden: &[Hidden], language: Language) -> String {
    let mut issues: Vec<_> = hidden.iter().map(|hidden| issue(hidden, language)).collect();
    if issues.is_empty() {
        let text = word(language, "hidden.nothing");
        issues.push(json!({"severity": "information", "code": "informational", "details": {"text": text}}));
    }
    json!({"resourceType": "OperationOutcome", "issue": issues}).to_string()
}

fn issue(hidden: &Hidden, language: Language) -> serde_json::Value {
    let key = format!("information.{}", hidden.information.code());
    let because = word(language, reason_key(hidden.because));
    let count = hidden.count.to_string();
    let values = [("information", word(language, &key)), ("count", &*count), ("because", because)];
    let text = words_with(language, "hidden.line", &values);
    let code = if hidden.because == HiddenBecause::OutsideWindow { "informational" } else { "suppressed" };
    json!({"severity": "information", "code": code, "details": {"text": text}})
}
