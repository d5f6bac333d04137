//! What a permitted view still hides, and why.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::{Heading, Information, Item, Permit, Projection, Reach, UnitId};

use crate::window::Windows;
use crate::{Hidden, HiddenBecause, ShownItem};

/// What passes the flags, the consent and the windows, newest first; and counts of what does not.
pub(crate) struct Filtered<'h> {
    pub(crate) shown: Vec<(&'h Heading, &'h Item)>,
    pub(crate) hidden: Vec<Hidden>,
}

/// Filters the items of units for a permit, as things stand `today`.
pub(crate) fn filter<'h>(
    headings: &'h [Heading],
    permit: &Permit,
    asked: &[Information],
    today: Date,
) -> Filtered<'h> {
    let consented: &[Information] = match permit.reach() {
        Reach::Informations(informations) => informations,
        Reach::Kinds(_) | Reach::RegisteredBy(_) => &[],
    };
    let items =
        headings.iter().flat_map(|heading| heading.index.items.iter().map(move |item| (heading, item)));
    let mut items: Vec<_> = items.filter(|(_, item)| asked.contains(&item.information)).collect();
    items.sort_by_key(|(heading, item)| std::cmp::Reverse((item.date, heading.received_at)));
    let mut windows = Windows::on(today);
    let mut counts = BTreeMap::new();
    let mut shown = Vec::new();
    for (heading, item) in items {
        let is_for_eyes_of_patient = permit.projection() == Projection::Patient;
        let because = match () {
            // To the patient not even the existence of these is told.
            () if is_for_eyes_of_patient && (item.is_not_told || item.is_withheld) => continue,
            () if !consented.contains(&item.information) => HiddenBecause::NotConsented,
            () if item.is_withheld => HiddenBecause::Withheld,
            () if !windows.shows(item, day(heading.received_at)) => HiddenBecause::OutsideWindow,
            () => {
                shown.push((heading, item));
                continue;
            }
        };
        *counts.entry((item.information, because)).or_insert(0) += 1;
    }
    let hidden =
        counts.into_iter().map(|((information, because), count)| Hidden { information, because, count });
    Filtered { shown, hidden: hidden.collect() }
}

/// An item with its bytes, if its unit still stands.
pub(crate) fn shown(heading: &Heading, item: &Item, bodies: &BTreeMap<UnitId, Bytes>) -> Option<ShownItem> {
    Some(ShownItem {
        information: item.information,
        unit: heading.id,
        institution: heading.institution.clone(),
        received_at: heading.received_at,
        date: item.date,
        code: item.code.clone(),
        is_not_told: item.is_not_told,
        offset: item.span.start,
        resource: part(bodies.get(&heading.id)?, &item.span)?,
    })
}

/// The Patient of the newest unit.
pub(crate) fn newest_patient(headings: &[Heading], bodies: &BTreeMap<UnitId, Bytes>) -> Option<Bytes> {
    let newest = headings.last()?;
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
