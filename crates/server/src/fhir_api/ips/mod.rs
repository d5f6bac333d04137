//! `GET /fhir/Patient/{id}/$summary`: what a viewer may see of a person as an International Patient Summary (IPS),
//! for care abroad.
//!
//! Source: hl7.fhir.uv.ips 2.0.0. Japanese codes stay as they are; the guide prefers SNOMED CT and LOINC but binds to
//! neither. What is hidden is hidden here too, and an empty section says why it is empty.

mod adapt;
mod narrative;

use std::str::FromStr;
use std::sync::Arc;

use audit::EventId;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use exchange::{HiddenBecause, ShownItem, View};
use fhir::finding::Language;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use store::{Information, PersonId};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::purpose;
use crate::words::word;
use adapt::{adapted, adapted_patient, has_ended};

/// The guide's profile of a name.
pub(super) fn profile(name: &str) -> String {
    format!("http://hl7.org/fhir/uv/ips/StructureDefinition/{name}-uv-ips")
}

/// One section of the summary.
struct Section {
    /// LOINC.
    code: &'static str,
    display: &'static str,
    /// Key of its title.
    title: &'static str,
    informations: &'static [Information],
    /// For diseases: those that go on, or those that are over.
    is_past: Option<bool>,
    /// Whether it stands even if empty.
    is_required: bool,
}

const SECTIONS: [Section; 5] = [
    Section {
        code: "11450-4",
        display: "Problem list - Reported",
        title: "ips.problems",
        informations: &[Information::Condition],
        is_past: Some(false),
        is_required: true,
    },
    Section {
        code: "48765-2",
        display: "Allergies and adverse reactions Document",
        title: "ips.allergies",
        informations: &[Information::DrugAllergy, Information::OtherAllergy],
        is_past: None,
        is_required: true,
    },
    Section {
        code: "10160-0",
        display: "History of Medication use Narrative",
        title: "ips.medications",
        informations: &[Information::Prescription],
        is_past: None,
        is_required: true,
    },
    Section {
        code: "30954-2",
        display: "Relevant diagnostic tests/laboratory data note",
        title: "ips.results",
        informations: &[Information::LabResult, Information::Infection],
        is_past: None,
        is_required: false,
    },
    Section {
        code: "11348-0",
        display: "History of Past illness note",
        title: "ips.past-problems",
        informations: &[Information::Condition],
        is_past: Some(true),
        is_required: false,
    },
];

/// `GET /fhir/Patient/{id}/$summary`.
pub(crate) async fn summary(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let person = PersonId::from_str(&id).map_err(|_| Refused::not_found(visitor.language))?;
    let (viewer, act) = (&visitor.viewer, &visitor.act);
    let view = app.exchange.view(viewer, person, &Information::ALL, purpose(&visitor), act).await;
    let view = view.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    let document = Document { app: &app, view: &view, language: visitor.language, now: act.now }.bundle();
    let event = (HeaderName::from_static("audit-event"), view.event.to_string());
    let document = document.ok_or_else(|| Refused::not_found(visitor.language))?;
    Ok(([(CONTENT_TYPE, FHIR_JSON.to_owned()), event], document.to_string()).into_response())
}

/// A summary being written.
struct Document<'v> {
    app: &'v App,
    view: &'v View,
    language: Language,
    now: Timestamp,
}

/// The places of a summary's first entries; resources follow.
const COMPOSITION: usize = 1;
const PATIENT: usize = 2;
const AUTHOR: usize = 3;
const FIRST: usize = 4;

impl Document<'_> {
    /// The whole document; nothing for a person of whom not even a Patient is shown.
    fn bundle(&self) -> Option<Value> {
        let patient = adapted_patient(self.view.patient.as_deref()?)?;
        let resources: Vec<(usize, &ShownItem, Value)> = (FIRST..)
            .zip(&self.view.items)
            .filter_map(|(place, item)| Some((place, item, adapted(item, &self.url(PATIENT))?)))
            .collect();
        let mut entries = vec![
            self.entry(COMPOSITION, self.composition(&resources)),
            self.entry(PATIENT, patient),
            self.entry(AUTHOR, self.author()),
        ];
        entries.extend(resources.into_iter().map(|(place, _, resource)| self.entry(place, resource)));
        Some(json!({
            "resourceType": "Bundle",
            "meta": {"profile": [profile("Bundle")]},
            "language": self.tag(),
            "identifier": {"system": "urn:ietf:rfc:3986", "value": self.url(0)},
            "type": "document",
            "timestamp": self.instant(),
            "entry": entries
        }))
    }

    fn composition(&self, resources: &[(usize, &ShownItem, Value)]) -> Value {
        let title = word(self.language, "ips.title");
        json!({
            "resourceType": "Composition",
            "meta": {"profile": [profile("Composition")]},
            "language": self.tag(),
            "text": narrative::of(&[title.to_owned()], self.tag()),
            "status": "final",
            "type": {"coding": [loinc("60591-5", "Patient summary Document")]},
            "subject": {"reference": self.url(PATIENT)},
            "date": self.instant(),
            "author": [{"reference": self.url(AUTHOR)}],
            "title": title,
            "confidentiality": "N",
            "custodian": {"reference": self.url(AUTHOR)},
            "section": SECTIONS.iter().filter_map(|one| self.section(one, resources)).collect::<Value>()
        })
    }

    fn section(&self, section: &Section, resources: &[(usize, &ShownItem, Value)]) -> Option<Value> {
        let belongs = |item: &ShownItem, resource: &Value| {
            section.informations.contains(&item.information)
                && section.is_past.is_none_or(|is_past| is_past == has_ended(resource))
        };
        let own = || resources.iter().filter(|(_, item, resource)| belongs(item, resource));
        let lines: Vec<String> =
            own().map(|(_, _, resource)| narrative::line(resource, self.language)).collect();
        let mut written = json!({
            "title": word(self.language, section.title),
            "code": {"coding": [loinc(section.code, section.display)]}
        });
        if lines.is_empty() && !section.is_required {
            return None;
        }
        if lines.is_empty() {
            let (code, display, key) = self.why_empty(section);
            let system = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
            let text = word(self.language, key);
            written["text"] = narrative::of(&[text.to_owned()], self.tag());
            written["emptyReason"] =
                json!({"coding": [{"system": system, "code": code, "display": display}], "text": text});
        } else {
            written["text"] = narrative::of(&lines, self.tag());
            written["entry"] = own().map(|(place, _, _)| json!({"reference": self.url(*place)})).collect();
        }
        Some(written)
    }

    /// An empty section does not say that there is nothing: it says that nothing is known here, or may be told.
    fn why_empty(&self, section: &Section) -> (&'static str, &'static str, &'static str) {
        let is_kept_back = self.view.hidden.iter().any(|hidden| {
            section.informations.contains(&hidden.information)
                && hidden.because != HiddenBecause::OutsideWindow
        });
        if is_kept_back {
            ("withheld", "Information Withheld", "ips.withheld")
        } else {
            ("unavailable", "Unavailable", "ips.unavailable")
        }
    }

    fn author(&self) -> Value {
        json!({
            "resourceType": "Organization",
            "meta": {"profile": [profile("Organization")]},
            "name": self.app.site
        })
    }

    fn entry(&self, place: usize, resource: Value) -> Value {
        json!({"fullUrl": self.url(place), "resource": resource})
    }

    /// An address of its own for each entry, made of the event's id and the entry's place.
    fn url(&self, place: usize) -> String {
        url(&self.view.event, place)
    }

    fn tag(&self) -> &'static str {
        if self.language == Language::English { "en" } else { "ja" }
    }

    fn instant(&self) -> String {
        let there = self.now.to_zoned(TimeZone::fixed(jiff::tz::offset(9)));
        there.strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string()
    }
}

fn url(event: &EventId, place: usize) -> String {
    let id = event.to_string();
    let (head, tail) = id.split_at(28);
    let tail = usize::from_str_radix(tail, 16).unwrap_or_default();
    let last = (tail + place) % 0x1_0000;
    let part = |range: std::ops::Range<usize>| head.get(range).unwrap_or_default();
    let (one, two, three, four, five) = (part(0..8), part(8..12), part(12..16), part(16..20), part(20..28));
    format!("urn:uuid:{one}-{two}-{three}-{four}-{five}{last:04x}")
}

fn loinc(code: &str, display: &str) -> Value {
    json!({"system": "http://loinc.org", "code": code, "display": display})
}
