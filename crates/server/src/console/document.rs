//! One document, readable: its sections in order, what is attached, and the way to the original.

use std::str::FromStr;
use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use fhir::bundle::Bundle;
use store::UnitId;

use crate::App;
use crate::console::clinical;
use crate::console::frame::Frame;
use crate::console::narrative::Block;
use crate::console::reader::Reader;
use crate::console::record::Bar;
use crate::console::refusal::Refusal;
use crate::console::sections::{Part, parts};
use crate::fhir_api::purpose;

#[derive(Template)]
#[template(path = "document.html")]
pub(crate) struct DocumentPage {
    frame: Frame,
    bar: Bar,
    id: String,
    kind: String,
    institution: String,
    parts: Vec<Part>,
}

/// What is read from the document's bytes.
#[derive(Default)]
struct Content {
    patient: Option<Vec<u8>>,
    parts: Vec<Part>,
}

/// `GET /documents/{id}`.
pub(crate) async fn document(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = UnitId::from_str(&id).map_err(|_| reader.not_found(&app))?;
    let visitor = &reader.visitor;
    let unit = app.exchange.unit(&visitor.viewer, id, purpose(visitor), &visitor.act).await;
    let unit = unit.map_err(|why| reader.not_shown(&app, &why))?;
    let unit = unit.ok_or_else(|| reader.not_found(&app))?;
    let is_for_patient = visitor.viewer.role == Role::Patient;
    let content = clinical::read(&unit.body, |root| {
        let bundle = Bundle::of(root)?;
        let patient = bundle.patient().map(|patient| patient.bytes().to_vec());
        Some(Content { patient, parts: parts(bundle, is_for_patient, reader.language()) })
    });
    let Content { patient, parts } = content.unwrap_or_default();
    let frame = reader.frame(&app);
    let kind = frame.word(&format!("kind.{}", store::kind_code(unit.kind))).to_owned();
    let title = parts.first().map(|part| part.title.clone()).filter(|title| !title.is_empty());
    let page = DocumentPage {
        frame: frame.titled(title.unwrap_or_else(|| kind.clone())),
        bar: Bar::of(&reader, unit.person, patient.as_deref()),
        id: id.to_string(),
        kind,
        institution: reader.institutions.name(&unit.institution),
        parts,
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}
