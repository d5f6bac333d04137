//! What an institution adds for itself: policies that forbid, and nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::ffi::DetailedError;
use cedar_policy::{Effect, Policy, PolicySet};
use jiff::{SignedDuration, Timestamp};

use super::case::Case;
use super::laws::{Book, in_order, laws};
use super::{Action, Facts};
use crate::{Assurance, Role};

/// An institution's own policies, found good.
#[derive(Debug)]
pub struct Narrowing {
    pub(super) book: Book,
}

/// Why a text of policies cannot narrow anything. Lines count from one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarrowingFault {
    /// It does not parse.
    #[error("line {line}: {said}")]
    Unreadable {
        /// Where.
        line: usize,
        /// What Cedar says.
        said: String,
    },
    /// It permits something, or has a place to be filled in.
    #[error("line {line}: only forbid may stand here")]
    Permits {
        /// Where.
        line: usize,
    },
    /// It speaks of what the schema does not know.
    #[error("line {line}: {said}")]
    Unknown {
        /// Where.
        line: usize,
        /// What Cedar says.
        said: String,
    },
    /// Nobody at the institution could do this any more.
    #[error("line {line}: nobody could {action:?} any more")]
    LocksOut {
        /// Where.
        line: usize,
        /// What nobody could do.
        action: Action,
    },
}

/// Without these an institution cannot keep its accounts, nor mend its policy.
const NEEDED: [Action; 5] = [
    Action::AccountList,
    Action::AccountInvite,
    Action::AccountSuspend,
    Action::AccountEnd,
    Action::ChangePolicy,
];

static IN_FORCE: RwLock<BTreeMap<String, Arc<Narrowing>>> = RwLock::new(BTreeMap::new());

/// Puts a narrowing in force for an institution, or (`None`) lifts it. Like the shipped policies it holds for the whole
/// program, so that no way in can forget it.
pub fn narrow(institution: &str, narrowing: Option<Narrowing>) {
    let mut in_force = IN_FORCE.write().unwrap_or_else(PoisonError::into_inner);
    match narrowing {
        Some(narrowing) => drop(in_force.insert(institution.to_owned(), Arc::new(narrowing))),
        None => drop(in_force.remove(institution)),
    }
}

/// The narrowing in force for an institution.
pub fn narrowed(institution: &str) -> Option<Arc<Narrowing>> {
    IN_FORCE.read().unwrap_or_else(PoisonError::into_inner).get(institution).cloned()
}

impl Narrowing {
    /// Reads and checks a text of policies.
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn parse(text: &str) -> Result<Self, NarrowingFault> {
        let set: PolicySet = text.parse().map_err(|error: cedar_policy::ParseErrors| {
            let error = DetailedError::from(&error);
            NarrowingFault::Unreadable { line: line_of(text, &error), said: error.message }
        })?;
        if let Some(template) = set.templates().next() {
            return Err(NarrowingFault::Permits { line: line_at(text, text.find(&template.to_string())) });
        }
        let policies = in_order(&set);
        if let Some(permit) = policies.iter().find(|policy| policy.effect() == Effect::Permit) {
            return Err(NarrowingFault::Permits { line: line_at(text, text.find(&permit.to_string())) });
        }
        if let Some(error) = laws().faults(&set).into_iter().next() {
            return Err(NarrowingFault::Unknown { line: line_of(text, &error), said: error.message });
        }
        let narrowing = Self { book: Book::new(policies, laws().rights.actions().clone()) };
        match NEEDED.into_iter().find_map(|action| narrowing.locks_out(action)) {
            None => Ok(narrowing),
            Some((action, policy)) => {
                let line = line_at(text, policy.and_then(|policy| text.find(&policy)));
                Err(NarrowingFault::LocksOut { line, action })
            }
        }
    }

    /// Whether it leaves nobody at any hour of the week who can do something, and the policy that does so.
    fn locks_out(&self, action: Action) -> Option<(Action, Option<String>)> {
        let mut last = None;
        for hour in 0..7 * 24 {
            let at = Some(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour));
            let facts = Facts { at, is_own: true, subject: Some(Role::PlanningManager), ..Facts::default() };
            for role in [Role::PlanningManager, Role::SafetyManager] {
                let case = Case { role, assurance: Assurance::FULL, has_institution: true, facts: &facts };
                let explained = super::explain(&case, action, Some(self));
                if explained.ruling.is_ok() {
                    return None;
                }
                last = explained.policy;
            }
        }
        Some((action, last))
    }

    /// The texts of its policies.
    pub fn policies(&self) -> impl Iterator<Item = String> {
        self.book.policies().iter().map(Policy::to_string)
    }
}

fn line_of(text: &str, error: &DetailedError) -> usize {
    line_at(text, error.source_locations.first().map(|label| label.loc.start))
}

/// The line of a place in the text; the first where it is not known.
fn line_at(text: &str, place: Option<usize>) -> usize {
    let before = text.as_bytes().get(..place.unwrap_or(0)).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
