//! The guideline's items, as those who answer for them meet them.

use crate::access_review::signed_in;
use crate::hub::{CLINIC, HOSPITAL, Hub};

const MANAGER: &str = "/safety/guideline/chk.r7.h.1.1";
const TIME: &str = "/safety/guideline/mhlw6.op.17.3";

#[test]
fn a_paper_answers_its_item_at_its_own_institution_and_is_on_record() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let elsewhere = signed_in(&hub, "anzen.yoso", "safety-manager", CLINIC);
    assert!(manager.get(MANAGER).html.contains("まだ何も示されていません"));
    let said = [("answer", "yes"), ("reason", "任命書（2026年4月1日、院長）"), ("seen", "0")];
    assert_eq!(manager.post(MANAGER, &said).status, 303);
    let page = manager.get(MANAGER);
    assert!(
        page.html.contains("任命書（2026年4月1日、院長）") && page.html.contains("chip-on"),
        "{}",
        page.html
    );
    assert!(elsewhere.get(MANAGER).html.contains("まだ何も示されていません"));
    let list = manager.get("/safety/guideline?edition=chk&standing=yes");
    assert!(list.html.contains("chk.r7.h.1.1"));
    assert!(manager.get("/audit").html.contains("guideline/chk.r7.h.1.1"), "on record");
}

#[test]
fn of_two_who_answer_at_once_the_second_sees_what_the_first_said_and_loses_nothing() {
    let hub = Hub::start();
    let first = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let second = signed_in(&hub, "kikaku.ichi", "planning-manager", HOSPITAL);
    let yes = [("answer", "yes"), ("reason", "任命書（2026年4月1日、院長）"), ("seen", "0")];
    assert_eq!(first.post(MANAGER, &yes).status, 303);
    let no =
        [("answer", "no"), ("target", "2027-03-31"), ("reason", "後任がまだ決まっていない"), ("seen", "0")];
    let page = second.post(MANAGER, &no);
    assert_eq!(page.status, 409);
    assert!(page.html.contains("その間にほかの人が回答しました"));
    assert!(page.html.contains("任命書") && page.html.contains("後任がまだ決まっていない"));
    assert!(page.html.contains("name=\"seen\" value=\"1\""));
}

#[test]
fn only_evidence_says_yes_to_what_the_system_sees_and_a_no_needs_a_day_ahead() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let yes = [("answer", "yes"), ("reason", "時計は合っていると思う"), ("seen", "0")];
    assert_eq!(manager.post(TIME, &yes).status, 422);
    for target in ["", "来年", "2020-01-01", "2099-01-01"] {
        let no = [("answer", "no"), ("target", target), ("reason", "時刻源を入れ替える"), ("seen", "0")];
        let page = manager.post(TIME, &no);
        assert_eq!(page.status, 422, "{target}");
        assert!(page.html.contains("時刻源を入れ替える"), "what was typed stays");
    }
    let short = [("answer", "not-applicable"), ("reason", "なし"), ("seen", "0")];
    assert_eq!(manager.post(MANAGER, &short).status, 422);
    assert_eq!(manager.get("/safety/guideline/chk.r99").status, 404);
}

#[test]
fn who_takes_no_care_of_safety_sees_none_of_it() {
    let hub = Hub::start();
    let nurse = signed_in(&hub, "kango.ichi", "nurse", HOSPITAL);
    for address in ["/safety/guideline", MANAGER, "/safety/changes", "/safety/path"] {
        assert_eq!(nurse.get(address).status, 403, "{address}");
    }
    let operator = signed_in(&hub, "unyo.ichi", "system-operator", HOSPITAL);
    assert_eq!(operator.get(MANAGER).status, 200);
    let said = [("answer", "yes"), ("reason", "任命書（2026年4月1日、院長）"), ("seen", "0")];
    assert_eq!(operator.post(MANAGER, &said).status, 403);
}

#[test]
fn the_server_that_no_contract_covers_blocks_the_shorter_path_until_the_register_says_otherwise() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let server = [
        ("label", "SV-EMR-01"),
        ("device-kind", "server"),
        ("place", "地下1階サーバ室"),
        ("zone", "medical"),
        ("updated-by", "institution"),
    ];
    let keeper = signed_in(&hub, "daicho.ichi", "system-operator", HOSPITAL);
    assert_eq!(keeper.post("/safety/registers/devices", &server).status, 303);
    let page = manager.get("/safety/path?kind=clinic&operator=no");
    assert!(page.html.contains("短い道をふさいでいるのは「SV-EMR-01」だけです"), "{}", page.html);
    assert!(page.html.contains("システム運用編"));
    let changes = manager.get("/safety/changes?from=6.0&to=7.0");
    assert!(changes.html.contains("第7.0版の原本とまだ照合できていません"));
}
