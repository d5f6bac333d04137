//! From a file to rows, or to every line that cannot be right.

use std::collections::HashMap;

use jiff::civil::Date;
use profile::{Sheet, Unusable, day};
use store::MasterRow;

use super::{MasterFile, MasterKind, NotImported};

/// A line that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its number in the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub kind: BadRowKind,
    /// The cell.
    pub cell: String,
}

/// What can be wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRowKind {
    /// It has no code.
    NoCode,
    /// It has no name.
    NoName,
    /// It has more cells than there are headings.
    TooManyCells,
    /// This is no day.
    BadDay,
    /// Its last day is before its first.
    EndsBeforeItBegins,
    /// The same code stands twice for the same days.
    Twice,
    /// This is no number of an institution.
    BadNumber,
    /// This is no kind of institution.
    UnknownKind,
}

impl BadRowKind {
    /// Every kind, for tests.
    pub const ALL: [Self; 8] = [
        Self::NoCode,
        Self::NoName,
        Self::TooManyCells,
        Self::BadDay,
        Self::EndsBeforeItBegins,
        Self::Twice,
        Self::BadNumber,
        Self::UnknownKind,
    ];

    /// The code that names its words.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCode => "no-code",
            Self::NoName => "no-name",
            Self::TooManyCells => "too-many-cells",
            Self::BadDay => "bad-day",
            Self::EndsBeforeItBegins => "ends-before-it-begins",
            Self::Twice => "twice",
            Self::BadNumber => "bad-number",
            Self::UnknownKind => "unknown-kind",
        }
    }
}

/// A file whose lines are all right.
pub(super) struct Read {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<MasterRow>,
    /// The line of each row.
    pub(super) lines: Vec<u64>,
}

/// Where the columns that count stand.
struct Places {
    code: usize,
    display: usize,
    from: Option<usize>,
    to: Option<usize>,
}

/// Reads the file of a master.
pub(super) fn read(kind: &MasterKind, file: &MasterFile) -> Result<Read, NotImported> {
    let sheet = Sheet::read(&file.bytes, false).map_err(NotImported::Unusable)?;
    let places = Places::of(kind, file, &sheet)?;
    let mut read = Read { columns: sheet.names, rows: Vec::new(), lines: Vec::new() };
    let mut bad = Vec::new();
    for (line, cells) in sheet.lines {
        if cells.iter().all(String::is_empty) {
            continue;
        }
        match places.row(cells, read.columns.len()) {
            Ok(row) => {
                read.rows.push(row);
                read.lines.push(line);
            }
            Err((kind, cell)) => bad.push(BadRow { line, kind, cell }),
        }
    }
    bad.extend(twice(&read));
    bad.sort_by_key(|row| row.line);
    match (bad.is_empty(), read.rows.is_empty()) {
        (false, _) => Err(NotImported::Rows(bad)),
        (true, true) => Err(NotImported::Unusable(Unusable::Empty)),
        (true, false) => Ok(read),
    }
}

impl Places {
    fn of(kind: &MasterKind, file: &MasterFile, sheet: &Sheet) -> Result<Self, NotImported> {
        let place = |told: &Option<String>, known: &[String]| match told {
            Some(told) => sheet.column(told).filter(|place| *place < sheet.names.len()),
            None => known.iter().find_map(|name| sheet.names.iter().position(|one| one == name)),
        };
        let required = |told: &Option<String>, known: &[String]| {
            let names = || told.clone().map_or_else(|| known.to_vec(), |told| vec![told]);
            place(told, known).ok_or_else(|| NotImported::NoColumn(names()))
        };
        let headings = &file.headings;
        let optional = |told: &Option<String>, known: &[String]| match told {
            Some(_) => required(told, known).map(Some),
            None => Ok(place(told, known)),
        };
        Ok(Self {
            code: required(&headings.code, &kind.code)?,
            display: required(&headings.display, &kind.display)?,
            from: optional(&headings.from, &kind.from)?,
            to: optional(&headings.to, &kind.to)?,
        })
    }

    fn row(&self, mut cells: Vec<String>, columns: usize) -> Result<MasterRow, (BadRowKind, String)> {
        if cells.len() > columns {
            return Err((BadRowKind::TooManyCells, cells.swap_remove(columns)));
        }
        cells.resize(columns, String::new());
        let cell =
            |place: Option<usize>| place.and_then(|place| cells.get(place)).cloned().unwrap_or_default();
        let (code, display) = (cell(Some(self.code)), cell(Some(self.display)));
        if code.is_empty() {
            return Err((BadRowKind::NoCode, String::new()));
        }
        if display.is_empty() {
            return Err((BadRowKind::NoName, code));
        }
        let (valid_from, valid_to) = (bound(&cell(self.from))?, bound(&cell(self.to))?);
        if let (Some(from), Some(to)) = (valid_from, valid_to)
            && to < from
        {
            return Err((BadRowKind::EndsBeforeItBegins, format!("{from} – {to}")));
        }
        Ok(MasterRow { code, display, valid_from, valid_to, cells })
    }
}

/// A day; none where nothing, zeros or nines are written, which mean no bound.
pub(super) fn bound(written: &str) -> Result<Option<Date>, (BadRowKind, String)> {
    let means_none = |one: char| matches!(one, '0' | '9' | '-' | '/' | '.');
    if written.is_empty() || (written.chars().all(means_none) && day(written).is_none()) {
        return Ok(None);
    }
    let read = day(written).and_then(|text| text.parse().ok());
    read.map(Some).ok_or_else(|| (BadRowKind::BadDay, written.to_owned()))
}

/// Lines that say of a code what an earlier line says of it for some of the same days.
fn twice(read: &Read) -> Vec<BadRow> {
    let mut seen: HashMap<&str, Vec<&MasterRow>> = HashMap::new();
    let mut bad = Vec::new();
    for (row, line) in read.rows.iter().zip(&read.lines) {
        let before = seen.entry(&row.code).or_default();
        if before.iter().any(|other| overlap(row, other)) {
            bad.push(BadRow { line: *line, kind: BadRowKind::Twice, cell: row.code.clone() });
        }
        before.push(row);
    }
    bad
}

fn overlap(one: &MasterRow, other: &MasterRow) -> bool {
    let begins_by = |from: Option<Date>, to: Option<Date>| match (from, to) {
        (Some(from), Some(to)) => from <= to,
        _ => true,
    };
    begins_by(one.valid_from, other.valid_to) && begins_by(other.valid_from, one.valid_to)
}
