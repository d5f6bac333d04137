//! Who looked (見た人), and what a refusal leaves behind.

use access::{Purpose, Refusal, Viewer, may_read_record};
use audit::{Event, Outcome};
use store::{Fault, Page, PersonId};

use crate::{Act, Exchange, record};

/// Why nothing was shown.
#[derive(Debug)]
pub enum NotShown {
    /// A rule refused; the refusal is on record.
    Refused(Refusal),
    /// The store could not answer.
    Store(Fault),
}

impl Exchange {
    /// What was done with one person's record (`Some`) or in the whole hub (`None`), newest first.
    ///
    /// # Errors
    /// [`NotShown::Refused`] for whoever may not read the record; [`NotShown::Store`].
    pub async fn events(
        &self,
        viewer: &Viewer,
        person: Option<PersonId>,
        page: Page,
        act: &Act,
    ) -> Result<Vec<Event>, NotShown> {
        let person = match person {
            Some(person) => Some(self.store.head_of(person).await?),
            None => None,
        };
        let permitted = may_read_record(viewer, person);
        let (outcome, rule) = match permitted {
            Ok(rule) => (Outcome::Done, rule),
            Err(refusal) => (Outcome::Refused, refusal.rule),
        };
        let mut event = record::event(act, audit::Act::ReadRecord, outcome, viewer, rule)?;
        event.patient = person.map(|person| person.to_string());
        self.store.append(person, event).await?;
        permitted.map_err(NotShown::Refused)?;
        Ok(match person {
            Some(person) => self.store.events_of(person, page).await?,
            None => self.store.events(page).await?,
        })
    }

    /// Puts a refusal on record and hands it back.
    pub(crate) async fn refuse(
        &self,
        viewer: &Viewer,
        person: PersonId,
        refusal: Refusal,
        purpose: Purpose,
        act: &Act,
    ) -> Result<NotShown, NotShown> {
        let mut event = record::event(act, audit::Act::View, Outcome::Refused, viewer, refusal.rule)?;
        event.patient = Some(person.to_string());
        event.purpose = Some(purpose.code().to_owned());
        self.store.append(Some(person), event).await?;
        Ok(NotShown::Refused(refusal))
    }
}

impl From<Fault> for NotShown {
    fn from(fault: Fault) -> Self {
        Self::Store(fault)
    }
}
