use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256};
use serde::Deserialize;
use store::SpentAssertion;

use crate::app::keys::{Algorithm, KeySet};

/// An assertion as it was sent (RFC 7523): well-formed, and nothing of it proved.
#[derive(Debug)]
pub struct Presented<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    kid: String,
    claims: Claims,
}

/// An assertion that a registered key signed.
#[derive(Debug)]
pub struct Proven(Claims);

/// Why an assertion is not taken. What comes before the signature is told to anybody, what comes after it to the holder
/// of the key; whether an app or a key is known is told to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum AssertionFault {
    /// It is longer than one may be.
    TooLong,
    /// It is no signed JSON Web Token.
    NotAJwt,
    /// It is signed by another algorithm than RS384 or ES384, or by none.
    Algorithm,
    /// It names no key.
    NoKeyId,
    /// A claim is missing or of another type, or `iss` and `sub` differ.
    Claims,
    /// No key of a registered app made this signature.
    Signature,
    /// It is for somebody else.
    Audience,
    /// It has ended.
    Ended,
    /// It is good for longer than five minutes.
    TooLongLived,
    /// It comes from the future.
    Future,
    /// It was used before.
    Replayed,
}

/// Longer ones are refused before anything is read.
pub const LONGEST_ASSERTION: usize = 8 << 10;
/// How long an assertion may be good for, as SMART App Launch 2.2 has it.
pub const LONGEST_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// How far two clocks may be apart.
const SKEW: SignedDuration = SignedDuration::from_secs(30);
/// A `jti` or `kid` is at most this many bytes.
const LONGEST_ID: usize = 256;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: Seconds,
    jti: String,
    iat: Option<Seconds>,
    nbf: Option<Seconds>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Some(Vec<String>),
}

/// A `NumericDate`: seconds since 1970, perhaps with a fraction.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct Seconds(Timestamp);

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        // Saturates, so that no number is taken for another one.
        Timestamp::from_second(seconds as i64).map(Self).map_err(|_| "no time")
    }
}

impl AssertionFault {
    /// Names its words.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::NotAJwt => "not-a-jwt",
            Self::Algorithm => "algorithm",
            Self::NoKeyId => "no-key-id",
            Self::Claims => "claims",
            Self::Signature => "signature",
            Self::Audience => "audience",
            Self::Ended => "ended",
            Self::TooLongLived => "too-long-lived",
            Self::Future => "future",
            Self::Replayed => "replayed",
        }
    }
}

impl<'a> Presented<'a> {
    /// Reads an assertion without believing it.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(text: &'a str) -> Result<Self, AssertionFault> {
        if text.len() > LONGEST_ASSERTION {
            return Err(AssertionFault::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(AssertionFault::NotAJwt)?;
        let (header, claims) = signed.split_once('.').ok_or(AssertionFault::NotAJwt)?;
        let header: Header = read(header).ok_or(AssertionFault::NotAJwt)?;
        let algorithm = Algorithm::from_name(&header.alg).ok_or(AssertionFault::Algorithm)?;
        let is_jwt = header.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
        if !is_jwt || header.crit.is_some() {
            return Err(AssertionFault::NotAJwt);
        }
        let kid = header.kid.filter(|kid| is_id(kid)).ok_or(AssertionFault::NoKeyId)?;
        let claims: Claims = read(claims).ok_or(AssertionFault::Claims)?;
        if claims.iss != claims.sub || !is_id(&claims.iss) || !is_id(&claims.jti) {
            return Err(AssertionFault::Claims);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| AssertionFault::NotAJwt)?;
        Ok(Self { signed, signature, algorithm, kid, claims })
    }

    /// The app it says it comes from.
    pub fn claimed_app(&self) -> &str {
        &self.claims.iss
    }

    /// Proves it by the app's keys.
    ///
    /// # Errors
    /// [`AssertionFault::Signature`] where none of them made it.
    pub fn prove(self, keys: &KeySet) -> Result<Proven, AssertionFault> {
        if keys.verifies(&self.kid, self.algorithm, self.signed.as_bytes(), &self.signature) {
            Ok(Proven(self.claims))
        } else {
            Err(AssertionFault::Signature)
        }
    }
}

impl Proven {
    /// Holds it against the time and the addresses it may be for, and gives what must be remembered of it.
    ///
    /// # Errors
    /// Which claim does not hold.
    pub fn spend(self, audiences: &[String], now: Timestamp) -> Result<SpentAssertion, AssertionFault> {
        let Claims { iss, aud, exp: Seconds(exp), jti, iat, nbf, .. } = self.0;
        let aud = match &aud {
            Audience::One(one) => Some(one),
            // Meant for several, it could be used by one of them against another.
            Audience::Some(some) => some.first().filter(|_| some.len() == 1),
        };
        if !aud.is_some_and(|aud| audiences.contains(aud)) {
            return Err(AssertionFault::Audience);
        }
        if now + LONGEST_LIFE + SKEW < exp {
            return Err(AssertionFault::TooLongLived);
        }
        if exp + SKEW <= now {
            return Err(AssertionFault::Ended);
        }
        if [iat, nbf].into_iter().flatten().any(|Seconds(from)| now + SKEW < from) {
            return Err(AssertionFault::Future);
        }
        Ok(SpentAssertion { hash: hash(&iss, &jti), ends_at: exp + SKEW })
    }
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
}

/// Two apps may use the same `jti`.
fn hash(app: &str, jti: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    [app.as_bytes(), &[0], jti.as_bytes()].into_iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
