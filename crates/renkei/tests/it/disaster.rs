//! 災害時: declared, opened without consent in the area, ended, reviewed.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::hub::{Answer, CLINIC, HOSPITAL, Hub, steady};

const OUTSIDE: &str = "1311234567";
const REASON: &str = "避難所の診療、カードもお薬手帳も流失";

#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn declare(hub: &Hub, token: &str, prefecture: &str, from: i64, until: i64) -> Answer {
    let now = now();
    let at = |hours: i64| (now + SignedDuration::from_hours(hours)).to_string();
    let body = json!({"name": "架空地震", "authority": "架空県", "prefectures": [prefecture],
        "starts_at": at(from), "ends_at": at(until)});
    hub.post(token, "/api/v1/disasters", body.to_string().as_bytes())
}

fn open(hub: &Hub, token: &str, member: &str) -> Answer {
    let body = json!({"resourceType": "Parameters", "parameter": [
        {"name": "identifier", "valueString": member}, {"name": "reason", "valueString": REASON}]});
    hub.post(token, "/fhir/Patient/$disaster-access", body.to_string().as_bytes())
}

#[test]
fn a_disaster_opens_records_in_its_area_and_only_until_it_ends() {
    let hub = Hub::start();
    let record = steady(&hub.region)[0];
    let (patient, member) = (hub.register_all(record), &record.members[0].member_id);
    let operator = hub.token("operator", &[]);
    let clinician = hub.named("架空 救護", "clinician", CLINIC);
    let outside = hub.token("clinician", &["--institution", OUTSIDE]);
    let path = format!("/fhir/Condition?patient={patient}");
    assert_eq!(open(&hub, &clinician, member).codes(), ["no-disaster"]);
    let declared = declare(&hub, &operator, "49", -1, 2);
    assert_eq!(declared.status, 201, "{}", String::from_utf8_lossy(&declared.body));
    assert_eq!(open(&hub, &outside, member).codes(), ["no-disaster"]);
    assert_eq!(
        hub.get(&clinician, &path).codes(),
        ["no-grant"],
        "nothing opens before somebody is identified"
    );
    let opened = open(&hub, &clinician, member);
    assert_eq!(opened.status, 201, "{}", String::from_utf8_lossy(&opened.body));
    assert!(!hub.get(&clinician, &path).matches().is_empty());
    let colleague = hub.token("clinician", &["--institution", CLINIC]);
    assert_eq!(hub.get(&colleague, &path).status, 403);
    let banner = String::from_utf8(hub.get(&colleague, "/patients").body).unwrap();
    assert!(banner.contains("架空地震") && banner.contains("class=\"banner\""));
    let elsewhere = String::from_utf8(hub.get(&outside, "/patients").body).unwrap();
    assert!(!elsewhere.contains("架空地震"));
    let end = format!("/api/v1/disasters/{}/end", declared.json()["id"].as_str().unwrap());
    assert_eq!(hub.post(&clinician, &end, b"").status, 403);
    assert_eq!(hub.post(&operator, &end, b"").status, 204);
    assert_eq!(hub.get(&clinician, &path).codes(), ["no-grant"], "after its end nothing opens");
    assert_eq!(open(&hub, &clinician, member).codes(), ["no-disaster"]);
    assert_eq!(hub.post(&operator, &end, b"").status, 404, "it ends once");
    let manager = hub.named("見本 安全", "safety-manager", CLINIC);
    let looks = hub.get(&manager, "/api/v1/reviews").json();
    assert_eq!(
        (looks["looks"][0]["basis"].as_str(), looks["looks"][0]["reason"].as_str()),
        (Some("disaster"), Some(REASON))
    );
    let own = hub.token("patient", &["--patient", &patient]);
    let events = hub.get(&own, &format!("/fhir/AuditEvent?patient={patient}")).matches();
    assert!(events.iter().any(|event| event["purposeOfEvent"][0]["coding"][0]["code"] == "DISASTER"));
}

#[test]
fn only_an_operator_declares_and_only_what_makes_sense() {
    let hub = Hub::start();
    let operator = hub.token("operator", &[]);
    for role in ["clinician", "institution", "safety-manager", "emergency-clinician"] {
        let token = hub.token(role, &["--institution", HOSPITAL]);
        assert_eq!(declare(&hub, &token, "49", 0, 1).codes(), ["not-privileged"], "{role}");
    }
    for (prefecture, from, until, code) in [
        ("4", 0, 1, "no-prefecture"),
        ("4x", 0, 1, "no-prefecture"),
        ("49", 1, 1, "period"),
        ("49", 2, 1, "period"),
        ("49", -3, -2, "period"),
        ("49", 0, 24 * 93, "period"),
    ] {
        let answer = declare(&hub, &operator, prefecture, from, until);
        assert_eq!(
            (answer.status, answer.codes()),
            (422, vec![code.to_owned()]),
            "{prefecture} {from} {until}"
        );
    }
    assert_eq!(hub.get(&operator, "/api/v1/disasters").json()["disasters"], json!([]));
}
