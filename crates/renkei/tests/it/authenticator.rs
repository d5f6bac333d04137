//! An authenticator in software, so that a test can make it lie: ES256, attestation `none` (WebAuthn level 3 §6).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const WITH_KEY: u8 = 0x40;

/// One passkey, and the holder it was made for.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: [u8; 16],
    handle: String,
}

/// What an answer says; an honest one unless a test changes it.
#[derive(Clone)]
pub(crate) struct Saying {
    pub(crate) origin: String,
    pub(crate) site: String,
    pub(crate) kind: &'static str,
    pub(crate) flags: u8,
    pub(crate) challenge: String,
}

impl Saying {
    /// The honest answer to what the hub asked at its address.
    pub(crate) fn honest(options: &Value, origin: &str, kind: &'static str) -> Self {
        let challenge = options["publicKey"]["challenge"].as_str().unwrap().to_owned();
        let flags = PRESENT | VERIFIED;
        Self { origin: origin.to_owned(), site: "localhost".to_owned(), kind, flags, challenge }
    }

    /// Without the authenticator having checked who holds it.
    pub(crate) fn unverified(self) -> Self {
        Self { flags: PRESENT, ..self }
    }

    fn client_data(&self) -> Vec<u8> {
        let said = json!({"type": self.kind, "challenge": self.challenge, "origin": self.origin, "crossOrigin": false});
        said.to_string().into_bytes()
    }

    fn head(&self, more: u8) -> Vec<u8> {
        let site = digest(&SHA256, self.site.as_bytes());
        [site.as_ref(), &[self.flags | more], &[0; 4]].concat()
    }
}

impl Authenticator {
    /// Makes a key for what the hub asked, and the answer that tells of it.
    pub(crate) fn made(options: &Value, saying: &Saying) -> (Self, Value) {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        let handle = options["publicKey"]["user"]["id"].as_str().unwrap().to_owned();
        let one = Self { key, id: store::random().unwrap(), handle };
        let data = [&saying.head(WITH_KEY)[..], &[0; 16], &[0, 16], &one.id, &one.cose()].concat();
        let attestation = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData"[..], &bytes(&data)].concat();
        let response = json!({"attestationObject": encoded(&attestation), "clientDataJSON": encoded(&saying.client_data())});
        let answer = one.answer(&response);
        (one, answer)
    }

    /// Answers what the hub asked.
    pub(crate) fn signed(&self, saying: &Saying) -> Value {
        let (data, client_data) = (saying.head(0), saying.client_data());
        let signed = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "authenticatorData": encoded(&data), "clientDataJSON": encoded(&client_data),
            "signature": encoded(signature.as_ref()), "userHandle": self.handle,
        }))
    }

    fn answer(&self, response: &Value) -> Value {
        let id = encoded(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})
    }

    /// The public key as COSE writes it.
    fn cose(&self) -> Vec<u8> {
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21"[..], &bytes(x), b"\x22", &bytes(y)].concat()
    }
}

/// Bytes as CBOR writes them.
fn bytes(value: &[u8]) -> Vec<u8> {
    [&[0x58, u8::try_from(value.len()).unwrap()], value].concat()
}

fn encoded(value: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(value)
}
