//! 救急時: who may open a record without consent, what it opens, and what follows.

use serde_json::{Value, json};

use crate::hub::{Answer, CLINIC, HOSPITAL, Hub, prepared, steady};

const REASON: &str = "意識障害で救急搬送、家族と連絡がとれない";

/// A patient with a record, and their number.
fn scene(hub: &Hub) -> (String, String) {
    let record = steady(&hub.region)[0];
    (hub.register_all(record), record.members[0].member_id.clone())
}

fn parameters(values: &[(&str, Value)]) -> Vec<u8> {
    let parameters: Vec<Value> = values
        .iter()
        .map(|(name, value)| match value {
            Value::Number(_) => json!({"name": name, "valueInteger": value}),
            _ => json!({"name": name, "valueString": value}),
        })
        .collect();
    json!({"resourceType": "Parameters", "parameter": parameters}).to_string().into_bytes()
}

fn open(hub: &Hub, token: &str, member: &str, scope: &str) -> Answer {
    let body = parameters(&[
        ("identifier", json!(member)),
        ("scope", json!(scope)),
        ("reason", json!(REASON)),
        ("hours", json!(6)),
    ]);
    hub.post(token, "/fhir/Patient/$emergency-access", &body)
}

#[test]
fn privileged_staff_open_the_summary_alone_and_for_themselves_alone() {
    let hub = Hub::start();
    let (patient, member) = scene(&hub);
    let staff = hub.named("架空 救急", "emergency-clinician", HOSPITAL);
    let condition = format!("/fhir/Condition?patient={patient}");
    let labs = format!("/fhir/Observation?patient={patient}&code=lab");
    assert_eq!(hub.get(&staff, &condition).codes(), ["no-grant"]);
    let opened = open(&hub, &staff, &member, "emergency-summary");
    assert_eq!(opened.status, 201, "{}", String::from_utf8_lossy(&opened.body));
    assert_eq!(opened.reference("patient"), format!("Patient/{patient}"));
    assert!(!hub.get(&staff, &condition).matches().is_empty());
    let seen = hub.get(&staff, &labs).json().to_string();
    assert!(seen.contains("閲覧同意の範囲外") || seen.contains("no-grant"), "labs are not in the summary");
    let colleague = hub.named("架空 同僚", "emergency-clinician", HOSPITAL);
    assert_eq!(hub.get(&colleague, &condition).codes(), ["no-grant"]);
    assert_eq!(open(&hub, &staff, &member, "emergency-full").status, 201);
    assert!(hub.get(&staff, &labs).matches().len() > 5);
    let own = hub.token("patient", &["--patient", &patient]);
    let events = hub.get(&own, &format!("/fhir/AuditEvent?patient={patient}")).matches();
    let emergency: Vec<&Value> = events.iter().filter(|event| event["outcomeDesc"] == "emergency").collect();
    assert!(emergency.len() >= 4);
    for event in emergency {
        assert_eq!(event["purposeOfEvent"][0]["coding"][0]["code"], "ETREAT");
    }
}

#[test]
fn without_privilege_hospital_reason_or_person_nothing_opens() {
    let folder = prepared("renkei.db");
    let config = folder.path().join("renkei.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let (head, tail) = text.split_once(CLINIC).unwrap();
    let tail = tail.replacen("\"hospital\"", "\"clinic\"", 1);
    std::fs::write(&config, format!("{head}{CLINIC}{tail}")).unwrap();
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    let (patient, member) = scene(&hub);
    let staff = hub.token("emergency-clinician", &["--institution", HOSPITAL]);
    for (token, rule) in [
        (hub.token("clinician", &["--institution", HOSPITAL]), "not-privileged"),
        (hub.token("safety-manager", &["--institution", HOSPITAL]), "not-privileged"),
        (hub.token("operator", &[]), "not-privileged"),
        (hub.token("patient", &["--patient", &patient]), "not-privileged"),
        (hub.token("emergency-clinician", &["--institution", CLINIC]), "not-a-hospital"),
        (hub.token("emergency-clinician", &["--institution", "1311234567"]), "not-a-hospital"),
    ] {
        let refused = open(&hub, &token, &member, "emergency-full");
        assert_eq!((refused.status, refused.codes()), (403, vec![rule.to_owned()]));
    }
    let sent = |member: &str, scope: &str, reason: &str, hours: i64| {
        let body = parameters(&[
            ("identifier", json!(member)),
            ("scope", json!(scope)),
            ("reason", json!(reason)),
            ("hours", json!(hours)),
        ]);
        let answer = hub.post(&staff, "/fhir/Patient/$emergency-access", &body);
        (answer.status, answer.codes().concat())
    };
    let wrong = |code: &str| (422, code.to_owned());
    assert_eq!(sent(&member, "diagnosis", REASON, 6), wrong("unknown-scope"));
    assert_eq!(sent(&member, "emergency-full", "救急", 6), wrong("reason-too-short"));
    assert_eq!(sent(&member, "emergency-full", "　　　　　　　　　", 6), wrong("reason-too-short"));
    assert_eq!(sent(&member, "emergency-full", &REASON.repeat(100), 6), wrong("reason-too-long"));
    assert_eq!(sent(&member, "emergency-full", REASON, 25), wrong("hours"));
    assert_eq!(sent(&member, "emergency-full", REASON, 0), wrong("hours"));
    assert_eq!(sent("00000000:::", "emergency-full", REASON, 6).0, 404);
    assert_eq!(hub.post(&staff, "/fhir/Patient/$emergency-access", b"{}").status, 400);
    assert_eq!(hub.get(&staff, &format!("/fhir/Condition?patient={patient}")).codes(), ["no-grant"]);
}

#[test]
fn a_wish_closes_an_emergency_only_where_it_says_so() {
    let hub = Hub::start();
    let (patient, member) = scene(&hub);
    let staff = hub.token("emergency-clinician", &["--institution", HOSPITAL]);
    let own = hub.token("patient", &["--patient", &patient]);
    let path = format!("/fhir/Condition?patient={patient}");
    let wish = |stance: &str| {
        let wish = json!({"patient": patient, "groups": ["diagnosis"], "stance": stance});
        hub.post(&own, "/api/v1/wishes", wish.to_string().as_bytes()).status
    };
    assert_eq!(wish("refuse"), 201);
    assert_eq!(open(&hub, &staff, &member, "emergency-full").status, 201);
    assert_eq!(hub.get(&staff, &path).status, 200);
    assert_eq!(wish("refuse-always"), 201);
    assert_eq!(hub.get(&staff, &path).codes(), ["wish-refused"]);
    assert_eq!(hub.get(&staff, &format!("/fhir/AllergyIntolerance?patient={patient}")).status, 200);
}

#[test]
fn each_look_is_told_to_the_patient_and_reviewed_once_by_somebody_else() {
    let hub = Hub::start();
    let (patient, member) = scene(&hub);
    let staff = hub.named("架空 救急", "emergency-clinician", HOSPITAL);
    let opened = open(&hub, &staff, &member, "emergency-full");
    let id = opened.parameter("consent")["valueString"].as_str().unwrap().to_owned();
    hub.get(&staff, &format!("/fhir/Condition?patient={patient}"));
    let own = hub.token("patient", &["--patient", &patient]);
    let told = hub.get(&own, &format!("/patients/{patient}/consents"));
    let page = String::from_utf8(told.body).unwrap();
    assert!(page.contains(REASON) && page.contains("架空 救急"), "the patient reads who and why");
    assert!(page.contains("class=\"banner\""));
    let manager = hub.named("見本 安全", "safety-manager", HOSPITAL);
    let looks = hub.get(&manager, "/api/v1/reviews").json();
    assert_eq!(looks["looks"][0]["id"], id.as_str());
    assert_eq!(looks["looks"][0]["review"], Value::Null);
    assert!(!looks["looks"][0]["events"].as_array().unwrap().is_empty());
    let review = |token: &str, finding: &str, note: &str| {
        let body = json!({"finding": finding, "note": note}).to_string();
        let answer = hub.post(token, &format!("/api/v1/reviews/{id}"), body.as_bytes());
        (answer.status, answer.codes().concat())
    };
    let same_person = hub.named("架空 救急", "safety-manager", HOSPITAL);
    let elsewhere = hub.named("別 施設", "safety-manager", CLINIC);
    assert_eq!(review(&same_person, "justified", ""), (403, "reviewed-by-another".to_owned()));
    assert_eq!(review(&elsewhere, "justified", ""), (403, "not-to-review".to_owned()));
    assert_eq!(review(&staff, "justified", ""), (403, "not-to-review".to_owned()));
    assert_eq!(review(&manager, "flagged", "怪しい"), (422, "reason-too-short".to_owned()));
    assert_eq!(review(&manager, "justified", "搬送記録と合う").0, 204);
    assert_eq!(review(&manager, "flagged", "やはり調べなおしたい"), (409, "reviewed-already".to_owned()));
    assert_eq!(hub.get(&manager, "/api/v1/reviews").json()["looks"][0]["review"], "justified");
    assert_eq!(hub.get(&elsewhere, "/api/v1/reviews").json()["looks"], json!([]));
}

#[test]
fn who_has_no_card_is_found_by_name_birth_date_sex_and_address_together_and_nobody_else_is_told_of() {
    let hub = Hub::start();
    let record = steady(&hub.region)[0];
    let patient = hub.register_all(record);
    let staff = hub.token("emergency-clinician", &["--institution", HOSPITAL]);
    let sent: Value = serde_json::from_slice(&record.submissions[0].body).unwrap();
    let resources = sent["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    let known = resources.clone().find(|one| one["resourceType"] == "Patient").unwrap();
    let address = known["address"][0]["text"].as_str().unwrap();
    let asked = |name: &str, birth: &str, gender: &str, address: &str| {
        let body = parameters(&[
            ("name", json!(name)),
            ("birthdate", json!(birth)),
            ("gender", json!(gender)),
            ("address", json!(address)),
            ("scope", json!("emergency-summary")),
            ("reason", json!(REASON)),
        ]);
        hub.post(&staff, "/fhir/Patient/$emergency-access", &body)
    };
    let (birth, gender) = (known["birthDate"].as_str().unwrap(), known["gender"].as_str().unwrap());
    let name = record.name_kanji.replace(' ', "　");
    let head: String = address.chars().take(6).collect();
    assert_eq!(asked(&name, "1900-01-01", gender, &head).status, 404);
    assert_eq!(asked("別人 花子", birth, gender, &head).status, 404);
    assert_eq!(asked(&name, birth, gender, "東京都千代田区").status, 404);
    assert_eq!(asked(&name, birth, gender, "").status, 404);
    assert_eq!(asked(&name, "unknown", gender, &head).status, 400);
    assert_eq!(hub.get(&staff, &format!("/fhir/Condition?patient={patient}")).status, 403);
    let opened = asked(&name, birth, gender, &head);
    assert_eq!(opened.status, 201, "{}", String::from_utf8_lossy(&opened.body));
    assert_eq!(opened.reference("patient"), format!("Patient/{patient}"));
    assert_eq!(hub.get(&staff, &format!("/fhir/Condition?patient={patient}")).status, 200);
    let manager = hub.token("safety-manager", &[]);
    let events = hub.get(&manager, "/fhir/AuditEvent").matches();
    let searches = events.iter().filter(|event| event["outcomeDesc"] == "unknown").count();
    assert_eq!(searches, 4, "each search that found nobody is on record");
}
