//! Apps as an institution's own people register and end them.

use crate::browser::{Browser, PASSWORD, Page, between, invited};
use crate::hub::{CLINIC, Hub, renkei_in};

fn signed_in<'h>(hub: &'h Hub, login: &str, role: &str) -> Browser<'h> {
    let browser = Browser::of(hub);
    browser.accept(&invited(hub, login, role), PASSWORD);
    browser
}

/// Makes a pair of keys; answers the public one.
fn key(hub: &Hub) -> String {
    let output = renkei_in(hub.folder.path(), &["app", "key", "--out", "vendor.pem"]);
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn register(browser: &Browser<'_>, jwks: &str, scopes: &str) -> Page {
    let fields = [("name", "電子カルテ"), ("kind", "backend"), ("jwks", jwks), ("scopes", scopes)];
    browser.post("/apps", &fields)
}

fn token(hub: &Hub, id: &str) -> bool {
    let arguments = ["app", "token", "--client-id", id, "--key", "vendor.pem", "--hub", &hub.url];
    let scope = ["--scope", "system/Bundle.c renkei/accounts"];
    renkei_in(hub.folder.path(), &[&arguments[..], &scope].concat()).status.success()
}

#[test]
fn a_manager_registers_a_system_of_their_institution_and_ends_it() {
    let hub = Hub::start();
    let browser = signed_in(&hub, "kakuu.kikaku", "planning-manager");
    let jwks = key(&hub);
    let made = register(&browser, &jwks, "system/Bundle.c renkei/accounts");
    assert_eq!(made.status, 200, "{}", made.html);
    let id = between(&made.html, "role=\"status\">", "</p>");
    let id = between(id, "<code>", "</code>");
    assert!(token(&hub, id));
    assert_eq!(browser.post("/apps", &[("end", id)]).status, 303);
    assert!(!token(&hub, id) && !browser.get("/apps").html.contains(id));
}

#[test]
fn what_is_wrong_with_an_app_is_told_at_its_field() {
    let hub = Hub::start();
    let browser = signed_in(&hub, "kakuu.kikaku", "planning-manager");
    let jwks = key(&hub);
    for (jwks, scopes, field) in [
        ("", "system/Bundle.c", "#jwks"),
        ("{}", "system/Bundle.c", "#jwks"),
        (jwks.as_str(), "everything", "#scopes"),
        (jwks.as_str(), "patient/*.rs", "#scopes"),
    ] {
        let refused = register(&browser, jwks, scopes);
        assert_eq!(refused.status, 422, "{scopes}");
        assert!(refused.html.contains(&format!("href=\"{field}\"")), "{}", refused.html);
    }
}

#[test]
fn nobody_lets_an_app_do_what_they_may_not_and_nobody_touches_another_institutions() {
    let hub = Hub::start();
    let jwks = key(&hub);
    let operator = signed_in(&hub, "kakuu.unyou", "system-operator");
    assert_eq!(register(&operator, &jwks, "system/Bundle.c renkei/accounts").status, 403);
    assert_eq!(register(&operator, &jwks, "system/Bundle.c").status, 200);
    let nurse = signed_in(&hub, "kakuu.kango", "nurse");
    assert_eq!(nurse.get("/apps").status, 403);
    assert_eq!(register(&nurse, &jwks, "system/Bundle.c").status, 403);

    std::fs::write(hub.folder.path().join("jwks.json"), &jwks).unwrap();
    let scopes = ["--jwks", "jwks.json", "--scopes", "system/Bundle.c"];
    let arguments = ["app", "register", "--name", "他院", "--kind", "backend", "--institution", CLINIC];
    let made = renkei_in(hub.folder.path(), &[&arguments[..], &scopes].concat());
    let id = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    assert!(!operator.get("/apps").html.contains(&id));
    assert_eq!(operator.post("/apps", &[("end", &id)]).status, 404);
}
