//! How long things are shown: the table `rules/windows.toml` on Japan's calendar.

use std::collections::HashMap;
use std::sync::LazyLock;

use fhir::bundle::UnitKind;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Deserialize;
use store::{Index, Information, Item, NEVER};

use crate::fact::Fact;
use crate::filter::day;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    information: Vec<InformationWindow>,
    document: Vec<DocumentWindow>,
}

/// How far back one of the six informations is seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InformationWindow {
    information: Information,
    from: From,
    keep: Span,
    newest: usize,
    long_term: bool,
}

/// What a window is counted from.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum From {
    Registration,
    Date,
}

/// How long a kind of document is shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentWindow {
    kind: String,
    keep: Span,
    after_receipt: Option<Span>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../rules/windows.toml"))
        .expect("rules/windows.toml is compiled in and a test reads it")
});

/// Tells for each fact, newest first, whether its window still shows it: not past its last day, or among the newest
/// of its code, whichever keeps more.
pub(crate) struct Windows {
    today: Date,
    seen: HashMap<(Information, String), usize>,
}

impl Windows {
    /// Windows as they stand today.
    pub(crate) fn on(today: Date) -> Self {
        Self { today, seen: HashMap::new() }
    }

    /// Whether a fact shows, and counts it. To be asked of facts in the order of their dates, newest first.
    pub(crate) fn show(&mut self, fact: &Fact<'_>) -> bool {
        let shows = self.would_show(fact);
        *self.seen.entry((fact.item.information, fact.item.code.clone())).or_insert(0) += 1;
        shows
    }

    /// Whether a fact would show, without counting it.
    pub(crate) fn would_show(&self, fact: &Fact<'_>) -> bool {
        let newer = self.seen.get(&(fact.item.information, fact.item.code.clone())).copied().unwrap_or(0);
        newer < window(fact.item.information).newest
            || fact.tellings().any(|(heading, item)| {
                last_day(item, day(heading.received_at)).is_none_or(|last| self.today <= last)
            })
    }
}

/// The last day on which an item registered on a day shows by its period alone, however many newer ones there are;
/// `None` if it has no last day (長期保管).
pub(crate) fn last_day(item: &Item, registered: Date) -> Option<Date> {
    let window = window(item.information);
    let first = if window.from == From::Registration { registered } else { item.date.unwrap_or(registered) };
    (!(window.long_term && item.is_long_term)).then(|| end(first, window.keep))
}

/// The last day on which a document shows that was received on a day and, if so, fetched on another by whom it was
/// sent to; `None` if its kind has no period of its own.
pub(crate) fn document_last_day(kind: UnitKind, received: Date, fetched: Option<Date>) -> Option<Date> {
    let window = TABLE.document.iter().find(|window| window.kind == store::kind_code(kind))?;
    let after_receipt = window.after_receipt.zip(fetched).map(|(keep, fetched)| end(fetched, keep));
    let kept = end(received, window.keep);
    Some(after_receipt.map_or(kept, |day| day.min(kept)))
}

/// When a unit that is received now must be looked at for disposal: when a document's time is over, or the last of a
/// report unit's resources.
pub(crate) fn review_at(kind: UnitKind, index: &Index, now: Timestamp) -> Timestamp {
    let today = day(now);
    let last = if kind.is_collection() {
        let days = index.items.iter().map(|item| last_day(item, today));
        days.reduce(|one, other| Some(one?.max(other?))).flatten()
    } else {
        document_last_day(kind, today, None)
    };
    last.map_or(NEVER, day_after)
}

/// The instant at which a last day is over, in Japan.
pub(crate) fn day_after(last: Date) -> Timestamp {
    let next = last.tomorrow().unwrap_or(Date::MAX);
    next.to_zoned(TimeZone::fixed(jiff::tz::offset(9))).map_or(NEVER, |midnight| midnight.timestamp())
}

fn window(information: Information) -> &'static InformationWindow {
    let mut windows = TABLE.information.iter();
    windows.find(|window| window.information == information).expect("a test finds all six in the table")
}

/// The last day of a period that something on a day begins. The first day is not counted (民法 第140条).
fn end(first: Date, keep: Span) -> Date {
    let last = first.saturating_add(keep);
    let is_by_calendar = keep.get_years() != 0 || keep.get_months() != 0;
    if is_by_calendar && first == first.last_of_month() { last.last_of_month() } else { last }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::offset;
    use store::{Bucket, Heading, UnitId};

    use super::*;

    fn item(information: Information, on: Date, code: &str) -> Item {
        Item {
            information,
            span: 0..0,
            date: Some(on),
            code: code.to_owned(),
            says: String::new(),
            doctor: String::new(),
            is_long_term: false,
            is_not_told: false,
            is_withheld: false,
        }
    }

    /// Whether a fact shows that one unit tells, registered on a day.
    fn show(windows: &mut Windows, item: &Item, registered: Date) -> bool {
        let received_at = registered.to_zoned(TimeZone::fixed(offset(9))).unwrap().timestamp();
        let heading = Heading {
            id: UnitId::new(Bucket::of_text("p"), received_at).unwrap(),
            kind: UnitKind::Observation,
            institution: "4919999901".to_owned(),
            identifier: "x".to_owned(),
            received_at,
            part_of: None,
            is_reduced: false,
            review_at: NEVER,
            index: Index::default(),
        };
        let fact = Fact { heading: &heading, item, also: Vec::new(), is_not_told: false, is_withheld: false };
        windows.show(&fact)
    }

    #[test]
    fn every_information_has_a_window() {
        for information in Information::ALL {
            assert!(
                TABLE.information.iter().any(|window| window.information == information),
                "{information:?}"
            );
        }
    }

    #[test]
    fn every_document_in_the_table_is_of_a_known_kind() {
        for window in &TABLE.document {
            assert!(store::kind_from_code(&window.kind).is_some(), "{}", window.kind);
        }
    }

    #[test]
    fn six_months_end_on_the_day_of_the_same_number_or_with_the_month() {
        let summary = |received| document_last_day(UnitKind::PatientSummary, received, None);
        assert_eq!(summary(date(2026, 5, 21)), Some(date(2026, 11, 21)));
        assert_eq!(summary(date(2026, 8, 31)), Some(date(2027, 2, 28)));
        assert_eq!(summary(date(2027, 8, 30)), Some(date(2028, 2, 29)));
        assert_eq!(summary(date(2026, 2, 28)), Some(date(2026, 8, 31)));
        assert_eq!(summary(date(2028, 2, 28)), Some(date(2028, 8, 28)));
    }

    #[test]
    fn five_years_from_a_leap_day_end_with_february() {
        let checkup = |received| document_last_day(UnitKind::CheckupReport, received, None);
        assert_eq!(checkup(date(2024, 2, 29)), Some(date(2029, 2, 28)));
        assert_eq!(checkup(date(2023, 2, 28)), Some(date(2028, 2, 29)));
    }

    #[test]
    fn a_referral_is_kept_for_six_months_or_seven_days_after_its_receipt_whichever_ends_first() {
        let referral = |fetched| document_last_day(UnitKind::Referral, date(2026, 5, 21), fetched);
        assert_eq!(referral(None), Some(date(2026, 11, 21)));
        assert_eq!(referral(Some(date(2026, 5, 28))), Some(date(2026, 6, 4)));
        assert_eq!(referral(Some(date(2026, 11, 20))), Some(date(2026, 11, 21)));
    }

    #[test]
    fn what_belongs_to_another_document_has_no_period_of_its_own() {
        for kind in [UnitKind::DischargeSummary, UnitKind::Attachment, UnitKind::Condition] {
            assert_eq!(document_last_day(kind, TODAY, None), None, "{kind:?}");
        }
    }

    #[test]
    fn a_prescription_of_one_hundred_days_ago_shows_by_its_day_and_older_ones_by_their_rank() {
        let mut windows = Windows::on(TODAY);
        let mut shows = |on| show(&mut windows, &item(Information::Prescription, on, "2149032F1021"), TODAY);
        let hundred_days_ago = date(2026, 8, 13);
        assert_eq!([(); 5].map(|()| shows(hundred_days_ago)), [true; 5]);
        assert!(!shows(date(2026, 8, 12)));
    }

    #[test]
    fn a_result_without_a_date_is_counted_from_its_registration() {
        let undated = Item { date: None, ..item(Information::LabResult, TODAY, "K") };
        assert_eq!(last_day(&undated, date(2024, 3, 1)), Some(date(2025, 3, 1)));
    }

    const TODAY: Date = date(2026, 11, 21);

    #[test]
    fn an_old_lab_result_shows_only_while_fewer_than_three_newer_ones_of_its_code_stand() {
        let mut windows = Windows::on(TODAY);
        let mut shows =
            |year, code| show(&mut windows, &item(Information::LabResult, date(year, 1, 1), code), TODAY);
        assert_eq!([2024, 2023, 2022, 2021].map(|year| shows(year, "Cre")), [true, true, true, false]);
        assert!(shows(2020, "K"));
    }

    #[test]
    fn every_lab_result_of_the_last_year_shows_however_many_there_are() {
        let mut windows = Windows::on(TODAY);
        let mut shows = |on| show(&mut windows, &item(Information::LabResult, on, "K"), TODAY);
        assert!((0..20).all(|_| shows(date(2025, 11, 21))));
        assert!(!shows(date(2025, 11, 20)));
    }

    #[test]
    fn a_condition_shows_for_five_years_from_its_registration_however_long_ago_it_began() {
        let mut windows = Windows::on(TODAY);
        let chronic = item(Information::Condition, date(1998, 4, 1), "8830592");
        assert!(show(&mut windows, &chronic, date(2021, 11, 21)));
        assert!(!show(&mut windows, &chronic, date(2021, 11, 20)));
    }

    #[test]
    fn long_term_keeping_outlasts_five_years_for_infections_but_not_for_lab_results() {
        let long_ago = date(2015, 5, 5);
        let mut windows = Windows::on(TODAY);
        let mut shows = |information| {
            show(&mut windows, &Item { is_long_term: true, ..item(information, long_ago, "x") }, long_ago)
        };
        assert!(shows(Information::Infection));
        assert_eq!([(); 4].map(|()| shows(Information::LabResult)), [true, true, true, false]);
    }
}
