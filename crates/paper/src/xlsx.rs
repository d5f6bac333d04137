//! A workbook as an Excel file.

use std::collections::HashSet;

use jiff::civil::Date;
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Url, Workbook as Book,
    Worksheet, XlsxError,
};

use crate::workbook::{Field, Leaf, Value, Workbook};

/// A workbook that Excel has no room for.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written: {0}")]
pub struct NotWritten(#[from] XlsxError);

/// How cells look.
struct Looks {
    title: Format,
    head: Format,
    text: Format,
    date: Format,
    link: Format,
}

/// Excel's own limit for a cell, in UTF-16 units.
const LONGEST_CELL: usize = 32_767;
const LONGEST_NAME: usize = 31;
const NOT_IN_NAMES: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
/// Choices stay open below the last row, for who goes on writing.
const ROWS_TO_COME: u32 = 500;
const A4: u8 = 9;

/// Writes a workbook. The same workbook is always the same bytes.
///
/// # Errors
/// [`NotWritten`] if there are more rows or columns than Excel has, or choices of more than 255 characters.
pub fn xlsx(workbook: &Workbook) -> Result<Vec<u8>, NotWritten> {
    let mut book = Book::new();
    let made = ExcelDateTime::from_ymd(
        workbook.date.year().unsigned_abs(),
        month(workbook.date),
        day(workbook.date),
    )?;
    book.set_properties(&DocProperties::new().set_title(&workbook.title).set_creation_datetime(&made));
    let looks = Looks::new();
    let mut names = HashSet::new();
    for leaf in &workbook.leaves {
        let sheet = book.add_worksheet();
        sheet.set_name(free_name(&leaf.name, &mut names))?;
        write(sheet, leaf, &looks)?;
    }
    Ok(book.save_to_buffer()?)
}

fn write(sheet: &mut Worksheet, leaf: &Leaf, looks: &Looks) -> Result<(), NotWritten> {
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    for (row, line) in (0..).zip(&leaf.lines) {
        let look = if row == 0 { &looks.title } else { &Format::new() };
        sheet.write_string_with_format(row, 0, fitting(line), look)?;
    }
    let head = u32::try_from(leaf.lines.len()).map_err(|_| XlsxError::RowColumnLimitError)?;
    let last =
        u32::try_from(leaf.rows.len()).map_err(|_| XlsxError::RowColumnLimitError)?.saturating_add(head);
    for (column, field) in (0..).zip(&leaf.fields) {
        sheet.set_column_width(column, field.width)?;
        sheet.write_string_with_format(head, column, fitting(&field.heading), &looks.head)?;
        offer(sheet, field, (head + 1, last.saturating_add(ROWS_TO_COME)), column)?;
    }
    for (row, values) in (head + 1..).zip(&leaf.rows) {
        for (column, value) in (0..).zip(values) {
            put(sheet, row, column, value, looks)?;
        }
    }
    if !leaf.fields.is_empty() {
        sheet.set_freeze_panes(head + 1, 0)?.set_repeat_rows(head, head)?;
    }
    Ok(())
}

fn offer(sheet: &mut Worksheet, field: &Field, rows: (u32, u32), column: u16) -> Result<(), NotWritten> {
    if field.choices.is_empty() {
        return Ok(());
    }
    let choices = DataValidation::new().allow_list_strings(&field.choices)?;
    sheet.add_data_validation(rows.0, column, rows.1, column, &choices)?;
    Ok(())
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, value: &Value, looks: &Looks) -> Result<(), NotWritten> {
    match value {
        Value::Empty => sheet.write_blank(row, column, &looks.text)?,
        Value::Text(text) => sheet.write_string_with_format(row, column, fitting(text), &looks.text)?,
        // What is no number to Excel would become a formula of an error.
        Value::Number(number) if !number.is_finite() => {
            sheet.write_string_with_format(row, column, number.to_string(), &looks.text)?
        }
        Value::Number(number) => sheet.write_number_with_format(row, column, *number, &looks.text)?,
        // Excel counts days from 1900 on.
        Value::Date(date) if date.year() < 1900 => {
            sheet.write_string_with_format(row, column, date.to_string(), &looks.text)?
        }
        Value::Date(date) => sheet.write_datetime_with_format(row, column, *date, &looks.date)?,
        Value::Link { address, text } if address.starts_with("https://") && address.len() < 2000 => {
            let url = Url::new(address).set_text(fitting(text));
            sheet.write_url_with_format(row, column, url, &looks.link)?
        }
        Value::Link { address, text } => {
            let both = format!("{text} {address}");
            sheet.write_string_with_format(row, column, fitting(&both), &looks.text)?
        }
    };
    Ok(())
}

/// As much of a text as a cell holds.
fn fitting(text: &str) -> String {
    let mut room = LONGEST_CELL;
    let fits = |one: &char| {
        let left = room.checked_sub(one.len_utf16());
        room = left.unwrap_or(0);
        left.is_some()
    };
    text.chars().take_while(fits).collect()
}

/// A name that Excel takes and that no other sheet has.
fn free_name(wanted: &str, taken: &mut HashSet<String>) -> String {
    let allowed = |one: char| if NOT_IN_NAMES.contains(&one) || one.is_control() { '_' } else { one };
    let plain: String = wanted.trim_matches('\'').chars().map(allowed).collect();
    let plain = if plain.is_empty() { "_".to_owned() } else { plain };
    for number in 1.. {
        let tail = if number == 1 { String::new() } else { format!(" ({number})") };
        let mut room = LONGEST_NAME - tail.len();
        let head = plain.chars().take_while(|one| {
            let left = room.checked_sub(one.len_utf16());
            room = left.unwrap_or(0);
            left.is_some()
        });
        let name = head.collect::<String>().trim_end_matches('\'').to_owned() + &tail;
        if taken.insert(name.to_lowercase()) {
            return name;
        }
    }
    unreachable!("numbers do not end")
}

fn month(date: Date) -> u8 {
    date.month().unsigned_abs()
}

fn day(date: Date) -> u8 {
    date.day().unsigned_abs()
}

impl Looks {
    fn new() -> Self {
        let text = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Thin);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            head: text.clone().set_bold().set_background_color(0x00E8_E8E8),
            date: text.clone().set_num_format("yyyy/mm/dd"),
            link: text.clone().set_font_color(0x0000_50A0),
            text,
        }
    }
}
