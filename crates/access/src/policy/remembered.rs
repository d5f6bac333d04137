//! What the shipped policies ruled before. Facts are finite and few cases come up, so each is put before them once; what
//! an institution added is asked every time.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use super::case::Against;
use super::{Action, Case, Facts};
use crate::{Assurance, Role};

/// No more cases are kept; further ones are ruled anew. A few megabytes.
const KEPT: usize = 16_384;

static RULINGS: LazyLock<RwLock<HashMap<Key, Ruling>>> = LazyLock::new(RwLock::default);

type Ruling = Result<usize, Against>;

/// Everything the shipped policies can ask: of the time, the hour and the weekday in Japan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    action: Action,
    role: Role,
    assurance: Assurance,
    has_institution: bool,
    facts: Facts,
    hour_and_weekday: Option<(i8, i8)>,
}

impl Key {
    fn of(case: &Case<'_>, action: Action) -> Self {
        Self {
            action,
            role: case.role,
            assurance: case.assurance,
            has_institution: case.has_institution,
            facts: Facts { at: None, ..case.facts.clone() },
            hour_and_weekday: case.facts.hour_and_weekday(),
        }
    }
}

/// What was ruled of this case, or is now.
pub(super) fn remembered(case: &Case<'_>, action: Action, rule: impl FnOnce() -> Ruling) -> Ruling {
    let key = Key::of(case, action);
    // Whoever panicked over the rulings left them whole: one insertion is all that is ever done to them.
    if let Some(known) = RULINGS.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return *known;
    }
    let ruling = rule();
    let mut rulings = RULINGS.write().unwrap_or_else(PoisonError::into_inner);
    if rulings.len() < KEPT {
        rulings.insert(key, ruling);
    }
    ruling
}
