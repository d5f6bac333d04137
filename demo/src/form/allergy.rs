//! 薬剤アレルギー等 and その他アレルギー等: AllergyIntolerance under JP_AllergyIntolerance_eCS.

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use super::condition::{Flag, tags};
use super::{coding, day, ecs, instance, meta, origin, party};
use crate::table::allergens::Allergen;
use crate::visit::Visit;

/// How bad it was and may be again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Mild,
    Moderate,
    Severe,
}

/// An allergy as a chart holds it.
#[derive(Clone, Debug)]
pub(crate) struct Allergy {
    pub(crate) allergen: &'static Allergen,
    pub(crate) visit: Visit,
    pub(crate) onset: Date,
    pub(crate) severity: Severity,
    pub(crate) manifestation: &'static str,
    pub(crate) is_long_term: bool,
    /// The patient can eat or take it again.
    pub(crate) outgrown: bool,
    pub(crate) number: String,
    pub(crate) encounter_number: String,
}

pub(crate) fn allergy(allergy: &Allergy, patient: &str, at: DateTime) -> Value {
    let Allergen { system, code, display, category } = allergy.allergen;
    let mut resource =
        json!({ "resourceType": "AllergyIntolerance", "meta": meta(at, &ecs("JP_AllergyIntolerance_eCS")) });
    if allergy.is_long_term {
        resource["meta"]["tag"] = tags(&[Flag::LongTerm]);
    }
    resource["contained"] = json!([party::contained_encounter(&allergy.visit, &allergy.encounter_number)]);
    resource["extension"] = origin(allergy.visit.desk);
    resource["identifier"] = instance(&allergy.number);
    resource["clinicalStatus"] = match allergy.outgrown {
        false => status("allergyintolerance-clinical", "active", "Active"),
        true => status("allergyintolerance-clinical", "resolved", "Resolved"),
    };
    resource["verificationStatus"] = status("allergyintolerance-verification", "confirmed", "Confirmed");
    resource["type"] = json!("allergy");
    resource["category"] = json!([category]);
    let (criticality, severity) = match allergy.severity {
        Severity::Mild => ("low", "mild"),
        Severity::Moderate => ("low", "moderate"),
        Severity::Severe => ("high", "severe"),
    };
    resource["criticality"] = json!(criticality);
    resource["code"] = json!({ "coding": [coding(system, code, display)], "text": display });
    resource["patient"] = json!({ "reference": patient });
    resource["encounter"] = json!({ "reference": "#visit" });
    resource["onsetDateTime"] = json!(day(allergy.onset));
    resource["recordedDate"] = json!(day(allergy.visit.date));
    resource["reaction"] = json!([{
        "manifestation": [{ "text": allergy.manifestation }],
        "onset": day(allergy.onset),
        "severity": severity
    }]);
    resource
}

fn status(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [coding(&format!("http://terminology.hl7.org/CodeSystem/{system}"), code, display)] })
}
