//! What an account has to prove itself with.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use jiff::Timestamp;
use store::{Factor, FactorKind, Fault};

use crate::Identity;
use crate::provider::vouching_name;

/// A factor as its holder sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: FactorKind,
    /// What its holder calls it.
    pub label: String,
    /// When it was set up.
    pub made_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

impl Identity {
    /// The factors of an account that are in force; recovery codes that were used are not among them.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn held(&self, account: &str) -> Result<Vec<Held>, Fault> {
        let factors = self.store.factors_of(account.to_owned()).await?;
        let in_force = factors.into_iter().filter(|factor| {
            factor.ended_at.is_none() && (factor.kind != FactorKind::Recovery || factor.step == 0)
        });
        Ok(in_force
            .map(|factor| Held {
                label: called(&factor),
                id: factor.id,
                kind: factor.kind,
                made_at: factor.made_at,
                used_at: factor.used_at,
            })
            .collect())
    }

    /// Ends one of an account's factors. False if it is the last that its holder can sign in with, or is not there.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_factor(
        &self,
        viewer: &Viewer,
        account: &str,
        id: &str,
        act: &Act,
    ) -> Result<bool, Fault> {
        let factors = self.store.factors_of(account.to_owned()).await?;
        let (going, staying): (Vec<_>, Vec<_>) = in_force(&factors).partition(|factor| factor.id == id);
        if going.is_empty() || !opens(staying.iter().copied()) {
            return Ok(false);
        }
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, viewer, "own-account")?;
        event.objects = vec![format!("account/{account}"), "factor-ended".to_owned()];
        self.store.change_factors(account.to_owned(), Vec::new(), vec![id.to_owned()], event).await?;
        Ok(true)
    }
}

/// What its holder calls a factor; who vouches, for an identity that another does.
fn called(factor: &Factor) -> String {
    match factor.kind {
        FactorKind::Oidc => vouching_name(factor).unwrap_or_default(),
        _ => factor.label.clone(),
    }
}

/// Those in force.
pub(crate) fn in_force(factors: &[Factor]) -> impl Iterator<Item = &Factor> {
    factors.iter().filter(|factor| factor.ended_at.is_none())
}

/// Whether factors suffice to sign in: a passkey, another's identity, or a password with a code by the clock or a
/// certificate.
pub(crate) fn opens<'f>(factors: impl Iterator<Item = &'f Factor> + Clone) -> bool {
    let has = |kind: FactorKind| factors.clone().any(|factor| factor.kind == kind);
    has(FactorKind::Passkey)
        || has(FactorKind::Oidc)
        || (has(FactorKind::Password) && (has(FactorKind::Totp) || has(FactorKind::Certificate)))
}

/// A factor just set up.
pub(crate) fn new_factor(
    account: &str,
    kind: FactorKind,
    label: &str,
    secret: Vec<u8>,
    made_at: Timestamp,
) -> Result<Factor, Fault> {
    Ok(Factor {
        id: crate::chance::id()?,
        account: account.to_owned(),
        kind,
        label: label.to_owned(),
        secret,
        step: 0,
        made_at,
        used_at: None,
        ended_at: None,
    })
}
