//! The same facts of many machines as a sheet, for those that cannot sign: read as a whole or not at all, and kept as what
//! somebody answers for.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use access::{Act, Viewer, on_record};
use audit::Outcome;
use guideline::Proof;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use paper::Row;
use serde_json::json;
use store::Fault;

use super::acts::{administrators, ports};
use super::measured::{Antivirus, Extent, Measured, Product};
use super::rules::{Expected, Found, found};
use crate::Safety;
use crate::checks::evidence;
use crate::register::{Beside, Cells, Definition, Names, SheetFault, SheetWrong, Wrong, plan};

/// Where evidence of such sheets comes from: one source, which the next sheet takes the place of.
const SOURCE: &str = "sheet";
/// So many machines that fail are named in evidence.
const NAMED: usize = 20;

/// What a sheet holds, one machine a line.
static SHEET: LazyLock<Definition> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/reports-sheet.toml"))
        .expect("rules/reports-sheet.toml is compiled in and a test of this file reads it")
});

/// A machine of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetMachine {
    /// Its line, from one.
    pub line: u64,
    /// What people call it.
    pub name: String,
    /// When it was measured.
    pub on: Date,
    /// What was measured.
    pub measured: Measured,
    /// What it is meant to be like.
    pub expected: Expected,
}

/// What a control came to over the machines of a sheet.
struct Tally {
    machines: usize,
    failing: Vec<String>,
    oldest: Date,
}

/// What such a sheet holds: its columns, in order.
pub fn report_sheet() -> &'static Definition {
    &SHEET
}

/// The machines of a sheet. `names` says what stands in words for codes.
///
/// # Errors
/// Everything that is wrong with it, by line and column; then nothing of it may be kept.
pub fn machines_of(
    sheet: &[Row],
    names: Names<'_>,
    by: &Viewer,
    act: &Act,
) -> Result<Vec<SheetMachine>, Vec<SheetFault>> {
    let standing = HashMap::new();
    let beside = Beside { institution: "", by, standing: &standing, known: &|_, _| false, act };
    let planned = plan(&SHEET, sheet, names, &beside)?;
    let (mut machines, mut faults, mut lines) = (Vec::new(), Vec::new(), HashMap::new());
    for (line, row) in planned.rows {
        let mut at_fault =
            |column: &str, found| faults.push(SheetFault { line, column: column.to_owned(), found });
        if let Some(earlier) = lines.insert(row.name.clone(), line) {
            at_fault("machine", SheetWrong::Twice(earlier));
        }
        match machine(line, &row.name, &Cells::parse(&row.cells)) {
            Ok(machine) => machines.push(machine),
            Err((column, wrong)) => at_fault(column, SheetWrong::Cell(wrong)),
        }
    }
    if faults.is_empty() { Ok(machines) } else { Err(faults) }
}

fn machine(line: u64, name: &str, cells: &Cells) -> Result<SheetMachine, (&'static str, Wrong)> {
    let on = cells.day("measured-on").ok_or(("measured-on", Wrong::Missing))?;
    let said = |column: &str| Some(cells.text(column).to_owned()).filter(|text| !text.is_empty());
    let read = |column: &'static str| ports(cells.text(column)).map_err(|_| (column, Wrong::NoPorts));
    // A part of a fact is a slip, not a fact that was left out.
    let both = |column: &'static str, other: &'static str| match (said(column), said(other)) {
        (Some(_), None) => Err((other, Wrong::Missing)),
        (None, Some(_)) => Err((column, Wrong::Missing)),
        pair => Ok(pair.0.zip(pair.1)),
    };
    let antivirus = both("antivirus", "signatures-on")?
        .and_then(|(name, _)| Some(Antivirus { name, signatures_on: cells.day("signatures-on")? }));
    let measured = Measured {
        updated_on: cells.day("last-patch"),
        portable: said("portable").map(|text| text == "yes"),
        disk_encryption: match cells.text("disk-encryption") {
            "all" => Some(Extent::All),
            "some" => Some(Extent::Some),
            "none" => Some(Extent::None),
            _ => None,
        },
        antivirus,
        local_administrators: administrators(cells.text("local-administrators")).map(Vec::from_iter),
        listening: read("open-ports")?.map(Vec::from_iter),
        vpn: both("vpn-product", "vpn-version")?.map(|(product, version)| Product { product, version }),
        ..Measured::default()
    };
    let expected = Expected {
        ports: read("meant-ports")?,
        administrators: administrators(cells.text("meant-administrators")),
    };
    Ok(SheetMachine { line, name: name.to_owned(), on, measured, expected })
}

impl Safety {
    /// Keeps what the machines of a sheet prove, in the place of the sheet before it. A control holds if it holds for all of
    /// them, from the day on which the first was measured. Answers what it came to.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is kept.
    pub async fn keep_sheet(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        machines: &[SheetMachine],
        act: &Act,
    ) -> Result<(usize, usize), Fault> {
        let versions = self.place.vpn_versions();
        let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
        for one in machines {
            for Found { control, holds, .. } in found(&one.measured, &one.expected, &versions, act.today()) {
                let tally = tallies.entry(control).or_insert(Tally::new(one.on));
                tally.count(one, holds);
            }
        }
        let failing = tallies.values().filter(|tally| !tally.failing.is_empty()).count();
        let proved = tallies.iter().map(|(control, tally)| {
            let told = (*control, tally.failing.is_empty(), tally.measured());
            evidence(institution, SOURCE, Proof::Assisted, told, by, tally.true_at(act), act)
        });
        let proved = proved.collect::<Result<Vec<_>, _>>()?;
        let holding = proved.len() - failing;
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec!["reports".to_owned(), "imported".to_owned(), machines.len().to_string()];
        self.store.replace_evidence(institution.to_owned(), SOURCE, proved, event).await?;
        Ok((holding, failing))
    }
}

impl Tally {
    fn new(on: Date) -> Self {
        Self { machines: 0, failing: Vec::new(), oldest: on }
    }

    fn count(&mut self, one: &SheetMachine, holds: bool) {
        self.machines += 1;
        self.oldest = self.oldest.min(one.on);
        if !holds {
            self.failing.push(one.name.clone());
        }
    }

    fn measured(&self) -> String {
        let named: Vec<&String> = self.failing.iter().take(NAMED).collect();
        json!({ "machines": self.machines, "failing": self.failing.len(), "named": named }).to_string()
    }

    /// What is of today is of now: a day says no hour.
    fn true_at(&self, act: &Act) -> Timestamp {
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        let midnight = self.oldest.to_zoned(zone).map_or(act.now, |day| day.timestamp());
        if self.oldest == act.today() { act.now } else { midnight }
    }
}

#[cfg(test)]
mod tests {
    use paper::{Limits, read_sheets};

    use super::*;

    fn read(text: &str) -> Result<Vec<SheetMachine>, Vec<(u64, String, &'static str)>> {
        let act = Act { now: "2026-11-22T09:00:00+09:00".parse().unwrap(), request: "r".to_owned() };
        let sheets = read_sheets(text.as_bytes(), &Limits::default()).unwrap();
        let names = |kind: &str, code: &str| vec![format!("{kind}:{code}")];
        let read = machines_of(&sheets[0].rows, &names, &Viewer::hub(), &act);
        read.map_err(|faults| {
            faults.into_iter().map(|one| (one.line, one.column, one.found.code())).collect()
        })
    }

    #[test]
    fn a_line_is_a_machine_and_what_it_leaves_out_was_not_measured() {
        let read = read(
            "machine,measured-on,last-patch,antivirus,signatures-on,open-ports\r\n\
                         病棟PC-1,2026-11-20,2026/11/1,,,\"22, 443\"\r\n受付PC-2,2026-11-21,,架空AV,2026-11-20,-\r\n",
        );
        let read = read.unwrap();
        assert_eq!(read[0].measured.listening.as_ref().unwrap().len(), 2);
        assert!(read[0].measured.antivirus.is_none() && read[0].measured.portable.is_none());
        assert_eq!(read[1].measured.listening, Some(Vec::new()));
        assert!(read[1].measured.antivirus.is_some() && read[1].measured.updated_on.is_none());
    }

    #[test]
    fn each_bad_cell_is_named_by_line_and_column() {
        let head = "machine,measured-on,disk-encryption,open-ports,antivirus,signatures-on,vpn-product,vpn-version\r\n";
        let bad = format!("{head}PC-1,2099-01-01,most,,,,,\r\n,2026-11-20,,,,,,\r\n");
        let faults = read(&bad).unwrap_err();
        let expected =
            [(2, "measured-on", "future"), (2, "disk-encryption", "no-choice"), (3, "machine", "missing")];
        let expected: Vec<_> = expected.map(|(line, column, code)| (line, column.to_owned(), code)).into();
        assert_eq!(faults, expected);
        let bad = format!(
            "{head}PC-1,2026-11-20,,ssh,,,,\r\nPC-1,2026-11-20,,,架空AV,,,\r\nPC-3,2026-11-20,,,,,FortiOS,\r\n"
        );
        let expected = [
            (2, "open-ports", "no-ports"),
            (3, "machine", "twice"),
            (3, "signatures-on", "missing"),
            (4, "vpn-version", "missing"),
        ];
        let expected: Vec<_> = expected.map(|(line, column, code)| (line, column.to_owned(), code)).into();
        assert_eq!(read(&bad).unwrap_err(), expected);
    }
}
