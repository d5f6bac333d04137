use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::hub::{Answer, CLINIC, HOSPITAL, Hub, prepared, renkei_in, steady};
use crate::receiver::{Receiver, SILENCE};

const PROGRAM: &str = env!("CARGO_BIN_EXE_renkei");

/// A hub that may call this machine and waits a second for its answers.
fn hub() -> Hub {
    hub_on("renkei.db")
}

fn hub_on(database: &str) -> Hub {
    let folder = prepared(database);
    trust(folder.path(), "127.0.0.1");
    Hub::run_in(folder, &[PROGRAM])
}

fn trust(folder: &std::path::Path, host: &str) {
    let path = folder.join("renkei.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let notices = format!("[notices]\nallow = [\"{host}\"]\ntimeout_seconds = 1\n");
    std::fs::write(path, config + &notices).unwrap();
}

fn asked(criteria: &str, endpoint: &str) -> Value {
    json!({
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "受付の画面に知らせる",
        "criteria": criteria,
        "channel": {"type": "rest-hook", "endpoint": endpoint, "payload": "application/fhir+json"},
    })
}

fn subscribe(hub: &Hub, token: &str, resource: &Value) -> Answer {
    hub.post(token, "/fhir/Subscription", resource.to_string().as_bytes())
}

/// Subscribes and waits until the endpoint has answered; gives the id and the secret.
fn active(hub: &Hub, token: &str, criteria: &str, endpoint: &str) -> (String, String) {
    let made = subscribe(hub, token, &asked(criteria, endpoint));
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.json()["status"], "requested");
    until(hub, token, &id, "active");
    (id, made.json()["extension"][0]["valueString"].as_str().unwrap().to_owned())
}

fn until(hub: &Hub, token: &str, id: &str, status: &str) {
    let mut standing = Value::Null;
    for _ in 0..400 {
        standing = hub.get(token, &format!("/fhir/Subscription/{id}")).json();
        if standing["status"] == status {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the subscription is not {status}: {standing}");
}

fn deliveries(hub: &Hub, token: &str, id: &str) -> Vec<Value> {
    let listed = hub.get(token, &format!("/api/v1/subscriptions/{id}/deliveries")).json();
    listed["deliveries"].as_array().cloned().unwrap_or_default()
}

/// One registration of the hospital; gives the unit's id.
fn register_one(hub: &Hub) -> String {
    let sent = hub.region.patients.iter().flat_map(|patient| &patient.submissions);
    let sent = sent.filter(|one| one.institution == HOSPITAL);
    let valid = steady(&hub.region);
    let one = sent.into_iter().find(|one| {
        valid.iter().any(|patient| patient.submissions.iter().any(|theirs| std::ptr::eq(theirs, *one)))
    });
    let answer = hub.post(&hub.system_once(HOSPITAL), "/fhir/Bundle", &one.unwrap().body);
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    answer.reference("bundle")
}

#[test]
fn a_registration_is_told_signed_with_ids_only_and_at_once() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let (id, secret) = active(&hub, &system, &format!("Bundle?_source={HOSPITAL}"), &receiver.url());
    let began = Instant::now();
    let unit = register_one(&hub);
    let call = receiver.wait_for(1).remove(0);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(call.is_signed_with(&secret));
    assert!(!call.is_signed_with(&format!("whsec_{}", "A".repeat(43) + "=")));
    assert_eq!(call.parameter("focus")["valueReference"]["reference"], unit);
    assert_eq!(call.parameter("topic")["valueCode"], "registered");
    assert_eq!(call.parameter("subscription")["valueReference"]["reference"], format!("Subscription/{id}"));
    let names: BTreeSet<String> = serde_json::from_slice::<Value>(&call.body).unwrap()["parameter"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        ["event", "focus", "subscription", "timestamp", "topic", "type"].map(str::to_owned).into()
    );
    let listed = deliveries(&hub, &system, &id);
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["state"], &listed[0]["last_answer"]), (&json!("arrived"), &json!("200")));
}

#[test]
fn the_secret_is_told_once_and_never_again() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let (id, secret) = active(&hub, &system, &format!("Task?owner={HOSPITAL}"), &receiver.url());
    let read = hub.get(&system, &format!("/fhir/Subscription/{id}"));
    let listed = hub.get(&system, "/fhir/Subscription");
    for answer in [&read, &listed] {
        assert_eq!(answer.status, 200);
        assert!(!String::from_utf8_lossy(&answer.body).contains("whsec_"));
    }
    assert_eq!(listed.matches().len(), 1);
    assert!(!hub.log().contains(&secret));
}

#[test]
fn without_a_payload_nothing_is_in_the_body_and_it_is_signed_all_the_same() {
    let (hub, receiver) = (hub(), Receiver::start(204));
    let system = hub.system(HOSPITAL);
    let mut resource = asked(&format!("Bundle?_source={HOSPITAL}"), &receiver.url());
    resource["channel"].as_object_mut().unwrap().remove("payload");
    let made = subscribe(&hub, &system, &resource).json();
    until(&hub, &system, made["id"].as_str().unwrap(), "active");
    register_one(&hub);
    let call = receiver.wait_for(1).remove(0);
    assert!(call.body.is_empty());
    assert!(call.is_signed_with(made["extension"][0]["valueString"].as_str().unwrap()));
}

#[test]
fn an_institution_asks_only_about_itself_and_knows_only_its_own_subscriptions() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let (hospital, clinic) = (hub.system(HOSPITAL), hub.system(CLINIC));
    let (id, _) = active(&hub, &hospital, &format!("Bundle?_source={HOSPITAL}"), &receiver.url());
    let elsewhere = subscribe(&hub, &clinic, &asked(&format!("Task?owner={HOSPITAL}"), &receiver.url()));
    assert_eq!((elsewhere.status, elsewhere.codes()), (403, vec!["not-own-institution".to_owned()]));
    let all = subscribe(&hub, &clinic, &asked("AuditEvent", &receiver.url()));
    assert_eq!((all.status, all.codes()), (403, vec!["role-is-told-nothing".to_owned()]));
    let path = format!("/fhir/Subscription/{id}");
    assert_eq!(hub.get(&clinic, &path).status, 404);
    assert_eq!(hub.get(&clinic, "/fhir/Subscription").matches().len(), 0);
    assert_eq!(hub.get(&clinic, &format!("/api/v1/subscriptions/{id}/deliveries")).status, 404);
    assert_eq!(hub.delete(&clinic, &path).status, 404);
    let changed = asked(&format!("Task?owner={CLINIC}"), &receiver.url());
    assert_eq!(hub.put(&clinic, &path, changed.to_string().as_bytes()).status, 404);
    let patient = hub.token("clinician", &["--institution", HOSPITAL]);
    assert_eq!(hub.get(&patient, "/fhir/Subscription").status, 403);
    register_one(&hub);
    let seen_by_others = receiver.wait_for(1);
    assert_eq!(seen_by_others.len(), 1);
}

#[test]
fn what_cannot_be_asked_for_is_refused_by_name_and_nothing_is_kept() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let good = asked(&format!("Task?owner={HOSPITAL}"), &receiver.url());
    let with = |pointer: &str, value: Value| {
        let mut resource = good.clone();
        *resource.pointer_mut(pointer).unwrap() = value;
        resource
    };
    let mut with_header = good.clone();
    with_header["channel"]["header"] = json!(["Authorization: Bearer x"]);
    let mut ended = good.clone();
    ended["end"] = json!("2020-01-01T00:00:00+09:00");
    let refused = [
        (with("/criteria", json!("Observation?patient=1")), "criteria-unknown"),
        (with("/status", json!("error")), "subscription-incomplete"),
        (with("/reason", json!("")), "subscription-incomplete"),
        (with("/resourceType", json!("Basic")), "subscription-incomplete"),
        (with("/channel/type", json!("websocket")), "channel-unsupported"),
        (with_header, "channel-unsupported"),
        (with("/channel/payload", json!("application/xml")), "payload-unsupported"),
        (with("/channel/endpoint", json!("ftp://a.example/")), "endpoint-unknown"),
        (with("/channel/endpoint", json!("http://hospital.example/")), "endpoint-not-encrypted"),
        (with("/channel/endpoint", json!("https://10.0.0.1/")), "endpoint-private"),
        (with("/channel/endpoint", json!("https://169.254.169.254/latest/")), "endpoint-private"),
        (with("/channel/endpoint", json!("https://[::1]/")), "endpoint-private"),
        (ended, "end-in-the-past"),
    ];
    for (resource, code) in refused {
        let answer = subscribe(&hub, &system, &resource);
        assert_eq!((answer.status, answer.codes()), (422, vec![code.to_owned()]), "{resource}");
    }
    assert_eq!(hub.post(&system, "/fhir/Subscription", b"{").status, 422);
    assert_eq!(hub.get(&system, "/fhir/Subscription").matches().len(), 0);
    assert!(receiver.notices().is_empty());
}

#[test]
fn a_name_that_leads_into_this_network_is_not_called() {
    let folder = prepared("renkei.db");
    trust(folder.path(), "emr.example");
    let hub = Hub::run_in(folder, &[PROGRAM]);
    let receiver = Receiver::start(200);
    let system = hub.system(HOSPITAL);
    // A number that every resolver takes for 127.0.0.1, and no reader of addresses does.
    let endpoint = format!("https://2130706433:{}/", receiver.port);
    let made = subscribe(&hub, &system, &asked(&format!("Task?owner={HOSPITAL}"), &endpoint));
    assert_eq!(made.status, 201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let mut error = Value::Null;
    for _ in 0..200 {
        error = hub.get(&system, &format!("/fhir/Subscription/{id}")).json()["error"].clone();
        if !error.is_null() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(error, "private-address");
}

#[test]
fn an_endpoint_that_fails_is_tried_again_under_the_same_id_until_it_takes_the_notice() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let (id, secret) = active(&hub, &system, &format!("Bundle?_source={HOSPITAL}"), &receiver.url());
    receiver.answer_with(503);
    register_one(&hub);
    receiver.wait_for(2);
    let listed = deliveries(&hub, &system, &id);
    assert_eq!((&listed[0]["state"], &listed[0]["last_answer"]), (&json!("waiting"), &json!("503")));
    assert!(listed[0]["next_try"].is_string());
    receiver.answer_with(200);
    let calls = receiver.wait_for(3);
    let ids: BTreeSet<String> = calls.iter().map(crate::receiver::Call::id).collect();
    assert_eq!(ids.len(), 1);
    assert!(calls.iter().all(|call| call.is_signed_with(&secret)));
    until(&hub, &system, &id, "active");
    let name = calls[0].id();
    let again = hub.post(&system, &format!("/api/v1/deliveries/{name}/resend"), b"");
    assert_eq!(again.status, 202);
    assert_eq!(receiver.wait_for(4)[3].id(), name);
    let other = hub.system(CLINIC);
    assert_eq!(hub.post(&other, &format!("/api/v1/deliveries/{name}/resend"), b"").status, 404);
}

#[test]
fn a_dead_endpoint_holds_up_nobody_else() {
    let (hub, dead, alive) = (hub(), Receiver::start(200), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let criteria = format!("Bundle?_source={HOSPITAL}");
    for _ in 0..3 {
        active(&hub, &system, &criteria, &dead.url());
    }
    active(&hub, &system, &criteria, &alive.url());
    dead.answer_with(SILENCE);
    let sent = hub.region.patients[0].submissions.iter().filter(|one| one.institution == HOSPITAL);
    let sent: Vec<_> = sent.take(5).collect();
    let began = Instant::now();
    for one in &sent {
        assert!(hub.post(&system, "/fhir/Bundle", &one.body).status < 300);
    }
    let arrived = alive.wait_for(sent.len());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let ids: BTreeSet<String> = arrived.iter().map(crate::receiver::Call::id).collect();
    assert_eq!(ids.len(), sent.len());
}

#[test]
fn an_endpoint_that_never_answers_its_handshake_is_turned_off_and_gone_means_off() {
    let (hub, refusing, leaving) = (hub(), Receiver::start(404), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let criteria = format!("Bundle?_source={HOSPITAL}");
    let made = subscribe(&hub, &system, &asked(&criteria, &refusing.url())).json();
    let (left, _) = active(&hub, &system, &criteria, &leaving.url());
    leaving.answer_with(410);
    register_one(&hub);
    until(&hub, &system, &left, "off");
    let refused = hub.get(&system, &format!("/fhir/Subscription/{}", made["id"].as_str().unwrap())).json();
    assert_eq!(refused["status"], "requested");
    assert_eq!(refused["error"], "404");
    assert!(refusing.notices().is_empty());
}

#[test]
fn a_subscription_can_be_changed_turned_off_and_ended() {
    let (hub, one, two) = (hub(), Receiver::start(200), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let criteria = format!("Bundle?_source={HOSPITAL}");
    let (id, secret) = active(&hub, &system, &criteria, &one.url());
    let path = format!("/fhir/Subscription/{id}");
    let moved = hub.put(&system, &path, asked(&criteria, &two.url()).to_string().as_bytes());
    assert_eq!((moved.status, &moved.json()["status"]), (200, &json!("requested")));
    until(&hub, &system, &id, "active");
    register_one(&hub);
    assert!(two.wait_for(1)[0].is_signed_with(&secret));
    assert!(one.notices().is_empty());
    let mut off = asked(&criteria, &two.url());
    off["status"] = json!("off");
    assert_eq!(hub.put(&system, &path, off.to_string().as_bytes()).json()["status"], "off");
    assert_eq!(hub.delete(&system, &path).status, 204);
    assert_eq!(hub.delete(&system, &path).status, 404);
    assert_eq!(hub.get(&system, &path).status, 404);
}

#[test]
fn a_hub_that_dies_between_sending_and_noting_sends_again_under_the_same_id() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let (id, _) = active(&hub, &system, &format!("Bundle?_source={HOSPITAL}"), &receiver.url());
    receiver.answer_with(SILENCE);
    register_one(&hub);
    let first = receiver.wait_for(1).remove(0);
    let folder = hub.kill();
    receiver.answer_with(200);
    let hub = Hub::run_in(folder, &[PROGRAM]);
    let calls = receiver.wait_for(2);
    assert!(calls.iter().all(|call| call.id() == first.id()));
    for _ in 0..100 {
        if deliveries(&hub, &system, &id)[0]["state"] == "arrived" {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{:?}", deliveries(&hub, &system, &id));
}

#[test]
fn servers_on_one_database_send_each_notice_once() {
    let Some(server) = crate::postgres::Postgres::start() else {
        return crate::postgres::skipped("servers_on_one_database", "PostgreSQL is not installed");
    };
    let database = server.database();
    let (one, receiver) = (hub_on(&database), Receiver::start(200));
    let folder = prepared(&database);
    trust(folder.path(), "127.0.0.1");
    std::fs::copy(one.folder.path().join("keyring.toml"), folder.path().join("keyring.toml")).unwrap();
    let two = Hub::run_in(folder, &[PROGRAM]);
    let system = one.system_once(HOSPITAL);
    let (id, _) = active(&one, &system, &format!("Bundle?_source={HOSPITAL}"), &receiver.url());
    let sent = one.region.patients.iter().filter(|patient| patient.members.len() == 1);
    let sent: Vec<_> =
        sent.flat_map(|patient| &patient.submissions).filter(|one| one.institution == HOSPITAL).collect();
    let sent = &sent[..sent.len().min(20)];
    for (index, unit) in sent.iter().enumerate() {
        let hub = if index % 2 == 0 { &one } else { &two };
        assert!(hub.post(&system, "/fhir/Bundle", &unit.body).status < 300);
    }
    let told = receiver.wait_for(sent.len());
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(receiver.notices().len(), told.len());
    let ids: BTreeSet<String> = told.iter().map(crate::receiver::Call::id).collect();
    assert_eq!(ids.len(), told.len());
    assert_eq!(deliveries(&two, &system, &id).len(), told.len());
}

#[test]
fn the_command_line_subscribes_lists_and_sends_again() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let operator = hub.token("operator", &[]);
    let run = |arguments: &[&str]| {
        let output = renkei_in(
            hub.folder.path(),
            &[&["subscription"], arguments, &["--hub", &hub.url, "--token", &operator]].concat(),
        );
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let secret = run(&["add", "--criteria", "AuditEvent", "--endpoint", &receiver.url(), "--reason", "監視"]);
    assert!(secret.starts_with("whsec_"));
    let id = run(&["list"]).split_whitespace().next().unwrap().to_owned();
    until(&hub, &operator, &id, "active");
    register_one(&hub);
    receiver.wait_for(1);
    let delivery = run(&["deliveries", &id]).split_whitespace().next().unwrap().to_owned();
    run(&["resend", &delivery]);
    assert_eq!(receiver.wait_for(2)[1].id(), delivery);
    let page = String::from_utf8(hub.get(&operator, "/notices").body).unwrap();
    assert!(page.contains(&receiver.url()) && page.contains(&delivery));
    run(&["remove", &id]);
    assert!(run(&["list"]).is_empty());
}

#[test]
fn a_referrals_way_is_told_to_its_destination_and_its_sender_and_to_nobody_else() {
    let hub = hub();
    let (inbox, outbox, early) = (Receiver::start(200), Receiver::start(200), Receiver::start(200));
    let patients = steady(&hub.region);
    let sent = patients.iter().flat_map(|patient| &patient.submissions);
    let referral =
        sent.into_iter().find(|one| one.kind == "Referral" && one.institution == HOSPITAL).unwrap();
    let (sender, destination) = (hub.system_once(HOSPITAL), hub.system_once(CLINIC));
    active(&hub, &destination, &format!("Task?owner={CLINIC}"), &inbox.url());
    active(&hub, &sender, &format!("Task?requester={HOSPITAL}"), &outbox.url());
    active(&hub, &sender, &format!("Task?owner={HOSPITAL}"), &early.url());
    let registered = hub.post(&sender, "/fhir/Bundle", &referral.body);
    assert_eq!(registered.status, 201, "{}", String::from_utf8_lossy(&registered.body));
    let unit = registered.reference("bundle").replace("Bundle/", "");
    std::thread::sleep(Duration::from_millis(700));
    assert!(inbox.notices().is_empty(), "nobody has consented yet");
    let opened = hub.post(&sender, &format!("/fhir/Task/{unit}/$open"), b"");
    assert_eq!(opened.status, 200, "{}", String::from_utf8_lossy(&opened.body));
    let call = inbox.wait_for(1).remove(0);
    assert_eq!(call.parameter("topic")["valueCode"], "referral-open");
    let focus = call.parameter("focus")["valueReference"]["reference"].as_str().unwrap().to_owned();
    assert_eq!(hub.get(&destination, &format!("/fhir/{focus}")).status, 200);
    assert_eq!(hub.get(&destination, &format!("/fhir/Bundle/{unit}")).status, 200);
    let told = outbox.wait_for(2);
    assert_eq!(told[1].parameter("topic")["valueCode"], "referral-fetched");
    assert_eq!(inbox.notices().len(), 1);
    assert!(early.notices().is_empty());
}

#[test]
fn who_registered_something_of_a_person_is_told_that_they_were_merged() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let patients = steady(&hub.region);
    let persons: Vec<String> = patients.iter().take(2).map(|patient| hub.register_all(patient)).collect();
    let system = hub.system_once(HOSPITAL);
    active(&hub, &system, &format!("Patient?organization={HOSPITAL}"), &receiver.url());
    let reference = |name: &str, person: &str| json!({"name": name, "valueReference": {"reference": format!("Patient/{person}")}});
    let merge = json!({"resourceType": "Parameters", "parameter": [
        reference("source-patient", &persons[0]),
        reference("target-patient", &persons[1]),
        {"name": "reason", "valueString": "同じ人と確かめた"},
    ]});
    let merged = hub.post(&hub.token("operator", &[]), "/fhir/Patient/$merge", merge.to_string().as_bytes());
    assert_eq!(merged.status, 200, "{}", String::from_utf8_lossy(&merged.body));
    let told = receiver.wait_for(2);
    let told: BTreeSet<String> = told
        .iter()
        .map(|call| call.parameter("focus")["valueReference"]["reference"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, persons.iter().map(|person| format!("Patient/{person}")).collect());
}

#[test]
fn an_emergency_look_is_told_to_the_safety_manager_of_whose_staff_looked() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let patient = steady(&hub.region)[0];
    hub.register_all(patient);
    let manager = hub.token("safety-manager", &["--institution", HOSPITAL]);
    active(&hub, &manager, &format!("AuditEvent?agent={HOSPITAL}"), &receiver.url());
    let staff = hub.token("emergency-clinician", &["--institution", HOSPITAL]);
    let parameters = json!({"resourceType": "Parameters", "parameter": [
        {"name": "identifier", "valueIdentifier": {"value": patient.members[0].member_id}},
        {"name": "scope", "valueCode": "emergency-summary"},
        {"name": "reason", "valueString": "意識のない状態で搬送された"},
    ]});
    let opened = hub.post(&staff, "/fhir/Patient/$emergency-access", parameters.to_string().as_bytes());
    assert!(opened.status < 300, "{}", String::from_utf8_lossy(&opened.body));
    let call = receiver.wait_for(1).remove(0);
    assert_eq!(call.parameter("topic")["valueCode"], "emergency-access");
}

#[test]
fn after_its_end_a_subscription_is_off_and_nothing_more_is_told() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let mut resource = asked(&format!("Bundle?_source={HOSPITAL}"), &receiver.url());
    resource["end"] = json!((now() + SignedDuration::from_secs(3)).to_string());
    let made = subscribe(&hub, &system, &resource).json();
    let id = made["id"].as_str().unwrap();
    until(&hub, &system, id, "active");
    until(&hub, &system, id, "off");
    register_one(&hub);
    std::thread::sleep(Duration::from_secs(1));
    assert!(receiver.notices().is_empty());
    assert_eq!(hub.get(&system, "/fhir/Subscription?status=off").matches().len(), 1);
    assert_eq!(hub.get(&system, "/fhir/Subscription?status=active").matches().len(), 0);
}

#[test]
fn an_institution_may_have_twenty_subscriptions_and_no_more() {
    let (hub, receiver) = (hub(), Receiver::start(200));
    let system = hub.system(HOSPITAL);
    let resource = asked(&format!("Task?owner={HOSPITAL}"), &receiver.url());
    for _ in 0..20 {
        assert_eq!(subscribe(&hub, &system, &resource).status, 201);
    }
    let refused = subscribe(&hub, &system, &resource);
    assert_eq!((refused.status, refused.codes()), (422, vec!["too-many-subscriptions".to_owned()]));
    let other = asked(&format!("Task?owner={CLINIC}"), &receiver.url());
    assert_eq!(subscribe(&hub, &hub.system(CLINIC), &other).status, 201);
}

#[test]
fn who_waits_for_the_inbox_is_answered_when_a_referral_opens() {
    let hub = hub();
    let patients = steady(&hub.region);
    let sent = patients.iter().flat_map(|patient| &patient.submissions);
    let referral =
        sent.into_iter().find(|one| one.kind == "Referral" && one.institution == HOSPITAL).unwrap();
    let (sender, destination) = (hub.system_once(HOSPITAL), hub.system_once(CLINIC));
    let registered = hub.post(&sender, "/fhir/Bundle", &referral.body);
    let unit = registered.reference("bundle").replace("Bundle/", "");
    let inbox = format!("/fhir/Task?owner={CLINIC}&business-status=open&_wait=20");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| (hub.get(&destination, &inbox), Instant::now()));
        std::thread::sleep(Duration::from_millis(1200));
        let opened_at = Instant::now();
        assert_eq!(hub.post(&sender, &format!("/fhir/Task/{unit}/$open"), b"").status, 200);
        let (answer, answered_at) = waiting.join().unwrap();
        assert_eq!(answer.matches().len(), 1, "{}", String::from_utf8_lossy(&answer.body));
        assert!(answered_at - opened_at < Duration::from_secs(2), "{:?}", answered_at - opened_at);
    });
}

#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
