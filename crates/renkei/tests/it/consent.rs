//! Consent at a reader, taking it back, and a patient's standing wishes.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::hub::{CLINIC, HOSPITAL, Hub, renkei_in, steady};

/// A patient with a record, their number, and a clinician of the hospital.
fn scene(hub: &Hub) -> (String, String, String) {
    let record = steady(&hub.region)[0];
    let patient = hub.register_all(record);
    (patient, record.members[0].member_id.clone(), hub.token("clinician", &["--institution", HOSPITAL]))
}

fn hand_in(hub: &Hub, member: &str, groups: &[&str]) -> Value {
    let body = json!({"member": member, "groups": groups}).to_string();
    let answer = hub.post(&hub.system_once(HOSPITAL), "/api/v1/consents", body.as_bytes());
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

fn wish(hub: &Hub, token: &str, patient: &str, institution: Option<&str>, stance: &str) -> u16 {
    let wish =
        json!({"patient": patient, "institution": institution, "groups": ["diagnosis"], "stance": stance});
    hub.post(token, "/api/v1/wishes", wish.to_string().as_bytes()).status
}

#[test]
fn a_consent_at_the_reader_opens_for_24_hours_until_the_patient_takes_it_back() {
    let hub = Hub::start();
    let (patient, member, clinician) = scene(&hub);
    let path = format!("/fhir/Condition?patient={patient}");
    let grant = hand_in(&hub, &member, &["diagnosis"]);
    let instant = |name: &str| grant[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!(instant("ends_at").duration_since(instant("starts_at")), SignedDuration::from_hours(24));
    assert_eq!(hub.get(&clinician, &path).status, 200);
    let elsewhere = hub.token("clinician", &["--institution", CLINIC]);
    assert_eq!(hub.get(&elsewhere, &path).codes(), ["no-grant"]);
    let own = hub.token("patient", &["--patient", &patient]);
    let consent = format!("/api/v1/consents/{}", grant["id"].as_str().unwrap());
    assert_eq!(hub.delete(&own, &consent).status, 204);
    assert_eq!(hub.get(&clinician, &path).codes(), ["no-grant"]);
    assert_eq!(hub.delete(&own, &consent).status, 409, "what was taken back is not taken back again");
    let listed = hub.get(&own, &format!("/api/v1/consents?patient={patient}")).json();
    assert!(listed["grants"][0]["revoked_at"].is_string());
    let events = hub.get(&own, &format!("/fhir/AuditEvent?patient={patient}")).matches();
    let rules: Vec<&str> = events.iter().filter_map(|event| event["outcomeDesc"].as_str()).collect();
    assert!(rules.contains(&"card-reader") && rules.contains(&"patient-self"), "{rules:?}");
}

#[test]
fn an_institution_takes_back_what_it_was_given_and_nobody_elses() {
    let hub = Hub::start();
    let (patient, member, clinician) = scene(&hub);
    let consent =
        format!("/api/v1/consents/{}", hand_in(&hub, &member, &["diagnosis"])["id"].as_str().unwrap());
    let other_patient = hub.register_all(steady(&hub.region)[1]);
    for (token, rule) in [
        (hub.system_once(CLINIC), "not-own-grant"),
        (hub.token("safety-manager", &[]), "role-gives-no-consent"),
        (hub.token("developer", &[]), "role-gives-no-consent"),
        (hub.token("patient", &["--patient", &other_patient]), "not-own-record"),
    ] {
        let refused = hub.delete(&token, &consent);
        assert_eq!((refused.status, refused.codes()), (403, vec![rule.to_owned()]));
    }
    assert_eq!(hub.get(&clinician, &format!("/fhir/Condition?patient={patient}")).status, 200);
    assert_eq!(hub.delete(&hub.system_once(HOSPITAL), &consent).status, 204);
    assert_eq!(hub.get(&clinician, &format!("/fhir/Condition?patient={patient}")).status, 403);
    assert_eq!(hub.delete(&hub.system_once(HOSPITAL), &format!("/api/v1/consents/{:032x}", 7)).status, 404);
}

#[test]
fn what_a_reader_says_wrong_grants_nothing() {
    let hub = Hub::start();
    let (patient, member, clinician) = scene(&hub);
    let system = hub.system_once(HOSPITAL);
    let now: Timestamp = hub.get(&system, "/fhir/metadata").json()["date"]
        .as_str()
        .and_then(|date| date.parse().ok())
        .unwrap_or_else(now);
    let at = |hours: i64| (now + SignedDuration::from_hours(hours)).to_string();
    let sent = |body: Value| hub.post(&system, "/api/v1/consents", body.to_string().as_bytes());
    for (body, status, code) in [
        (json!({"member": member, "groups": []}), 422, "no-groups"),
        (json!({"member": member, "groups": ["diagnosis", "everything"]}), 422, "unknown-group"),
        (json!({"member": member, "groups": ["emergency-full"]}), 422, "unknown-group"),
        (json!({"member": "00000000:::", "groups": ["diagnosis"]}), 422, "member-unknown"),
        (json!({"member": member, "groups": ["diagnosis"], "given_at": at(-25)}), 422, "consent-too-old"),
        (json!({"member": member, "groups": ["diagnosis"], "given_at": at(2)}), 422, "consent-in-future"),
        (json!({"member": member, "groups": ["diagnosis"], "hours": 48}), 400, "not-this-shape"),
        (json!(["diagnosis"]), 400, "not-this-shape"),
    ] {
        let answer = sent(body.clone());
        assert_eq!((answer.status, answer.codes()), (status, vec![code.to_owned()]), "{body}");
    }
    let body = json!({"member": member, "groups": ["diagnosis"]}).to_string();
    for role in ["clinician", "emergency-clinician"] {
        let token = hub.token(role, &["--institution", HOSPITAL]);
        let refused = hub.post(&token, "/api/v1/consents", body.as_bytes());
        assert_eq!((refused.status, refused.codes()), (403, vec!["role-gives-no-consent".to_owned()]));
    }
    assert_eq!(hub.get(&clinician, &format!("/fhir/Condition?patient={patient}")).codes(), ["no-grant"]);
}

#[test]
fn of_a_wish_and_a_consent_at_the_reader_the_newer_counts() {
    let hub = Hub::start();
    let (patient, member, clinician) = scene(&hub);
    let path = format!("/fhir/Condition?patient={patient}");
    let own = hub.token("patient", &["--patient", &patient]);
    hand_in(&hub, &member, &["diagnosis", "treatment"]);
    assert_eq!(hub.get(&clinician, &path).status, 200);
    assert_eq!(wish(&hub, &own, &patient, None, "refuse"), 201);
    assert_eq!(hub.get(&clinician, &path).codes(), ["wish-refused"]);
    assert_eq!(hub.get(&clinician, &format!("/fhir/Observation?patient={patient}")).status, 200);
    assert_eq!(wish(&hub, &own, &patient, Some(CLINIC), "withdrawn"), 201);
    assert_eq!(hub.get(&clinician, &path).status, 403, "what is said of one leaves what is said of all");
    hand_in(&hub, &member, &["diagnosis"]);
    assert_eq!(hub.get(&clinician, &path).status, 200, "the newer consent goes before the older wish");
    assert_eq!(wish(&hub, &own, &patient, Some(HOSPITAL), "refuse"), 201);
    assert_eq!(hub.get(&clinician, &path).codes(), ["wish-refused"]);
    assert_eq!(wish(&hub, &own, &patient, Some(HOSPITAL), "withdrawn"), 201);
    assert_eq!(hub.get(&clinician, &path).status, 200);
    let other = hub.token("patient", &["--patient", &hub.register_all(steady(&hub.region)[1])]);
    assert_eq!(wish(&hub, &other, &patient, None, "refuse"), 403);
    assert_eq!(wish(&hub, &clinician, &patient, None, "refuse"), 403);
    assert_eq!(wish(&hub, &own, &patient, Some("9999999999"), "refuse"), 422);
    assert_eq!(wish(&hub, &own, &patient, None, "perhaps"), 400);
}

#[test]
fn what_is_explained_is_what_is_seen() {
    let hub = Hub::start();
    let (patient, member, clinician) = scene(&hub);
    hand_in(&hub, &member, &["treatment"]);
    let arguments = ["--json", "consent", "explain", "--viewer-role", "clinician", "--institution", HOSPITAL];
    let output = renkei_in(hub.folder.path(), &[&arguments[..], &["--patient", &patient]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told = |what: &str| {
        let line = lines.iter().find(|line| line["what"] == what).unwrap();
        (line["is_seen"].as_bool().unwrap(), line["rule"].as_str().unwrap())
    };
    assert_eq!(told("condition"), (false, "no-grant"));
    assert_eq!(told("lab-result"), (true, "grant"));
    assert_eq!(hub.get(&clinician, &format!("/fhir/Condition?patient={patient}")).codes(), ["no-grant"]);
    assert_eq!(hub.get(&clinician, &format!("/fhir/Observation?patient={patient}")).status, 200);
}

#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
