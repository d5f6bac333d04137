//! One `include` or `exclude` as a set of codes.

use super::filter::Test;
use super::set::{Part, Set};
use super::{Clause, CodeSystem, Concept, Unknown, UnknownKind};
use crate::Resolver;

/// The codes of `clause` in its own system, before its value sets are asked; none if it names no system.
pub(super) fn codes(resolver: &Resolver<'_>, clause: &Clause) -> Option<Set> {
    let url = clause.system.as_deref()?;
    let found = system(resolver, url, clause.version.as_deref());
    if !clause.concepts.is_empty() {
        return Some(listed(url, clause, found));
    }
    let unknown = |kind, what: String| Unknown { system: Some(url.to_owned()), kind, what };
    let Some(system) = found else {
        return Some(Set::unknown(unknown(UnknownKind::CodeSystem, url.to_owned())));
    };
    let mut tests = Vec::new();
    for filter in &clause.filters {
        let Some(test) = Test::of(filter, system) else {
            let what = format!("{} {} {}", filter.property, filter.op, filter.value);
            return Some(Set::unknown(unknown(UnknownKind::Filter, what)));
        };
        tests.push(test);
    }
    let holds = |concept: &&Concept| tests.iter().all(|test| test.holds(concept));
    let codes = system.concepts().iter().filter(holds);
    let codes = codes.map(|concept| (concept.code.clone(), concept.display.clone())).collect();
    let mut set = Set::default();
    if !system.is_complete() {
        set.unknown.insert(unknown(UnknownKind::PartOfCodeSystem, url.to_owned()));
    }
    set.systems.insert(url.to_owned(), Part { codes, is_open: !system.is_complete(), ..Part::default() });
    Some(set)
}

/// The code system, of that version if it is at hand.
fn system<'l>(resolver: &Resolver<'l>, url: &str, version: Option<&str>) -> Option<&'l CodeSystem> {
    let versioned = version.and_then(|version| resolver.code_system(&format!("{url}|{version}")));
    versioned.or_else(|| resolver.code_system(url))
}

fn listed(url: &str, clause: &Clause, found: Option<&CodeSystem>) -> Set {
    let mut part = Part::default();
    for (code, display) in &clause.concepts {
        let own = || found?.concept(code)?.display.clone();
        part.codes.insert(code.clone(), display.clone().or_else(own));
    }
    let mut set = Set::default();
    set.systems.insert(url.to_owned(), part);
    set
}
