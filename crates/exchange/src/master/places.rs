//! The rows of the master of institutions.

use std::collections::HashSet;

use jiff::civil::Date;
use store::{Institution, MasterRow};

use super::reading::{BadRow, BadRowKind, Read, bound};

/// How kinds of institution may be written.
const KINDS: [(&str, &str); 6] = [
    ("病院", "hospital"),
    ("診療所", "clinic"),
    ("歯科診療所", "dental"),
    ("薬局", "pharmacy"),
    ("健診センター", "checkup-centre"),
    ("保険者", "insurer"),
];

/// The institutions that a file names; without a day of their own they use the service from `valid_from` on.
pub(super) fn institutions(read: &Read, valid_from: Date) -> Result<Vec<Institution>, Vec<BadRow>> {
    let (mut named, mut bad) = (Vec::new(), Vec::new());
    for (row, line) in read.rows.iter().zip(&read.lines) {
        match institution(&read.columns, row, valid_from) {
            Ok(one) => named.push(one),
            Err((kind, cell)) => bad.push(BadRow { line: *line, kind, cell }),
        }
    }
    if bad.is_empty() { Ok(named) } else { Err(bad) }
}

/// Those that use the service and are not named.
pub(super) fn missing(known: &[Institution], named: &[Institution]) -> Vec<Institution> {
    let named: HashSet<&str> = named.iter().map(|one| one.number.as_str()).collect();
    let in_use = known.iter().filter(|one| one.uses_from.is_some() && one.kind != "insurer");
    in_use.filter(|one| !named.contains(one.number.as_str())).cloned().collect()
}

/// The same institution, using the service until the day before.
pub(super) fn ended(one: Institution, day: Date) -> Institution {
    let last = day.yesterday().unwrap_or(day);
    Institution { uses_until: Some(one.uses_until.map_or(last, |until| until.min(last))), ..one }
}

fn institution(
    columns: &[String],
    row: &MasterRow,
    valid_from: Date,
) -> Result<Institution, (BadRowKind, String)> {
    let cell = |names: &[&str]| {
        let place = columns.iter().position(|column| names.contains(&column.as_str()));
        place.and_then(|place| row.cells.get(place)).cloned().unwrap_or_default()
    };
    let told = |text: String| Some(text).filter(|text| !text.is_empty());
    let kind = cell(&["種別", "kind"]);
    let kind = KINDS.iter().find(|(written, code)| [*written, *code].contains(&kind.as_str()));
    let kind = kind.ok_or_else(|| (BadRowKind::UnknownKind, cell(&["種別", "kind"])))?.1;
    let number = |number: &str| {
        let length = if kind == "insurer" { 8 } else { 10 };
        number.len() == length && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let successor = told(cell(&["引継先番号", "successor"]));
    for one in successor.iter().chain([&row.code]) {
        if !number(one) {
            return Err((BadRowKind::BadNumber, one.clone()));
        }
    }
    let departments = cell(&["診療科", "departments"]);
    Ok(Institution {
        number: row.code.clone(),
        name: row.display.clone(),
        kind: kind.to_owned(),
        kana: cell(&["カナ", "カナ名称", "kana"]),
        phone: cell(&["電話番号", "phone"]),
        postcode: cell(&["郵便番号", "postcode"]),
        address: cell(&["所在地", "address"]),
        departments: departments
            .split(['、', '/', ' ', '　'])
            .filter_map(|one| told(one.to_owned()))
            .collect(),
        vendor: told(cell(&["ベンダー", "vendor"])),
        uses_from: Some(row.valid_from.unwrap_or(valid_from)),
        uses_until: row.valid_to,
        ended_on: bound(&cell(&["廃止日", "ended_on"]))?,
        successor,
    })
}
