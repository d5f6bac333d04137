//! What changed from one version of a master to another.

use std::collections::BTreeMap;

use jiff::civil::Date;
use store::MasterRow;

/// What changed, each list in the order of codes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rows that only the new version has.
    pub added: Vec<MasterRow>,
    /// Rows that only the old version has.
    pub removed: Vec<MasterRow>,
    /// Rows that say something else.
    pub changed: Vec<Change>,
}

/// A row that says something else.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// As it was.
    pub old: MasterRow,
    /// As it is.
    pub new: MasterRow,
    /// The columns that differ: name, old cell, new cell.
    pub cells: Vec<(String, String, String)>,
}

/// Compares two versions, each with the names of its columns. Rows of one code meet by their first day, or else in
/// order.
pub(super) fn difference(old: (&[String], Vec<MasterRow>), new: (&[String], Vec<MasterRow>)) -> Difference {
    let mut difference = Difference::default();
    let (mut before, mut after) = (by_code(old.1), by_code(new.1));
    let mut codes: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    codes.sort();
    codes.dedup();
    for code in codes {
        let (mut were, mut are) =
            (before.remove(&code).unwrap_or_default(), after.remove(&code).unwrap_or_default());
        while let Some(row) = were.pop_first().map(|(_, row)| row) {
            let met = are.remove(&row.valid_from).or_else(|| are.pop_first().map(|(_, row)| row));
            let Some(met) = met else {
                difference.removed.push(row);
                continue;
            };
            let cells = differing((old.0, &row), (new.0, &met));
            if !cells.is_empty() {
                difference.changed.push(Change { old: row, new: met, cells });
            }
        }
        difference.added.extend(are.into_values());
    }
    difference
}

type Rows = BTreeMap<Option<Date>, MasterRow>;

fn by_code(rows: Vec<MasterRow>) -> BTreeMap<String, Rows> {
    let mut codes: BTreeMap<String, Rows> = BTreeMap::new();
    for row in rows {
        let rows = codes.entry(row.code.clone()).or_default();
        // No two rows of a code begin on the same day: such a file is not taken.
        rows.insert(row.valid_from, row);
    }
    codes
}

/// The columns both versions have whose cells differ, and the days, which a version may fill in by itself.
fn differing(old: (&[String], &MasterRow), new: (&[String], &MasterRow)) -> Vec<(String, String, String)> {
    let cell = |(columns, row): (&[String], &MasterRow), name: &String| {
        let place = columns.iter().position(|column| column == name);
        place.and_then(|place| row.cells.get(place).cloned())
    };
    let pairs = old.0.iter().filter_map(|name| Some((name, cell(old, name)?, cell(new, name)?)));
    pairs.filter(|(_, was, is)| was != is).map(|(name, was, is)| (name.clone(), was, is)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn row(code: &str, from: Option<Date>, cells: &[&str]) -> MasterRow {
        MasterRow {
            code: code.to_owned(),
            display: code.to_owned(),
            valid_from: from,
            valid_to: None,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        }
    }

    #[test]
    fn rows_meet_by_code_and_day_and_columns_by_name() {
        let (spring, autumn) = (Some(date(2026, 4, 1)), Some(date(2026, 10, 1)));
        let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (old, new) = (columns(&["code", "name", "gone"]), columns(&["name", "code"]));
        let before = vec![row("A", spring, &["A", "a", "x"]), row("B", None, &["B", "b", "y"])];
        let after =
            vec![row("A", autumn, &["a2", "A"]), row("A", spring, &["a", "A"]), row("C", None, &["c", "C"])];
        let found = difference((&old, before.clone()), (&new, after.clone()));
        assert_eq!(found.added, [after[0].clone(), after[2].clone()]);
        assert_eq!(found.removed, [before[1].clone()]);
        assert!(found.changed.is_empty());
        let renamed = vec![row("A", autumn, &["z", "A"])];
        let found = difference((&old, vec![before[0].clone()]), (&new, renamed));
        assert_eq!(found.changed[0].cells, [("name".to_owned(), "a".to_owned(), "z".to_owned())]);
    }
}
