//! Providers: registered by whoever runs the hub, listed where accounts are, ended for good.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use serde::{Deserialize, Serialize};
use store::{Fault, Provider, ProviderKind};
use url::{Host, Url};

use crate::app::{Curve, SigningKey};
use crate::provider::Demands;
use crate::{Identity, chance, damaged};

/// A provider to be registered.
pub struct NewProvider {
    /// For whom it vouches.
    pub kind: ProviderKind,
    /// Whose people, by the institution's number; none for patients, or for whoever runs the hub.
    pub institution: Option<String>,
    /// Name, as it will stand on the sign-in page.
    pub name: String,
    /// How it calls itself: `https://…`, exactly as in its own metadata.
    pub issuer: String,
    /// How it calls this hub.
    pub client_id: String,
    /// What this hub proves itself to it with.
    pub proof: ClientProof,
    /// What it must show.
    pub terms: Terms,
}

/// What this hub proves itself to a provider with.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientProof {
    /// A secret that the provider gave (`client_secret_basic`).
    Secret(String),
    /// A private key on P-384 in PEM, whose public part the provider has (`private_key_jwt` with ES384).
    Key(String),
}

/// What was agreed with a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What it must show of how it made sure who somebody is.
    #[serde(flatten)]
    pub demands: Demands,
    /// How a patient is found; only a provider for patients has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonClaim>,
}

/// How a provider for patients tells who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonClaim {
    /// The claim of its ID token that holds an insured number (`保険者番号:記号:番号:枝番`).
    pub claim: String,
    /// What the provider checked before it vouched (本人確認), in words.
    pub checked: String,
    /// Identity assurance level: 1, 2 or 3.
    pub level: u8,
}

/// Why a provider is not registered.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotTaken {
    /// It has no name, or a very long one.
    #[error("a provider needs a name of at most 60 characters")]
    Name,
    /// The issuer is no address that can be trusted: https, or this very machine, without query.
    #[error("the issuer is no https address without query")]
    Issuer,
    /// Nothing by which it would know this hub.
    #[error("the client id is missing")]
    ClientId,
    /// Neither a secret of 16 characters or more nor a private key on P-384.
    #[error("neither a secret of 16 characters or more nor a private key on P-384 in PEM")]
    Proof,
    /// Patients belong to no institution and need a claim, a text and a level; staff has none of these.
    #[error("a provider for patients, and only that, has a claim that finds the person, and no institution")]
    Person,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

const SHORTEST_SECRET: usize = 16;
const LONGEST_TEXT: usize = 255;

impl Identity {
    /// Registers a provider.
    ///
    /// # Errors
    /// See [`NotTaken`]; nothing is kept.
    pub async fn register_provider(
        &self,
        by: &Viewer,
        rule: &str,
        new: NewProvider,
        act: &Act,
    ) -> Result<Provider, NotTaken> {
        new.check()?;
        let secret = serde_json::to_vec(&new.proof).map_err(|_| damaged("a client's proof"))?;
        let terms = serde_json::to_string(&new.terms).map_err(|_| damaged("terms"))?;
        let provider = Provider {
            id: chance::id()?,
            kind: new.kind,
            institution: new.institution,
            name: new.name,
            issuer: new.issuer,
            client_id: new.client_id,
            secret,
            terms,
            made_by: by.credential.clone(),
            made_at: act.now,
            ended_at: None,
        };
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("provider/{}", provider.id), "registered".to_owned()];
        self.store.keep_provider(provider.clone(), event).await?;
        Ok(provider)
    }

    /// Ends a provider: nobody comes in by it from now on. False if there is none in force.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_provider(&self, by: &Viewer, rule: &str, id: &str, act: &Act) -> Result<bool, Fault> {
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, by, rule)?;
        event.objects = vec![format!("provider/{id}"), "ended".to_owned()];
        self.store.end_provider(id.to_owned(), event).await
    }

    /// Every provider in force, with what was agreed, oldest first.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn providers(&self) -> Result<Vec<(Provider, Terms)>, Fault> {
        let all = self.store.providers().await?;
        all.into_iter().map(|one| terms(&one).map(|terms| (one, terms))).collect()
    }
}

impl NewProvider {
    fn check(&self) -> Result<(), NotTaken> {
        if self.name.trim().is_empty() || self.name.chars().count() > 60 {
            return Err(NotTaken::Name);
        }
        let issuer = Url::parse(&self.issuer).ok().filter(|url| is_trusted(url) && url.query().is_none());
        if self.issuer.len() > LONGEST_TEXT || issuer.is_none() {
            return Err(NotTaken::Issuer);
        }
        if self.client_id.is_empty() || self.client_id.len() > LONGEST_TEXT {
            return Err(NotTaken::ClientId);
        }
        let is_proof = match &self.proof {
            ClientProof::Secret(secret) => (SHORTEST_SECRET..=LONGEST_TEXT).contains(&secret.len()),
            ClientProof::Key(pem) => SigningKey::from_pem(pem, Curve::P384).is_ok(),
        };
        if !is_proof {
            return Err(NotTaken::Proof);
        }
        let is_person = |person: &PersonClaim| {
            !person.claim.is_empty() && !person.checked.is_empty() && (1..=3).contains(&person.level)
        };
        let fits = match (self.kind, &self.terms.person) {
            (ProviderKind::Staff, person) => person.is_none(),
            (ProviderKind::Patient, Some(person)) => self.institution.is_none() && is_person(person),
            (ProviderKind::Patient, None) => false,
        };
        if fits { Ok(()) } else { Err(NotTaken::Person) }
    }
}

/// What was agreed with a provider.
pub(super) fn terms(provider: &Provider) -> Result<Terms, Fault> {
    serde_json::from_str(&provider.terms).map_err(|_| damaged("terms"))
}

/// Whether what stands at an address can be told from whoever is on the way: by TLS, or on this very machine.
pub(super) fn is_trusted(url: &Url) -> bool {
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    is_plain && url.host().is_some() && (url.scheme() == "https" || (url.scheme() == "http" && is_here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_stands_behind_tls_or_on_this_machine() {
        let trusted = |text: &str| is_trusted(&Url::parse(text).unwrap());
        for good in
            ["https://id.example/realm", "http://127.0.0.1:8089", "http://localhost:1", "http://[::1]:1"]
        {
            assert!(trusted(good), "{good}");
        }
        for bad in [
            "http://id.example",
            "http://10.0.0.1",
            "https://u:p@id.example",
            "ftp://localhost",
            "https://a/#b",
        ] {
            assert!(!trusted(bad), "{bad}");
        }
    }

    fn new(kind: ProviderKind, institution: Option<&str>, person: Option<PersonClaim>) -> NewProvider {
        NewProvider {
            kind,
            institution: institution.map(str::to_owned),
            name: "架空病院".to_owned(),
            issuer: "https://id.example".to_owned(),
            client_id: "renkei".to_owned(),
            proof: ClientProof::Secret("0123456789abcdef".to_owned()),
            terms: Terms { person, ..Terms::default() },
        }
    }

    #[test]
    fn only_a_provider_for_patients_finds_persons_and_it_is_no_institutions() {
        let claim =
            || Some(PersonClaim { claim: "member".to_owned(), checked: "カード".to_owned(), level: 3 });
        assert!(new(ProviderKind::Staff, Some("4919999901"), None).check().is_ok());
        assert!(new(ProviderKind::Patient, None, claim()).check().is_ok());
        for wrong in [
            new(ProviderKind::Staff, None, claim()),
            new(ProviderKind::Patient, None, None),
            new(ProviderKind::Patient, Some("4919999901"), claim()),
        ] {
            assert!(matches!(wrong.check(), Err(NotTaken::Person)));
        }
    }

    #[test]
    fn a_short_secret_and_a_broken_key_are_refused() {
        for proof in [ClientProof::Secret("short".to_owned()), ClientProof::Key("-----BEGIN".to_owned())] {
            let wrong = NewProvider { proof, ..new(ProviderKind::Staff, None, None) };
            assert!(matches!(wrong.check(), Err(NotTaken::Proof)));
        }
    }
}
