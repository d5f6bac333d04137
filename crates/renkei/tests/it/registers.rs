//! Registers of safety management, as those who keep them and those who ask meet them.

use crate::access_review::{named, signed_in};
use crate::browser::{Browser, Page, between};
use crate::hub::{CLINIC, HOSPITAL, Hub, encoded};

const VPN: &[(&str, &str)] = &[
    ("label", "NW-VPN-01"),
    ("device-kind", "vpn"),
    ("maker", "架空ネットワークス"),
    ("os", "KakuuOS"),
    ("version", "7.0"),
    ("place", "地下1階サーバ室"),
    ("zone", "dmz"),
    ("updated-by", "vendor"),
    ("last-patch", "2021/4/1"),
    ("support-end", "2022-03-31"),
];

const TAKE_OUT: &[(&str, &str)] = &[
    ("what", "訪問診療の患者一覧"),
    ("medium", "usb"),
    ("content", "patients"),
    ("patients", "１２"),
    ("purpose", "訪問診療"),
    ("destination", "架空市の患者宅"),
    ("taken-by", "架空 医師"),
    ("encrypted", "yes"),
    ("from", "2026-01-05"),
    ("due", "2026-01-06"),
];

/// Fields with some of them changed.
fn with<'f>(fields: &[(&'f str, &'f str)], changed: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let kept = fields.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    kept.chain(changed).copied().collect()
}

/// Makes a row; its address.
fn made(browser: &Browser<'_>, register: &str, fields: &[(&str, &str)]) -> String {
    let page = browser.post(&format!("/safety/registers/{register}"), fields);
    assert_eq!(page.status, 303, "{}", page.html);
    page.location.unwrap()
}

fn version(page: &Page) -> String {
    between(&page.html, "name=\"row-version\" value=\"", "\"").to_owned()
}

/// Moves a row on, as whoever has it before them.
fn moved(browser: &Browser<'_>, address: &str, step: &str, note: &str) -> Page {
    let before = browser.get(address);
    let version =
        if before.html.contains("name=\"row-version\"") { version(&before) } else { "1".to_owned() };
    browser.post(address, &[("move", step), ("note", note), ("row-version", &version)])
}

#[test]
fn a_register_refuses_what_cannot_be_and_says_where_and_how_to_mend_it() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "daicho.ichi", "system-operator", HOSPITAL);
    let wrong =
        [("support-end", "2026-02-30"), ("last-patch", "2099-01-01"), ("zone", "どこか"), ("place", "")];
    let page = keeper.post("/safety/registers/devices", &with(VPN, &wrong));
    assert_eq!(page.status, 422);
    for (field, said) in [
        ("support-end", "ない日付は書けません"),
        ("last-patch", "今日より後の日付は書けません"),
        ("zone", "次から選んでください"),
        ("place", "書いてください"),
    ] {
        assert!(page.html.contains(&format!("href=\"#f-{field}\"")), "{field}");
        assert!(
            page.html.contains(&format!("id=\"e-{field}\"")) && page.html.contains(said),
            "{field}: {said}"
        );
    }
    assert!(page.html.contains("NW-VPN-01"), "what was typed stays");
    let page = keeper.post("/safety/registers/devices", &with(VPN, &[("vendor", "知らない会社")]));
    assert!(page.status == 422 && page.html.contains("「事業者と契約」にその名前がありません"));
    assert_eq!(keeper.get("/safety/registers/unknown").status, 404);
    assert!(keeper.get("/safety/registers/devices").html.contains("該当する行はありません"));
}

#[test]
fn a_vpn_device_beyond_its_support_is_found_until_it_is_mended_and_its_history_stays() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "daicho.ichi", "system-operator", HOSPITAL);
    let elsewhere = signed_in(&hub, "daicho.yoso", "system-operator", CLINIC);
    let row = made(&keeper, "devices", VPN);
    let list = keeper.get("/safety/registers/devices");
    assert!(list.html.contains("NW-VPN-01") && list.html.contains("期限超過"));
    let searched = format!("/safety/registers/devices?text={}&overdue=yes", encoded("ｎｗ－ｖｐｎ"));
    assert!(keeper.get(&searched).html.contains("NW-VPN-01"));
    assert!(keeper.get("/safety/findings").html.contains("サポートが終わったVPN装置です"));
    assert_eq!(elsewhere.get(&row).status, 404, "another institution's");
    assert!(!elsewhere.get("/safety/registers/devices").html.contains("NW-VPN-01"));
    let mended = with(VPN, &[("support-end", "2099-03-31"), ("row-version", "1")]);
    let kept = keeper.post(&row, &mended);
    assert_eq!(kept.status, 303, "{}", kept.html);
    assert!(!keeper.get("/safety/findings").html.contains("サポートが終わったVPN装置です"));
    let page = keeper.get(&row);
    assert!(page.html.contains("2022-03-31 → 2099-03-31"), "{}", page.html);
    assert!(keeper.get("/safety/registers").html.contains("機器・ソフトウェア"));
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    assert!(manager.get("/audit").html.contains("台帳の記入"), "on record");
}

#[test]
fn of_two_who_change_a_row_at_once_the_second_sees_both_and_loses_nothing() {
    let hub = Hub::start();
    let first = named(&hub, "daicho.ichi", "架空 一郎", "system-operator", HOSPITAL);
    let second = named(&hub, "daicho.ni", "架空 二郎", "safety-manager", HOSPITAL);
    let contact = [("contact-role", "保守窓口"), ("contact-kind", "vendor"), ("phone", "000-0000-0001")];
    let row = made(&first, "contacts", &contact);
    let change = |browser: &Browser<'_>, phone: &str, version: &str| {
        browser.post(&row, &with(&contact, &[("phone", phone), ("row-version", version)]))
    };
    assert_eq!(change(&first, "000-0000-0002", "1").status, 303);
    let page = change(&second, "000-0000-0003", "1");
    assert_eq!(page.status, 409);
    assert!(page.html.contains("000-0000-0003"), "what the second wrote");
    assert!(
        page.html.contains("架空 一郎") && page.html.contains("相手の記入：000-0000-0002"),
        "{}",
        page.html
    );
    assert_eq!(change(&second, "000-0000-0003", "2").status, 303);
}

#[test]
fn what_is_taken_out_is_approved_by_another_and_stays_found_until_it_is_back() {
    let hub = Hub::start();
    let doctor = named(&hub, "ishi.ichi", "架空 医師", "clinician", HOSPITAL);
    let colleague = named(&hub, "kango.ni", "架空 看護", "nurse", HOSPITAL);
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let namesake = named(&hub, "anzen.onaji", "架空 医師", "safety-manager", HOSPITAL);
    let row = made(&doctor, "take-outs", TAKE_OUT);
    assert_eq!(colleague.get(&row).status, 404, "whoever works there sees their own alone");
    assert_eq!(doctor.get("/safety/registers").status, 403);
    assert_eq!(moved(&doctor, &row, "approve", "").status, 403);
    assert_eq!(moved(&namesake, &row, "approve", "").status, 403, "by name too");
    assert_eq!(moved(&manager, &row, "return", "").status, 409, "not out yet");
    assert_eq!(moved(&manager, &row, "approve", "").status, 303);
    let change = with(TAKE_OUT, &[("encrypted", "no"), ("row-version", "2")]);
    assert_eq!(doctor.post(&row, &change).status, 409, "what was approved stays as it was approved");
    assert_eq!(moved(&manager, &row, "hand-over", "").status, 303);
    let found = |browser: &Browser<'_>| browser.get("/safety/findings").html.contains("訪問診療の患者一覧");
    assert!(found(&manager), "overdue");
    assert_eq!(moved(&doctor, &row, "lose", "").status, 422, "a loss is told of");
    assert_eq!(moved(&doctor, &row, "lose", "駅のホームで鞄ごと置き忘れた").status, 303);
    assert!(manager.get("/safety/findings").html.contains("紛失の処置が終わっていません"));
    assert_eq!(moved(&manager, &row, "recover", "駅の窓口で受け取り、封も開いていない").status, 303);
    assert!(!found(&manager));
    let page = manager.get(&row);
    assert!(page.html.contains("駅のホームで鞄ごと置き忘れた") && page.html.contains("返却済み"));
}

#[test]
fn what_is_missing_altogether_is_found_and_no_name_stands_for_a_patient() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let page = manager.get("/safety/findings");
    assert!(page.html.contains("警察の連絡先がありません"), "{}", page.html);
    let loan = [
        ("label", "血圧計-03"),
        ("model", "架空BP-1"),
        ("chart", "0012345"),
        ("lent-on", "2026-01-05"),
        ("due", "2099-01-05"),
    ];
    made(&manager, "loans", &loan);
    assert!(manager.get("/safety/findings").html.contains("同意の記録がない貸出しです"));
    let named = manager.post("/safety/registers/loans", &with(&loan, &[("chart", "架空 花子")]));
    assert!(named.status == 422 && named.html.contains("氏名は書けません"));
}

#[test]
fn a_sheet_is_looked_at_first_and_brought_in_as_a_whole_or_not_at_all() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "daicho.ichi", "system-operator", HOSPITAL);
    let nurse = signed_in(&hub, "kango.ichi", "nurse", HOSPITAL);
    made(&keeper, "devices", VPN);
    let exported = keeper.get("/safety/registers/devices/export/csv").html;
    assert!(exported.contains("管理番号") && exported.contains("VPN装置"), "{exported}");
    assert_eq!(nurse.get("/safety/registers/devices/export/csv").status, 403);
    assert_eq!(keeper.get("/safety/registers/devices/export/xlsx").status, 200);
    assert_eq!(keeper.get("/safety/registers/devices/export/pdf").status, 404);
    let import = |list: &str| keeper.post("/safety/registers/devices/import", &[("file", list)]);
    let bad = "管理番号,種別,所在,最終更新日\r\nPC-1,PC,受付,2026-01-05\r\n=1+1,PC,,2099-01-01\r\n";
    let page = import(bad);
    assert_eq!(page.status, 422, "{}", page.html);
    assert!(page.html.contains("<td class=\"number\">3</td><td>所在</td>"), "{}", page.html);
    assert!(page.html.contains("今日より後の日付は書けません"));
    assert!(!keeper.get("/safety/registers/devices").html.contains("PC-1"), "nothing was brought in");
    let good = "管理番号,種別,所在,最終更新日\r\nPC-1,PC,受付,2026-01-05\r\n=1+1,PC,倉庫,\r\n";
    let page = import(good);
    assert!(page.status == 200 && page.html.contains("2行が変わります"), "{}", page.html);
    assert!(!keeper.get("/safety/registers/devices").html.contains("PC-1"), "only looked at");
    let done = keeper.post("/safety/registers/devices/import", &[("list", good)]);
    assert_eq!(done.status, 303, "{}", done.html);
    let list = keeper.get("/safety/registers/devices").html;
    assert!(list.contains("PC-1") && list.contains("=1+1"));
    let exported = keeper.get("/safety/registers/devices/export/csv").html;
    assert!(exported.contains("'=1+1"), "a formula is disarmed: {exported}");
    let again = import(&exported);
    assert!(
        again.html.contains("0行が変わります") && again.html.contains("変わらない行：3"),
        "{}",
        again.html
    );
    let macros = keeper.post("/safety/registers/devices/import", &[("file", "")]);
    assert!(macros.status == 422 && macros.html.contains("空のファイル"));
}
