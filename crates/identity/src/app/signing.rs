use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

/// The private key of an app (P-384, for ES384): the other side of [`crate::app::KeySet`], for `renkei app key` and
/// `renkei app token`. The hub itself never holds one.
pub struct SigningKey(EcdsaKeyPair);

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningFault {
    /// It is no PKCS #8 key on P-384 in PEM.
    #[error("it is no private key on P-384 in PKCS #8 and PEM")]
    NotAKey,
    /// The system's source of chance failed.
    #[error("the system's random source does not answer")]
    NoRandomness,
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// Within what an assertion may last.
const LIFE: SignedDuration = SignedDuration::from_mins(4);

impl SigningKey {
    /// Makes a key: its text in PEM is all there is of it.
    ///
    /// # Errors
    /// [`SigningFault::NoRandomness`]
    pub fn generate() -> Result<(Self, String), SigningFault> {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new());
        let key = key.map_err(|_| SigningFault::NoRandomness)?;
        let text = STANDARD.encode(key.as_ref());
        let mut pem = format!("{BEGIN}\n");
        for (index, character) in text.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem += &format!("\n{END}\n");
        Ok((Self::from_der(key.as_ref())?, pem))
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`SigningFault::NotAKey`]
    pub fn from_pem(text: &str) -> Result<Self, SigningFault> {
        let body = text.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
        let body: String = body.ok_or(SigningFault::NotAKey)?.split_whitespace().collect();
        Self::from_der(&STANDARD.decode(body).map_err(|_| SigningFault::NotAKey)?)
    }

    /// The key set to hand to whoever registers the app.
    pub fn jwks(&self) -> String {
        let (x, y) = self.coordinates();
        let key = json!({"kty": "EC", "crv": "P-384", "alg": "ES384", "use": "sig", "kid": self.kid(), "x": x, "y": y});
        format!("{:#}", json!({"keys": [key]}))
    }

    /// An assertion that this app stands before that token address (RFC 7523), good once.
    ///
    /// # Errors
    /// [`SigningFault::NoRandomness`]
    pub fn assertion(
        &self,
        app: &str,
        audience: &str,
        jti: &str,
        now: Timestamp,
    ) -> Result<String, SigningFault> {
        let header = json!({"alg": "ES384", "kid": self.kid(), "typ": "JWT"});
        let exp = (now + LIFE).as_second();
        let claims = json!({"iss": app, "sub": app, "aud": audience, "exp": exp, "jti": jti});
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map_err(|_| SigningFault::NoRandomness)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }

    /// The key's own thumbprint (RFC 7638).
    fn kid(&self) -> String {
        let (x, y) = self.coordinates();
        let canonical = format!(r#"{{"crv":"P-384","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
    }

    /// SEC 1, uncompressed: 4, x, y.
    fn coordinates(&self) -> (String, String) {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(48);
        (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
    }

    fn from_der(der: &[u8]) -> Result<Self, SigningFault> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, der, &SystemRandom::new());
        key.map(Self).map_err(|_| SigningFault::NotAKey)
    }
}
