//! 健診結果報告書: a document under JP_Bundle_eCheckupGeneral, with profiles and code systems of its own family.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::document::{Entries, references, version};
use super::lab::{mark, quantity};
use super::{INSTITUTION_NUMBER, coding, day, instant, meta, narrative, party};
use crate::person::{Gender, Person};
use crate::place;
use crate::seed::Seed;
use crate::table::checkup_items::{self as items, Item, Question};
use crate::visit::Visit;

/// What was found. Choices count from 1, in the order of the question's list.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    pub(crate) height: f64,
    pub(crate) weight: f64,
    pub(crate) waist: f64,
    pub(crate) pressure: (f64, f64),
    pub(crate) triglyceride: f64,
    pub(crate) hdl: f64,
    pub(crate) ldl: f64,
    pub(crate) liver: (f64, f64, f64),
    pub(crate) uric_acid: f64,
    pub(crate) creatinine: f64,
    pub(crate) glucose: f64,
    pub(crate) hba1c: f64,
    pub(crate) urine: (usize, usize),
    pub(crate) metabolic: usize,
    pub(crate) guidance: usize,
    pub(crate) drugs: (usize, usize, usize),
    pub(crate) smoking: usize,
    pub(crate) exercise: usize,
    pub(crate) alcohol: usize,
    pub(crate) opinion: &'static str,
}

impl Findings {
    /// The same findings in a body of another size and make.
    pub(crate) fn varied(&self, sway: f64, seed: &mut Seed) -> Self {
        if sway == 0.0 {
            return self.clone();
        }
        let size = 1.0 + sway * 0.25 * seed.noise();
        let mut vary = |value: f64, share: f64| value * (1.0 + sway * share * seed.noise());
        Self {
            height: self.height * size,
            weight: vary(self.weight * size * size, 0.6),
            waist: vary(self.waist, 0.4),
            pressure: (vary(self.pressure.0, 0.3), vary(self.pressure.1, 0.3)),
            triglyceride: vary(self.triglyceride, 1.0),
            hdl: vary(self.hdl, 0.6),
            ldl: vary(self.ldl, 0.6),
            liver: (vary(self.liver.0, 1.0), vary(self.liver.1, 1.0), vary(self.liver.2, 1.0)),
            uric_acid: vary(self.uric_acid, 0.6),
            creatinine: vary(self.creatinine, 0.5),
            glucose: vary(self.glucose, 0.3),
            hba1c: vary(self.hba1c, 0.15),
            ..self.clone()
        }
    }
}

/// Writes single items for one patient and day.
struct Writer<'a> {
    patient: &'a str,
    visit: &'a Visit,
    at: DateTime,
}

pub(crate) fn checkup(
    person: &Person,
    bundle_id: &str,
    number: &str,
    visit: &Visit,
    findings: &Findings,
    seed: &mut Seed,
    at: DateTime,
) -> Value {
    let mut entries = Entries::default();
    let patient = entries.add(seed, party::checkup_patient(person, visit.desk.institution, at));
    let doctor = entries.add(seed, practitioner(visit, at));
    let institution = entries.add(seed, organization(visit, at));
    let encounter = entries.add(seed, encounter(visit, &institution, at));
    let insurer = entries.add(seed, insurer(person, at));
    let insurance = entries.add(seed, coverage(person, &patient, &insurer, at));
    let writer = Writer { patient: &patient, visit, at };
    let mut results = entries.add_all(seed, measured(&writer, findings, person));
    results.extend(entries.add_all(seed, judged(&writer, findings)));
    results.push(insurance);
    let answers = entries.add_all(seed, answered(&writer, findings));

    let mut composition = composition(number, &patient, visit, at);
    composition["encounter"] = json!({ "reference": encounter });
    composition["author"] = references(&[doctor, institution.clone()]);
    composition["custodian"] = json!({ "reference": institution });
    let overview = overview(findings);
    composition["section"] = json!([
        section("01011", "特定健診検査結果セクション", &overview, &results),
        section("01012", "特定健診問診結果セクション", "標準的な質問票への回答", &answers)
    ]);
    entries.document("JP_Bundle_eCheckupGeneral", bundle_id, composition, seed, at)
}

fn profile(name: &str) -> String {
    format!("http://jpfhir.jp/fhir/eCheckup/StructureDefinition/{name}_eCheckupGeneral")
}

fn composition(number: &str, patient: &str, visit: &Visit, at: DateTime) -> Value {
    json!({
        "resourceType": "Composition",
        "meta": meta(at, &profile("JP_Composition")),
        "extension": [version()],
        "identifier": { "system": super::INSTANCE, "value": number },
        "status": "final",
        "type": { "coding": [coding(
            "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes",
            "53576-5",
            "検診・健診報告書"
        )] },
        "category": [{ "coding": [coding(
            "urn:oid:2.16.840.1.113883.2.2.1.6.1001",
            "10",
            "特定健診情報"
        )] }],
        "subject": { "reference": patient },
        "date": instant(at),
        "title": "健康診断結果報告書",
        "event": [{
            "code": [{ "coding": [coding("urn:oid:1.2.392.200119.6.1002", "010", "特定健康診査")] }],
            "period": { "start": day(visit.date), "end": day(visit.date) }
        }]
    })
}

fn section(code: &str, display: &str, text: &str, entries: &[String]) -> Value {
    json!({
        "title": display,
        "code": { "coding": [coding("http://jpfhir.jp/fhir/eCheckup/CodeSystem/section-code", code, display)] },
        "text": narrative("generated", text),
        "entry": references(entries)
    })
}

fn overview(findings: &Findings) -> String {
    let Findings { weight, waist, pressure, hba1c, ldl, opinion, .. } = findings;
    format!(
        "体重{weight:.1}kg、腹囲{waist:.1}cm、血圧{:.0}/{:.0}mmHg、HbA1c {hba1c:.1}%、LDL {ldl:.0}mg/dL。{opinion}",
        pressure.0, pressure.1
    )
}

fn practitioner(visit: &Visit, at: DateTime) -> Value {
    let mut practitioner =
        json!({ "resourceType": "Practitioner", "meta": meta(at, &profile("JP_Practitioner")) });
    party::describe_doctor(&mut practitioner, visit.desk);
    practitioner
}

fn organization(visit: &Visit, at: DateTime) -> Value {
    let institution = place::institution(visit.desk.institution);
    let role = |code: &str, display: &str| {
        let system = "http://jpfhir.jp/fhir/eCheckup/CodeSystem/report-organization-code";
        json!({ "coding": [coding(system, code, display)] })
    };
    json!({
        "resourceType": "Organization",
        "meta": meta(at, &profile("JP_Organization")),
        "identifier": [{ "system": INSTITUTION_NUMBER, "value": visit.desk.institution }],
        "type": [role("exec-org", "実施機関"), role("doc-org", "報告作成機関")],
        "name": institution.name,
        "telecom": [{ "system": "phone", "value": institution.phone }],
        "address": [{ "text": institution.address, "country": "JP" }]
    })
}

fn encounter(visit: &Visit, institution: &str, at: DateTime) -> Value {
    json!({
        "resourceType": "Encounter",
        "meta": meta(at, &profile("JP_Encounter")),
        "status": "finished",
        "class": coding("http://jpfhir.jp/fhir/eCheckup/CodeSystem/encounter-category", "checkup", "健診"),
        "period": { "start": day(visit.date), "end": day(visit.date) },
        "serviceProvider": { "reference": institution }
    })
}

fn insurer(person: &Person, at: DateTime) -> Value {
    let number = person.member_on(at.date()).member_id.split(':').next().unwrap_or_default();
    json!({
        "resourceType": "Organization",
        "meta": meta(at, &profile("JP_OrganizationInsurer")),
        "identifier": [{
            "system": "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber",
            "value": number
        }],
        "type": [{ "coding": [coding(
            "http://terminology.hl7.org/CodeSystem/organization-type",
            "ins",
            "Insurance Company"
        )] }],
        "name": place::insurer(number).name
    })
}

fn coverage(person: &Person, patient: &str, insurer: &str, at: DateTime) -> Value {
    let member = person.member_on(at.date());
    let parts: Vec<&str> = member.member_id.split(':').collect();
    let extension = |name: &str, value: &str| {
        json!({
            "url": format!("http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_{name}"),
            "valueString": value
        })
    };
    let named = [
        ("InsuredPersonSymbol", parts[1]),
        ("InsuredPersonNumber", parts[2]),
        ("InsuredPersonSubNumber", parts[3]),
    ];
    let extensions = named.iter().filter(|part| !part.1.is_empty()).map(|part| extension(part.0, part.1));
    let (category, word) = match parts[0] {
        place::HEALTH_SOCIETY => ("1", "医保"),
        place::CITY => ("2", "国保"),
        _ => ("7", "後期高齢"),
    };
    let mut period = json!({ "start": day(member.valid_from) });
    if let Some(last) = member.valid_to {
        period["end"] = json!(day(last));
    }
    json!({
        "resourceType": "Coverage",
        "meta": meta(at, &profile("JP_CoverageInsurance")),
        "extension": extensions.collect::<Value>(),
        "identifier": [{ "value": member.member_id }],
        "status": "active",
        "type": { "coding": [coding(
            "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuranceMajorCategory",
            category,
            word
        )] },
        "subscriberId": parts[2],
        "beneficiary": { "reference": patient },
        "relationship": { "coding": [coding(
            "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuredPersonCategory",
            "1",
            "被保険者"
        )] },
        "period": period,
        "payor": [{ "reference": insurer }]
    })
}

fn measured(writer: &Writer<'_>, found: &Findings, person: &Person) -> Vec<Value> {
    let age = f64::from(person.age_on(writer.visit.date));
    let sex = if person.gender == Gender::Male { 1.0 } else { 0.739 };
    let egfr = 194.0 * found.creatinine.powf(-1.094) * age.powf(-0.287) * sex;
    let bmi = found.weight / (found.height / 100.0).powi(2);
    [
        (&items::HEIGHT, found.height),
        (&items::WEIGHT, found.weight),
        (&items::BMI, bmi),
        (&items::WAIST, found.waist),
        (&items::SYSTOLIC, found.pressure.0),
        (&items::DIASTOLIC, found.pressure.1),
        (&items::TRIGLYCERIDE, found.triglyceride),
        (&items::HDL, found.hdl),
        (&items::LDL, found.ldl),
        (&items::AST, found.liver.0),
        (&items::ALT, found.liver.1),
        (&items::GGT, found.liver.2),
        (&items::URIC_ACID, found.uric_acid),
        (&items::CREATININE, found.creatinine),
        (&items::EGFR, egfr),
        (&items::GLUCOSE, found.glucose),
        (&items::HBA1C, found.hba1c),
    ]
    .map(|(item, value)| writer.measure(item, value))
    .into()
}

fn judged(writer: &Writer<'_>, found: &Findings) -> Vec<Value> {
    let mut judged: Vec<Value> = [
        (&items::PAST_ILLNESS, 2),
        (&items::COMPLAINT, 2),
        (&items::SIGN, 2),
        (&items::URINE_GLUCOSE, found.urine.0),
        (&items::URINE_PROTEIN, found.urine.1),
        (&items::METABOLIC, found.metabolic),
        (&items::GUIDANCE, found.guidance),
    ]
    .map(|(question, choice)| writer.answer(question, choice))
    .into();
    let mut opinion = writer.observation(items::OPINION, "exam");
    opinion["valueString"] = json!(found.opinion);
    judged.push(opinion);
    judged
}

fn answered(writer: &Writer<'_>, found: &Findings) -> Vec<Value> {
    [
        (&items::DRUG_PRESSURE, found.drugs.0),
        (&items::DRUG_SUGAR, found.drugs.1),
        (&items::DRUG_LIPID, found.drugs.2),
        (&items::STROKE, 2),
        (&items::HEART, 2),
        (&items::SMOKING, found.smoking),
        (&items::EXERCISE, found.exercise),
        (&items::LATE_MEALS, 2),
        (&items::ALCOHOL, found.alcohol),
    ]
    .map(|(question, choice)| writer.answer(question, choice))
    .into()
}

impl Writer<'_> {
    fn observation(&self, (code, name): (&str, &str), category: &str) -> Value {
        json!({
            "resourceType": "Observation",
            "meta": meta(self.at, &profile("JP_Observation")),
            "status": "final",
            "category": [{ "coding": [{
                "system": "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS",
                "code": category
            }] }],
            "code": { "coding": [coding(items::ITEM_SYSTEM, code, name)], "text": name },
            "subject": { "reference": self.patient },
            "effectiveDateTime": day(self.visit.date)
        })
    }

    fn measure(&self, item: &Item, value: f64) -> Value {
        let mut observation = self.observation((item.code, item.name), item.category);
        let amount = |value| quantity(value, item.unit.0, item.unit.1, item.decimals);
        observation["valueQuantity"] = amount(value);
        let (low, high) = item.range;
        let mut range = json!({});
        if let Some(low) = low {
            range["low"] = amount(low);
        }
        if let Some(high) = high {
            range["high"] = amount(high);
        }
        if low.or(high).is_some() {
            observation["interpretation"] = match (low, high) {
                (_, Some(high)) if value > high => mark("H", "High"),
                (Some(low), _) if value < low => mark("L", "Low"),
                _ => mark("N", "Normal"),
            };
            observation["referenceRange"] = json!([range]);
        }
        add_specimen(&mut observation, item.specimen);
        observation
    }

    fn answer(&self, question: &Question, choice: usize) -> Value {
        let mut observation = self.observation((question.code, question.name), question.category);
        let system = format!("urn:oid:1.2.392.200119.6.{}", question.answers);
        let word = question.choices.get(choice - 1).copied().unwrap_or_default();
        observation["valueCodeableConcept"] =
            json!({ "coding": [coding(&system, &choice.to_string(), word)], "text": word });
        add_specimen(&mut observation, question.specimen);
        observation
    }
}

fn add_specimen(observation: &mut Value, specimen: Option<&str>) {
    if let Some(name) = specimen {
        observation["specimen"] = json!({ "type": "specimen", "display": name });
    }
}
