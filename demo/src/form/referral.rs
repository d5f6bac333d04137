//! 診療情報提供書: a document under JP_Bundle_eReferral, addressed to one institution.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::document::{Entries, Title, composition, references, section, structured};
use super::facts::{Facts, Written};
use super::{day, ecs, meta, party};
use crate::person::Person;
use crate::place::{self, Desk};
use crate::seed::Seed;
use crate::visit::Visit;

/// What the doctor writes; the rest comes from the chart.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) purpose: &'static str,
    pub(crate) complaint: &'static str,
    pub(crate) illness: &'static str,
    pub(crate) past: &'static str,
    pub(crate) family: &'static str,
    pub(crate) findings: &'static str,
    pub(crate) course: &'static str,
    pub(crate) remarks: &'static str,
}

/// A letter together with what the chart knows.
pub(crate) struct Referral<'a> {
    pub(crate) bundle_id: &'a str,
    pub(crate) number: &'a str,
    pub(crate) visit: Visit,
    pub(crate) to: &'static Desk,
    pub(crate) encounter_number: &'a str,
    pub(crate) letter: &'a Letter,
    pub(crate) facts: &'a Facts,
    /// The Bundle of a discharge summary.
    pub(crate) attachment: Option<Value>,
}

pub(crate) fn referral(person: &Person, referral: &Referral<'_>, seed: &mut Seed, at: DateTime) -> Value {
    let mut entries = Entries::default();
    let (from, to) = (referral.visit.desk, referral.to);
    let patient = entries.add(seed, party::patient(person, from.institution, at));
    let encounter = entries.add(seed, purpose(referral, at));
    let doctor = entries.add(seed, party::practitioner(from, at));
    let to_doctor = entries.add(seed, party::practitioner(to, at));
    let institution = entries.add(seed, party::organization(from, at));
    let to_institution = entries.add(seed, party::organization(to, at));
    let written = referral.facts.write(&mut entries, person.gender, &patient, seed, at);
    let findings = entries.add(seed, findings(referral, &patient, at));
    let attachment = entries.add_all(seed, referral.attachment.clone());

    let mut composition = composition(&TITLE, referral.number, &patient, at);
    composition["author"] = references(&[doctor.clone(), institution.clone()]);
    composition["custodian"] = json!({ "reference": institution });
    composition["event"] =
        json!([{ "code": [{ "text": "診療情報提供書発行" }], "period": { "start": day(at.date()) } }]);
    let name = |desk: &Desk| place::institution(desk.institution).name;
    let mut sections = vec![
        section("920", "紹介元情報", name(from), &[institution, doctor]),
        section("910", "紹介先情報", name(to), &[to_institution, to_doctor]),
        structured(told(referral.letter, std::slice::from_ref(&encounter), &written, &[findings])),
    ];
    if !attachment.is_empty() {
        sections.push(section("210", "添付情報", "退院時サマリー", &attachment));
    }
    if !referral.letter.remarks.is_empty() {
        sections.push(section("220", "備考・連絡情報", referral.letter.remarks, &[]));
    }
    composition["encounter"] = json!({ "reference": encounter });
    composition["section"] = json!(sections);
    entries.document("JP_Bundle_eReferral", referral.bundle_id, composition, seed, at)
}

/// The structured sections; three are always there, the others if there is something to say.
fn told(letter: &Letter, encounter: &[String], written: &Written, findings: &[String]) -> Vec<Value> {
    let mut told = vec![
        section("950", "紹介目的", letter.purpose, encounter),
        section("340", "傷病名・主訴", letter.complaint, &written.conditions),
        section("360", "現病歴", letter.illness, &[]),
    ];
    let without_allergies = if written.allergies.is_empty() { "特記すべきことなし" } else { "" };
    let optional: [(&str, &str, &str, &[String]); 7] = [
        ("370", "既往歴", letter.past, &[]),
        ("510", "アレルギー・不耐性反応", without_allergies, &written.allergies),
        ("550", "家族歴", letter.family, &[]),
        ("610", "身体所見", letter.findings, findings),
        ("430", "投薬指示", "", &written.requests),
        ("620", "検査結果", "", &written.labs),
        ("330", "臨床経過", letter.course, &[]),
    ];
    for (code, title, text, entries) in optional {
        if !text.is_empty() || !entries.is_empty() {
            told.push(section(code, title, text, entries));
        }
    }
    told
}

const TITLE: Title = Title {
    profile: "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral",
    code: "57133-1",
    display: "診療情報提供書",
    title: "診療情報提供書",
    occasion: ("OUTPATIENT", "外来文書"),
};

fn purpose(referral: &Referral<'_>, at: DateTime) -> Value {
    let mut encounter = party::encounter(&referral.visit, referral.encounter_number, at);
    encounter["reasonCode"] = json!([{ "text": referral.letter.purpose }]);
    encounter
}

fn findings(referral: &Referral<'_>, patient: &str, at: DateTime) -> Value {
    json!({
        "resourceType": "Observation",
        "meta": meta(at, &ecs("JP_Observation_Common_eCS")),
        "contained": [
            party::contained_encounter(&referral.visit, referral.encounter_number),
            party::contained_practitioner(referral.visit.desk)
        ],
        "identifier": super::instance(&format!("{}-EXAM", referral.encounter_number)),
        "status": "final",
        "category": [{ "coding": [super::coding(
            "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS",
            "exam",
            "Exam"
        )] }],
        "code": { "text": "身体所見" },
        "subject": { "reference": patient },
        "encounter": { "reference": "#visit" },
        "effectiveDateTime": day(at.date()),
        "performer": [{ "reference": "#doctor" }],
        "valueString": referral.letter.findings
    })
}
