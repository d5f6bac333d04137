//! CSV as spreadsheets write it: UTF-8 with or without a mark, or Shift_JIS.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::SHIFT_JIS;

/// The columns of a list, as they are written. Only `login` and `name` and `role` must be there.
pub const COLUMNS: [&str; 11] =
    ["login", "name", "role", "institution", "state", "ends", "checked", "level", "by", "made", "used"];
/// No list has more rows.
pub const MOST_ROWS: usize = 2000;
/// No list is larger.
pub const LARGEST_BYTES: usize = 1 << 20;

const NEEDED: [&str; 3] = ["login", "name", "role"];
/// A cell that begins with one of these is a formula to a spreadsheet, in either width (OWASP, "CSV Injection").
const FORMULA: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];
const GUARD: char = '\'';

/// One row, each cell without the space around it; a column that is not there is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// The line it begins at, from one.
    pub line: u64,
    cells: [String; COLUMNS.len()],
}

/// What is wrong in a list, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// The line, from one.
    pub line: u64,
    /// The column by its name, where one is at fault.
    pub column: Option<&'static str>,
    /// What it is.
    pub found: Found,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Neither UTF-8 nor Shift_JIS.
    Encoding,
    /// Nothing is there.
    Empty,
    /// More than [`MOST_ROWS`].
    TooManyRows,
    /// It cannot be split into cells.
    NoCsv,
    /// More or fewer cells than the first row has.
    Ragged,
    /// A column this hub does not know.
    UnknownColumn(String),
    /// A column that comes twice.
    ColumnTwice(String),
    /// A column that must be there.
    MissingColumn,
    /// The cell must hold something else: what it holds.
    Cell(String),
    /// The login stands in this earlier line as well.
    Twice(u64),
    /// The login is of an account that is over, a patient's, or another institution's: it is not given again.
    LoginTaken,
    /// The institution of an account does not change.
    InstitutionKept,
    /// This hub knows no institution of this number.
    InstitutionUnknown(String),
    /// A rule refuses it.
    Refused(&'static str),
    /// Nobody could manage the institution's accounts any more.
    LastAdministrator,
}

impl Found {
    /// The code of its words.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Empty => "empty",
            Self::TooManyRows => "too-many-rows",
            Self::NoCsv => "no-csv",
            Self::Ragged => "ragged",
            Self::UnknownColumn(_) => "unknown-column",
            Self::ColumnTwice(_) => "column-twice",
            Self::MissingColumn => "missing-column",
            Self::Cell(_) => "cell",
            Self::Twice(_) => "twice",
            Self::LoginTaken => "login-taken",
            Self::InstitutionKept => "institution-kept",
            Self::InstitutionUnknown(_) => "institution-unknown",
            Self::Refused(_) => "refused",
            Self::LastAdministrator => "last-administrator",
        }
    }

    /// What was found, to be shown with its words.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::UnknownColumn(text)
            | Self::ColumnTwice(text)
            | Self::Cell(text)
            | Self::InstitutionUnknown(text) => text.clone(),
            Self::Twice(line) => line.to_string(),
            Self::Refused(rule) => (*rule).to_owned(),
            _ => String::new(),
        }
    }
}

impl SheetRow {
    /// The cell of a column.
    #[must_use]
    pub fn cell(&self, column: &str) -> &str {
        let place = COLUMNS.iter().position(|known| *known == column);
        place.map_or("", |place| &self.cells[place])
    }

    /// That a cell of this row is wrong.
    #[must_use]
    pub fn wrong(&self, column: &'static str) -> SheetFault {
        self.fault(Some(column), Found::Cell(self.cell(column).to_owned()))
    }

    pub(crate) fn fault(&self, column: Option<&'static str>, found: Found) -> SheetFault {
        SheetFault { line: self.line, column, found }
    }
}

/// Reads a list.
///
/// # Errors
/// Everything that is wrong with it as a table, each at its line.
pub fn read(bytes: &[u8]) -> Result<Vec<SheetRow>, Vec<SheetFault>> {
    let at = |line, found| SheetFault { line, column: None, found };
    let text = decoded(bytes).ok_or_else(|| vec![at(1, Found::Encoding)])?;
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.byte_records();
    let head = records.next().ok_or_else(|| vec![at(1, Found::Empty)])?;
    let head = head.map_err(|_| vec![at(1, Found::NoCsv)])?;
    let places = places(&head)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (number, record) in records.enumerate() {
        if number == MOST_ROWS {
            faults.push(at(2 + number as u64, Found::TooManyRows));
            break;
        }
        let Ok(record) = record else {
            faults.push(at(2 + number as u64, Found::NoCsv));
            break;
        };
        let line = record.position().map_or(0, |at| line_of(text.as_bytes(), at));
        if record.len() != head.len() {
            faults.push(at(line, Found::Ragged));
        } else if record.iter().any(|cell| !cell.is_empty()) {
            rows.push(row(line, &record, &places));
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// The line where a record's text begins: its position may still be before the ends of earlier lines.
fn line_of(text: &[u8], at: &csv::Position) -> u64 {
    let rest = usize::try_from(at.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    at.line() + ends.filter(|byte| **byte == b'\n').count() as u64
}

/// A cell as a spreadsheet takes for text, whatever it begins with.
#[must_use]
pub(crate) fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("{GUARD}{cell}")) } else { Cow::Borrowed(cell) }
}

fn unguarded(cell: &str) -> &str {
    cell.strip_prefix(GUARD).filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Also what was guarded already, so that reading gives back what was written.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(GUARD).starts_with(FORMULA)
}

/// The text of a list, without the mark at its beginning; none if it is neither UTF-8 nor Shift_JIS.
#[must_use]
pub fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)
}

/// Which of the known columns each cell of a row belongs to.
fn places(head: &ByteRecord) -> Result<Vec<usize>, Vec<SheetFault>> {
    let at = |column, found| SheetFault { line: 1, column, found };
    let (mut places, mut faults) = (Vec::new(), Vec::new());
    for cell in head {
        let name = String::from_utf8_lossy(cell).trim().to_ascii_lowercase();
        match COLUMNS.iter().position(|known| *known == name) {
            Some(place) if places.contains(&place) => faults.push(at(None, Found::ColumnTwice(name))),
            Some(place) => places.push(place),
            None => faults.push(at(None, Found::UnknownColumn(name.chars().take(40).collect()))),
        }
    }
    for needed in NEEDED {
        if !places.iter().any(|place| COLUMNS[*place] == needed) {
            faults.push(at(Some(needed), Found::MissingColumn));
        }
    }
    if faults.is_empty() { Ok(places) } else { Err(faults) }
}

fn row(line: u64, record: &ByteRecord, places: &[usize]) -> SheetRow {
    let mut row = SheetRow { line, ..SheetRow::default() };
    for (cell, place) in record.iter().zip(places) {
        let cell = String::from_utf8_lossy(cell);
        unguarded(cell.trim()).trim().clone_into(&mut row.cells[*place]);
    }
    row
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn logins(bytes: &[u8]) -> Vec<String> {
        read(bytes).unwrap().iter().map(|row| row.cell("login").to_owned()).collect()
    }

    fn faults(text: &str) -> Vec<(u64, &'static str)> {
        read(text.as_bytes()).unwrap_err().iter().map(|fault| (fault.line, fault.found.code())).collect()
    }

    #[test]
    fn a_list_reads_alike_in_utf_8_with_a_mark_without_and_in_shift_jis() {
        let text = "login,name,role\r\nkakuu.kango,架空 看護,nurse\r\n";
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let (shift_jis, ..) = SHIFT_JIS.encode(text);
        for bytes in [text.as_bytes(), &marked, &shift_jis] {
            let rows = read(bytes).unwrap();
            assert_eq!(rows[0].cell("name"), "架空 看護");
            assert_eq!((rows.len(), rows[0].line), (1, 2));
        }
        assert_eq!(read(b"login,name,role\n\xff\xfe\xfd,x,y\n").unwrap_err()[0].found, Found::Encoding);
    }

    #[test]
    fn columns_come_in_any_order_and_empty_lines_are_passed_over() {
        assert_eq!(logins(b"name,Role, login \nx,nurse,a\n,,\n\ny,nurse,b\n"), ["a", "b"]);
    }

    #[test]
    fn what_is_no_such_table_is_refused_at_its_line() {
        assert_eq!(faults(""), [(1, "empty")]);
        assert_eq!(faults("login,name,role,salary\n"), [(1, "unknown-column")]);
        assert_eq!(faults("login,name,role,name\n"), [(1, "column-twice")]);
        assert_eq!(faults("login,name\n"), [(1, "missing-column")]);
        assert_eq!(faults("login,name,role\na,b\n\"c\nd\",e,f,g\n"), [(2, "ragged"), (3, "ragged")]);
        let many = "a,b,c\n".repeat(MOST_ROWS + 1);
        assert_eq!(faults(&format!("login,name,role\n{many}")), [(MOST_ROWS as u64 + 2, "too-many-rows")]);
    }

    #[test]
    fn no_cell_is_a_formula_to_a_spreadsheet() {
        for cell in ["=1+1", "+81", "-1", "@x", "＝1", "\tx", "'=x"] {
            assert!(guarded(cell).starts_with('\''), "{cell}");
        }
        assert_eq!(guarded("架空 'x"), "架空 'x");
    }

    proptest! {
        #[test]
        fn what_was_guarded_reads_back(cell in "['=+@ー－a-c -]{0,8}") {
            let written = guarded(&cell);
            prop_assert_eq!(unguarded(&written), cell.as_str());
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }
    }
}
