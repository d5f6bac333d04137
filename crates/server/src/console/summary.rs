//! 患者サマリー, and for the patient わたしの情報: dangers first, then how things stand.

use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::{Hidden, ShownItem, View};
use fhir::finding::Language;
use fhir::json::Node;
use jiff::civil::Date;
use store::Information;

use crate::App;
use crate::console::clinical::{self, Allergy, Condition, Prescription, ResultRow, Series, series_of};
use crate::console::frame::Frame;
use crate::console::reader::{Institutions, Reader};
use crate::console::record::{self, Bar};
use crate::console::refusal::Refusal;
use crate::console::time;
use crate::fhir_api::{purpose, reason_key};
use crate::words::{word, words_with};

#[derive(Template)]
#[template(path = "summary.html")]
pub(crate) struct SummaryPage {
    frame: Frame,
    bar: Bar,
    is_own: bool,
    contents: Contents,
    hidden: Vec<(Information, String)>,
    rule: String,
    until: Option<String>,
}

/// The six informations as rows.
#[derive(Default)]
struct Contents {
    allergies: Vec<Sourced<Allergy>>,
    infections: Vec<Series>,
    conditions: Vec<Sourced<Condition>>,
    past_conditions: Vec<Sourced<Condition>>,
    medicines: Vec<Medicine>,
    results: Vec<Series>,
}

/// A row with its source.
struct Sourced<T> {
    row: T,
    institution: String,
    date: String,
    is_not_told: bool,
}

/// All prescriptions of one medicine, the newest with its dose.
struct Medicine {
    newest: Sourced<Prescription>,
    older: Vec<String>,
    has_run_out: bool,
}

/// `GET /patients/{id}`.
pub(crate) async fn patient_summary(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let visitor = &reader.visitor;
    let view = app.exchange.view(&visitor.viewer, person, &Information::ALL, purpose(visitor), &visitor.act).await;
    let view = view.map_err(|why| reader.not_shown(&app, &why))?;
    let page = SummaryPage::of(reader.frame(&app), &reader, &view);
    Ok(page.frame.answer(StatusCode::OK, &page))
}

impl SummaryPage {
    fn of(frame: Frame, reader: &Reader, view: &View) -> Self {
        let is_own = reader.visitor.viewer.role == Role::Patient;
        let language = reader.language();
        let bar = Bar::of(reader, view.person, view.patient.as_deref());
        let today = time::day(reader.visitor.act.now);
        let title = match (is_own, bar.identity.name.as_str()) {
            (true, _) => frame.word("own.title").to_owned(),
            (false, name) => frame.fill("summary.title-of", "name", name),
        };
        Self {
            frame: frame.titled(title),
            is_own,
            contents: Contents::of(&view.items, &reader.institutions, today, language),
            hidden: view.hidden.iter().map(|hidden| (hidden.information, hidden_text(hidden, language))).collect(),
            rule: word(language, &format!("rule.{}", view.rule)).to_owned(),
            until: view.until.map(time::minute),
            bar,
        }
    }

    /// The words under a key: plainer ones for the patient.
    fn says<'k>(&self, for_clinician: &'k str, for_patient: &'k str) -> &'k str {
        self.frame.word(if self.is_own { for_patient } else { for_clinician })
    }

    /// What was held back of these informations.
    fn gaps(&self, informations: &[&str]) -> Vec<&str> {
        let of = |(information, _): &&(Information, String)| informations.contains(&information.code());
        self.hidden.iter().filter(of).map(|(_, text)| text.as_str()).collect()
    }
}

impl Contents {
    fn of(items: &[ShownItem], institutions: &Institutions, today: Date, language: Language) -> Self {
        let mut contents = Self::default();
        let mut infections = Vec::new();
        let mut results = Vec::new();
        for item in items {
            let institution = institutions.name(&item.institution);
            match item.information {
                Information::DrugAllergy | Information::OtherAllergy => {
                    contents.allergies.extend(sourced(item, institution, |node| Allergy::of(node, language)));
                }
                Information::Condition => {
                    let row = sourced(item, institution, |node| Condition::of(node, language));
                    let (active, past) = row.into_iter().partition(|row| row.row.is_active);
                    let (active, past): (Vec<_>, Vec<_>) = (active, past);
                    contents.conditions.extend(active);
                    contents.past_conditions.extend(past);
                }
                Information::Prescription => {
                    let row = sourced(item, institution, Prescription::of);
                    row.into_iter().for_each(|row| add_medicine(&mut contents.medicines, row, today));
                }
                Information::Infection | Information::LabResult => {
                    let row = clinical::read(&item.resource, |node| Some(ResultRow::of(node, language)));
                    let rows = if item.information == Information::Infection { &mut infections } else { &mut results };
                    rows.extend(row.map(|row| (item.code.clone(), institution, row)));
                }
            }
        }
        contents.allergies.sort_by_key(|one| (!one.row.is_active, !one.row.is_high, !one.row.is_drug));
        contents.conditions.sort_by_key(|one| !one.row.is_main);
        contents.infections = series_of(infections, language);
        contents.results = series_of(results, language);
        contents
    }
}

fn sourced<T>(item: &ShownItem, institution: String, of: impl Fn(Node<'_>) -> T) -> Option<Sourced<T>> {
    let row = clinical::read(&item.resource, |node| Some(of(node)))?;
    let date = item.date.unwrap_or_else(|| time::day(item.received_at)).to_string();
    Some(Sourced { row, institution, date, is_not_told: item.is_not_told })
}

/// Newest first: a medicine that is there already is only counted.
fn add_medicine(medicines: &mut Vec<Medicine>, row: Sourced<Prescription>, today: Date) {
    match medicines.iter_mut().find(|medicine| medicine.newest.row.name == row.row.name) {
        Some(medicine) => medicine.older.push(row.row.date),
        None => {
            let has_run_out = row.row.last_day.is_some_and(|last| last < today);
            medicines.push(Medicine { newest: row, older: Vec::new(), has_run_out });
        }
    }
}

fn hidden_text(hidden: &Hidden, language: Language) -> String {
    let information = format!("information.{}", hidden.information.code());
    let count = hidden.count.to_string();
    let values = [
        ("information", word(language, &information)),
        ("count", count.as_str()),
        ("because", word(language, reason_key(hidden.because))),
    ];
    words_with(language, "hidden.line", &values)
}
