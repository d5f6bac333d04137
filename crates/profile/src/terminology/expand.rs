//! The codes of a value set, through the value sets it is made of.

use std::collections::HashMap;
use std::rc::Rc;

use super::set::{Part, Set};
use super::{Clause, Expansion, Unknown, UnknownKind, ValueSet, clause};
use crate::Resolver;

/// A value set with more codes is not told code by code. The largest of Japan's tables has some 30,000.
const MOST_CODES: usize = 500_000;
/// Codes looked at for one value set; a set that names a large system very often ends here.
const MOST_WORK: usize = 4_000_000;
/// Value sets inside each other.
const DEPTH: usize = 32;

/// The codes of the value set with this canonical.
pub(crate) fn expand(resolver: &Resolver<'_>, canonical: &str) -> Expansion {
    let mut expander = Expander { resolver, way: Vec::new(), known: HashMap::new(), work: 0 };
    let set = expander.named(canonical);
    let is_case_sensitive =
        |url: &str| resolver.code_system(url).is_none_or(|system| system.is_case_sensitive);
    Rc::unwrap_or_clone(set).into_expansion(is_case_sensitive)
}

struct Expander<'r, 'l> {
    resolver: &'r Resolver<'l>,
    /// The canonicals being expanded, outermost first.
    way: Vec<String>,
    /// A value set that is used many times is expanded once.
    known: HashMap<String, Rc<Set>>,
    work: usize,
}

impl Expander<'_, '_> {
    fn named(&mut self, canonical: &str) -> Rc<Set> {
        if let Some(known) = self.known.get(canonical) {
            return known.clone();
        }
        let unknown = |kind| Set::unknown(Unknown { system: None, kind, what: canonical.to_owned() });
        if self.way.len() >= DEPTH || self.way.iter().any(|met| met == canonical) {
            return Rc::new(unknown(UnknownKind::Cycle));
        }
        self.way.push(canonical.to_owned());
        let set = match self.resolver.value_set_definition(canonical) {
            Some(value_set) => self.composed(value_set),
            None => self.implicit(canonical).unwrap_or_else(|| unknown(UnknownKind::ValueSet)),
        };
        self.way.pop();
        let set = if set.count() > MOST_CODES { unknown(UnknownKind::TooLarge) } else { set };
        let set = Rc::new(set);
        self.known.insert(canonical.to_owned(), set.clone());
        set
    }

    /// By its own rules; where these leave something open, by the list that its makers give.
    fn composed(&mut self, value_set: &ValueSet) -> Set {
        let mut set = Set::default();
        for clause in &value_set.includes {
            let part = self.clause(clause);
            set.unite(part);
        }
        for clause in &value_set.excludes {
            let part = self.clause(clause);
            set.subtract(&part);
        }
        match &value_set.given {
            Some(given) if !set.unknown.is_empty() || value_set.includes.is_empty() => listed(given),
            _ => set,
        }
    }

    fn clause(&mut self, clause: &Clause) -> Set {
        let system = clause.system.as_deref().and_then(|url| self.resolver.code_system(url));
        self.work += clause.concepts.len() + 1;
        if clause.concepts.is_empty() {
            self.work += system.map_or(0, |system| system.concepts().len()) * (clause.filters.len() + 1);
        }
        if self.work > MOST_WORK {
            let (system, kind) = (None, UnknownKind::TooLarge);
            return Set::unknown(Unknown {
                system,
                kind,
                what: self.way.last().cloned().unwrap_or_default(),
            });
        }
        let mut set = clause::codes(self.resolver, clause);
        for canonical in &clause.value_sets {
            let other = self.named(canonical);
            self.work += other.count();
            match &mut set {
                Some(set) => set.intersect(&other),
                None => set = Some(Rc::unwrap_or_clone(other)),
            }
        }
        set.unwrap_or_default()
    }

    /// The value set of a whole code system, which R4 lets one name without defining it.
    fn implicit(&mut self, canonical: &str) -> Option<Set> {
        let whole = |url: &str| Clause { system: Some(url.to_owned()), ..Clause::default() };
        let named = [
            ("http://snomed.info/sct?fhir_vs", "http://snomed.info/sct"),
            ("http://loinc.org/vs", "http://loinc.org"),
        ];
        if let Some((_, system)) = named.iter().find(|(start, _)| canonical.starts_with(start)) {
            let (kind, what) = (UnknownKind::CodeSystem, canonical.to_owned());
            return Some(Set::unknown(Unknown { system: Some((*system).to_owned()), kind, what }));
        }
        let system = self.resolver.system_of_value_set(canonical)?;
        clause::codes(self.resolver, &whole(&system.url))
    }
}

fn listed(given: &[(String, String, Option<String>)]) -> Set {
    let mut set = Set::default();
    for (system, code, display) in given {
        let part = set.systems.entry(system.clone()).or_insert_with(Part::default);
        part.codes.insert(code.clone(), display.clone());
    }
    set
}
