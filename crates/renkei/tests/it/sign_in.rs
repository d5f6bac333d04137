//! Signing in, as a browser without script meets it: invitation, password and code, lock-out, proof, sessions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use totp_rs::{Algorithm, Builder, Secret};

use crate::hub::{HOSPITAL, Hub, renkei_in};

const PASSWORD: &str = "kawa7mado2tori";

/// A browser: keeps cookies, follows nothing by itself.
struct Browser<'h> {
    hub: &'h Hub,
    agent: ureq::Agent,
    cookies: RefCell<BTreeMap<String, String>>,
}

struct Page {
    status: u16,
    location: Option<String>,
    html: String,
}

impl<'h> Browser<'h> {
    fn of(hub: &'h Hub) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self { hub, agent: config.build().into(), cookies: RefCell::default() }
    }

    fn get(&self, path: &str) -> Page {
        let request = self.agent.get(format!("{}{path}", self.hub.url)).header("cookie", self.cookie());
        self.page(request.call().unwrap())
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.agent.post(format!("{}{path}", self.hub.url)).header("cookie", self.cookie());
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.page(request.send_form(fields.collect::<Vec<_>>()).unwrap())
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.borrow();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn page(&self, mut response: ureq::http::Response<ureq::Body>) -> Page {
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        let location = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let html = response.body_mut().read_to_string().unwrap();
        Page { status: response.status().as_u16(), location, html }
    }

    /// Sets the account of an invitation up with a password; answers the secret of the app and the codes on paper.
    fn accept(&self, invitation: &str, password: &str) -> (String, Vec<String>) {
        let shown = self.post(invitation, &[("password", password)]);
        assert_eq!(shown.status, 200, "{}", shown.html);
        let secret: String = between(&shown.html, "<code>", "</code>").split_whitespace().collect();
        let codes = self.post(&format!("{invitation}/code"), &[("code", &code(&secret, 0))]);
        assert_eq!(codes.status, 200, "{}", codes.html);
        let codes = codes.html.split("<li><code>").skip(1);
        (secret, codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect())
    }
}

/// The code that an app shows, some steps from now. Each is taken once, so tests walk through the steps next to now.
fn code(secret: &str, steps: i64) -> String {
    #[expect(clippy::disallowed_methods, reason = "the app on the phone has a clock of its own")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("-".to_owned())
        .with_issuer(Some("-".to_owned()))
        .build()
        .unwrap();
    totp.generate(now.checked_add_signed(steps * 30).unwrap()).to_string()
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = &text[text.find(from).unwrap() + from.len()..];
    &rest[..rest.find(to).unwrap()]
}

/// Invites somebody at the command line; answers the path of the link.
fn invited(hub: &Hub, login: &str, role: &str) -> String {
    let arguments = [
        "account",
        "invite",
        login,
        "--name",
        "架空 招待",
        "--role",
        role,
        "--institution",
        HOSPITAL,
        "--checked",
        "職員証と対面",
    ];
    let output = renkei_in(hub.folder.path(), &arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let link = String::from_utf8(output.stdout).unwrap();
    link[link.find("/invitation/").unwrap()..].trim().to_owned()
}

#[test]
fn an_invitation_is_set_up_once_with_a_password_and_an_app_and_signs_in() {
    let hub = Hub::start();
    let invitation = invited(&hub, "kakuu.shoutai", "safety-manager");
    let browser = Browser::of(&hub);
    let welcome = browser.get(&invitation);
    assert_eq!(welcome.status, 200);
    assert!(welcome.html.contains("架空 招待") && welcome.html.contains("kakuu.shoutai"));
    for (weak, said) in
        [("k7", "8文字以上"), ("password1234", "推測されやすい"), ("kawamadotori", "数字の両方")]
    {
        let refused = browser.post(&invitation, &[("password", weak)]);
        assert_eq!(refused.status, 422, "{weak}");
        assert!(refused.html.contains(said), "{weak}");
    }
    let (secret, codes) = browser.accept(&invitation, PASSWORD);
    assert_eq!(codes.len(), 10);
    assert_eq!(browser.get("/audit").status, 200, "a session has begun");
    assert_eq!(browser.get(&invitation).status, 410, "the invitation is used up");
    assert_eq!(Browser::of(&hub).post(&invitation, &[("password", PASSWORD)]).status, 410);

    let another = Browser::of(&hub);
    let asked = another.post("/sign-in", &[("login", "Kakuu.Shoutai "), ("password", PASSWORD)]);
    assert_eq!(asked.status, 200, "{}", asked.html);
    let again = another.post("/sign-in/code", &[("code", &code(&secret, 0))]);
    assert_eq!(again.status, 401, "the code that set the app up is not taken again");
    let inside = another.post("/sign-in/code", &[("code", &code(&secret, 1))]);
    assert_eq!((inside.status, inside.location.as_deref()), (303, Some("/audit")), "{}", inside.html);
    assert_eq!(another.get("/audit").status, 200);
    let out = another.post("/sign-out", &[]);
    assert_eq!(out.status, 303);
    assert_eq!(another.get("/audit").location.as_deref(), Some("/sign-in?next=/audit"));
}

#[test]
fn a_code_on_paper_stands_in_for_the_lost_phone_once() {
    let hub = Hub::start();
    let browser = Browser::of(&hub);
    let (_, codes) = browser.accept(&invited(&hub, "kakuu.denwa", "safety-manager"), PASSWORD);
    for expected in [303, 401] {
        let another = Browser::of(&hub);
        another.post("/sign-in", &[("login", "kakuu.denwa"), ("password", PASSWORD)]);
        let typed = codes[3].to_uppercase();
        assert_eq!(another.post("/sign-in/code", &[("code", &typed)]).status, expected);
    }
}

#[test]
fn who_guesses_learns_nothing_and_a_guessed_account_rests_for_a_while() {
    let hub = Hub::start();
    Browser::of(&hub).accept(&invited(&hub, "kakuu.suisoku", "safety-manager"), PASSWORD);
    let attempt = |login: &str, password: &str| {
        let page = Browser::of(&hub).post("/sign-in", &[("login", login), ("password", password)]);
        (page.status, between(&page.html, "class=\"error-summary\"", "</ul>").to_owned())
    };
    let nobody = attempt("nobody.here", "wrong");
    assert_eq!(nobody.0, 401);
    for _ in 0..6 {
        assert_eq!(attempt("kakuu.suisoku", "wrong"), nobody);
    }
    assert_eq!(attempt("kakuu.suisoku", PASSWORD), nobody, "even the right password is not looked at now");
    let log = hub.log();
    assert!(!log.contains(PASSWORD) && !log.contains("wrong\""), "no password is logged");
}

#[test]
fn a_line_that_guesses_at_many_accounts_waits() {
    let hub = Hub::start();
    let statuses: Vec<bool> = (0..40)
        .map(|number| {
            let login = format!("guess.{number}");
            let page = Browser::of(&hub).post("/sign-in", &[("login", &login), ("password", "x")]);
            assert_eq!(page.status, 401);
            page.html.contains("1分ほど待って")
        })
        .collect();
    // A minute may turn in between; then the count begins anew.
    assert!(statuses.iter().any(|waits| *waits), "{statuses:?}");
}

#[test]
fn a_session_ends_where_its_holder_ends_it_and_when_the_account_is_suspended() {
    let hub = Hub::start();
    let (first, second) = (Browser::of(&hub), Browser::of(&hub));
    let (_, codes) = first.accept(&invited(&hub, "kakuu.tanmatsu", "safety-manager"), PASSWORD);
    second.post("/sign-in", &[("login", "kakuu.tanmatsu"), ("password", PASSWORD)]);
    second.post("/sign-in/code", &[("code", &codes[0])]);
    let own = second.get("/account");
    assert_eq!(own.status, 200);
    assert_eq!(own.html.matches("name=\"end-session\"").count(), 2);
    let others = own.html.split("<li>").find(|row| row.contains("end-session") && !row.contains("<strong>"));
    let id = between(others.unwrap(), "value=\"", "\"");
    assert_eq!(second.post("/account", &[("end-session", id)]).status, 303);
    assert_eq!(first.get("/audit").status, 303, "its session is over");
    assert_eq!(second.get("/audit").status, 200);

    let other = invited(&hub, "kakuu.betsu", "planning-manager");
    Browser::of(&hub).accept(&other, PASSWORD);
    let suspended = renkei_in(hub.folder.path(), &["account", "suspend", "kakuu.tanmatsu"]);
    assert!(suspended.status.success(), "{}", String::from_utf8_lossy(&suspended.stderr));
    assert_eq!(second.get("/audit").status, 303);
    let last = renkei_in(hub.folder.path(), &["account", "suspend", "kakuu.betsu"]);
    assert!(!last.status.success(), "the last who keeps an institution's accounts stays");
}

#[test]
fn a_new_invitation_ends_what_was_set_up_before() {
    let hub = Hub::start();
    let old = Browser::of(&hub);
    old.accept(&invited(&hub, "kakuu.sairai", "safety-manager"), PASSWORD);
    let output = renkei_in(hub.folder.path(), &["account", "invite-anew", "kakuu.sairai"]);
    let link = String::from_utf8(output.stdout).unwrap();
    let link = link[link.find("/invitation/").unwrap()..].trim().to_owned();
    assert_eq!(old.get("/audit").status, 200, "until it is used");
    let anew = Browser::of(&hub);
    let used = anew.post(&link, &[("password", PASSWORD)]);
    assert_eq!(used.status, 422, "a password that was used before is not taken");
    anew.accept(&link, "yama3hashi9kumo");
    assert_eq!(old.get("/audit").status, 303);
    let refused = Browser::of(&hub).post("/sign-in", &[("login", "kakuu.sairai"), ("password", PASSWORD)]);
    assert_eq!(refused.status, 401);
}

#[test]
fn a_cookie_that_was_made_up_or_taken_before_the_sign_in_opens_nothing() {
    let hub = Hub::start();
    let browser = Browser::of(&hub);
    browser.cookies.borrow_mut().insert("renkei_session".to_owned(), "0".repeat(64));
    assert_eq!(browser.get("/audit").status, 303);
    let (_, codes) = browser.accept(&invited(&hub, "kakuu.kotei", "safety-manager"), PASSWORD);
    let before = browser.cookie();
    assert!(!before.contains(&"0".repeat(64)), "a session never takes the cookie it was offered");
    let proved = browser.post("/proof", &[("password", PASSWORD), ("code", &codes[1]), ("next", "/account")]);
    assert_eq!((proved.status, proved.location.as_deref()), (303, Some("/account")));
    assert_ne!(browser.cookie(), before, "a proof changes the cookie");
    let stolen = Browser::of(&hub);
    let (name, value) = before.split_once('=').unwrap();
    stolen.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    assert_eq!(stolen.get("/audit").status, 303, "the one before no longer opens");
}

#[test]
fn forms_of_other_sites_are_refused() {
    let hub = Hub::start();
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let request = agent.post(format!("{}/sign-in", hub.url)).header("origin", "https://evil.example");
    let answer = request.send_form([("login", "a"), ("password", "b")]).unwrap();
    assert_eq!(answer.status().as_u16(), 403);
}
