//! The plan for going on (BCP), as it is written, approved and printed.

use jiff::ToSpan;

use crate::access_review::{named, signed_in};
use crate::browser::{Browser, between};
use crate::hub::{CLINIC, HOSPITAL, Hub, renkei_in, today};
use crate::incidents::{bytes_of, read_pdf};

const PLAN: &str = "/safety/bcp";

/// Every chapter, by its address.
fn chapters(browser: &Browser<'_>) -> Vec<String> {
    let page = browser.get(PLAN).html;
    let links = page.split("href=\"/safety/bcp/chapters/").skip(1);
    links.map(|rest| format!("/safety/bcp/chapters/{}", &rest[..rest.find('"').unwrap()])).collect()
}

fn write(browser: &Browser<'_>, address: &str, words: &str) {
    let seen = between(&browser.get(address).html, "name=\"seen\" value=\"", "\"").to_owned();
    let kept = browser.post(address, &[("words", words), ("seen", &seen)]);
    assert_eq!(kept.status, 303, "{}", kept.html);
}

fn write_all(browser: &Browser<'_>) {
    for address in chapters(browser) {
        write(browser, &address, "止まっても診療を続ける。\n\n代わりの手順は各階の緊急箱にある。");
    }
}

fn approve(browser: &Browser<'_>, review_on: &str) -> (u16, String) {
    let seen = between(&browser.get(PLAN).html, "name=\"seen\" value=\"", "\"").to_owned();
    let answer = browser.post(PLAN, &[("seen", &seen), ("review-on", review_on)]);
    (answer.status, answer.html)
}

/// Sends the form with what an author had before them, whether or not the page offered it.
fn approve_seen(browser: &Browser<'_>) -> u16 {
    let page = browser.get(PLAN).html;
    let seen = page.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let fields = [("seen", seen.unwrap_or_default()), ("review-on", &in_days(300))];
    browser.post(PLAN, &fields).status
}

fn in_days(days: i32) -> String {
    today().saturating_add(days.days()).to_string()
}

/// What the plan proves: the verdict of its own evidence, as the page of an item shows it.
fn proved(browser: &Browser<'_>) -> String {
    let page = browser.get("/safety/guideline/mhlw6.pm.11.2").html;
    if page.contains(&format!("{HOSPITAL} plan")) { page } else { String::new() }
}

#[test]
fn who_wrote_a_chapter_cannot_approve_and_an_approved_plan_proves_until_its_day() {
    let hub = Hub::start();
    let writer = signed_in(&hub, "unyo.ichi", "system-operator", HOSPITAL);
    let author = signed_in(&hub, "kikaku.ichi", "planning-manager", HOSPITAL);
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    assert!(manager.get(PLAN).html.contains("承認した版はまだありません"));
    let (status, page) = approve(&manager, &in_days(300));
    assert_eq!(status, 422);
    assert!(page.contains("まだ書いていない章があります: 目的と範囲"), "{page}");
    write_all(&writer);
    write(&author, "/safety/bcp/chapters/people", "止める判断は院長がする。夜間は当直の管理者。");
    assert_ne!(approve_seen(&author), 303);
    assert_eq!(approve_seen(&writer), 403, "nor may everybody");
    // The same person with another account.
    let again = named(&hub, "kikaku.ni", "架空 kikaku.ichi", "safety-manager", HOSPITAL);
    let (status, page) = approve(&again, &in_days(300));
    assert!(status == 422 && page.contains("書いた人は承認できません"), "{page}");
    for wrong in ["", "来年", "2020-01-01", "2099-01-01", &today().to_string()] {
        assert_eq!(approve(&manager, wrong).0, 422, "{wrong}");
    }
    assert!(proved(&manager).is_empty(), "a draft proves nothing");
    assert_eq!(approve(&manager, &in_days(300)).0, 303);
    let page = manager.get(PLAN).html;
    assert!(page.contains("第1版") && page.contains("架空 anzen.ichi") && page.contains("有効"), "{page}");
    assert!(proved(&manager).contains("chip-on"));
    let record = manager.get("/audit").html;
    assert!(record.contains("bcp/people") && record.contains("version/1"), "{record}");
    let status = renkei_in(hub.folder.path(), &["safety", "status", "--json", "--institution", HOSPITAL]);
    let status = String::from_utf8(status.stdout).unwrap();
    let line = status.lines().find(|line| line.contains("\"item\":\"s003.6.10.B1\"")).unwrap();
    assert!(line.contains("\"standing\":\"yes\""), "{line}");
}

#[test]
fn a_changed_chapter_is_a_draft_again_and_what_was_approved_goes_on_holding() {
    let hub = Hub::start();
    let writer = signed_in(&hub, "unyo.ichi", "system-operator", HOSPITAL);
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    write_all(&writer);
    assert_eq!(approve(&manager, &in_days(300)).0, 303);
    write(&writer, "/safety/bcp/chapters/backups", "毎晩、七世代を残す。週に一つは金庫に置く。");
    let page = manager.get(PLAN).html;
    assert!(page.contains("承認のあとに変わった章 1") && page.contains("有効"), "{page}");
    if let Some(text) = read_pdf(&bytes_of(&hub, &manager, "/safety/bcp/pdf")) {
        assert!(text.contains("代わりの手順は各階の緊急箱にある"), "{text}");
        assert!(
            text.contains("第1版") && text.contains("架空anzen.ichi") && text.contains("構成図"),
            "{text}"
        );
        assert!(!text.contains("金庫"), "a draft is not printed");
    }
    assert_eq!(approve(&manager, &in_days(200)).0, 303);
    if let Some(text) = read_pdf(&bytes_of(&hub, &manager, "/safety/bcp/pdf")) {
        assert!(text.contains("金庫に置く") && text.contains("第2版"), "{text}");
    }
    let texts = manager.get("/safety/bcp/chapters/backups").html;
    assert!(texts.contains("各階の緊急箱") && texts.contains("金庫"), "no text is lost: {texts}");
}

#[test]
fn of_two_who_write_at_once_the_second_sees_both_texts_and_loses_nothing() {
    let hub = Hub::start();
    let first = signed_in(&hub, "unyo.ichi", "system-operator", HOSPITAL);
    let second = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = "/safety/bcp/chapters/detection";
    assert_eq!(first.post(address, &[("words", "十分以内に責任者へ電話する。"), ("seen", "0")]).status, 303);
    let page = second.post(address, &[("words", "画面の写真を撮ってから電話する。"), ("seen", "0")]);
    assert_eq!(page.status, 409);
    assert!(
        page.html.contains("十分以内に責任者へ") && page.html.contains("写真を撮ってから"),
        "{}",
        page.html
    );
    assert!(page.html.contains("name=\"seen\" value=\"1\""));
    // Who approves what has changed since they read it is told so.
    write_all(&first);
    let manager = signed_in(&hub, "kikaku.ichi", "planning-manager", HOSPITAL);
    let seen = between(&manager.get(PLAN).html, "name=\"seen\" value=\"", "\"").to_owned();
    write(&first, address, "五分以内に責任者へ電話する。");
    let answer = manager.post(PLAN, &[("seen", &seen), ("review-on", &in_days(100))]);
    assert_eq!(answer.status, 409, "{}", answer.html);
}

#[test]
fn what_cannot_be_a_chapter_is_told_and_another_institution_sees_nothing() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = "/safety/bcp/chapters/purpose";
    let long = "長".repeat(100_000);
    for words in ["", "a", long.as_str(), "目的\u{7}と範囲"] {
        let page = manager.post(address, &[("words", words), ("seen", "0")]);
        assert_eq!(page.status, 422);
        assert!(page.html.contains("2〜20000文字") && page.html.contains(words), "what was typed stays");
    }
    assert_eq!(manager.get("/safety/bcp/chapters/no-such").status, 404);
    assert_eq!(manager.post("/safety/bcp/chapters/no-such", &[("words", "本文"), ("seen", "0")]).status, 404);
    write(&manager, address, "<script>alert(1)</script> 当院だけの計画");
    assert!(!manager.get(address).html.contains("<script>alert"));
    let elsewhere = signed_in(&hub, "anzen.yoso", "safety-manager", CLINIC);
    assert!(!elsewhere.get(address).html.contains("当院だけの計画"));
    assert_eq!(elsewhere.get("/safety/bcp/pdf").status, 404);
    let nurse = signed_in(&hub, "kango.ichi", "nurse", HOSPITAL);
    for path in [PLAN, address, "/safety/bcp/pdf"] {
        assert_eq!(nurse.get(path).status, 403, "{path}");
    }
}
