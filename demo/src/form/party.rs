//! Patient, practitioner, organization and encounter: the parties of every document.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::{INSTITUTION_NUMBER, core, day, department, ecs, human_name, instance, meta, narrative};
use crate::person::Person;
use crate::place::{self, Desk, Doctor};
use crate::visit::{Setting, Visit};

pub(crate) fn patient(person: &Person, institution: &str, at: DateTime) -> Value {
    let mut patient = json!({ "resourceType": "Patient", "meta": meta(at, &ecs("JP_Patient_eCS")) });
    describe(&mut patient, person, institution, at);
    patient
}

/// The same person under the profile of the checkup report.
pub(crate) fn checkup_patient(person: &Person, institution: &str, at: DateTime) -> Value {
    let profile = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Patient_eCheckupGeneral";
    let mut patient = json!({ "resourceType": "Patient", "meta": meta(at, profile) });
    describe(&mut patient, person, institution, at);
    patient
}

fn describe(patient: &mut Value, person: &Person, institution: &str, at: DateTime) {
    patient["identifier"] = json!([
        {
            "system": format!("urn:oid:1.2.392.100495.20.3.51.1{institution}"),
            "value": person.chart_number(institution)
        },
        {
            "system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID",
            "value": person.member_on(at.date()).member_id
        }
    ]);
    patient["name"] = json!([human_name("IDE", person.kanji), human_name("SYL", person.kana)]);
    patient["telecom"] = json!([{ "system": "phone", "value": person.phone, "use": "home" }]);
    patient["gender"] = json!(person.gender.code());
    patient["birthDate"] = json!(day(person.birth_date));
    patient["address"] = json!([{ "text": person.address, "country": "JP" }]);
}

pub(crate) fn practitioner(desk: &Desk, at: DateTime) -> Value {
    let mut practitioner =
        json!({ "resourceType": "Practitioner", "meta": meta(at, &ecs("JP_Practitioner_eCS")) });
    describe_doctor(&mut practitioner, desk);
    practitioner
}

/// The doctor inside another resource, as `#doctor`.
pub(crate) fn contained_practitioner(desk: &Desk) -> Value {
    let mut practitioner = json!({
        "resourceType": "Practitioner",
        "id": "doctor",
        "meta": { "profile": [core("JP_Practitioner")] }
    });
    describe_doctor(&mut practitioner, desk);
    practitioner["name"] = json!([human_name("IDE", desk.doctor.name)]);
    practitioner
}

pub(crate) fn describe_doctor(practitioner: &mut Value, desk: &Desk) {
    let Doctor { id, name, kana } = &desk.doctor;
    practitioner["identifier"] = json!([{
        "system": format!("urn:oid:1.2.392.100495.20.3.41.1{}", desk.institution),
        "value": id
    }]);
    practitioner["name"] = json!([human_name("IDE", *name), human_name("SYL", *kana)]);
}

pub(crate) fn organization(desk: &Desk, at: DateTime) -> Value {
    let institution = place::institution(desk.institution);
    json!({
        "resourceType": "Organization",
        "meta": meta(at, &ecs("JP_Organization_eCS")),
        "text": narrative("generated", institution.name),
        "extension": [department(desk)],
        "identifier": [{ "system": INSTITUTION_NUMBER, "value": desk.institution }],
        "type": [{
            "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/organization-type",
                "code": "prov"
            }]
        }],
        "name": institution.name,
        "telecom": [{ "system": "phone", "value": institution.phone }],
        "address": [{ "text": institution.address, "country": "JP" }]
    })
}

pub(crate) fn encounter(visit: &Visit, number: &str, at: DateTime) -> Value {
    let mut encounter = json!({ "resourceType": "Encounter", "meta": meta(at, &ecs("JP_Encounter_eCS")) });
    describe_encounter(&mut encounter, visit, number);
    encounter
}

/// The visit inside another resource, as `#visit`.
pub(crate) fn contained_encounter(visit: &Visit, number: &str) -> Value {
    let mut encounter = json!({
        "resourceType": "Encounter",
        "id": "visit",
        "meta": { "profile": [core("JP_Encounter")] }
    });
    describe_encounter(&mut encounter, visit, number);
    encounter
}

fn describe_encounter(encounter: &mut Value, visit: &Visit, number: &str) {
    encounter["identifier"] = instance(number);
    encounter["status"] = json!("finished");
    let (code, display) = match visit.setting {
        Setting::Outpatient => ("AMB", "外来"),
        Setting::Emergency => ("EMER", "救急"),
        Setting::Admitted { .. } => ("IMP", "入院"),
    };
    encounter["class"] = super::coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", code, display);
    encounter["period"] = match visit.setting {
        Setting::Admitted { until } => json!({ "start": day(visit.date), "end": day(until) }),
        _ => json!({ "start": day(visit.date), "end": day(visit.date) }),
    };
}
