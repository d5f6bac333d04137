//! Accounts as a list, and as an institution's own system keeps them (SCIM 2.0).

use std::fs;

use serde_json::{Value, json};

use crate::browser::{Browser, PASSWORD, Page, between, invited};
use crate::hub::{Answer, CLINIC, HOSPITAL, Hub, encoded, renkei_in};
use crate::smart::{Vendor, ask};

const HEAD: &str = "login,name,role,state,ends,checked,level";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ACCOUNT: &str = "urn:renkei:params:scim:schemas:extension:account:1.0:User";

/// A planning manager of the hospital, signed in with two factors.
fn manager(hub: &Hub) -> Browser<'_> {
    let browser = Browser::of(hub);
    browser.accept(&invited(hub, "kakuu.kikaku", "planning-manager"), PASSWORD);
    browser
}

fn run(hub: &Hub, arguments: &[&str]) -> (bool, String, String) {
    let output = renkei_in(hub.folder.path(), arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn import(browser: &Browser<'_>, list: &str, more: &[(&str, &str)]) -> Page {
    browser.post("/accounts/import", &[&[("list", list)], more].concat())
}

#[test]
fn a_list_goes_out_without_a_secret_and_comes_back_without_a_change() {
    let hub = Hub::start();
    let browser = manager(&hub);
    let formula =
        ["--name", "=HYPERLINK(1)", "--role", "nurse", "--institution", HOSPITAL, "--checked", "+81"];
    assert!(run(&hub, &[&["account", "invite", "kakuu.siki"][..], &formula].concat()).0);
    let list = browser.get("/accounts.csv");
    assert_eq!(list.status, 200);
    assert!(
        list.html.starts_with('\u{feff}')
            && list.html.contains("kakuu.kikaku,架空 kakuu.kikaku,planning-manager")
    );
    assert!(list.html.contains("'=HYPERLINK(1)") && list.html.contains("'+81"), "{}", list.html);
    assert!(!list.html.contains("argon2") && !list.html.contains("invitation"));
    let look = import(&browser, &list.html, &[]);
    assert!(look.status == 200 && look.html.contains("0 件が変わります"), "{}", look.html);
    let (is_done, told, _) = run(&hub, &["account", "export", "--institution", HOSPITAL]);
    assert!(is_done && told == list.html);
}

#[test]
fn a_list_is_looked_at_first_and_then_done_as_it_was_shown() {
    let hub = Hub::start();
    let browser = manager(&hub);
    let list = format!(
        "{HEAD}\nkakuu.kango,架空 看護,nurse,,,職員証と対面,3\nkakuu.ishi,架空 医師,clinician,,2099-03-31,医師免許証,3\n"
    );
    let look = import(&browser, &list, &[]);
    assert!(look.status == 200 && look.html.contains("2 件が変わります"), "{}", look.html);
    assert!(!browser.get("/accounts").html.contains("kakuu.kango"), "looking changes nothing");
    let print = between(&look.html, "name=\"print\" value=\"", "\"").to_owned();
    assert_eq!(import(&browser, &list, &[("print", "another")]).status, 409);
    let done = import(&browser, &list, &[("print", &print)]);
    assert_eq!(done.status, 200, "{}", done.html);
    let link = between(&done.html, "/invitation/", "<").trim();
    Browser::of(&hub).accept(&format!("/invitation/{link}"), PASSWORD);
    assert!(browser.get("/accounts").html.contains("2099-04-01 00:00"));

    let wrong = format!(
        "{HEAD}\nkakuu.kango,架空 看護,nurse,,,,\n田中,田中,nurse,,,証,3\nkakuu.b,名,barista,,,証,3\n"
    );
    let refused = import(&browser, &wrong, &[]);
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("3 行目") && refused.html.contains("「barista」という役割はありません"));
}

#[test]
fn lists_are_for_whoever_keeps_accounts_with_two_factors_just_proved() {
    let hub = Hub::start();
    for role in ["nurse", "system-operator", "auditor", "planning-manager"] {
        let token = hub.token(role, &["--institution", HOSPITAL]);
        // A token proves no second factor, so not even a manager's suffices.
        assert_eq!(hub.page(&token, "/accounts.csv").status, 403, "{role}");
        assert_eq!(hub.page(&token, "/accounts/import").status, 403, "{role}");
    }
    assert_eq!(Browser::of(&hub).get("/accounts.csv").status, 303, "nobody is led to sign in");
}

#[test]
fn the_operator_imports_by_command_all_or_nothing() {
    let hub = Hub::start();
    let path = hub.folder.path().join("list.csv");
    let file = path.display().to_string();
    let text = "login,name,role,institution,checked,level\n\
        kakuu.anzen,架空 安全,safety-manager,4919999902,職員証と対面,3\n\
        kakuu.kango,架空 看護,nurse,4919999902,職員証と対面,2\n";
    let (shift_jis, ..) = encoding_rs::SHIFT_JIS.encode(text);
    fs::write(&path, shift_jis).unwrap();
    let (looked, planned, _) = run(&hub, &["account", "import", &file, "--dry-run"]);
    assert!(looked && planned.contains("kakuu.kango") && planned.contains("招待する"), "{planned}");
    assert!(run(&hub, &["account", "list"]).1.is_empty());
    let (is_done, told, said) = run(&hub, &["account", "import", &file]);
    assert!(is_done && told.matches("/invitation/").count() == 2, "{told} {said}");
    fs::write(&path, text.replace("4919999902,職員証と対面,2", "4919999999,職員証と対面,2")).unwrap();
    let (is_done, told, _) = run(&hub, &["account", "import", &file]);
    assert!(!is_done && told.starts_with("3:institution:"), "{told}");
}

#[test]
fn accounts_that_nobody_answers_for_are_found_and_suspended() {
    let hub = Hub::start();
    let arguments = ["account", "invite", "kakuu.yakuzai", "--name", "架空 薬剤", "--role", "pharmacist"];
    let more = ["--institution", CLINIC, "--checked", "職員証"];
    assert!(run(&hub, &[&arguments[..], &more].concat()).0);
    let orphans = run(&hub, &["account", "list", "--orphan"]).1;
    assert!(orphans.contains("kakuu.yakuzai") && orphans.contains("管理する人がいない"), "{orphans}");
    assert!(run(&hub, &["account", "list", "--idle"]).1.is_empty());
    assert!(run(&hub, &["account", "suspend", "kakuu.yakuzai"]).0);
    assert!(run(&hub, &["account", "list", "--orphan"]).1.is_empty());
    assert!(run(&hub, &["account", "reinstate", "kakuu.yakuzai"]).0);
    assert!(run(&hub, &["account", "list"]).1.contains("invited"), "whoever never came in is invited still");

    let browser = manager(&hub);
    let page = browser.get("/accounts?show=orphan");
    assert!(page.status == 200 && !page.html.contains("kakuu.yakuzai"), "another institution's is not shown");
    assert_eq!(browser.post("/accounts/stale", &[("kind", "orphan")]).status, 409, "there is none");
    assert_eq!(browser.post("/accounts/stale", &[]).status, 404, "not all at once");
    let nurse = Browser::of(&hub);
    nurse.accept(&invited(&hub, "kakuu.kango", "nurse"), PASSWORD);
    for path in ["/accounts/stale", "/accounts/import", "/accounts/exception"] {
        let answer = nurse.post(path, &[("kind", "orphan"), ("account", "x")]);
        assert!(matches!(answer.status, 403 | 404) && !answer.html.contains("kakuu.kikaku"), "{path}");
    }
}

#[test]
fn a_manager_excepts_an_account_from_the_second_factor_for_a_reason_until_a_day() {
    let hub = Hub::start();
    let browser = manager(&hub);
    let invitation = invited(&hub, "kakuu.shujutsu", "nurse");
    let listed = browser.get("/accounts").html;
    let id = listed.split("id=\"account-").find(|rest| rest.contains("kakuu.shujutsu")).unwrap();
    let id = id.split('"').next().unwrap();
    let alone = [("password", PASSWORD), ("alone", "yes")];
    assert_eq!(Browser::of(&hub).post(&invitation, &alone).status, 410, "no exception holds yet");
    let day = crate::hub::today().checked_add(jiff::Span::new().days(30)).unwrap().to_string();
    let grant = |reason: &str, until: &str| {
        let fields = [("account", id), ("act", "grant"), ("reason", reason), ("until", until)];
        browser.post("/accounts/exception", &fields)
    };
    assert_eq!(grant("", &day).status, 409);
    assert_eq!(grant("手袋を外せない", "2999-01-01").status, 409);
    assert_eq!(grant("手袋を外せない", &day).status, 303);
    assert!(Browser::of(&hub).get(&invitation).html.contains("name=\"alone\""));
    let nurse = Browser::of(&hub);
    assert_eq!(nurse.post(&invitation, &alone).status, 303);
    assert_eq!(nurse.get("/patients").status, 200);
    let other = Browser::of(&hub);
    assert_eq!(other.post("/sign-in", &[("login", "kakuu.shujutsu"), ("password", PASSWORD)]).status, 303);

    assert_eq!(browser.post("/accounts/exception", &[("account", id), ("act", "end")]).status, 303);
    let asked = Browser::of(&hub);
    let second = asked.post("/sign-in", &[("login", "kakuu.shujutsu"), ("password", PASSWORD)]);
    assert!(second.status == 200 && second.html.contains("/sign-in/second"), "{}", second.html);
    let secret: String = between(&second.html, "<code>", "</code>").split_whitespace().collect();
    let codes = asked.post("/sign-in/second", &[("code", &crate::browser::code(&secret, 0))]);
    assert!(codes.status == 200 && codes.html.matches("<li><code>").count() == 10, "{}", codes.html);
    assert_eq!(asked.get("/patients").status, 200);
}

/// An institution's own system.
struct System<'h> {
    hub: &'h Hub,
    token: String,
}

impl<'h> System<'h> {
    fn of(hub: &'h Hub, institution: &str) -> Self {
        let kind =
            ["--kind", "backend", "--institution", institution, "--scopes", "renkei/accounts system/Task.rs"];
        let vendor = Vendor::registered(hub, &kind);
        Self { hub, token: vendor.token(hub, "renkei/accounts") }
    }

    fn send(&self, method: &str, path: &str, more: &[(&str, &str)], body: Option<&Value>) -> Told {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.build().into();
        let mut request = ureq::http::Request::builder().method(method);
        request = request.uri(format!("{}/scim/v2{path}", self.hub.url));
        request = request.header("authorization", format!("Bearer {}", self.token));
        request = request.header("content-type", "application/scim+json");
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => agent.run(request.body(body.to_string()).unwrap()).unwrap(),
            None => agent.run(request.body(()).unwrap()).unwrap(),
        };
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (version, kind) =
            (header("etag").unwrap_or_default(), header("content-type").unwrap_or_default());
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().unwrap();
        assert!(text.is_empty() || kind == "application/scim+json", "{kind}: {text}");
        Told { status, version, json: serde_json::from_str(&text).unwrap_or_default() }
    }

    fn get(&self, path: &str) -> Told {
        self.send("GET", path, &[], None)
    }

    fn make(&self, login: &str, role: &str) -> Told {
        self.send("POST", "/Users", &[], Some(&new(login, role)))
    }

    fn patch(&self, id: &str, operations: &Value) -> Told {
        let message =
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        self.send("PATCH", &format!("/Users/{id}"), &[], Some(&message))
    }
}

struct Told {
    status: u16,
    version: String,
    json: Value,
}

impl Told {
    fn id(&self) -> &str {
        self.json["id"].as_str().unwrap()
    }

    /// An error's status and type.
    fn error(&self) -> (u16, &str) {
        assert_eq!(self.json["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{}", self.json);
        assert!(self.json["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        (self.status, self.json["scimType"].as_str().unwrap_or_default())
    }
}

fn new(login: &str, role: &str) -> Value {
    json!({
        "schemas": [USER], "userName": login, "displayName": "架空 連携", "externalId": format!("hr-{login}"),
        "roles": [{"value": role, "primary": true}], "name": {"familyName": "passed over"},
    })
}

#[test]
fn a_system_makes_finds_changes_suspends_and_ends_the_accounts_of_its_institution() {
    let hub = Hub::start();
    let system = System::of(&hub, HOSPITAL);
    let made = system.make("Kakuu.Renkei", "nurse");
    assert_eq!(made.status, 201, "{}", made.json);
    let id = made.id().to_owned();
    assert_eq!((&made.json["userName"], &made.json["active"]), (&json!("kakuu.renkei"), &json!(true)));
    assert_eq!(made.json[ACCOUNT]["state"], "invited");
    assert!(!made.json.to_string().contains("/invitation/"), "no secret is told");
    for filter in [r#"userName eq "KAKUU.renkei""#, r#"externalId eq "hr-Kakuu.Renkei""#, "active eq true"] {
        let found = system.get(&format!("/Users?filter={}", encoded(filter)));
        assert_eq!((found.status, &found.json["totalResults"]), (200, &json!(1)), "{filter}");
        assert_eq!(found.json["Resources"][0]["id"], id.as_str());
    }
    let known = [("if-none-match", made.version.as_str())];
    assert_eq!(system.send("GET", &format!("/Users/{id}"), &known, None).status, 304);

    let suspended = system.patch(&id, &json!([{"op": "Replace", "path": "active", "value": "False"}]));
    assert_eq!((suspended.status, &suspended.json[ACCOUNT]["state"]), (200, &json!("suspended")));
    let old = [("if-match", made.version.as_str())];
    let stale = system.send("PUT", &format!("/Users/{id}"), &old, Some(&new("kakuu.renkei", "nurse")));
    assert_eq!(stale.error().0, 412);
    let back =
        system.patch(&id, &json!([{"op": "replace", "value": {"active": true, "displayName": "架空 改姓"}}]));
    assert_eq!(
        (&back.json[ACCOUNT]["state"], &back.json["displayName"]),
        (&json!("invited"), &json!("架空 改姓"))
    );
    let mut whole = new("kakuu.renkei", "pharmacist");
    whole[ACCOUNT] = json!({"endsAt": "2099-03-31T15:00:00Z", "institution": CLINIC});
    whole["externalId"] = Value::Null;
    let newest = [("if-match", back.version.as_str())];
    let replaced = system.send("PUT", &format!("/Users/{id}"), &newest, Some(&whole));
    assert_eq!(replaced.status, 200, "{}", replaced.json);
    assert_eq!(replaced.json["roles"], json!([{"value": "pharmacist"}]));
    assert_eq!(replaced.json[ACCOUNT]["endsAt"], "2099-03-31T15:00:00Z");
    assert_eq!(replaced.json[ACCOUNT]["institution"], HOSPITAL, "the institution is not theirs to change");
    assert!(replaced.json["externalId"].is_null());

    assert_eq!(system.send("DELETE", &format!("/Users/{id}"), &[], None).status, 204);
    assert_eq!(system.get(&format!("/Users/{id}")).error().0, 404);
    assert_eq!(system.get("/Users").json["totalResults"], 0);
    assert_eq!(
        system.make("kakuu.renkei", "nurse").error(),
        (409, "uniqueness"),
        "a login is not given again"
    );
}

#[test]
fn a_system_sees_no_other_institutions_accounts_and_gives_no_administrator() {
    let hub = Hub::start();
    let (hospital, clinic) = (System::of(&hub, HOSPITAL), System::of(&hub, CLINIC));
    let made = hospital.make("kakuu.renkei", "nurse");
    let path = format!("/Users/{}", made.id());
    assert_eq!(clinic.get(&path).error().0, 404);
    assert_eq!(
        clinic.patch(made.id(), &json!([{"op": "replace", "path": "active", "value": false}])).error().0,
        404
    );
    assert_eq!(clinic.send("DELETE", &path, &[], None).error().0, 404);
    assert_eq!(clinic.get("/Users").json["totalResults"], 0);
    for role in ["planning-manager", "safety-manager", "maintainer", "insurer", "developer"] {
        assert_eq!(hospital.make("kakuu.kanri", role).error().0, 403, "{role}");
    }
    for role in ["operator", "patient", "institution", "barista"] {
        assert_eq!(hospital.make("kakuu.kanri", role).error(), (400, "invalidValue"), "{role}");
    }
    let raise = json!([{"op": "replace", "path": "roles", "value": [{"value": "safety-manager"}]}]);
    assert_eq!(hospital.patch(made.id(), &raise).error().0, 403);

    // The last who keeps the accounts stays, whoever asks.
    drop(manager(&hub));
    let filter = encoded(r#"userName eq "kakuu.kikaku""#);
    let found = hospital.get(&format!("/Users?filter={filter}"));
    let last = found.json["Resources"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(hospital.send("DELETE", &format!("/Users/{last}"), &[], None).error().0, 409);
    let suspend = json!([{"op": "replace", "path": "active", "value": false}]);
    assert_eq!(hospital.patch(&last, &suspend).error().0, 409);
}

#[test]
fn only_an_app_that_was_let_keep_accounts_gets_in_and_it_gets_in_nowhere_else() {
    let hub = Hub::start();
    let system = System::of(&hub, HOSPITAL);
    for path in ["/fhir/Task", "/fhir/Organization", "/accounts", "/accounts.csv"] {
        assert_eq!(hub.get(&system.token, path).status, 403, "{path}");
    }
    let told = |answer: &Answer| (answer.status, answer.json()["schemas"][0].clone());
    let error = json!("urn:ietf:params:scim:api:messages:2.0:Error");
    let scopes = ["--kind", "backend", "--institution", HOSPITAL, "--scopes", "system/*.cruds"];
    let other = Vendor::registered(&hub, &scopes);
    let asked = ask(&hub, &other.assertion(&hub), "renkei/accounts");
    assert_eq!(
        (asked.status, asked.error().as_str()),
        (400, "invalid_scope"),
        "it was not registered for it"
    );
    let every = other.token(&hub, "system/*.cruds");
    assert_eq!(told(&hub.get(&every, "/scim/v2/Users")), (403, error.clone()), "no scope of SMART lets it");
    assert_eq!(told(&hub.get(&hub.system(HOSPITAL), "/scim/v2/Users")), (403, error.clone()));
    let manager = hub.token("planning-manager", &["--institution", HOSPITAL]);
    assert_eq!(told(&hub.get(&manager, "/scim/v2/Users")), (403, error.clone()));
    assert_eq!(told(&hub.get("rk_wrong", "/scim/v2/Users")), (401, error.clone()));
    assert_eq!(told(&hub.get(&system.token, "/scim/v2/Groups")), (404, error.clone()));
    assert_eq!(told(&hub.put(&system.token, "/scim/v2/Users", b"{}")), (405, error));
}

#[test]
fn what_a_system_sends_wrongly_is_refused_by_its_reason() {
    let hub = Hub::start();
    let system = System::of(&hub, HOSPITAL);
    for filter in ["displayName eq \"x\"", "userName co \"k\"", "userName eq \"a\" and active eq true"] {
        let refused = system.get(&format!("/Users?filter={}", encoded(filter)));
        assert_eq!(refused.error(), (400, "invalidFilter"), "{filter}");
    }
    assert_eq!(system.get("/Users?count=many").error(), (400, "invalidValue"));
    for (name, value) in [("userName", json!("a b")), ("displayName", json!("")), ("roles", json!([]))] {
        let mut user = new("kakuu.renkei", "nurse");
        user[name] = value;
        let refused = system.send("POST", "/Users", &[], Some(&user));
        assert_eq!(refused.error(), (400, "invalidValue"), "{name}");
    }
    let past = json!({"userName": "kakuu.a", "displayName": "名", "roles": "nurse", ACCOUNT: {"endsAt": "2020-01-01T00:00:00Z"}});
    assert_eq!(system.send("POST", "/Users", &[], Some(&past)).error(), (400, "invalidValue"));
    assert_eq!(system.send("POST", "/Users", &[], Some(&json!("x"))).error(), (400, "invalidSyntax"));
    let text = hub.post_as(&system.token, "/scim/v2/Users", b"{}", "text/plain").unwrap();
    assert_eq!(text.status, 415);
    let large = json!({"displayName": "x".repeat(70_000)});
    assert_eq!(system.send("POST", "/Users", &[], Some(&large)).error().0, 413);
    assert_eq!(system.get("/Users").json["totalResults"], 0, "nothing was made");
}

#[test]
fn a_system_reads_in_pages_and_only_what_it_asks_for() {
    let hub = Hub::start();
    let system = System::of(&hub, HOSPITAL);
    for number in 1..=5 {
        assert_eq!(system.make(&format!("kakuu.{number}"), "nurse").status, 201);
    }
    let page = system.get("/Users?startIndex=2&count=2&attributes=userName");
    assert_eq!((&page.json["totalResults"], &page.json["itemsPerPage"]), (&json!(5), &json!(2)));
    let names: Vec<&str> = page.json["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["userName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["kakuu.2", "kakuu.3"]);
    assert!(
        page.json["Resources"][0]["displayName"].is_null() && page.json["Resources"][0]["id"].is_string()
    );
    assert_eq!(system.get("/Users?count=0").json["Resources"], json!([]));
    let config = system.get("/ServiceProviderConfig").json;
    assert_eq!((&config["patch"]["supported"], &config["bulk"]["supported"]), (&json!(true), &json!(false)));
    let schemas = system.get("/Schemas").json;
    for schema in schemas["Resources"].as_array().unwrap() {
        assert_eq!(system.get(&format!("/Schemas/{}", schema["id"].as_str().unwrap())).json, *schema);
    }
    assert_eq!(system.get("/ResourceTypes/User").json["schema"], USER);
    assert_eq!(system.get("/Schemas/urn:nothing").error().0, 404);
}
