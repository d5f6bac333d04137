//! Alerts, as those who look into them meet them, and those whom they are about do not.

use crate::access_review::{named, said, signed_in};
use crate::browser::{Browser, between};
use crate::hub::{CLINIC, HOSPITAL, Hub, steady};

/// Three patients who consented to the hospital.
fn consenting(hub: &Hub) -> Vec<String> {
    let patients = steady(&hub.region).into_iter().take(3).map(|record| {
        let id = hub.register_all(record);
        drop(hub.clinician(&id, "diagnosis,treatment,checkup"));
        id
    });
    patients.collect()
}

fn views(browser: &Browser<'_>, patient: &str) {
    let page = browser.get(&format!("/patients/{patient}"));
    assert_eq!(page.status, 200, "{}", page.html);
}

/// The rules of the alerts that wait.
fn waiting(hub: &Hub) -> Vec<String> {
    said(hub, &["alerts", "run"]);
    let listed = said(hub, &["alerts", "list", "--json"]);
    listed.lines().map(|line| between(line, "\"rule\":\"", "\"").to_owned()).collect()
}

#[test]
fn mass_viewing_is_told_from_the_threshold_on_to_others_than_who_viewed() {
    let hub = Hub::start();
    let patients = consenting(&hub);
    let nurse = named(&hub, "kango.miru", "架空 閲覧", "nurse", HOSPITAL);
    let namesake = named(&hub, "anzen.onaji", "架空 閲覧", "safety-manager", HOSPITAL);
    let manager = signed_in(&hub, "anzen.hoka", "safety-manager", HOSPITAL);
    let elsewhere = signed_in(&hub, "anzen.yoso", "safety-manager", CLINIC);
    let threshold =
        |number: &str| manager.post("/alerts", &[("rule", "mass-viewing"), ("threshold", number)]);
    assert_eq!(threshold("2").status, 422);
    assert_eq!(threshold("3").status, 303);
    for patient in [&patients[0], &patients[1], &patients[0]] {
        views(&nurse, patient);
    }
    assert!(waiting(&hub).is_empty(), "one person short of the threshold");
    views(&nurse, &patients[2]);
    assert_eq!(waiting(&hub), ["mass-viewing"]);
    assert_eq!(waiting(&hub), ["mass-viewing"], "it is told once");

    let page = manager.get("/alerts");
    assert!(page.html.contains("架空 閲覧") && page.html.contains(&patients[2]), "{}", page.html);
    assert_eq!(nurse.get("/alerts").status, 403);
    assert!(!elsewhere.get("/alerts").html.contains("架空 閲覧"));
    assert!(!namesake.get("/alerts").html.contains(&patients[2]), "nobody is shown one about themselves");
    let id = between(&page.html, "name=\"alert\" value=\"", "\"").to_owned();
    let answer =
        |browser: &Browser<'_>, note: &str| browser.post("/alerts", &[("alert", &id), ("note", note)]);
    assert_eq!(answer(&namesake, "自分で確かめました").status, 404);
    assert_eq!(answer(&elsewhere, "よその施設から確認").status, 404);
    assert_eq!(answer(&manager, "短い").status, 422);
    assert_eq!(answer(&manager, "回診の準備と確かめた").status, 303);
    assert_eq!(answer(&manager, "回診の準備と確かめた").status, 422, "it is answered once");
    assert!(waiting(&hub).is_empty());
    assert!(manager.get("/alerts").html.contains("回診の準備と確かめた"));
    let record = manager.get("/audit").html;
    assert!(record.contains("mass-viewing"), "raised, on record");
}

#[test]
fn a_look_at_a_watched_person_at_oneself_or_at_a_colleague_is_told_and_the_mark_is_shown_to_no_viewer() {
    let hub = Hub::start();
    let patients = consenting(&hub);
    let nurse = signed_in(&hub, "kango.vip", "nurse", HOSPITAL);
    let colleague = signed_in(&hub, "kango.doryo", "nurse", HOSPITAL);
    let manager = signed_in(&hub, "anzen.vip", "safety-manager", HOSPITAL);
    assert_eq!(manager.post("/alerts", &[("watch", "nobody")]).status, 422);
    assert_eq!(manager.post("/alerts", &[("watch", &patients[0])]).status, 303);
    assert_eq!(nurse.post("/alerts", &[("watch", &patients[1])]).status, 403);
    said(&hub, &["alerts", "holder", "kango.vip", "--patient", &patients[1]]);
    views(&nurse, &patients[2]);
    assert!(waiting(&hub).is_empty());
    views(&nurse, &patients[0]);
    assert_eq!(waiting(&hub), ["vip-look"]);
    views(&nurse, &patients[1]);
    views(&colleague, &patients[1]);
    let mut told = waiting(&hub);
    told.sort();
    assert_eq!(told, ["colleague-look", "self-look", "vip-look"]);
    for path in [format!("/patients/{}", patients[0]), "/patients".to_owned()] {
        assert!(!nurse.get(&path).html.contains("見守"), "{path}");
    }
    let own = hub.token("patient", &["--patient", &patients[0]]);
    let seen = hub.page(&own, &format!("/patients/{}/seen-by", patients[0]));
    assert!(!String::from_utf8(seen.body).unwrap().contains("見守"));
    assert_eq!(manager.post("/alerts", &[("unwatch", &patients[0])]).status, 303);
    let listed = said(&hub, &["alerts", "list", "--institution", HOSPITAL]);
    let id = listed.split_whitespace().next().unwrap();
    said(&hub, &["alerts", "close", id, "--note", "電話で本人に確かめた"]);
    assert_eq!(waiting(&hub).len(), 2);
}
