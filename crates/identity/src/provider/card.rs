//! The simulated card of the demo: what マイナンバーカード and its PIN would be to a real adapter. Fictional persons only.

use access::Act;
use store::FactorKind;

use crate::device::Place;
use crate::provider::entering::Subject;
use crate::provider::{NotVouched, ProvenPerson, VOUCHED_TWO};
use crate::{Identity, Proofing};

/// A card that exists only in the demo, which is reached from its own machine only.
#[derive(Clone, Debug)]
pub struct SimulatedCard {
    /// Its number, as a certificate's serial would be.
    pub serial: String,
    /// Name of the fictional person on it.
    pub name: String,
    /// An insured number of theirs.
    pub number: String,
    /// Four digits, shown beside the card: it keeps no secret.
    pub pin: String,
}

/// How the simulated adapter calls itself.
const ISSUER: &str = "urn:renkei:simulated-card";
/// As a certificate on a real card would be, after the municipality's counter.
const LEVEL: u8 = 3;

impl Identity {
    /// Reads a simulated card with its PIN. `by` names the adapter and `checked` what it checks, in words.
    ///
    /// # Errors
    /// [`NotVouched::WrongPin`], [`NotVouched::TooMany`], or a fault of the store.
    pub async fn with_simulated_card(
        &self,
        card: &SimulatedCard,
        pin: &str,
        (by, checked): (&str, &str),
        place: &Place,
        act: &Act,
    ) -> Result<ProvenPerson, NotVouched> {
        if !self.attempts.may_try(&place.address, act.now) {
            return Err(NotVouched::TooMany);
        }
        if pin != card.pin {
            return Err(self.in_vain(NotVouched::WrongPin, "-", "pin", place, act).await?);
        }
        let proved = [FactorKind::Oidc.code(), "amr-pin", "amr-sc", VOUCHED_TWO].map(str::to_owned);
        let proofing =
            Proofing { checked: checked.to_owned(), by: by.to_owned(), level: LEVEL, reference: None };
        let subject = Subject {
            by: by.to_owned(),
            issuer: ISSUER.to_owned(),
            institution: None,
            subject: card.serial.clone(),
        };
        let (number, name) = (card.number.clone(), Some(card.name.clone()));
        Ok(ProvenPerson { subject, number, name, proved: proved.to_vec(), proofing })
    }
}
