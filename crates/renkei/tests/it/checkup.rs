//! 健診: who sees a checkup report, and which of two tellings of one checkup counts.

use demo::{PatientRecord, Submission};
use serde_json::Value;

use crate::hub::{Hub, encoded, endless, prepared, steady};

const MEMBER: &str = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID";

fn checkups(record: &PatientRecord) -> Vec<&Submission> {
    record.submissions.iter().filter(|sent| sent.kind == "CheckupReport").collect()
}

/// Somebody whose every number is valid today, with checkups.
fn examined(hub: &Hub) -> &PatientRecord {
    steady(&hub.region).into_iter().find(|record| !checkups(record).is_empty()).unwrap()
}

fn insurer_of(member: &str) -> String {
    member.split(':').next().unwrap().to_owned()
}

fn documents(hub: &Hub, token: &str, patient: &str) -> Vec<Value> {
    let answer = hub.get(token, &format!("/fhir/DocumentReference?patient={patient}"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.matches()
}

fn reports(documents: &[Value]) -> Vec<&Value> {
    documents.iter().filter(|one| one["type"]["coding"][0]["code"] == "53576-5").collect()
}

/// The address of a document's content, without the hub's own.
fn content(document: &Value) -> String {
    let url = document["content"][0]["attachment"]["url"].as_str().unwrap();
    url[url.find("/fhir/").unwrap()..].to_owned()
}

#[test]
fn a_checkup_is_seen_by_the_patient_by_consent_and_by_the_members_insurer() {
    let hub = Hub::start();
    let record = examined(&hub);
    let patient = hub.register_all(record);
    let insurer = hub.token("insurer", &["--institution", &insurer_of(&record.members[0].member_id)]);
    let by_consent = hub.clinician(&patient, "checkup");
    let own = hub.token("patient", &["--patient", &patient]);
    for token in [&insurer, &by_consent, &own] {
        let listed = documents(&hub, token, &patient);
        let report = reports(&listed)[0].clone();
        let body = hub.get(token, &content(&report));
        assert_eq!(body.status, 200);
        assert!(checkups(record).iter().any(|sent| sent.body == body.body), "exactly as registered");
    }
    let without = hub.token("clinician", &["--institution", "1311234567"]);
    assert!(documents(&hub, &without, &patient).is_empty());
    let report = content(reports(&documents(&hub, &own, &patient))[0]);
    assert_eq!(hub.get(&without, &report).codes(), ["no-grant"]);
}

#[test]
fn an_insurer_finds_its_own_members_and_learns_of_nothing_but_their_checkups() {
    let hub = Hub::start();
    let record = examined(&hub);
    let patient = hub.register_all(record);
    let member = &record.members[0].member_id;
    let insurer = hub.token("insurer", &["--institution", &insurer_of(member)]);
    let find = |token: &str, member: &str| {
        hub.get(token, &format!("/fhir/Patient?identifier={MEMBER}%7C{}", encoded(member))).matches()
    };
    assert_eq!(find(&insurer, member)[0]["id"], patient.as_str());
    let listed = documents(&hub, &insurer, &patient);
    assert_eq!(listed.len(), reports(&listed).len(), "no other kind of document");
    let condition = hub.get(&insurer, &format!("/fhir/Condition?patient={patient}"));
    assert_eq!((condition.status, condition.codes()), (403, vec!["role-sees-no-record".to_owned()]));
    for sent in record.submissions.iter().filter(|sent| sent.kind != "CheckupReport") {
        let unit =
            hub.post(&hub.system_once(&sent.institution), "/fhir/Bundle", &sent.body).reference("bundle");
        assert_eq!(hub.get(&insurer, &format!("/fhir/{unit}")).status, 404, "as if it were not there");
    }
    // Somebody who had no checkup is to an insurer as somebody unknown.
    let unexamined = steady(&hub.region).into_iter().find(|record| checkups(record).is_empty()).unwrap();
    hub.register_all(unexamined);
    let member = &unexamined.members[0].member_id;
    let insurer = hub.token("insurer", &["--institution", &insurer_of(member)]);
    assert!(find(&insurer, member).is_empty());
    assert!(find(&insurer, "00000000:架空:1:01").is_empty());
}

#[test]
fn another_insurer_sees_nothing_of_a_member_not_even_that_there_is_something() {
    let hub = Hub::start();
    let record = examined(&hub);
    let patient = hub.register_all(record);
    let member = &record.members[0].member_id;
    let another = hub.token("insurer", &["--institution", "99999999"]);
    let own = hub.token("insurer", &["--institution", &insurer_of(member)]);
    let report = content(reports(&documents(&hub, &own, &patient))[0]);
    assert!(documents(&hub, &another, &patient).is_empty());
    assert_eq!(hub.get(&another, &report).status, 404);
    let unknown = "00000000-0000-8000-8000-000000000000";
    assert_eq!(hub.get(&another, &format!("/fhir/Bundle/{unknown}")).status, 404);
    let found = hub.get(&another, &format!("/fhir/Patient?identifier={MEMBER}%7C{}", encoded(member)));
    assert!(found.matches().is_empty());
}

#[test]
fn an_insurer_sees_a_checkup_only_if_its_number_was_valid_on_that_day() {
    let folder = prepared("renkei.db");
    let today = crate::hub::today();
    let table = folder.path().join("members.csv");
    let rows = std::fs::read_to_string(&table).unwrap();
    let region = crate::hub::region();
    let record = steady(&region).into_iter().find(|record| !checkups(record).is_empty()).unwrap();
    let member = &record.members[0].member_id;
    // The number began yesterday: the checkup of long ago was another insurer's time.
    let late = rows.lines().map(|row| {
        let mut fields: Vec<String> = row.split(',').map(str::to_owned).collect();
        if fields.get(1) == Some(member) {
            fields[2] = today.yesterday().unwrap().to_string();
        }
        fields.join(",") + "\n"
    });
    std::fs::write(&table, late.collect::<String>()).unwrap();
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    let patient = hub.register_all(record);
    let insurer = hub.token("insurer", &["--institution", &insurer_of(member)]);
    assert!(documents(&hub, &insurer, &patient).is_empty());
    let own = hub.token("patient", &["--patient", &patient]);
    let listed = documents(&hub, &own, &patient);
    assert_eq!(hub.get(&insurer, &content(reports(&listed)[0])).status, 404);
    let path = format!("/fhir/Patient?identifier={MEMBER}%7C{}", encoded(member));
    assert!(hub.get(&insurer, &path).matches().is_empty());
}

#[test]
fn of_two_tellings_of_one_checkup_the_latest_registered_counts_in_every_projection() {
    let hub = Hub::run_in(endless(prepared("renkei.db")), &[env!("CARGO_BIN_EXE_renkei")]);
    let record = examined(&hub);
    let patient = hub.register_all(record);
    let sent = checkups(record)[0];
    // The other route sends the same checkup under a key of its own.
    let mut again: Value = serde_json::from_slice(&sent.body).unwrap();
    let key = again["identifier"]["value"].as_str().unwrap().to_owned();
    again["identifier"]["value"] = format!("{key}-ROUTE2").into();
    let answer = hub.post(&hub.system_once(&sent.institution), "/fhir/Bundle", again.to_string().as_bytes());
    assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body));
    let newer = answer.reference("bundle").replace("Bundle/", "");
    let insurer = hub.token("insurer", &["--institution", &insurer_of(&record.members[0].member_id)]);
    let viewers = [
        hub.token("patient", &["--patient", &patient]),
        hub.clinician(&patient, "checkup"),
        insurer,
        hub.system_once(&sent.institution),
    ];
    for token in viewers {
        let listed = documents(&hub, &token, &patient);
        let current = listed.iter().find(|one| one["id"] == newer.as_str()).unwrap();
        assert_eq!(current["status"], "current");
        let replaced = current["relatesTo"][0]["target"]["reference"].as_str().unwrap();
        let older = listed.iter().find(|one| replaced.ends_with(one["id"].as_str().unwrap())).unwrap();
        assert_eq!(older["status"], "superseded");
        assert_eq!(
            older["content"][0]["attachment"]["creation"],
            current["content"][0]["attachment"]["creation"]
        );
    }
}
