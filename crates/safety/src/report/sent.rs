//! A report on its way in: [`Sent`] (well-formed), [`Signed`] (the key of a registered machine made it), [`Said`] (made
//! now, and made up of what is known here). Each is made from the one before alone, so that no step is left out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::app::MachineKey;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::measured::Measured;
use super::rules::limits;

/// A report as it was sent: a JSON Web Signature in its compact form (RFC 7515), of which nothing is proved.
#[derive(Debug)]
pub struct Sent<'a> {
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
    thumbprint: String,
}

/// A report that the key of a registered machine signed.
#[derive(Debug)]
pub struct Signed(Vec<u8>);

/// What a machine said, in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The name it gave its report.
    pub jti: String,
    /// When it was made.
    pub at: Timestamp,
    /// What was measured.
    pub measured: Measured,
}

/// Why a report is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum ReportFault {
    /// It is larger than one may be.
    TooLarge,
    /// It is no signed message in the compact form, or says something beyond what is known here of itself.
    NotAJws,
    /// It is signed by another algorithm than ES256, or by none.
    Algorithm,
    /// No machine is registered with the key that it names, or no longer.
    UnknownKey,
    /// The key that it names did not make its signature.
    Signature,
    /// What it says is not of the form; and what the reader of JSON stumbled over.
    Shape(String),
    /// A member cannot stand as it is.
    Member(&'static str),
    /// It was made too long ago.
    Old,
    /// It comes from the future.
    Future,
    /// It was taken before.
    Replayed,
    /// A later one was taken before.
    Older,
}

/// No report is larger, in bytes.
pub fn largest_report() -> usize {
    limits().largest_bytes
}

/// A `jti` has at most so many bytes.
const LONGEST_ID: usize = 128;
/// No more of what a reader of JSON says is repeated.
const LONGEST_DETAIL: usize = 200;
/// Days are those of Japan, and a machine elsewhere may be a day ahead.
const JAPAN: Offset = Offset::constant(9);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    #[serde(rename = "typ")]
    _typ: Option<String>,
    #[serde(rename = "cty")]
    _cty: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iat: f64,
    jti: String,
    measured: Measured,
}

impl ReportFault {
    /// Names its words.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::NotAJws => "not-a-jws",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown-key",
            Self::Signature => "signature",
            Self::Shape(_) => "shape",
            Self::Member(_) => "member",
            Self::Old => "old",
            Self::Future => "future",
            Self::Replayed => "replayed",
            Self::Older => "older",
        }
    }

    /// What its words tell of the report itself.
    pub fn detail(&self) -> &str {
        match self {
            Self::Shape(detail) => detail,
            Self::Member(member) => member,
            _ => "",
        }
    }
}

impl<'a> Sent<'a> {
    /// Reads a report without believing it.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ReportFault> {
        if bytes.len() > limits().largest_bytes {
            return Err(ReportFault::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ReportFault::NotAJws)?.trim();
        let (message, signature) = text.rsplit_once('.').ok_or(ReportFault::NotAJws)?;
        let (header, payload) = message.split_once('.').ok_or(ReportFault::NotAJws)?;
        let header: Header = decoded(header)
            .and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or(ReportFault::NotAJws)?;
        if header.alg != "ES256" {
            return Err(ReportFault::Algorithm);
        }
        let signature = decoded(signature).ok_or(ReportFault::NotAJws)?;
        Ok(Self { message, payload, signature, thumbprint: header.kid })
    }

    /// The thumbprint of the key that it names.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Proves it by the key of the machine.
    ///
    /// # Errors
    /// [`ReportFault::Signature`] where the key did not make its signature.
    pub fn prove(self, key: &MachineKey) -> Result<Signed, ReportFault> {
        let is_its = key.thumbprint() == self.thumbprint;
        if !is_its || !key.verifies(self.message.as_bytes(), &self.signature) {
            return Err(ReportFault::Signature);
        }
        decoded(self.payload).map(Signed).ok_or(ReportFault::NotAJws)
    }
}

impl Signed {
    /// Reads what it says, and holds it against the time.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(self, now: Timestamp) -> Result<Said, ReportFault> {
        let payload: Payload = serde_json::from_slice(&self.0)
            .map_err(|error| ReportFault::Shape(error.to_string().chars().take(LONGEST_DETAIL).collect()))?;
        // Saturates, so that no number is taken for another one.
        let at = Timestamp::from_microsecond((payload.iat * 1e6) as i64)
            .map_err(|_| ReportFault::Member("iat"))?;
        if now + SignedDuration::from_secs(limits().ahead_seconds) < at {
            return Err(ReportFault::Future);
        }
        if at + SignedDuration::from_mins(limits().oldest_minutes) < now {
            return Err(ReportFault::Old);
        }
        let is_name = |jti: &str| (1..=LONGEST_ID).contains(&jti.len()) && !jti.contains(char::is_control);
        if !is_name(&payload.jti) {
            return Err(ReportFault::Member("jti"));
        }
        let today = now.to_zoned(TimeZone::fixed(JAPAN)).date();
        match payload.measured.wrong_member(today) {
            Some(member) => Err(ReportFault::Member(member)),
            None => Ok(Said { jti: payload.jti, at, measured: payload.measured }),
        }
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

#[cfg(test)]
mod tests {
    use identity::app::{Curve, SigningKey};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

    fn keys() -> (SigningKey, MachineKey) {
        let (key, _) = SigningKey::generate(Curve::P256).unwrap();
        let public = MachineKey::parse(&key.jwk().to_string()).unwrap();
        (key, public)
    }

    fn taken(key: &SigningKey, public: &MachineKey, said: &Value) -> Result<Said, ReportFault> {
        let sent = key.signed("renkei-report", said).unwrap();
        Sent::parse(sent.as_bytes())?.prove(public)?.read(NOW)
    }

    fn said(iat: i64) -> Value {
        json!({"iat": iat, "jti": "r-1", "measured": {"updated_on": "2026-11-01"}})
    }

    #[test]
    fn a_report_is_taken_only_within_minutes_of_its_making() {
        let (key, public) = keys();
        let at = |seconds: i64| taken(&key, &public, &said(NOW.as_second() + seconds));
        assert!(at(0).is_ok() && at(-600).is_ok() && at(60).is_ok());
        assert_eq!(at(-601).unwrap_err(), ReportFault::Old);
        assert_eq!(at(61).unwrap_err(), ReportFault::Future);
        assert_eq!(at(i64::MAX / 2).unwrap_err(), ReportFault::Member("iat"));
    }

    #[test]
    fn what_is_signed_by_another_key_or_altered_or_unsigned_is_no_report() {
        let ((key, public), (other, _)) = (keys(), keys());
        assert_eq!(taken(&other, &public, &said(NOW.as_second())).unwrap_err(), ReportFault::Signature);
        let sent = key.signed("renkei-report", &said(NOW.as_second())).unwrap();
        let (message, signature) = sent.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let payload = URL_SAFE_NO_PAD.encode(said(NOW.as_second() + 1).to_string());
        let altered = format!("{header}.{payload}.{signature}");
        let fault =
            |text: &str| Sent::parse(text.as_bytes()).and_then(|sent| sent.prove(&public)).unwrap_err();
        assert_eq!(fault(&altered), ReportFault::Signature);
        let none = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": public.thumbprint()}).to_string());
        assert_eq!(fault(&format!("{none}.{payload}.")), ReportFault::Algorithm);
        let jwk = json!({"alg": "ES256", "kid": public.thumbprint(), "jwk": other.jwk()});
        let named = URL_SAFE_NO_PAD.encode(jwk.to_string());
        assert_eq!(
            fault(&format!("{named}.{payload}.{signature}")),
            ReportFault::NotAJws,
            "no key comes along"
        );
        assert_eq!(fault(""), ReportFault::NotAJws);
        assert_eq!(fault(&"x".repeat(limits().largest_bytes + 1)), ReportFault::TooLarge);
    }

    #[test]
    fn an_unknown_member_is_named() {
        let (key, public) = keys();
        let with = |measured: Value| {
            taken(&key, &public, &json!({"iat": NOW.as_second(), "jti": "r", "measured": measured}))
                .unwrap_err()
        };
        assert!(with(json!({"disk_encrypted": true})).detail().contains("disk_encrypted"));
        assert_eq!(with(json!({"updated_on": "2099-01-01"})), ReportFault::Member("updated_on"));
        let doubled = "{\"iat\":1,\"iat\":2,\"jti\":\"r\",\"measured\":{}}";
        let read = Signed(doubled.as_bytes().to_vec()).read(NOW).unwrap_err();
        assert!(read.detail().contains("duplicate"), "{read:?}");
    }

    proptest! {
        #[test]
        fn whatever_is_sent_reading_it_does_not_fail(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (_, public) = keys();
            let _ = Sent::parse(&bytes).and_then(|sent| sent.prove(&public)).and_then(|signed| signed.read(NOW));
            let _ = Signed(bytes).read(NOW);
        }
    }
}
