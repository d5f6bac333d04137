//! The rules of the service, each broken alone in a sound document.

use fhir::finding::Severity;
use fhir::json::Limits;
use fhir::systems;
use fhir::validate::{Parsed, Validator};
use serde_json::{Value, json};

use crate::fixtures::{self, examine, keys};

type Change = fn(&mut Value);

/// Breaks the sound document one way at a time; the named rule must be among what is found, at its place.
fn breaks(sound: &Value, cases: &[(&str, &str, Change)]) {
    for (rule, expression, change) in cases {
        let mut document = sound.clone();
        change(&mut document);
        let findings = examine(&document).0;
        let found = findings.iter().any(|f| f.key == *rule && f.expression == *expression);
        assert!(found, "{rule} at {expression}: {findings:#?}");
    }
}

fn remove(value: &mut Value, name: &str) {
    value.as_object_mut().expect("an object").remove(name);
}

fn resource(bundle: &mut Value) -> &mut Value {
    &mut bundle["entry"][1]["resource"]
}

#[test]
fn rules_of_the_bundle() {
    breaks(
        &fixtures::condition_bundle(),
        &[
            ("R0213", "Bundle", |b| b["meta"]["profile"][0] = "http://example.jp/Other".into()),
            ("R02141", "Bundle", |b| remove(&mut b["meta"], "tag")),
            ("R02142", "Bundle.meta.tag[0]", |b| b["meta"]["tag"][0]["code"] = "MedicationRequest".into()),
            ("R02143", "Bundle", |b| b["meta"]["tag"][0]["code"] = "Observation".into()),
            ("R02151", "Bundle.identifier.system", |b| {
                b["identifier"]["system"] = "http://example.jp/id".into()
            }),
            ("R2152", "Bundle.identifier.value", |b| b["identifier"]["value"] = "1319999901-2026-1".into()),
            ("R2152", "Bundle.identifier.value", |b| b["identifier"]["value"] = "13199999011^2026^1".into()),
            ("J0001", "Bundle", |b| remove(&mut b["meta"], "lastUpdated")),
            ("J0002", "Bundle.type", |b| b["type"] = "batch".into()),
            ("J0003", "Bundle", |b| remove(b, "timestamp")),
            ("J0004", "Bundle.entry[1]", |b| remove(&mut b["entry"][1], "fullUrl")),
            ("J0005", "Bundle.entry[1].search", |b| b["entry"][1]["search"] = json!({ "mode": "match" })),
            ("R0211", "Bundle.entry[0]", |b| b["entry"].as_array_mut().expect("entries").reverse()),
            ("R0212", "Bundle.entry[0].resource", |b| {
                b["entry"][0]["resource"]["meta"]["profile"][0] = "http://example.jp/Other".into();
            }),
            ("J0006", "Bundle", |b| _ = b["entry"].as_array_mut().expect("entries").remove(0)),
            ("J0007", "Bundle.entry[2].resource", |b| {
                b["entry"].as_array_mut().expect("entries").push(fixtures::entry(3, fixtures::observation()));
            }),
            ("R9011", "Bundle.entry[1].resource", |b| {
                _ = resource(b)["extension"].as_array_mut().expect("some").remove(0)
            }),
            ("R9012", "Bundle.entry[1].resource.extension[0].value.ofType(Identifier).value", |b| {
                resource(b)["extension"][0]["valueIdentifier"]["value"] = "13199999011".into();
            }),
            ("J0009", "Bundle.entry[1].resource.extension[0].value.ofType(Identifier).value", |b| {
                resource(b)["extension"][0]["valueIdentifier"]["value"] = "1319999902".into();
            }),
            ("J0010", "Bundle.entry[1].resource", |b| {
                resource(b)["meta"]["profile"][0] =
                    "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Condition".into();
            }),
            ("J0020", "Bundle.entry[1].resource", |b| remove(&mut resource(b)["meta"], "lastUpdated")),
            ("J0021", "Bundle.entry[1].resource", |b| remove(resource(b), "identifier")),
            ("J0022", "Bundle.entry[1].resource.meta.tag[0]", |b| {
                resource(b)["meta"]["tag"] = json!([{ "system": systems::FLAG, "code": "SECRET" }]);
            }),
            ("J0023", "Bundle.entry[1].resource.subject", |b| {
                resource(b)["subject"] = json!({ "identifier": { "value": "x" } });
            }),
        ],
    );
}

#[test]
fn rules_of_the_patient() {
    breaks(
        &fixtures::condition_bundle(),
        &[
            ("R1010", "Bundle.entry[0].resource.identifier[1].system", |b| {
                let system = "urn:oid:1.2.392.100495.20.3.51.1.1319999901";
                let identifiers =
                    b["entry"][0]["resource"]["identifier"].as_array_mut().expect("identifiers");
                identifiers.push(json!({ "system": system, "value": "1" }));
            }),
            ("R1012", "Bundle.entry[0].resource", |b| remove(&mut b["entry"][0]["resource"], "identifier")),
            ("R1013", "Bundle.entry[0].resource.identifier[0].value", |b| {
                b["entry"][0]["resource"]["identifier"][0]["value"] = "00099999:架空:１２３".into();
            }),
            ("R1013", "Bundle.entry[0].resource.identifier[0].value", |b| {
                b["entry"][0]["resource"]["identifier"][0]["value"] = "99999:架空:１２３:01".into();
            }),
            ("J1001", "Bundle.entry[0].resource.identifier[0].value", |b| {
                b["entry"][0]["resource"]["identifier"][0]["value"] = "00099999:架空1:１２３:01".into();
            }),
            ("R1113", "Bundle.entry[0].resource.name[0].text", |b| {
                b["entry"][0]["resource"]["name"][0]["text"] = "架空　太郎".into();
            }),
            ("J1002", "Bundle.entry[0].resource.name[0]", |b| {
                remove(&mut b["entry"][0]["resource"]["name"][0], "text")
            }),
            ("J1003", "Bundle.entry[0].resource.name[0]", |b| {
                remove(&mut b["entry"][0]["resource"]["name"][0], "family")
            }),
            ("J1004", "Bundle.entry[0].resource", |b| remove(&mut b["entry"][0]["resource"], "birthDate")),
        ],
    );
    let mut welfare = fixtures::condition_bundle();
    welfare["entry"][0]["resource"]["identifier"][0] =
        json!({ "system": systems::PUBLIC_PAYER_ID, "value": "12999999::1234567:" });
    assert_eq!(keys(&welfare), [] as [&str; 0]);
}

#[test]
fn rules_of_diseases() {
    breaks(
        &fixtures::condition_bundle(),
        &[
            ("R9013C", "Bundle.entry[1].resource", |b| {
                resource(b)["contained"][0]["meta"]["profile"][0] =
                    format!("{}|1.10.0", systems::ENCOUNTER).into();
            }),
            ("R9014C", "Bundle.entry[1].resource", |b| {
                _ = resource(b)["extension"].as_array_mut().expect("some").pop()
            }),
            ("R9015C", "Bundle.entry[1].resource", |b| remove(resource(b), "onsetDateTime")),
            ("J2001", "Bundle.entry[1].resource.code", |b| {
                resource(b)["code"]["coding"][0]["system"] = systems::ICD10.into()
            }),
            ("J2002", "Bundle.entry[1].resource.code.coding[0]", |b| {
                remove(&mut resource(b)["code"]["coding"][0], "display")
            }),
            ("J2003", "Bundle.entry[1].resource.code", |b| remove(&mut resource(b)["code"], "text")),
            ("J2004", "Bundle.entry[1].resource", |b| remove(resource(b), "category")),
            ("J2005", "Bundle.entry[1].resource", |b| remove(resource(b), "verificationStatus")),
            ("J2006", "Bundle.entry[1].resource.clinicalStatus.coding[0]", |b| {
                remove(&mut resource(b)["clinicalStatus"]["coding"][0], "display");
            }),
            ("J2007", "Bundle.entry[1].resource.clinicalStatus.coding[0].code", |b| {
                resource(b)["clinicalStatus"]["coding"][0]["code"] = "relapse".into();
            }),
            ("J2008", "Bundle.entry[1].resource.verificationStatus.coding[0].code", |b| {
                resource(b)["verificationStatus"]["coding"][0]["code"] = "unconfirmed".into();
            }),
        ],
    );
    let mut flagged = fixtures::condition_bundle();
    resource(&mut flagged)["meta"]["tag"] = json!([{ "system": systems::FLAG, "code": "UNINFORMED" }]);
    assert_eq!(keys(&flagged), [] as [&str; 0]);
}

#[test]
fn rules_of_allergies() {
    breaks(
        &fixtures::allergy_bundle(),
        &[
            ("J3001", "Bundle.entry[1].resource.code", |b| remove(&mut resource(b)["code"], "text")),
            ("J3002", "Bundle.entry[1].resource.code.coding[0]", |b| {
                resource(b)["code"]["coding"][0]["system"] = "http://example.jp/allergen".into();
            }),
            ("J3003", "Bundle.entry[1].resource.code.coding[0].code", |b| {
                resource(b)["code"]["coding"][0]["code"] = "J9NA32280000".into();
            }),
            ("J3004", "Bundle.entry[1].resource.category[0]", |b| {
                resource(b)["category"][0] = "biologic".into()
            }),
            ("J3005", "Bundle.entry[1].resource.verificationStatus.coding[0]", |b| {
                remove(&mut resource(b)["verificationStatus"]["coding"][0], "display");
            }),
        ],
    );
}

#[test]
fn rules_of_laboratory_results() {
    let code = "Bundle.entry[1].resource.code";
    let whole = "Bundle.entry[1].resource";
    breaks(
        &fixtures::observation_bundle(),
        &[
            ("R6021", code, |b| _ = resource(b)["code"]["coding"].as_array_mut().expect("codings").remove(0)),
            ("R6031", "Bundle.entry[1].resource.meta.tag[0]", |b| {
                resource(b)["meta"]["tag"] = json!([{ "system": systems::FLAG, "code": "LTS" }]);
            }),
            ("R6081", "Bundle.entry[1].resource.hasMember", |b| {
                resource(b)["hasMember"] = json!([{ "reference": fixtures::url(2) }]);
            }),
            ("R9013O", whole, |b| {
                resource(b)["contained"][0]["meta"]["profile"][0] = "http://example.jp/e".into()
            }),
            ("R9014O", whole, |b| _ = resource(b)["extension"].as_array_mut().expect("some").pop()),
            ("R9016O", whole, |b| remove(resource(b), "encounter")),
            ("R9017O", whole, |b| remove(resource(b), "performer")),
            ("R9019O", whole, |b| {
                resource(b)["contained"][1]["meta"]["profile"][0] = "http://example.jp/p".into()
            }),
            ("J5001", code, |b| _ = resource(b)["code"]["coding"].as_array_mut().expect("codings").pop()),
            ("J5002", "Bundle.entry[1].resource.code.coding[1].code", |b| {
                resource(b)["code"]["coding"][1]["code"] = "3A015".into();
            }),
            ("J5003", "Bundle.entry[1].resource.code.coding[1]", |b| {
                resource(b)["code"]["coding"][1]["system"] = systems::LAB_UNCODED.into();
            }),
            ("J5004", "Bundle.entry[1].resource.code.coding[1]", |b| {
                remove(&mut resource(b)["code"]["coding"][1], "display");
            }),
            ("J5005", "Bundle.entry[1].resource.code.coding[0].display", |b| {
                resource(b)["code"]["coding"][0]["display"] = "\u{2F8E}液型".into();
            }),
            ("J5006", "Bundle.entry[1].resource.status", |b| resource(b)["status"] = "amended".into()),
            ("J5007", whole, |b| remove(resource(b), "valueQuantity")),
            ("J5008", "Bundle.entry[1].resource.referenceRange[0].low.unit", |b| {
                resource(b)["referenceRange"] = json!([{ "low": { "value": 4, "unit": "mg/dL" } }]);
            }),
            ("J5009", whole, |b| remove(resource(b), "specimen")),
            ("J5010", whole, |b| remove(resource(b), "category")),
            ("J5011", whole, |b| remove(resource(b), "effectiveDateTime")),
        ],
    );
}

#[test]
fn the_long_term_flag_stays_on_an_infection() {
    let mut infection = fixtures::observation_bundle();
    resource(&mut infection)["meta"]["tag"] = json!([{ "system": systems::FLAG, "code": "LTS" }]);
    resource(&mut infection)["code"]["coding"][1] = json!({ "system": systems::LAB_INFECTION_10, "code": "5F016141001819011", "display": "HBs抗原(定性)" });
    assert_eq!(keys(&infection), [] as [&str; 0]);
}

#[test]
fn rules_of_documents_and_their_sections() {
    let composition = "Bundle.entry[0].resource";
    breaks(
        &fixtures::referral(Vec::new()),
        &[
            ("J6001", composition, |b| {
                b["entry"][0]["resource"]["meta"]["profile"][0] = "http://example.jp/c".into()
            }),
            ("J6002", "Bundle", |b| _ = b["entry"].as_array_mut().expect("entries").pop()),
            ("J6003", "Bundle.entry[0].resource.status", |b| {
                b["entry"][0]["resource"]["status"] = "amended".into()
            }),
            ("J6004", "Bundle.entry[0].resource.type.coding[0]", |b| {
                b["entry"][0]["resource"]["type"]["coding"][0]["code"] = "18842-5".into();
            }),
            ("J6005", "Bundle.entry[0].resource.category[0].coding[0]", |b| {
                b["entry"][0]["resource"]["category"][0]["coding"][0]["code"] = "ELSE".into();
            }),
            ("J6006", composition, |b| remove(&mut b["entry"][0]["resource"], "extension")),
            ("J6007", composition, |b| remove(&mut b["entry"][0]["resource"], "identifier")),
            ("J6008", "Bundle.entry[0].resource.identifier.value", |b| {
                b["entry"][0]["resource"]["identifier"]["value"] = "1319999901-2026-1".into();
            }),
            ("J6010", composition, |b| remove(&mut b["entry"][0]["resource"], "custodian")),
            ("J6011", "Bundle.entry[0].resource.title", |b| {
                b["entry"][0]["resource"]["title"] = "紹介状".into()
            }),
            ("J6012", "Bundle.entry[0].resource.event[0].code[0].text", |b| {
                b["entry"][0]["resource"]["event"][0]["code"][0]["text"] = "発行".into();
            }),
            ("J6013", "Bundle.entry[0].resource.subject", |b| {
                b["entry"][0]["resource"]["subject"]["reference"] = fixtures::url(3).into();
            }),
        ],
    );
}

#[test]
fn rules_of_sections() {
    let composition = "Bundle.entry[0].resource";
    breaks(
        &fixtures::referral(Vec::new()),
        &[
            ("J6101", composition, |b| {
                _ = b["entry"][0]["resource"]["section"].as_array_mut().expect("sections").pop();
            }),
            ("J6102", "Bundle.entry[0].resource.section[2]", |b| {
                _ = b["entry"][0]["resource"]["section"][2]["section"]
                    .as_array_mut()
                    .expect("sections")
                    .pop();
            }),
            ("J6103", "Bundle.entry[0].resource.section[3]", |b| {
                let again = b["entry"][0]["resource"]["section"][0].clone();
                b["entry"][0]["resource"]["section"].as_array_mut().expect("sections").push(again);
            }),
            ("J6104", "Bundle.entry[0].resource.section[2].section[0]", |b| {
                b["entry"][0]["resource"]["section"][2]["section"][0]["code"]["coding"][0]["code"] =
                    "362".into();
            }),
            ("J6105", "Bundle.entry[0].resource.section[0].code.coding[0]", |b| {
                let old = "http://jpfhir.jp/fhir/eReferral/CodeSystem/document-section";
                b["entry"][0]["resource"]["section"][0]["code"]["coding"][0]["system"] = old.into();
            }),
            ("J6106", "Bundle.entry[0].resource.section[0]", |b| {
                remove(&mut b["entry"][0]["resource"]["section"][0], "entry");
            }),
            ("J6107", "Bundle.entry[0].resource.section[0].section", |b| {
                let inner = b["entry"][0]["resource"]["section"][2]["section"].clone();
                b["entry"][0]["resource"]["section"][0]["section"] = inner;
            }),
            ("J6108", "Bundle.entry[0].resource.section[0].entry[0].reference", |b| {
                b["entry"][0]["resource"]["section"][0]["entry"][0]["reference"] = "Binary/1".into();
            }),
        ],
    );
}

#[test]
fn rules_of_prescriptions() {
    let whole = "MedicationRequest";
    let dosage = "MedicationRequest.dosageInstruction[0]";
    let medicine = "MedicationRequest.medication.ofType(CodeableConcept)";
    assert_eq!(keys(&fixtures::prescription()), [] as [&str; 0]);
    breaks(
        &fixtures::prescription(),
        &[
            ("R3010", medicine, |m| {
                m["medicationCodeableConcept"]["coding"][0]["system"] =
                    "http://medis.or.jp/CodeSystem/master-HOT9".into();
            }),
            ("R3011", "MedicationRequest.medication.ofType(CodeableConcept).coding[0]", |m| {
                m["medicationCodeableConcept"]["coding"][0]["system"] = systems::MEDICINE_NOCODED.into();
            }),
            ("R5020", "MedicationRequest.dosageInstruction[0].timing.code", |m| {
                m["dosageInstruction"][0]["timing"]["code"]["coding"][0]["code"] = "1".into();
            }),
            ("R5021", "MedicationRequest.dosageInstruction[0].timing.code", |m| {
                let coding = json!({ "system": systems::USAGE, "code": "1013044400000000" });
                m["dosageInstruction"][0]["timing"]["code"]["coding"]
                    .as_array_mut()
                    .expect("codings")
                    .push(coding);
            }),
            ("J4001", whole, |m| _ = m["identifier"].as_array_mut().expect("identifiers").pop()),
            ("J4002", "MedicationRequest.status", |m| m["status"] = "active".into()),
            ("J4003", medicine, |m| remove(&mut m["medicationCodeableConcept"], "text")),
            ("J4004", dosage, |m| remove(&mut m["dosageInstruction"][0], "text")),
            ("J4004", dosage, |m| remove(&mut m["dosageInstruction"][0], "extension")),
        ],
    );
}

#[test]
fn rules_of_checkups() {
    let composition = "Bundle.entry[0].resource";
    assert_eq!(keys(&fixtures::checkup()), [] as [&str; 0]);
    breaks(
        &fixtures::checkup(),
        &[
            ("R1112", "Bundle.entry[1].resource", |b| {
                remove(&mut b["entry"][1]["resource"]["name"][0], "extension")
            }),
            ("J6012", composition, |b| remove(&mut b["entry"][0]["resource"], "event")),
            ("J7001", "Bundle.entry[0].resource.category[0].coding[0]", |b| {
                b["entry"][0]["resource"]["category"][0]["coding"][0]["code"] = "21".into();
            }),
            ("J7002", "Bundle.entry[0].resource.event[0].code[0].coding[0]", |b| {
                b["entry"][0]["resource"]["event"][0]["code"][0]["coding"][0]["code"] = "011".into();
            }),
            ("J7003", "Bundle.entry[6].resource", |b| {
                let again = b["entry"][4]["resource"].clone();
                b["entry"].as_array_mut().expect("entries").push(fixtures::entry(20, again));
            }),
            ("J7004", "Bundle.entry[5].resource.specimen.type", |b| {
                b["entry"][5]["resource"]["specimen"]["type"] = "Specimen".into();
            }),
            ("J7005", "Bundle.entry[5].resource", |b| {
                b["entry"][5]["resource"]["status"] = "cancelled".into()
            }),
            ("J7006", "Bundle.entry[5].resource.hasMember", |b| {
                b["entry"][5]["resource"]["hasMember"] = json!([{ "reference": fixtures::url(6) }]);
            }),
            ("J6104", "Bundle.entry[0].resource.section[0]", |b| {
                b["entry"][0]["resource"]["section"][0]["code"]["coding"][0]["code"] = "300".into();
            }),
        ],
    );
}

#[test]
fn a_patient_summary_has_two_authors() {
    let mut document = fixtures::referral(Vec::new());
    document["meta"]["profile"][0] = systems::BUNDLE_SUMMARY.into();
    document["entry"][0]["resource"]["author"].as_array_mut().expect("authors").pop();
    let found = keys(&document);
    assert!(
        ["J6009", "J6010", "J6012", "J6004", "J6002", "J6102", "J6104"].iter().all(|key| found.contains(key))
    );
}

#[test]
fn a_bundle_that_the_service_does_not_know_is_examined_but_not_registered() {
    let document = json!({ "resourceType": "Bundle", "type": "collection", "entry": [] });
    let bytes = json!({ "resourceType": "Bundle", "type": "collection" }).to_string().into_bytes();
    assert_eq!(keys(&document), ["r4-empty"]);
    let parsed = Parsed::parse(&bytes, &Limits::default()).expect("it is JSON");
    let refused = Validator::new().check(parsed).map(|_| ()).expect_err("it is none of the service's");
    assert_eq!(refused.0.iter().map(|f| f.key).collect::<Vec<_>>(), ["bundle-not-registrable"]);
}

#[test]
fn a_prescription_in_a_collection_is_only_warned_of() {
    let request = json!({ "resourceType": "MedicationRequest" });
    let mut document = fixtures::condition_bundle();
    document["entry"].as_array_mut().expect("entries").push(fixtures::entry(3, request));
    let findings = examine(&document).0;
    let warned = findings.iter().find(|finding| finding.key == "J0008").expect("it is warned of");
    assert_eq!(warned.severity, Severity::Warning);
}
