//! Vendors' systems and apps at the hub's door.

mod backend;
mod launch;

use std::fs;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA384, RsaKeyPair};
use serde_json::{Value, json};

use crate::hub::{Hub, encoded, renkei_in};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A vendor's program with a key of each kind, both registered.
pub(crate) struct Vendor {
    pub(crate) app: String,
    es: EcdsaKeyPair,
    rs: RsaKeyPair,
}

/// An answer with where it leads to.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Vendor {
    /// Makes keys and has the program registered with them.
    pub(crate) fn registered(hub: &Hub, more: &[&str]) -> Self {
        let random = SystemRandom::new();
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
        let es = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, made.as_ref(), &random).unwrap();
        let rs = RsaKeyPair::from_pkcs8(include_bytes!("only-for-tests.der")).unwrap();
        let path = hub.folder.path().join("vendor.json");
        fs::write(&path, jwks(&es, &rs).to_string()).unwrap();
        let path = path.display().to_string();
        let app = register(hub, &[&["--jwks", &path], more].concat());
        Self { app, es, rs }
    }

    /// What an assertion claims when all is well.
    pub(crate) fn claims(&self, hub: &Hub) -> Value {
        let jti: [u8; 16] = store::random().unwrap();
        json!({
            "iss": self.app, "sub": self.app, "aud": format!("{}/oauth/token", hub.url),
            "exp": now() + 240, "jti": URL_SAFE_NO_PAD.encode(jti),
        })
    }

    /// A good assertion.
    pub(crate) fn assertion(&self, hub: &Hub) -> String {
        self.es384(&json!({"alg": "ES384", "kid": "es", "typ": "JWT"}), &self.claims(hub))
    }

    /// Signs with the key on P-384, whatever the header says.
    pub(crate) fn es384(&self, header: &Value, claims: &Value) -> String {
        let signed = signed_part(header, claims);
        let signature = self.es.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// Signs with the RSA key, whatever the header says.
    pub(crate) fn rs384(&self, header: &Value, claims: &Value) -> String {
        let signed = signed_part(header, claims);
        let mut signature = vec![0; self.rs.public().modulus_len()];
        let random = SystemRandom::new();
        self.rs.sign(&RSA_PKCS1_SHA384, &random, signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The public key as its bytes, which anybody may know.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        self.rs.public_key().as_ref().to_vec()
    }

    /// A token for these scopes.
    pub(crate) fn token(&self, hub: &Hub, scopes: &str) -> String {
        let told = ask(hub, &self.assertion(hub), scopes);
        assert_eq!(told.status, 200, "{}", told.body);
        told.json()["access_token"].as_str().unwrap().to_owned()
    }
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// A value of the address it leads to.
    pub(crate) fn led(&self, name: &str) -> String {
        let query = self.location.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        found.unwrap_or_default().replace("%2D", "-").replace("%5F", "_")
    }
}

/// Has a program registered, and gives its id.
pub(crate) fn register(hub: &Hub, more: &[&str]) -> String {
    let output = renkei_in(hub.folder.path(), &[&["app", "register", "--name", "服薬手帳"], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Asks for a backend's token.
pub(crate) fn ask(hub: &Hub, assertion: &str, scopes: &str) -> Told {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
        ("scope", scopes),
    ];
    send(hub, "/oauth/token", "", &form)
}

/// Sends a form, and follows nowhere.
pub(crate) fn send(hub: &Hub, path: &str, token: &str, form: &[(&str, &str)]) -> Told {
    let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let request = agent().post(format!("{}{path}", hub.url));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request =
        if token.is_empty() { request } else { request.header("authorization", format!("Bearer {token}")) };
    told(request.send(body.join("&")).unwrap())
}

/// Asks for a page, and follows nowhere.
pub(crate) fn page(hub: &Hub, path: &str, token: &str, cookie: &str) -> Told {
    let request =
        agent().get(format!("{}{path}", hub.url)).header("accept", "text/html").header("cookie", cookie);
    let request =
        if token.is_empty() { request } else { request.header("authorization", format!("Bearer {token}")) };
    told(request.call().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let config = config.max_redirects(0).max_redirects_will_error(false);
    config.timeout_global(Some(Duration::from_secs(60))).build().into()
}

fn told(mut response: ureq::http::Response<ureq::Body>) -> Told {
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let location = header("location").unwrap_or_default();
    let status = response.status().as_u16();
    Told { status, location, body: response.body_mut().read_to_string().unwrap() }
}

fn signed_part(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn jwks(es: &EcdsaKeyPair, rs: &RsaKeyPair) -> Value {
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (x, y) = es.public_key().as_ref()[1..].split_at(48);
    let rs = PublicKeyComponents::<Vec<u8>>::from(rs.public());
    json!({"keys": [
        {"kty": "EC", "crv": "P-384", "kid": "es", "x": encoded(x), "y": encoded(y)},
        {"kty": "RSA", "alg": "RS384", "kid": "rs", "n": encoded(&rs.n), "e": encoded(&rs.e)},
    ]})
}
