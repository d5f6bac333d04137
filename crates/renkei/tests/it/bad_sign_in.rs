//! What attackers send to the doors: replayed, forged, malformed, guessed. Each is refused, and tells them nothing.

use std::net::TcpListener;
use std::{fs, iter};

use serde_json::{Value, json};

use crate::authenticator::{Authenticator, Saying};
use crate::browser::{Browser, PASSWORD, SetUp, code, invited};
use crate::hub::{HOSPITAL, Hub, prepared, renkei_in};

/// A hub that browsers reach by a name: passkeys belong to one.
fn named_hub() -> Hub {
    let folder = prepared("renkei.db");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = folder.path().join("renkei.toml");
    let text = fs::read_to_string(&config).unwrap();
    let named = format!("listen = \"127.0.0.1:{port}\"\nbase_url = \"http://localhost:{port}\"");
    fs::write(&config, text.replace("listen = \"127.0.0.1:0\"", &named)).unwrap();
    Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")])
}

fn asked(browser: &Browser<'_>, occasion: &str, login: &str) -> Value {
    let page = browser.post_json(&format!("/passkey/{occasion}"), &json!({"login": login}).to_string());
    assert_eq!(page.status, 200, "{}", page.html);
    serde_json::from_str(&page.html).unwrap()
}

fn done(browser: &Browser<'_>, occasion: &str, login: &str, answer: &Value) -> (u16, String) {
    let sent = json!({"login": login, "label": "試験", "answer": answer}).to_string();
    let page = browser.post_json(&format!("/passkey/{occasion}/done"), &sent);
    (page.status, page.html)
}

/// Sets a passkey up by an invitation.
fn enrolled(hub: &Hub, browser: &Browser<'_>, login: &str) -> Authenticator {
    let occasion = invited(hub, login, "safety-manager").replace("/invitation/", "invitation-");
    let options = asked(browser, &occasion, "");
    let (passkey, answer) =
        Authenticator::made(&options, &Saying::honest(&options, &hub.url, "webauthn.create"));
    let (status, told) = done(browser, &occasion, "", &answer);
    assert_eq!(status, 200, "{told}");
    assert_eq!(browser.get("/audit").status, 200, "a session has begun");
    passkey
}

#[test]
fn a_passkey_answers_each_question_once() {
    let hub = named_hub();
    let passkey = enrolled(&hub, &Browser::of(&hub), "kakuu.kagi");
    for login in ["kakuu.kagi", ""] {
        let browser = Browser::of(&hub);
        let options = asked(&browser, "sign-in", login);
        let step = browser.cookies.borrow().clone();
        let answer = passkey.signed(&Saying::honest(&options, &hub.url, "webauthn.get"));
        assert_eq!(done(&browser, "sign-in", login, &answer).0, 200);
        assert_eq!(browser.get("/audit").status, 200);
        let thief = Browser::of(&hub);
        thief.cookies.replace(step);
        assert_eq!(done(&thief, "sign-in", login, &answer).0, 401, "its question is answered already");
        asked(&thief, "sign-in", login);
        assert_eq!(done(&thief, "sign-in", login, &answer).0, 401, "it is no answer to another question");
        assert_eq!(thief.get("/audit").status, 303);
    }
    let browser = Browser::of(&hub);
    let options = asked(&browser, "sign-in", "");
    done(&browser, "sign-in", "", &passkey.signed(&Saying::honest(&options, &hub.url, "webauthn.get")));
    let before = browser.cookie();
    let options = asked(&browser, "proof", "");
    let answer = passkey.signed(&Saying::honest(&options, &hub.url, "webauthn.get"));
    assert_eq!(done(&browser, "proof", "", &answer).0, 200);
    assert_ne!(browser.cookie(), before, "a proof changes the cookie");
}

#[test]
fn an_answer_from_another_site_by_another_key_or_of_nobody_verified_opens_nothing() {
    let hub = named_hub();
    let passkey = enrolled(&hub, &Browser::of(&hub), "kakuu.kagi");
    let other = enrolled(&hub, &Browser::of(&hub), "kakuu.betsu");
    let browser = Browser::of(&hub);
    let attempt = |make: &dyn Fn(Saying) -> Value| {
        let options = asked(&browser, "sign-in", "kakuu.kagi");
        done(&browser, "sign-in", "kakuu.kagi", &make(Saying::honest(&options, &hub.url, "webauthn.get")))
    };
    let evil = "https://evil.example".to_owned();
    let refusals = [
        attempt(&|saying| passkey.signed(&Saying { origin: evil.clone(), ..saying })),
        attempt(&|saying| passkey.signed(&Saying { site: "evil.example".to_owned(), ..saying })),
        attempt(&|saying| passkey.signed(&Saying { kind: "webauthn.create", ..saying })),
        attempt(&|saying| passkey.signed(&Saying { challenge: "AAAA".to_owned(), ..saying })),
        attempt(&|saying| passkey.signed(&saying.unverified())),
        attempt(&|saying| other.signed(&saying)),
        attempt(&|saying| {
            let mut answer = passkey.signed(&saying);
            answer["response"]["signature"] = other.signed(&saying)["response"]["signature"].clone();
            answer
        }),
        attempt(&|saying| {
            let mut answer = other.signed(&saying);
            let own = passkey.signed(&saying);
            (answer["id"], answer["rawId"]) = (own["id"].clone(), own["rawId"].clone());
            answer
        }),
        attempt(&|_| Value::Null),
    ];
    for (number, refusal) in refusals.iter().enumerate() {
        assert_eq!(refusal, &refusals[0], "{number}: all read the same");
    }
    assert_eq!(refusals[0].0, 401);
    assert_eq!(attempt(&|saying| passkey.signed(&saying)).0, 200, "the honest one opens");
}

#[test]
fn a_passkey_is_set_up_by_a_verified_holder_at_this_site_for_what_was_asked_and_by_no_other() {
    let hub = named_hub();
    let occasion = invited(&hub, "kakuu.kagi", "safety-manager").replace("/invitation/", "invitation-");
    let browser = Browser::of(&hub);
    let attempt = |lie: &dyn Fn(Saying) -> Saying| {
        let options = asked(&browser, &occasion, "");
        let saying = lie(Saying::honest(&options, &hub.url, "webauthn.create"));
        done(&browser, &occasion, "", &Authenticator::made(&options, &saying).1)
    };
    let refusals = [
        attempt(&Saying::unverified),
        attempt(&|saying| Saying { origin: "https://evil.example".to_owned(), ..saying }),
        attempt(&|saying| Saying { site: "evil.example".to_owned(), ..saying }),
        attempt(&|saying| Saying { kind: "webauthn.get", ..saying }),
        attempt(&|saying| Saying { challenge: "AAAA".to_owned(), ..saying }),
    ];
    for (number, refusal) in refusals.iter().enumerate() {
        assert_eq!((refusal.0, &refusal.1), (401, &refusals[0].1), "{number}");
    }
    assert_eq!(browser.get("/audit").status, 303, "nobody is in");
    assert_eq!(attempt(&|saying| saying).0, 200, "the invitation still holds for the honest");
}

#[test]
fn a_question_for_one_occasion_is_answered_at_no_other() {
    let hub = named_hub();
    let browser = Browser::of(&hub);
    let passkey = enrolled(&hub, &browser, "kakuu.kagi");
    let honest = |options: &Value| passkey.signed(&Saying::honest(options, &hub.url, "webauthn.get"));
    let options = asked(&browser, "sign-in", "kakuu.kagi");
    assert_eq!(done(&browser, "proof", "", &honest(&options)).0, 401);
    let options = asked(&browser, "proof", "");
    assert_eq!(done(&browser, "sign-in", "kakuu.kagi", &honest(&options)).0, 401);
    let [one, another] = ["kakuu.ichi", "kakuu.ni"]
        .map(|login| invited(&hub, login, "clerk").replace("/invitation/", "invitation-"));
    let guest = Browser::of(&hub);
    let options = asked(&guest, &one, "");
    let (_, answer) = Authenticator::made(&options, &Saying::honest(&options, &hub.url, "webauthn.create"));
    assert_eq!(done(&guest, &another, "", &answer).0, 401, "asked for one account, it is kept for no other");
    let stranger = Browser::of(&hub);
    assert_eq!(done(&stranger, "account", "", &answer).0, 403);
    assert_eq!(stranger.post_json("/passkey/elsewhere", "{}").status, 404);
}

#[test]
fn what_is_no_answer_of_a_browser_is_refused_and_breaks_nothing() {
    let hub = named_hub();
    let link = invited(&hub, "kakuu.kagi", "clerk").replace("/invitation/", "invitation-");
    let long = "A".repeat(15 << 10);
    let response =
        json!({"authenticatorData": "AA", "clientDataJSON": "e30", "signature": "AA", "userHandle": "AA"});
    let broken = [
        json!([]),
        json!("x"),
        json!({"id": long}),
        json!({"id": "AA", "rawId": "AA", "type": "public-key", "response": response}),
        json!({"id": "AA", "rawId": "AA", "type": "public-key", "response": {"attestationObject": "oA", "clientDataJSON": "e30"}}),
        json!({"id": "!!", "rawId": "あ", "type": 7, "response": null}),
    ];
    for occasion in ["sign-in", &link] {
        let browser = Browser::of(&hub);
        for answer in &broken {
            asked(&browser, occasion, "kakuu.kagi");
            let (status, told) = done(&browser, occasion, "kakuu.kagi", answer);
            assert_eq!(status, 401, "{occasion} {told}");
        }
        let deep = format!("{{\"answer\":{}{}}}", "[".repeat(7 << 10), "]".repeat(7 << 10));
        for body in ["", "{", "[]", "\u{0}", &deep] {
            let status = browser.post_json(&format!("/passkey/{occasion}/done"), body).status;
            assert!(matches!(status, 400 | 401), "{status}");
        }
        let large = json!({"answer": "A".repeat(17 << 10)}).to_string();
        assert_eq!(browser.post_json(&format!("/passkey/{occasion}/done"), &large).status, 413);
    }
    assert!(!hub.log().contains("panicked"));
}

#[test]
fn whether_a_login_has_passkeys_or_is_there_at_all_cannot_be_asked() {
    let hub = named_hub();
    enrolled(&hub, &Browser::of(&hub), "kakuu.kagi");
    Browser::of(&hub).accept(&invited(&hub, "kakuu.angou", "clerk"), PASSWORD);
    let browser = Browser::of(&hub);
    let told = |login: &str| {
        let mut options = asked(&browser, "sign-in", login);
        options["publicKey"]["challenge"] = Value::Null;
        let id = options["publicKey"]["allowCredentials"][0]["id"].take();
        (options, id)
    };
    let (with_passkey, _) = told("kakuu.kagi");
    for login in ["kakuu.angou", "nobody.here"] {
        let (options, id) = told(login);
        assert_eq!(options, with_passkey, "{login}");
        assert_eq!(told(login).1, id, "what is made up stays the same");
    }
}

#[test]
fn a_code_by_the_clock_lets_in_one_browser() {
    let hub = Hub::start();
    let SetUp { secret, .. } =
        Browser::of(&hub).accept(&invited(&hub, "kakuu.tokei", "safety-manager"), PASSWORD);
    let typed = code(&secret, 1);
    let sign_in = || {
        let browser = Browser::of(&hub);
        browser.post("/sign-in", &[("login", "kakuu.tokei"), ("password", PASSWORD)]);
        browser.post("/sign-in/code", &[("code", &typed)]).status
    };
    assert_eq!((sign_in(), sign_in()), (303, 401));
}

#[test]
fn unknown_wrong_suspended_and_resting_read_the_same_to_the_byte() {
    let hub = Hub::start();
    for login in ["kakuu.aru", "kakuu.tomaru", "kakuu.yasumu"] {
        Browser::of(&hub).accept(&invited(&hub, login, "clerk"), PASSWORD);
    }
    assert!(renkei_in(hub.folder.path(), &["account", "suspend", "kakuu.tomaru"]).status.success());
    invited(&hub, "kakuu.mada", "clerk");
    let attempt = |login: &str, password: &str| {
        let page = Browser::of(&hub).post("/sign-in", &[("login", login), ("password", password)]);
        (page.status, page.location, page.html.replace(login, "LOGIN"))
    };
    for _ in 0..6 {
        attempt("kakuu.yasumu", "wrong");
    }
    let unknown = attempt("nobody.here", PASSWORD);
    assert_eq!(unknown.0, 401);
    for (login, password) in [
        ("kakuu.aru", "wrong"),
        ("kakuu.tomaru", PASSWORD),
        ("kakuu.yasumu", PASSWORD),
        ("kakuu.mada", PASSWORD),
    ] {
        assert_eq!(attempt(login, password), unknown, "{login}");
    }
}

#[test]
fn codes_are_not_guessed_one_after_another() {
    let hub = Hub::start();
    let SetUp { papers, .. } =
        Browser::of(&hub).accept(&invited(&hub, "kakuu.kami", "safety-manager"), PASSWORD);
    let browser = Browser::of(&hub);
    browser.post("/sign-in", &[("login", "kakuu.kami"), ("password", PASSWORD)]);
    let guesses = iter::repeat_with(|| browser.post("/sign-in/code", &[("code", "000000")]).status).take(6);
    assert!(guesses.into_iter().all(|status| status == 401));
    assert_eq!(browser.post("/sign-in/code", &[("code", &papers[0])]).status, 401, "the account rests");
    let session = Browser::of(&hub);
    assert_eq!(session.post("/sign-in", &[("login", "kakuu.kami"), ("password", PASSWORD)]).status, 401);
    assert_eq!(session.get("/audit").status, 303);
}

#[test]
fn attempts_in_vain_and_sign_ins_stand_in_the_record_without_what_was_typed() {
    let hub = Hub::start();
    let SetUp { papers, .. } =
        Browser::of(&hub).accept(&invited(&hub, "kakuu.kiroku", "safety-manager"), PASSWORD);
    let browser = Browser::of(&hub);
    browser.post("/sign-in", &[("login", "kakuu.kiroku"), ("password", "machigai-9")]);
    browser.post("/sign-in", &[("login", "kakuu.kiroku"), ("password", PASSWORD)]);
    browser.post("/sign-in/code", &[("code", &papers[0])]);
    browser.post("/sign-out", &[]);
    let auditor = hub.token("auditor", &["--institution", HOSPITAL]);
    let events = hub.get(&auditor, "/fhir/AuditEvent?_count=20").matches();
    let rules: Vec<&str> = events.iter().filter_map(|event| event["outcomeDesc"].as_str()).collect();
    for rule in ["wrong-proof", "unregistered-device-admitted", "signed-out"] {
        assert!(rules.contains(&rule), "{rule} of {rules:?}");
    }
    let text = Value::from(events).to_string();
    assert!(text.contains("factor/recovery"), "what it was proved with is told");
    for typed in ["machigai-9", PASSWORD, papers[0].as_str()] {
        assert!(!text.contains(typed) && !hub.log().contains(typed));
    }
}
