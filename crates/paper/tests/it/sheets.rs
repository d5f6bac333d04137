//! What people send, and what is odd in it.

use std::io::{Cursor, Write};

use jiff::civil::date;
use paper::{Cell, Limits, Unread, column_name, day, read_sheets, sheet_named};
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
</Types>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="台帳" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const LINKS: &str = r#"<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
</Relationships>"#;

const ROOT_LINKS: &str = r#"<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"#;

/// A workbook of one sheet with these rows, and what else is in the file.
fn workbook(rows: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{rows}</worksheet>"#
    );
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", ROOT_LINKS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", LINKS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    parts.extend(more);
    packed(&parts)
}

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn unread(bytes: &[u8]) -> Unread {
    read_sheets(bytes, &Limits::default()).unwrap_err()
}

fn row(number: usize, cell: &str, text: &str) -> String {
    format!(r#"<row r="{number}"><c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c></row>"#)
}

#[test]
fn each_cell_of_a_merged_area_holds_what_the_area_holds() {
    let rows = format!(
        r#"<sheetData>{}{}</sheetData><mergeCells count="1"><mergeCell ref="A1:A1048576"/></mergeCells>"#,
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>体制</t></is></c><c r="B1"><v>1</v></c></row>"#,
        r#"<row r="2"><c r="B2"><v>2</v></c></row>"#
    );
    let sheets = read_sheets(&workbook(&rows, &[]), &Limits::default()).unwrap();
    let sheet = sheet_named(&sheets, "台帳").unwrap();
    let texts: Vec<String> = sheet.rows.iter().map(|row| row.cell(0).text()).collect();
    assert_eq!(texts, ["体制", "体制"]);
    assert_eq!(sheet.rows[1].cell(1), &Cell::Number(2.0));
}

#[test]
fn a_missing_sheet_is_said_with_those_that_are_there() {
    let sheets = read_sheets(&workbook("<sheetData/>", &[]), &Limits::default()).unwrap();
    let wanted = Unread::NoSheet { wanted: "機器".to_owned(), there: vec!["台帳".to_owned()] };
    assert_eq!(sheet_named(&sheets, "機器").unwrap_err(), wanted);
}

#[test]
fn a_workbook_with_macros_is_not_read() {
    let with = workbook("<sheetData/>", &[("xl/vbaProject.bin", b"x")]);
    assert_eq!(unread(&with), Unread::Macros("xl/vbaProject.bin".to_owned()));
    let types = TYPES.replace("spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main");
    let named = workbook("<sheetData/>", &[("[Content_Types].xml", types.as_bytes())]);
    assert_eq!(unread(&named), Unread::Macros("[Content_Types].xml".to_owned()));
}

#[test]
fn what_is_no_workbook_is_said_by_what_it_is() {
    assert_eq!(unread(b""), Unread::Empty);
    assert_eq!(unread(b"\xef\xbb\xbf\r\n"), Unread::Empty);
    assert_eq!(unread(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), Unread::OldOrLocked);
    assert_eq!(unread(b"PK\x03\x04 and so on"), Unread::NoWorkbook);
    assert_eq!(unread(&packed(&[("word/document.xml", b"<x/>")])), Unread::NoWorkbook);
    assert_eq!(unread(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Unread::Encoding);
    let broken = workbook("", &[("xl/workbook.xml", b"<workbook><sheets><sheet")]);
    assert!(matches!(unread(&broken), Unread::Damaged(_) | Unread::Empty), "{:?}", unread(&broken));
}

#[test]
fn a_hundred_thousand_rows_are_answered_with_the_limit() {
    let many: String = (1..=100_000).map(|number| row(number, &format!("A{number}"), "x")).collect();
    let limit = Limits::default().rows;
    let found = unread(&workbook(&format!("<sheetData>{many}</sheetData>"), &[]));
    assert_eq!(found, Unread::TooManyRows { sheet: "台帳".to_owned(), limit });
    let list = "a,b\r\n".repeat(100_000);
    assert_eq!(unread(list.as_bytes()), Unread::TooManyRows { sheet: String::new(), limit });
}

#[test]
fn one_cell_far_away_takes_no_room() {
    let far = format!("<sheetData>{}</sheetData>", row(1_048_576, "XFD1048576", "x"));
    assert!(matches!(unread(&workbook(&far, &[])), Unread::TooManyRows { .. }));
    let right = format!("<sheetData>{}</sheetData>", row(1, "XFD1", "x"));
    assert!(matches!(unread(&workbook(&right, &[])), Unread::TooManyColumns { .. }));
}

#[test]
fn a_bomb_is_unpacked_to_the_limit_and_no_further() {
    let zeros = vec![0; 200 << 20];
    let limits = Limits::default();
    let bomb = workbook("<sheetData/>", &[("xl/media/image1.png", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(unread(&bomb), Unread::TooLargeUnpacked(limits.unpacked));
}

#[test]
fn one_long_text_that_many_cells_share_is_bounded() {
    let text = "長".repeat(10_000);
    let strings = format!(
        r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>"#
    );
    let links = LINKS.replace(
        "</Relationships>",
        r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        Target="sharedStrings.xml"/></Relationships>"#,
    );
    let rows: String = (1..=19_000)
        .map(|number| format!(r#"<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>"#))
        .collect();
    let parts: [(&str, &[u8]); 2] =
        [("xl/sharedStrings.xml", strings.as_bytes()), ("xl/_rels/workbook.xml.rels", links.as_bytes())];
    let bytes = workbook(&format!("<sheetData>{rows}</sheetData>"), &parts);
    assert_eq!(unread(&bytes), Unread::TooLargeUnpacked(Limits::default().unpacked));
}

#[test]
fn csv_is_read_with_its_lines_in_the_encodings_of_excel() {
    let shift_jis = b"\x8b\x40\x8a\xed,\x8d\xc5\x8f\x49\r\n\r\nVPN,2026/3/1\r\n";
    let sheets = read_sheets(shift_jis, &Limits::default()).unwrap();
    assert_eq!(sheets[0].rows[0].cell(0).text(), "機器");
    assert_eq!((sheets[0].rows[1].line, sheets[0].rows[1].cell(1).day()), (3, Some(date(2026, 3, 1))));
}

#[test]
fn days_are_read_as_people_write_them_and_impossible_ones_are_none() {
    for text in ["2026-11-21", "2026/11/21", "2026年11月21日", "令和8年11月21日", "R8.11.21", " 2026/11/21 "]
    {
        assert_eq!(day(text), Some(date(2026, 11, 21)), "{text}");
    }
    assert_eq!(day("令和元年5月1日"), Some(date(2019, 5, 1)));
    for text in ["", "2026-02-30", "2026-11", "2026-11-21-1", "きのう", "令和99999年1月1日"] {
        assert_eq!(day(text), None, "{text}");
    }
    assert_eq!(day("2999-01-01"), Some(date(2999, 1, 1)));
}

#[test]
fn columns_are_called_as_spreadsheets_call_them() {
    assert_eq!([0, 25, 26, 701, 702].map(column_name), ["A", "Z", "AA", "ZZ", "AAA"]);
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..900) {
        drop(read_sheets(&bytes, &Limits::default()));
        let mut broken = workbook(&format!("<sheetData>{}</sheetData>", row(1, "A1", "x")), &[]);
        let at = at.min(broken.len());
        broken.splice(at..at, bytes.iter().copied().take(4));
        drop(read_sheets(&broken, &Limits::default()));
    }
}
