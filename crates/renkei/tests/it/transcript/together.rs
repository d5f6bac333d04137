//! Two at once: whoever comes first wins, the other is told so, and nothing is half done.

use std::time::{Duration, Instant};

use super::body::{letter, renumbered, reworded};
use super::stage::{CLINIC_SYSTEM, HOSPITAL_DOCTOR, HOSPITAL_SYSTEM, PATIENT, Said, Stage};
use crate::hub::HOSPITAL;

const ROUNDS: u32 = 12;

/// Runs two requests at the same time.
fn both(
    stage: &Stage,
    one: (&str, &str, &str, Option<Vec<u8>>),
    other: (&str, &str, &str, Option<Vec<u8>>),
) -> (Said, Said) {
    let (first, second) = (stage.voice(one.0), stage.voice(other.0));
    std::thread::scope(|scope| {
        let running = scope.spawn(move || first.say(one.1, one.2, one.3.as_deref()));
        let said = second.say(other.1, other.2, other.3.as_deref());
        (running.join().unwrap(), said)
    })
}

fn state(stage: &mut Stage, unit: &str) -> String {
    let task = stage.ask(CLINIC_SYSTEM, "GET", &format!("/fhir/Task/{unit}"));
    task.json["businessStatus"]["coding"][0]["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_cancellation_and_a_fetch_at_once_leave_the_letter_fetched_or_cancelled_never_both() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    for round in 0..ROUNDS {
        let unit = stage.register(
            CLINIC_SYSTEM,
            "/fhir/Bundle?referral-consent=given",
            "紹介状",
            &renumbered(&letter, round),
        );
        let path = format!("/fhir/Bundle/{unit}");
        let (cancelled, fetched) =
            both(&stage, (CLINIC_SYSTEM, "DELETE", &path, None), (HOSPITAL_DOCTOR, "GET", &path, None));
        match &*state(&mut stage, &unit) {
            "fetched" => assert_eq!((cancelled.status, fetched.status), (409, 200)),
            "cancelled" => {
                assert_eq!(cancelled.status, 204);
                assert!([403, 404, 410].contains(&fetched.status), "{}", fetched.status);
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_cancellation_and_a_consent_at_once_always_end_cancelled() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    for round in 0..ROUNDS {
        let unit = stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "紹介状", &renumbered(&letter, round));
        let (path, open) = (format!("/fhir/Bundle/{unit}"), format!("/fhir/Task/{unit}/$open"));
        let (cancelled, opened) =
            both(&stage, (CLINIC_SYSTEM, "DELETE", &path, None), (PATIENT, "POST", &open, None));
        assert_eq!(cancelled.status, 204);
        assert!([200, 410].contains(&opened.status), "{}", opened.status);
        assert_eq!(state(&mut stage, &unit), "cancelled");
    }
}

#[test]
fn a_change_and_a_fetch_at_once_never_show_what_waits_for_consent() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    for round in 0..ROUNDS {
        let first = renumbered(&letter, round);
        let unit = stage.register(CLINIC_SYSTEM, "/fhir/Bundle?referral-consent=given", "紹介状", &first);
        let path = format!("/fhir/Bundle/{unit}");
        let newer = reworded(&first);
        let (changed, fetched) =
            both(&stage, (CLINIC_SYSTEM, "PUT", &path, Some(newer)), (HOSPITAL_DOCTOR, "GET", &path, None));
        match &*state(&mut stage, &unit) {
            "fetched" => assert_eq!((changed.status, fetched.status), (409, 200)),
            "registered" => assert_eq!((changed.status, fetched.status), (200, 403)),
            other => panic!("{other}"),
        }
        assert!(!fetched.json.to_string().contains("訂正版"), "the new wording was not consented to");
    }
}

#[test]
fn the_same_letter_sent_at_once_is_one_letter() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    for round in 0..ROUNDS {
        let body = renumbered(&letter, round);
        let send = || (CLINIC_SYSTEM, "POST", "/fhir/Bundle", Some(body.clone()));
        let (one, other) = both(&stage, send(), send());
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201]);
        assert_eq!(one.unit(), other.unit());
    }
}

#[test]
fn an_inbox_that_waits_answers_as_soon_as_a_letter_opens_and_empty_when_none_does() {
    let mut stage = Stage::set();
    let (record, letter) = letter(&stage.region);
    stage.admit_patient(&record);
    let unit = stage.register(CLINIC_SYSTEM, "/fhir/Bundle", "紹介状", &letter);
    let inbox = |seconds: u32| {
        format!("/fhir/Task?owner=Organization/{HOSPITAL}&business-status=open&_wait={seconds}")
    };
    let started = Instant::now();
    assert_eq!(stage.ask(HOSPITAL_SYSTEM, "GET", &inbox(1)).json["total"], 0);
    assert!(started.elapsed() >= Duration::from_secs(1));
    let waiting = stage.voice(HOSPITAL_SYSTEM);
    let path = inbox(30);
    let found = std::thread::scope(|scope| {
        let running = scope.spawn(move || (waiting.say("GET", &path, None), started.elapsed()));
        std::thread::sleep(Duration::from_millis(300));
        stage.voice(PATIENT).say("POST", &format!("/fhir/Task/{unit}/$open"), None);
        running.join().unwrap()
    });
    assert_eq!(found.0.json["entry"][0]["resource"]["id"], *unit);
    assert!(found.1 < Duration::from_secs(10), "{:?}", found.1);
    for wrong in ["_wait=soon", "_lastUpdated=yesterday", "business-status=lost", "_count=many"] {
        let refused =
            stage.ask(HOSPITAL_SYSTEM, "GET", &format!("/fhir/Task?owner=Organization/{HOSPITAL}&{wrong}"));
        assert_eq!(refused.status, 400, "{wrong}");
    }
}
