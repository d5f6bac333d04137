//! Documents over FHIR: the list of those a viewer may know of, and what a patient summary gathers.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use exchange::DocumentHeading;
use fhir::bundle::UnitKind;
use fhir::finding::Language;
use fhir::systems;
use serde_json::{Value, json};
use store::{PersonId, UnitId};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::outgoing::searchset;
use crate::fhir_api::paging::page;
use crate::fhir_api::purpose;
use crate::fhir_api::search::patient_of;
use crate::words::word;

const DOCUMENT_TYPES: &str = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes";

/// `GET /fhir/DocumentReference?patient=`: the documents of a person, newest first, as in IHE MHD; the content of
/// each stands at the address it names.
pub(crate) async fn document_references(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let person = patient_of(&parameters, visitor.language)?;
    let (viewer, act) = (&visitor.viewer, &visitor.act);
    let documents = app.exchange.documents(viewer, person, purpose(&visitor), act).await;
    let documents = documents.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    let entry = |document: &DocumentHeading| {
        json!({
            "fullUrl": format!("{}/fhir/DocumentReference/{}", app.base_url, document.unit),
            "resource": reference(&app, person, document, &documents, visitor.language),
            "search": {"mode": "match"}
        })
    };
    let entries: Vec<Value> = documents.iter().map(entry).collect();
    let body = page(&app, "DocumentReference", &parameters, &entries, visitor.language)?;
    Ok(([(CONTENT_TYPE, FHIR_JSON)], body).into_response())
}

/// `GET /fhir/Bundle/{id}/$linked`: the results and prescriptions that belong to a patient summary.
pub(crate) async fn linked(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let id = UnitId::from_str(&id).map_err(|_| Refused::not_found(visitor.language))?;
    let view = app.exchange.linked_of(&visitor.viewer, id, purpose(&visitor), &visitor.act).await;
    let view = view.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    let view = view.ok_or_else(|| Refused::not_found(visitor.language))?;
    searchset(&app, &view, &format!("Bundle/{id}/$linked"), &parameters, visitor.language)
}

fn reference(
    app: &App,
    person: PersonId,
    document: &DocumentHeading,
    all: &[DocumentHeading],
    language: Language,
) -> Value {
    let kind = store::kind_code(document.kind);
    let name = word(language, &format!("kind.{kind}")).to_owned();
    let mut coding = json!({"system": "urn:renkei:kind", "code": kind, "display": name});
    if let Some(code) = type_code(document.kind) {
        coding = json!({"system": DOCUMENT_TYPES, "code": code, "display": name});
    }
    let institution = json!({"system": systems::INSTITUTION_ID, "value": document.institution});
    let mut attachment = json!({"contentType": "application/fhir+json", "title": document.title});
    if document.can_be_opened {
        attachment["url"] = json!(format!("{}/fhir/Bundle/{}", app.base_url, document.unit));
    }
    if let Some(date) = document.date {
        attachment["creation"] = json!(date.to_string());
    }
    let mut reference = json!({
        "resourceType": "DocumentReference",
        "id": document.unit.to_string(),
        "status": if document.superseded_by.is_some() { "superseded" } else { "current" },
        "docStatus": "final",
        "type": {"coding": [coding], "text": name},
        "subject": {"reference": format!("Patient/{person}")},
        "date": document.received_at.to_string(),
        "author": [{"type": "Organization", "identifier": institution}],
        "content": [{"attachment": attachment}]
    });
    let replaced = all.iter().filter(|other| other.superseded_by == Some(document.unit));
    let replaced: Vec<Value> = replaced
        .map(|other| {
            json!({"code": "replaces", "target": {"reference": format!("DocumentReference/{}", other.unit)}})
        })
        .collect();
    if !replaced.is_empty() {
        reference["relatesTo"] = Value::Array(replaced);
    }
    reference
}

/// The code of a document's type in JP-CLINS; none for what is no document of its own.
fn type_code(kind: UnitKind) -> Option<&'static str> {
    match kind {
        UnitKind::Referral => Some("57133-1"),
        UnitKind::DischargeSummary => Some("18842-5"),
        UnitKind::PatientSummary => Some("56447-6"),
        UnitKind::CheckupReport => Some("53576-5"),
        _ => None,
    }
}
