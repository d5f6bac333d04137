use std::collections::BTreeSet;

use super::Action;
use super::axes::settings;
use crate::Role;

/// What the policies say of a role and an action, over every case there can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The role.
    pub role: Role,
    /// The rules that permit it in some case; none where it is never permitted.
    pub permits: BTreeSet<&'static str>,
    /// The rules that refuse it in some case; none where it is always permitted.
    pub refusals: BTreeSet<&'static str>,
}

/// The matrix role × action of the shipped policies: for each action a cell for each role, found by putting every case
/// before them.
pub fn matrix() -> Vec<(Action, Vec<Cell>)> {
    Action::ALL.into_iter().map(|action| (action, row(action))).collect()
}

fn row(action: Action) -> Vec<Cell> {
    let cell = |role| Cell { role, permits: BTreeSet::new(), refusals: BTreeSet::new() };
    let mut cells: Vec<Cell> = Role::ALL.into_iter().map(cell).collect();
    for setting in settings(action) {
        for cell in &mut cells {
            let case = setting.case(cell.role);
            match case.rule(action, None) {
                Ok(rule) => cell.permits.insert(rule),
                Err(refusal) => cell.refusals.insert(refusal.rule),
            };
        }
    }
    cells
}
