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
pub(crate) use series::{Result, Series, series_of};

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

/// A Quantity as people write it: comparator, number, unit. 錠 stands close to its number; mg and μL do not.
pub(crate) fn quantity_text(quantity: Node<'_>) -> Option<String> {
    let number = quantity.get("value")?.number_text()?;
    let comparator = quantity.text_at(&["comparator"]).unwrap_or_default();
    let unit = unit_text(quantity);
    let gap = if unit.chars().next().is_some_and(is_ideograph) { "" } else { " " };
    Some(format!("{comparator}{number}{gap}{unit}").trim_end().to_owned())
}

/// The unit of a Quantity.
pub(crate) fn unit_text<'t>(quantity: Node<'t>) -> &'t str {
    quantity.text_at(&["unit"]).or_else(|| quantity.text_at(&["code"])).unwrap_or_default()
}

/// A text whose full-width numbers stay on one line with their units: ０．３ｍｇ must not be read as ３ｍｇ.
pub(crate) fn unbroken(text: &str) -> String {
    const JOINER: char = '\u{2060}';
    let mut whole = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(one) = characters.next() {
        whole.push(one);
        if is_wide_digit(one) && characters.peek().is_some_and(|next| belongs_to_number(*next))
            || belongs_to_number(one) && characters.peek().is_some_and(|next| is_wide_digit(*next))
        {
            whole.push(JOINER);
        }
    }
    whole
}

fn is_ideograph(character: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&character)
}

fn is_wide_digit(character: char) -> bool {
    ('０'..='９').contains(&character)
}

/// Full-width digits, points, letters and signs.
fn belongs_to_number(character: char) -> bool {
    is_wide_digit(character) || matches!(character, '．' | '，' | '／' | '％' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(json: &str) -> String {
        read(json.as_bytes(), quantity_text).unwrap()
    }

    #[test]
    fn a_number_never_runs_into_its_unit() {
        assert_eq!(quantity(r#"{"value":6.1,"unit":"10^3/μL"}"#), "6.1 10^3/μL");
        assert_eq!(quantity(r#"{"value":6.1,"unit":"×10^3/uL"}"#), "6.1 ×10^3/uL");
        assert_eq!(quantity(r#"{"value":245,"unit":"μg/dL"}"#), "245 μg/dL");
        assert_eq!(quantity(r#"{"value":0.5,"unit":"錠"}"#), "0.5錠");
        assert_eq!(quantity(r#"{"value":0.30,"comparator":"<","unit":"mg/dL"}"#), "<0.30 mg/dL");
    }

    #[test]
    fn full_width_doses_are_not_broken_over_lines() {
        assert_eq!(unbroken("を０．３ｍｇ筋注"), "を０\u{2060}．\u{2060}３\u{2060}ｍｇ筋注");
        assert_eq!(unbroken("水0.3mg"), "水0.3mg");
    }
}
