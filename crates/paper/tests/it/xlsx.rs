//! A workbook, opened by a spreadsheet program.

use jiff::civil::date;
use paper::{Cell, Field, Leaf, Limits, Value, Workbook, read_sheets, xlsx};
use proptest::prelude::*;

use crate::programs::{is_here, said};

fn workbook(rows: Vec<Vec<Value>>) -> Workbook {
    let choices = ["はい", "いいえ", "対象外"].map(str::to_owned);
    let leaf = Leaf {
        name: "医療機関確認用/令和7年度".to_owned(),
        lines: vec!["チェックリスト".to_owned(), "架空中央病院".to_owned()],
        fields: vec![
            Field::new("番号", 8),
            Field::new("回答", 12).choices(choices),
            Field::new("目標日", 12),
        ],
        rows,
    };
    Workbook {
        title: "チェックリスト".to_owned(),
        date: date(2026, 11, 21),
        leaves: vec![leaf.clone(), leaf],
    }
}

fn rows() -> Vec<Vec<Value>> {
    vec![
        vec!["1-(1)".into(), "はい".into(), Value::Empty],
        vec![Value::Number(2.5), "=1+1".into(), Value::Date(date(2027, 1, 31))],
        vec![
            Value::Link { address: "https://hub.example.jp/x".to_owned(), text: "証跡".to_owned() },
            Value::Link { address: "file:///etc/passwd".to_owned(), text: "隠れた".to_owned() },
            "折り\n返す".into(),
        ],
    ]
}

#[test]
fn a_workbook_opens_in_a_spreadsheet_program_and_holds_no_formula() {
    if !is_here("ssconvert") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (path, list) = (folder.path().join("x.xlsx"), folder.path().join("x.csv"));
    std::fs::write(&path, xlsx(&workbook(rows())).unwrap()).unwrap();
    said(
        "ssconvert",
        &["--export-type=Gnumeric_stf:stf_csv", path.to_str().unwrap(), list.to_str().unwrap()],
    );
    let text = std::fs::read_to_string(list).unwrap();
    for wanted in ["チェックリスト", "1-(1),はい", "2.5,=1+1,2027/01/31", "証跡", "隠れた file:///etc/passwd"]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn what_was_written_is_read_back_with_its_places() {
    let sheets = read_sheets(&xlsx(&workbook(rows())).unwrap(), &Limits::default()).unwrap();
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["医療機関確認用_令和7年度", "医療機関確認用_令和7年度 (2)"]);
    let row = sheets[0].rows.iter().find(|row| row.line == 5).unwrap();
    assert_eq!(row.cells, [Cell::Number(2.5), Cell::Text("=1+1".to_owned()), Cell::Date(date(2027, 1, 31))]);
    assert_eq!(sheets[0].rows[2].cell(1).text(), "回答");
}

#[test]
fn the_same_workbook_is_the_same_bytes() {
    assert_eq!(xlsx(&workbook(rows())).unwrap(), xlsx(&workbook(rows())).unwrap());
}

#[test]
fn what_excel_has_no_room_for_is_cut_or_written_as_text() {
    let long = "長".repeat(40_000);
    let odd = vec![vec![Value::Number(f64::NAN), long.as_str().into(), Value::Date(date(1868, 10, 23))]];
    let mut workbook = workbook(odd);
    workbook.leaves[0].name = "'".repeat(50);
    let sheets = read_sheets(&xlsx(&workbook).unwrap(), &Limits::default()).unwrap();
    let row = &sheets[0].rows[3];
    assert_eq!(row.cell(0).text(), "NaN");
    assert_eq!(row.cell(1).text().chars().count(), 32_767);
    assert_eq!(row.cell(2).text(), "1868-10-23");
}

proptest! {
    #[test]
    fn texts_come_back_as_they_were(text in "[=+@'a-cあ髙①\\-\"<&_x0041 ]{0,12}") {
        let sheets = read_sheets(&xlsx(&workbook(vec![vec![text.as_str().into(), "x".into()]])).unwrap(),
            &Limits::default()).unwrap();
        prop_assert_eq!(sheets[0].rows[3].cell(0).text(), text.trim());
    }

    #[test]
    fn days_come_back_as_they_were(days in 0_i32..90_000) {
        let day = date(1900, 3, 1) + jiff::Span::new().days(days);
        let sheets = read_sheets(&xlsx(&workbook(vec![vec![Value::Date(day)]])).unwrap(), &Limits::default()).unwrap();
        prop_assert_eq!(sheets[0].rows[3].cell(0).day(), Some(day));
    }
}
