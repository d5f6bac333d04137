//! 診療情報提供書: a document under JP_Bundle_eReferral, addressed to one institution.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::allergy::{self, Allergy};
use super::condition::{self, Diagnosis};
use super::document::{Entries, Title, composition, references, section, structured};
use super::lab::{self, Report};
use super::medication::{self, Prescription};
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
    pub(crate) diagnoses: &'a [Diagnosis],
    pub(crate) allergies: &'a [Allergy],
    pub(crate) prescriptions: &'a [Prescription],
    pub(crate) report: Option<&'a Report>,
    /// The Bundle of a discharge summary.
    pub(crate) attachment: Option<Value>,
}

pub(crate) fn referral(person: &Person, referral: Referral<'_>, seed: &mut Seed, at: DateTime) -> Value {
    let mut entries = Entries::default();
    let (visit, letter) = (&referral.visit, referral.letter);
    let patient = entries.add(seed, party::patient(person, visit.desk.institution, at));
    let encounter = entries.add(seed, purpose(&referral, at));
    let doctor = entries.add(seed, party::practitioner(visit.desk, at));
    let to_doctor = entries.add(seed, party::practitioner(referral.to, at));
    let institution = entries.add(seed, party::organization(visit.desk, at));
    let to_institution = entries.add(seed, party::organization(referral.to, at));
    let conditions = referral.diagnoses.iter().map(|one| condition::condition(one, &patient, at));
    let conditions = entries.add_all(seed, conditions);
    let allergies = referral.allergies.iter().map(|one| allergy::allergy(one, &patient, at));
    let allergies = entries.add_all(seed, allergies);
    let findings = entries.add(seed, findings(&referral, &patient, at));
    let labs = referral.report.map(|report| lab::observations(report, person.gender, &patient, at));
    let labs = entries.add_all(seed, labs.into_iter().flatten());
    let requests = (1..).zip(referral.prescriptions);
    let requests = requests.map(|(group, one)| medication::medication_request(one, group, &patient, at));
    let requests = entries.add_all(seed, requests);
    let attachment = entries.add_all(seed, referral.attachment.clone());

    let mut inner = vec![
        section("950", "紹介目的", letter.purpose, std::slice::from_ref(&encounter)),
        section("340", "傷病名・主訴", letter.complaint, &conditions),
        section("360", "現病歴", letter.illness, &[]),
    ];
    let mut optional = |code: &str, title: &str, text: &str, entries: &[String]| {
        if !text.is_empty() || !entries.is_empty() {
            inner.push(section(code, title, text, entries));
        }
    };
    optional("370", "既往歴", letter.past, &[]);
    optional("510", "アレルギー・不耐性反応", allergy_text(&allergies), &allergies);
    optional("550", "家族歴", letter.family, &[]);
    optional("610", "身体所見", letter.findings, &[findings]);
    optional("430", "投薬指示", "", &requests);
    optional("620", "検査結果", "", &labs);
    optional("330", "臨床経過", letter.course, &[]);

    let mut composition = composition(&TITLE, referral.number, &patient, at);
    composition["encounter"] = json!({ "reference": encounter });
    composition["author"] = references(&[doctor.clone(), institution.clone()]);
    composition["custodian"] = json!({ "reference": institution });
    composition["event"] =
        json!([{ "code": [{ "text": "診療情報提供書発行" }], "period": { "start": day(at.date()) } }]);
    let (from_name, to_name) =
        (place::institution(visit.desk.institution).name, place::institution(referral.to.institution).name);
    let mut sections = vec![
        section("920", "紹介元情報", from_name, &[institution, doctor]),
        section("910", "紹介先情報", to_name, &[to_institution, to_doctor]),
        structured(inner),
    ];
    if !attachment.is_empty() {
        sections.push(section("210", "添付情報", "退院時サマリー", &attachment));
    }
    if !letter.remarks.is_empty() {
        sections.push(section("220", "備考・連絡情報", letter.remarks, &[]));
    }
    composition["section"] = json!(sections);
    entries.document("JP_Bundle_eReferral", referral.bundle_id, composition, seed, at)
}

const TITLE: Title = Title {
    profile: "http://jpfhir.jp/fhir/eReferral/StructureDefinition/JP_Composition_eReferral",
    code: "57133-1",
    display: "診療情報提供書",
    title: "診療情報提供書",
    occasion: ("OUTPATIENT", "外来文書"),
};

fn allergy_text(allergies: &[String]) -> &'static str {
    if allergies.is_empty() { "特記すべきことなし" } else { "" }
}

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
