//! 医療機関確認用: the checklist as a workbook and as a document. Both show the same rows.

use guideline::{Proof, Standing};
use paper::{Block, Column, Document, Field, Leaf, Section, Side, Table, Value, Workbook};

use super::{Gathered, Line, day, minute};

/// The columns of the form, by the keys of their words, with their widths in half-width characters.
const COLUMNS: [(&str, u16); 7] = [
    ("number", 9),
    ("asked", 52),
    ("answer", 12),
    ("confirmed", 13),
    ("target", 13),
    ("basis", 14),
    ("remarks", 44),
];

/// One row of the form.
struct FormRow {
    number: String,
    asked: String,
    answer: String,
    confirmed: Option<jiff::civil::Date>,
    target: Option<jiff::civil::Date>,
    basis: String,
    remarks: String,
}

/// As Excel: the form, and what was left out of it on a leaf of its own.
pub(super) fn workbook(gathered: &Gathered) -> Workbook {
    let field = |(key, width): &(&str, u16)| Field::new(gathered.word(key), *width);
    let choices = ["yes", "no", "not-applicable", "unconfirmed"].map(|key| gathered.word(key));
    let mut fields: Vec<Field> = COLUMNS.iter().map(field).collect();
    fields[2].choices = choices.to_vec();
    let form = Leaf {
        name: gathered.word("form"),
        lines: head(gathered),
        fields,
        rows: gathered.printed().map(|line| values(row(gathered, line))).collect(),
    };
    let unverified = Leaf {
        name: gathered.word("left-out"),
        lines: vec![gathered.word("left-out"), gathered.word("left-out-about")],
        fields: [("number", 16), ("asked", 52), ("why", 70)].iter().map(field).collect(),
        rows: gathered.left_out().map(left_out).collect(),
    };
    let leaves = if unverified.rows.is_empty() { vec![form] } else { vec![form, unverified] };
    Workbook { title: gathered.edition.ja.clone(), date: gathered.day(), leaves }
}

/// On paper: the same rows.
pub(super) fn document(gathered: &Gathered) -> Document {
    let columns = COLUMNS.iter().map(|(key, width)| Column::new(gathered.word(key), *width)).collect();
    let rows = gathered.printed().map(|line| texts(row(gathered, line))).collect();
    let mut sections = vec![
        Section {
            heading: None,
            begins_page: false,
            blocks: vec![Block::Paragraph(gathered.word("no-judgement"))],
        },
        Section {
            heading: Some(gathered.word("form")),
            begins_page: false,
            blocks: vec![Block::Table(Table { columns, rows }), Block::Note(gathered.word("own-words"))],
        },
    ];
    let left_out: Vec<String> =
        gathered.left_out().map(|line| format!("{} {}", line.item.id, line.item.ja)).collect();
    if !left_out.is_empty() {
        sections.push(Section {
            heading: Some(gathered.word("left-out")),
            begins_page: false,
            blocks: vec![Block::Paragraph(gathered.word("left-out-about")), Block::List(left_out)],
        });
    }
    Document {
        language: "ja",
        title: gathered.edition.ja.clone(),
        subtitle: Some(gathered.edition.edition.clone()),
        lines: vec![
            format!("{}（{}）", gathered.name, gathered.institution),
            format!("{} {}", gathered.word("made"), minute(gathered.made_at)),
            format!("{} {}", gathered.word("made-by"), gathered.made_by),
        ],
        date: gathered.day(),
        footer: gathered.name.clone(),
        side: Side::Landscape,
        sections,
    }
}

fn head(gathered: &Gathered) -> Vec<String> {
    vec![
        gathered.edition.ja.clone(),
        format!("{}（{}）", gathered.name, gathered.institution),
        format!(
            "{} {}　{} {}",
            gathered.word("made"),
            minute(gathered.made_at),
            gathered.word("made-by"),
            gathered.made_by
        ),
        gathered.word("no-judgement"),
        gathered.word("own-words"),
    ]
}

fn row(gathered: &Gathered, line: &Line) -> FormRow {
    let answered = line.answer.as_ref();
    let said = answered.and_then(|answer| answer.reason.clone()).unwrap_or_default();
    let (confirmed, target, basis, remarks) = match &line.standing {
        Standing::Yes { by, since, .. } => (Some(day(*since)), None, gathered.word(basis(*by)), said),
        Standing::No { target, failing } => {
            let controls = failing.join("、");
            let remarks =
                [controls, said].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("。");
            (answered.map(|answer| day(answer.at)), *target, String::new(), remarks)
        }
        Standing::NotApplicable { reason } => {
            (answered.map(|answer| day(answer.at)), None, gathered.word(basis(Proof::Attest)), reason.clone())
        }
        Standing::Unconfirmed { why } => (None, None, String::new(), gathered.word(why.code())),
    };
    FormRow {
        number: number(&line.item.id),
        asked: line.item.ja.clone(),
        answer: gathered.word(line.standing.code()),
        confirmed,
        target,
        basis,
        remarks,
    }
}

fn values(row: FormRow) -> Vec<Value> {
    vec![
        row.number.as_str().into(),
        row.asked.as_str().into(),
        row.answer.as_str().into(),
        row.confirmed.into(),
        row.target.into(),
        row.basis.as_str().into(),
        row.remarks.as_str().into(),
    ]
}

fn texts(row: FormRow) -> Vec<String> {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    vec![row.number, row.asked, row.answer, day(row.confirmed), day(row.target), row.basis, row.remarks]
}

fn left_out(line: &Line) -> Vec<Value> {
    vec![line.item.id.as_str().into(), line.item.ja.as_str().into(), line.item.why.as_str().into()]
}

/// The key of the word for what an answer rests on.
fn basis(proof: Proof) -> &'static str {
    match proof {
        Proof::Auto => "by-auto",
        Proof::Assisted => "by-assisted",
        Proof::Document => "by-document",
        Proof::Attest => "by-attest",
    }
}

/// A number as the form prints it: the last two parts of the id, `chk.r7.h.2.10` → `2-(10)`.
fn number(id: &str) -> String {
    let mut parts = id.rsplit('.');
    match (parts.next(), parts.next()) {
        (Some(last), Some(group)) => format!("{group}-({last})"),
        _ => id.to_owned(),
    }
}
