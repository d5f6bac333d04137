//! Signing in, as a browser without script meets it: invitation, password and code, lock-out, proof, sessions.

use crate::browser::{Browser, PASSWORD, SetUp, between, code, invited};
use crate::hub::{Hub, renkei_in};

#[test]
fn an_invitation_is_set_up_once_with_a_password_and_an_app_and_signs_in() {
    let hub = Hub::start();
    let invitation = invited(&hub, "kakuu.shoutai", "safety-manager");
    let browser = Browser::of(&hub);
    let welcome = browser.get(&invitation);
    assert_eq!(welcome.status, 200);
    assert!(welcome.html.contains("架空 kakuu.shoutai") && welcome.html.contains("kakuu.shoutai"));
    for (weak, said) in
        [("k7", "8文字以上"), ("password1234", "推測されやすい"), ("kawamadotori", "数字の両方")]
    {
        let refused = browser.post(&invitation, &[("password", weak)]);
        assert_eq!(refused.status, 422, "{weak}");
        assert!(refused.html.contains(said), "{weak}");
    }
    let SetUp { secret, code: used, papers } = browser.accept(&invitation, PASSWORD);
    assert_eq!(papers.len(), 10);
    assert_eq!(browser.get("/audit").status, 200, "a session has begun");
    assert_eq!(browser.get(&invitation).status, 410, "the invitation is used up");
    assert_eq!(Browser::of(&hub).post(&invitation, &[("password", PASSWORD)]).status, 410);

    let another = Browser::of(&hub);
    let asked = another.post("/sign-in", &[("login", "Kakuu.Shoutai "), ("password", PASSWORD)]);
    assert_eq!(asked.status, 200, "{}", asked.html);
    let again = another.post("/sign-in/code", &[("code", &used)]);
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
    let SetUp { papers: codes, .. } =
        browser.accept(&invited(&hub, "kakuu.denwa", "safety-manager"), PASSWORD);
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
    let SetUp { papers: codes, .. } =
        first.accept(&invited(&hub, "kakuu.tanmatsu", "safety-manager"), PASSWORD);
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
    let SetUp { papers: codes, .. } =
        browser.accept(&invited(&hub, "kakuu.kotei", "safety-manager"), PASSWORD);
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
