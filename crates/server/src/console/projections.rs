//! 見え方: what one's institution registered, and how much of it a clinician elsewhere and the patient see.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::{HiddenBecause, ProjectedItem, Projections};
use fhir::json::Node;

use crate::App;
use crate::console::clinical::{self, concept_text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::record::{self, Bar};
use crate::console::refusal::Refusal;
use crate::console::time;
use crate::fhir_api::reason_key;

#[derive(Template)]
#[template(path = "projections.html")]
pub(crate) struct ProjectionsPage {
    frame: Frame,
    bar: Bar,
    rows: Vec<Row>,
    clinicians: usize,
    patient: usize,
}

/// One registered resource.
struct Row {
    information: String,
    name: String,
    date: String,
    is_not_told: bool,
    is_withheld: bool,
    /// Why it is hidden, in words; none where it is seen.
    from_clinicians: Option<String>,
    from_patient: Option<String>,
}

/// `GET /patients/{id}/projections`.
pub(crate) async fn projections(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let visitor = &reader.visitor;
    let seen = app.exchange.projections(&visitor.viewer, person, &visitor.act).await;
    let seen = seen.map_err(|why| reader.not_shown(&app, &why))?;
    let page = ProjectionsPage::of(reader.frame(&app), &reader, &seen);
    Ok(page.frame.answer(StatusCode::OK, &page))
}

impl ProjectionsPage {
    fn of(frame: Frame, reader: &Reader, seen: &Projections) -> Self {
        let bar = Bar::of(reader, seen.person, seen.patient.as_deref());
        let title = frame.fill("projections.title-of", "name", &bar.identity.name);
        let rows: Vec<Row> = seen.items.iter().map(|one| row(&frame, one)).collect();
        Self {
            frame: frame.titled(title),
            bar,
            clinicians: rows.iter().filter(|row| row.from_clinicians.is_none()).count(),
            patient: rows.iter().filter(|row| row.from_patient.is_none()).count(),
            rows,
        }
    }

    /// What a doctor's flag hides from somebody.
    fn flagged(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_flagged())
    }

    /// What everybody sees, or nobody any more.
    fn alike(&self, is_seen: &bool) -> impl Iterator<Item = &Row> {
        let is_seen = *is_seen;
        self.rows.iter().filter(move |row| !row.is_flagged() && row.from_patient.is_none() == is_seen)
    }
}

impl Row {
    fn is_flagged(&self) -> bool {
        self.is_not_told || self.is_withheld
    }
}

fn row(frame: &Frame, one: &ProjectedItem) -> Row {
    let of = |node: Node<'_>| {
        let concept = node.get("code").or_else(|| node.get("medicationCodeableConcept"));
        Some(concept_text(concept?)?.to_owned())
    };
    let reason = |because: Option<HiddenBecause>| because.map(|why| frame.word(reason_key(why)).to_owned());
    Row {
        information: frame.word(&format!("information.{}", one.item.information.code())).to_owned(),
        name: clinical::read(&one.item.resource, of).unwrap_or_default(),
        date: one.item.date.unwrap_or_else(|| time::day(one.item.received_at)).to_string(),
        is_not_told: one.item.is_not_told,
        is_withheld: one.item.is_withheld,
        from_clinicians: reason(one.from_clinicians),
        from_patient: reason(one.from_patient),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    fn row(name: &str, frame: &Frame, from_clinicians: bool, from_patient: bool) -> Row {
        let reason = |is_hidden: bool| is_hidden.then(|| frame.word("hidden.withheld").to_owned());
        Row {
            information: "傷病名".to_owned(),
            name: name.to_owned(),
            date: "2026-05-02".to_owned(),
            is_not_told: from_patient,
            is_withheld: from_clinicians,
            from_clinicians: reason(from_clinicians),
            from_patient: reason(from_patient),
        }
    }

    #[test]
    fn what_is_hidden_from_somebody_stands_before_what_everybody_sees() {
        for frame in frames() {
            let rows = vec![row("高血圧症", &frame, false, false), row("胃癌", &frame, false, true)];
            let page = ProjectionsPage { frame, bar: Bar::default(), rows, clinicians: 2, patient: 1 };
            let html = rendered(&page);
            assert!(html.find("胃癌").unwrap() < html.find("高血圧症").unwrap());
            assert!(html.contains("chip-warn"));
        }
    }
}
