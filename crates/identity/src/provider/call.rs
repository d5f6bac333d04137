//! Talking to a provider: its addresses and keys, where a browser is sent, and what a code is worth.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthType, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use store::{Fault, Provider};
use url::Url;

use crate::app::{Curve, SigningKey};
use crate::provider::registration::{ClientProof, is_trusted, terms};
use crate::provider::rules::rules;
use crate::provider::token::{Claims, IdToken};
use crate::{chance, damaged};

type TokenFields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// This hub as a client of one provider.
type HubAsClient = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<TokenFields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Addresses and keys of providers, by issuer, as they were last fetched.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<String, (Timestamp, Arc<CoreProviderMetadata>)>>);

/// What came of a call.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallFault {
    /// The provider does not answer, or not as one, or its name is another.
    #[error("the provider does not answer as one")]
    Unreachable,
    /// The provider does not take the code.
    #[error("the code is not taken")]
    Code,
    /// What it answered holds no ID token that could be read.
    #[error("there is no ID token")]
    NoToken,
    /// What is kept of it cannot be used.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why a request was not made, or its answer not read.
#[derive(Debug, thiserror::Error)]
enum NotHeard {
    #[error("the address is neither https nor on this machine")]
    Untrusted,
    #[error(transparent)]
    Call(#[from] ureq::Error),
}

/// What belongs to one sign-in, on both ways.
pub(super) struct Errand {
    pub(super) redirect: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Known {
    /// Addresses and keys of a provider, no older than the rules keep them.
    pub(super) async fn of(
        &self,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<Arc<CoreProviderMetadata>, CallFault> {
        self.no_older(provider, rules().calls.kept(), now).await
    }

    /// The same, fetched anew for a key that is not among them, unless that was just done.
    pub(super) async fn anew(
        &self,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<Arc<CoreProviderMetadata>, CallFault> {
        self.no_older(provider, rules().calls.again(), now).await
    }

    async fn no_older(
        &self,
        provider: &Provider,
        age: SignedDuration,
        now: Timestamp,
    ) -> Result<Arc<CoreProviderMetadata>, CallFault> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&provider.issuer).cloned();
        if let Some((at, known)) = kept.filter(|(at, _)| *at <= now && now < *at + age) {
            tracing::debug!(issuer = %provider.issuer, since = %at, "known provider");
            return Ok(known);
        }
        let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|_| CallFault::Unreachable)?;
        let found = aside(move || CoreProviderMetadata::discover(&issuer, &call)).await?;
        let found = Arc::new(found.map_err(|why| {
            tracing::warn!(issuer = %provider.issuer, %why, "the provider's metadata cannot be had");
            CallFault::Unreachable
        })?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(provider.issuer.clone(), (now, Arc::clone(&found)));
        Ok(found)
    }
}

/// Where a browser is sent: it asks for a code, with a proof no older than `oldest`.
pub(super) fn address(
    metadata: &CoreProviderMetadata,
    provider: &Provider,
    errand: &Errand,
    oldest: SignedDuration,
) -> Result<String, CallFault> {
    if !is_trusted(metadata.authorization_endpoint().url()) {
        return Err(CallFault::Unreachable);
    }
    let client = client(metadata, provider, None, errand)?;
    let (state, nonce) = (CsrfToken::new(errand.state.clone()), Nonce::new(errand.nonce.clone()));
    let verifier = PkceCodeVerifier::new(errand.verifier.clone());
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let mut request = client
        .authorize_url(flow, move || state, move || nonce)
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .set_max_age(oldest.unsigned_abs());
    for acr in terms(provider)?.demands.acr {
        request = request.add_auth_context_value(AuthenticationContextClass::new(acr));
    }
    if metadata.claims_parameter_supported() == Some(true) {
        // Some providers leave out what is not asked for by name.
        request =
            request.add_extra_param("claims", r#"{"id_token":{"amr":null,"acr":null,"auth_time":null}}"#);
    }
    Ok(request.url().0.to_string())
}

/// Fetches the ID token that a code is worth.
pub(super) async fn exchange(
    metadata: Arc<CoreProviderMetadata>,
    provider: &Provider,
    errand: &Errand,
    code: String,
    now: Timestamp,
) -> Result<IdToken, CallFault> {
    let proof = serde_json::from_slice(&provider.secret).map_err(|_| damaged("a client's proof"))?;
    let (secret, key) = match proof {
        ClientProof::Secret(secret) => (Some(ClientSecret::new(secret)), None),
        ClientProof::Key(pem) => (None, Some(pem)),
    };
    let client = client(&metadata, provider, secret, errand)?;
    let assertion = key.map(|pem| assertion(&pem, &metadata, provider, now)).transpose()?;
    let verifier = PkceCodeVerifier::new(errand.verifier.clone());
    let issuer = provider.issuer.clone();
    let answer = aside(move || {
        let request =
            client.exchange_code(AuthorizationCode::new(code)).map_err(|_| CallFault::Unreachable)?;
        let mut request = request.set_pkce_verifier(verifier);
        if let Some(assertion) = assertion {
            request = request
                .add_extra_param(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                )
                .add_extra_param("client_assertion", assertion);
        }
        request.request(&call).map_err(|why| {
            tracing::warn!(%issuer, %why, "the code was not exchanged");
            match why {
                RequestTokenError::ServerResponse(_) => CallFault::Code,
                RequestTokenError::Request(_) => CallFault::Unreachable,
                RequestTokenError::Parse(..) | RequestTokenError::Other(_) => CallFault::NoToken,
            }
        })
    });
    answer.await??.id_token().cloned().ok_or(CallFault::NoToken)
}

fn client(
    metadata: &CoreProviderMetadata,
    provider: &Provider,
    secret: Option<ClientSecret>,
    errand: &Errand,
) -> Result<HubAsClient, CallFault> {
    let redirect =
        RedirectUrl::new(errand.redirect.clone()).map_err(|_| damaged("an address of this hub"))?;
    // Without a secret the name stands in the body, beside the assertion.
    let how = if secret.is_some() { AuthType::BasicAuth } else { AuthType::RequestBody };
    let id = ClientId::new(provider.client_id.clone());
    let client = HubAsClient::from_provider_metadata(metadata.clone(), id, secret);
    Ok(client.set_auth_type(how).set_redirect_uri(redirect))
}

fn assertion(
    pem: &str,
    metadata: &CoreProviderMetadata,
    provider: &Provider,
    now: Timestamp,
) -> Result<String, CallFault> {
    let key = SigningKey::from_pem(pem, Curve::P384).map_err(|_| damaged("a client's proof"))?;
    let audience = metadata.token_endpoint().ok_or(CallFault::Unreachable)?;
    let assertion = key.assertion(&provider.client_id, audience.as_str(), &chance::id()?, now);
    assertion.map_err(|_| CallFault::Unreachable)
}

/// One request: no redirects, no proxy, within patience, and no answer larger than one may be.
fn call(request: HttpRequest) -> Result<HttpResponse, NotHeard> {
    if !Url::parse(&request.uri().to_string()).is_ok_and(|url| is_trusted(&url)) {
        return Err(NotHeard::Untrusted);
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(rules().calls.patience()))
        .build()
        .into();
    let answer =
        if request.body().is_empty() { agent.run(request.map(|_| ()))? } else { agent.run(request)? };
    let (head, body) = answer.into_parts();
    let body = body.into_with_config().limit(rules().calls.largest_bytes).read_to_vec()?;
    Ok(HttpResponse::from_parts(head, body))
}

/// Runs what waits for another machine where it holds nobody up.
async fn aside<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> Result<T, CallFault> {
    tokio::task::spawn_blocking(what).await.map_err(|_| CallFault::Unreachable)
}
