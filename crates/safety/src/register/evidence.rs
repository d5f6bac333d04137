//! What registers prove: for each control they stand for, whether it holds, and by which numbers.

use std::collections::BTreeMap;

use store::RegisterRow;

use super::definition::registers;
use super::findings::Finding;

/// How a control stands by the registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Id of the control.
    pub control: String,
    /// Whether it holds: there are rows, and no finding speaks against it.
    pub holds: bool,
    /// What was counted: rows of each register that stands for it, and findings by code.
    pub measured: BTreeMap<String, i64>,
}

/// How every control stands for which a register is kept, from an institution's rows and all findings about them. An
/// empty register proves nothing.
pub fn evidence_of(rows: &[RegisterRow], findings: &[Finding]) -> Vec<Standing> {
    let mut standings: BTreeMap<&str, BTreeMap<String, i64>> = BTreeMap::new();
    for definition in registers() {
        let kept = rows.iter().filter(|row| row.register == definition.code).count();
        for control in &definition.proves {
            let measured = standings.entry(control).or_default();
            measured.insert(format!("rows.{}", definition.code), i64::try_from(kept).unwrap_or(i64::MAX));
        }
    }
    for finding in findings {
        for control in &finding.controls {
            if let Some(measured) = standings.get_mut(control.as_str()) {
                *measured.entry(format!("finding.{}.{}", finding.register, finding.code)).or_default() += 1;
            }
        }
    }
    let standing = |(control, measured): (&str, BTreeMap<String, i64>)| {
        let has_rows = measured.iter().any(|(name, count)| name.starts_with("rows.") && *count > 0);
        let holds = has_rows && !measured.keys().any(|name| name.starts_with("finding."));
        Standing { control: control.to_owned(), holds, measured }
    };
    standings.into_iter().map(standing).collect()
}
