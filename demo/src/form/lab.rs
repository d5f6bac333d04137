//! 検査 and 感染症: Observation under JP_Observation_LabResult_eCS.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::condition::{Flag, tags};
use super::{coding, ecs, instance, instant, meta, origin, party};
use crate::person::Gender;
use crate::table::labs::{Lab, POSITIVE, Scale, Specimen, Standard};
use crate::visit::Visit;

/// One result of a report.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) lab: &'static Lab,
    pub(crate) value: f64,
    pub(crate) is_long_term: bool,
}

/// A laboratory report as the order system holds it.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) bundle_id: String,
    pub(crate) visit: Visit,
    pub(crate) taken: DateTime,
    pub(crate) readings: Vec<Reading>,
    pub(crate) order: String,
    pub(crate) encounter_number: String,
    pub(crate) is_corrected: bool,
}

impl Report {
    /// Only what a letter would mention: infections, and what lies outside its range.
    pub(crate) fn notable(mut self, gender: Gender) -> Self {
        self.readings.retain(|reading| {
            let (low, high) = bounds(reading.lab, gender);
            matches!(reading.lab.standard, Standard::Infection(..))
                || low.is_some_and(|low| reading.value < low)
                || high.is_some_and(|high| reading.value > high)
        });
        self
    }
}

/// All results of a report, in its order.
pub(crate) fn observations(report: &Report, gender: Gender, patient: &str, at: DateTime) -> Vec<Value> {
    let write = |(line, reading)| observation(report, line, reading, gender, patient, at);
    (1..).zip(&report.readings).map(write).collect()
}

fn observation(
    report: &Report,
    line: usize,
    reading: &Reading,
    gender: Gender,
    patient: &str,
    at: DateTime,
) -> Value {
    let lab = reading.lab;
    let mut observation =
        json!({ "resourceType": "Observation", "meta": meta(at, &ecs("JP_Observation_LabResult_eCS")) });
    if reading.is_long_term && matches!(lab.standard, Standard::Infection(..)) {
        observation["meta"]["tag"] = tags(&[Flag::LongTerm]);
    }
    observation["contained"] = json!([
        party::contained_encounter(&report.visit, &report.encounter_number),
        specimen(lab.specimen),
        party::contained_practitioner(report.visit.desk)
    ]);
    observation["extension"] = origin(report.visit.desk);
    observation["identifier"] = instance(&format!("{}-{line:02}", report.order));
    observation["status"] = json!(if report.is_corrected { "corrected" } else { "final" });
    observation["category"] = json!([{
        "coding": [coding(
            "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS",
            "laboratory",
            "Laboratory"
        )]
    }]);
    observation["code"] = code(lab);
    observation["subject"] = json!({ "reference": patient });
    observation["encounter"] = json!({ "reference": "#visit" });
    observation["effectiveDateTime"] = json!(report.taken.strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string());
    observation["issued"] = json!(instant(at));
    observation["performer"] = json!([{ "reference": "#doctor" }]);
    write_value(&mut observation, reading, gender);
    observation["specimen"] = json!({ "reference": "#specimen" });
    write_range(&mut observation, lab, gender);
    observation
}

fn specimen(specimen: Specimen) -> Value {
    let (code, display) = specimen.code();
    json!({
        "resourceType": "Specimen",
        "id": "specimen",
        "meta": { "profile": [super::core("JP_Specimen")] },
        "type": {
            "coding": [coding(
                "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationSampleMaterialCode_CS",
                code,
                display
            )],
            "text": display
        }
    })
}

fn code(lab: &Lab) -> Value {
    let local = coding(
        "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS",
        &format!("{}_{}", lab.local, lab.specimen.code().0),
        lab.name,
    );
    let standard = match lab.standard {
        Standard::Core(code, display) => coding(
            "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_CoreLabo_CS",
            code,
            display,
        ),
        Standard::Infection(code, display) => coding(
            "http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_InfectionLabo_CS",
            code,
            display,
        ),
        Standard::Jlac10(code, display) => {
            coding("http://medis.or.jp/CodeSystem/master-JLAC10-17digits", code, display)
        }
        Standard::Uncoded => coding(
            "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_Uncoded_CS",
            "99999999999999999",
            "未標準化コード項目(JLAC)",
        ),
    };
    json!({ "coding": [local, standard], "text": lab.name })
}

fn write_value(observation: &mut Value, reading: &Reading, gender: Gender) {
    let index = (reading.value as usize).saturating_sub(1);
    let choice = |system: &str, displays: &[&str]| {
        let system = format!("http://jpfhir.jp/fhir/LaboResult/CodeSystem/{system}");
        let display = displays.get(index).copied().unwrap_or_default();
        json!({ "coding": [coding(&system, &(index + 1).to_string(), display)], "text": display })
    };
    match reading.lab.scale {
        Scale::Quantity { unit, code, decimals } => {
            observation["valueQuantity"] = quantity(reading.value, unit, code, decimals);
            observation["interpretation"] = interpretation(reading, gender);
        }
        Scale::PosNeg => {
            observation["valueCodeableConcept"] = choice("JP_PosNegHold_CS", &["陽性", "陰性", "判定保留"]);
            if reading.value == POSITIVE {
                observation["interpretation"] = mark("POS", "Positive");
            }
        }
        Scale::Grade => {
            let grades = ["－", "±", "＋", "２＋", "３＋", "４＋", "５＋"];
            observation["valueCodeableConcept"] = choice("JP_Urine_Code_CS", &grades);
        }
        Scale::Abo => {
            observation["valueCodeableConcept"] = choice("JP_BldABO_CS", &["Ａ", "Ｂ", "ＡＢ", "Ｏ"]);
        }
        Scale::Rh => observation["valueCodeableConcept"] = choice("JP_BldRh_CS", &["＋", "－"]),
    }
}

/// Rounded as the analyser prints it; a ratio has no unit word.
pub(crate) fn quantity(value: f64, unit: &str, code: &str, decimals: u8) -> Value {
    let value = rounded(value, decimals);
    if unit.is_empty() {
        return json!({ "value": value, "system": "http://unitsofmeasure.org", "code": code });
    }
    json!({ "value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": code })
}

pub(crate) fn rounded(value: f64, decimals: u8) -> Value {
    let scale = 10_f64.powi(i32::from(decimals));
    let value = (value * scale).round() / scale;
    if decimals == 0 { json!(value as i64) } else { json!(value) }
}

fn bounds(lab: &Lab, gender: Gender) -> (Option<f64>, Option<f64>) {
    match gender {
        Gender::Male => lab.range.male,
        Gender::Female => lab.range.female,
    }
}

fn interpretation(reading: &Reading, gender: Gender) -> Value {
    let (low, high) = bounds(reading.lab, gender);
    if high.is_some_and(|high| reading.value > high) {
        return mark("H", "High");
    }
    if low.is_some_and(|low| reading.value < low) {
        return mark("L", "Low");
    }
    mark("N", "Normal")
}

pub(crate) fn mark(code: &str, display: &str) -> Value {
    json!([{
        "coding": [coding(
            "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
            code,
            display
        )]
    }])
}

fn write_range(observation: &mut Value, lab: &Lab, gender: Gender) {
    let Scale::Quantity { unit, code, decimals } = lab.scale else { return };
    let (low, high) = bounds(lab, gender);
    let mut range = json!({});
    if let Some(low) = low {
        range["low"] = quantity(low, unit, code, decimals);
    }
    if let Some(high) = high {
        range["high"] = quantity(high, unit, code, decimals);
    }
    if low.or(high).is_some() {
        observation["referenceRange"] = json!([range]);
    }
}
