//! What a decision about a person's record rests on, read together.

use jiff::Timestamp;

use crate::{Disaster, Fault, Grant, PersonId, Store, Wish};

/// The grants and wishes of a person, and the disasters that are not over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Every grant, past and future ones too.
    pub grants: Vec<Grant>,
    /// Every wish that was ever expressed.
    pub wishes: Vec<Wish>,
    /// Declared disasters.
    pub disasters: Vec<Disaster>,
}

impl Store {
    /// What a decision about this person's record rests on now, as of one moment.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn circumstances(&self, person: PersonId, now: Timestamp) -> Result<Circumstances, Fault> {
        let (grants, wishes, disasters) = self
            .read(move |tx| {
                let grants = crate::grant::grants(tx, &person)?;
                let wishes = crate::wish::wishes(tx, &person)?;
                Ok((grants, wishes, crate::disaster::disasters_until(tx, now)?))
            })
            .await?;
        Ok(Circumstances { grants: self.unsealed_grants(grants)?, wishes, disasters })
    }
}
