//! The destination look-up (宛先検索): where something can be sent today.

use access::{Viewer, may_find_destinations};
use store::{Institution, InstitutionQuery};

use crate::filter::day;
use crate::{Act, Exchange, NotShown};

/// One page of destinations, by number.
#[derive(Debug)]
pub struct Destinations {
    /// Institutions that use the service today.
    pub institutions: Vec<Institution>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// What is known of one institution (OQS-IF-045).
#[derive(Debug)]
pub struct Destination {
    /// Who it is.
    pub institution: Institution,
    /// Whether something can be sent to it today.
    pub uses_service: bool,
}

impl Exchange {
    /// The institutions that use the service today and match, from after a number.
    ///
    /// # Errors
    /// If the viewer may not look, or on a fault of the store.
    pub async fn destinations(
        &self,
        viewer: &Viewer,
        query: InstitutionQuery,
        after: &str,
        count: usize,
        act: &Act,
    ) -> Result<Destinations, NotShown> {
        may_find_destinations(viewer).map_err(NotShown::Refused)?;
        let found = self.store.find_institutions(query, day(act.now), after.to_owned(), count + 1).await;
        let mut institutions = found.map_err(NotShown::Store)?;
        let has_more = institutions.len() > count;
        institutions.truncate(count);
        let next = institutions.last().filter(|_| has_more).map(|last| last.number.clone());
        Ok(Destinations { institutions, next })
    }

    /// Whether the institution of this number uses the service today; `None` if nobody has the number.
    ///
    /// # Errors
    /// As [`Self::destinations`].
    pub async fn destination(
        &self,
        viewer: &Viewer,
        number: &str,
        act: &Act,
    ) -> Result<Option<Destination>, NotShown> {
        may_find_destinations(viewer).map_err(NotShown::Refused)?;
        let found = self.store.institution(number.to_owned()).await.map_err(NotShown::Store)?;
        Ok(found.map(|institution| Destination {
            uses_service: institution.uses_service_on(day(act.now)),
            institution,
        }))
    }
}
