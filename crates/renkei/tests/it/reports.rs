//! Reports of other machines: signed for real, over HTTP, with everything that is wrong with those that are refused.

use std::sync::Barrier;

use encoding_rs::SHIFT_JIS;
use identity::app::{Curve, SigningKey};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::access_review::signed_in;
use crate::browser::Browser;
use crate::hub::{Answer, CLINIC, HOSPITAL, Hub, renkei_in, today};
use crate::smart::now;

const REPORTS: &str = "/api/v1/safety/reports";

/// A machine that was registered.
struct Machine {
    key: SigningKey,
    page: String,
}

fn registered(keeper: &Browser<'_>, name: &str, more: &[(&str, &str)]) -> Machine {
    let (key, _) = SigningKey::generate(Curve::P256).unwrap();
    let jwk = key.jwk().to_string();
    let page = keeper.post("/safety/reporters", &[&[("name", name), ("jwk", &jwk)], more].concat());
    assert_eq!(page.status, 303, "{}", page.html);
    Machine { key, page: page.location.unwrap() }
}

fn said(iat: i64, jti: &str, measured: &Value) -> Value {
    json!({"iat": iat, "jti": jti, "measured": measured})
}

fn sent(hub: &Hub, message: &str) -> Answer {
    hub.post_as("-", REPORTS, message.as_bytes(), "application/jose").unwrap()
}

/// Reports now.
fn report(hub: &Hub, from: &Machine, jti: &str, measured: &Value) -> Answer {
    sent(hub, &from.key.signed("renkei-report", &said(now(), jti, measured)).unwrap())
}

fn day(ago: i64) -> String {
    today().checked_sub(jiff::SignedDuration::from_hours(24 * ago)).unwrap().to_string()
}

/// Where an item stands, after the checks of the hospital ran.
fn standing(hub: &Hub, item: &str) -> String {
    let folder = hub.folder.path();
    let ran = renkei_in(folder, &["safety", "check", "--institution", HOSPITAL]);
    assert!(matches!(ran.status.code(), Some(0 | 1)));
    let output = renkei_in(folder, &["safety", "status", "--json", "--institution", HOSPITAL]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains(&format!("\"item\":\"{item}\""))).unwrap();
    serde_json::from_str::<Value>(line).unwrap()["standing"].as_str().unwrap().to_owned()
}

#[test]
fn a_signed_report_proves_what_it_measured_and_is_shown_with_its_time() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "kanri.hokoku", "system-operator", HOSPITAL);
    let expected = [("ports", "22, 443"), ("administrators", "kanri01")];
    let machine = registered(&keeper, "3階東病棟PC-03", &expected);
    assert!(keeper.get("/safety/reporters").html.contains("未着"));
    let measured = json!({
        "os": {"name": "架空OS", "version": "12"},
        "updated_on": day(3),
        "portable": true,
        "disk_encryption": "some",
        "antivirus": {"name": "架空アンチウイルス", "signatures_on": day(1)},
        "local_administrators": ["kanri01"],
        "listening": [{"port": 22, "protocol": "tcp"}, {"port": 23, "protocol": "tcp"}],
    });
    let answer = report(&hub, &machine, "r-1", &measured);
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let told = answer.json();
    let holds = |control: &str| {
        let all = told["controls"].as_array().unwrap();
        all.iter().find(|one| one["control"] == control).unwrap()["holds"].as_bool().unwrap()
    };
    assert!(holds("patch_state") && holds("malware_scan") && holds("admin_inventory"));
    assert!(!holds("takeout_encrypted") && !holds("unneeded_services"));
    let page = keeper.get(&machine.page).html;
    assert!(
        page.contains("架空OS / 12") && page.contains("22/tcp、23/tcp") && page.contains("満たさない"),
        "{page}"
    );
    let list = keeper.get("/safety/reporters").html;
    assert!(list.contains("届いている"), "{list}");
    assert!(keeper.get("/safety").html.contains("報告する機器"));
    assert_eq!(standing(&hub, "mhlw6.op.8.1"), "yes");
    assert_eq!(standing(&hub, "chk.r7.h.2.12"), "no");

    // What is meant is held against from the next report on.
    let kept = keeper.post(&machine.page, &[("ports", "22 23"), ("administrators", "kanri01")]);
    assert_eq!(kept.status, 303, "{}", kept.html);
    assert_eq!(keeper.post(&machine.page, &[("ports", "ssh")]).status, 422);
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(report(&hub, &machine, "r-2", &measured).status, 201);
    assert_eq!(standing(&hub, "chk.r7.h.2.12"), "yes");
}

#[test]
fn what_is_wrong_with_a_report_is_said_and_nothing_of_it_is_kept() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "kanri.hokoku", "system-operator", HOSPITAL);
    let machine = registered(&keeper, "受付PC-01", &[]);
    let (stranger, _) = SigningKey::generate(Curve::P256).unwrap();
    let good = json!({"updated_on": day(1)});
    let signed = |iat: i64, jti: &str, measured: &Value| {
        machine.key.signed("renkei-report", &said(iat, jti, measured)).unwrap()
    };
    let refused = |message: &str, status: u16, code: &str| {
        let answer = sent(&hub, message);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!((answer.status, answer.codes()), (status, vec![code.to_owned()]), "{text}");
    };
    refused(&stranger.signed("x", &said(now(), "r", &good)).unwrap(), 403, "unknown-key");
    let (header, _) =
        signed(now(), "r", &good).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let theirs = stranger.signed("x", &said(now(), "r", &good)).unwrap();
    let (_, rest) = theirs.split_once('.').unwrap();
    refused(&format!("{header}.{rest}"), 403, "signature");
    refused(&signed(now() + 3600, "r", &good), 422, "future");
    refused(&signed(now() - 3600, "r", &good), 422, "old");
    refused(&signed(now(), "r", &json!({"disk_encrypted": true})), 422, "shape");
    refused(&signed(now(), "r", &json!({"updated_on": "2099-01-01"})), 422, "member");
    refused("これは署名ではありません", 400, "not-a-jws");
    refused(&"a".repeat(200_000), 413, "too-large");
    let json = hub.post_as("-", REPORTS, b"{}", "application/json").unwrap();
    assert_eq!(json.status, 415);
    assert!(keeper.get("/safety/reporters").html.contains("未着"), "nothing was kept");

    let taken = signed(now(), "r-1", &good);
    assert_eq!(sent(&hub, &taken).status, 201);
    refused(&taken, 409, "replayed");
    refused(&signed(now() - 5, "r-0", &good), 409, "older");
    let manager = signed_in(&hub, "anzen.hokoku", "safety-manager", HOSPITAL);
    let record = manager.get("/audit").html;
    assert!(record.contains("受付PC-01"), "refusals of a machine that is known are on record");

    let ended = keeper.post(&machine.page, &[("end", "yes")]);
    assert_eq!(ended.status, 303, "{}", ended.html);
    refused(&signed(now() + 1, "r-2", &good), 403, "unknown-key");
    assert!(keeper.get("/safety/reporters").html.contains("終了"));
}

#[test]
fn of_one_report_sent_many_times_at_once_one_is_taken() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "kanri.hokoku", "system-operator", HOSPITAL);
    let machine = registered(&keeper, "受付PC-01", &[]);
    let message = machine.key.signed("x", &said(now(), "r-1", &json!({"updated_on": day(1)}))).unwrap();
    let start = Barrier::new(6);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    sent(&hub, &message).status
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
}

#[test]
fn a_device_in_no_register_that_a_machine_saw_turns_the_items_and_registering_it_turns_them_back() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "kanri.hokoku", "system-operator", HOSPITAL);
    let device = |label: &str, more: &[(&str, &str)]| {
        let fields = [
            ("label", label),
            ("device-kind", "pc"),
            ("maker", "架空電機"),
            ("os", "架空OS"),
            ("version", "12"),
            ("place", "3階東病棟"),
            ("zone", "internal"),
            ("updated-by", "institution"),
            ("support-end", "2099-03-31"),
            ("stocktaken-on", &day(1)),
            ("last-patch", &day(1)),
        ];
        let made = keeper.post("/safety/registers/devices", &[&fields[..], more].concat());
        assert_eq!(made.status, 303, "{}", made.html);
    };
    // The browsers of these tests come from here.
    device("PC-3E-03", &[("address", "127.0.0.1"), ("mac", "02:00:5E:10:00:03")]);
    let machine = registered(&keeper, "3階東病棟PC-03", &[("device", "PC-3E-03")]);
    let item = "bcp.1-1.1";
    assert_eq!(standing(&hub, item), "yes");
    let seen = json!({"seen": [
        {"address": "192.0.2.3", "mac": "02-00-5e-10-00-03"},
        {"address": "192.0.2.77", "mac": "02:00:5e:10:00:77", "hostname": "fumei-01"},
    ]});
    assert_eq!(report(&hub, &machine, "r-1", &seen).status, 201);
    let found = keeper.get("/safety/findings").html;
    assert!(
        found.contains("台帳にない機器") && found.contains("192.0.2.77 02:00:5e:10:00:77 fumei-01"),
        "{found}"
    );
    assert!(!found.contains("192.0.2.3 "), "what is registered is no finding");
    assert_eq!(standing(&hub, item), "no");
    device("WS-5F-07", &[("mac", "0200.5e10.0077")]);
    assert!(!keeper.get("/safety/findings").html.contains("192.0.2.77"));
    assert_eq!(standing(&hub, item), "yes");
}

#[test]
fn a_machine_is_registered_by_those_who_keep_registers_with_a_key_of_its_own() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "kanri.hokoku", "system-operator", HOSPITAL);
    let nurse = signed_in(&hub, "kango.hokoku", "nurse", HOSPITAL);
    let auditor = signed_in(&hub, "kansa.hokoku", "auditor", HOSPITAL);
    let elsewhere = signed_in(&hub, "kanri.yoso", "system-operator", CLINIC);
    let machine = registered(&keeper, "受付PC-01", &[]);
    assert_eq!(nurse.get("/safety/reporters").status, 403);
    assert_eq!(auditor.get(&machine.page).status, 200);
    assert_eq!(auditor.post(&machine.page, &[("end", "yes")]).status, 403);
    assert_eq!(elsewhere.get(&machine.page).status, 404);
    assert_eq!(elsewhere.post(&machine.page, &[("end", "yes")]).status, 404);
    let wrong = |name: &str, jwk: &str, device: &str, ports: &str, said: &str| {
        let page = keeper
            .post("/safety/reporters", &[("name", name), ("jwk", jwk), ("device", device), ("ports", ports)]);
        assert_eq!(page.status, 422);
        assert!(page.html.contains(said), "{said}: {}", page.html);
    };
    let (fresh, _) = SigningKey::generate(Curve::P256).unwrap();
    let jwk = fresh.jwk().to_string();
    wrong("", &jwk, "", "", "名前を1〜60文字で");
    wrong("PC", "{}", "", "", "P-256 の公開鍵");
    wrong("PC", &machine.key.jwk().to_string(), "", "", "この鍵は前に登録されています");
    wrong("PC", &jwk, "PC-9999", "", "機器台帳に");
    wrong("PC", &jwk, "", "ssh", "ポートを読めません");
    let mut private = fresh.jwk();
    private["d"] = json!("AA");
    wrong("PC", &private.to_string(), "", "", "秘密鍵が貼られました");
}

#[test]
fn a_sheet_of_measurements_is_looked_at_first_and_kept_as_a_whole_or_not_at_all() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "kanri.hokoku", "system-operator", HOSPITAL);
    let bring = |field: &str, list: &str| keeper.post("/safety/reporters/sheet", &[(field, list)]);
    let (today, old) = (day(0), day(200));
    let head = "機器,測定日,ウイルス対策ソフト,定義ファイルの日付,開いているポート,ポートの見込み\r\n";
    let bad = format!("{head}検査PC-1,2099-01-01,,,,\r\n検査PC-2,{today},架空AV,{today},ssh,\r\n");
    let page = bring("file", &bad);
    assert_eq!(page.status, 422, "{}", page.html);
    assert!(page.html.contains("<td class=\"number\">2</td><td>測定日</td><td>今日より後の日付は書けません"));
    let bad = format!("{head}検査PC-2,{today},架空AV,{today},ssh,\r\n検査PC-2,{today},架空AV,,,\r\n");
    let page = bring("file", &bad);
    assert!(
        page.html.contains("<td>開いているポート</td>") && page.html.contains("2行目にもあります"),
        "{}",
        page.html
    );
    assert!(page.html.contains("<td class=\"number\">3</td><td>定義ファイルの日付</td>"));
    let unknown = bring("file", "機器,測定日,気分\r\nPC,2026-01-01,よい\r\n");
    assert!(unknown.status == 422 && unknown.html.contains("気分"));
    let good = format!(
        "{head}検査PC-1,{today},架空AV,{today},22,22\r\n検査PC-2,{today},架空AV,{old},\"22, 23\",22\r\n"
    );
    let page = bring("file", &good);
    assert!(page.status == 200 && page.html.contains("2台を読みました"), "{}", page.html);
    assert!(!keeper.get("/safety").html.contains("取り込んだ一覧表"), "only looked at");
    let (shift_jis, _, _) = SHIFT_JIS.encode(&good);
    let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n";
    let body = [head.as_bytes(), &shift_jis, b"\r\n--x--\r\n"].concat();
    let token = hub.named("架空 情報", "system-operator", HOSPITAL);
    let answer =
        hub.post_as(&token, "/safety/reporters/sheet", &body, "multipart/form-data; boundary=x").unwrap();
    let html = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(answer.status == 200 && html.contains("検査PC-1"), "{html}");
    assert_eq!(bring("list", &good).status, 303);
    let page = keeper.get("/safety").html;
    assert!(page.contains("取り込んだ一覧表") && page.contains("検査PC-2"), "{page}");
    assert_eq!(standing(&hub, "mhlw6.op.8.1"), "no");
}

#[test]
fn the_probe_makes_a_key_shows_what_it_would_report_and_reports_it() {
    let hub = Hub::start();
    let keeper = signed_in(&hub, "kanri.hokoku", "system-operator", HOSPITAL);
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    let key = key.to_str().unwrap();
    let made = renkei_in(folder.path(), &["probe", "key", "--out", key]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(
        !renkei_in(folder.path(), &["probe", "key", "--out", key]).status.success(),
        "no key is written over"
    );
    let jwk = String::from_utf8(made.stdout).unwrap();
    assert!(!jwk.contains("\"d\""));
    let shown = renkei_in(folder.path(), &["--json", "probe", "show"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(shown["os"]["name"].is_string() && shown["listening"].is_array(), "{shown}");
    let to = ["probe", "report", "--key", key, "--to", &hub.url];
    let unknown = renkei_in(folder.path(), &to);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("登録されていない"));
    let page = keeper.post("/safety/reporters", &[("name", "検査室サーバ"), ("jwk", &jwk), ("ports", "-")]);
    assert_eq!(page.status, 303, "{}", page.html);
    let told = renkei_in(folder.path(), &to);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(String::from_utf8_lossy(&told.stderr).contains("検査室サーバ"));
    let out = folder.path().join("report.jws");
    let written =
        renkei_in(folder.path(), &["probe", "report", "--key", key, "--out", out.to_str().unwrap()]);
    assert!(written.status.success());
    assert_eq!(sent(&hub, &std::fs::read_to_string(&out).unwrap()).status, 201, "carried by hand");
    let nowhere = renkei_in(folder.path(), &["probe", "report", "--key", key, "--to", "http://hub.example"]);
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("https"));
    let at = Timestamp::from_second(now()).unwrap();
    assert!(keeper.get(&page.location.unwrap()).html.contains(&at.to_string()[..4]));
}
