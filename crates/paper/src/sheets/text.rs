//! CSV as a sheet, and days as people write them.

use jiff::civil::Date;

use super::{Cell, Limits, Row, Sheet, Unread};
use crate::delimited::{csv_rows, decoded};

/// The year before the first of 令和.
const BEFORE_REIWA: i16 = 2018;

/// Reads CSV. Its cells are texts.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Sheet, Unread> {
    let text = decoded(bytes).filter(|text| !text.contains('\0')).ok_or(Unread::Encoding)?;
    let mut sheet = Sheet::default();
    for row in csv_rows(&text) {
        if row.cells.len() > limits.columns {
            return Err(Unread::TooManyColumns { sheet: String::new(), limit: limits.columns });
        }
        let row = Row { line: row.line, cells: row.cells.iter().map(|cell| Cell::of_text(cell)).collect() };
        if row.is_empty() {
            continue;
        }
        if sheet.rows.len() == limits.rows {
            return Err(Unread::TooManyRows { sheet: String::new(), limit: limits.rows });
        }
        sheet.rows.push(row);
    }
    if sheet.rows.is_empty() { Err(Unread::Empty) } else { Ok(sheet) }
}

/// A day as it is typed: 2026-11-21, 2026/11/21, 2026年11月21日, 令和8年11月21日, R8.11.21; with or without leading noughts.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    let reiwa = text.strip_prefix("令和").or_else(|| text.strip_prefix(['R', 'r']));
    let rest = reiwa.unwrap_or(text);
    let rest = rest.strip_suffix('日').unwrap_or(rest);
    let mut parts = rest.split(['-', '/', '.', '年', '月']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_over = parts.next().is_none();
    let year: i16 = match (reiwa, year) {
        (Some(_), "元") => BEFORE_REIWA + 1,
        (Some(_), year) => BEFORE_REIWA.checked_add(year.parse().ok()?)?,
        (None, year) => year.parse().ok()?,
    };
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok().filter(|_| is_over)
}
