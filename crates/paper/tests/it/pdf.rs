//! A document, opened by Poppler.

use jiff::civil::date;
use paper::{Block, Column, Document, Picture, Section, Side, Table, pdf};

use crate::programs::{is_here, said};

fn document(rows: usize) -> Document {
    let row = |number: usize| {
        vec![
            format!("1-({number})"),
            "医療情報システム安全管理責任者を設置しており、VPN装置のファームウェアを最新にしている。"
                .to_owned(),
            "いいえ（2027-01-31）".to_owned(),
        ]
    };
    let table = Table {
        columns: vec![Column::new("番号", 1), Column::new("確認すること", 6), Column::new("回答", 2)],
        rows: (1..=rows).map(row).collect(),
    };
    let picture = Picture {
        svg: r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60"><rect width="200" height="60"
            fill="#eee"/><text x="20" y="35" font-family="sans-serif">外部接続</text></svg>"##
            .to_owned(),
        description: "境界の図".to_owned(),
        caption: Some("図１　境界".to_owned()),
    };
    Document {
        language: "ja",
        title: "サイバーセキュリティ対策チェックリスト".to_owned(),
        subtitle: Some("令和７年度版".to_owned()),
        lines: vec!["架空中央病院".to_owned(), "2026年11月21日".to_owned()],
        date: date(2026, 11, 21),
        footer: "架空中央病院".to_owned(),
        side: Side::Portrait,
        sections: vec![
            Section {
                heading: Some("① 体制構築".to_owned()),
                begins_page: false,
                blocks: vec![
                    Block::Paragraph(
                        "*太字ではない* #panic(\"x\") $1$ \\ <script> @x 「括弧」、句読点。".to_owned(),
                    ),
                    Block::List(vec!["一つ".to_owned(), "二つ".to_owned()]),
                    Block::Numbered(vec!["最初".to_owned()]),
                    Block::Table(table),
                    Block::Picture(picture),
                    Block::Note("注".to_owned()),
                ],
            },
            Section { heading: None, begins_page: true, blocks: Vec::new() },
        ],
    }
}

#[test]
fn a_document_is_embedded_type_and_text_that_can_be_taken_out() {
    if !is_here("pdftotext") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pdf");
    std::fs::write(&path, pdf(&document(80)).unwrap()).unwrap();
    let path = path.to_str().unwrap();
    let text = said("pdftotext", &["-layout", path, "-"]);
    for wanted in [
        "サイバーセキュリティ対策チェックリスト",
        "令和７年度版",
        "*太字ではない* #panic(\"x\") $1$",
        "1-(80)",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let pages = text.matches("架空中央病院").count() - 1;
    assert!(pages > 2);
    assert!(text.contains(&format!("2/{pages}")), "{pages} pages: {text}");
    assert_eq!(text.matches("確認すること").count(), pages, "the head of the table stands on each page");
    let fonts = said("pdffonts", &[path]);
    assert!(fonts.lines().skip(2).count() > 0);
    for font in fonts.lines().skip(2) {
        assert!(
            font.contains("NotoSansCJKjp") && font.contains(" yes yes yes "),
            "embedded, in part: {fonts}"
        );
    }
    let facts = said("pdfinfo", &[path]);
    for wanted in ["A4", "Tagged:          yes", "JavaScript:      no", "Title:           サイバー"] {
        assert!(facts.contains(wanted), "{wanted}: {facts}");
    }
}

#[test]
fn the_same_document_is_the_same_bytes() {
    assert_eq!(pdf(&document(3)).unwrap(), pdf(&document(3)).unwrap());
}

#[test]
fn no_line_begins_with_a_closing_mark() {
    if !is_here("pdftotext") {
        return;
    }
    let mut document = document(1);
    let text = "医療情報を、安全に、渡す。「はい」、「いいえ」、（対象外）。".repeat(40);
    document.sections[0].blocks = vec![Block::Paragraph(text)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pdf");
    std::fs::write(&path, pdf(&document).unwrap()).unwrap();
    let text = said("pdftotext", &["-layout", path.to_str().unwrap(), "-"]);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(!line.starts_with(['、', '。', '」', '）']), "{line}");
        assert!(!line.ends_with(['「', '（']), "{line}");
    }
}

#[test]
fn a_picture_that_is_none_is_said() {
    let mut document = document(1);
    let picture = Picture { svg: "no".to_owned(), description: String::new(), caption: None };
    document.sections[0].blocks = vec![Block::Picture(picture)];
    assert!(pdf(&document).is_err());
}
