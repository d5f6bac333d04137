//! Days and instants as people in Japan read them.

use fhir::finding::Language;
use jiff::civil::{Date, date};
use jiff::tz::{TimeZone, offset};
use jiff::{Timestamp, Zoned};

use crate::words::{word, words_with};

/// An instant to the minute, in Japan's time.
pub(crate) fn minute(at: Timestamp) -> String {
    here(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// An instant to the second, in Japan's time.
pub(crate) fn second(at: Timestamp) -> String {
    here(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The day of an instant, in Japan.
pub(crate) fn day(at: Timestamp) -> Date {
    here(at).date()
}

/// A FHIR date or dateTime to the day, or as much as is written.
pub(crate) fn day_text(text: &str) -> String {
    text.chars().take(10).collect()
}

/// A day in words: in Japanese with the era.
pub(crate) fn long_day(day: Date, language: Language) -> String {
    let values = [
        ("year", day.year().to_string()),
        ("month", day.month().to_string()),
        ("day", day.day().to_string()),
        ("mm", format!("{:02}", day.month())),
        ("dd", format!("{:02}", day.day())),
        ("era", era_year(day, language)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    words_with(language, "time.long-day", &values)
}

/// Whole years between a birth and a day.
pub(crate) fn age(birth: Date, on: Date) -> i16 {
    let had_birthday = (on.month(), on.day()) >= (birth.month(), birth.day());
    on.year() - birth.year() - i16::from(!had_birthday)
}

fn era_year(day: Date, language: Language) -> String {
    let eras = [
        ("time.reiwa", date(2019, 5, 1)),
        ("time.heisei", date(1989, 1, 8)),
        ("time.showa", date(1926, 12, 25)),
        ("time.taisho", date(1912, 7, 30)),
    ];
    let Some((name, first)) = eras.iter().find(|(_, first)| day >= *first) else { return String::new() };
    let year = day.year() - first.year() + 1;
    let key = if year == 1 { "time.first-year" } else { "time.era-year" };
    words_with(language, key, &[("name", word(language, name)), ("year", &year.to_string())])
}

fn here(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::fixed(offset(9)))
}

/// When a day begins in Japan.
pub(crate) fn begin_of(day: Date) -> Option<Timestamp> {
    day.to_zoned(TimeZone::fixed(offset(9))).ok().map(|there| there.timestamp())
}

/// When a day, as a browser's form sends it, is over in Japan.
pub(crate) fn end_of_day(text: &str) -> Option<Timestamp> {
    let day: Date = text.parse().ok()?;
    let next = day.tomorrow().ok()?.to_zoned(TimeZone::fixed(offset(9))).ok()?;
    Some(next.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_change_on_the_birthday() {
        let birth = date(1992, 9, 3);
        assert_eq!(age(birth, date(2026, 9, 2)), 33);
        assert_eq!(age(birth, date(2026, 9, 3)), 34);
    }

    #[test]
    fn the_era_turns_on_its_first_day() {
        assert_eq!(long_day(date(2019, 4, 30), Language::Japanese), "2019年（平成31年）4月30日");
        assert_eq!(long_day(date(2019, 5, 1), Language::Japanese), "2019年（令和元年）5月1日");
        assert_eq!(long_day(date(1960, 4, 12), Language::English), "1960-04-12");
    }

    #[test]
    fn instants_are_read_in_japan() {
        let at: Timestamp = "2026-11-20T15:30:00Z".parse().unwrap();
        assert_eq!(minute(at), "2026-11-21 00:30");
        assert_eq!(day(at), date(2026, 11, 21));
    }
}
