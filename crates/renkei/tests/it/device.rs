//! Terminals, as browsers without script meet them: the code, one's own phone, a stolen cookie, unknown terminals.

use serde_json::Value;

use crate::browser::{Browser, PASSWORD, between};
use crate::hub::{HOSPITAL, Hub, renkei_in};

const DEVICE: &str = "renkei_device";
const SESSION: &str = "renkei_session";

/// Somebody of the hospital with a password, an app and codes on paper.
struct Staff<'h> {
    browser: Browser<'h>,
    login: &'static str,
    codes: Vec<String>,
}

impl<'h> Staff<'h> {
    fn join(hub: &'h Hub, login: &'static str, role: &str) -> Self {
        let browser = Browser::of(hub);
        let codes = browser.accept(&invited(hub, login, role), PASSWORD).papers;
        Self { browser, login, codes }
    }

    /// Signs in on a browser with one of the codes on paper; answers where it leads.
    fn sign_in(&self, browser: &Browser<'_>, code: usize) -> (u16, String) {
        browser.post("/sign-in", &[("login", self.login), ("password", PASSWORD)]);
        let page = browser.post("/sign-in/code", &[("code", &self.codes[code])]);
        (page.status, page.location.unwrap_or(page.html))
    }

    /// Adds a terminal and answers its code.
    fn add(&self, label: &str) -> String {
        let told = self.browser.post("/devices", &[("act", "add"), ("label", label)]);
        assert_eq!(told.status, 200, "{}", told.html);
        assert!(told.html.contains(label));
        told.html.split("<code class=\"wide\">").nth(2).unwrap().split('<').next().unwrap().to_owned()
    }
}

/// Invites somebody under a name of their own: whoever has the same name is taken for the same person.
fn invited(hub: &Hub, login: &str, role: &str) -> String {
    let name = format!("架空 {login}");
    let who = ["account", "invite", login, "--name", &name, "--role", role];
    let output = renkei_in(
        hub.folder.path(),
        &[&who[..], &["--institution", HOSPITAL, "--checked", "職員証"]].concat(),
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let link = String::from_utf8(output.stdout).unwrap();
    link[link.find("/invitation/").unwrap()..].trim().to_owned()
}

fn device(hub: &Hub, arguments: &[&str]) -> (bool, Vec<Value>, String) {
    let output = renkei_in(hub.folder.path(), &[&["device"], arguments, &["--json"]].concat());
    let told = String::from_utf8(output.stdout).unwrap();
    let rows = told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    (output.status.success(), rows, told + &String::from_utf8_lossy(&output.stderr))
}

fn with_cookie_of<'h>(hub: &'h Hub, from: &Browser<'_>, names: &[&str]) -> Browser<'h> {
    let to = Browser::of(hub);
    for (name, value) in from.cookies.borrow().iter().filter(|(name, _)| names.contains(&name.as_str())) {
        to.cookies.borrow_mut().insert(name.clone(), value.clone());
    }
    to
}

#[test]
fn a_code_registers_one_terminal_and_a_session_of_it_is_worth_nothing_elsewhere() {
    let hub = Hub::start();
    let manager = Staff::join(&hub, "kakuu.tanmatsu", "safety-manager");
    let code = manager.add("病棟1-02");
    let ward = Browser::of(&hub);
    assert!(ward.get("/device").html.contains("登録されていません"));
    let wrong = ward.post("/device", &[("code", "2222-3333-4444")]);
    assert!(wrong.status == 422 && wrong.html.contains("この登録コードは使えません"));
    assert_eq!(ward.post("/device", &[("code", &code)]).status, 303);
    assert_eq!(Browser::of(&hub).post("/device", &[("code", &code)]).status, 422, "a code is used once");
    assert!(ward.get("/device").html.contains("病棟1-02"));

    assert_eq!(manager.sign_in(&ward, 0), (303, "/audit".to_owned()));
    assert_eq!(ward.get("/audit").status, 200);
    let thief = with_cookie_of(&hub, &ward, &[SESSION]);
    assert_eq!(thief.get("/audit").status, 303, "a stolen cookie opens nothing");
    assert_eq!(ward.get("/audit").status, 303, "and the session is ended");
    let found = device(&hub, &["findings", "--institution", HOSPITAL]).1;
    let elsewhere = found.iter().find(|one| one["kind"] == "elsewhere").unwrap();
    assert_eq!((elsewhere["network"].as_str(), elsewhere["times"].as_i64()), (Some("closed"), Some(1)));

    assert_eq!(manager.sign_in(&ward, 1).0, 303);
    let ledger = device(&hub, &["list", "--institution", HOSPITAL]).1;
    assert_eq!((ledger.len(), ledger[0]["is_in_force"].as_bool()), (1, Some(true)));
    let (ended, ..) = device(&hub, &["end", ledger[0]["id"].as_str().unwrap()]);
    assert!(ended);
    assert_eq!(ward.get("/audit").status, 303, "what was open on an ended terminal is closed");
    assert!(!device(&hub, &["end", ledger[0]["id"].as_str().unwrap()]).0);
    let log = hub.log();
    assert!(
        !log.contains(&code) && !log.contains(ward.cookies.borrow()[DEVICE].as_str()),
        "no secret is logged"
    );
}

#[test]
fn a_sign_in_on_an_unknown_terminal_is_put_up_for_a_check_by_somebody_else() {
    let hub = Hub::start();
    let manager = Staff::join(&hub, "kakuu.kanri", "safety-manager");
    let nurse = Staff::join(&hub, "kakuu.kango", "nurse");
    let page = manager.browser.get("/devices");
    assert_eq!(page.status, 200);
    assert!(page.html.contains("登録していない端末で入った") && page.html.contains("閉域網"));
    assert_eq!(nurse.browser.get("/devices").status, 403, "a nurse keeps no terminals");
    let rows = device(&hub, &["findings", "--institution", HOSPITAL]).1;
    assert_eq!(rows.len(), 2, "one of each who signed in");
    let statuses: Vec<u16> = rows
        .iter()
        .map(|row| {
            let fields = [("act", "resolve"), ("finding", row["id"].as_str().unwrap())];
            manager.browser.post("/devices", &fields).status
        })
        .collect();
    assert!(statuses.contains(&303) && statuses.contains(&403), "nobody checks their own: {statuses:?}");
    assert_eq!(device(&hub, &["findings"]).1.len(), 1);
    let unknown = [("act", "resolve"), ("finding", "0")];
    assert_eq!(manager.browser.post("/devices", &unknown).status, 404);
}

#[test]
fn where_the_institution_says_so_an_unknown_terminal_is_refused_whoever_proves_themselves() {
    let hub = Hub::start();
    let manager = Staff::join(&hub, "kakuu.kyohi", "safety-manager");
    let refuse = [("act", "choose"), ("choice", "refuse")];
    let locked_out = manager.browser.post("/devices", &refuse);
    assert!(locked_out.status == 422 && locked_out.html.contains("一台もない"), "{}", locked_out.status);
    let ward = Browser::of(&hub);
    assert_eq!(ward.post("/device", &[("code", &manager.add("受付1"))]).status, 303);
    assert_eq!(manager.browser.post("/devices", &refuse).status, 303);
    let choice = renkei_in(hub.folder.path(), &["device", "unregistered", "--institution", HOSPITAL]);
    assert_eq!(String::from_utf8(choice.stdout).unwrap().trim(), "refuse");

    let unknown = Browser::of(&hub);
    let (status, html) = manager.sign_in(&unknown, 2);
    assert!(status == 401 && html.contains("この端末は登録されていない"), "{status} {html}");
    assert_eq!(unknown.get("/audit").status, 303);
    assert_eq!(manager.sign_in(&ward, 3).0, 303);
    let back = ["unregistered", "--institution", HOSPITAL, "admit-with-finding"];
    assert!(device(&hub, &back).0, "whoever sits at the hub helps when nobody gets in");
    assert_eq!(manager.sign_in(&unknown, 4).0, 303);
}

#[test]
fn ones_own_phone_is_asked_for_with_its_conditions_and_approved_by_somebody_else_with_an_end() {
    let hub = Hub::start();
    let manager = Staff::join(&hub, "kakuu.shounin", "planning-manager");
    let other = Staff::join(&hub, "kakuu.betsu", "safety-manager");
    let shown = manager.browser.get("/device").html;
    assert!(
        shown.contains("使用の条件（第1版）")
            && !Browser::of(&hub).get("/device").html.contains("使用の条件")
    );
    let unread = manager.browser.post("/device", &[("label", "わたしの電話")]);
    assert!(unread.status == 422 && unread.html.contains("条件をすべて読み"));
    let asked = manager.browser.post("/device", &[("label", "わたしの電話"), ("conditions", "1")]);
    assert_eq!(asked.status, 303);
    assert!(manager.browser.get("/device").html.contains("承認を待っています"));
    let id = device(&hub, &["list"]).1[0]["id"].as_str().unwrap().to_owned();
    let last = other.browser.get("/devices").html;
    let last = between(&last, "type=\"date\" max=\"", "\"");
    let approve = [("act", "approve"), ("device", id.as_str()), ("ends", last)];
    assert_eq!(manager.browser.post("/devices", &approve).status, 403, "nobody approves their own");
    let unending = [("act", "approve"), ("device", id.as_str()), ("ends", "")];
    assert_eq!(other.browser.post("/devices", &unending).status, 422, "one's own terminal has an end");
    assert_eq!(other.browser.post("/devices", &approve).status, 303);
    let row = &device(&hub, &["list"]).1[0];
    assert!(row["is_in_force"] == true && row["ends_at"].is_string());
    let phone = with_cookie_of(&hub, &manager.browser, &[DEVICE]);
    assert_eq!(manager.sign_in(&phone, 0).0, 303);
    let thief = with_cookie_of(&hub, &phone, &[SESSION]);
    assert_eq!(thief.get("/account").status, 303, "from now on its sessions are bound to it");
}
