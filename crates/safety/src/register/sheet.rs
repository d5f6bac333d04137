//! Registers as spreadsheets: out with every row, and back in after a look at what that would do. All rows or none.

use std::collections::{BTreeMap, HashMap};

use access::{Act, Viewer};
use paper::Row;
use store::{RegisterRow, Store, folded};

use super::acts::{NotKept, changed, new_row, write};
use super::cells::{Cells, Wrong};
use super::definition::{Definition, Field, FieldType};

/// The column that says which row a line is; empty for a new one.
pub const ID_COLUMN: &str = "id";
/// The column that says which version of it the line was written from.
pub const VERSION_COLUMN: &str = "row-version";
/// The column that says in which state the row is; it is never read.
pub const STATE_COLUMN: &str = "state";

/// What is wrong in a sheet, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// The line, from one.
    pub line: u64,
    /// The column by the code of its field, or by what stands above it; empty where the line itself is at fault.
    pub column: String,
    /// What it is.
    pub found: SheetWrong,
}

/// What is wrong in a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetWrong {
    /// No line with headings, or no line below it.
    Empty,
    /// A column that the register does not have.
    UnknownColumn,
    /// A column that comes twice.
    ColumnTwice,
    /// A column that must be there.
    MissingColumn,
    /// A cell that cannot stand as it is.
    Cell(Wrong),
    /// The row is not in this register.
    Gone,
    /// The row stands in this earlier line as well.
    Twice(u64),
    /// Somebody changed the row after it was written out.
    Outdated,
    /// In its state the row cannot be changed.
    Closed,
}

impl SheetWrong {
    /// The code of its words.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownColumn => "unknown-column",
            Self::ColumnTwice => "column-twice",
            Self::MissingColumn => "missing-column",
            Self::Cell(wrong) => wrong.code(),
            Self::Gone => "gone",
            Self::Twice(_) => "twice",
            Self::Outdated => "outdated",
            Self::Closed => "closed",
        }
    }
}

/// What stands in words for a code: `field` and its code, or `choice` and its code, in every language.
pub type Names<'n> = &'n dyn Fn(&str, &str) -> Vec<String>;

/// What a sheet would do: the rows as they would stand, each with the line it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetPlan {
    /// Rows that are new or other than they stand.
    pub rows: Vec<(u64, RegisterRow)>,
    /// How many lines change nothing.
    pub unchanged: usize,
}

/// For whom a sheet is read, and beside what.
pub struct Beside<'b> {
    /// Whose register.
    pub institution: &'b str,
    /// Who brings the sheet.
    pub by: &'b Viewer,
    /// The rows that stand, by id.
    pub standing: &'b HashMap<String, RegisterRow>,
    /// Whether a register has a row of this name that a field may refer to.
    pub known: &'b dyn Fn(&str, &str) -> bool,
    /// When.
    pub act: &'b Act,
}

/// Every row of a register as lines of a sheet, below a line of headings, as [`plan`] reads it back. `word` says what
/// stands in words for a code, as [`Names`] does, in one language.
pub fn lines(
    definition: &Definition,
    rows: &[RegisterRow],
    word: &dyn Fn(&str, &str) -> String,
) -> Vec<Vec<String>> {
    let ours = [ID_COLUMN, VERSION_COLUMN, STATE_COLUMN].map(str::to_owned);
    let headings = ours.into_iter().chain(definition.fields.iter().map(|field| word("field", &field.code)));
    let line = |row: &RegisterRow| {
        let cells = Cells::parse(&row.cells);
        let own = [row.id.clone(), row.version.to_string(), word("state", &row.state)];
        let texts = definition.fields.iter().map(|field| match (field.kind, cells.text(&field.code)) {
            (FieldType::Choice | FieldType::YesNo, code) if !code.is_empty() => word("choice", code),
            (_, text) => text.to_owned(),
        });
        own.into_iter().chain(texts).collect()
    };
    [headings.collect()].into_iter().chain(rows.iter().map(line)).collect()
}

/// What the lines of a sheet would do.
///
/// # Errors
/// Everything that is wrong; then nothing may be done.
pub fn plan(
    definition: &Definition,
    sheet: &[Row],
    names: Names<'_>,
    beside: &Beside<'_>,
) -> Result<SheetPlan, Vec<SheetFault>> {
    let columns = columns(definition, sheet, names)?;
    let (mut plan, mut faults, mut lines) = (SheetPlan::default(), Vec::new(), HashMap::new());
    for row in sheet.iter().skip(1) {
        let text = |column: &str| {
            let at = columns.iter().position(|one| one.as_deref() == Some(column));
            at.map(|at| row.cell(at).text().trim().to_owned())
        };
        let mut at_fault = |column: &str, found: SheetWrong| {
            faults.push(SheetFault { line: row.line, column: column.to_owned(), found });
        };
        let id = text(ID_COLUMN).unwrap_or_default();
        let standing = match standing(beside, &id, text(VERSION_COLUMN)) {
            Ok(standing) => standing,
            Err(wrong) => {
                at_fault(ID_COLUMN, wrong);
                continue;
            }
        };
        if let Some(line) = lines.insert(id.clone(), row.line).filter(|_| !id.is_empty()) {
            at_fault(ID_COLUMN, SheetWrong::Twice(line));
        }
        match cells(definition, &text, names, standing, beside) {
            Ok(cells) if standing.is_some_and(|row| Cells::parse(&row.cells) == cells) => plan.unchanged += 1,
            Ok(_) if standing.is_some_and(|row| !definition.is_open(&row.state)) => {
                at_fault(ID_COLUMN, SheetWrong::Closed);
            }
            Ok(cells) => {
                let next = match standing {
                    Some(row) => Ok(changed(row.clone(), beside.by, definition, Some(&cells), beside.act)),
                    None => new_row(beside.by, beside.institution, definition, &cells, beside.act),
                };
                match next {
                    Ok(next) => plan.rows.push((row.line, next)),
                    Err(_) => at_fault(ID_COLUMN, SheetWrong::Outdated),
                }
            }
            Err(wrong) => {
                wrong.into_iter().for_each(|(field, wrong)| at_fault(&field, SheetWrong::Cell(wrong)))
            }
        }
    }
    if faults.is_empty() { Ok(plan) } else { Err(faults) }
}

/// Does what a plan says: all of it, or nothing.
///
/// # Errors
/// See [`NotKept`].
pub async fn carry_out(
    store: &Store,
    by: &Viewer,
    rule: &str,
    plan: SheetPlan,
    act: &Act,
) -> Result<(), NotKept> {
    let rows = plan.rows.into_iter().map(|(_, row)| row).collect();
    write(store, by, rule, rows, "imported", "", act).await
}

/// Which column is which: the code of a field, or one of ours.
fn columns(
    definition: &Definition,
    sheet: &[Row],
    names: Names<'_>,
) -> Result<Vec<Option<String>>, Vec<SheetFault>> {
    let fault = |line, column: &str, found| SheetFault { line, column: column.to_owned(), found };
    let Some(first) = sheet.first().filter(|_| sheet.len() > 1) else {
        return Err(vec![fault(1, "", SheetWrong::Empty)]);
    };
    let (mut columns, mut faults): (Vec<Option<String>>, Vec<SheetFault>) = (Vec::new(), Vec::new());
    for cell in &first.cells {
        let heading = cell.text().trim().to_owned();
        let ours = [ID_COLUMN, VERSION_COLUMN, STATE_COLUMN].into_iter().find(|one| *one == heading);
        let field = definition.fields.iter().find(|one| is_named(&heading, "field", &one.code, names));
        let code = ours.map(str::to_owned).or_else(|| field.map(|field| field.code.clone()));
        if code.is_none() && !heading.is_empty() {
            faults.push(fault(first.line, &heading, SheetWrong::UnknownColumn));
        }
        if code.is_some() && columns.contains(&code) {
            faults.push(fault(first.line, &heading, SheetWrong::ColumnTwice));
        }
        columns.push(code);
    }
    for field in definition.fields.iter().filter(|field| field.required) {
        if !columns.iter().any(|one| one.as_ref() == Some(&field.code)) {
            faults.push(fault(first.line, &field.code, SheetWrong::MissingColumn));
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

/// The row that a line means; none for a new one.
fn standing<'b>(
    beside: &Beside<'b>,
    id: &str,
    version: Option<String>,
) -> Result<Option<&'b RegisterRow>, SheetWrong> {
    if id.is_empty() {
        return Ok(None);
    }
    let row = beside.standing.get(id).ok_or(SheetWrong::Gone)?;
    if version.is_some_and(|version| version != row.version.to_string()) {
        return Err(SheetWrong::Outdated);
    }
    Ok(Some(row))
}

/// The cells of a line. A column that is not there leaves a standing row as it is.
fn cells(
    definition: &Definition,
    text: &dyn Fn(&str) -> Option<String>,
    names: Names<'_>,
    standing: Option<&RegisterRow>,
    beside: &Beside<'_>,
) -> Result<Cells, Vec<(String, Wrong)>> {
    let kept = standing.map(|row| Cells::parse(&row.cells)).unwrap_or_default();
    let typed: BTreeMap<&str, String> = definition
        .fields
        .iter()
        .map(|field| {
            let typed = text(&field.code).unwrap_or_else(|| kept.text(&field.code).to_owned());
            (field.code.as_str(), coded(field, &typed, names))
        })
        .collect();
    let typed = |code: &str| typed.get(code).cloned().unwrap_or_default();
    let cells = Cells::read(definition, typed, beside.known, beside.act.today());
    cells.map_err(|faults| faults.into_iter().map(|fault| (fault.field, fault.wrong)).collect())
}

/// What was typed for a choice, as its code: the code itself, or its words in any language.
fn coded(field: &Field, typed: &str, names: Names<'_>) -> String {
    let codes: Vec<&str> = match field.kind {
        FieldType::Choice => field.choices.iter().map(String::as_str).collect(),
        FieldType::YesNo => vec!["yes", "no"],
        _ => return typed.to_owned(),
    };
    let code = codes.into_iter().find(|code| is_named(typed, "choice", code, names));
    code.unwrap_or(typed).to_owned()
}

fn is_named(text: &str, kind: &str, code: &str, names: Names<'_>) -> bool {
    text == code || names(kind, code).iter().any(|name| folded(name) == folded(text))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use paper::{Limits, read_sheets};
    use proptest::prelude::*;

    use super::super::definition::register;
    use super::*;

    fn act() -> Act {
        let now: Timestamp = "2026-11-21T09:00:00+09:00".parse().unwrap();
        Act { now, request: "r-1".to_owned() }
    }

    fn names(kind: &str, code: &str) -> Vec<String> {
        let word = match (kind, code) {
            ("field", "label") => "管理番号",
            ("choice", "vpn") => "VPN装置",
            ("choice", "yes") => "はい",
            _ => return vec![format!("{kind} {code}")],
        };
        vec![word.to_owned()]
    }

    fn word(kind: &str, code: &str) -> String {
        names(kind, code).remove(0)
    }

    fn rows(cells: &[Cells]) -> HashMap<String, RegisterRow> {
        let definition = register("devices").unwrap();
        let row = |cells| new_row(&Viewer::hub(), "4910000001", definition, cells, &act()).unwrap();
        cells.iter().map(row).map(|row| (row.id.clone(), row)).collect()
    }

    fn planned(bytes: &[u8], standing: &HashMap<String, RegisterRow>) -> Result<SheetPlan, Vec<SheetFault>> {
        let sheets = read_sheets(bytes, &Limits::default()).unwrap();
        let (by, act) = (Viewer::hub(), act());
        let known = &|_: &str, _: &str| true;
        let beside = Beside { institution: "4910000001", by: &by, standing, known, act: &act };
        plan(register("devices").unwrap(), &sheets[0].rows, &names, &beside)
    }

    fn some_cells() -> impl Strategy<Value = Cells> {
        let text = "[=+@a-z0-9<>&\",;\u{3042}-\u{3093}\u{4e00}-\u{4e20} -]{0,20}[a-z0-9\u{4e00}-\u{4e20}]";
        let parts = (text, text, 0..10_usize, 0..6_usize, 1..13_i8, 1..29_i8, proptest::bool::ANY);
        parts.prop_map(|(label, note, kind, zone, month, day, is_encrypted)| {
            let definition = register("devices").unwrap();
            let choice = |field: &str, index: usize| definition.field(field).unwrap().choices[index].clone();
            let typed = |code: &str| match code {
                "label" | "place" => label.clone(),
                "note" => format!("{note}\n{label}"),
                "device-kind" => choice("device-kind", kind),
                "zone" => choice("zone", zone),
                "support-end" => format!("2027-{month:02}-{day:02}"),
                "encrypted" => if is_encrypted { "yes" } else { "no" }.to_owned(),
                _ => String::new(),
            };
            Cells::read(definition, typed, &|_, _| true, act().today()).unwrap()
        })
    }

    proptest! {
        #[test]
        fn what_is_written_out_reads_back_as_it_was(cells in proptest::collection::vec(some_cells(), 1..6)) {
            let standing = rows(&cells);
            let all: Vec<RegisterRow> = standing.values().cloned().collect();
            let sheet = paper::csv(lines(register("devices").unwrap(), &all, &word));
            let back = planned(&sheet, &standing);
            prop_assert_eq!(back, Ok(SheetPlan { rows: Vec::new(), unchanged: all.len() }));
            let anew = planned(&sheet, &HashMap::new());
            prop_assert!(anew.is_err_and(|faults| faults.iter().all(|one| one.found == SheetWrong::Gone)));
        }
    }

    #[test]
    fn each_bad_line_is_named_with_its_column_and_nothing_of_the_sheet_is_planned() {
        let sheet = "管理番号,device-kind,place,last-patch,zone\r\nPC-1,pc,受付,2099-01-01,medical\r\n,VPN装置,受付,,どこか\r\n\
                     PC-3,pc,受付,,\r\n";
        let faults = planned(sheet.as_bytes(), &HashMap::new()).unwrap_err();
        let faults: Vec<(u64, &str, &str)> =
            faults.iter().map(|one| (one.line, one.column.as_str(), one.found.code())).collect();
        assert_eq!(faults, [(2, "last-patch", "future"), (3, "label", "missing"), (3, "zone", "no-choice")]);
        let columns = planned("管理番号,label,置き場\r\na,b,c\r\n".as_bytes(), &HashMap::new()).unwrap_err();
        let codes: Vec<&str> = columns.iter().map(|one| one.found.code()).collect();
        assert_eq!(codes, ["column-twice", "unknown-column", "missing-column", "missing-column"]);
    }

    #[test]
    fn a_line_written_from_an_older_version_or_of_a_row_that_is_over_is_refused() {
        let cells = Cells::parse("{\"label\":\"PC-1\",\"device-kind\":\"pc\",\"place\":\"受付\"}");
        let mut standing = rows(&[cells]);
        let id = standing.keys().next().unwrap().clone();
        let sheet = format!("id,row-version,label,device-kind,place\r\n{id},1,PC-1,pc,病棟\r\n");
        assert_eq!(planned(sheet.as_bytes(), &standing).unwrap().rows[0].1.version, 2);
        let row = standing.get_mut(&id).unwrap();
        row.state = "retired".to_owned();
        assert_eq!(planned(sheet.as_bytes(), &standing).unwrap_err()[0].found, SheetWrong::Closed);
        standing.get_mut(&id).unwrap().version = 2;
        assert_eq!(planned(sheet.as_bytes(), &standing).unwrap_err()[0].found, SheetWrong::Outdated);
    }
}
