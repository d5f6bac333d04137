use jiff::Timestamp;
use store::{AppKind, Fault, RegisteredApp, SpentAssertion, Store};

use crate::app::assertion::{AssertionFault, Presented};
use crate::app::keys::KeySet;

/// An app that stands at the door.
#[derive(Clone, Debug)]
pub struct Client {
    /// Which.
    pub app: RegisteredApp,
    /// The assertion that proved it, still to be spent; a public app has none.
    pub assertion: Option<SpentAssertion>,
}

/// Why nobody stands there.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientFault {
    /// The assertion does not hold.
    #[error(transparent)]
    Assertion(#[from] AssertionFault),
    /// No such app is in force, or it has to prove itself.
    #[error("there is no such app")]
    Unknown,
    /// It could not be looked up.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Who sent an assertion: an app in force, whose key signed it, for this hub, now. `audiences` are the addresses it
/// may be for.
///
/// # Errors
/// Why it is not taken. An unknown app, one that has ended, and a wrong key look the same.
pub async fn prove(
    store: &Store,
    assertion: &str,
    client_id: Option<&str>,
    audiences: &[String],
    now: Timestamp,
) -> Result<Client, ClientFault> {
    let presented = Presented::parse(assertion)?;
    if client_id.is_some_and(|id| id != presented.claimed_app()) {
        return Err(AssertionFault::Claims.into());
    }
    let app = store.app(presented.claimed_app().to_owned()).await?;
    let app = app.filter(|app| app.is_in_force(now)).ok_or(AssertionFault::Signature)?;
    let keys = app.jwks.as_deref().and_then(|jwks| KeySet::parse(jwks).ok());
    let proven = presented.prove(&keys.ok_or(AssertionFault::Signature)?)?;
    let assertion = Some(proven.spend(audiences, now)?);
    Ok(Client { app, assertion })
}

/// A public app that names itself: one that people open, and that has no key to prove itself by.
///
/// # Errors
/// [`ClientFault::Unknown`] for any other.
pub async fn public(store: &Store, client_id: &str, now: Timestamp) -> Result<Client, ClientFault> {
    let app = store.app(client_id.to_owned()).await?;
    let is_public =
        |app: &RegisteredApp| app.kind == AppKind::Launched && app.jwks.is_none() && app.is_in_force(now);
    let app = app.filter(is_public).ok_or(ClientFault::Unknown)?;
    Ok(Client { app, assertion: None })
}
