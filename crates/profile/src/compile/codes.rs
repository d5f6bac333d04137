//! Value sets and code systems, each once, in the order in which they are searched.

use std::collections::HashMap;

use fhir::r4::ElementFacts;
use fhir::systems::canonical_of;

use super::Compiler;
use crate::element::{Element, Strength};
use crate::package::Library;
use crate::program::{BETWEEN, Binding, CodeSet, CompiledSystem, ProfileId, SystemPart, Words};
use crate::terminology::{CodeSystem, Expansion};

/// Where each value set stands, by package and canonical, and by what is in it.
#[derive(Default)]
pub(super) struct Sets {
    by_name: HashMap<(String, String), u32>,
    by_content: HashMap<CodeSet, u32>,
}

/// R4's vital signs bind the unit of whatever a component measures, an oxygen flow too, to units of vital signs; later
/// editions no longer require it.
fn is_unit_of_component(id: &str, value_set: Option<&str>) -> bool {
    id == "Observation.component.value[x]"
        && value_set.map(canonical_of) == Some("http://hl7.org/fhir/ValueSet/ucum-vitals-common")
}

impl Compiler<'_> {
    /// An element's binding, if it binds beyond R4's base.
    pub(super) fn binding(
        &mut self,
        id: ProfileId,
        element: &Element,
        base: &[(&'static str, ElementFacts)],
    ) -> Option<Binding> {
        let binding = element.binding()?;
        let url = binding.value_set.filter(|_| binding.strength != Strength::Example);
        let is_base = |url: &str| {
            binding.strength == Strength::Required
                && base.iter().any(|(_, facts)| facts.required_value_set == Some(canonical_of(url)))
        };
        let max = binding.max_value_set.map(|url| self.code_set(id, url));
        let strength =
            if is_unit_of_component(element.id(), url) { Strength::Extensible } else { binding.strength };
        match url.filter(|url| !is_base(url)) {
            Some(url) => Some(Binding { strength, set: self.code_set(id, url), max_set: max }),
            None => max.map(|set| Binding { strength: Strength::Required, set, max_set: None }),
        }
    }

    /// The number of a value set in the scope of a profile.
    pub(super) fn code_set(&mut self, id: ProfileId, canonical: &str) -> u32 {
        let package = self.program.profiles[id as usize].package.to_string();
        let name = (package, canonical.to_owned());
        if let Some(known) = self.sets.by_name.get(&name) {
            return *known;
        }
        let expansion = self.resolver(id).value_set(canonical);
        for unknown in &expansion.unknown {
            self.odd(id, unknown.message(fhir::finding::Language::English));
        }
        let set = compiled(canonical, &expansion);
        let next = self.program.code_sets.len() as u32;
        let place = *self.sets.by_content.entry(set).or_insert(next);
        if place == next {
            self.program.code_sets.push(compiled(canonical, &expansion));
        }
        self.sets.by_name.insert(name, place);
        place
    }
}

fn compiled(canonical: &str, expansion: &Expansion) -> CodeSet {
    let part = |system: &crate::terminology::SystemCodes| SystemPart {
        system: system.system.as_str().into(),
        codes: Words::of(system.codes.iter().map(|member| member.code.as_str())),
        excluded: Words::of(system.excluded.iter().map(String::as_str)),
        is_open: system.is_whole_system_unknown,
        is_case_sensitive: system.is_case_sensitive,
    };
    CodeSet {
        url: canonical.into(),
        systems: expansion.systems.iter().map(part).collect(),
        is_open: expansion.unknown.iter().any(|unknown| unknown.system.is_none()),
    }
}

/// Every code system at hand that tells codes.
pub(super) fn systems(library: &Library) -> Vec<CompiledSystem> {
    let systems = library.code_systems();
    systems.iter().filter(|system| !system.concepts().is_empty()).map(|system| table(system)).collect()
}

fn table(system: &CodeSystem) -> CompiledSystem {
    let mut concepts: Vec<_> = system.concepts().iter().collect();
    concepts.sort_by(|a, b| a.code.cmp(&b.code));
    concepts.dedup_by(|a, b| a.code == b.code);
    let displays: Vec<String> = concepts
        .iter()
        .map(|concept| {
            let others = concept.designations.iter().map(|one| one.value.as_str());
            let all: Vec<&str> = concept.display.as_deref().into_iter().chain(others).collect();
            all.join(BETWEEN.to_string().as_str())
        })
        .collect();
    let is_dated = concepts.iter().any(|one| one.valid_from.is_some() || one.valid_to.is_some());
    let validity: Vec<String> = concepts
        .iter()
        .filter(|_| is_dated)
        .map(|one| {
            let day = |day: &Option<String>| day.clone().unwrap_or_default();
            format!("{}/{}", day(&one.valid_from), day(&one.valid_to))
        })
        .collect();
    CompiledSystem {
        url: system.url.as_str().into(),
        codes: Words::of(concepts.iter().map(|concept| concept.code.as_str())),
        displays: Words::of(displays.iter().map(String::as_str)),
        is_complete: system.is_complete(),
        is_case_sensitive: system.is_case_sensitive,
        validity: Words::of(validity.iter().map(String::as_str)),
    }
}
