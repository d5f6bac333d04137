//! R4's invariants as the table gives them: which bear on a type, and when they need not be run.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::path::Expression;

use super::tables::{Type, tables};

/// The invariants, compiled at the first call.
pub(super) fn constraints() -> &'static Constraints {
    static CONSTRAINTS: OnceLock<Constraints> = OnceLock::new();
    CONSTRAINTS.get_or_init(Constraints::compile)
}

pub(super) struct Constraints {
    list: Vec<Constraint>,
    /// By the ids of types.
    guards: Vec<Vec<Guard>>,
}

impl Constraints {
    /// The invariants of a type, those of the types it is made from last.
    pub(super) fn of(&self, id: u16) -> &[Guard] {
        &self.guards[id as usize]
    }

    pub(super) fn get(&self, guard: Guard) -> &Constraint {
        &self.list[guard.constraint as usize]
    }

    fn compile() -> Self {
        let types = tables().types();
        let (mut list, mut compiled) = (Vec::new(), HashMap::new());
        let mut own = Vec::with_capacity(types.len());
        for kind in types {
            let start = list.len();
            list.extend(kind.invariants.iter().filter_map(|line| Constraint::read(line, &mut compiled)));
            own.push(start..list.len());
        }
        let guards_of = |(id, kind): (usize, &Type)| {
            let lineage = std::iter::successors(Some(id), |id| types[*id].base.map(usize::from));
            let places = lineage.flat_map(|id| own[id].clone());
            places.map(|place| list[place].guard(place as u16, kind)).collect()
        };
        let guards = types.iter().enumerate().map(guards_of).collect();
        Self { list, guards }
    }
}

/// One invariant.
pub(super) struct Constraint {
    pub(super) key: &'static str,
    pub(super) gravity: Gravity,
    pub(super) human: &'static str,
    /// The element of the type that it judges; the whole if none.
    pub(super) element: Option<&'static str>,
    pub(super) expression: Arc<Expression>,
}

/// How grave it is to break it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gravity {
    Error,
    Warning,
    /// Best practice, told only to those who ask.
    Advice,
}

/// What can be said of an invariant from the elements that a value of a type has.
#[derive(Clone, Copy)]
pub(super) struct Guard {
    pub(super) constraint: u16,
    pub(super) gravity: Gravity,
    /// Without any one of these it holds.
    needs: u64,
    /// With any one of these it holds.
    enough: u64,
    /// Without all of these it holds.
    any: u64,
}

/// Judged elsewhere in this room, exactly and faster: by the walk and by `invariants.rs`.
const NATIVE: [&str; 16] = [
    "ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "ref-1", "txt-1", "txt-2", "bdl-3", "bdl-4",
    "bdl-7", "bdl-9", "bdl-10", "bdl-11", "qty-3",
];

/// Expressions of R4 that say something else than their words, and what says the same as the words.
const MENDED: [(&str, &str); 7] = [
    // The type of answer[x] is FHIR's boolean.
    ("operator = 'exists' implies (answer is Boolean)", "operator = 'exists' implies (answer is boolean)"),
    // Without a probability there is nothing to compare.
    (
        "probability is decimal implies (probability as decimal) <= 100",
        "probability.empty() or (probability is decimal implies (probability as decimal) <= 100)",
    ),
    // `when` may stand several times.
    (
        "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))",
        "offset.empty() or (when.exists() and when.where($this in ('C' | 'CM' | 'CD' | 'CV')).empty())",
    ),
    // More than one is two.
    (
        "enableWhen.count() > 2 implies enableBehavior.exists()",
        "enableWhen.count() >= 2 implies enableBehavior.exists()",
    ),
    // Without a name there is nothing to judge.
    (
        "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
        "name.exists() implies name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
    ),
    // Entries need no fullUrl.
    ("fullUrl.contains('/_history/').not()", "fullUrl.exists() implies fullUrl.contains('/_history/').not()"),
    // The whole path, not any part of it.
    (
        r"path.matches('[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*')",
        r"path.matches('^[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*$')",
    ),
];

impl Constraint {
    /// Reads a line of the table without its `!`; none if it is judged elsewhere. The same expression is compiled once.
    fn read(line: &'static str, compiled: &mut HashMap<&str, Arc<Expression>>) -> Option<Self> {
        let mut columns = line.split('\t');
        let (head, expression, human) = (columns.next()?, columns.next()?, columns.next()?);
        let (name, gravity) = head.split_once(' ')?;
        let (key, element) = match name.split_once('@') {
            Some((key, element)) => (key, Some(element.trim_end_matches("[x]"))),
            None => (name, None),
        };
        if NATIVE.contains(&key) {
            return None;
        }
        let expression = MENDED.iter().find(|row| row.0 == expression).map_or(expression, |row| row.1);
        let compile = || Expression::compile(expression).expect("the table's expressions are read by a test");
        let expression = Arc::clone(compiled.entry(expression).or_insert_with(|| Arc::new(compile())));
        let gravity = match gravity {
            "error" => Gravity::Error,
            "warning" => Gravity::Warning,
            _ => Gravity::Advice,
        };
        Some(Self { key, gravity, human, element, expression })
    }

    /// When this invariant, the `place`th of all, must be run for values of the type `kind`.
    pub(super) fn guard(&self, place: u16, kind: &Type) -> Guard {
        let bit = |name: &str| {
            let found = kind.elements.iter().position(|known| known.trim_end_matches("[x]") == name);
            found.map_or(0, |ordinal| 1_u64 << ordinal)
        };
        let mut guard = Guard { constraint: place, gravity: self.gravity, needs: 0, enough: 0, any: 0 };
        if let Some(element) = self.element {
            guard.needs = bit(element);
            return guard;
        }
        let names = self.expression.names();
        let holds_if = |presence: &dyn Fn(&str) -> Option<bool>| {
            let known = |name: &str| if bit(name) == 0 { Some(false) } else { presence(name) };
            self.expression.foreseen(&known) == Some(true)
        };
        for name in &names {
            if holds_if(&|other| (other == *name).then_some(false)) {
                guard.needs |= bit(name);
            }
            if holds_if(&|other| (other == *name).then_some(true)) {
                guard.enough |= bit(name);
            }
        }
        if holds_if(&|_| Some(false)) {
            guard.any = names.iter().fold(0, |bits, name| bits | bit(name));
        }
        guard
    }
}

impl Guard {
    /// Whether it holds for sure of a value that has the elements `bits`.
    pub(super) fn is_sure(self, bits: u64) -> bool {
        bits & self.needs != self.needs || bits & self.enough != 0 || (self.any != 0 && bits & self.any == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mended_and_native_invariant_is_one_of_the_table() {
        let lines: Vec<&str> = tables().types().iter().flat_map(|kind| &kind.invariants).copied().collect();
        for (expression, mended) in MENDED {
            assert!(lines.iter().any(|line| line.split('\t').nth(1) == Some(expression)), "{expression}");
            assert!(Expression::compile(mended).is_ok(), "{mended}");
        }
        let keys: Vec<&str> = lines.iter().filter_map(|line| line.split(['@', ' ']).next()).collect();
        assert!(NATIVE.iter().all(|key| keys.contains(key)));
        assert_eq!(lines.len(), 239);
    }

    #[test]
    fn what_is_there_often_settles_an_invariant_before_it_is_run() {
        let kind = tables().kind(tables().type_id("Attachment").expect("R4 has it"));
        let bit = |name: &str| 1 << kind.elements.iter().position(|known| *known == name).expect("R4 has it");
        let guards = constraints().of(tables().type_id("Attachment").expect("R4 has it"));
        assert_eq!(guards.len(), 1, "att-1: data.empty() or contentType.exists()");
        assert!(guards[0].is_sure(0) && guards[0].is_sure(bit("title")));
        assert!(guards[0].is_sure(bit("data") | bit("contentType")) && !guards[0].is_sure(bit("data")));
    }
}
