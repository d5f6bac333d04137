//! Signing in by an identity provider: a hub between a browser and a tiny provider whose tokens a test makes up.
//! Against a real provider: `tests/provider`.

mod tiny;

use std::cell::RefCell;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::hub::{CLINIC, HOSPITAL, Hub, encoded, renkei_in};
use crate::provider::tiny::{CLIENT, SECRET, Tiny, new_key, now, sign, unsigned};

/// A browser: keeps cookies as one that another site sent here would send them, follows nothing by itself.
struct Browser<'h> {
    hub: &'h Hub,
    agent: ureq::Agent,
    cookies: RefCell<BTreeMap<String, (String, bool)>>,
}

struct Page {
    status: u16,
    location: String,
    html: String,
}

impl<'h> Browser<'h> {
    fn of(hub: &'h Hub) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        Self { hub, agent: config.build().into(), cookies: RefCell::default() }
    }

    fn get(&self, path: &str) -> Page {
        self.page(path, false)
    }

    /// As another site sends a browser here: without the strict cookies.
    fn sent_back(&self, path: &str) -> Page {
        self.page(path, true)
    }

    fn page(&self, path: &str, is_from_elsewhere: bool) -> Page {
        let request = self.agent.get(format!("{}{path}", self.hub.url));
        let request = request.header("cookie", self.cookie(is_from_elsewhere)).header("accept", "text/html");
        self.kept(request.call().unwrap())
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.agent.post(format!("{}{path}", self.hub.url)).header("cookie", self.cookie(false));
        self.kept(request.send_form(fields.to_vec()).unwrap())
    }

    fn cookie(&self, is_from_elsewhere: bool) -> String {
        let cookies = self.cookies.borrow();
        let sent = cookies.iter().filter(|(_, (_, is_strict))| !(is_from_elsewhere && *is_strict));
        sent.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn kept(&self, mut response: ureq::http::Response<ureq::Body>) -> Page {
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite="), "{cookie}");
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            let mut cookies = self.cookies.borrow_mut();
            cookies.remove(name);
            if !value.is_empty() {
                cookies.insert(name.to_owned(), (value, cookie.contains("SameSite=Strict")));
            }
        }
        let location = response.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let html = response.body_mut().read_to_string().unwrap();
        Page { status: response.status().as_u16(), location: location.unwrap_or_default(), html }
    }

    /// Goes to the provider by an address of the hub; answers the state and nonce that it is sent with.
    fn leave(&self, path: &str) -> (String, String) {
        let away = self.get(path);
        assert_eq!(away.status, 303, "{}", away.html);
        let query = away.location.split_once("/authorize?").unwrap().1;
        let of = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).unwrap().to_owned();
        assert_eq!((of("code_challenge_method=").as_str(), of("response_type=").as_str()), ("S256", "code"));
        assert!(query.contains("max_age=300"), "a proof of long ago is not asked for: {query}");
        (of("state="), of("nonce="))
    }

    /// Signs in by a provider as this subject, with claims that a test may change.
    fn come(&self, tiny: &Tiny, id: &str, way: &str, subject: &str, change: impl Fn(&mut Value)) -> Page {
        let (state, nonce) = self.leave(way);
        let mut claims = tiny.claims(subject, &nonce);
        change(&mut claims);
        tiny.will_answer(&tiny.signed(&claims));
        self.sent_back(&format!("/sign-in/provider/{id}/back?code=c&state={state}"))
    }
}

fn said(hub: &Hub, arguments: &[&str]) -> String {
    let output = renkei_in(hub.folder.path(), arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Registers the tiny provider; answers its id.
fn registered(hub: &Hub, tiny: &Tiny, more: &[&str]) -> String {
    let secret = hub.folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let secret = secret.to_str().unwrap();
    let common = ["provider", "add", "--name", "架空病院の職員ID", "--client-id", CLIENT];
    let rest = ["--issuer", &tiny.url, "--secret-file", secret];
    said(hub, &[&common[..], &rest, more].concat())
}

/// The hospital's provider.
fn of_the_hospital(hub: &Hub, tiny: &Tiny) -> String {
    registered(hub, tiny, &["--kind", "staff", "--institution", HOSPITAL])
}

/// Invites somebody; answers the path of the link.
fn invited(hub: &Hub, login: &str, institution: &str) -> String {
    // Four eyes take the same name for the same person.
    let name = format!("架空 {login}");
    let who = ["account", "invite", login, "--name", &name, "--role", "safety-manager"];
    let link = said(hub, &[&who[..], &["--institution", institution, "--checked", "職員証と対面"]].concat());
    link[link.find("/invitation/").unwrap()..].to_owned()
}

fn way(id: &str) -> String {
    format!("/sign-in/provider/{id}")
}

#[test]
fn an_invitation_is_accepted_by_the_institutions_id_and_signs_in_by_it_ever_after() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let id = of_the_hospital(&hub, &tiny);
    let invitation = invited(&hub, "kakuu.renkei", HOSPITAL);
    assert!(Browser::of(&hub).get("/sign-in").html.contains("架空病院の職員ID"));
    let browser = Browser::of(&hub);
    let link = format!("{invitation}/provider/{id}");
    assert!(browser.get(&invitation).html.contains(&link));
    let inside = browser.come(&tiny, &id, &link, "staff-1", |_| {});
    assert_eq!(inside.status, 200, "{}", inside.html);
    assert_eq!(browser.get("/audit").status, 200, "a session with two factors has begun");
    assert!(browser.get("/account").html.contains("架空病院の職員ID"));
    assert_eq!(browser.get(&invitation).status, 410, "the invitation is used up");
    let again = Browser::of(&hub);
    let inside = again.come(&tiny, &id, &format!("{}?next=/account", way(&id)), "staff-1", |_| {});
    assert!(inside.html.contains("href=\"/account\""), "{}", inside.html);
    assert_eq!(again.get("/audit").status, 200);
    let form = tiny.asked().pop().unwrap();
    assert!(form.contains("code_verifier=") && form.contains("grant_type=authorization_code"), "{form}");
    let log = hub.log();
    assert!(!log.contains(SECRET) && !log.contains("staff-1"), "neither secret nor subject is logged");
}

#[test]
fn a_token_with_anything_wrong_lets_nobody_in_and_every_refusal_reads_the_same() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let id = of_the_hospital(&hub, &tiny);
    invited(&hub, "kakuu.tadashii", HOSPITAL);
    said(&hub, &["provider", "link", "kakuu.tadashii", "--provider", &id, "--subject", "staff-1"]);
    let with = |name: &str, value: Value| (name.to_owned(), value);
    let changes = [
        with("iss", json!("https://other.example")),
        with("aud", json!("another-client")),
        with("aud", json!([CLIENT, "another-client"])),
        with("azp", json!("another-client")),
        with("nonce", json!("another")),
        with("nonce", Value::Null),
        with("exp", json!(now() - 120)),
        with("iat", json!(now() + 3600)),
        with("iat", json!(now() - 3600)),
        with("nbf", json!(now() + 3600)),
        with("auth_time", json!(now() - 3600)),
        with("auth_time", json!(now() + 3600)),
        with("auth_time", Value::Null),
        with("sub", json!("")),
        with("padding", json!("x".repeat(20_000))),
    ];
    let honest = &|nonce: &str| tiny.claims("staff-1", nonce);
    let header = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid});
    let stranger = new_key();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &tiny.public());
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
    let by_hash = |key: &ring::hmac::Key, nonce: &str| {
        let signed = unsigned(&json!({"alg": "HS256", "kid": "k1"}), &honest(nonce));
        let signature = ring::hmac::sign(key, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    };
    type Make<'m> = Box<dyn Fn(&str) -> String + 'm>;
    let mut tokens: Vec<(String, Make<'_>)> = changes
        .into_iter()
        .map(|(name, value)| {
            let (told, tiny) = (format!("{name} {value:.20}"), &tiny);
            let make = move |nonce: &str| {
                let mut claims = honest(nonce);
                claims[&name] = value.clone();
                if value.is_null() {
                    claims.as_object_mut().unwrap().remove(&name);
                }
                tiny.signed(&claims)
            };
            (told, Box::new(make) as Make<'_>)
        })
        .collect();
    tokens.push(("none".into(), Box::new(|nonce| unsigned(&header("none", "k1"), &honest(nonce)) + ".")));
    tokens.push(("HS256 by the public key".into(), Box::new(|nonce| by_hash(&key, nonce))));
    tokens.push(("HS256 by the secret".into(), Box::new(|nonce| by_hash(&secret, nonce))));
    tokens.push(("RS256".into(), Box::new(|nonce| sign(&stranger, &header("RS256", "k1"), &honest(nonce)))));
    tokens.push((
        "a stranger".into(),
        Box::new(|nonce| sign(&stranger, &header("ES256", "k1"), &honest(nonce))),
    ));
    tokens.push((
        "a stranger's key".into(),
        Box::new(|nonce| sign(&stranger, &header("ES256", "k2"), &honest(nonce))),
    ));
    tokens.push(("nothing".into(), Box::new(|_| "no.token".to_owned())));
    for (index, (name, token)) in tokens.iter().enumerate() {
        let browser = Browser::of(&hub);
        let (state, nonce) = browser.leave(&way(&id));
        tiny.will_answer(&token(&nonce));
        let refused = browser.sent_back(&format!("{}/back?code=c&state={state}", way(&id)));
        assert_eq!(refused.status, 401, "{index} {name}");
        assert!(refused.html.contains("確かめられませんでした"), "{index} {name}: {}", refused.html);
        assert_eq!(browser.get("/audit").status, 303, "{index} {name}: nobody is in");
    }
    let log = hub.log();
    for fault in ["algorithm", "signature", "unknown-key", "issuer", "audience", "nonce", "time", "proved-at"]
    {
        assert!(log.contains(fault), "the log tells {fault}");
    }
    let honest = Browser::of(&hub).come(&tiny, &id, &way(&id), "staff-1", |_| {});
    assert_eq!(honest.status, 200, "and nothing else was wrong: {}", honest.html);
}

#[test]
fn a_return_is_taken_once_in_the_same_browser_from_the_same_provider() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let (id, other) = (of_the_hospital(&hub, &tiny), of_the_hospital(&hub, &tiny));
    invited(&hub, "kakuu.ichido", HOSPITAL);
    said(&hub, &["provider", "link", "kakuu.ichido", "--provider", &id, "--subject", "staff-1"]);
    let browser = Browser::of(&hub);
    let begin = || {
        let (state, nonce) = browser.leave(&way(&id));
        tiny.will_answer(&tiny.signed(&tiny.claims("staff-1", &nonce)));
        state
    };
    let back = |state: &str| format!("{}/back?code=c&state={state}", way(&id));
    let state = begin();
    assert_eq!(Browser::of(&hub).sent_back(&back(&state)).status, 401, "another browser");
    assert_eq!(browser.sent_back(&back(&state)).status, 200, "the browser that left");
    assert_eq!(browser.sent_back(&back(&state)).status, 401, "once");
    begin();
    assert_eq!(browser.sent_back(&back("0000")).status, 401, "another state");
    let state = begin();
    let elsewhere = format!("{}/back?code=c&state={state}", way(&other));
    assert_eq!(browser.sent_back(&elsewhere).status, 401, "another provider's return");
    let state = begin();
    let mixed = format!("{}&iss={}", back(&state), encoded("https://other.example"));
    assert_eq!(browser.sent_back(&mixed).status, 401, "another issuer (RFC 9207)");
    let state = begin();
    let named = format!("{}&iss={}", back(&state), encoded(&tiny.url));
    assert_eq!(browser.sent_back(&named).status, 200, "its own name");
    let state = begin();
    let declined = browser.sent_back(&format!("{}/back?error=access_denied&state={state}", way(&id)));
    assert!(declined.status == 401 && declined.html.contains("取りやめ"), "{}", declined.html);
    assert!(said(&hub, &["provider", "end", &id]).is_empty());
    assert_eq!(browser.get(&way(&id)).status, 404, "an ended provider");
}

#[test]
fn a_provider_that_shows_less_than_was_agreed_is_told_so() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let two = of_the_hospital(&hub, &tiny);
    let staff = ["--kind", "staff", "--institution", HOSPITAL];
    let agreed = registered(&hub, &tiny, &[&staff[..], &["--acr", "urn:example:two"]].concat());
    let one = registered(&hub, &tiny, &[&staff[..], &["--one-factor"]].concat());
    invited(&hub, "kakuu.yousu", HOSPITAL);
    // A subject belongs to issuer and institution, so one link serves all three.
    said(&hub, &["provider", "link", "kakuu.yousu", "--provider", &two, "--subject", "staff-1"]);
    invited(&hub, "kakuu.owari", HOSPITAL);
    let listed = said(&hub, &["account", "list", "--json"]);
    let account = listed.lines().find(|line| line.contains("kakuu.owari")).unwrap();
    let account: Value = serde_json::from_str(account).unwrap();
    let come = |id: &str, acr: Option<&str>, amr: &[&str]| {
        let browser = Browser::of(&hub);
        let page = browser.come(&tiny, id, &way(id), "staff-1", |claims| {
            claims["amr"] = json!(amr);
            if let Some(acr) = acr {
                claims["acr"] = json!(acr);
            }
        });
        let ended =
            browser.post("/accounts", &[("account", account["id"].as_str().unwrap()), ("act", "end")]);
        let is_told = page.html.contains("二つの要素が示されません");
        (page.status, is_told, ended.html.contains("second-factor-needed"))
    };
    for weak in [&["pwd"][..], &["pwd", "pin"], &[], &["unheard"]] {
        assert_eq!(come(&two, None, weak), (403, true, false), "{weak:?}");
    }
    assert_eq!(come(&agreed, Some("urn:example:one"), &["mfa"]), (403, true, false));
    let lacks_one = come(&one, None, &["pwd"]);
    assert_eq!(lacks_one, (200, false, true), "one factor lets in, but not to what needs two");
    assert_eq!(come(&one, None, &["pwd", "otp"]), (200, false, false));
    assert_eq!(come(&two, None, &["mfa"]), (200, false, false));
    assert_eq!(come(&agreed, Some("urn:example:two"), &[]), (200, false, false));
}

#[test]
fn one_subject_is_one_account_and_a_stranger_is_told_whom_to_ask() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let id = of_the_hospital(&hub, &tiny);
    let clinics = registered(&hub, &tiny, &["--kind", "staff", "--institution", CLINIC]);
    invited(&hub, "kakuu.hitori", HOSPITAL);
    let second = invited(&hub, "kakuu.futari", HOSPITAL);
    invited(&hub, "kakuu.clinic", CLINIC);
    let link = |login: &str, id: &str, subject: &str| {
        let arguments = ["provider", "link", login, "--provider", id, "--subject", subject];
        renkei_in(hub.folder.path(), &arguments).status.success()
    };
    assert!(link("kakuu.hitori", &id, "staff-1"));
    assert!(!link("kakuu.futari", &id, "staff-1"), "the subject is another account's");
    assert!(!link("kakuu.clinic", &id, "staff-2"), "the provider is another institution's");
    assert!(link("kakuu.clinic", &clinics, "staff-1"), "the same human being at another institution");
    let stranger = Browser::of(&hub).come(&tiny, &id, &way(&id), "staff-9", |_| {});
    assert!(stranger.status == 403 && stranger.html.contains("施設の管理者"), "{}", stranger.html);
    assert!(!said(&hub, &["account", "list"]).contains("staff-9"), "no account is made by itself");
    let taken = Browser::of(&hub).come(&tiny, &id, &format!("{second}/provider/{id}"), "staff-1", |_| {});
    assert!(taken.status == 403 && taken.html.contains("別のアカウント"), "{}", taken.html);
    assert_eq!(Browser::of(&hub).come(&tiny, &id, &way(&id), "staff-1", |_| {}).status, 200);
    assert!(link("kakuu.futari", &id, "staff-2"));
    assert_eq!(Browser::of(&hub).come(&tiny, &id, &way(&id), "staff-2", |_| {}).status, 200);
    said(&hub, &["account", "suspend", "kakuu.hitori"]);
    let suspended = Browser::of(&hub).come(&tiny, &id, &way(&id), "staff-1", |_| {});
    assert_eq!(suspended.status, 403, "the account rests, whatever the provider says");
}

#[test]
fn a_holder_links_another_subject_and_proves_again_by_it() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let id = of_the_hospital(&hub, &tiny);
    let invitation = invited(&hub, "kakuu.musubu", HOSPITAL);
    let browser = Browser::of(&hub);
    browser.come(&tiny, &id, &format!("{invitation}/provider/{id}"), "staff-1", |_| {});
    let linked = browser.come(&tiny, &id, &format!("{}?for=account", way(&id)), "staff-2", |_| {});
    assert_eq!(linked.status, 200, "{}", linked.html);
    assert_eq!(Browser::of(&hub).come(&tiny, &id, &way(&id), "staff-2", |_| {}).status, 200);
    assert!(browser.get("/proof?next=/audit").html.contains("for=proof&amp;next=/audit"));
    let before = browser.cookies.borrow()["renkei_session"].0.clone();
    let proof = format!("{}?for=proof&next=/audit", way(&id));
    let proved = browser.come(&tiny, &id, &proof, "staff-2", |_| {});
    assert!(proved.status == 200 && proved.html.contains("href=\"/audit\""), "{}", proved.html);
    assert_ne!(browser.cookies.borrow()["renkei_session"].0, before, "under a new cookie");
    assert_eq!(browser.get("/audit").status, 200);
    let another = browser.come(&tiny, &id, &proof, "staff-9", |_| {});
    assert_eq!(another.status, 403, "somebody else's proof");
    let nobody = Browser::of(&hub).get(&format!("{}?for=account", way(&id)));
    assert_eq!(nobody.location, "/proof?next=/account", "only from within a session");
}

#[test]
fn a_patient_whom_an_adapter_vouches_for_has_one_account_for_ever() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let patients = ["--kind", "patient", "--claim", "urn:renkei:member", "--checked", "カードと暗証番号"];
    let id = registered(&hub, &tiny, &[&patients[..], &["--level", "3"]].concat());
    let member = hub.region.patients[0].members[0].member_id.clone();
    let as_member = |number: &str| {
        let number = number.to_owned();
        move |claims: &mut Value| {
            claims["urn:renkei:member"] = json!(number);
            claims["name"] = json!("架空 花子");
        }
    };
    let accounts = || said(&hub, &["account", "list"]).matches("patient.").count();
    let first = Browser::of(&hub);
    let inside = first.come(&tiny, &id, &way(&id), "p-1", as_member(&member));
    assert!(inside.status == 200 && inside.html.contains("/patients/"), "{}", inside.html);
    let own = inside.html.split("href=\"/patients/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(first.get(&format!("/patients/{own}")).status, 200, "their own record opens");
    Browser::of(&hub).come(&tiny, &id, &way(&id), "p-1", as_member(&member));
    Browser::of(&hub).come(&tiny, &id, &way(&id), "p-2", as_member(&member));
    assert_eq!(accounts(), 1, "also by another subject: the person is the same");
    let other = hub.region.patients[1].members[0].member_id.clone();
    let changed = Browser::of(&hub).come(&tiny, &id, &way(&id), "p-1", as_member(&other));
    assert_eq!(changed.status, 403, "a subject does not become somebody else");
    let unknown = Browser::of(&hub).come(&tiny, &id, &way(&id), "p-3", as_member("99999999:0:0:00"));
    assert_eq!(unknown.status, 403, "nobody whom the centre does not know");
    let without = Browser::of(&hub).come(&tiny, &id, &way(&id), "p-4", |_| {});
    assert_eq!(without.status, 403, "nobody without a number");
    assert_eq!(accounts(), 1);
    assert_eq!(Browser::of(&hub).get("/sign-in/card").status, 404, "the simulated card is the demo's");
}

#[test]
fn a_provider_that_does_not_answer_as_the_one_it_was_registered_as_is_not_used() {
    let (hub, tiny) = (Hub::start(), Tiny::start());
    let (secret, name) = (hub.folder.path().join("secret"), "架空");
    std::fs::write(&secret, SECRET).unwrap();
    let add = |issuer: &str| {
        let common = ["provider", "add", "--kind", "staff", "--name", name, "--client-id", CLIENT];
        let secret = ["--secret-file", secret.to_str().unwrap(), "--issuer", issuer];
        renkei_in(hub.folder.path(), &[&common[..], &secret].concat())
    };
    let misnamed = format!("{}/", tiny.url.replace("127.0.0.1", "localhost"));
    let id = String::from_utf8(add(&misnamed).stdout).unwrap().trim().to_owned();
    let page = Browser::of(&hub).get(&way(&id));
    assert!(page.status == 502 && page.html.contains("応えません"), "{}", page.html);
    for bad in ["http://id.example", "ftp://id.example", "https://id.example/?x=1", "id.example"] {
        let refused = add(bad);
        assert!(!refused.status.success(), "{bad}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("--issuer"), "{bad}");
    }
}
