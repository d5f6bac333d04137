//! A tiny OpenID provider whose ID tokens say whatever a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

pub(super) const CLIENT: &str = "renkei";
pub(super) const SECRET: &str = "0123456789abcdef-fictional";

/// It runs until the test ends.
pub(super) struct Tiny {
    pub(super) url: String,
    key: EcdsaKeyPair,
    answer: Arc<Mutex<String>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tiny {
    pub(super) fn start() -> Self {
        let key = new_key();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answer, asked) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(Vec::new())));
        let tiny = Self { url: url.clone(), answer: Arc::clone(&answer), asked: Arc::clone(&asked), key };
        let keys = json!({"keys": [jwk(&tiny.key, "k1")]}).to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &url, &keys, &answer.lock().unwrap(), &asked);
            }
        });
        tiny
    }

    /// What the claims of an honest token are for a sign-in with this nonce.
    pub(super) fn claims(&self, subject: &str, nonce: &str) -> Value {
        json!({
            "iss": self.url, "sub": subject, "aud": CLIENT, "nonce": nonce, "amr": ["pwd", "otp"],
            "iat": now(), "exp": now() + 300, "auth_time": now(),
        })
    }

    /// Signs claims with its own key.
    pub(super) fn signed(&self, claims: &Value) -> String {
        sign(&self.key, &json!({"alg": "ES256", "kid": "k1"}), claims)
    }

    /// The point of its public key, as bytes.
    pub(super) fn public(&self) -> Vec<u8> {
        self.key.public_key().as_ref().to_vec()
    }

    /// The next code will be worth this token.
    pub(super) fn will_answer(&self, token: &str) {
        let answer =
            json!({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token});
        *self.answer.lock().unwrap() = answer.to_string();
    }

    /// Forms that were sent to its token address.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A new key on P-256.
pub(super) fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap()
}

/// A token, signed by whatever key.
pub(super) fn sign(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let signature = key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// Header and claims of a token.
pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

pub(super) fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the provider has a clock of its own")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    now.try_into().unwrap()
}

fn jwk(key: &EcdsaKeyPair, kid: &str) -> Value {
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let of = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, "x": of(x), "y": of(y)})
}

fn serve(stream: TcpStream, url: &str, keys: &str, answer: &str, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).is_err() {
        return;
    }
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) <= 2 {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut form = vec![0; length];
    reader.read_exact(&mut form).unwrap();
    let body = match line.split(' ').nth(1).unwrap_or_default() {
        "/.well-known/openid-configuration" => json!({
            "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        })
        .to_string(),
        "/keys" => keys.to_owned(),
        _ => {
            asked.lock().unwrap().push(String::from_utf8(form).unwrap());
            answer.to_owned()
        }
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    drop(reader.get_mut().write_all(format!("{head}{body}").as_bytes()));
}
