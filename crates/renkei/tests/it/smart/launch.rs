use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::hub::{CLINIC, HOSPITAL, Hub, encoded, renkei_in, steady};
use crate::smart::{JWT_BEARER, Told, Vendor, page, register, send};

const BACK: &str = "http://127.0.0.1:8099/back";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";

/// An app, somebody who lets it in, and the patient it is opened with.
struct Scene {
    hub: Hub,
    app: String,
    doctor: String,
    member: String,
    person: String,
}

impl Scene {
    fn begin() -> Self {
        let hub = Hub::start();
        let patient = steady(&hub.region)[0].clone();
        let person = hub.register_all(&patient);
        let doctor = hub.clinician(&person, "diagnosis,treatment");
        let scopes = ["--scopes", "launch/patient patient/*.rs user/Observation.rs user/Organization.rs"];
        let app =
            [&["--kind", "app", "--institution", HOSPITAL, "--redirect-uri", BACK][..], &scopes].concat();
        let app = register(&hub, &app);
        let member = patient.members[0].member_id.clone();
        Self { hub, app, doctor, member, person }
    }

    /// The question as an app asks it, with one parameter another.
    fn question(&self, scope: &str, other: (&str, &str)) -> Vec<(String, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let fhir = format!("{}/fhir", self.hub.url);
        let all = [
            ("response_type", "code"),
            ("client_id", &self.app),
            ("redirect_uri", BACK),
            ("scope", scope),
            ("state", "a-state"),
            ("aud", &fhir),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let value =
            |name: &str, value: &str| if name == other.0 { other.1.to_owned() } else { value.to_owned() };
        all.iter().map(|(name, known)| ((*name).to_owned(), value(name, known))).collect()
    }

    fn asked(&self, by: &str, question: &[(String, String)]) -> Told {
        let query: Vec<String> =
            question.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        page(&self.hub, &format!("/oauth/authorize?{}", query.join("&")), by, "")
    }

    fn answered(&self, by: &str, question: &[(String, String)], decision: &str, number: &str) -> Told {
        let mut form: Vec<(&str, &str)> = question.iter().map(|(name, value)| (&**name, &**value)).collect();
        form.extend([("decision", decision), ("number", number)]);
        send(&self.hub, "/oauth/authorize", by, &form)
    }

    /// A code for these scopes.
    fn code(&self, scope: &str) -> String {
        let told = self.answered(&self.doctor, &self.question(scope, ("", "")), "allow", &self.member);
        assert_eq!((told.status, told.led("state").as_str()), (303, "a-state"), "{}", told.body);
        assert!(told.location.starts_with(BACK));
        told.led("code")
    }

    fn exchange(&self, code: &str, other: (&str, &str)) -> Told {
        let all = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("client_id", &self.app),
            ("code_verifier", VERIFIER),
        ];
        let form = all.map(|(name, value)| if name == other.0 { other } else { (name, value) });
        send(&self.hub, "/oauth/token", "", &form)
    }

    fn token(&self, scope: &str) -> String {
        let told = self.exchange(&self.code(scope), ("", ""));
        assert_eq!(told.status, 200, "{}", told.body);
        told.json()["access_token"].as_str().unwrap().to_owned()
    }
}

#[test]
fn an_app_opened_by_a_clinician_sees_the_one_patient_it_was_opened_with() {
    let scene = Scene::begin();
    let hub = &scene.hub;
    let other = steady(&hub.region)[1].clone();
    let other = hub.register_all(&other);
    let doctor_of_both = hub.clinician(&other, "diagnosis,treatment");
    let question = scene.question("launch/patient patient/*.rs", ("", ""));
    let shown = scene.asked(&scene.doctor, &question);
    assert_eq!(shown.status, 200);
    for word in ["服薬手帳", "http://127.0.0.1:8099", "すべての情報", "許可しない"] {
        assert!(shown.body.contains(word), "{word}");
    }
    let lent = scene.exchange(&scene.code("launch/patient patient/*.rs"), ("", ""));
    assert_eq!(lent.json()["patient"], scene.person);
    let token = lent.json()["access_token"].as_str().unwrap().to_owned();
    let conditions = |person: &str| hub.get(&token, &format!("/fhir/Condition?patient={person}"));
    assert!(!conditions(&scene.person).matches().is_empty());
    assert_eq!(hub.get(&doctor_of_both, &format!("/fhir/Condition?patient={other}")).status, 200);
    assert_eq!(
        (conditions(&other).status, conditions(&other).codes()),
        (403, vec!["outside-scope".to_owned()])
    );
    assert_eq!(hub.get(&token, &format!("/fhir/Patient/{}", scene.person)).status, 200);
    assert_eq!(hub.get(&token, &format!("/fhir/Patient/{other}")).status, 403);
    let tasks = hub.get(&token, &format!("/fhir/Task?owner={HOSPITAL}"));
    assert_eq!(tasks.codes(), ["scope-missing"]);
    assert_eq!(hub.post(&token, "/fhir/Bundle", b"{}").codes(), ["scope-missing"]);
}

#[test]
fn a_users_scope_goes_as_far_as_the_user_and_no_further() {
    let scene = Scene::begin();
    let token = scene.token("user/Observation.rs");
    let get = |path: &str| scene.hub.get(&token, &format!("/fhir/{path}?patient={}", scene.person)).status;
    assert_eq!((get("Observation"), get("Condition")), (200, 403));
    let stranger = steady(&scene.hub.region)[1].clone();
    let stranger = scene.hub.register_all(&stranger);
    let refused = scene.hub.get(&token, &format!("/fhir/Observation?patient={stranger}"));
    assert_eq!(refused.codes(), ["no-grant"]);
}

#[test]
fn the_patients_own_app_sees_their_own_record() {
    let scene = Scene::begin();
    let hub = &scene.hub;
    let app =
        register(hub, &["--kind", "app", "--redirect-uri", BACK, "--scopes", "launch/patient patient/*.rs"]);
    let patient = hub.token("patient", &["--patient", &scene.person]);
    let question = scene.question("launch/patient patient/*.rs openid fhirUser", ("client_id", &app));
    let refused = scene.asked(&scene.doctor, &question);
    assert_eq!(refused.status, 403, "staff let no patients' app in");
    let told = scene.answered(&patient, &question, "allow", "");
    let lent = scene.exchange(&told.led("code"), ("client_id", &app));
    assert_eq!(lent.json()["scope"], "launch/patient patient/*.rs");
    let token = lent.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(hub.get(&token, &format!("/fhir/Condition?patient={}", scene.person)).status, 200);
    assert_eq!(hub.get(&token, &format!("/fhir/AuditEvent?patient={}", scene.person)).status, 200);
}

#[test]
fn who_says_no_sends_the_app_back_without_a_code() {
    let scene = Scene::begin();
    let question = scene.question("user/Observation.rs", ("", ""));
    let told = scene.answered(&scene.doctor, &question, "deny", "");
    assert_eq!((told.led("error").as_str(), told.led("code").as_str()), ("access_denied", ""));
    let unsaid = scene.answered(&scene.doctor, &question, "", "");
    assert_eq!(unsaid.led("error"), "access_denied");
    let nobody =
        scene.answered(&scene.doctor, &scene.question("patient/*.rs", ("", "")), "allow", "00000000:0:0");
    assert!(nobody.status == 200 && nobody.body.contains("href=\"#number\""));
    let clinic = scene.hub.token("clinician", &["--institution", CLINIC]);
    assert_eq!(scene.answered(&clinic, &question, "allow", "").status, 403);
    let developer = scene.hub.token("developer", &[]);
    assert_eq!(scene.answered(&developer, &question, "allow", "").status, 403);
}

#[test]
fn a_doubtful_question_goes_back_to_no_address_and_a_wrong_one_with_its_error() {
    let scene = Scene::begin();
    let asked =
        |other: (&str, &str)| scene.asked(&scene.doctor, &scene.question("user/Observation.rs", other));
    for other in [
        ("client_id", "app-0"),
        ("redirect_uri", "http://127.0.0.1:8099/back/"),
        ("redirect_uri", "http://127.0.0.1:8099/back?x"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", ""),
    ] {
        let told = asked(other);
        assert_eq!((told.status, told.location.as_str()), (400, ""), "{other:?}");
    }
    for (other, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("aud", "https://hub.example/fhir"), "invalid_request"),
        (("state", ""), "invalid_request"),
        (("scope", "system/*.rs user/Consent.c openid"), "invalid_scope"),
    ] {
        let told = asked(other);
        assert_eq!((told.status, told.led("error").as_str()), (303, error), "{other:?}");
        assert!(told.location.starts_with(BACK));
    }
    let mut twice = scene.question("user/Observation.rs", ("", ""));
    twice.push(("redirect_uri".to_owned(), BACK.to_owned()));
    assert_eq!(scene.asked(&scene.doctor, &twice).status, 400);
}

#[test]
fn a_code_is_good_once_and_one_that_comes_twice_ends_what_it_gave() {
    let scene = Scene::begin();
    let code = scene.code("user/Observation.rs");
    let lent = scene.exchange(&code, ("", "")).json();
    let token = lent["access_token"].as_str().unwrap();
    let path = format!("/fhir/Observation?patient={}", scene.person);
    assert_eq!(scene.hub.get(token, &path).status, 200);
    assert_eq!(scene.exchange(&code, ("", "")).error(), "invalid_grant");
    assert_eq!(scene.hub.get(token, &path).status, 401);
}

#[test]
fn a_code_is_for_its_app_its_address_and_its_verifier() {
    let scene = Scene::begin();
    let other = ["--kind", "app", "--institution", HOSPITAL, "--redirect-uri", BACK, "--scopes", "user/*.rs"];
    let other = register(&scene.hub, &other);
    let code = scene.code("user/Observation.rs");
    for wrong in [
        ("client_id", other.as_str()),
        ("code_verifier", "another-verifier-of-at-least-forty-three-characters-0123"),
        ("code_verifier", "short"),
        ("redirect_uri", "http://127.0.0.1:8099/"),
        ("code", "unknown"),
    ] {
        assert_eq!(scene.exchange(&code, wrong).error(), "invalid_grant", "{wrong:?}");
    }
    assert_eq!(scene.exchange(&code, ("client_id", "app-0")).error(), "invalid_client");
    assert_eq!(scene.exchange(&code, ("", "")).status, 200, "what others try spoils nothing");
}

#[test]
fn an_app_with_a_key_must_prove_itself_when_it_brings_its_code() {
    let scene = Scene::begin();
    let form = ["--kind", "app", "--institution", HOSPITAL, "--redirect-uri", BACK, "--scopes", "user/*.rs"];
    let vendor = Vendor::registered(&scene.hub, &form);
    let question = scene.question("user/Observation.rs", ("client_id", &vendor.app));
    let code = scene.answered(&scene.doctor, &question, "allow", "").led("code");
    assert_eq!(scene.exchange(&code, ("client_id", &vendor.app)).error(), "invalid_client");
    let assertion = vendor.assertion(&scene.hub);
    let proved = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &assertion),
    ];
    assert_eq!(send(&scene.hub, "/oauth/token", "", &proved).status, 200);
    let alone = [("grant_type", "client_credentials"), ("scope", "system/*.rs"), ("client_id", &vendor.app)];
    assert_eq!(send(&scene.hub, "/oauth/token", "", &alone).error(), "invalid_client");
}

#[test]
fn an_apps_token_opens_no_page_and_lets_no_app_in() {
    let scene = Scene::begin();
    let token = scene.token("user/Observation.rs");
    assert_eq!(scene.hub.page(&token, "/patients").status, 403);
    let question = scene.question("user/Observation.rs", ("", ""));
    assert_eq!(scene.answered(&token, &question, "allow", "").status, 403);
    assert!(renkei_in(scene.hub.folder.path(), &["app", "end", &scene.app]).status.success());
    let path = format!("/fhir/Observation?patient={}", scene.person);
    assert_eq!(scene.hub.get(&token, &path).status, 401);
}

#[test]
fn whoever_is_not_signed_in_is_asked_to_go_on_and_finds_the_question_after_signing_in() {
    let scene = Scene::begin();
    let question = scene.question("user/Observation.rs", ("", ""));
    let arrived = scene.asked("", &question);
    assert!(arrived.status == 200 && arrived.body.contains("次へ進む") && !arrived.body.contains("decision"));
    let mut here = question.clone();
    here.push(("here".to_owned(), "1".to_owned()));
    let sent = scene.asked("", &here);
    assert_eq!((sent.status, sent.location.as_str()), (303, "/sign-in?next=/oauth/authorize"));
    let query: Vec<String> =
        question.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let cookie = format!("renkei_asked={}", query.join("&"));
    let found = page(&scene.hub, "/oauth/authorize", &scene.doctor, &cookie);
    assert!(found.status == 200 && found.body.contains("value=\"a-state\""));
}
