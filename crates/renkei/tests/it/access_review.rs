//! Access reviews and histories of sign-ins, as managers meet them.

use crate::browser::{Browser, PASSWORD, between};
use crate::hub::{CLINIC, HOSPITAL, Hub, renkei_in, today};

/// Somebody with a name of their own, signed in.
pub(crate) fn signed_in<'h>(hub: &'h Hub, login: &str, role: &str, institution: &str) -> Browser<'h> {
    named(hub, login, &format!("架空 {login}"), role, institution)
}

/// Somebody signed in, under a name.
pub(crate) fn named<'h>(hub: &'h Hub, login: &str, name: &str, role: &str, institution: &str) -> Browser<'h> {
    let arguments =
        ["account", "invite", login, "--name", name, "--role", role, "--institution", institution];
    let link = said(hub, &[&arguments[..], &["--checked", "職員証と対面"]].concat());
    let browser = Browser::of(hub);
    browser.accept(&link[link.find("/invitation/").unwrap()..], PASSWORD);
    browser
}

/// What a command that succeeds says.
pub(crate) fn said(hub: &Hub, arguments: &[&str]) -> String {
    let output = renkei_in(hub.folder.path(), arguments);
    assert!(output.status.success(), "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The id of an account.
pub(crate) fn account(hub: &Hub, login: &str) -> String {
    let accounts = said(hub, &["account", "list", "--json"]);
    let line = accounts.lines().find(|line| line.contains(&format!("\"login\":\"{login}\""))).unwrap();
    between(line, "\"id\":\"", "\"").to_owned()
}

#[test]
fn a_manager_opens_a_review_and_only_another_than_its_holder_answers_for_a_right() {
    let hub = Hub::start();
    let first = signed_in(&hub, "kanri.ichi", "planning-manager", HOSPITAL);
    let second = signed_in(&hub, "anzen.ni", "safety-manager", HOSPITAL);
    let nurse = signed_in(&hub, "kango.san", "nurse", HOSPITAL);
    let elsewhere = signed_in(&hub, "kanri.yoso", "planning-manager", CLINIC);
    let due = today().to_string();
    assert_eq!(nurse.get("/access-reviews").status, 403);
    assert_eq!(nurse.post("/access-reviews", &[("name", "x"), ("due", &due)]).status, 403);
    let past = first.post("/access-reviews", &[("name", "秋"), ("due", "2020-01-01")]);
    assert_eq!(past.status, 422);
    let opened = first.post("/access-reviews", &[("name", "秋の棚卸し"), ("due", &due)]);
    assert_eq!(opened.status, 303, "{}", opened.html);
    let path = opened.location.unwrap();
    let again = first.post("/access-reviews", &[("name", "もう一つ"), ("due", &due)]);
    assert!(again.status == 422 && again.html.contains("終わっていない棚卸し"), "{}", again.html);
    assert!(first.get(&path).html.contains("0 / 3"));
    assert_eq!(elsewhere.get(&path).status, 404, "another institution's is not even told of");
    assert_eq!(elsewhere.get(&format!("{path}/csv")).status, 404);

    let ids = ["kanri.ichi", "anzen.ni", "kango.san"].map(|login| account(&hub, login));
    let answer = |browser: &Browser<'_>, whose: &str, answer: &str, reason: &str| {
        browser.post(&path, &[("account", whose), ("answer", answer), ("reason", reason)])
    };
    let own = answer(&first, &ids[0], "confirm", "");
    assert!(own.status == 403 && own.html.contains("done-by-another"), "{}", own.html);
    assert_eq!(answer(&nurse, &ids[2], "confirm", "").status, 403);
    assert_eq!(answer(&elsewhere, &ids[2], "confirm", "").status, 404);
    assert_eq!(answer(&second, &ids[0], "confirm", "").status, 303);
    assert_eq!(answer(&first, &ids[2], "withdraw", "").status, 422, "a withdrawal says why");
    assert_eq!(answer(&first, &ids[2], "withdraw", "=退職").status, 303);
    assert_eq!(nurse.get("/patients").status, 303, "their session is over");
    assert_eq!(answer(&first, &ids[2], "confirm", "").status, 422, "it is answered once");
    assert!(first.get(&path).html.contains("2 / 3"));
    assert_eq!(answer(&first, &ids[1], "withdraw", "異動").status, 303);
    let csv = first.get(&format!("{path}/csv")).html;
    assert_eq!(csv.lines().count(), 4);
    assert!(csv.contains("\"withdrawn\"") && csv.contains("\"'=退職\""), "{csv}");
    let listed = said(&hub, &["access-review", "list"]);
    assert!(listed.contains("3/3") && listed.contains("秋の棚卸し"), "{listed}");
}

#[test]
fn the_last_who_manages_accounts_cannot_be_withdrawn_and_the_machines_operator_answers_no_institutions_rights()
 {
    let hub = Hub::start();
    let only = signed_in(&hub, "kanri.hitori", "planning-manager", HOSPITAL);
    let second = signed_in(&hub, "anzen.futari", "safety-manager", HOSPITAL);
    let due = today().to_string();
    let open = ["access-review", "open", "--name", "棚卸し", "--due", &due, "--institution", HOSPITAL];
    let id = said(&hub, &open);
    let path = format!("/access-reviews/{id}");
    let ids = ["kanri.hitori", "anzen.futari"].map(|login| account(&hub, login));
    let answer = |browser: &Browser<'_>, whose: &str| {
        browser.post(&path, &[("account", whose), ("answer", "withdraw"), ("reason", "異動")])
    };
    let by_machine = renkei_in(hub.folder.path(), &["access-review", "answer", &id, "kanri.hitori"]);
    assert_eq!(by_machine.status.code(), Some(1), "{}", String::from_utf8_lossy(&by_machine.stderr));
    assert!(said(&hub, &["access-review", "run"]).is_empty());
    assert!(said(&hub, &["access-review", "show", &id]).lines().all(|line| line.starts_with("open")));
    assert_eq!(answer(&only, &ids[1]).status, 303);
    assert_eq!(second.get(&path).status, 303, "whoever was withdrawn answers nothing more");
    let others = signed_in(&hub, "anzen.san", "safety-manager", HOSPITAL);
    assert_eq!(said(&hub, &["account", "suspend", "anzen.san"]), "");
    assert_eq!(others.get(&path).status, 303);
    let last = renkei_in(hub.folder.path(), &["account", "suspend", "kanri.hitori"]);
    assert_eq!(last.status.code(), Some(1));
    assert!(only.get(&path).html.contains("1 / 2"), "nobody is left to answer for the last");
}

#[test]
fn a_history_tells_its_holder_and_their_managers_of_sign_ins_and_of_attempts_in_vain_without_what_was_typed()
{
    let hub = Hub::start();
    let nurse = signed_in(&hub, "kango.rireki", "nurse", HOSPITAL);
    let manager = signed_in(&hub, "anzen.rireki", "safety-manager", HOSPITAL);
    let elsewhere = signed_in(&hub, "kanri.rireki", "planning-manager", CLINIC);
    for login in ["kango.rireki", "nobody.rireki"] {
        for _ in 0..6 {
            Browser::of(&hub).post("/sign-in", &[("login", login), ("password", "mistyped-secret")]);
        }
    }
    let own = nurse.get("/account").html;
    assert!(own.contains("サインインの履歴") && own.contains("127.0.0.1"), "{own}");
    assert_eq!(own.matches("<span class=\"mark-word mark-high\">失敗</span>").count(), 4, "{own}");
    assert_eq!(own.matches("失敗（しばらく休止）").count(), 2);
    let path = format!("/accounts/{}/sign-ins", account(&hub, "kango.rireki"));
    let seen = manager.get(&path);
    assert!(seen.status == 200 && seen.html.contains("失敗（しばらく休止）"), "{}", seen.html);
    assert_eq!(elsewhere.get(&path).status, 404);
    assert_eq!(nurse.get(&path).status, 403);
    let history = said(&hub, &["account", "history", "kango.rireki"]);
    assert_eq!(history.lines().filter(|line| line.contains("locked")).count(), 2, "{history}");
    let record = manager.get("/audit").html;
    assert!(record.contains("wrong-proof"));
    for typed in ["mistyped-secret", "nobody.rireki"] {
        assert!(!record.contains(typed) && !own.contains(typed) && !history.contains(typed), "{typed}");
    }
}
