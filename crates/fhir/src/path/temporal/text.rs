//! Dates and times as they are written.

use std::fmt;

use super::{Precision, Temporal, TemporalKind, days_in};

impl Temporal {
    /// Reads a literal without its `@`: `2015-02`, `2015-02-04T14:34`, `T14:34`.
    pub(in crate::path) fn literal(text: &str) -> Option<Self> {
        match text.strip_prefix('T') {
            Some(time) => Self::time(time),
            None if text.contains('T') => Self::date_time(text),
            None => Self::date(text),
        }
    }

    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub(in crate::path) fn date(text: &str) -> Option<Self> {
        let (moment, rest) = Self::calendar(text.as_bytes())?;
        rest.is_empty().then_some(moment)
    }

    /// Reads a date with or without a time behind `T`.
    pub(in crate::path) fn date_time(text: &str) -> Option<Self> {
        let (mut moment, rest) = Self::calendar(text.as_bytes())?;
        moment.kind = TemporalKind::DateTime;
        let Some(rest) = rest.strip_prefix(b"T") else { return rest.is_empty().then_some(moment) };
        let zone_at = rest.iter().position(|b| b"Z+-".contains(b)).unwrap_or(rest.len());
        let (clock, zone) = rest.split_at(zone_at);
        moment.zone = match zone {
            [] => None,
            zone => Some(offset(zone)?),
        };
        if clock.is_empty() {
            return zone.is_empty().then_some(moment);
        }
        (moment.precision == Precision::Day && moment.clock(clock)).then_some(moment)
    }

    /// Reads `hh`, `hh:mm`, `hh:mm:ss` or more.
    pub(in crate::path) fn time(text: &str) -> Option<Self> {
        let mut moment = Self {
            kind: TemporalKind::Time,
            precision: Precision::Hour,
            parts: [0; 6],
            nanos: 0,
            zone: None,
        };
        moment.clock(text.as_bytes()).then_some(moment)
    }

    fn calendar(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (year, mut rest) = digits(bytes, 4)?;
        let mut moment = Self {
            kind: TemporalKind::Date,
            precision: Precision::Year,
            parts: [year, 1, 1, 0, 0, 0],
            nanos: 0,
            zone: None,
        };
        for (part, precision) in [(1, Precision::Month), (2, Precision::Day)] {
            let Some(after) = rest.strip_prefix(b"-") else { break };
            (moment.parts[part], rest) = digits(after, 2)?;
            moment.precision = precision;
        }
        let [year, month, day, ..] = moment.parts;
        let is_real = year > 0 && (1..=12).contains(&month) && day > 0 && day <= days_in(year, month);
        is_real.then_some((moment, rest))
    }

    fn clock(&mut self, bytes: &[u8]) -> bool {
        let Some((hour, mut rest)) = digits(bytes, 2) else { return false };
        self.parts[3] = hour;
        self.precision = Precision::Hour;
        for (part, precision) in [(4, Precision::Minute), (5, Precision::Second)] {
            let Some(after) = rest.strip_prefix(b":") else { break };
            let Some((value, after)) = digits(after, 2) else { return false };
            (self.parts[part], rest, self.precision) = (value, after, precision);
        }
        if self.precision == Precision::Second
            && let Some(fraction) = rest.strip_prefix(b".")
        {
            if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
                return false;
            }
            let nine = fraction.iter().chain(std::iter::repeat(&b'0')).take(9);
            self.nanos = nine.fold(0, |n, digit| n * 10 + u32::from(digit - b'0'));
            (self.precision, rest) = (Precision::Fraction, &[]);
        }
        rest.is_empty() && self.parts[3] < 24 && self.parts[4] < 60 && self.parts[5] <= 60
    }
}

impl fmt::Display for Temporal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.parts;
        if self.kind != TemporalKind::Time {
            write!(f, "{year:04}")?;
            for (part, precision) in [(month, Precision::Month), (day, Precision::Day)] {
                if self.precision >= precision {
                    write!(f, "-{part:02}")?;
                }
            }
        }
        if self.precision >= Precision::Hour {
            let before = if self.kind == TemporalKind::Time { "" } else { "T" };
            write!(f, "{before}{hour:02}")?;
            for (part, precision) in [(minute, Precision::Minute), (second, Precision::Second)] {
                if self.precision >= precision {
                    write!(f, ":{part:02}")?;
                }
            }
        }
        if self.precision == Precision::Fraction {
            let nine = format!("{:09}", self.nanos);
            let shown = nine.trim_end_matches('0').len().max(3);
            write!(f, ".{}", &nine[..shown])?;
        }
        match self.zone {
            None => Ok(()),
            Some(0) => write!(f, "Z"),
            Some(zone) => {
                let sign = if zone < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", zone.abs() / 60, zone.abs() % 60)
            }
        }
    }
}

fn offset(zone: &[u8]) -> Option<i16> {
    if zone == b"Z" {
        return Some(0);
    }
    let (sign, rest) = zone.split_first()?;
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(b":")?, 2)?;
    let total = (hours * 60 + minutes) as i16;
    let is_real = rest.is_empty() && hours <= 14 && minutes < 60 && matches!(sign, b'+' | b'-');
    is_real.then_some(if *sign == b'-' { -total } else { total })
}

fn digits(bytes: &[u8], count: usize) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_at_checked(count)?;
    let value = head.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u16::from(b - b'0')))?;
    Some((value, rest))
}
