//! Sheets as their makers give them out: CSV or TSV in UTF-8 or Shift_JIS, with or without a line of names.

use std::borrow::Cow;

use super::Unusable;

/// The lines of a sheet, all cells without the space around them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The names of the columns; empty if the first line is data already.
    pub names: Vec<String>,
    /// The number of each line in the file, from 1, and its cells.
    pub lines: Vec<(u64, Vec<String>)>,
}

impl Sheet {
    /// Reads a sheet. Cells are separated by tabs if the first line holds more of them than commas.
    ///
    /// # Errors
    /// [`Unusable::Encoding`].
    pub fn read(bytes: &[u8], has_no_names: bool) -> Result<Self, Unusable> {
        let text = decoded(bytes)?;
        let first = text.lines().next().unwrap_or_default();
        let count = |sign| first.chars().filter(|one| *one == sign).count();
        let delimiter = if count('\t') > count(',') { b'\t' } else { b',' };
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(delimiter);
        let mut reader = builder.from_reader(text.as_bytes());
        let cells = |record: csv::StringRecord| {
            let line = record.position().map_or(0, csv::Position::line);
            (line, record.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
        };
        let mut lines = reader.records().map_while(Result::ok).map(cells);
        let names = if has_no_names { None } else { lines.next() };
        Ok(Self { names: names.map(|(_, names)| names).unwrap_or_default(), lines: lines.collect() })
    }

    /// The place of a column that is told by its name, or by its number, the first being 1.
    #[must_use]
    pub fn column(&self, told: &str) -> Option<usize> {
        let named = self.names.iter().position(|name| name == told);
        named.or_else(|| told.parse::<usize>().ok()?.checked_sub(1))
    }
}

/// `20250401`, `2025/4/1` or `2025-04-01` as `2025-04-01`; zeros and nines mean no bound.
#[must_use]
pub fn day(written: &str) -> Option<String> {
    let parts: Vec<&str> = match written.len() {
        8 if written.bytes().all(|b| b.is_ascii_digit()) => {
            vec![&written[..4], &written[4..6], &written[6..]]
        }
        _ => written.split(['/', '-', '.']).collect(),
    };
    let numbers: Vec<u32> = parts.iter().map_while(|part| part.parse().ok()).collect();
    match numbers.as_slice() {
        [year @ 1..=9998, month @ 1..=12, day @ 1..=31] => Some(format!("{year:04}-{month:02}-{day:02}")),
        _ => None,
    }
}

/// UTF-8, or else Shift_JIS with the characters that Windows adds to it.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Unusable> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let (text, _, has_errors) = encoding_rs::SHIFT_JIS.decode(bytes);
    if has_errors { Err(Unusable::Encoding) } else { Ok(text) }
}
