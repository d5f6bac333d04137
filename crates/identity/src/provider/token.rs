//! An ID token, believed or not (OpenID Connect Core 1.0 §3.1.3.7).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, IdTokenClaims, Nonce, SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Provider;

use crate::provider::rules::rules;

/// Claims beyond the standard ones.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Claims(HashMap<String, Value>);

impl AdditionalClaims for Claims {}

pub(super) type IdToken = openidconnect::IdToken<
    Claims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What a believed token says.
#[derive(Debug)]
pub(super) struct Identified {
    pub(super) subject: String,
    pub(super) name: Option<String>,
    pub(super) acr: Option<String>,
    pub(super) amr: Vec<String>,
    claims: Claims,
}

/// Why a token is not believed. The code stands on record; nobody outside is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub(super) enum TokenFault {
    /// It is longer than one may be.
    TooLong,
    /// Its algorithm is neither RS256 nor ES256.
    Algorithm,
    /// No key of the provider is of its id and kind; keys may have changed.
    UnknownKey,
    /// The key did not make this signature.
    Signature,
    /// Another provider made it.
    Issuer,
    /// It is for another client, or for several.
    Audience,
    /// It belongs to another sign-in.
    Nonce,
    /// It has ended, or is from the future, or old.
    Time,
    /// Its holder proved themselves too long ago, or it does not say when.
    ProvedAt,
    /// Something else is wrong with it.
    Claims,
}

/// A subject is at most this long (§2), and plain.
const LONGEST_SUBJECT: usize = 255;
/// Names that others show to patients are at most this long.
const LONGEST_NAME: usize = 60;

impl TokenFault {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::Algorithm => "algorithm",
            Self::UnknownKey => "unknown-key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Nonce => "nonce",
            Self::Time => "time",
            Self::ProvedAt => "proved-at",
            Self::Claims => "claims",
        }
    }
}

impl Identified {
    /// Believes a token, or says why not. Its holder must have proved themselves within `oldest`.
    pub(super) fn by(
        token: &IdToken,
        metadata: &CoreProviderMetadata,
        provider: &Provider,
        nonce: &str,
        oldest: SignedDuration,
        now: Timestamp,
    ) -> Result<Self, TokenFault> {
        if token.to_string().len() > rules().token.largest_bytes {
            return Err(TokenFault::TooLong);
        }
        let skew = rules().token.skew();
        let verifier = CoreIdTokenVerifier::new_public_client(
            ClientId::new(provider.client_id.clone()),
            metadata.issuer().clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        ])
        .set_other_audience_verifier_fn(|_| false)
        .set_time_fn(move || date_time(now - skew))
        .set_issue_time_verifier_fn(move |at| within(at, rules().token.oldest(), skew, now))
        .set_auth_time_verifier_fn(move |at| {
            at.ok_or_else(|| "auth_time is missing".to_owned()).and_then(|at| within(at, oldest, skew, now))
        });
        let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|why| of(&why))?;
        Self::read(claims, provider, skew, now)
    }

    fn read(
        claims: &IdTokenClaims<Claims, CoreGenderClaim>,
        provider: &Provider,
        skew: SignedDuration,
        now: Timestamp,
    ) -> Result<Self, TokenFault> {
        if claims.authorized_party().is_some_and(|party| **party != provider.client_id) {
            return Err(TokenFault::Audience);
        }
        let others = claims.additional_claims();
        let latest = (now + skew).as_second();
        if others.0.get("nbf").is_some_and(|from| from.as_f64().is_none_or(|from| from > latest as f64)) {
            return Err(TokenFault::Time);
        }
        let subject = claims.subject().as_str();
        let is_plain = !subject.is_empty() && subject.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain || subject.len() > LONGEST_SUBJECT {
            return Err(TokenFault::Claims);
        }
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.trim().to_owned());
        let amr = claims.auth_method_refs().map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            subject: subject.to_owned(),
            name: name.filter(|name| !name.is_empty() && name.chars().count() <= LONGEST_NAME),
            acr: claims.auth_context_ref().map(|acr| (**acr).clone()),
            amr: amr.iter().map(|name| (**name).clone()).collect(),
            claims: others.clone(),
        })
    }

    /// A claim that is a text.
    pub(super) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.0.get(name).and_then(Value::as_str)
    }
}

fn of(why: &ClaimsVerificationError) -> TokenFault {
    match why {
        ClaimsVerificationError::InvalidIssuer(_) => TokenFault::Issuer,
        ClaimsVerificationError::InvalidAudience(_) => TokenFault::Audience,
        ClaimsVerificationError::InvalidNonce(_) => TokenFault::Nonce,
        ClaimsVerificationError::Expired(_) => TokenFault::Time,
        ClaimsVerificationError::InvalidAuthTime(_) => TokenFault::ProvedAt,
        ClaimsVerificationError::SignatureVerification(why) => match why {
            SignatureVerificationError::NoMatchingKey => TokenFault::UnknownKey,
            SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_)
            | SignatureVerificationError::NoSignature => TokenFault::Algorithm,
            _ => TokenFault::Signature,
        },
        _ => TokenFault::Claims,
    }
}

/// An instant neither longer ago than `oldest` nor in the future.
fn within(
    at: DateTime<Utc>,
    oldest: SignedDuration,
    skew: SignedDuration,
    now: Timestamp,
) -> Result<(), String> {
    let (from, to) = (date_time(now - oldest - skew), date_time(now + skew));
    if (from..=to).contains(&at) { Ok(()) } else { Err(format!("{at} is not between {from} and {to}")) }
}

fn date_time(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.as_microsecond()).unwrap_or(DateTime::UNIX_EPOCH)
}
