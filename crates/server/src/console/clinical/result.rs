use fhir::finding::Language;
use fhir::json::Node;

use crate::console::clinical::{concept_code, concept_text, quantity_text, unit_text};
use crate::console::time;
use crate::words::{word, words_with};

/// One result of a test: 検査, 感染症, or a checkup item.
#[derive(Clone, Debug)]
pub(crate) struct ResultRow {
    /// The tested item.
    pub(crate) name: String,
    /// What came out, with its unit.
    pub(crate) value: String,
    /// The number, where it is one, for pictures.
    pub(crate) number: Option<f64>,
    /// Its unit.
    pub(crate) unit: String,
    /// Against the reference range.
    pub(crate) flag: Flag,
    /// The reference range in words.
    pub(crate) range: String,
    /// Its lower end.
    pub(crate) low: Option<f64>,
    /// Its upper end.
    pub(crate) high: Option<f64>,
    /// What kind of outcome it is.
    pub(crate) outcome: Outcome,
    /// The day of the sample.
    pub(crate) date: String,
}

/// How a value stands to its range: always shown as a letter and a word, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// 高 H
    High,
    /// 低 L
    Low,
    /// Out of the ordinary, without a direction.
    Abnormal,
    /// Inside.
    Normal,
    /// Not judged.
    None,
}

/// What kind of outcome a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 陽性
    Positive,
    /// 陰性
    Negative,
    /// Anything else.
    Other,
}

impl Flag {
    /// The key of its mark in words and letter; empty where there is nothing to say.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::High => "flag.high",
            Self::Low => "flag.low",
            Self::Abnormal => "flag.abnormal",
            Self::Normal | Self::None => "",
        }
    }

    /// The class that colours it.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::High => "flag flag-high",
            Self::Low => "flag flag-low",
            Self::Abnormal => "flag flag-abnormal",
            Self::Normal | Self::None => "flag",
        }
    }

    /// Whether it asks for attention.
    pub(crate) fn is_notable(self) -> bool {
        matches!(self, Self::High | Self::Low | Self::Abnormal)
    }
}

impl Outcome {
    /// Whether it is 陽性.
    pub(crate) fn is_positive(self) -> bool {
        self == Self::Positive
    }
}

impl ResultRow {
    /// Reads an Observation.
    pub(crate) fn of(resource: Node<'_>, language: Language) -> Self {
        let quantity = resource.get("valueQuantity");
        let limit = |end: &str| resource.at(&["referenceRange", end]);
        let number = |quantity: Option<Node<'_>>| quantity?.get("value")?.number_text()?.parse::<f64>().ok();
        let (number, low, high) = (number(quantity), number(limit("low")), number(limit("high")));
        Self {
            name: resource.get("code").and_then(concept_text).unwrap_or_default().to_owned(),
            value: value(resource).unwrap_or_else(|| word(language, "result.none").to_owned()),
            number,
            unit: quantity.map(unit_text).unwrap_or_default().to_owned(),
            flag: flag(resource, number, low, high),
            range: range(resource, language),
            low,
            high,
            outcome: outcome(resource),
            date: resource.text_at(&["effectiveDateTime"]).map(time::day_text).unwrap_or_default(),
        }
    }
}

fn value(resource: Node<'_>) -> Option<String> {
    if let Some(quantity) = resource.get("valueQuantity") {
        return quantity_text(quantity);
    }
    if let Some(concept) = resource.get("valueCodeableConcept") {
        return concept_text(concept).map(str::to_owned);
    }
    let plain = ["valueString", "valueDateTime", "valueTime"];
    if let Some(text) = plain.iter().find_map(|element| resource.text_at(&[element])) {
        return Some(text.to_owned());
    }
    if let Some(integer) = resource.get("valueInteger") {
        return integer.number_text().map(str::to_owned);
    }
    let parts = resource.all(&["component"]);
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|part| {
            let name = part.get("code").and_then(concept_text).unwrap_or_default();
            Some(format!("{name} {}", value(*part)?).trim().to_owned())
        })
        .collect();
    if !parts.is_empty() {
        return Some(parts.join(" / "));
    }
    resource.get("dataAbsentReason").and_then(concept_text).map(str::to_owned)
}

/// The laboratory's own judgement; where it gave none, the range's.
fn flag(resource: Node<'_>, number: Option<f64>, low: Option<f64>, high: Option<f64>) -> Flag {
    match concept_code(resource, "interpretation") {
        Some("H" | "HH" | "HU" | ">") => Flag::High,
        Some("L" | "LL" | "LU" | "<") => Flag::Low,
        Some("A" | "AA" | "POS") => Flag::Abnormal,
        Some("N" | "NEG") => Flag::Normal,
        _ => match number {
            Some(number) if high.is_some_and(|high| number > high) => Flag::High,
            Some(number) if low.is_some_and(|low| number < low) => Flag::Low,
            Some(_) if low.is_some() || high.is_some() => Flag::Normal,
            _ => Flag::None,
        },
    }
}

fn range(resource: Node<'_>, language: Language) -> String {
    if let Some(text) = resource.text_at(&["referenceRange", "text"]) {
        return text.to_owned();
    }
    let limit = |end: &str| resource.at(&["referenceRange", end, "value"])?.number_text();
    match (limit("low"), limit("high")) {
        (Some(low), Some(high)) => words_with(language, "result.between", &[("low", low), ("high", high)]),
        (Some(low), None) => words_with(language, "result.at-least", &[("low", low)]),
        (None, Some(high)) => words_with(language, "result.at-most", &[("high", high)]),
        (None, None) => String::new(),
    }
}

fn outcome(resource: Node<'_>) -> Outcome {
    let value = resource.text_at(&["valueCodeableConcept", "coding", "code"]);
    let system = resource.text_at(&["valueCodeableConcept", "coding", "system"]).unwrap_or_default();
    match (concept_code(resource, "interpretation"), value) {
        (Some("POS"), _) => Outcome::Positive,
        (Some("NEG"), _) => Outcome::Negative,
        (_, Some("1")) if system.ends_with("JP_PosNegHold_CS") => Outcome::Positive,
        (_, Some("2")) if system.ends_with("JP_PosNegHold_CS") => Outcome::Negative,
        _ => Outcome::Other,
    }
}
