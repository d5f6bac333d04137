use crate::hub::{CLINIC, HOSPITAL, Hub, steady};

#[test]
fn a_registered_bundle_reads_back_byte_for_byte_and_both_acts_are_on_record() {
    let hub = Hub::start();
    let sent = steady(&hub.region)[0].submissions[0].clone();
    let token = hub.system(&sent.institution);
    let registered = hub.post(&token, "/fhir/Bundle", &sent.body);
    assert_eq!(registered.status, 201);
    let bundle = registered.reference("bundle");
    let read = hub.get(&token, &format!("/fhir/{bundle}"));
    assert_eq!((read.status, &read.body), (200, &sent.body));
    let manager = hub.token("safety-manager", &["--institution", HOSPITAL]);
    let patient = registered.reference("patient");
    let events = hub.get(&manager, &format!("/fhir/AuditEvent?patient={patient}")).matches();
    let ids: Vec<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&registered.event.unwrap().as_str()));
    assert!(ids.contains(&read.event.unwrap().as_str()));
}

#[test]
fn the_second_sending_of_the_same_bytes_gives_the_first_receipt() {
    let hub = Hub::start();
    let sent = steady(&hub.region)[0].submissions[0].clone();
    let token = hub.system(&sent.institution);
    let first = hub.post(&token, "/fhir/Bundle", &sent.body);
    let second = hub.post(&token, "/fhir/Bundle", &sent.body);
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.body, second.body);
}

#[test]
fn a_corrected_bundle_replaces_and_a_wrong_one_leaves_the_old_untouched() {
    let hub = Hub::start();
    let sent = steady(&hub.region)[0].submissions[0].clone();
    let token = hub.system(&sent.institution);
    let first = hub.post(&token, "/fhir/Bundle", &sent.body).reference("bundle");
    let text = String::from_utf8(sent.body.clone()).unwrap();
    let corrected = text.replacen('{', "{ ", 1).into_bytes();
    let second = hub.post(&token, "/fhir/Bundle", &corrected);
    assert_eq!(second.status, 200);
    assert_eq!(hub.get(&token, &format!("/fhir/{first}")).status, 404);
    let wrong = text.replacen("\"resourceType\":\"Patient\"", "\"resourceType\":\"Patiend\"", 1);
    assert_ne!(wrong, text);
    let refused = hub.post(&token, "/fhir/Bundle", wrong.as_bytes());
    assert_eq!(refused.status, 422);
    let standing = hub.get(&token, &format!("/fhir/{}", second.reference("bundle")));
    assert_eq!(standing.body, corrected);
}

#[test]
fn another_institutions_system_may_not_register_under_this_ones_name() {
    let hub = Hub::start();
    let sent = steady(&hub.region)[0].submissions[0].clone();
    let other = if sent.institution == HOSPITAL { CLINIC } else { HOSPITAL };
    let refused = hub.post(&hub.system(other), "/fhir/Bundle", &sent.body);
    assert_eq!(refused.status, 403);
    assert_eq!(refused.codes().len(), 1);
    let clinician = hub.token("clinician", &["--institution", &sent.institution]);
    assert_eq!(hub.post(&clinician, "/fhir/Bundle", &sent.body).status, 403);
    let manager = hub.token("safety-manager", &[]);
    let refusals = hub.get(&manager, "/fhir/AuditEvent").matches();
    assert!(refusals.iter().any(|event| event["outcome"] == "4" && event["action"] == "C"));
}

#[test]
fn an_insured_number_that_is_unknown_or_has_ended_is_refused_with_the_reason() {
    let hub = Hub::start();
    let moved = hub.region.patients.iter().find(|patient| patient.members.len() > 1).unwrap();
    let ended = &moved.members[0].member_id;
    let old =
        moved.submissions.iter().find(|sent| String::from_utf8_lossy(&sent.body).contains(ended)).unwrap();
    let refused = hub.post(&hub.system(&old.institution), "/fhir/Bundle", &old.body);
    assert_eq!(refused.status, 422, "{}", String::from_utf8_lossy(&refused.body));
    let unknown = String::from_utf8(old.body.clone()).unwrap().replace(ended, "09999999::404:");
    let other = hub.post(&hub.system(&old.institution), "/fhir/Bundle", unknown.as_bytes());
    assert_eq!(other.status, 422);
    assert_ne!(refused.codes(), other.codes());
}

#[test]
fn nothing_answers_without_a_token_but_what_the_hub_can_do() {
    let hub = Hub::start();
    for path in
        ["/fhir/Bundle/x", "/fhir/Condition?patient=x", "/fhir/AuditEvent", "/fhir/Patient?identifier=x"]
    {
        assert_eq!(hub.get("rk_0000", path).status, 401, "{path}");
    }
    assert_eq!(hub.post("", "/fhir/Bundle/$validate", b"{}").status, 401);
    assert_eq!(hub.get("", "/fhir/metadata").status, 200);
    assert_eq!(hub.get("", "/health").status, 200);
}

#[test]
fn validating_keeps_nothing_and_speaks_the_readers_language() {
    let hub = Hub::start();
    let token = hub.token("developer", &[]);
    let sent = steady(&hub.region)[0].submissions[0].clone();
    let judged = hub.post(&token, "/fhir/Bundle/$validate", &sent.body);
    assert_eq!(judged.status, 200);
    let japanese = hub.post(&token, "/fhir/Bundle/$validate?lang=ja", b"{\"resourceType\":\"Bundle\"}");
    let english = hub.post(&token, "/fhir/Bundle/$validate?lang=en", b"{\"resourceType\":\"Bundle\"}");
    assert_eq!(japanese.codes(), english.codes());
    assert!(!String::from_utf8(japanese.body).unwrap().is_ascii());
    assert!(String::from_utf8(english.body).unwrap().is_ascii());
    let system = hub.system(&sent.institution);
    assert_eq!(hub.post(&system, "/fhir/Bundle", &sent.body).status, 201);
}

#[test]
fn two_concurrent_sends_of_one_key_leave_one_unit() {
    let hub = Hub::start();
    let sent = steady(&hub.region)[0].submissions[0].clone();
    let token = hub.system(&sent.institution);
    let other = String::from_utf8(sent.body.clone()).unwrap().replacen('{', "{ ", 1).into_bytes();
    let answers = std::thread::scope(|scope| {
        let sends = [&sent.body, &other].map(|body| scope.spawn(|| hub.post(&token, "/fhir/Bundle", body)));
        sends.map(|send| send.join().unwrap())
    });
    let standing = answers
        .iter()
        .filter(|answer| hub.get(&token, &format!("/fhir/{}", answer.reference("bundle"))).status == 200);
    assert_eq!(standing.count(), 1);
}
