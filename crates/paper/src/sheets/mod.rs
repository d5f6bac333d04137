//! What people send as a table: Excel or CSV, read into rows.
//!
//! Nothing in a file is run, followed or believed: formulas give the value they were saved with, links and pictures are
//! passed over, and a file that holds macros is not read at all. Dates are days as they stand there, however far off.

mod excel;
mod text;

use jiff::civil::{Date, DateTime};

pub use text::day;

/// A table with the places of its cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Its name; empty for CSV.
    pub name: String,
    /// The rows that hold anything.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its number in Excel, or the line in CSV; from one.
    pub line: u64,
    /// Its cells from the first column on. Each cell of a merged area holds what the area holds.
    pub cells: Vec<Cell>,
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, without the space around it.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
    /// A day.
    Date(Date),
    /// A day and an hour.
    Moment(DateTime),
}

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The file, in bytes.
    pub bytes: usize,
    /// What it holds when unpacked, in bytes.
    pub unpacked: u64,
    /// Rows of a sheet, also the number of the last.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Sheets.
    pub sheets: usize,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// It is larger than this, in bytes.
    #[error("the file is larger than {0} bytes")]
    TooLarge(usize),
    /// It unpacks to more than this, in bytes.
    #[error("the file unpacks to more than {0} bytes")]
    TooLargeUnpacked(u64),
    /// It holds macros, in this part.
    #[error("the file holds macros: {0}")]
    Macros(String),
    /// An Excel file of before 2007, or one that a password locks.
    #[error("the file is of an old Excel or locked by a password")]
    OldOrLocked,
    /// Packed, but no workbook.
    #[error("the file is no workbook")]
    NoWorkbook,
    /// A workbook that cannot be read: why.
    #[error("the workbook is damaged: {0}")]
    Damaged(String),
    /// More sheets than this.
    #[error("the workbook has more than {0} sheets")]
    TooManySheets(usize),
    /// More rows than this, in a sheet of this name.
    #[error("the sheet {sheet:?} has more than {limit} rows")]
    TooManyRows {
        /// The sheet.
        sheet: String,
        /// The limit.
        limit: usize,
    },
    /// More columns than this, in a sheet of this name.
    #[error("the sheet {sheet:?} has more than {limit} columns")]
    TooManyColumns {
        /// The sheet.
        sheet: String,
        /// The limit.
        limit: usize,
    },
    /// None of the encodings spreadsheets write.
    #[error("the text is neither UTF-8 nor Shift_JIS nor UTF-16")]
    Encoding,
    /// No sheet has this name: those there are.
    #[error("there is no sheet {wanted:?}")]
    NoSheet {
        /// The name asked for.
        wanted: String,
        /// The names there are.
        there: Vec<String>,
    },
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 10 << 20, unpacked: 128 << 20, rows: 20_000, columns: 200, sheets: 50 }
    }
}

/// Reads whatever a spreadsheet saves: a workbook (`.xlsx`) or CSV, told apart by what is in it, not by its name.
///
/// # Errors
/// See [`Unread`]; nothing is told of a file that is read in part only.
pub fn read_sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Unread> {
    if bytes.is_empty() {
        return Err(Unread::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(Unread::TooLarge(limits.bytes));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        excel::read(bytes, limits)
    } else if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Err(Unread::OldOrLocked)
    } else {
        text::read(bytes, limits).map(|sheet| vec![sheet])
    }
}

/// The sheet of a name, whatever space is around it.
///
/// # Errors
/// [`Unread::NoSheet`] with the names there are.
pub fn sheet_named<'s>(sheets: &'s [Sheet], wanted: &str) -> Result<&'s Sheet, Unread> {
    let found = sheets.iter().find(|sheet| sheet.name.trim() == wanted);
    found.ok_or_else(|| Unread::NoSheet {
        wanted: wanted.to_owned(),
        there: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
    })
}

/// What a spreadsheet calls a column: A for the first (0), AA after Z.
#[must_use]
pub fn column_name(column: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(column % 26).expect("a remainder of 26"));
    match column / 26 {
        0 => letter.to_string(),
        more => column_name(more - 1) + &letter.to_string(),
    }
}

impl Cell {
    /// Text as a cell.
    #[must_use]
    pub(crate) fn of_text(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// What the cell says, as one would type it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Moment(moment) => moment.to_string(),
        }
    }

    /// The day it holds or says.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            Self::Moment(moment) => Some(moment.date()),
            Self::Text(text) => day(text),
            _ => None,
        }
    }
}

impl Row {
    /// The cell of a column, from nought; empty if the row ends before it.
    #[must_use]
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }

    fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| *cell == Cell::Empty)
    }
}
