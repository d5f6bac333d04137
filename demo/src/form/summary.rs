//! 患者サマリー（療養計画書）: a document under JP_Bundle_ePCS, for the patient's own eyes.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::condition::{self, Diagnosis};
use super::document::{Entries, Title, composition, references};
use super::{coding, day, ecs, instance, meta, party};
use crate::person::Person;
use crate::seed::Seed;
use crate::visit::Visit;

/// What the doctor wants the patient to keep in mind.
pub(crate) struct Summary<'a> {
    pub(crate) bundle_id: &'a str,
    pub(crate) number: &'a str,
    pub(crate) visit: Visit,
    pub(crate) encounter_number: &'a str,
    pub(crate) plan: &'a str,
    pub(crate) diagnoses: &'a [Diagnosis],
}

pub(crate) fn summary(person: &Person, summary: &Summary<'_>, seed: &mut Seed, at: DateTime) -> Value {
    let mut entries = Entries::default();
    let visit = &summary.visit;
    let patient = entries.add(seed, party::patient(person, visit.desk.institution, at));
    let doctor = entries.add(seed, party::practitioner(visit.desk, at));
    let institution = entries.add(seed, party::organization(visit.desk, at));
    let encounter = entries.add(seed, party::encounter(visit, summary.encounter_number, at));
    let mut listed = vec![entries.add(seed, care_plan(summary, &patient, at))];
    let conditions = summary.diagnoses.iter().map(|one| condition::condition(one, &patient, at));
    listed.extend(entries.add_all(seed, conditions));

    let mut composition = composition(&TITLE, summary.number, &patient, at);
    composition["encounter"] = json!({ "reference": encounter });
    composition["author"] = references(&[doctor, institution]);
    composition["section"] = json!([{
        "title": "計画サマリー",
        "code": { "coding": [coding(
            "http://jpfhir.jp/fhir/clins/CodeSystem/document-section",
            "422",
            "計画サマリーセクション"
        )] },
        "entry": references(&listed)
    }]);
    entries.document("JP_Bundle_ePCS", summary.bundle_id, composition, seed, at)
}

const TITLE: Title = Title {
    profile: "http://jpfhir.jp/fhir/ePCS/StructureDefinition/JP_Composition_ePCS",
    code: "56447-6",
    display: "計画書",
    title: "患者サマリー（療養計画書）",
    occasion: ("OUTPATIENT", "外来文書"),
};

fn care_plan(summary: &Summary<'_>, patient: &str, at: DateTime) -> Value {
    json!({
        "resourceType": "CarePlan",
        "meta": meta(at, &ecs("JP_CarePlan_ePCS")),
        "identifier": instance(&format!("{}-PLAN", summary.encounter_number)),
        "status": "active",
        "intent": "plan",
        "category": [{ "coding": [coding(
            "http://jpfhir.jp/fhir/CarePlan/CodeSystem/category",
            "followup-plan",
            "外来診療経過中プラン"
        )] }],
        "title": "療養計画",
        "description": summary.plan,
        "subject": { "reference": patient },
        "period": { "start": day(summary.visit.date) },
        "created": day(summary.visit.date)
    })
}
