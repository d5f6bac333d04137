//! The fields of one row: what was typed, checked and made one way.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::definition::{Definition, Field, FieldType};

/// The fields of a row that say something, each in the one way it is kept: days as ISO dates, numbers without zeros in
/// front, `yes` and `no`, codes of choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells(BTreeMap<String, String>);

/// A field that cannot stand as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFault {
    /// Code of the field.
    pub field: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It must say something.
    Missing,
    /// It has more than so many characters.
    TooLong(usize),
    /// It is no day.
    NoDay,
    /// The day lies in the future.
    Future,
    /// The day lies before 1950 or after 2100.
    Unlikely,
    /// The day lies before that of another field, by its code.
    Before(String),
    /// It is no whole number from 0 to 999,999,999.
    NoNumber,
    /// It is none of the choices.
    NoChoice,
    /// It is neither yes nor no.
    NoYesNo,
    /// No such row in that register.
    Unknown(String),
    /// It is no number of a chart.
    NoChart,
    /// It holds signs that cannot be read.
    Unreadable,
    /// It is no list of ports.
    NoPorts,
}

/// Longest text where a field says nothing else.
const LONGEST: usize = 1000;
/// Days outside are slips of the finger.
const DAYS: std::ops::RangeInclusive<Date> = date(1950, 1, 1)..=date(2100, 12, 31);
const LARGEST: i64 = 999_999_999;

impl Wrong {
    /// The code of its words.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong(_) => "too-long",
            Self::NoDay => "no-day",
            Self::Future => "future",
            Self::Unlikely => "unlikely",
            Self::Before(_) => "before",
            Self::NoNumber => "no-number",
            Self::NoChoice => "no-choice",
            Self::NoYesNo => "no-yes-no",
            Self::Unknown(_) => "unknown",
            Self::NoChart => "no-chart",
            Self::Unreadable => "unreadable",
            Self::NoPorts => "no-ports",
        }
    }
}

impl Cells {
    /// Checks what was typed. `known` says whether a register has a row of this name that a
    /// field may refer to.
    ///
    /// # Errors
    /// Every field that cannot stand.
    pub fn read(
        definition: &Definition,
        typed: impl Fn(&str) -> String,
        known: &dyn Fn(&str, &str) -> bool,
        today: Date,
    ) -> Result<Self, Vec<CellFault>> {
        let (mut cells, mut faults) = (BTreeMap::new(), Vec::new());
        for field in &definition.fields {
            match read_cell(field, &typed(&field.code), known, today) {
                Ok(text) if text.is_empty() => {}
                Ok(text) => drop(cells.insert(field.code.clone(), text)),
                Err(wrong) => faults.push(CellFault { field: field.code.clone(), wrong }),
            }
        }
        let cells = Self(cells);
        for field in &definition.fields {
            let Some(other) = &field.not_before else { continue };
            if cells.day(&field.code).zip(cells.day(other)).is_some_and(|(day, other)| day < other) {
                let wrong = Wrong::Before(other.clone());
                faults.push(CellFault { field: field.code.clone(), wrong });
            }
        }
        if faults.is_empty() { Ok(cells) } else { Err(faults) }
    }

    /// Cells as they are kept.
    pub fn parse(json: &str) -> Self {
        Self(serde_json::from_str(json).unwrap_or_default())
    }

    /// The same with another text in a field, in the way it is kept.
    pub(super) fn with(mut self, field: &str, text: &str) -> Self {
        self.0.insert(field.to_owned(), text.to_owned());
        self
    }

    /// As they are kept.
    pub fn to_json(&self) -> String {
        serde_json::Value::from_iter(self.0.iter().map(|(code, text)| (code.clone(), text.clone())))
            .to_string()
    }

    /// What a field says; empty where it says nothing.
    pub fn text(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// The day in a field.
    pub fn day(&self, field: &str) -> Option<Date> {
        self.text(field).parse().ok()
    }

    /// The number in a field.
    pub fn number(&self, field: &str) -> Option<i64> {
        self.text(field).parse().ok()
    }

    /// Everything that is said, for finding the row again.
    pub fn words(&self) -> String {
        self.0.values().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// One field as it is kept, empty where nothing was typed.
///
/// # Errors
/// What is wrong with it.
pub fn read_cell(
    field: &Field,
    typed: &str,
    known: &dyn Fn(&str, &str) -> bool,
    today: Date,
) -> Result<String, Wrong> {
    let text = typed.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return if field.required { Err(Wrong::Missing) } else { Ok(text) };
    }
    let is_long = field.kind == FieldType::Long;
    if text.chars().any(|letter| letter.is_control() && !(is_long && letter == '\n')) {
        return Err(Wrong::Unreadable);
    }
    let max = field.max.unwrap_or(LONGEST);
    if text.chars().count() > max {
        return Err(Wrong::TooLong(max));
    }
    match field.kind {
        FieldType::Text | FieldType::Long | FieldType::Person => Ok(text),
        FieldType::Number => {
            let number: i64 = narrow(&text).replace(',', "").parse().map_err(|_| Wrong::NoNumber)?;
            if (0..=LARGEST).contains(&number) { Ok(number.to_string()) } else { Err(Wrong::NoNumber) }
        }
        FieldType::Date => read_day(field, &text, today),
        FieldType::Choice if field.choices.contains(&text) => Ok(text),
        FieldType::Choice => Err(Wrong::NoChoice),
        FieldType::YesNo if text == "yes" || text == "no" => Ok(text),
        FieldType::YesNo => Err(Wrong::NoYesNo),
        FieldType::Reference => {
            let of = field.of.as_deref().unwrap_or_default();
            if known(of, &text) { Ok(text) } else { Err(Wrong::Unknown(of.to_owned())) }
        }
        FieldType::Chart => {
            let text = narrow(&text);
            let is_chart = text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
            if is_chart && text.contains(|sign: char| sign.is_ascii_digit()) {
                Ok(text)
            } else {
                Err(Wrong::NoChart)
            }
        }
    }
}

/// A day as people write it: 2026-11-21, 2026/11/21, 2026年11月21日, in either width.
fn read_day(field: &Field, text: &str, today: Date) -> Result<String, Wrong> {
    let parts = narrow(text).replace(['/', '.', '年', '月'], "-").replace('日', "");
    let parts: Vec<i16> = parts.split('-').map(|part| part.trim().parse().unwrap_or(-1)).collect();
    let [year, month, of_month] = parts[..] else { return Err(Wrong::NoDay) };
    let small = |number: i16| i8::try_from(number).map_err(|_| Wrong::NoDay);
    let day = Date::new(year, small(month)?, small(of_month)?).map_err(|_| Wrong::NoDay)?;
    if !DAYS.contains(&day) {
        return Err(Wrong::Unlikely);
    }
    if field.past && day > today {
        return Err(Wrong::Future);
    }
    Ok(day.to_string())
}

/// Full-width digits, letters and strokes as narrow ones.
fn narrow(text: &str) -> String {
    let letter = |letter: char| match letter {
        // The full-width forms lie 0xFEE0 above ASCII.
        '！'..='～' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        '−' | '‐' | '―' => '-',
        other => other,
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::super::definition::register;
    use super::*;

    fn read(register_code: &str, cells: &[(&str, &str)]) -> Result<Cells, Vec<CellFault>> {
        let typed = |code: &str| {
            cells
                .iter()
                .find(|(field, _)| *field == code)
                .map(|(_, text)| (*text).to_owned())
                .unwrap_or_default()
        };
        let known = |_: &str, name: &str| name == "架空ネット株式会社";
        Cells::read(register(register_code).unwrap(), typed, &known, date(2026, 11, 21))
    }

    fn wrong(register_code: &str, cells: &[(&str, &str)]) -> Vec<(String, &'static str)> {
        let faults = read(register_code, cells).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.wrong.code())).collect()
    }

    const DEVICE: [(&str, &str); 3] = [("label", "PC-001"), ("device-kind", "pc"), ("place", "１階受付")];

    #[test]
    fn days_and_numbers_are_read_as_people_write_them_and_kept_in_one_way() {
        for typed in ["2026-1-5", "２０２６／０１／０５", "2026年1月5日", " 2026.01.05 "] {
            let cells = read("devices", &[DEVICE.as_slice(), &[("last-patch", typed)]].concat()).unwrap();
            assert_eq!(cells.text("last-patch"), "2026-01-05", "{typed}");
        }
        let asset = [("asset", "a"), ("class", "staff"), ("place", "b"), ("records", "１,２00")];
        assert_eq!(read("assets", &asset).unwrap().number("records"), Some(1200));
    }

    #[test]
    fn impossible_and_future_days_unknown_choices_and_names_in_place_of_charts_are_named() {
        let more = [
            ("last-patch", "2026-11-22"),
            ("support-end", "2026-02-30"),
            ("contract-end", "20260"),
            ("stocktaken-on", "1026-01-01"),
            ("zone", "somewhere"),
            ("encrypted", "maybe"),
            ("vendor", "知らない会社"),
        ];
        let faults = wrong("devices", &[DEVICE.as_slice(), &more].concat());
        let codes: Vec<&str> = faults.iter().map(|(_, code)| *code).collect();
        assert_eq!(
            codes,
            ["no-choice", "unknown", "future", "no-day", "no-day", "no-yes-no", "unlikely"],
            "{faults:?}"
        );
        assert_eq!(wrong("devices", &[]).len(), 3, "what must be there");
        let loan = |chart| {
            [
                ("label", "L-1"),
                ("model", "m"),
                ("chart", chart),
                ("lent-on", "2026-11-01"),
                ("due", "2026-10-01"),
            ]
        };
        assert_eq!(wrong("loans", &loan("架空 花子"))[0].1, "no-chart");
        assert_eq!(wrong("loans", &loan("00123"))[0], ("due".to_owned(), "before"));
    }
}
