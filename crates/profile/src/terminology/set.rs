//! Sets of codes of which part may be unknown. Nothing here may turn "unknown" into "no".

use std::collections::{BTreeMap, BTreeSet};

use super::{Expansion, Member, SystemCodes, Unknown};

#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    pub(super) systems: BTreeMap<String, Part>,
    pub(super) unknown: BTreeSet<Unknown>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// Codes that are surely in, with their displays.
    pub(super) codes: BTreeMap<String, Option<String>>,
    /// Codes that are surely out.
    pub(super) excluded: BTreeSet<String>,
    /// Whether other codes may be in.
    pub(super) is_open: bool,
}

impl Set {
    /// A set of which nothing is known, and why.
    pub(super) fn unknown(why: Unknown) -> Self {
        let mut set = Self::default();
        if let Some(system) = &why.system {
            set.systems.insert(system.clone(), Part { is_open: true, ..Part::default() });
        }
        set.unknown.insert(why);
        set
    }

    /// Whether codes of systems not named here may be in.
    fn is_open(&self) -> bool {
        self.unknown.iter().any(|unknown| unknown.system.is_none())
    }

    pub(super) fn unite(&mut self, other: Self) {
        for (system, theirs) in other.systems {
            let Some(mine) = self.systems.get_mut(&system) else {
                self.systems.insert(system, theirs);
                continue;
            };
            for (code, display) in theirs.codes {
                mine.codes.entry(code).or_insert(display);
            }
            mine.is_open |= theirs.is_open;
        }
        self.unknown.extend(other.unknown);
        // What one part leaves out another may take in, so no exclusion outlives a union.
        self.systems.values_mut().for_each(|part| part.excluded.clear());
    }

    pub(super) fn intersect(&mut self, other: &Self) {
        let (mine_open, theirs_open) = (self.is_open(), other.is_open());
        let mut both = BTreeMap::new();
        let systems: BTreeSet<&String> = self.systems.keys().chain(other.systems.keys()).collect();
        for system in systems {
            let mine = self.systems.get(system);
            let theirs = other.systems.get(system);
            let may = |part: Option<&Part>, open: bool| open || part.is_some_and(|part| part.is_open);
            let (mine_may, theirs_may) = (may(mine, mine_open), may(theirs, theirs_open));
            let empty = Part::default();
            let (mine, theirs) = (mine.unwrap_or(&empty), theirs.unwrap_or(&empty));
            let mut part = Part::default();
            for (code, display) in &mine.codes {
                if theirs.codes.contains_key(code) {
                    part.codes.insert(code.clone(), display.clone());
                }
            }
            let left_over = |one: &Part, other_may: bool| other_may && one.codes.len() > part.codes.len();
            part.is_open =
                mine_may && theirs_may || left_over(mine, theirs_may) || left_over(theirs, mine_may);
            part.excluded = mine.excluded.union(&theirs.excluded).cloned().collect();
            if part.is_open || !part.codes.is_empty() {
                both.insert(system.clone(), part);
            }
        }
        self.systems = both;
        self.unknown.extend(other.unknown.iter().cloned());
        if !(mine_open && theirs_open) {
            let systems = &self.systems;
            self.unknown = std::mem::take(&mut self.unknown)
                .into_iter()
                .filter_map(|why| match &why.system {
                    Some(system) => systems.get(system).is_some_and(|part| part.is_open).then_some(why),
                    // One side is closed: only the systems it names stay in question.
                    None => systems
                        .iter()
                        .find(|(_, part)| part.is_open)
                        .map(|(system, _)| Unknown { system: Some(system.clone()), ..why }),
                })
                .collect();
        }
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        let theirs_open = other.is_open();
        for (system, mine) in &mut self.systems {
            let theirs = other.systems.get(system);
            for code in theirs.into_iter().flat_map(|part| part.codes.keys()) {
                mine.codes.remove(code);
                mine.excluded.insert(code.clone());
            }
            if theirs_open || theirs.is_some_and(|part| part.is_open) {
                let spared = |code: &str| theirs.is_some_and(|part| part.excluded.contains(code));
                mine.codes.retain(|code, _| spared(code));
                mine.is_open = true;
            }
        }
        let named =
            |why: &&Unknown| why.system.as_ref().is_none_or(|system| self.systems.contains_key(system));
        let carried: Vec<Unknown> = other.unknown.iter().filter(named).cloned().collect();
        self.unknown.extend(carried);
    }

    pub(super) fn count(&self) -> usize {
        self.systems.values().map(|part| part.codes.len()).sum()
    }

    pub(super) fn into_expansion(self, is_case_sensitive: impl Fn(&str) -> bool) -> Expansion {
        let systems = self.systems.into_iter().map(|(system, part)| SystemCodes {
            codes: part.codes.into_iter().map(|(code, display)| Member { code, display }).collect(),
            excluded: part.excluded.into_iter().collect(),
            is_whole_system_unknown: part.is_open,
            is_case_sensitive: is_case_sensitive(&system),
            system,
        });
        Expansion { systems: systems.collect(), unknown: self.unknown.into_iter().collect() }
    }
}
