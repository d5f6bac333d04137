//! 患者サマリー, and for the patient わたしの情報: dangers first, then how things stand.

use std::sync::Arc;

use access::Role;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use exchange::{Hidden, View};
use fhir::finding::Language;
use store::Information;

use crate::App;
use crate::console::contents::Contents;
use crate::console::frame::Frame;
use crate::console::reader::Reader;
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

/// `GET /patients/{id}`.
pub(crate) async fn patient_summary(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let person = record::person(&app, &reader, &id)?;
    let visitor = &reader.visitor;
    let view =
        app.exchange.view(&visitor.viewer, person, &Information::ALL, purpose(visitor), &visitor.act).await;
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
        let title = match (is_own, &frame.for_whom, bar.identity.name.as_str()) {
            (true, Some(whom), _) => frame.fill("own.title-of", "name", &whom.name),
            (true, None, _) => frame.word("own.title").to_owned(),
            (false, _, name) => frame.fill("summary.title-of", "name", name),
        };
        Self {
            frame: frame.titled(title),
            is_own,
            contents: Contents::of(&view.items, &reader.surroundings(), today),
            hidden: view
                .hidden
                .iter()
                .map(|hidden| (hidden.information, hidden_text(hidden, language)))
                .collect(),
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use fhir::bundle::UnitKind;
    use jiff::Timestamp;
    use jiff::civil::date;
    use store::{Bucket, UnitId};

    use super::*;
    use crate::console::contents::Surroundings;
    use crate::console::frame::sample::{frames, rendered};
    use crate::console::reader::Institutions;

    fn item(information: Information, code: &str, resource: &str) -> exchange::ShownItem {
        exchange::ShownItem {
            information,
            unit: UnitId::new(Bucket::of_text("p"), Timestamp::UNIX_EPOCH).unwrap(),
            institution: "4919999901".to_owned(),
            received_at: Timestamp::UNIX_EPOCH,
            date: Some(date(2026, 11, 7)),
            code: code.to_owned(),
            is_not_told: resource.contains("UNINFORMED"),
            is_withheld: false,
            offset: 0,
            sources: Vec::new(),
            resource: Bytes::copy_from_slice(resource.as_bytes()),
        }
    }

    /// The same, told by a letter too.
    fn twice(mut item: exchange::ShownItem) -> exchange::ShownItem {
        let source = |kind| exchange::Source {
            unit: item.unit,
            kind,
            institution: item.institution.clone(),
            received_at: item.received_at,
        };
        item.sources = vec![source(UnitKind::Referral), source(UnitKind::DischargeSummary)];
        item
    }

    fn page(frame: Frame, is_own: bool) -> SummaryPage {
        let allergy = r#"{"resourceType":"AllergyIntolerance","criticality":"high","category":["medication"],
            "code":{"text":"ペニシリン"},"reaction":[{"manifestation":[{"text":"血圧低下"}]}]}"#;
        let milk = r#"{"resourceType":"AllergyIntolerance","criticality":"low","code":{"text":"牛乳"}}"#;
        let illness = r#"{"resourceType":"Condition","code":{"text":"胃癌"},"onsetDateTime":"2026-10-01",
            "clinicalStatus":{"coding":[{"code":"active"}]},"meta":{"tag":[{"code":"UNINFORMED"}]}}"#;
        let potassium = |value: &str| {
            format!(
                r#"{{"resourceType":"Observation","code":{{"text":"カリウム"}},
                "valueQuantity":{{"value":{value},"unit":"mmol/L"}},"effectiveDateTime":"2026-11-07",
                "referenceRange":[{{"low":{{"value":3.6}},"high":{{"value":4.8}}}}]}}"#
            )
        };
        let medicine = r#"{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"アムロジピン"},
            "authoredOn":"2026-11-01","dosageInstruction":[{"text":"1日1回",
            "doseAndRate":[{"doseQuantity":{"value":1,"unit":"錠"}}]}]}"#;
        let items = [
            item(Information::OtherAllergy, "m", milk),
            item(Information::DrugAllergy, "a", allergy),
            item(Information::DrugAllergy, "a", allergy),
            item(Information::Condition, "c", illness),
            item(Information::LabResult, "k", &potassium("6.1")),
            item(Information::LabResult, "k", &potassium("4.0")),
            twice(item(Information::Prescription, "p", medicine)),
        ];
        let names: Institutions =
            [("4919999901".to_owned(), "架空中央病院".to_owned())].into_iter().collect();
        SummaryPage {
            contents: Contents::of(
                &items,
                &Surroundings { institutions: &names, own: None, language: frame.language },
                date(2026, 11, 21),
            ),
            frame,
            bar: Bar::default(),
            is_own,
            hidden: vec![(Information::Infection, "感染症 2件は非表示".to_owned())],
            rule: "同意".to_owned(),
            until: Some("2026-11-22 09:00".to_owned()),
        }
    }

    #[test]
    fn what_can_kill_stands_first_once_and_marked() {
        for frame in frames() {
            let html = rendered(&page(frame, false));
            assert_eq!(html.matches("ペニシリン").count(), 1);
            assert!(html.find("ペニシリン").unwrap() < html.find("牛乳").unwrap());
            assert!(html.contains("card-high") && html.contains("血圧低下"));
        }
    }

    #[test]
    fn a_value_out_of_range_has_its_letter_and_its_course() {
        for frame in frames() {
            let html = rendered(&page(frame, false));
            assert!(html.contains("高 H") || html.contains("high H"));
            assert!(
                html.contains("6.1 mmol/L") && html.contains("class=\"band\"") && html.contains("point out")
            );
        }
    }

    #[test]
    fn what_is_not_told_is_marked_and_what_is_hidden_is_said_in_its_place() {
        for frame in frames() {
            let html = rendered(&page(frame, false));
            assert!(html.contains("chip-warn"));
            assert_eq!(html.matches("感染症 2件は非表示").count(), 2, "in its section and in the list");
        }
    }

    #[test]
    fn what_came_by_two_ways_stands_once_and_says_so() {
        for frame in frames() {
            let html = rendered(&page(frame, false));
            assert_eq!(html.matches("アムロジピン").count(), 1);
            assert!(html.contains("2か所から") || html.contains("from 2 places"));
        }
    }

    #[test]
    fn nothing_is_called_absent_where_something_is_hidden() {
        for frame in frames() {
            let mut page = page(frame, false);
            let none = page.frame.word("summary.infections-none").to_owned();
            assert!(!rendered(&page).contains(&none));
            page.hidden.clear();
            assert!(rendered(&page).contains(&none));
        }
    }

    #[test]
    fn the_patient_reads_plainer_words() {
        for frame in frames() {
            let html = rendered(&page(frame, true));
            assert!(html.contains("体に合わない") || html.contains("do not tolerate"));
        }
    }
}
