//! 処方, only inside documents: MedicationRequest under JP_MedicationRequest_eCS.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::lab::quantity;
use super::{coding, day, ecs, meta, origin, party};
use crate::table::drugs::{Drug, Usage};
use crate::visit::Visit;

const UNIT: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUnitMERIT9Code";

/// One drug of a prescription; `dose` is for one time.
#[derive(Clone, Debug)]
pub(crate) struct Prescription {
    pub(crate) drug: &'static Drug,
    pub(crate) usage: &'static Usage,
    pub(crate) dose: f64,
    /// Days, or times for what is taken as needed.
    pub(crate) length: u16,
    pub(crate) visit: Visit,
    pub(crate) number: String,
}

pub(crate) fn medication_request(
    prescription: &Prescription,
    group: usize,
    patient: &str,
    at: DateTime,
) -> Value {
    let Prescription { drug, usage, visit, number, .. } = prescription;
    let taken = total(prescription);
    let mut request = json!({
        "resourceType": "MedicationRequest",
        "meta": meta(at, &ecs("JP_MedicationRequest_eCS")),
        "contained": [party::contained_practitioner(visit.desk)],
        "extension": origin(visit.desk),
        "identifier": [
            {
                "system": "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber",
                "value": group.to_string()
            },
            {
                "system": "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex",
                "value": "1"
            },
            { "system": super::INSTANCE, "value": number }
        ],
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [coding("http://capstandard.jp/iyaku.info/CodeSystem/YJ-code", drug.yj, drug.name)],
            "text": drug.name
        },
        "subject": { "reference": patient },
        "authoredOn": day(visit.last_day()),
        "requester": { "reference": "#doctor" },
        "dosageInstruction": [dosage(prescription)],
        "dispenseRequest": { "quantity": quantity_of(taken, drug) }
    });
    if usage.doses > 0 {
        request["dispenseRequest"]["expectedSupplyDuration"] = days(prescription.length);
    }
    request
}

fn total(prescription: &Prescription) -> f64 {
    let times = match prescription.usage.doses {
        0 => prescription.length,
        doses => prescription.length.div_ceil(u16::from(prescription.usage.every_days)) * u16::from(doses),
    };
    f64::from(times) * prescription.dose
}

fn dosage(prescription: &Prescription) -> Value {
    let Prescription { drug, usage, dose, length, visit, .. } = prescription;
    let (once, word) = (shown(*dose), drug.unit.1);
    let text = match usage.doses {
        0 => format!("{} 1回{once}{word} {length}回分", usage.text),
        _ => format!("{} 1回{once}{word} {length}日分", usage.text),
    };
    let mut dosage = json!({
        "extension": [{
            "url": "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse",
            "valuePeriod": { "start": day(visit.last_day()) }
        }],
        "text": text,
        "timing": { "code": {
            "coding": [coding(
                "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription",
                usage.code,
                usage.display
            )],
            "text": usage.text
        } }
    });
    if usage.doses > 0 {
        dosage["timing"]["repeat"] = json!({
            "boundsDuration": days(*length),
            "frequency": usage.doses,
            "period": usage.every_days,
            "periodUnit": "d"
        });
    } else {
        dosage["asNeededBoolean"] = json!(true);
    }
    dosage["doseAndRate"] = json!([rate(prescription)]);
    dosage
}

fn rate(prescription: &Prescription) -> Value {
    let Prescription { drug, usage, dose, .. } = prescription;
    let mut rate = json!({
        "type": { "coding": [coding(
            "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationIngredientStrengthStrengthType",
            "1",
            "製剤量"
        )] },
        "doseQuantity": quantity_of(*dose, drug)
    });
    if usage.doses > 0 && usage.every_days == 1 {
        rate["rateRatio"] = json!({
            "numerator": quantity_of(f64::from(usage.doses) * dose, drug),
            "denominator": days(1)
        });
    }
    rate
}

fn quantity_of(value: f64, drug: &Drug) -> Value {
    let decimals = u8::from(value.fract() != 0.0);
    let mut amount = quantity(value, drug.unit.1, drug.unit.0, decimals);
    amount["system"] = json!(UNIT);
    amount
}

fn days(length: u16) -> Value {
    json!({ "value": length, "unit": "日", "system": "http://unitsofmeasure.org", "code": "d" })
}

fn shown(dose: f64) -> String {
    if dose.fract() == 0.0 { format!("{dose:.0}") } else { format!("{dose}") }
}
