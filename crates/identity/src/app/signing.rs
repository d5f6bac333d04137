use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    KeyPair,
};
use serde_json::{Value, json};

/// A private key: of an app (P-384), the other side of [`crate::app::KeySet`], or of a machine that reports (P-256), the
/// other side of [`crate::app::MachineKey`]. The hub itself never holds one.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    curve: Curve,
}

/// What a private key lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// For ES256.
    P256,
    /// For ES384.
    P384,
}

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningFault {
    /// It is no PKCS #8 key on the curve in PEM.
    #[error("it is no private key on the curve in PKCS #8 and PEM")]
    NotAKey,
    /// The system's source of chance failed.
    #[error("the system's random source does not answer")]
    NoRandomness,
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// Within what an assertion may last.
const LIFE: SignedDuration = SignedDuration::from_mins(4);

impl Curve {
    /// Its name, and that of the algorithm that it serves (RFC 7518 §3.1, §6.2).
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::P256 => ("P-256", "ES256"),
            Self::P384 => ("P-384", "ES384"),
        }
    }

    fn algorithm(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        }
    }
}

impl SigningKey {
    /// Makes a key: its text in PEM is all there is of it.
    ///
    /// # Errors
    /// [`SigningFault::NoRandomness`]
    pub fn generate(curve: Curve) -> Result<(Self, String), SigningFault> {
        let key = EcdsaKeyPair::generate_pkcs8(curve.algorithm(), &SystemRandom::new());
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
        Ok((Self::from_der(key.as_ref(), curve)?, pem))
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`SigningFault::NotAKey`]
    pub fn from_pem(text: &str, curve: Curve) -> Result<Self, SigningFault> {
        let body = text.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
        let body: String = body.ok_or(SigningFault::NotAKey)?.split_whitespace().collect();
        Self::from_der(&STANDARD.decode(body).map_err(|_| SigningFault::NotAKey)?, curve)
    }

    /// The key set to hand to whoever registers the app.
    pub fn jwks(&self) -> String {
        format!("{:#}", json!({"keys": [self.jwk()]}))
    }

    /// Its public side (RFC 7517).
    pub fn jwk(&self) -> Value {
        let (x, y) = self.coordinates();
        let (curve, algorithm) = self.curve.names();
        json!({"kty": "EC", "crv": curve, "alg": algorithm, "use": "sig", "kid": self.thumbprint(), "x": x, "y": y})
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
        let exp = (now + LIFE).as_second();
        self.signed("JWT", &json!({"iss": app, "sub": app, "aud": audience, "exp": exp, "jti": jti}))
    }

    /// What is said, signed: a JWS in its compact form (RFC 7515 §3.1).
    ///
    /// # Errors
    /// [`SigningFault::NoRandomness`]
    pub fn signed(&self, typ: &str, said: &Value) -> Result<String, SigningFault> {
        let header = json!({"alg": self.curve.names().1, "kid": self.thumbprint(), "typ": typ});
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(&header), part(said));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map_err(|_| SigningFault::NoRandomness)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }

    /// The key's own thumbprint, by which it is named.
    pub fn thumbprint(&self) -> String {
        let (x, y) = self.coordinates();
        thumbprint(self.curve.names().0, &x, &y)
    }

    /// SEC 1, uncompressed: 4, x, y.
    fn coordinates(&self) -> (String, String) {
        let point = &self.pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
    }

    fn from_der(der: &[u8], curve: Curve) -> Result<Self, SigningFault> {
        let pair = EcdsaKeyPair::from_pkcs8(curve.algorithm(), der, &SystemRandom::new());
        pair.map(|pair| Self { pair, curve }).map_err(|_| SigningFault::NotAKey)
    }
}

/// The thumbprint of an elliptic key (RFC 7638).
pub(super) fn thumbprint(curve: &str, x: &str, y: &str) -> String {
    let canonical = format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}
