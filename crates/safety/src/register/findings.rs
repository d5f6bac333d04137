//! What of a register is not as it should be.

use jiff::SignedDuration;
use jiff::civil::Date;
use store::RegisterRow;

use super::cells::Cells;
use super::definition::Definition;
use super::demand::{Demand, Fresh, Must};

/// Something that is not as it should be, and that somebody must see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Code of what it is.
    pub code: String,
    /// Code of the register it is about.
    pub register: String,
    /// Id of the row; none where a row is missing.
    pub row: Option<String>,
    /// What it is about: the name of the row, or what was seen elsewhere.
    pub subject: String,
    /// Fields at fault, by code.
    pub fields: Vec<String>,
    /// Controls that do not hold by it.
    pub controls: Vec<String>,
}

/// What of a register's rows is not as the register demands.
pub fn findings_of(definition: &Definition, rows: &[&RegisterRow], today: Date) -> Vec<Finding> {
    let rows: Vec<(&RegisterRow, Cells)> = rows.iter().map(|row| (*row, Cells::parse(&row.cells))).collect();
    let mut findings = Vec::new();
    for demand in &definition.demands {
        let meant = rows.iter().filter(|(row, cells)| is_meant(demand, row, cells));
        if let Must::Any(any) = &demand.must {
            let is_fresh = |cells: &Cells| {
                any.field.as_ref().is_none_or(|field| is_within(cells.day(field), any.days, today))
            };
            if !meant.into_iter().any(|(_, cells)| is_fresh(cells)) {
                findings.push(finding(definition, demand, None, any.field.iter().cloned().collect()));
            }
            continue;
        }
        for (row, cells) in meant {
            if let Some(fields) = at_fault(&demand.must, cells, today) {
                findings.push(finding(definition, demand, Some(row), fields));
            }
        }
    }
    findings
}

fn finding(
    definition: &Definition,
    demand: &Demand,
    row: Option<&RegisterRow>,
    fields: Vec<String>,
) -> Finding {
    Finding {
        code: demand.code.clone(),
        register: definition.code.clone(),
        row: row.map(|row| row.id.clone()),
        subject: row.map(|row| row.name.clone()).unwrap_or_default(),
        fields,
        controls: demand.controls.clone(),
    }
}

fn is_meant(demand: &Demand, row: &RegisterRow, cells: &Cells) -> bool {
    (demand.states.is_empty() || demand.states.contains(&row.state))
        && demand.only.iter().all(|only| only.is.iter().any(|code| code == cells.text(&only.field)))
}

/// The fields that do not say what they must; none where all do.
fn at_fault(must: &Must, cells: &Cells, today: Date) -> Option<Vec<String>> {
    let wanting = |fields: &[String], is_good: &dyn Fn(&str) -> bool| {
        let fields: Vec<String> =
            fields.iter().filter(|field| !is_good(cells.text(field))).cloned().collect();
        (!fields.is_empty()).then_some(fields)
    };
    let unless = |is_good: bool, field: &String| (!is_good).then(|| vec![field.clone()]);
    match must {
        Must::Filled(fields) => wanting(fields, &|text| !text.is_empty()),
        Must::Yes(fields) => wanting(fields, &|text| text == "yes"),
        Must::NotPast(field) => unless(cells.day(field).is_none_or(|day| day >= today), field),
        Must::Within(Fresh { field, days }) => unless(is_within(cells.day(field), *days, today), field),
        Must::AtLeast(least) => {
            unless(cells.number(&least.field).is_some_and(|number| number >= least.least), &least.field)
        }
        Must::Share(share) => {
            let (of, to) = (cells.number(&share.of), cells.number(&share.to));
            // Where nothing was measured there is nothing to compare.
            unless(of.zip(to).is_none_or(|(of, to)| of * 100 >= to * share.percent), &share.of)
        }
        Must::Never => Some(Vec::new()),
        Must::Any(_) => None,
    }
}

fn is_within(day: Option<Date>, days: i64, today: Date) -> bool {
    let oldest = today.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Date::MIN);
    day.is_some_and(|day| day >= oldest)
}
