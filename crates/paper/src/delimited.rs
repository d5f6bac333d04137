//! CSV as spreadsheets in Japan write and open it.
//!
//! Written: UTF-8 with its mark, CRLF, and an apostrophe before what a spreadsheet would take for a formula. Read:
//! UTF-8 with or without a mark, UTF-16 with one, Shift_JIS; the apostrophe goes again.

use std::borrow::Cow;

use csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

/// One row, each cell without the space around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvRow {
    /// The line it begins at, from one.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
}

/// The mark by which a spreadsheet knows UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// A cell that begins with one of these is a formula to a spreadsheet, in either width (OWASP, "CSV Injection").
const FORMULA: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];
const GUARD: char = '\'';

/// The text of a file, without the mark at its beginning; none if it is none of the encodings spreadsheets write.
#[must_use]
pub fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes).filter(|(encoding, _)| *encoding != UTF_8) {
        return encoding.decode_without_bom_handling_and_without_replacement(&bytes[length..]);
    }
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes),
    }
}

/// The rows of a text, one after the other, however many cells each has. Empty lines are passed over.
pub fn csv_rows(text: &str) -> impl Iterator<Item = CsvRow> {
    let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.into_records().map(move |record| {
        let record = record.expect("a text in memory splits into texts, and rows may have any length");
        let line = record.position().map_or(0, |at| line_of(text.as_bytes(), at));
        let cells = record.iter().map(|cell| unguarded(cell.trim()).trim().to_owned()).collect();
        CsvRow { line, cells }
    })
}

/// Rows as a file that Excel opens with a double click.
#[must_use]
pub fn csv<R, C>(rows: R) -> Vec<u8>
where
    R: IntoIterator,
    R::Item: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Necessary)
        .flexible(true)
        .from_writer(MARK.to_vec());
    for row in rows {
        let record: StringRecord = row.into_iter().map(|cell| guarded(cell.as_ref()).into_owned()).collect();
        writer.write_record(&record).expect("memory takes rows of any length");
    }
    writer.into_inner().expect("memory takes everything")
}

/// The line where a record's text begins: its position may still be before the ends of earlier lines.
fn line_of(text: &[u8], at: &csv::Position) -> u64 {
    let rest = usize::try_from(at.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    at.line() + ends.filter(|byte| **byte == b'\n').count() as u64
}

/// A cell as a spreadsheet takes for text, whatever it begins with.
fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("{GUARD}{cell}")) } else { Cow::Borrowed(cell) }
}

fn unguarded(cell: &str) -> &str {
    cell.strip_prefix(GUARD).filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Also what was guarded already, so that reading gives back what was written.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(GUARD).starts_with(FORMULA)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first_cells(text: &str) -> Vec<(u64, String)> {
        csv_rows(text).map(|row| (row.line, row.cells[0].clone())).collect()
    }

    #[test]
    fn a_table_reads_alike_in_all_that_spreadsheets_write() {
        let text = "台帳,架空 看護\r\n";
        let marked = [MARK, text.as_bytes()].concat();
        let (shift_jis, ..) = SHIFT_JIS.encode(text);
        let little: Vec<u8> =
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for bytes in [text.as_bytes(), &marked, &shift_jis, &little, &big] {
            assert_eq!(decoded(bytes).unwrap(), text);
        }
        assert_eq!(decoded(b"a,b\n\xff\xfe\xfd,x\n"), None);
    }

    #[test]
    fn a_row_knows_the_line_it_begins_at() {
        assert_eq!(
            first_cells("a\n\n\"b\nc\"\r\n\r\nd"),
            [(1, "a".to_owned()), (3, "b\nc".to_owned()), (6, "d".to_owned())]
        );
    }

    #[test]
    fn no_cell_is_a_formula_to_a_spreadsheet() {
        for cell in ["=1+1", "+81", "-1", "@x", "＝1", "\tx", "'=x"] {
            assert!(guarded(cell).starts_with('\''), "{cell}");
        }
        assert_eq!(guarded("架空 'x"), "架空 'x");
    }

    #[test]
    fn what_is_written_begins_with_the_mark_and_ends_lines_as_windows_does() {
        assert_eq!(csv([["品名", "=1"], ["a,b", "c"]]), "\u{feff}品名,'=1\r\n\"a,b\",c\r\n".as_bytes());
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(rows in proptest::collection::vec(
            proptest::collection::vec("['=@ー－a-c,\"あ薔-]{1,8}", 1..5), 1..5)) {
            let written = csv(&rows);
            let read: Vec<Vec<String>> = csv_rows(&decoded(&written).unwrap()).map(|row| row.cells).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            _ = decoded(&bytes).map(|text| csv_rows(&text).count());
        }
    }
}
