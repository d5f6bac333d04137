//! Dates, dateTimes and times with the precision they were written in.

mod text;

use std::cmp::Ordering;

/// What a [`Temporal`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemporalKind {
    /// `@2015-02`
    Date,
    /// `@2015-02-04T14:34`
    DateTime,
    /// `@T14:34`
    Time,
}

/// How much of a point in time is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// the year
    Year,
    /// the month
    Month,
    /// the day
    Day,
    /// the hour
    Hour,
    /// the minute
    Minute,
    /// the second
    Second,
    /// parts of a second
    Fraction,
}

/// A date, dateTime or time; parts beyond its precision are the least they can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Temporal {
    /// What it is.
    pub kind: TemporalKind,
    /// How much of it is given.
    pub precision: Precision,
    /// Year, month, day, hour, minute, second.
    parts: [u16; 6],
    /// Nanoseconds.
    nanos: u32,
    /// Minutes east of UTC.
    zone: Option<i16>,
}

impl Temporal {
    pub(in crate::path) fn is_time(self) -> bool {
        self.kind == TemporalKind::Time
    }

    /// The order of two points in time; none if their precision does not tell.
    pub(in crate::path) fn compare(self, other: Self) -> Option<Ordering> {
        if self.is_time() != other.is_time() {
            return None;
        }
        let (left, right) = match (self.zone, other.zone) {
            (Some(a), Some(b)) if a != b => (self.in_utc(), other.in_utc()),
            _ => (self, other),
        };
        let common = left.precision.min(right.precision).min(Precision::Second);
        let first = if self.kind == TemporalKind::Time { 3 } else { 0 };
        for part in first..=common as usize {
            // A time in a zone and one in none are only told apart by days that no zone can bridge.
            if part == 2 && common >= Precision::Hour && left.zone.is_some() != right.zone.is_some() {
                let apart = left.days() - right.days();
                return (apart.abs() > 1).then(|| apart.cmp(&0));
            }
            match left.parts[part].cmp(&right.parts[part]) {
                Ordering::Equal => {}
                unequal => return Some(unequal),
            }
        }
        let seconds = Precision::Second;
        if left.precision >= seconds && right.precision >= seconds {
            return Some(left.nanos.cmp(&right.nanos));
        }
        (left.precision == right.precision).then_some(Ordering::Equal)
    }

    /// The same to the same precision.
    pub(in crate::path) fn is_equivalent(self, other: Self) -> bool {
        let fine = |precision: Precision| precision.min(Precision::Second);
        fine(self.precision) == fine(other.precision) && self.compare(other) == Some(Ordering::Equal)
    }

    /// Later by `count` of `unit` (`Year` to `Second`, `Fraction` for milliseconds); none outside years 1 to 9999.
    pub(in crate::path) fn plus(self, count: i64, unit: Precision) -> Option<Self> {
        let mut moment = self;
        if self.kind == TemporalKind::Time {
            let day = 86_400_000_000_000_i64;
            let nanos = (self.nanos_of_day() + self.nanos_in(count, unit)? % day).rem_euclid(day);
            moment.set_nanos_of_day(nanos);
            return Some(moment);
        }
        match unit {
            Precision::Year | Precision::Month => {
                let months = if unit == Precision::Year { count.checked_mul(12)? } else { count };
                moment.add_months(months)?;
            }
            _ if self.precision < Precision::Day => {
                let months = match unit {
                    Precision::Day => count / 30,
                    _ => self.nanos_in(count, unit)? / 86_400_000_000_000 / 30,
                };
                let months = if self.precision == Precision::Year { months / 12 * 12 } else { months };
                moment.add_months(months)?;
            }
            Precision::Day => moment.set_days(self.days().checked_add(count)?)?,
            _ => {
                let day = 86_400_000_000_000_i64;
                let nanos = self.nanos_of_day().checked_add(self.nanos_in(count, unit)?)?;
                moment.set_days(self.days() + nanos.div_euclid(day))?;
                moment.set_nanos_of_day(nanos.rem_euclid(day));
                if self.precision < unit {
                    moment.cut_to(self.precision);
                }
            }
        }
        Some(moment)
    }

    /// The date of a dateTime.
    pub(in crate::path) fn to_date(self) -> Self {
        let mut date = self;
        date.kind = TemporalKind::Date;
        date.precision = self.precision.min(Precision::Day);
        date.zone = None;
        date.cut_to(date.precision);
        date
    }

    /// The time of a dateTime.
    pub(in crate::path) fn to_time(self) -> Self {
        let mut time = self;
        time.kind = TemporalKind::Time;
        time.zone = None;
        time.parts[..3].fill(0);
        time
    }

    /// A date as a dateTime of the same precision.
    pub(in crate::path) fn to_date_time(self) -> Self {
        Self { kind: TemporalKind::DateTime, ..self }
    }

    /// To another precision: what is not told becomes the least or the greatest it can be, its zone too.
    pub(in crate::path) fn filled(mut self, precision: Precision, is_high: bool) -> Self {
        let told = self.precision as usize;
        for part in told + 1..6 {
            self.parts[part] = match (part, is_high) {
                (1, true) => 12,
                (2, true) => days_in(self.parts[0], self.parts[1]),
                (1 | 2, false) => 1,
                (3, true) => 23,
                (4 | 5, true) => 59,
                _ => 0,
            };
        }
        if self.precision < Precision::Fraction {
            self.nanos = if is_high { 999_000_000 } else { 0 };
        }
        if self.kind == TemporalKind::DateTime && precision >= Precision::Hour && self.zone.is_none() {
            self.zone = Some(if is_high { -12 * 60 } else { 14 * 60 });
        }
        self.precision = precision;
        self.cut_to(precision);
        self
    }

    fn nanos_in(self, count: i64, unit: Precision) -> Option<i64> {
        let nanos: i64 = match unit {
            Precision::Hour => 3_600_000_000_000,
            Precision::Minute => 60_000_000_000,
            Precision::Second => 1_000_000_000,
            Precision::Fraction => 1_000_000,
            _ => 86_400_000_000_000,
        };
        count.checked_mul(nanos)
    }

    fn cut_to(&mut self, precision: Precision) {
        for part in precision as usize + 1..6 {
            self.parts[part] = u16::from(part < 3);
        }
        if precision < Precision::Fraction {
            self.nanos = 0;
        }
    }

    fn in_utc(self) -> Self {
        match self.zone {
            Some(zone) if self.precision >= Precision::Hour => {
                let moment = self.plus(-i64::from(zone), Precision::Minute).unwrap_or(self);
                Self { zone: Some(0), ..moment }
            }
            _ => self,
        }
    }

    fn add_months(&mut self, months: i64) -> Option<()> {
        let total = (i64::from(self.parts[0]) * 12 + i64::from(self.parts[1]) - 1).checked_add(months)?;
        let year = u16::try_from(total.div_euclid(12)).ok().filter(|year| (1..=9999).contains(year))?;
        let month = total.rem_euclid(12) as u16 + 1;
        self.parts[0] = year;
        self.parts[1] = month;
        self.parts[2] = self.parts[2].min(days_in(year, month));
        Some(())
    }

    fn nanos_of_day(self) -> i64 {
        let [_, _, _, hour, minute, second] = self.parts.map(i64::from);
        ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + i64::from(self.nanos)
    }

    fn set_nanos_of_day(&mut self, nanos: i64) {
        let seconds = nanos / 1_000_000_000;
        self.nanos = (nanos % 1_000_000_000) as u32;
        self.parts[3] = (seconds / 3600) as u16;
        self.parts[4] = (seconds / 60 % 60) as u16;
        self.parts[5] = (seconds % 60) as u16;
    }

    /// Days since 0000-03-01 of the proleptic calendar.
    fn days(self) -> i64 {
        let [year, month, day, ..] = self.parts.map(i64::from);
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1
    }

    fn set_days(&mut self, days: i64) -> Option<()> {
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        let year = u16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
        self.parts[..3].copy_from_slice(&[
            year,
            month as u16,
            (of_year - (153 * shifted + 2) / 5 + 1) as u16,
        ]);
        Some(())
    }
}

fn days_in(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
