//! A workbook (`.xlsx`), read cell by cell: what it claims of its own size is not believed.

use std::io::{Cursor, Read, copy, sink};

use calamine::{DataRef, Dimensions, ExcelDateTime, Reader, Xlsx, XlsxError};
use jiff::civil::{Date, DateTime, Time};
use zip::ZipArchive;

use super::{Cell, Limits, Row, Sheet, Unread};

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// Parts by which a workbook that runs programs is known (ECMA-376 and MS-OFFMACRO2).
const MACROS: [&str; 3] = ["vbaproject.bin", "/macrosheets/", "/activex/"];
const CONTENT_TYPES: &str = "[Content_Types].xml";
const WORKBOOK: &str = "/xl/workbook";

/// Reads all sheets of a workbook.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Unread> {
    look_inside(bytes, limits)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = book.sheet_names();
    if names.len() > limits.sheets {
        return Err(Unread::TooManySheets(limits.sheets));
    }
    let mut room = limits.unpacked;
    names.into_iter().map(|name| sheet(&mut book, name, limits, &mut room)).collect()
}

/// Unpacks everything once, into nothing, so that what follows is known to be bounded and without programs.
fn look_inside(bytes: &[u8], limits: &Limits) -> Result<(), Unread> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unread::NoWorkbook)?;
    let (mut room, mut is_workbook) = (limits.unpacked, false);
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(|error| Unread::Damaged(error.to_string()))?;
        let name = part.name().map_err(|error| Unread::Damaged(error.to_string()))?.into_owned();
        let lower = format!("/{}", name.to_lowercase());
        if MACROS.iter().any(|sign| lower.contains(sign)) {
            return Err(Unread::Macros(name));
        }
        is_workbook |= lower.starts_with(WORKBOOK);
        let mut part = part.take(room + 1);
        let length = if name == CONTENT_TYPES {
            let mut types = String::new();
            let length =
                part.read_to_string(&mut types).map_err(|error| Unread::Damaged(error.to_string()))?;
            if types.to_lowercase().contains("macroenabled") {
                return Err(Unread::Macros(name));
            }
            length as u64
        } else {
            copy(&mut part, &mut sink()).map_err(|error| Unread::Damaged(error.to_string()))?
        };
        room = room.checked_sub(length).ok_or(Unread::TooLargeUnpacked(limits.unpacked))?;
    }
    if is_workbook { Ok(()) } else { Err(Unread::NoWorkbook) }
}

fn sheet(book: &mut Book<'_>, name: String, limits: &Limits, room: &mut u64) -> Result<Sheet, Unread> {
    // Sheets that hold a chart only have no cells to merge, and none to read.
    let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    let mut cells = match book.worksheet_cells_reader(&name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Sheet { name, rows }),
        Err(error) => return Err(damaged(error)),
    };
    while let Some(found) = cells.next_cell().map_err(damaged)? {
        let cell = cell(found.get_value());
        if cell == Cell::Empty {
            continue;
        }
        let (row, column) = found.get_position();
        let place = place(&name, row, column, limits)?;
        take_room(&cell, limits, room)?;
        put(&mut rows, place, cell);
    }
    let size = (rows.len(), rows.iter().map(|row| row.cells.len()).max().unwrap_or(0));
    for area in &merged {
        fill(&mut rows, area, size, limits, room)?;
    }
    rows.retain(|row| !row.is_empty());
    Ok(Sheet { name, rows })
}

/// Where a cell goes, if it may.
fn place(sheet: &str, row: u32, column: u32, limits: &Limits) -> Result<(usize, usize), Unread> {
    let (row, column) = (row as usize, column as usize);
    if row >= limits.rows {
        return Err(Unread::TooManyRows { sheet: sheet.to_owned(), limit: limits.rows });
    }
    if column >= limits.columns {
        return Err(Unread::TooManyColumns { sheet: sheet.to_owned(), limit: limits.columns });
    }
    Ok((row, column))
}

fn put(rows: &mut Vec<Row>, (row, column): (usize, usize), cell: Cell) {
    while rows.len() <= row {
        rows.push(Row { line: rows.len() as u64 + 1, cells: Vec::new() });
    }
    let cells = &mut rows[row].cells;
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    cells[column] = cell;
}

/// Gives each cell of a merged area what its first holds, as far as the table reaches: areas often go on for ever.
fn fill(
    rows: &mut Vec<Row>,
    area: &Dimensions,
    (height, width): (usize, usize),
    limits: &Limits,
    room: &mut u64,
) -> Result<(), Unread> {
    let [top, left, bottom, right] =
        [area.start.0, area.start.1, area.end.0, area.end.1].map(|at| at as usize);
    let held = rows.get(top).map(|row| row.cell(left).clone()).unwrap_or_default();
    if held == Cell::Empty {
        return Ok(());
    }
    for row in top..height.min(bottom + 1) {
        for column in left..width.min(right + 1) {
            take_room(&held, limits, room)?;
            put(rows, (row, column), held.clone());
        }
    }
    Ok(())
}

/// Counts what a cell keeps: many may share one long text.
fn take_room(cell: &Cell, limits: &Limits, room: &mut u64) -> Result<(), Unread> {
    let text = if let Cell::Text(text) = cell { text.len() } else { 0 };
    let rest = room.checked_sub((size_of::<Cell>() + text) as u64);
    *room = rest.ok_or(Unread::TooLargeUnpacked(limits.unpacked))?;
    Ok(())
}

fn cell(found: &DataRef<'_>) -> Cell {
    match found {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text),
        DataRef::Bool(truth) => Cell::Truth(*truth),
        DataRef::DateTime(moment) => date(moment),
        DataRef::DateTimeIso(text) => match (text.parse::<DateTime>(), text.parse::<Date>()) {
            (Ok(moment), _) => on_the_day(moment),
            (_, Ok(date)) => Cell::Date(date),
            _ => Cell::of_text(text),
        },
        DataRef::DurationIso(text) => Cell::of_text(text),
        DataRef::Error(error) => Cell::of_text(&error.to_string()),
    }
}

/// A day as Excel counts them; a number where it is a length of time, or no day at all.
fn date(found: &ExcelDateTime) -> Cell {
    let number = Cell::Number(found.as_f64());
    if !found.is_datetime() || !(0.0..2_958_466.0).contains(&found.as_f64()) {
        return number;
    }
    let (year, month, day, hour, minute, second, _) = found.to_ymd_hms_milli();
    let small = |part: u8| i8::try_from(part).unwrap_or(-1);
    let date = i16::try_from(year).ok().and_then(|year| Date::new(year, small(month), small(day)).ok());
    let time = Time::new(small(hour), small(minute), small(second), 0).ok();
    match (date, time) {
        (Some(date), Some(time)) => on_the_day(date.to_datetime(time)),
        _ => number,
    }
}

fn on_the_day(moment: DateTime) -> Cell {
    if moment.time() == Time::midnight() { Cell::Date(moment.date()) } else { Cell::Moment(moment) }
}

fn damaged(error: XlsxError) -> Unread {
    match error {
        XlsxError::Password => Unread::OldOrLocked,
        other => Unread::Damaged(other.to_string()),
    }
}
