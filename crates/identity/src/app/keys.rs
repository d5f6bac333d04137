use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA384, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;

use crate::app::signing::thumbprint;

/// The public keys of an app: a JSON Web Key Set (RFC 7517) with nothing in it that this hub would not use.
#[derive(Debug)]
pub struct KeySet(Vec<Key>);

/// The public key of a machine that reports what it measured: on P-256, for ES256 alone, so that the chips of common
/// machines can hold its private side.
#[derive(Debug)]
pub struct MachineKey {
    thumbprint: String,
    point: Vec<u8>,
}

/// One public key. What algorithm it serves follows from what it is, never from what a signature claims.
#[derive(Debug)]
struct Key {
    kid: String,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P384(Vec<u8>),
}

/// How an assertion is signed: the two that SMART App Launch 2.2 ("Client authentication: asymmetric") asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

/// Why a key set is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetFault {
    /// It is no key set, or larger than one may be.
    #[error("it is no key set")]
    NotAKeySet,
    /// It holds no key, or more than ten.
    #[error("it holds no key, or more than ten")]
    Count,
    /// It holds the private part of a key.
    #[error("it holds a private key")]
    Private,
    /// A key has no `kid`, or the same as another.
    #[error("a key has no id of its own")]
    KeyId,
    /// A key is of another kind or length than the algorithms here take: RSA of 2048 to 8192 bits for RS384 and P-384 for
    /// ES384, or P-256 for ES256 for a machine that reports.
    #[error("a key is for none of the algorithms that are taken here")]
    Unsuitable,
}

/// A key set is at most this many bytes.
const LARGEST: usize = 64 << 10;
/// Enough for keys that follow each other.
const MOST_KEYS: usize = 10;
/// RSA moduli by their length in bytes.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// A coordinate on P-384, and on P-256.
const COORDINATE: usize = 48;
const SHORT_COORDINATE: usize = 32;

#[derive(Deserialize)]
struct Document {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<serde::de::IgnoredAny>,
    k: Option<serde::de::IgnoredAny>,
}

impl Algorithm {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "RS384" => Some(Self::Rs384),
            "ES384" => Some(Self::Es384),
            _ => None,
        }
    }
}

impl KeySet {
    /// Reads a key set.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, KeySetFault> {
        if text.len() > LARGEST {
            return Err(KeySetFault::NotAKeySet);
        }
        let document: Document = serde_json::from_str(text).map_err(|_| KeySetFault::NotAKeySet)?;
        if document.keys.is_empty() || document.keys.len() > MOST_KEYS {
            return Err(KeySetFault::Count);
        }
        let mut keys: Vec<Key> = Vec::new();
        for jwk in document.keys {
            let key = jwk.read()?;
            if keys.iter().any(|known| known.kid == key.kid) {
                return Err(KeySetFault::KeyId);
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// Whether the key of this id, being of the kind this algorithm is for, made this signature.
    pub(crate) fn verifies(&self, kid: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let key = self.0.iter().find(|key| key.kid == kid);
        key.is_some_and(|key| match (&key.material, algorithm) {
            (Material::Rsa { n, e }, Algorithm::Rs384) => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA384, message, signature).is_ok()
            }
            (Material::P384(point), Algorithm::Es384) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(message, signature).is_ok()
            }
            _ => false,
        })
    }
}

impl MachineKey {
    /// Reads a JSON Web Key.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, KeySetFault> {
        if text.len() > LARGEST {
            return Err(KeySetFault::NotAKeySet);
        }
        let jwk: Jwk = serde_json::from_str(text).map_err(|_| KeySetFault::NotAKeySet)?;
        if jwk.is_private() {
            return Err(KeySetFault::Private);
        }
        let is_suitable = jwk.kty == "EC" && jwk.crv.as_deref() == Some("P-256") && jwk.serves("ES256");
        let point =
            is_suitable.then(|| jwk.point(SHORT_COORDINATE)).flatten().ok_or(KeySetFault::Unsuitable)?;
        let (x, y) = point[1..].split_at(SHORT_COORDINATE);
        // Encoded anew, so that one key has one name however it was written.
        let thumbprint = thumbprint("P-256", &URL_SAFE_NO_PAD.encode(x), &URL_SAFE_NO_PAD.encode(y));
        Ok(Self { thumbprint, point })
    }

    /// By which it is named (RFC 7638).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Whether its private side made this signature (ES256).
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.point).verify(message, signature).is_ok()
    }
}

impl Jwk {
    fn read(self) -> Result<Key, KeySetFault> {
        if self.is_private() {
            return Err(KeySetFault::Private);
        }
        let kid = self.kid.clone().filter(|kid| !kid.is_empty()).ok_or(KeySetFault::KeyId)?;
        let material = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) if self.serves("RS384") => self.rsa(),
            ("EC", Some("P-384")) if self.serves("ES384") => self.point(COORDINATE).map(Material::P384),
            _ => None,
        };
        Ok(Key { kid, material: material.ok_or(KeySetFault::Unsuitable)? })
    }

    fn is_private(&self) -> bool {
        self.d.is_some() || self.k.is_some()
    }

    /// Whether it is for signatures of an algorithm, or does not say what for.
    fn serves(&self, algorithm: &str) -> bool {
        self.alg.as_deref().is_none_or(|alg| alg == algorithm)
            && self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
    }

    fn rsa(&self) -> Option<Material> {
        let (n, e) = (bytes(self.n.as_deref()?)?, bytes(self.e.as_deref()?)?);
        let is_suitable = MODULUS.contains(&n.len()) && n.first() != Some(&0) && (1..=4).contains(&e.len());
        is_suitable.then_some(Material::Rsa { n, e })
    }

    /// SEC 1, uncompressed, of two coordinates of this length.
    fn point(&self, length: usize) -> Option<Vec<u8>> {
        let (x, y) = (bytes(self.x.as_deref()?)?, bytes(self.y.as_deref()?)?);
        (x.len() == length && y.len() == length).then(|| [&[4], &x[..], &y[..]].concat())
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use crate::app::signing::{Curve, SigningKey};

    use super::*;

    fn fault(text: &str) -> KeySetFault {
        KeySet::parse(text).unwrap_err()
    }

    fn ec(more: &str) -> String {
        let coordinate = URL_SAFE_NO_PAD.encode([7; 48]);
        format!(r#"{{"kty":"EC","crv":"P-384","x":"{coordinate}","y":"{coordinate}"{more}}}"#)
    }

    #[test]
    fn a_key_set_with_a_private_part_is_refused_before_it_is_kept_anywhere() {
        assert_eq!(fault(&format!(r#"{{"keys":[{}]}}"#, ec(r#","kid":"1","d":"AA""#))), KeySetFault::Private);
        assert_eq!(fault(r#"{"keys":[{"kty":"oct","kid":"1","k":"AA"}]}"#), KeySetFault::Private);
    }

    #[test]
    fn every_key_has_an_id_of_its_own() {
        assert_eq!(fault(&format!(r#"{{"keys":[{}]}}"#, ec(""))), KeySetFault::KeyId);
        let one = ec(r#","kid":"1""#);
        assert_eq!(fault(&format!(r#"{{"keys":[{one},{one}]}}"#)), KeySetFault::KeyId);
    }

    #[test]
    fn keys_of_other_kinds_lengths_and_purposes_are_refused() {
        let short = URL_SAFE_NO_PAD.encode([255; 128]);
        let of = |jwk: &str| fault(&format!(r#"{{"keys":[{jwk}]}}"#));
        assert_eq!(
            of(&format!(r#"{{"kty":"RSA","kid":"1","n":"{short}","e":"AQAB"}}"#)),
            KeySetFault::Unsuitable
        );
        assert_eq!(of(&ec(r#","kid":"1","alg":"ES256""#)), KeySetFault::Unsuitable);
        assert_eq!(of(&ec(r#","kid":"1","use":"enc""#)), KeySetFault::Unsuitable);
        assert_eq!(of(r#"{"kty":"OKP","crv":"Ed25519","kid":"1","x":"AA"}"#), KeySetFault::Unsuitable);
    }

    #[test]
    fn a_machine_has_one_public_key_on_p256_named_by_its_thumbprint() {
        let (key, _) = SigningKey::generate(Curve::P256).unwrap();
        let read = MachineKey::parse(&key.jwk().to_string()).unwrap();
        assert_eq!(read.thumbprint(), key.thumbprint());
        let signed = key.signed("x", &serde_json::json!({})).unwrap();
        let (message, signature) = signed.rsplit_once('.').unwrap();
        let mut signature = bytes(signature).unwrap();
        assert!(read.verifies(message.as_bytes(), &signature));
        signature[7] ^= 1;
        assert!(!read.verifies(message.as_bytes(), &signature));
        let (other, _) = SigningKey::generate(Curve::P384).unwrap();
        let fault = |text: &str| MachineKey::parse(text).unwrap_err();
        assert_eq!(fault(&other.jwk().to_string()), KeySetFault::Unsuitable);
        assert_eq!(fault(&key.jwks()), KeySetFault::NotAKeySet);
        assert_eq!(fault(&ec(r#","d":"AA""#)), KeySetFault::Private);
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        assert_eq!(fault("[]"), KeySetFault::NotAKeySet);
        assert_eq!(fault(r#"{"keys":[]}"#), KeySetFault::Count);
        assert_eq!(fault(&" ".repeat(LARGEST + 1)), KeySetFault::NotAKeySet);
    }
}
