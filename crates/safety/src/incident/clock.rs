//! When a duty is to be done: how days are counted.

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};

use super::rules::{Duty, holidays};

/// Whether authorities are closed: Saturdays, Sundays, national holidays, 29 December to 3 January.
#[must_use]
pub fn is_closed_day(day: Date) -> bool {
    let is_new_year = (day.month() == 12 && day.day() >= 29) || (day.month() == 1 && day.day() <= 3);
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || is_new_year || holidays().contains(&day)
}

/// The last of so many days, `first` being the first of them; where `moves`, the next day on which authorities are open.
#[must_use]
pub fn last_day(first: Date, days: i64, moves: bool) -> Date {
    let mut last = first.saturating_add(SignedDuration::from_hours(24 * (days - 1).max(0)));
    while moves && is_closed_day(last) && last < Date::MAX {
        last = last.saturating_add(SignedDuration::from_hours(24));
    }
    last
}

/// Until when a duty that began `since` is in time: the end of its last day in Japan, or of its last hour. None where no
/// number of days is set.
pub(super) fn deadline(duty: &Duty, since: Timestamp, days: Option<i64>) -> Option<Timestamp> {
    let here = TimeZone::fixed(offset(9));
    match (duty.hours, days) {
        (Some(hours), _) => Some(since + SignedDuration::from_hours(hours)),
        (None, Some(days)) => {
            let last = last_day(since.to_zoned(here.clone()).date(), days, duty.moves);
            last.tomorrow().ok()?.to_zoned(here).ok().map(|end| end.timestamp())
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::incident::duties;

    #[test]
    fn days_are_counted_from_the_day_it_was_known_and_only_a_closed_last_day_of_the_final_report_moves() {
        for (first, days, moves, last) in [
            // Known on a Friday: Saturday and Sunday count, and a Tuesday is the fifth day.
            (date(2026, 11, 20), 5, false, date(2026, 11, 24)),
            // The fifth day is a Sunday: the first report does not wait for Monday.
            (date(2026, 11, 18), 5, false, date(2026, 11, 22)),
            // The thirtieth day is a Sunday, and the Monday after it a holiday (勤労感謝の日).
            (date(2026, 10, 24), 30, true, date(2026, 11, 24)),
            // The thirtieth day is an open Monday.
            (date(2026, 11, 22), 30, true, date(2026, 12, 21)),
            // The sixtieth day falls between the years; 3 January is a Sunday, 4 January is open.
            (date(2026, 11, 2), 60, true, date(2027, 1, 4)),
            // February of a year without a 29th.
            (date(2027, 2, 10), 30, true, date(2027, 3, 11)),
            (date(2028, 2, 1), 30, true, date(2028, 3, 1)),
        ] {
            assert_eq!(last_day(first, days, moves), last, "{first} {days}");
        }
    }

    #[test]
    fn the_day_is_the_one_in_japan_and_ends_at_midnight_there() {
        let first = duties().iter().find(|duty| duty.code == "ppc-first").unwrap();
        let known: Timestamp = "2026-11-19T15:30:00Z".parse().unwrap();
        // In Japan it is the 20th already.
        let end: Timestamp = "2026-11-25T00:00:00+09:00".parse().unwrap();
        assert_eq!(deadline(first, known, first.days), Some(end));
        let vendor = duties().iter().find(|duty| duty.code == "vendor").unwrap();
        assert_eq!(deadline(vendor, known, vendor.days), Some(known + SignedDuration::from_hours(1)));
    }

    proptest! {
        #[test]
        fn a_last_day_is_never_early_never_closed_where_it_moves_and_at_most_a_long_holiday_later(
            ordinal in 0i64..3000, days in 1i64..100,
        ) {
            let first = date(2026, 1, 1).saturating_add(SignedDuration::from_hours(24 * ordinal));
            let (plain, moved) = (last_day(first, days, false), last_day(first, days, true));
            prop_assert_eq!((plain - first).get_days() + 1, i32::try_from(days).unwrap());
            prop_assert!(moved >= plain && !is_closed_day(moved));
            prop_assert!((moved - plain).get_days() <= 8);
        }
    }
}
