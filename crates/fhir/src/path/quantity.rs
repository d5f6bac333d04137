//! Quantities: a number with a unit of UCUM or of the calendar.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

use super::temporal::Precision;
use super::value::decimal;
use crate::json::Node;

/// A number with a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The number.
    pub value: Decimal,
    /// A UCUM code, a calendar word such as `year`, or what a document calls it; `1` for none.
    pub unit: String,
}

/// What units are measured in, and how many of the base unit they are.
const UNITS: [(&str, &str, (i64, u32)); 31] = [
    ("1", "1", (1, 0)),
    ("%", "1", (1, 2)),
    ("g", "g", (1, 0)),
    ("[lb_av]", "g", (45_359_237, 5)),
    ("[oz_av]", "g", (28_349_523_125, 9)),
    ("m", "m", (1, 0)),
    ("[in_i]", "m", (254, 4)),
    ("[ft_i]", "m", (3048, 4)),
    ("L", "L", (1, 0)),
    ("l", "L", (1, 0)),
    ("mol", "mol", (1, 0)),
    ("s", "s", (1, 0)),
    ("min", "s", (60, 0)),
    ("h", "s", (3600, 0)),
    ("d", "s", (86_400, 0)),
    ("wk", "s", (604_800, 0)),
    ("second", "s", (1, 0)),
    ("seconds", "s", (1, 0)),
    ("millisecond", "s", (1, 3)),
    ("milliseconds", "s", (1, 3)),
    ("minute", "s", (60, 0)),
    ("minutes", "s", (60, 0)),
    ("hour", "s", (3600, 0)),
    ("hours", "s", (3600, 0)),
    ("day", "s", (86_400, 0)),
    ("days", "s", (86_400, 0)),
    ("week", "s", (604_800, 0)),
    ("weeks", "s", (604_800, 0)),
    ("month", "month", (1, 0)),
    ("year", "month", (12, 0)),
    ("Pa", "Pa", (1, 0)),
];

const PREFIXES: [(&str, (i64, u32)); 9] = [
    ("k", (1000, 0)),
    ("h", (100, 0)),
    ("d", (1, 1)),
    ("c", (1, 2)),
    ("m", (1, 3)),
    ("u", (1, 6)),
    ("n", (1, 9)),
    ("p", (1, 12)),
    ("M", (1_000_000, 0)),
];

const CALENDAR: [(&str, Precision, i64); 8] = [
    ("year", Precision::Year, 1),
    ("month", Precision::Month, 1),
    ("week", Precision::Day, 7),
    ("day", Precision::Day, 1),
    ("hour", Precision::Hour, 1),
    ("minute", Precision::Minute, 1),
    ("second", Precision::Second, 1),
    ("millisecond", Precision::Fraction, 1),
];

impl Quantity {
    /// A bare number.
    pub(super) fn plain(value: Decimal) -> Self {
        Self { value, unit: "1".to_owned() }
    }

    /// A FHIR Quantity; none without a value.
    #[must_use]
    pub fn of(node: Node<'_>) -> Option<Self> {
        let value = decimal(node.get("value")?.number_text()?)?;
        let unit = node.text_at(&["code"]).or_else(|| node.text_at(&["unit"])).unwrap_or("1");
        Some(Self { value, unit: unit.to_owned() })
    }

    /// Reads `4 days` or `4.0 'mg'`, or a bare number.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && !"+-.".contains(c)).unwrap_or(text.len());
        let (digits, unit) = (text[..end].trim_start_matches('+'), text[end..].trim());
        let is_number = digits.as_bytes().last().is_some_and(u8::is_ascii_digit);
        let value = decimal(digits).filter(|_| is_number)?;
        if unit.is_empty() {
            return Some(Self::plain(value));
        }
        let spaced = text[end..].starts_with(' ');
        let unit = match unit.strip_prefix('\'').and_then(|unit| unit.strip_suffix('\'')) {
            Some(code) if !code.is_empty() => code,
            None if spaced && CALENDAR.iter().any(|row| row.0 == singular(unit)) => unit,
            _ => return None,
        };
        Some(Self { value, unit: unit.to_owned() })
    }

    /// The order; none if the units measure different things.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if singular(&self.unit) == singular(&other.unit) {
            return Some(self.value.cmp(&other.value));
        }
        let (left, right) = (self.in_base()?, other.in_base()?);
        (left.1 == right.1).then(|| left.0.cmp(&right.0))
    }

    /// The number of `other` in the unit of this one; none if the units measure different things.
    pub(super) fn value_of(&self, other: &Self) -> Option<Decimal> {
        if singular(&self.unit) == singular(&other.unit) {
            return Some(other.value);
        }
        let (base, own) = factor(singular(&self.unit))?;
        let (other_base, factor) = factor(singular(&other.unit))?;
        (base == other_base).then(|| other.value.checked_mul(factor)?.checked_div(own))?
    }

    /// How many of which part of the calendar it is; fractions do not count.
    pub(super) fn calendar(&self) -> Option<(i64, Precision)> {
        let (precision, times) = calendar(&self.unit)?;
        Some((i64::try_from(self.value.trunc()).ok()?.checked_mul(times)?, precision))
    }

    fn in_base(&self) -> Option<(Decimal, &'static str)> {
        let (base, factor) = factor(singular(&self.unit))?;
        Some((self.value.checked_mul(factor)?.normalize(), base))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if calendar(&self.unit).is_some_and(|_| self.unit.len() > 3) {
            write!(f, "{} {}", self.value, self.unit)
        } else {
            write!(f, "{} '{}'", self.value, self.unit)
        }
    }
}

/// The base unit, and how many of it are one of `unit`.
fn factor(unit: &str) -> Option<(&'static str, Decimal)> {
    let scaled = |(number, scale): (i64, u32)| Decimal::new(number, scale);
    if let Some((_, base, number)) = UNITS.iter().find(|row| row.0 == unit) {
        return Some((base, scaled(*number)));
    }
    PREFIXES.iter().find_map(|(prefix, number)| {
        let (_, base, one) =
            UNITS.iter().find(|row| Some(row.0) == unit.strip_prefix(prefix) && row.0 == row.1)?;
        Some((*base, scaled(*number).checked_mul(scaled(*one))?))
    })
}

/// The part of the calendar that a unit means, UCUM's exact ones from the week down included.
fn calendar(unit: &str) -> Option<(Precision, i64)> {
    let word = match unit {
        "wk" => "week",
        "d" => "day",
        "h" => "hour",
        "min" => "minute",
        "s" => "second",
        "ms" => "millisecond",
        other => singular(other),
    };
    CALENDAR.iter().find(|row| row.0 == word).map(|row| (row.1, row.2))
}

fn singular(unit: &str) -> &str {
    match unit.strip_suffix('s') {
        Some(word) if CALENDAR.iter().any(|row| row.0 == word) => word,
        _ => unit,
    }
}
