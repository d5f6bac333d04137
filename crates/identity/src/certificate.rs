//! A client certificate as something an account proves itself with: beside its password, in the place of a code. The
//! connection has verified it: that an authority of the hub's gave it, that it holds today, and that its key is there.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use store::{Factor, FactorKind, Fault, Use};

use crate::device::Place;
use crate::factors::new_factor;
use crate::{Identity, chance};

/// Why a certificate was not set up.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoCertificate {
    /// The connection came without one.
    #[error("no certificate was shown")]
    NotShown,
    /// It is another account's, a terminal's, or set up already.
    #[error("the certificate is in use already")]
    InUse,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl Identity {
    /// The holder of an account, who has just proved themselves, sets up the certificate that their connection shows.
    ///
    /// # Errors
    /// See [`NoCertificate`].
    pub async fn enrol_certificate(
        &self,
        holder: &Viewer,
        place: &Place,
        act: &Act,
    ) -> Result<(), NoCertificate> {
        let shown = place.certificate.ok_or(NoCertificate::NotShown)?;
        let label = chance::hexadecimal(&shown);
        let others = self.store.factors_called(FactorKind::Certificate, label.clone()).await?;
        if !others.is_empty() || self.store.device_of_key(shown).await?.is_some() {
            return Err(NoCertificate::InUse);
        }
        let account = &holder.credential;
        let factor = new_factor(account, FactorKind::Certificate, &label, shown.to_vec(), act.now)?;
        let mut event = on_record(act, audit::Act::Credential, Outcome::Done, holder, "own-account")?;
        event.objects = vec![format!("account/{account}"), "factor/certificate".to_owned()];
        self.store.change_factors(account.clone(), vec![factor], Vec::new(), event).await?;
        Ok(())
    }
}

/// The use of an account's certificate that the connection proves.
pub(crate) fn shown(held: &[Factor], place: &Place, act: &Act) -> Option<(Use, FactorKind)> {
    let certificate = place.certificate?;
    let kind = FactorKind::Certificate;
    let is_it = |one: &&Factor| one.kind == kind && one.ended_at.is_none() && one.secret == certificate;
    let factor = held.iter().find(is_it)?;
    // It is shown with each connection anew, so each moment is a step of its own.
    Some((Use { id: factor.id.clone(), step: act.now.as_microsecond(), secret: None }, kind))
}
