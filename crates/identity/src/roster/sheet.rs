//! The columns of a list, and what is wrong with one as a table.

use paper::{CsvRow, csv_rows, decoded};

/// The columns of a list, as they are written. Only `login` and `name` and `role` must be there.
pub const COLUMNS: [&str; 11] =
    ["login", "name", "role", "institution", "state", "ends", "checked", "level", "by", "made", "used"];
/// No list has more rows.
pub const MOST_ROWS: usize = 2000;
/// No list is larger.
pub const LARGEST_BYTES: usize = 1 << 20;

const NEEDED: [&str; 3] = ["login", "name", "role"];

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
    /// None of the encodings spreadsheets write.
    Encoding,
    /// Nothing is there.
    Empty,
    /// More than [`MOST_ROWS`].
    TooManyRows,
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
    let mut rows_of_text = csv_rows(&text);
    let head = rows_of_text.next().ok_or_else(|| vec![at(1, Found::Empty)])?;
    let places = places(&head)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (number, found) in rows_of_text.enumerate() {
        if number == MOST_ROWS {
            faults.push(at(2 + number as u64, Found::TooManyRows));
            break;
        }
        if found.cells.len() != head.cells.len() {
            faults.push(at(found.line, Found::Ragged));
        } else if found.cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(row(found, &places));
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// Which of the known columns each cell of a row belongs to.
fn places(head: &CsvRow) -> Result<Vec<usize>, Vec<SheetFault>> {
    let at = |column, found| SheetFault { line: 1, column, found };
    let (mut places, mut faults) = (Vec::new(), Vec::new());
    for cell in &head.cells {
        let name = cell.to_ascii_lowercase();
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

fn row(found: CsvRow, places: &[usize]) -> SheetRow {
    let mut row = SheetRow { line: found.line, ..SheetRow::default() };
    for (cell, place) in found.cells.into_iter().zip(places) {
        row.cells[*place] = cell;
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
    fn a_list_reads_alike_with_a_mark_and_without() {
        let text = "login,name,role\r\nkakuu.kango,架空 看護,nurse\r\n";
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &marked] {
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

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }
    }
}
