//! 退院時サマリー: a document under JP_Bundle_eDischargeSummary, sent only inside a referral.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::document::{Entries, Title, composition, references, section, structured};
use super::facts::{Facts, Written};
use super::{coding, day, ecs, instance, meta, narrative, party};
use crate::person::Person;
use crate::seed::Seed;
use crate::visit::{Setting, Visit};

/// What the ward writes; the rest comes from the chart.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    pub(crate) reason: &'static str,
    pub(crate) complaint: &'static str,
    pub(crate) illness: &'static str,
    pub(crate) course: &'static str,
    pub(crate) plan: &'static str,
}

/// A stay together with what the chart knows about it.
pub(crate) struct Discharge<'a> {
    pub(crate) bundle_id: &'a str,
    pub(crate) number: &'a str,
    pub(crate) visit: Visit,
    pub(crate) encounter_number: &'a str,
    pub(crate) stay: &'a Stay,
    pub(crate) facts: &'a Facts,
}

pub(crate) fn discharge(person: &Person, discharge: &Discharge<'_>, seed: &mut Seed, at: DateTime) -> Value {
    let mut entries = Entries::default();
    let visit = &discharge.visit;
    let patient = entries.add(seed, party::patient(person, visit.desk.institution, at));
    let encounter = entries.add(seed, stay_encounter(discharge, at));
    let doctor = entries.add(seed, party::practitioner(visit.desk, at));
    let institution = entries.add(seed, party::organization(visit.desk, at));
    let written = discharge.facts.write(&mut entries, person.gender, &patient, seed, at);
    let course = entries.add(seed, course(discharge, &patient, at));
    let plan = entries.add(seed, plan(discharge, &patient, at));

    let mut composition = composition(&TITLE, discharge.number, &patient, at);
    composition["encounter"] = json!({ "reference": encounter });
    composition["author"] = references(&[doctor, institution.clone()]);
    composition["custodian"] = json!({ "reference": institution });
    composition["event"] = json!([{ "period": { "start": day(visit.date), "end": day(visit.last_day()) } }]);
    composition["section"] =
        json!([structured(sections(discharge, &[encounter], &written, &[course], &[plan]))]);
    entries.document("JP_Bundle_eDischargeSummary", discharge.bundle_id, composition, seed, at)
}

fn sections(
    discharge: &Discharge<'_>,
    encounter: &[String],
    written: &Written,
    course: &[String],
    plan: &[String],
) -> Vec<Value> {
    let Discharge { stay, facts, visit, .. } = discharge;
    let found = facts.diagnoses.iter().position(|one| one.visit.date == visit.date).unwrap_or_default();
    let on_admission = written.conditions.get(found..=found).unwrap_or_default();
    let without_drugs = if written.requests.is_empty() { "退院時処方なし" } else { "" };
    let mut sections = vec![
        section("322", "入院時詳細", "", encounter),
        section("342", "入院時診断", "", on_admission),
        section("352", "主訴", stay.complaint, &[]),
        section("312", "入院理由", stay.reason, encounter),
        section("360", "現病歴", stay.illness, &[]),
        section("333", "入院中経過", stay.course, course),
        section("324", "退院時詳細", "", encounter),
        section("344", "退院時診断", "", &written.conditions),
        section("444", "退院時投薬指示", without_drugs, &written.requests),
        section("424", "退院時方針指示", stay.plan, plan),
    ];
    if !written.allergies.is_empty() {
        sections.insert(2, section("510", "アレルギー・不耐性反応", "", &written.allergies));
    }
    if !written.labs.is_empty() {
        sections.push(section("623", "入院中検査結果", "", &written.labs));
    }
    sections
}

const TITLE: Title = Title {
    profile: "http://jpfhir.jp/fhir/eDischargeSummary/StructureDefinition/JP_Composition_eDischargeSummary",
    code: "18842-5",
    display: "退院時サマリー",
    title: "退院時サマリー",
    occasion: ("DISCHARGE", "退院時文書"),
};

fn stay_encounter(discharge: &Discharge<'_>, at: DateTime) -> Value {
    let visit = &discharge.visit;
    let mut encounter = party::encounter(visit, discharge.encounter_number, at);
    let Setting::Admitted { until } = visit.setting else { return encounter };
    let days = (until - visit.date).get_days() + 1;
    encounter["length"] =
        json!({ "value": days, "unit": "日", "system": "http://unitsofmeasure.org", "code": "d" });
    encounter["reasonCode"] = json!([{ "text": discharge.stay.reason }]);
    encounter["hospitalization"] = json!({
        "admitSource": { "coding": [coding(
            "http://jpfhir.jp/fhir/Common/CodeSystem/admit-Source",
            "1",
            "家庭からの入院"
        )] },
        "dischargeDisposition": { "coding": [coding(
            "http://jpfhir.jp/fhir/Common/CodeSystem/discharge-disposition",
            "1",
            "傷病が治癒・軽快"
        )] }
    });
    encounter
}

fn course(discharge: &Discharge<'_>, patient: &str, at: DateTime) -> Value {
    json!({
        "resourceType": "DocumentReference",
        "meta": meta(at, &ecs("JP_DocumentReference_eCS")),
        "identifier": instance(&format!("{}-COURSE", discharge.encounter_number)),
        "status": "current",
        "subject": { "reference": patient },
        "date": super::instant(at),
        "description": discharge.stay.course,
        "content": [{ "attachment": {
            "contentType": "text/plain",
            "language": "ja",
            "data": super::text::base64(discharge.stay.course.as_bytes()),
            "title": "入院中経過"
        } }]
    })
}

fn plan(discharge: &Discharge<'_>, patient: &str, at: DateTime) -> Value {
    json!({
        "resourceType": "CarePlan",
        "meta": meta(at, &ecs("JP_CarePlan_eCS")),
        "text": narrative("generated", discharge.stay.plan),
        "identifier": instance(&format!("{}-PLAN", discharge.encounter_number)),
        "status": "active",
        "intent": "plan",
        "category": [{ "coding": [coding(
            "http://jpfhir.jp/fhir/CarePlan/CodeSystem/category",
            "discharge-plan",
            "退院時プラン"
        )] }],
        "title": "退院時方針",
        "description": discharge.stay.plan,
        "subject": { "reference": patient },
        "period": { "start": day(discharge.visit.last_day()) },
        "created": day(discharge.visit.last_day())
    })
}
