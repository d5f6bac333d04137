//! How a vendor's system writes what it knows as FHIR: one file per resource or document.

pub(crate) mod allergy;
pub(crate) mod checkup;
pub(crate) mod condition;
pub(crate) mod discharge;
pub(crate) mod document;
pub(crate) mod facts;
pub(crate) mod lab;
pub(crate) mod medication;
pub(crate) mod party;
pub(crate) mod referral;
pub(crate) mod report_unit;
pub(crate) mod summary;
mod text;

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use crate::place::Desk;

pub(crate) const INSTITUTION_NUMBER: &str =
    "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no";
pub(crate) const INSTANCE: &str = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
pub(crate) const FLAGS: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";

/// A profile of the eCS family.
pub(crate) fn ecs(name: &str) -> String {
    format!("http://jpfhir.jp/fhir/eCS/StructureDefinition/{name}")
}

/// A profile of JP Core.
pub(crate) fn core(name: &str) -> String {
    format!("http://jpfhir.jp/fhir/core/StructureDefinition/{name}")
}

pub(crate) fn meta(at: DateTime, profile: &str) -> Value {
    json!({ "lastUpdated": instant(at), "profile": [profile] })
}

/// Milliseconds and the zone, as the service asks.
pub(crate) fn instant(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+09:00").to_string()
}

pub(crate) fn day(date: Date) -> String {
    date.to_string()
}

pub(crate) fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

pub(crate) fn instance(value: &str) -> Value {
    json!([{ "system": INSTANCE, "value": value }])
}

/// The two extensions every resource of the five informations carries.
pub(crate) fn origin(desk: &Desk) -> Value {
    json!([
        {
            "url": "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber",
            "valueIdentifier": { "system": INSTITUTION_NUMBER, "value": desk.institution }
        },
        department(desk)
    ])
}

pub(crate) fn department(desk: &Desk) -> Value {
    let (code, display) = desk.department;
    json!({
        "url": "http://jpfhir.jp/fhir/eCS/Extension/StructureDefinition/JP_eCS_Department",
        "valueCodeableConcept": {
            "coding": [coding("http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment", code, display)],
            "text": desk.sign
        }
    })
}

/// A name in one of its two writings: `IDE` kanji, `SYL` kana.
pub(crate) fn human_name(writing: &str, (family, given): (&str, &str)) -> Value {
    json!({
        "extension": [{
            "url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation",
            "valueCode": writing
        }],
        "use": "official",
        "text": format!("{family} {given}"),
        "family": family,
        "given": [given]
    })
}

pub(crate) fn narrative(status: &str, text: &str) -> Value {
    json!({ "status": status, "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{text}</div>") })
}

pub(crate) fn entry(full_url: &str, resource: Value) -> Value {
    json!({ "fullUrl": full_url, "resource": resource })
}

pub(crate) fn bundle_identifier(value: &str) -> Value {
    json!({ "system": "http://jpfhir.jp/fhir/clins/bundle-identifier", "value": value })
}
