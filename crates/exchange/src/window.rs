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
    days: i32,
    newest: usize,
    long_term: bool,
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

    /// Whether an item shows. To be asked of items in the order of their dates, newest first.
    pub(crate) fn shows(&mut self, item: &Item) -> bool {
        let Some(window) = WINDOWS.iter().find(|window| window.information == item.information) else {
            return false;
        };
        let rank = self.seen.entry((item.information, item.code.clone())).or_insert(0);
        *rank += 1;
        let first_day = self.today.saturating_sub(window.days.days());
        let is_recent = item.date.is_none_or(|date| date >= first_day);
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

    #[test]
    fn an_old_lab_result_shows_only_while_fewer_than_three_newer_ones_of_its_code_stand() {
        let mut windows = Windows::on(date(2026, 11, 21));
        let years = [2024, 2023, 2022, 2021];
        let shown = years.map(|year| windows.shows(&item(Information::LabResult, date(year, 1, 1), "Cre")));
        assert_eq!(shown, [true, true, true, false]);
        assert!(windows.shows(&item(Information::LabResult, date(2020, 1, 1), "K")));
    }

    #[test]
    fn every_lab_result_of_the_last_year_shows_however_many_there_are() {
        let mut windows = Windows::on(date(2026, 11, 21));
        assert!((0..20).all(|_| windows.shows(&item(Information::LabResult, date(2025, 11, 21), "K"))));
        assert!(!windows.shows(&item(Information::LabResult, date(2025, 11, 20), "K")));
    }

    #[test]
    fn long_term_keeping_outlasts_five_years_for_infections_but_not_for_lab_results() {
        let mut windows = Windows::on(date(2026, 11, 21));
        let old = |information| Item { is_long_term: true, ..item(information, date(2015, 5, 5), "x") };
        assert!(windows.shows(&old(Information::Infection)));
        for _ in 0..3 {
            windows.shows(&old(Information::LabResult));
        }
        assert!(!windows.shows(&old(Information::LabResult)));
    }
}
