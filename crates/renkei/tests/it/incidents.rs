//! Incidents as those meet them who are in the middle of one.

use std::io::Write;
use std::process::{Command, Stdio};

use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};

use crate::access_review::signed_in;
use crate::browser::{Browser, between};
use crate::hub::{CLINIC, HOSPITAL, Hub, renkei_in};

/// A time so many hours before now, as a form sends it.
#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
fn hours_ago(hours: i64) -> String {
    let at = Timestamp::now() - SignedDuration::from_hours(hours);
    at.to_zoned(TimeZone::fixed(offset(9))).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// Opens one that was noticed so many hours ago; its address.
fn opened(browser: &Browser<'_>, hours: i64, more: &[(&str, &str)]) -> String {
    let at = hours_ago(hours);
    let fields = [
        ("title", "病棟の端末に身代金の画面"),
        ("seen", "3階病棟の端末に英語の画面が出た"),
        ("seen-by", "架空 看護"),
        ("seen-at", at.as_str()),
    ];
    let answer = browser.post("/safety/incidents", &[&fields[..], more].concat());
    assert_eq!(answer.status, 303, "{}", answer.html);
    answer.location.unwrap()
}

fn write(browser: &Browser<'_>, address: &str, deed: &str, about: &str, said: &str, at: &str) -> u16 {
    browser.post(address, &[("deed", deed), ("about", about), ("said", said), ("at", at)]).status
}

/// The newest evidence of the control, as the hospital's items stand by it.
fn item(hub: &Hub, item: &str) -> String {
    let output = renkei_in(hub.folder.path(), &["safety", "status", "--json", "--institution", HOSPITAL]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains(&format!("\"item\":\"{item}\""))).unwrap();
    serde_json::from_str::<serde_json::Value>(line).unwrap()["standing"].as_str().unwrap().to_owned()
}

/// An item that the clock of incidents alone proves.
const ITEM: &str = "bcp.5-6";

#[test]
fn what_is_written_stays_and_is_on_record_and_a_correction_is_a_new_entry() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = opened(&manager, 2, &[]);
    assert_eq!(write(&manager, &address, "do", "hands-off", "", ""), 303);
    assert_eq!(write(&manager, &address, "note", "", "院長に電話した <b>09:10</b>", ""), 303);
    assert_eq!(write(&manager, &address, "correct", "3", "電話したのは 09:20", ""), 303);
    let page = manager.get(&address).html;
    for wanted in ["英語の画面", "院長に電話した &#60;b&#62;", "電話したのは 09:20", "3 番", "card-past"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert_eq!(write(&manager, &address, "undo", "hands-off", "再起動した人がいた", ""), 303);
    let page = manager.get(&address).html;
    assert!(page.contains("再起動した人がいた") && page.contains("時系列（5）"), "nothing was taken out");
    let id = address.rsplit('/').next().unwrap();
    let record = manager.get("/audit").html;
    assert!(record.contains(&format!("incident/{id}")) && record.contains("step-done/hands-off"), "{record}");
    assert!(!record.contains("院長に電話した"), "the record holds a digest, not the words");
}

#[test]
fn an_entry_that_is_altered_in_the_database_no_longer_proves_anything() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = opened(&manager, 1, &[]);
    for question in ["malicious", "personal-data", "service"] {
        assert_eq!(write(&manager, &address, "no", question, "誤報だった", ""), 303);
    }
    assert_eq!(item(&hub, ITEM), "yes");
    let database = rusqlite::Connection::open(hub.folder.path().join("renkei.db")).unwrap();
    let changed =
        database.execute("update incident_entry set said = '何もなかった' where seq = 2", []).unwrap();
    assert_eq!(changed, 1);
    assert_eq!(manager.post("/safety", &[]).status, 303);
    assert_eq!(item(&hub, ITEM), "no", "the digest on record tells of it");
    database.execute("update incident_entry set said = '誤報だった' where seq = 2", []).unwrap();
    assert_eq!(manager.post("/safety", &[]).status, 303);
    assert_eq!(item(&hub, ITEM), "yes");
    database.execute("delete from incident_entry where seq = 4", []).unwrap();
    assert_eq!(manager.post("/safety", &[]).status, 303);
    assert_eq!(item(&hub, ITEM), "no", "what was taken out is missed");
}

#[test]
fn a_duty_past_its_time_turns_its_control_and_a_report_turns_it_back() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    assert_eq!(manager.post("/safety", &[]).status, 303);
    assert_eq!(item(&hub, ITEM), "unconfirmed", "where nothing ever happened nothing was measured");
    // Noticed seven days ago; the leak was known then: the first report was to be made by the fifth day.
    let address = opened(&manager, 24 * 7, &[]);
    assert_eq!(item(&hub, ITEM), "no", "nobody judged for three days");
    let known = hours_ago(24 * 7 - 1);
    assert_eq!(write(&manager, &address, "yes", "malicious", "", &known), 303);
    assert_eq!(write(&manager, &address, "no", "service", "外来は続いている", &known), 303);
    assert_eq!(
        write(&manager, &address, "maybe", "personal-data", "共有フォルダが暗号化された", &known),
        303
    );
    assert_eq!(item(&hub, ITEM), "no");
    let page = manager.get(&address).html;
    assert!(page.contains("mark-high") && page.contains("過ぎています"), "{page}");
    let today = manager.get("/safety").html;
    assert!(today.contains("#duty-"), "{today}");
    assert_eq!(write(&manager, &address, "report", "ppc-first", "報告フォーム 受付 0001", ""), 303);
    assert_eq!(item(&hub, ITEM), "yes", "late, but done; the full report has sixty days");
    let page = manager.get(&address).html;
    assert!(page.contains("期限のあとに報告") && page.contains("受付 0001"), "{page}");
}

#[test]
fn it_is_closed_only_once_every_judgement_and_duty_has_an_answer_and_its_actions_stand_on_today() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = opened(&manager, 3, &[]);
    let page = manager.post(&address, &[("deed", "close"), ("said", "誤報だった")]);
    assert_eq!(page.status, 422);
    assert!(page.html.contains("個人データが漏れた") && page.html.contains("誤報だった"), "{}", page.html);
    for question in ["malicious", "personal-data", "service"] {
        assert_eq!(write(&manager, &address, "no", question, "事業者の更新作業だった", ""), 303);
    }
    assert_eq!(
        write(&manager, &address, "close", "", "誤報だった", ""),
        422,
        "nobody told executive and vendor"
    );
    assert_eq!(write(&manager, &address, "report", "executive", "電話で院長に", ""), 303);
    assert_eq!(write(&manager, &address, "waive", "vendor", "事業者が知らせてきた", ""), 303);
    let plan = [
        ("deed", "plan"),
        ("said", "更新作業の予告を前日に受け取る"),
        ("who", "架空 情報"),
        ("due", &crate::hub::today().to_string()),
    ];
    assert_eq!(manager.post(&address, &plan).status, 303);
    assert!(manager.get("/safety").html.contains("更新作業の予告を前日に受け取る"));
    // Only who answers for safety closes.
    let operator = signed_in(&hub, "unyo.ichi", "system-operator", HOSPITAL);
    assert_eq!(write(&operator, &address, "note", "", "ログを確かめた", ""), 303);
    assert_eq!(write(&operator, &address, "close", "", "誤報だった", ""), 403);
    assert_eq!(write(&manager, &address, "close", "", "誤報だった", ""), 303);
    assert_eq!(write(&manager, &address, "note", "", "まだ書く", ""), 422);
    let page = manager.get(&address).html;
    let seq =
        between(&page, "name=\"deed\" value=\"finish\"><input type=\"hidden\" name=\"about\" value=\"", "\"");
    assert_eq!(write(&manager, &address, "finish", seq, "", ""), 303);
    assert!(!manager.get("/safety").html.contains("更新作業の予告を前日に受け取る"));
    assert_eq!(item(&hub, ITEM), "yes");
}

#[test]
fn a_drill_counts_no_duty_against_anybody_and_proves_once_it_is_over() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = opened(&manager, 24 * 20, &[("drill", "yes")]);
    assert_eq!(item(&hub, ITEM), "unconfirmed");
    assert!(!manager.get("/safety").html.contains("#question-"));
    for (deed, about) in
        [("no", "malicious"), ("no", "personal-data"), ("no", "service"), ("report", "executive")]
    {
        assert_eq!(write(&manager, &address, deed, about, "訓練で行った", ""), 303);
    }
    assert_eq!(write(&manager, &address, "report", "vendor", "訓練で行った", ""), 303);
    assert_eq!(write(&manager, &address, "close", "", "予定どおり終わった", ""), 303);
    assert_eq!(item(&hub, ITEM), "yes");
}

#[test]
fn another_institution_sees_nothing_of_it_and_who_takes_no_care_of_safety_neither() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = opened(&manager, 1, &[]);
    let elsewhere = signed_in(&hub, "anzen.yoso", "safety-manager", CLINIC);
    assert_eq!(elsewhere.get(&address).status, 404);
    assert_eq!(write(&elsewhere, &address, "note", "", "よそから書く", ""), 404);
    assert!(!elsewhere.get("/safety/incidents").html.contains("身代金の画面"));
    let clerk = signed_in(&hub, "jimu.ichi", "clerk", HOSPITAL);
    for path in ["/safety/incidents", address.as_str(), "/safety/incidents/papers", "/safety/contacts"] {
        assert_eq!(clerk.get(path).status, 403, "{path}");
    }
    let executive = signed_in(&hub, "kakuu.incho", "executive", HOSPITAL);
    let page = executive.get(&address);
    assert!(page.status == 200 && !page.html.contains("name=\"deed\""));
    assert_eq!(write(&executive, &address, "note", "", "見るだけの人が書く", ""), 403);
}

#[test]
fn what_cannot_be_is_told_and_what_was_typed_stays() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let long = "長".repeat(100_000);
    let (now, ahead, ago) = (hours_ago(0), hours_ago(-48), hours_ago(24 * 400));
    for (title, seen, at, told) in [
        ("", "見た", now.as_str(), "2〜80文字"),
        ("電子カルテ", "", now.as_str(), "2〜4000文字"),
        ("電子カルテ", long.as_str(), now.as_str(), "2〜4000文字"),
        ("電子カルテ", "画面", ahead.as_str(), "まだ来ていない時刻"),
        ("電子カルテ", "画面", ago.as_str(), "1年より前"),
        ("電子カルテ", "画面", "昨日", "時刻を正しく"),
        ("電子カルテ", "画面\u{0}", now.as_str(), "2〜4000文字"),
    ] {
        let fields = [("title", title), ("seen", seen), ("seen-by", "架空 看護"), ("seen-at", at)];
        let page = manager.post("/safety/incidents", &fields);
        assert_eq!(page.status, 422, "{told}");
        assert!(page.html.contains(told) && page.html.contains(&format!("value=\"{title}\"")), "{told}");
    }
    let address = opened(&manager, 5, &[]);
    for (deed, about, said, at, told) in [
        ("report", "ppc-first", "電話で", hours_ago(6), "気づいた時刻より前"),
        ("report", "ppc-first", "電話で", hours_ago(-2), "まだ来ていない時刻"),
        ("report", "ppc-first", "", String::new(), "2〜4000文字"),
        ("report", "nobody", "電話で", String::new(), "いまはできない"),
        ("note", "", "", String::new(), "2〜4000文字"),
        ("do", "no-such-step", "", String::new(), "いまはできない"),
        ("correct", "99", "訂正する", String::new(), "いまはできない"),
        ("phase", "peace", "", String::new(), "いまはできない"),
        ("dance", "", "", String::new(), "いまはできない"),
    ] {
        let page = manager.post(&address, &[("deed", deed), ("about", about), ("said", said), ("at", &at)]);
        assert_eq!(page.status, 422, "{deed} {about} {at}");
        assert!(page.html.contains(told), "{deed} {told}: {}", page.html);
    }
    let page = manager.post(&address, &[("deed", "note"), ("said", &long)]);
    assert!(page.status == 422 && page.html.contains(&long), "what was typed stays");
    assert_eq!(manager.get("/safety/incidents/0000").status, 404);
    // What is found in a log may be older than what anybody noticed.
    assert_eq!(write(&manager, &address, "note", "", "VPN装置に不審な接続の記録", &hours_ago(30)), 303);
}

#[test]
fn two_who_write_at_once_are_both_kept() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let address = opened(&manager, 1, &[]);
    let config = || ureq::Agent::new_with_config(ureq::Agent::config_builder().max_redirects(0).build());
    let (url, cookie) = (format!("{}{address}", hub.url), manager.cookie());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (url, cookie, agent) = (&url, &cookie, config());
            scope.spawn(move || {
                for index in 0..5 {
                    let form = [("deed", "note".to_owned()), ("said", format!("記録{writer}の{index}"))];
                    let sent = agent.post(url).header("cookie", cookie).header("origin", hub_origin(url));
                    assert_eq!(sent.send_form(form).unwrap().status().as_u16(), 303);
                }
            });
        }
    });
    let page = manager.get(&address).html;
    assert!(page.contains("時系列（21）"), "{page}");
    assert!(page.matches("記録").count() >= 20);
}

fn hub_origin(url: &str) -> String {
    url.split('/').take(3).collect::<Vec<_>>().join("/")
}

#[test]
fn a_call_test_is_kept_beside_the_earlier_ones_and_who_was_not_reached_turns_the_control() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    for (role, kind) in [
        ("警察の窓口", "police"),
        ("保守の窓口", "vendor"),
        ("厚生労働省", "ministry"),
        ("個人情報保護委員会", "ppc"),
        ("院長", "internal"),
    ] {
        let row = [("contact-role", role), ("contact-kind", kind), ("phone", "000-1111-0001")];
        assert_eq!(manager.post("/safety/registers/contacts", &row).status, 303);
    }
    let page = manager.get("/safety/contacts").html;
    let places: Vec<usize> = ["院長", "保守の窓口", "厚生労働省", "個人情報保護委員会", "警察の窓口"]
        .iter()
        .map(|role| page.find(role).unwrap())
        .collect();
    assert!(places.is_sorted(), "inside first, then who mends, then authorities: {places:?}");
    let test = |outcome: &str| -> Vec<(String, String)> {
        let page = manager.get("/safety/contacts").html;
        let rows = page.split("name=\"version-").skip(1);
        rows.flat_map(|row| {
            let (id, version) = (&row[..32], between(row, "value=\"", "\""));
            [(format!("reached-{id}"), outcome.to_owned()), (format!("version-{id}"), version.to_owned())]
        })
        .collect()
    };
    let post = |fields: &[(String, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        manager.post("/safety/contacts", &fields)
    };
    let stale = test("yes");
    assert_eq!(post(&stale).status, 303);
    assert_eq!(manager.post("/safety", &[]).status, 303);
    let control = || manager.get("/safety/guideline/bcp.1-2.1").html;
    assert!(control().contains("chip-on"), "{}", control());
    let page = post(&stale);
    assert_eq!(page.status, 409, "the register changed since");
    let mut second = test("yes");
    second[0].1 = "no".to_owned();
    assert_eq!(post(&second).status, 303);
    let page = manager.get("/safety/contacts").html;
    assert!(page.contains("には通じなかった"), "{page}");
    assert_eq!(manager.post("/safety", &[]).status, 303);
    assert!(control().contains("確かめたときに通じなかった連絡先です"), "{}", control());
    let id = second[0].0.strip_prefix("reached-").unwrap();
    let row = manager.get(&format!("/safety/registers/contacts/{id}")).html;
    assert!(row.matches("電話して確かめた").count() >= 2, "both tests are in its history: {row}");
    assert_eq!(manager.post("/safety/contacts", &[]).status, 422);
}

/// What a PDF says, by poppler, without the space that typesetting puts between letters; none where that is not
/// installed.
pub(crate) fn read_pdf(bytes: &[u8]) -> Option<String> {
    let mut reader = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    reader.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().split_whitespace().collect())
}

/// What an address answers, as bytes.
pub(crate) fn bytes_of(hub: &Hub, browser: &Browser<'_>, path: &str) -> Vec<u8> {
    let request = ureq::get(format!("{}{path}", hub.url)).header("cookie", browser.cookie());
    request.call().unwrap().body_mut().read_to_vec().unwrap()
}

#[test]
fn the_set_on_paper_holds_contacts_steps_duties_diagram_and_forms() {
    let hub = Hub::start();
    let manager = signed_in(&hub, "anzen.ichi", "safety-manager", HOSPITAL);
    let row = [("contact-role", "保守の窓口"), ("contact-kind", "vendor"), ("phone", "000-1111-0001")];
    assert_eq!(manager.post("/safety/registers/contacts", &row).status, 303);
    let device = [
        ("label", "SV-EMR-01"),
        ("device-kind", "server"),
        ("place", "地下1階サーバ室"),
        ("zone", "medical"),
        ("updated-by", "institution"),
    ];
    assert_eq!(manager.post("/safety/registers/devices", &device).status, 303);
    let bytes = bytes_of(&hub, &manager, "/safety/incidents/papers");
    assert_eq!(&bytes[..5], b"%PDF-");
    let Some(text) = read_pdf(&bytes) else { return eprintln!("left out: pdftotext is not installed") };
    for wanted in [
        "000-1111-0001",
        "バックアップへの線を抜く",
        "個人情報保護委員会速報",
        "SV-EMR-01",
        "様式3処方",
        "様式1患者の確認",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}
