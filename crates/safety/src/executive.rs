//! What executives must know and decide, out of the registers: the risks that remain, and whether what was measured of
//! restoring meets its target (guideline 6.0 経営管理編 1.2.2, 3.2.2, 3.4).

use store::RegisterRow;

use crate::register::{Cells, Finding};

/// Findings that only executives can settle: who holds a post, which risk is borne, what is bought anew, which contract is
/// made.
const THEIRS: &[&str] = &[
    "no-safety-manager",
    "post-vacant",
    "no-deputy",
    "risk-not-accepted",
    "vpn-unsafe",
    "support-ended",
    "contract-over",
];

/// What executives look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForExecutives {
    /// What is kept and still at risk, the greatest first.
    pub risks: Vec<Risk>,
    /// How long systems take to restore, those without a measure first.
    pub restores: Vec<Restore>,
    /// What waits for their decision.
    pub decisions: Vec<Finding>,
}

/// An information asset whose risk remains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// Id of its row.
    pub id: String,
    /// What it is called.
    pub asset: String,
    /// Code of how much it matters; empty where nobody wrote it.
    pub importance: String,
    /// Code of what remains of the risk; empty where nobody assessed it.
    pub residual: String,
    /// Who accepted that; empty where nobody did.
    pub accepted_by: String,
}

/// How long a system takes to restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restore {
    /// Id of its row.
    pub id: String,
    /// Which system.
    pub system: String,
    /// What was measured, in minutes.
    pub measured: Option<i64>,
    /// The target, in minutes.
    pub target: Option<i64>,
}

impl Restore {
    /// Whether it was measured and meets its target.
    pub fn is_met(&self) -> bool {
        self.measured.zip(self.target).is_some_and(|(measured, target)| measured <= target)
    }
}

/// What the registers of an institution and what was found in them say to its executives.
pub fn for_executives(rows: &[RegisterRow], findings: &[Finding]) -> ForExecutives {
    let open = |code: &'static str| {
        let of = rows.iter().filter(move |row| row.register == code && !row.is_over);
        of.map(|row| (row, Cells::parse(&row.cells)))
    };
    let mut risks: Vec<Risk> = open("assets").map(|(row, cells)| risk(row, &cells)).collect();
    risks.retain(|one| one.residual != "low");
    risks.sort_by_key(|one| (grade(&one.residual), grade(&one.importance), one.asset.clone()));
    let mut restores: Vec<Restore> = open("backups").map(|(row, cells)| restore(row, &cells)).collect();
    restores.sort_by_key(|one| (one.measured.is_some(), one.is_met(), one.system.clone()));
    let is_theirs = |one: &&Finding| THEIRS.contains(&one.code.as_str());
    ForExecutives { risks, restores, decisions: findings.iter().filter(is_theirs).cloned().collect() }
}

fn risk(row: &RegisterRow, cells: &Cells) -> Risk {
    Risk {
        id: row.id.clone(),
        asset: row.name.clone(),
        importance: cells.text("importance").to_owned(),
        residual: cells.text("residual").to_owned(),
        accepted_by: cells.text("accepted-by").to_owned(),
    }
}

/// What nobody assessed counts as high.
fn grade(code: &str) -> u8 {
    match code {
        "low" => 2,
        "middle" => 1,
        _ => 0,
    }
}

fn restore(row: &RegisterRow, cells: &Cells) -> Restore {
    Restore {
        id: row.id.clone(),
        system: row.name.clone(),
        measured: cells.number("restore-minutes"),
        target: cells.number("target-minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restored(measured: Option<i64>, target: Option<i64>) -> Restore {
        Restore { id: String::new(), system: "電子カルテ".to_owned(), measured, target }
    }

    #[test]
    fn a_target_is_met_by_a_measure_only() {
        assert!(restored(Some(60), Some(60)).is_met());
        assert!(!restored(Some(61), Some(60)).is_met());
        assert!(!restored(None, Some(60)).is_met());
        assert!(!restored(Some(60), None).is_met());
    }
}
