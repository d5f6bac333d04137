//! Small fictional documents that keep every rule; a test breaks one thing in them.

use fhir::finding::Findings;
use fhir::json::Limits;
use fhir::systems;
use fhir::validate::{Parsed, Validator};
use serde_json::{Value, json};

pub(crate) const INSTITUTION: &str = "1319999901";
const PATIENT_URL: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";
const TIME: &str = "2026-04-01T09:00:00.000+09:00";

/// Everything found in `document`.
pub(crate) fn examine(document: &Value) -> Findings {
    let bytes = document.to_string().into_bytes();
    Validator::new().examine(&Parsed::parse(&bytes, &Limits::default()).expect("a Value writes valid JSON"))
}

/// The keys of all findings in `document`.
pub(crate) fn keys(document: &Value) -> Vec<&'static str> {
    examine(document).0.iter().map(|finding| finding.key).collect()
}

pub(crate) fn condition_bundle() -> Value {
    bundle("Condition", vec![condition()])
}

pub(crate) fn allergy_bundle() -> Value {
    bundle("AllergyIntolerance", vec![allergy()])
}

pub(crate) fn observation_bundle() -> Value {
    bundle("Observation", vec![observation()])
}

/// A collection of 架空 太郎 with these resources.
pub(crate) fn bundle(kind: &str, resources: Vec<Value>) -> Value {
    let mut entries = vec![entry(1, patient())];
    entries.extend(resources.into_iter().zip(2..).map(|(resource, number)| entry(number, resource)));
    json!({
        "resourceType": "Bundle",
        "meta": {
            "lastUpdated": TIME,
            "profile": [systems::BUNDLE_CLINS],
            "tag": [{ "system": systems::BUNDLE_RESOURCE_TYPE, "code": kind }],
        },
        "identifier": { "system": systems::BUNDLE_ID, "value": format!("{INSTITUTION}^2026^KARTE-000123") },
        "type": "collection",
        "timestamp": TIME,
        "entry": entries,
    })
}

pub(crate) fn entry(number: u32, resource: Value) -> Value {
    json!({ "fullUrl": format!("urn:uuid:00000000-0000-4000-8000-{number:012}"), "resource": resource })
}

pub(crate) fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "meta": meta(systems::PATIENT),
        "identifier": [{ "system": systems::MEMBER_ID, "value": "00099999:架空:１２３:01" }],
        "name": [{
            "extension": [{ "url": systems::EXT_NAME_REPRESENTATION, "valueCode": "IDE" }],
            "text": "架空 太郎", "family": "架空", "given": ["太郎"],
        }],
        "gender": "male",
        "birthDate": "1960-02-29",
        "address": [{ "text": "架空県架空市1-2-3" }],
    })
}

pub(crate) fn condition() -> Value {
    let mut condition = json!({
        "resourceType": "Condition",
        "clinicalStatus": status("http://terminology.hl7.org/CodeSystem/condition-clinical", "active"),
        "verificationStatus": status("http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"),
        "category": [{ "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-category", "code": "encounter-diagnosis",
        }] }],
        "code": {
            "coding": [{ "system": systems::DISEASE_KEY, "code": "20058911", "display": "架空病" }],
            "text": "架空病の疑いなし",
        },
        "subject": { "reference": PATIENT_URL },
        "onsetDateTime": "2026-03-01",
    });
    dress(&mut condition, systems::CONDITION);
    condition
}

pub(crate) fn allergy() -> Value {
    let mut allergy = json!({
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": status("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
        "verificationStatus":
            status("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed"),
        "category": ["food"],
        "code": {
            "coding": [{ "system": systems::ALLERGEN_FOOD, "code": "J9FA32280000", "display": "くるみ" }],
            "text": "くるみ",
        },
        "patient": { "reference": PATIENT_URL },
    });
    dress(&mut allergy, systems::ALLERGY);
    allergy
}

pub(crate) fn observation() -> Value {
    let mut observation = json!({
        "resourceType": "Observation",
        "status": "final",
        "category": [{ "coding": [{
            "system": "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS", "code": "laboratory",
        }] }],
        "code": {
            "coding": [
                { "system": systems::LAB_LOCAL, "code": "0001_023", "display": "アルブミン" },
                { "system": systems::LAB_CORE_10, "code": "3A015000002327101", "display": "ALB" },
            ],
            "text": "アルブミン",
        },
        "subject": { "reference": PATIENT_URL },
        "effectiveDateTime": "2026-03-31T08:30:00+09:00",
        "performer": [{ "reference": "#doctor" }],
        "valueQuantity": { "value": 4.10, "unit": "g/dL" },
        "specimen": { "display": "血清" },
    });
    dress(&mut observation, systems::LAB_RESULT);
    let doctor = json!({
        "resourceType": "Practitioner", "id": "doctor", "meta": { "profile": [systems::CORE_PRACTITIONER] },
        "name": [{ "text": "架空 花子" }],
    });
    observation["contained"].as_array_mut().expect("dress gives it").push(doctor);
    observation
}

/// A prescription with the dummy usage code, standing alone.
pub(crate) fn prescription() -> Value {
    let period = json!({ "url": systems::EXT_PERIOD_OF_USE, "valuePeriod": { "start": "2026-04-01" } });
    json!({
        "resourceType": "MedicationRequest",
        "meta": meta(systems::MEDICATION_REQUEST),
        "identifier": [{ "system": systems::RP_NUMBER, "value": "1" }, { "system": systems::RP_INDEX, "value": "1" }],
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{ "system": systems::YJ, "code": "1234567F1234", "display": "架空錠" }],
            "text": "架空錠",
        },
        "subject": { "display": "架空 太郎" },
        "dosageInstruction": [{
            "extension": [period],
            "text": "医師の指示どおり",
            "timing": { "code": {
                "coding": [{ "system": systems::USAGE_UNCODED, "code": "0X0XXXXXXXXX0000" }],
                "text": "医師の指示どおり",
            } },
        }],
    })
}

/// A checkup report with one result.
pub(crate) fn checkup() -> Value {
    let mut patient = patient();
    patient["meta"] = meta(systems::PATIENT_CHECKUP);
    let institution = json!({
        "resourceType": "Organization", "meta": meta(systems::ORGANIZATION_CHECKUP), "name": "架空健診センター",
    });
    let doctor = json!({
        "resourceType": "Practitioner", "meta": meta(systems::PRACTITIONER_CHECKUP), "name": [{ "text": "架空 花子" }],
    });
    let visit = json!({
        "resourceType": "Encounter", "meta": meta(systems::ENCOUNTER_CHECKUP), "status": "finished",
        "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB" },
        "serviceProvider": { "reference": url(3) },
    });
    let result = json!({
        "resourceType": "Observation",
        "meta": meta(systems::OBSERVATION_CHECKUP),
        "status": "final",
        "code": { "coding": [{ "system": "urn:oid:1.2.392.200119.6.1005", "code": "9N001000000000001" }] },
        "subject": { "reference": PATIENT_URL },
        "effectiveDateTime": "2026-04-01",
        "valueQuantity": { "value": 170.5, "unit": "cm" },
        "specimen": { "type": "specimen", "display": "なし" },
    });
    json!({
        "resourceType": "Bundle",
        "meta": meta(systems::BUNDLE_CHECKUP),
        "identifier": { "system": systems::BUNDLE_ID, "value": format!("{INSTITUTION}^2026^CHECKUP-1") },
        "type": "document",
        "timestamp": TIME,
        "entry": [
            entry(9, checkup_composition()), entry(1, patient), entry(3, institution), entry(4, doctor),
            entry(5, visit), entry(6, result),
        ],
    })
}

fn checkup_composition() -> Value {
    json!({
        "resourceType": "Composition",
        "meta": meta(systems::COMPOSITION_CHECKUP),
        "extension": [{ "url": systems::EXT_VERSION_NUMBER, "valueString": "1" }],
        "identifier": { "system": systems::RESOURCE_ID, "value": format!("{INSTITUTION}-2026-00000001") },
        "status": "final",
        "type": { "coding": [{ "system": systems::DOCUMENT_TYPE, "code": "53576-5", "display": "検診・健診報告書" }] },
        "category": [{ "coding": [{ "system": systems::CHECKUP_CATEGORY, "code": "10" }] }],
        "subject": { "reference": PATIENT_URL },
        "encounter": { "reference": url(5) },
        "date": TIME,
        "author": [{ "reference": url(4) }],
        "title": "健診結果報告書",
        "event": [{ "code": [{ "coding": [{ "system": systems::CHECKUP_PROGRAM, "code": "010" }] }] }],
        "section": [{
            "code": { "coding": [{ "system": systems::CHECKUP_SECTION, "code": "01011" }] },
            "entry": [{ "reference": url(6) }],
        }],
    })
}

/// A referral with the least that is demanded, and `extra` entries behind.
pub(crate) fn referral(extra: Vec<Value>) -> Value {
    let institution = |name: &str| {
        json!({
            "resourceType": "Organization", "meta": meta(systems::ORGANIZATION), "name": name,
        })
    };
    let doctor = json!({
        "resourceType": "Practitioner", "meta": meta(systems::PRACTITIONER), "name": [{ "text": "架空 花子" }],
    });
    let mut entries = vec![
        entry(9, composition()),
        entry(1, patient()),
        entry(3, doctor),
        entry(4, institution("架空第一病院")),
        entry(5, institution("架空第二診療所")),
    ];
    entries.extend(extra);
    json!({
        "resourceType": "Bundle",
        "meta": meta(systems::BUNDLE_REFERRAL),
        "identifier": { "system": systems::BUNDLE_ID, "value": format!("{INSTITUTION}^2026^REF-1") },
        "type": "document",
        "timestamp": TIME,
        "entry": entries,
    })
}

fn composition() -> Value {
    let section = |code: &str, number: Option<u32>, inner: Vec<Value>| {
        let mut section = json!({ "code": { "coding": [{ "system": systems::SECTION, "code": code }] } });
        match number {
            Some(number) => section["entry"] = json!([{ "reference": url(number) }]),
            None if inner.is_empty() => {
                let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">架空</div>";
                section["text"] = json!({ "status": "additional", "div": div });
            }
            None => section["section"] = inner.into(),
        }
        section
    };
    let inner = ["950", "340", "360"].map(|code| section(code, None, Vec::new())).to_vec();
    json!({
        "resourceType": "Composition",
        "meta": meta(systems::COMPOSITION_REFERRAL),
        "extension": [{ "url": systems::EXT_VERSION_NUMBER, "valueString": "1" }],
        "identifier": { "system": systems::RESOURCE_ID, "value": format!("{INSTITUTION}^2026^REF-1") },
        "status": "final",
        "type": { "coding": [{ "system": systems::DOCUMENT_TYPE, "code": "57133-1", "display": "診療情報提供書" }] },
        "category": [{ "coding": [{ "system": systems::DOCUMENT_SUBTYPE, "code": "OUTPATIENT" }] }],
        "subject": { "reference": PATIENT_URL },
        "date": TIME,
        "author": [{ "reference": url(3) }, { "reference": url(4) }],
        "title": "診療情報提供書",
        "custodian": { "reference": url(4) },
        "event": [{ "code": [{ "text": "診療情報提供書発行" }], "period": { "start": "2026-04-01" } }],
        "section": [
            section("920", Some(4), Vec::new()),
            section("910", Some(5), Vec::new()),
            section("300", None, inner),
        ],
    })
}

pub(crate) fn url(number: u32) -> String {
    format!("urn:uuid:00000000-0000-4000-8000-{number:012}")
}

fn meta(profile: &str) -> Value {
    json!({ "lastUpdated": TIME, "profile": [profile] })
}

fn status(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code, "display": code }] })
}

/// What every resource of the 5情報 bears: meta, id, institution, department, the visit.
fn dress(resource: &mut Value, profile: &str) {
    resource["meta"] = meta(profile);
    resource["identifier"] = json!([{ "system": systems::RESOURCE_ID, "value": "KARTE-000123-1" }]);
    resource["extension"] = json!([
        {
            "url": systems::EXT_INSTITUTION,
            "valueIdentifier": { "system": systems::INSTITUTION_ID, "value": INSTITUTION },
        },
        {
            "url": systems::EXT_DEPARTMENT,
            "valueCodeableConcept": {
                "coding": [{ "system": "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment", "code": "01" }],
            },
        },
    ]);
    resource["contained"] = json!([{
        "resourceType": "Encounter", "id": "visit", "meta": { "profile": [systems::CORE_ENCOUNTER] },
        "status": "finished",
        "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB" },
    }]);
    resource["encounter"] = json!({ "reference": "#visit" });
}
