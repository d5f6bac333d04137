//! 傷病名: Condition under JP_Condition_eCS.

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use super::{FLAGS, coding, day, ecs, instance, meta, origin, party};
use crate::table::diseases::Disease;
use crate::visit::Visit;

/// A doctor's decision about who may read a disease, or for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    LongTerm,
    NotTold,
    Withheld,
}

impl Flag {
    fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::LongTerm => ("LTS", "長期保存"),
            Self::NotTold => ("UNINFORMED", "未告知"),
            Self::Withheld => ("UNDELIVERED", "未提供"),
        }
    }
}

/// A disease as a chart holds it.
#[derive(Clone, Debug)]
pub(crate) struct Diagnosis {
    pub(crate) disease: &'static Disease,
    /// 左, 右 or none: written before the name.
    pub(crate) side: Option<(&'static str, &'static str)>,
    pub(crate) visit: Visit,
    pub(crate) onset: Date,
    pub(crate) ended: Option<Date>,
    pub(crate) is_principal: bool,
    pub(crate) flags: Vec<Flag>,
    pub(crate) number: String,
    pub(crate) encounter_number: String,
}

pub(crate) fn condition(diagnosis: &Diagnosis, patient: &str, at: DateTime) -> Value {
    let mut condition = json!({ "resourceType": "Condition", "meta": meta(at, &ecs("JP_Condition_eCS")) });
    if !diagnosis.flags.is_empty() {
        condition["meta"]["tag"] = tags(&diagnosis.flags);
    }
    condition["contained"] =
        json!([party::contained_encounter(&diagnosis.visit, &diagnosis.encounter_number)]);
    condition["extension"] = origin(diagnosis.visit.desk);
    if let (true, Some(extensions)) = (diagnosis.is_principal, condition["extension"].as_array_mut()) {
        extensions.push(principal());
    }
    condition["identifier"] = instance(&diagnosis.number);
    condition["clinicalStatus"] = match diagnosis.ended {
        None => status("condition-clinical", "active", "Active"),
        Some(_) => status("condition-clinical", "resolved", "Resolved"),
    };
    condition["verificationStatus"] = status("condition-ver-status", "confirmed", "Confirmed");
    condition["category"] = json!([{
        "coding": [coding(
            "http://terminology.hl7.org/CodeSystem/condition-category",
            "encounter-diagnosis",
            "Encounter Diagnosis"
        )]
    }]);
    condition["code"] = code(diagnosis);
    condition["subject"] = json!({ "reference": patient });
    condition["encounter"] = json!({ "reference": "#visit" });
    condition["onsetDateTime"] = json!(day(diagnosis.onset));
    if let Some(ended) = diagnosis.ended {
        condition["abatementDateTime"] = json!(day(ended));
    }
    condition["recordedDate"] = json!(day(diagnosis.visit.date));
    condition
}

/// Meta tags of the service's flag system.
pub(crate) fn tags(flags: &[Flag]) -> Value {
    flags.iter().map(|flag| coding(FLAGS, flag.code().0, flag.code().1)).collect()
}

fn principal() -> Value {
    json!({
        "url": "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_DiagnosisType",
        "valueCodeableConcept": {
            "coding": [coding(
                "http://terminology.hl7.org/CodeSystem/ex-diagnosistype",
                "principal",
                "主病名"
            )]
        }
    })
}

fn status(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [coding(&format!("http://terminology.hl7.org/CodeSystem/{system}"), code, display)] })
}

fn code(diagnosis: &Diagnosis) -> Value {
    let Disease { key_number, name, icd10 } = diagnosis.disease;
    let mut code = json!({
        "coding": [
            coding("http://medis.or.jp/CodeSystem/master-disease-keyNumber", key_number, name),
            coding("http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full", icd10.0, icd10.1)
        ],
        "text": format!("{}{name}", diagnosis.side.map(|side| side.1).unwrap_or_default())
    });
    if let Some((number, word)) = diagnosis.side {
        code["extension"] = json!([{
            "url": "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Condition_DiseasePrefixModifier",
            "valueCodeableConcept": {
                "coding": [coding("http://medis.or.jp/CodeSystem/master-disease-modKeyNumber", number, word)],
                "text": word
            }
        }]);
    }
    code
}
