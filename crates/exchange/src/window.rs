use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use store::{Information, Item};

/// How far back one of the six informations is seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    information: Information,
    from: From,
    days: i32,
    newest: usize,
    long_term: bool,
}

/// What a window's days are counted from.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum From {
    Registration,
    Date,
}

static WINDOWS: LazyLock<Vec<Window>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        window: Vec<Window>,
    }
    let table: Table = toml::from_str(include_str!("../../../rules/windows.toml"))
        .expect("rules/windows.toml is compiled in and a test reads it");
    table.window
});

/// Tells for each item, newest first, whether its window still shows it: inside the days, or among the newest of its
/// code, whichever keeps more.
pub(crate) struct Windows {
    today: Date,
    seen: HashMap<(Information, String), usize>,
}

impl Windows {
    /// Windows as they stand today.
    pub(crate) fn on(today: Date) -> Self {
        Self { today, seen: HashMap::new() }
    }

    /// Whether an item registered on a day shows. To be asked of items in the order of their dates, newest first.
    pub(crate) fn shows(&mut self, item: &Item, registered: Date) -> bool {
        let Some(window) = WINDOWS.iter().find(|window| window.information == item.information) else {
            return false;
        };
        let rank = self.seen.entry((item.information, item.code.clone())).or_insert(0);
        *rank += 1;
        let first_day = self.today.saturating_sub(window.days.days());
        let counted = if window.from == From::Registration { Some(registered) } else { item.date };
        let is_recent = counted.is_none_or(|date| date >= first_day);
        is_recent || *rank <= window.newest || (window.long_term && item.is_long_term)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn item(information: Information, on: Date, code: &str) -> Item {
        Item {
            information,
            span: 0..0,
            date: Some(on),
            code: code.to_owned(),
            is_long_term: false,
            is_not_told: false,
            is_withheld: false,
        }
    }

    #[test]
    fn every_information_has_a_window() {
        for information in Information::ALL {
            assert!(WINDOWS.iter().any(|window| window.information == information), "{information:?}");
        }
    }

    const TODAY: Date = date(2026, 11, 21);

    #[test]
    fn an_old_lab_result_shows_only_while_fewer_than_three_newer_ones_of_its_code_stand() {
        let mut windows = Windows::on(TODAY);
        let mut shows =
            |year, code| windows.shows(&item(Information::LabResult, date(year, 1, 1), code), TODAY);
        assert_eq!([2024, 2023, 2022, 2021].map(|year| shows(year, "Cre")), [true, true, true, false]);
        assert!(shows(2020, "K"));
    }

    #[test]
    fn every_lab_result_of_the_last_year_shows_however_many_there_are() {
        let mut windows = Windows::on(TODAY);
        let mut shows = |on| windows.shows(&item(Information::LabResult, on, "K"), TODAY);
        assert!((0..20).all(|_| shows(date(2025, 11, 21))));
        assert!(!shows(date(2025, 11, 20)));
    }

    #[test]
    fn a_condition_shows_for_five_years_from_its_registration_however_long_ago_it_began() {
        let mut windows = Windows::on(TODAY);
        let chronic = item(Information::Condition, date(1998, 4, 1), "8830592");
        assert!(windows.shows(&chronic, date(2021, 11, 21)));
        assert!(!windows.shows(&chronic, date(2021, 11, 20)));
    }

    #[test]
    fn long_term_keeping_outlasts_five_years_for_infections_but_not_for_lab_results() {
        let long_ago = date(2015, 5, 5);
        let mut windows = Windows::on(TODAY);
        let mut shows = |information| {
            windows.shows(&Item { is_long_term: true, ..item(information, long_ago, "x") }, long_ago)
        };
        assert!(shows(Information::Infection));
        assert_eq!([(); 4].map(|()| shows(Information::LabResult)), [true, true, true, false]);
    }
}
