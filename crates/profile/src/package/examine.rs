//! A close look at one package: everything odd that reading alone does not show.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Oddity, OddityKind, Package, Resolver, Resource};
use crate::{Element, SnapshotError, StructureDefinition, ValueSet};

/// Everything odd about the package `resolver` answers for; one oddity for each thing, with how often it is met.
pub(super) fn examine(resolver: &Resolver<'_>) -> Vec<Oddity> {
    let Some(package) = resolver.scope().next() else { return Vec::new() };
    let mut look = Look { resolver, found: BTreeMap::new() };
    for resource in package.resources() {
        look.resource(resource, package);
    }
    let told = package.oddities().iter().chain(resolver.oddities()).cloned();
    let found = look.found.into_iter().map(|((kind, what), (file, count))| {
        let what = if count > 1 { format!("{what} (×{count})") } else { what };
        Oddity::new(kind, &file, what)
    });
    let mut all: Vec<Oddity> = told.chain(found).collect();
    all.sort();
    all.dedup();
    all
}

struct Look<'r, 'l> {
    resolver: &'r Resolver<'l>,
    /// The first file and how often, by kind and what.
    found: BTreeMap<(OddityKind, String), (String, usize)>,
}

impl Look<'_, '_> {
    fn note(&mut self, kind: OddityKind, file: &str, what: impl Into<String>) {
        self.found.entry((kind, what.into())).or_insert_with(|| (file.to_owned(), 0)).1 += 1;
    }

    fn resource(&mut self, resource: &Resource, package: &Package) {
        if let Some(value) = resource.value() {
            let mut empty = Vec::new();
            empty_strings(&value, "", &mut empty);
            empty.into_iter().for_each(|place| self.note(OddityKind::EmptyString, &resource.file, place));
        }
        match resource.type_name.as_str() {
            "StructureDefinition" => match resource.definition(package.id()) {
                Some(definition) => self.definition(definition, &resource.file),
                None => self.note(OddityKind::Incomplete, &resource.file, "url, kind, type"),
            },
            "ValueSet" => {
                if let Some(set) = resource.value_set(package.id()) {
                    self.value_set(set, &resource.file);
                }
            }
            _ => {}
        }
    }

    fn definition(&mut self, definition: &StructureDefinition, file: &str) {
        if definition.snapshot.is_empty() {
            self.note(OddityKind::NoSnapshot, file, "");
        }
        if let Some(base) = &definition.base_definition {
            self.profile(base, file);
        }
        // R4's own types are no profiles, and their differentials say everything anew.
        if definition.is_profile() {
            match self.resolver.generated(definition) {
                Ok(made) => {
                    let odd = made.oddities.iter();
                    odd.for_each(|odd| self.note(odd.kind, file, odd.what.as_str()));
                }
                // That the base is not at hand is told of its canonical.
                Err(SnapshotError::NoBase(..)) => {}
                Err(SnapshotError::Cycle(ring)) => {
                    self.note(OddityKind::ContradictsBase, file, ring.join(" → "));
                }
                Err(SnapshotError::TooLarge(_)) => self.note(OddityKind::TooLarge, file, ""),
            }
        }
        definition.differential.iter().for_each(|element| self.element(element, file));
    }

    fn element(&mut self, element: &Element, file: &str) {
        for kind in element.types() {
            kind.profiles().chain(kind.target_profiles()).for_each(|url| self.profile(url, file));
        }
        let binding = element.binding();
        let sets = binding.iter().flat_map(|binding| [binding.value_set, binding.max_value_set]).flatten();
        for url in sets {
            let expansion = self.resolver.value_set(url);
            if expansion.systems.is_empty() && !expansion.is_complete() {
                self.note(OddityKind::UnknownValueSet, file, url);
            }
        }
    }

    fn profile(&mut self, url: &str, file: &str) {
        if self.resolver.nearest_definition(url).is_none() {
            self.note(OddityKind::UnknownProfile, file, url);
        }
    }

    fn value_set(&mut self, set: &ValueSet, file: &str) {
        for clause in set.includes.iter().chain(&set.excludes) {
            for url in &clause.value_sets {
                if self.resolver.value_set_definition(url).is_none() {
                    self.note(OddityKind::UnknownValueSet, file, url.as_str());
                }
            }
            if let Some(system) = clause.system.as_deref()
                && self.resolver.code_system(system).is_none()
            {
                self.note(OddityKind::UnknownCodeSystem, file, system);
            }
        }
    }
}

/// The places of empty strings, with `[]` for any item of a list so that one mistake is one place.
fn empty_strings(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.is_empty() => found.push(place.to_owned()),
        Value::Array(items) => {
            let place = format!("{place}[]");
            items.iter().for_each(|item| empty_strings(item, &place, found));
        }
        Value::Object(members) => {
            for (name, value) in members {
                let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                empty_strings(value, &place, found);
            }
        }
        _ => {}
    }
}
