//! Projections (見え方): what an institution registered of a person, and how much of it others see.

use access::{Asked, Purpose, Refusal, Viewer};
use audit::EventId;
use bytes::Bytes;
use store::{Information, PersonId, Projection};

use crate::filter::{Eyes, day, filter, misses, newest_patient, shown};
use crate::{Act, Exchange, HiddenBecause, NotShown, ShownItem};

/// An institution's registrations of one person, seen three ways.
#[derive(Debug)]
pub struct Projections {
    /// Whose.
    pub person: PersonId,
    /// The Patient resource of the newest unit, as registered.
    pub patient: Option<Bytes>,
    /// Everything the institution registered of the six informations and that still stands, newest first.
    pub items: Vec<ProjectedItem>,
    /// The event on record for this view.
    pub event: EventId,
}

/// One resource, and who is not shown it.
#[derive(Clone, Debug)]
pub struct ProjectedItem {
    /// What the institution itself sees.
    pub item: ShownItem,
    /// Why a clinician elsewhere with the patient's whole consent does not see it.
    pub from_clinicians: Option<HiddenBecause>,
    /// Why the patient does not see it.
    pub from_patient: Option<HiddenBecause>,
}

impl Exchange {
    /// Shows an institution what it registered of a person, and what of that a clinician elsewhere and the patient see.
    ///
    /// # Errors
    /// [`NotShown::Refused`] for everybody who is not an institution's system, on record like a view;
    /// [`NotShown::Store`].
    pub async fn projections(
        &self,
        viewer: &Viewer,
        person: PersonId,
        act: &Act,
    ) -> Result<Projections, NotShown> {
        let (asked, purpose) = (&Information::ALL, Purpose::Treatment);
        let permit = self.permit(viewer, person, Asked::Informations(asked), purpose, act).await?;
        if permit.projection() != Projection::Own {
            let refusal = Refusal { rule: "not-own-registration" };
            return Err(self.refuse(viewer, person, refusal, purpose, act).await?);
        }
        let headings = self.store.headings(&permit).await?;
        let today = day(act.now);
        let own = filter(&headings, &Eyes::of(&permit), asked, today);
        let eyes = |projection| Eyes { projection, consented: asked };
        let from_clinicians = misses(&own.shown, &eyes(Projection::Clinician), today);
        let from_patient = misses(&own.shown, &eyes(Projection::Patient), today);
        let bodies = self.bodies(&permit, &headings, &own.shown).await?;
        let event = self.put_on_record(viewer, &permit, asked, &own, act).await?;
        let seen = own.shown.iter().zip(from_clinicians).zip(from_patient);
        let items = seen.filter_map(|((fact, from_clinicians), from_patient)| {
            Some(ProjectedItem { item: shown(fact, &bodies)?, from_clinicians, from_patient })
        });
        Ok(Projections { person, patient: newest_patient(&headings, &bodies), items: items.collect(), event })
    }
}
