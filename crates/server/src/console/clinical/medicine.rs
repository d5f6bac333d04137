use fhir::json::Node;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::console::clinical::{concept_text, quantity_text};
use crate::console::time;

/// 処方
#[derive(Clone, Debug)]
pub(crate) struct Prescription {
    /// The medicine, as entered.
    pub(crate) name: String,
    /// 用法: how to take it.
    pub(crate) usage: String,
    /// 1回量
    pub(crate) dose: String,
    /// 処方日
    pub(crate) date: String,
    /// For how long, as written: `28日`.
    pub(crate) supply: String,
    /// The last day it was prescribed for, where that is known.
    pub(crate) last_day: Option<Date>,
}

impl Prescription {
    /// Reads a MedicationRequest.
    pub(crate) fn of(resource: Node<'_>) -> Self {
        let name = resource.get("medicationCodeableConcept").and_then(concept_text);
        let dosage = resource.all(&["dosageInstruction"]).into_iter().next();
        let dose = dosage.and_then(|dosage| dosage.at(&["doseAndRate", "doseQuantity"]));
        let bounds = dosage.and_then(|dosage| dosage.at(&["timing", "repeat", "boundsDuration"]));
        let supply = resource.at(&["dispenseRequest", "expectedSupplyDuration"]).or(bounds);
        Self {
            name: name.unwrap_or_default().to_owned(),
            usage: dosage.and_then(usage).unwrap_or_default(),
            dose: dose.and_then(quantity_text).unwrap_or_default(),
            date: resource.text_at(&["authoredOn"]).map(time::day_text).unwrap_or_default(),
            supply: supply.and_then(quantity_text).unwrap_or_default(),
            last_day: supply.and_then(|supply| last_day(resource, supply)),
        }
    }
}

fn usage(dosage: Node<'_>) -> Option<String> {
    let coded = dosage.at(&["timing", "code"]).and_then(concept_text);
    coded.or_else(|| dosage.text_at(&["text"])).map(str::to_owned)
}

fn last_day(resource: Node<'_>, supply: Node<'_>) -> Option<Date> {
    let first: Date = resource.text_at(&["authoredOn"])?.get(..10)?.parse().ok()?;
    let days: i32 = supply.get("value")?.number_text()?.parse().ok()?;
    let is_in_days = supply.text_at(&["code"]) == Some("d");
    (is_in_days && days > 0).then(|| first.saturating_add((days - 1).days()))
}
