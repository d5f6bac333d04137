use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use crate::hub::{CLINIC, HOSPITAL, Hub, renkei_in, steady};
use crate::smart::{JWT_BEARER, Vendor, ask, now, send};

const SCOPES: &str = "system/Bundle.cruds system/Task.rs system/Patient.rs";

fn backend(hub: &Hub) -> Vendor {
    Vendor::registered(hub, &["--kind", "backend", "--institution", HOSPITAL, "--scopes", SCOPES])
}

fn header(alg: &str, kid: &str) -> Value {
    json!({"alg": alg, "kid": kid, "typ": "JWT"})
}

/// The claims with one of them another.
fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

#[test]
fn a_registered_backend_registers_and_reads_back_by_keys_of_either_kind() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    for assertion in [
        vendor.es384(&header("ES384", "es"), &vendor.claims(&hub)),
        vendor.rs384(&header("RS384", "rs"), &vendor.claims(&hub)),
    ] {
        let told = ask(&hub, &assertion, "system/Bundle.cr");
        assert_eq!(told.status, 200, "{}", told.body);
        let json = told.json();
        assert_eq!((&json["token_type"], &json["scope"]), (&json!("Bearer"), &json!("system/Bundle.cr")));
        assert!(json["expires_in"].as_i64().unwrap() <= 300);
        let token = json["access_token"].as_str().unwrap();
        let sent =
            steady(&hub.region)[0].submissions.iter().find(|sent| sent.institution == HOSPITAL).unwrap();
        let receipt = hub.post(token, "/fhir/Bundle", &sent.body);
        assert!(receipt.status < 300, "{}", String::from_utf8_lossy(&receipt.body));
        let unit = receipt.reference("bundle");
        assert_eq!(hub.get(token, &format!("/fhir/{unit}")).body, sent.body);
    }
    assert!(!hub.log().contains("eyJ"), "no assertion is logged");
}

#[test]
fn what_a_scope_does_not_let_is_refused_and_the_missing_scope_is_named() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let token = vendor.token(&hub, "system/Bundle.c");
    for (path, scope) in [
        (format!("/fhir/Task?owner={HOSPITAL}"), "system/Task.s"),
        ("/fhir/Patient?identifier=x%7Cy".to_owned(), "system/Patient.s"),
        ("/fhir/Subscription".to_owned(), "system/Subscription.s"),
    ] {
        let refused = hub.get(&token, &path);
        assert_eq!((refused.status, refused.codes()), (403, vec!["scope-missing".to_owned()]), "{path}");
        let text = refused.json()["issue"][0]["details"]["text"].as_str().unwrap().to_owned();
        assert!(text.contains(scope), "{text}");
    }
    for path in ["/figures", "/patients", "/api/v1/disasters"] {
        assert_eq!(hub.get(&token, path).status, 403, "{path}");
    }
    let glass = hub.post(&token, "/fhir/Patient/$emergency-access", b"{}");
    assert_eq!((glass.status, glass.codes()), (403, vec!["not-for-apps".to_owned()]));
}

#[test]
fn scopes_only_narrow() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let told = ask(&hub, &vendor.assertion(&hub), "system/*.cruds user/*.cruds openid");
    assert_eq!(told.json()["scope"], SCOPES);
    for wide in ["system/Consent.c", "user/Bundle.c", "", "everything"] {
        assert_eq!(ask(&hub, &vendor.assertion(&hub), wide).error(), "invalid_scope", "{wide}");
    }
    // Reading is let by the scope, and refused by the rule all the same.
    let sent = steady(&hub.region)[0].submissions.iter().find(|sent| sent.institution == CLINIC).unwrap();
    let receipt = hub.post(&hub.system(CLINIC), "/fhir/Bundle", &sent.body);
    let token = vendor.token(&hub, "system/*.rs");
    assert_eq!(hub.get(&token, &format!("/fhir/{}", receipt.reference("bundle"))).status, 403);
}

#[test]
fn an_assertion_is_good_once_even_when_the_hub_was_killed_in_between() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let named = |hub: &Hub| {
        let claims = with(vendor.claims(hub), "jti", json!("the-same"));
        vendor.es384(&header("ES384", "es"), &claims)
    };
    assert_eq!(ask(&hub, &named(&hub), SCOPES).status, 200);
    let again = ask(&hub, &named(&hub), SCOPES);
    assert_eq!((again.status, again.error().as_str()), (401, "invalid_client"));
    let hub = Hub::run_in(hub.kill(), &[env!("CARGO_BIN_EXE_renkei")]);
    assert_eq!(ask(&hub, &named(&hub), SCOPES).error(), "invalid_client");
    assert_eq!(ask(&hub, &vendor.assertion(&hub), SCOPES).status, 200);
}

#[test]
fn of_many_at_once_one_assertion_gets_one_token() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let assertion = vendor.assertion(&hub);
    let lent = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| ask(&hub, &assertion, SCOPES).status)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).filter(|one| *one == 200).count()
    });
    assert_eq!(lent, 1);
}

#[test]
fn an_assertion_for_somebody_else_or_for_another_time_is_refused_with_the_reason() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let claims = || vendor.claims(&hub);
    let other = json!("https://hub.example/oauth/token");
    let (here, both) = (claims()["aud"].clone(), json!([claims()["aud"], other]));
    for (claims, word) in [
        (with(claims(), "aud", other.clone()), "aud"),
        (with(claims(), "aud", both), "aud"),
        (with(claims(), "exp", json!(now() - 60)), "exp"),
        (with(claims(), "exp", json!(now() + 600)), "exp"),
        (with(claims(), "exp", json!(1e300)), "exp"),
        (with(claims(), "exp", json!(-1)), "exp"),
        (with(claims(), "iat", json!(now() + 120)), "iat"),
        (with(claims(), "nbf", json!(now() + 120)), "nbf"),
        (with(claims(), "sub", json!("another")), "sub"),
        (with(claims(), "jti", json!("")), "jti"),
        (with(claims(), "jti", Value::Null), "jti"),
    ] {
        let told = ask(&hub, &vendor.es384(&header("ES384", "es"), &claims), SCOPES);
        assert_eq!((told.status, told.error().as_str()), (401, "invalid_client"), "{claims}");
        let why = told.json()["error_description"].as_str().unwrap().to_owned();
        assert!(why.contains(word) && why.is_ascii(), "{why}");
        assert!(!told.json()["message"].as_str().unwrap().is_ascii(), "Japanese comes first");
    }
    let alone = with(claims(), "aud", json!([here]));
    assert_eq!(ask(&hub, &vendor.es384(&header("ES384", "es"), &alone), SCOPES).status, 200);
}

#[test]
fn no_signature_but_one_by_the_named_key_and_its_own_algorithm_is_taken() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let claims = || vendor.claims(&hub);
    let unsigned = |alg: &str| {
        let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        format!("{}.{}", part(header(alg, "rs")), part(claims()))
    };
    let by_public_key = |alg: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA384, &vendor.public_key());
        let signed = unsigned(alg);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, signed.as_bytes())))
    };
    let foreign =
        Vendor::registered(&hub, &["--kind", "backend", "--institution", CLINIC, "--scopes", SCOPES]);
    for (what, assertion) in [
        ("none", format!("{}.", unsigned("none"))),
        ("None", format!("{}.", unsigned("None"))),
        ("an empty signature", format!("{}.", unsigned("RS384"))),
        ("HS384 by the public key", by_public_key("HS384")),
        ("an HMAC that calls itself RS384", by_public_key("RS384")),
        ("RS256", vendor.rs384(&header("RS256", "rs"), &claims())),
        ("ES384 said of the RSA key", vendor.es384(&header("ES384", "rs"), &claims())),
        ("RS384 said of the P-384 key", vendor.rs384(&header("RS384", "es"), &claims())),
        ("the RSA key under the other's id", vendor.rs384(&header("ES384", "es"), &claims())),
        ("an unknown key", vendor.es384(&header("ES384", "xx"), &claims())),
        ("no key named", vendor.es384(&json!({"alg": "ES384"}), &claims())),
        ("another vendor's key", foreign.es384(&header("ES384", "es"), &claims())),
        ("an unknown app", {
            let claims = with(with(claims(), "iss", json!("app-0")), "sub", json!("app-0"));
            vendor.es384(&header("ES384", "es"), &claims)
        }),
        (
            "crit",
            vendor.es384(&json!({"alg": "ES384", "kid": "es", "crit": ["b64"], "b64": false}), &claims()),
        ),
        ("two dots only", "..".to_owned()),
        ("padding", format!("{}=", vendor.assertion(&hub))),
        ("a fourth part", format!("{}.x", vendor.assertion(&hub))),
        ("nothing", String::new()),
    ] {
        let told = ask(&hub, &assertion, SCOPES);
        assert_eq!((told.status, told.error().as_str()), (401, "invalid_client"), "{what}: {}", told.body);
        assert!(told.json()["access_token"].is_null());
    }
    let too_long = format!("{}{}", "A".repeat(9 << 10), vendor.assertion(&hub));
    assert_eq!(ask(&hub, &too_long, SCOPES).status, 413, "it is refused before it is read");
    // Whether it is the app, the key or its end is not told.
    let unknown = ask(&hub, &vendor.es384(&header("ES384", "xx"), &claims()), SCOPES).body;
    assert_eq!(ask(&hub, &foreign.es384(&header("ES384", "es"), &claims()), SCOPES).body, unknown);
}

#[test]
fn a_request_that_is_malformed_is_told_so() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let assertion = vendor.assertion(&hub);
    let twice = [("grant_type", "client_credentials"), ("scope", "a"), ("scope", "b")];
    assert_eq!(send(&hub, "/oauth/token", "", &twice).error(), "invalid_request");
    let password = [("grant_type", "password"), ("username", "a"), ("password", "b")];
    assert_eq!(send(&hub, "/oauth/token", "", &password).error(), "unsupported_grant_type");
    let secret = [("grant_type", "client_credentials"), ("client_id", &vendor.app), ("client_secret", "x")];
    assert_eq!(send(&hub, "/oauth/token", "", &secret).error(), "invalid_client");
    let kind = [("grant_type", "client_credentials"), ("client_assertion", &assertion)];
    assert_eq!(send(&hub, "/oauth/token", "", &kind).error(), "invalid_request");
    let large = "x".repeat(20 << 10);
    assert_eq!(send(&hub, "/oauth/token", "", &[("grant_type", &large)]).status, 413);
    let json = hub.post("", "/oauth/token", br#"{"grant_type":"client_credentials"}"#);
    assert_eq!((json.status, json.json()["error"].as_str()), (400, Some("invalid_request")));
}

#[test]
fn an_app_that_is_ended_loses_its_tokens_at_once_and_gets_no_more() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let token = vendor.token(&hub, SCOPES);
    let inbox = format!("/fhir/Task?owner={HOSPITAL}");
    assert_eq!(hub.get(&token, &inbox).status, 200);
    assert!(renkei_in(hub.folder.path(), &["app", "end", &vendor.app]).status.success());
    assert_eq!(hub.get(&token, &inbox).status, 401);
    assert_eq!(ask(&hub, &vendor.assertion(&hub), SCOPES).error(), "invalid_client");
    assert!(!renkei_in(hub.folder.path(), &["app", "end", &vendor.app]).status.success());
    let list = renkei_in(hub.folder.path(), &["app", "list", "--json"]);
    assert!(String::from_utf8(list.stdout).unwrap().contains("\"in_force\":false"));
}

#[test]
fn a_token_given_back_is_ended_and_an_app_learns_of_its_own_tokens_only() {
    let hub = Hub::start();
    let vendor = backend(&hub);
    let other = Vendor::registered(&hub, &["--kind", "backend", "--institution", CLINIC, "--scopes", SCOPES]);
    let token = vendor.token(&hub, SCOPES);
    let about = |path: &str, by: &Vendor| {
        let assertion = by.assertion(&hub);
        let proof = [("client_assertion_type", JWT_BEARER), ("client_assertion", assertion.as_str())];
        send(&hub, path, "", &[&proof[..], &[("token", token.as_str())]].concat())
    };
    let told = about("/oauth/introspect", &vendor).json();
    assert_eq!((&told["active"], &told["client_id"]), (&json!(true), &json!(vendor.app)));
    assert_eq!(about("/oauth/introspect", &other).json(), json!({"active": false}));
    assert_eq!(send(&hub, "/oauth/introspect", "", &[("token", &token)]).error(), "invalid_request");
    assert_eq!(about("/oauth/revoke", &other).status, 200);
    assert_eq!(about("/oauth/introspect", &vendor).json()["active"], true);
    assert_eq!(about("/oauth/revoke", &vendor).status, 200);
    assert_eq!(about("/oauth/introspect", &vendor).json(), json!({"active": false}));
    assert_eq!(hub.get(&token, &format!("/fhir/Task?owner={HOSPITAL}")).status, 401);
}

#[test]
fn five_commands_lead_from_a_key_to_a_token() {
    let hub = Hub::start();
    let folder = hub.folder.path();
    let jwks = renkei_in(folder, &["app", "key", "--out", "vendor.pem"]);
    std::fs::write(folder.join("jwks.json"), &jwks.stdout).unwrap();
    assert!(
        !renkei_in(folder, &["app", "key", "--out", "vendor.pem"]).status.success(),
        "no key is overwritten"
    );
    let register =
        ["app", "register", "--name", "電子カルテ", "--kind", "backend", "--institution", HOSPITAL];
    let id = renkei_in(folder, &[&register[..], &["--jwks", "jwks.json", "--scopes", SCOPES]].concat());
    let id = String::from_utf8(id.stdout).unwrap();
    let fetch = ["app", "token", "--client-id", id.trim(), "--key", "vendor.pem", "--hub", &hub.url];
    let token = renkei_in(folder, &[&fetch[..], &["--scope", "system/Task.s"]].concat());
    assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
    let token = String::from_utf8(token.stdout).unwrap();
    assert_eq!(hub.get(token.trim(), &format!("/fhir/Task?owner={HOSPITAL}")).status, 200);
    let refused = renkei_in(folder, &[&fetch[..], &["--scope", "system/Consent.c"]].concat());
    assert!(!refused.status.success() && refused.stdout.is_empty());
}

#[test]
fn what_an_app_reads_first_tells_where_and_how() {
    let hub = Hub::start();
    for path in ["/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"] {
        let told = hub.get("", path).json();
        assert_eq!(told["token_endpoint"], format!("{}/oauth/token", hub.url));
        assert_eq!(told["code_challenge_methods_supported"], json!(["S256"]));
        assert!(told["capabilities"].as_array().unwrap().contains(&json!("client-confidential-asymmetric")));
    }
    let security = hub.get("", "/fhir/metadata").json()["rest"][0]["security"].clone();
    assert_eq!(security["service"][0]["coding"][0]["code"], "SMART-on-FHIR");
    assert_eq!(security["extension"][0]["extension"][1]["valueUri"], format!("{}/oauth/token", hub.url));
}
