//! Documents: which of them a viewer may open, for how long, and which of two tellings of one checkup counts.

use fhir::bundle::UnitKind;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::{Heading, NEVER, Permit, Projection, UnitId};

use crate::Exchange;
use crate::filter::day;

/// A document a viewer may know of.
#[derive(Clone, Debug)]
pub struct DocumentHeading {
    /// Its unit.
    pub unit: UnitId,
    /// Its kind.
    pub kind: UnitKind,
    /// The institution that registered it.
    pub institution: String,
    /// The document's date; of a checkup report, the day of the checkup.
    pub date: Option<Date>,
    /// The document's title.
    pub title: String,
    /// When it was registered.
    pub received_at: Timestamp,
    /// The last day on which it is shown, if its kind has one.
    pub last_day: Option<Date>,
    /// The unit that tells the same checkup and was registered later.
    pub superseded_by: Option<UnitId>,
    /// Whether its viewer may open it: the author of a patient summary knows only that it stands.
    pub can_be_opened: bool,
    programme: String,
}

impl Exchange {
    /// Whether a permit opens a unit today: within its period, and to an insurer only if the number that the report
    /// was registered under was valid on the day of the checkup.
    pub(crate) fn is_open(&self, permit: &Permit, heading: &Heading, now: Timestamp) -> bool {
        let is_in_time = heading.kind.is_collection() || heading.is_document_at(now);
        let was_member = || {
            let valid = |day| self.eligibility.resolve(&heading.index.member, day).is_ok();
            heading.index.date.is_some_and(valid)
        };
        match permit.projection() {
            Projection::Own | Projection::Clinician | Projection::Patient => is_in_time,
            Projection::Insurer => is_in_time && was_member(),
        }
    }

    /// The documents among headings that a permit opens.
    pub(crate) fn open_documents(
        &self,
        permit: &Permit,
        headings: Vec<Heading>,
        now: Timestamp,
    ) -> Vec<DocumentHeading> {
        let is_document = |heading: &Heading| !heading.kind.is_collection();
        let open = headings.into_iter().filter(|one| is_document(one) && self.is_open(permit, one, now));
        open.map(|heading| document(heading, permit.projection())).collect()
    }
}

/// Marks each checkup report that tells the same checkup (day and programme) as one registered later: an institution
/// and an insurer may both send it, and the latest registered counts.
pub(crate) fn mark_superseded(documents: &mut [DocumentHeading]) {
    let checkups: Vec<_> = documents
        .iter()
        .filter(|one| one.kind == UnitKind::CheckupReport)
        .map(|one| (one.date, one.programme.clone(), one.received_at, one.unit))
        .collect();
    for document in documents.iter_mut().filter(|one| one.kind == UnitKind::CheckupReport) {
        let same = checkups.iter().filter(|(date, programme, _, _)| {
            date.is_some() && *date == document.date && *programme == document.programme
        });
        let newest = same.max_by_key(|(_, _, received_at, unit)| (*received_at, *unit));
        document.superseded_by = newest.map(|newest| newest.3).filter(|unit| *unit != document.unit);
    }
}

/// The day before the instant at which it ends.
fn last_day(heading: &Heading) -> Option<Date> {
    (heading.review_at < NEVER).then(|| day(heading.review_at - SignedDuration::from_micros(1)))
}

fn document(heading: Heading, projection: Projection) -> DocumentHeading {
    DocumentHeading {
        unit: heading.id,
        kind: heading.kind,
        date: heading.index.date,
        last_day: last_day(&heading),
        received_at: heading.received_at,
        institution: heading.institution,
        title: heading.index.title,
        superseded_by: None,
        can_be_opened: projection != Projection::Own || heading.kind != UnitKind::PatientSummary,
        programme: heading.index.programme,
    }
}
