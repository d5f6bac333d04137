//! What a permitted view still hides, and why.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::{Heading, Information, Item, Permit, Projection, Reach, UnitId};

use crate::fact::{Fact, facts};
use crate::window::Windows;
use crate::{Hidden, HiddenBecause, ShownItem, Source};

/// For whose eyes, and what of it consent reaches.
pub(crate) struct Eyes<'p> {
    pub(crate) projection: Projection,
    pub(crate) consented: &'p [Information],
}

/// What passes the flags, the consent and the windows, newest first; and counts of what does not.
pub(crate) struct Filtered<'h> {
    pub(crate) shown: Vec<Fact<'h>>,
    pub(crate) hidden: Vec<Hidden>,
}

impl<'p> Eyes<'p> {
    /// The eyes that a permit opens.
    pub(crate) fn of(permit: &'p Permit) -> Self {
        let consented = match permit.reach() {
            Reach::Informations(informations) => informations.as_slice(),
            Reach::RegisteredBy(_) if permit.projection() == Projection::Own => &Information::ALL,
            _ => &[],
        };
        Self { projection: permit.projection(), consented }
    }

    /// Why a fact is hidden from them, if it is. To be asked of facts newest first.
    fn miss(&self, fact: &Fact<'_>, windows: &mut Windows) -> Option<HiddenBecause> {
        match self.projection {
            Projection::Own => None,
            Projection::Patient if fact.is_not_told => Some(HiddenBecause::NotTold),
            _ if !self.consented.contains(&fact.item.information) => Some(HiddenBecause::NotConsented),
            _ if fact.is_withheld => Some(HiddenBecause::Withheld),
            _ => (!windows.show(fact)).then_some(HiddenBecause::OutsideWindow),
        }
    }
}

/// Filters the facts of units for somebody's eyes, as things stand `today`.
pub(crate) fn filter<'h>(
    headings: &'h [Heading],
    eyes: &Eyes<'_>,
    asked: &[Information],
    today: Date,
) -> Filtered<'h> {
    let mut windows = Windows::on(today);
    let mut counts = BTreeMap::new();
    let mut shown = Vec::new();
    for fact in facts(headings, asked) {
        match eyes.miss(&fact, &mut windows) {
            None => shown.push(fact),
            // To the patient not even the existence of these is told.
            Some(HiddenBecause::NotTold | HiddenBecause::Withheld)
                if eyes.projection == Projection::Patient => {}
            Some(because) => *counts.entry((fact.item.information, because)).or_insert(0) += 1,
        }
    }
    let hidden =
        counts.into_iter().map(|((information, because), count)| Hidden { information, because, count });
    Filtered { shown, hidden: hidden.collect() }
}

/// Why each of these facts is hidden from somebody, in the same order; `None` for what they see.
pub(crate) fn misses(facts: &[Fact<'_>], eyes: &Eyes<'_>, today: Date) -> Vec<Option<HiddenBecause>> {
    let mut windows = Windows::on(today);
    facts.iter().map(|fact| eyes.miss(fact, &mut windows)).collect()
}

/// The resources that nobody will be shown again: past their last day, and with enough newer ones of their code in
/// everybody's view.
pub(crate) fn outlived(headings: &[Heading], today: Date) -> Vec<(&Heading, &Item)> {
    let mut windows = Windows::on(today);
    let mut outlived = Vec::new();
    for fact in facts(headings, &Information::ALL) {
        // What is hidden from some takes no place among the newest of those.
        let counts = !fact.is_not_told && !fact.is_withheld;
        let shows = if counts { windows.show(&fact) } else { windows.would_show(&fact) };
        if !shows {
            outlived.extend(fact.tellings());
        }
    }
    outlived
}

/// A fact with the bytes of its newest telling, if that unit still stands.
pub(crate) fn shown(fact: &Fact<'_>, bodies: &BTreeMap<UnitId, Bytes>) -> Option<ShownItem> {
    let (heading, item) = (fact.heading, fact.item);
    Some(ShownItem {
        information: item.information,
        unit: heading.id,
        institution: heading.institution.clone(),
        received_at: heading.received_at,
        date: item.date,
        code: item.code.clone(),
        is_not_told: fact.is_not_told,
        is_withheld: fact.is_withheld,
        offset: item.span.start,
        resource: part(bodies.get(&heading.id)?, &item.span)?,
        sources: fact.tellings().map(|(heading, _)| source(heading)).collect(),
    })
}

fn source(heading: &Heading) -> Source {
    Source {
        unit: heading.id,
        kind: heading.kind,
        institution: heading.institution.clone(),
        received_at: heading.received_at,
    }
}

/// The newest unit that bears a Patient; a lone attachment does not.
pub(crate) fn newest(headings: &[Heading]) -> Option<&Heading> {
    headings.iter().rfind(|heading| !heading.index.patient.is_empty())
}

/// The Patient of the newest unit.
pub(crate) fn newest_patient(headings: &[Heading], bodies: &BTreeMap<UnitId, Bytes>) -> Option<Bytes> {
    let newest = newest(headings)?;
    part(bodies.get(&newest.id)?, &newest.index.patient)
}

fn part(body: &Bytes, span: &std::ops::Range<u32>) -> Option<Bytes> {
    let (start, end) = (span.start as usize, span.end as usize);
    (start < end && end <= body.len()).then(|| body.slice(start..end))
}

/// The day in Japan.
pub(crate) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(jiff::tz::offset(9))).date()
}

#[cfg(test)]
mod tests;
