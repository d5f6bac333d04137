//! Inspection packs: made in one act, handed over, read by an inspector until an end.

use crate::access_review::signed_in;
use crate::browser::{Browser, between};
use crate::hub::{CLINIC, HOSPITAL, Hub, today};

/// Has a pack made and waits for it; its address.
fn made(browser: &Browser<'_>) -> String {
    let began = browser.post("/safety/packs", &[]);
    assert_eq!(began.status, 303, "{}", began.html);
    let address = began.location.unwrap();
    for _ in 0..600 {
        let page = browser.get(&address);
        assert_eq!(page.status, 200, "{}", page.html);
        if !page.html.contains("<progress") {
            assert!(page.html.contains("checklist.pdf"), "{}", page.html);
            return address;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("no pack within a minute");
}

/// What an address answers to a browser, as bytes.
fn taken(hub: &Hub, browser: &Browser<'_>, path: &str) -> (u16, Vec<u8>) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
    let agent = ureq::Agent::new_with_config(config);
    let request = agent.get(format!("{}{path}", hub.url)).header("cookie", browser.cookie());
    let mut answer = request.call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_vec().unwrap())
}

#[test]
fn a_pack_is_made_in_one_act_and_holds_form_oscal_evidence_record_and_hashes() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "kakuu.kikaku", "planning-manager", HOSPITAL);
    let address = made(&manager);
    let (status, bytes) = taken(&hub, &manager, &format!("{address}/archive"));
    assert_eq!(status, 200);
    let names: Vec<String> = safety::pack::contents(&bytes).into_iter().map(|(name, _)| name).collect();
    for wanted in
        ["checklist.xlsx", "checklist.pdf", "oscal/assessment-results.json", "record/acts.csv", "SHA256SUMS"]
    {
        assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:?}");
    }
    let again = made(&manager);
    let (_, bytes) = taken(&hub, &manager, &format!("{again}/archive"));
    let record = String::from_utf8(safety::pack::file(&bytes, "record/acts.csv").unwrap()).unwrap();
    assert!(record.contains("made") && record.contains("taken"), "what was done is in the record: {record}");
    assert!(manager.get("/safety/packs").html.contains("kakuu.kikaku"));
}

#[test]
fn a_pack_is_for_those_who_answer_for_safety_at_that_institution() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "kakuu.kikaku", "planning-manager", HOSPITAL);
    let address = made(&manager);
    let executive = signed_in(&hub, "kakuu.incho", "executive", HOSPITAL);
    assert_eq!(executive.get(&address).status, 200);
    assert_eq!(executive.post("/safety/packs", &[]).status, 403);
    assert_eq!(executive.get(&format!("{address}/archive")).status, 403);
    let other = signed_in(&hub, "kakuu.tanin", "planning-manager", CLINIC);
    assert_eq!(other.get(&address).status, 404);
    assert_eq!(other.get(&format!("{address}/archive")).status, 404);
    let nurse = signed_in(&hub, "kakuu.kango", "nurse", HOSPITAL);
    assert_eq!(nurse.get("/safety/packs").status, 403);
}

#[test]
fn an_inspector_reads_one_pack_by_a_link_until_it_is_ended_and_each_look_is_on_record() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "kakuu.kikaku", "planning-manager", HOSPITAL);
    let address = made(&manager);
    for (reader, until) in
        [("", today().to_string()), ("架空保健所", "2020-01-01".to_owned()), ("架空保健所", "x".to_owned())]
    {
        assert_eq!(manager.post(&address, &[("reader", reader), ("until", &until)]).status, 422);
    }
    let given =
        manager.post(&address, &[("reader", "架空保健所 保健 太郎"), ("until", &today().to_string())]);
    let link = format!("/inspection/{}", between(&given.html, "/inspection/", "<"));
    assert!(!manager.get(&address).html.contains(&link), "the address is shown once");
    let inspector = Browser::of(&hub);
    let page = inspector.get(&link);
    assert_eq!(page.status, 200, "{}", page.html);
    assert!(
        page.html.contains("oscal/catalog.json")
            && !page.html.contains("<form method=\"post\" action=\"/safety")
    );
    let (status, bytes) = taken(&hub, &inspector, &format!("{link}/file?name=checklist.pdf"));
    assert_eq!((status, &bytes[..5]), (200, &b"%PDF-"[..]));
    let (status, bytes) = taken(&hub, &inspector, &format!("{link}/file"));
    assert_eq!((status, &bytes[..2]), (200, &b"PK"[..]));
    assert_eq!(inspector.get(&format!("{link}/file?name=../x")).status, 404);
    let shown = manager.get(&address).html;
    assert!(shown.contains("架空保健所 保健 太郎"), "{shown}");
    let id = between(&shown, "name=\"end\" value=\"", "\"").to_owned();
    assert_eq!(manager.post(&address, &[("end", &id)]).status, 303);
    assert_eq!(inspector.get(&link).status, 410);
    assert_eq!(inspector.get(&format!("{link}/file")).status, 410);
    assert_eq!(inspector.get("/inspection/0000").status, 410, "nobody learns whether a link ever was");
    let (_, bytes) = taken(&hub, &manager, &format!("{}/archive", made(&manager)));
    let record = String::from_utf8(safety::pack::file(&bytes, "record/acts.csv").unwrap()).unwrap();
    assert_eq!(record.lines().filter(|line| line.contains("架空保健所 保健 太郎")).count(), 4, "{record}");
}
