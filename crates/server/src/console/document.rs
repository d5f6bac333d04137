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
use crate::console::contents::Contents;
use crate::console::frame::Frame;
use crate::console::narrative::Block;
use crate::console::reader::Reader;
use crate::console::record::Bar;
use crate::console::refusal::Refusal;
use crate::console::sections::{Part, parts};
use crate::console::time;
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
    linked: Option<Contents>,
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
    let linked = app.exchange.linked(&visitor.viewer, &unit, purpose(visitor), &visitor.act).await;
    let linked = linked.map_err(|why| reader.not_shown(&app, &why))?;
    let today = time::day(visitor.act.now);
    let linked = linked.map(|view| Contents::of(&view.items, &reader.surroundings(), today));
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
        linked,
    };
    Ok(page.frame.answer(StatusCode::OK, &page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    const BUNDLE: &str = r##"{"resourceType":"Bundle",
        "meta":{"profile":["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eReferral"]},
        "entry":[{"fullUrl":"urn:uuid:c","resource":{"resourceType":"Composition","title":"診療情報提供書",
            "date":"2026-05-02T10:00:00+09:00","author":[{"reference":"urn:uuid:o"}],
            "section":[{"title":"構造情報","section":[
                {"title":"現病歴","text":{"div":"<div><p onclick=\"x\">咳<script>bad()</script></p></div>"}},
                {"title":"傷病名","entry":[{"reference":"urn:uuid:d"},{"reference":"urn:uuid:n"}]}]}]}},
          {"fullUrl":"urn:uuid:o","resource":{"resourceType":"Organization","name":"架空中央病院"}},
          {"fullUrl":"urn:uuid:d","resource":{"resourceType":"Condition","code":{"text":"肺炎"}}},
          {"fullUrl":"urn:uuid:n","resource":{"resourceType":"Condition","code":{"text":"告げられていない病"},
            "meta":{"tag":[{"system":"http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication",
                "code":"UNINFORMED"}]}}}]}"##;

    fn html(frame: Frame, is_for_patient: bool) -> String {
        let of = |root: fhir::json::Node<'_>| Some(parts(Bundle::of(root)?, is_for_patient, frame.language));
        let parts = clinical::read(BUNDLE.as_bytes(), of).unwrap();
        let text = || "x".to_owned();
        let bar = Bar::default();
        rendered(&DocumentPage {
            frame,
            bar,
            id: text(),
            kind: text(),
            institution: text(),
            parts,
            linked: None,
        })
    }

    #[test]
    fn a_document_is_read_in_order_without_the_senders_markup() {
        for frame in frames() {
            let html = html(frame, false);
            assert!(html.find("現病歴").unwrap() < html.find("肺炎").unwrap());
            assert!(html.contains("<p>咳</p>") && !html.contains("onclick") && !html.contains("bad()"));
            assert!(!html.contains("構造情報"), "a section that only holds others has no heading");
            assert!(html.contains("告げられていない病"));
        }
    }

    #[test]
    fn a_patient_does_not_read_what_they_were_not_told() {
        for frame in frames() {
            assert!(!html(frame, true).contains("告げられていない病"));
        }
    }
}
