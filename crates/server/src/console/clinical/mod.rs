//! FHIR resources as rows that a person can read. Nothing here decides what may be shown.

mod allergy;
mod condition;
mod medicine;
mod patient;
mod result;
mod series;

pub(crate) use allergy::Allergy;
pub(crate) use condition::Condition;
pub(crate) use medicine::Prescription;
pub(crate) use patient::Identity;
pub(crate) use result::ResultRow;
pub(crate) use series::{Series, series_of};

use fhir::json::{Json, Limits, Node};

/// Reads a kept resource and shows it to `read`; `None` if it is no JSON, which the store does not keep.
pub(crate) fn read<T>(resource: &[u8], read: impl FnOnce(Node<'_>) -> Option<T>) -> Option<T> {
    let limits = Limits { bytes: usize::MAX, ..Limits::default() };
    let json = Json::parse(resource, &limits).ok()?;
    read(json.root())
}

/// The words of a CodeableConcept: as entered, else the first coding's.
pub(crate) fn concept_text(concept: Node<'_>) -> Option<&str> {
    let coded = || {
        let codings = concept.all(&["coding"]);
        codings.iter().find_map(|coding| coding.text_at(&["display"]).or_else(|| coding.text_at(&["code"])))
    };
    concept.text_at(&["text"]).filter(|text| !text.is_empty()).or_else(coded)
}

/// The first code of a CodeableConcept.
pub(crate) fn concept_code<'t>(resource: Node<'t>, element: &str) -> Option<&'t str> {
    resource.text_at(&[element, "coding", "code"])
}

/// A Quantity as people write it: comparator, number, unit.
pub(crate) fn quantity_text(quantity: Node<'_>) -> Option<String> {
    let number = quantity.get("value")?.number_text()?;
    let comparator = quantity.text_at(&["comparator"]).unwrap_or_default();
    let unit = quantity.text_at(&["unit"]).or_else(|| quantity.text_at(&["code"])).unwrap_or_default();
    // 錠 stands close to its number; 10^3/μL would make another number of it.
    let gap = if unit.starts_with(|first| first >= '\u{3000}') { "" } else { " " };
    Some(format!("{comparator}{number}{gap}{unit}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use fhir::json::{Json, Limits};

    use super::*;

    #[test]
    fn a_number_never_runs_into_its_unit() {
        let written = [
            (r#"{"value":245,"unit":"10^3/μL"}"#, "245 10^3/μL"),
            (r#"{"value":6.10,"unit":"mmol/L"}"#, "6.10 mmol/L"),
            (r#"{"value":2,"unit":"錠"}"#, "2錠"),
            (r#"{"value":0.05,"comparator":"<","unit":"IU/mL"}"#, "<0.05 IU/mL"),
            (r#"{"value":3}"#, "3"),
        ];
        for (json, shown) in written {
            let json = Json::parse(json.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(quantity_text(json.root()).as_deref(), Some(shown));
        }
    }
}
