//! Cancelling (取消): what an institution registered, it may take back.

use access::{Refusal, Viewer, may_cancel};
use audit::Outcome;
use store::{Fault, NotKept, ReferralState, UnitId};

use crate::{Act, Exchange, record, referral};

/// Why a unit was not moved or cancelled. Everything stands as it stood.
#[derive(Debug)]
pub enum NotMoved {
    /// A rule refused; the refusal is on record.
    Refused(Refusal),
    /// There is none, the referral is past that, or a fault.
    NotKept(NotKept),
}

impl Exchange {
    /// Cancels a unit and what was sent along with it.
    ///
    /// # Errors
    /// [`NotMoved::Refused`] for another's unit; [`NotMoved::NotKept`] if there is none, or its destination has fetched it.
    pub async fn cancel(&self, sender: &Viewer, unit: UnitId, act: &Act) -> Result<(), NotMoved> {
        let Some(owner) = self.store.owner(unit).await? else {
            let own = sender.institution.as_deref().unwrap_or_default();
            return Err(self.no_longer(unit, own).await?.into());
        };
        if let Err(refusal) = may_cancel(sender, &owner.institution) {
            let mut event = record::event(act, audit::Act::Cancel, Outcome::Refused, sender, refusal.rule)?;
            event.patient = Some(owner.person.to_string());
            self.store.append(Some(owner.person), event).await?;
            return Err(NotMoved::Refused(refusal));
        }
        self.still_stands(owner.part_of.unwrap_or(unit), act).await?;
        if owner.is_over_at(act.now) {
            return Err(NotKept::InState(ReferralState::Expired).into());
        }
        let event = record::about(sender, audit::Act::Cancel, "own-registration", owner.person, unit, act)?;
        Ok(self.store.cancel(unit, referral::CANCEL.from, event).await?)
    }

    /// Cancels the unit under a key: the insured number as it was sent, and system and value of the identifier.
    ///
    /// # Errors
    /// As [`Self::cancel`].
    pub async fn cancel_by_key(
        &self,
        sender: &Viewer,
        member_id: &str,
        identifier: (&str, &str),
        act: &Act,
    ) -> Result<UnitId, NotMoved> {
        let unit = self.store.unit_by_key(member_id, identifier).await?.ok_or(NotKept::NotThere)?;
        self.cancel(sender, unit, act).await.map(|()| unit)
    }
}

impl From<NotKept> for NotMoved {
    fn from(not: NotKept) -> Self {
        Self::NotKept(not)
    }
}

impl From<Fault> for NotMoved {
    fn from(fault: Fault) -> Self {
        Self::NotKept(fault.into())
    }
}
