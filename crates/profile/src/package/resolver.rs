use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use fhir::systems::canonical_of;

use super::version::satisfies;
use super::{Dependency, Library, Oddity, OddityKind, Package, PackageId, Resource, Version};
use crate::snapshot::{self, Snapshot, SnapshotError};
use crate::terminology::{self, Expansion};
use crate::{CodeSystem, Element, StructureDefinition, ValueSet};

/// Finds definitions in the scope of one package: its own first, then those of its dependencies, nearest first, then
/// the newest of all others at hand.
pub struct Resolver<'l> {
    library: &'l Library,
    scope: Vec<&'l Package>,
    others: Vec<&'l Package>,
    snapshots: Mutex<HashMap<(PackageId, String), Generated>>,
    expansions: Mutex<HashMap<String, Arc<Expansion>>>,
    oddities: Vec<Oddity>,
}

type Generated = Result<Arc<Snapshot>, SnapshotError>;

impl<'l> Resolver<'l> {
    pub(super) fn new(library: &'l Library, from: &PackageId) -> Self {
        let packages = library.packages();
        let mut scope: Vec<&Package> = packages.iter().filter(|package| package.id() == from).collect();
        let mut oddities = Vec::new();
        let mut next = 0;
        while let Some(package) = scope.get(next).copied() {
            for asked in package.dependencies() {
                match choose(packages, asked) {
                    Some((chosen, fits)) => {
                        if !fits {
                            let what = format!("{}#{} → {}", asked.name, asked.version, chosen.id());
                            oddities.push(Oddity::new(OddityKind::OtherDependency, "package.json", what));
                        }
                        if scope.iter().all(|known| known.id().name != chosen.id().name) {
                            scope.push(chosen);
                        }
                    }
                    None => {
                        let what = format!("{}#{}", asked.name, asked.version);
                        oddities.push(Oddity::new(OddityKind::MissingDependency, "package.json", what));
                    }
                }
            }
            next += 1;
        }
        let others =
            packages.iter().filter(|other| scope.iter().all(|known| known.id() != other.id())).collect();
        Self { library, scope, others, snapshots: Mutex::default(), expansions: Mutex::default(), oddities }
    }

    /// The packages in the order they are asked: this one, its dependencies.
    pub fn scope(&self) -> impl Iterator<Item = &'l Package> {
        self.scope.iter().copied()
    }

    /// Dependencies that are missing or come in another version.
    #[must_use]
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// Everything odd about the package: what showed when it was read, and what a close look shows. Takes a while.
    #[must_use]
    pub fn examine(&self) -> Vec<Oddity> {
        super::examine::examine(self)
    }

    /// The definition of this canonical, which may have `|version`.
    #[must_use]
    pub fn definition(&self, canonical: &str) -> Option<&'l StructureDefinition> {
        self.find("StructureDefinition", canonical, |resource, package| resource.definition(package.id()))
    }

    /// R4's definition of a type by its code.
    #[must_use]
    pub fn type_definition(&self, code: &str) -> Option<&'l StructureDefinition> {
        if code.contains(':') {
            return self.definition(code);
        }
        self.definition(&format!("http://hl7.org/fhir/StructureDefinition/{code}"))
    }

    /// The code system with this canonical.
    #[must_use]
    pub fn code_system(&self, canonical: &str) -> Option<&'l CodeSystem> {
        if let Some(tabled) = self.library.tabled().get(canonical_of(canonical)) {
            return Some(tabled);
        }
        self.find("CodeSystem", canonical, |resource, package| resource.code_system(package.id()))
    }

    /// The value set with this canonical, as written.
    #[must_use]
    pub fn value_set_definition(&self, canonical: &str) -> Option<&'l ValueSet> {
        self.find("ValueSet", canonical, |resource, package| resource.value_set(package.id()))
    }

    /// The code system whose codes all are in this value set, by its own word.
    pub(crate) fn system_of_value_set(&self, canonical: &str) -> Option<&'l CodeSystem> {
        let packages = self.scope.iter().chain(&self.others).copied();
        packages.flat_map(|package| package.code_systems()).find(|system| {
            system.value_set.as_deref().is_some_and(|own| canonical_of(own) == canonical_of(canonical))
        })
    }

    /// The codes in the value set with this canonical; if it is defined nowhere, that is told in `unknown`.
    #[must_use]
    pub fn value_set(&self, canonical: &str) -> Arc<Expansion> {
        let known = |expansions: &HashMap<String, Arc<Expansion>>| expansions.get(canonical).cloned();
        if let Some(expansion) = known(&self.expansions.lock().unwrap_or_else(PoisonError::into_inner)) {
            return expansion;
        }
        // Unlocked while expanding: a value set may be made of others.
        let expansion = Arc::new(terminology::expand(self, canonical));
        let mut expansions = self.expansions.lock().unwrap_or_else(PoisonError::into_inner);
        expansions.entry(canonical.to_owned()).or_insert(expansion).clone()
    }

    /// The definition of this canonical; of another version, if the one asked for is not at hand.
    pub(crate) fn nearest_definition(&self, canonical: &str) -> Option<&'l StructureDefinition> {
        self.definition(canonical).or_else(|| self.definition(canonical_of(canonical)))
    }

    /// Every element of `definition`: as its package tells them, else generated from its base.
    ///
    /// # Errors
    /// When a base is missing, or a definition is derived from itself.
    pub fn snapshot<'d>(
        &self,
        definition: &'d StructureDefinition,
    ) -> Result<Cow<'d, [Element]>, SnapshotError> {
        self.snapshot_on_way(definition, &[])
    }

    /// The snapshot made from the differential, whatever the package tells.
    ///
    /// # Errors
    /// As [`Self::snapshot`].
    pub fn generated(&self, definition: &StructureDefinition) -> Result<Arc<Snapshot>, SnapshotError> {
        self.generated_on_way(definition, &[])
    }

    /// As [`Self::snapshot`], while the definitions on `way` are being generated.
    pub(crate) fn snapshot_on_way<'d>(
        &self,
        definition: &'d StructureDefinition,
        way: &[&StructureDefinition],
    ) -> Result<Cow<'d, [Element]>, SnapshotError> {
        if !definition.snapshot.is_empty() {
            return Ok(Cow::Borrowed(&definition.snapshot));
        }
        self.generated_on_way(definition, way).map(|snapshot| Cow::Owned(snapshot.elements.clone()))
    }

    fn generated_on_way(&self, definition: &StructureDefinition, way: &[&StructureDefinition]) -> Generated {
        let key = (definition.package.clone(), definition.versioned());
        let known = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return known;
        }
        // Unlocked while generating: one snapshot needs others.
        let made = snapshot::generate(definition, self, way).map(Arc::new);
        let mut snapshots = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
        snapshots.entry(key).or_insert(made).clone()
    }

    /// The first in scope, else the newest of the others. A resource that cannot be read is passed over.
    fn find<T>(
        &self,
        type_name: &str,
        canonical: &str,
        read: impl Fn(&'l Resource, &'l Package) -> Option<&'l T>,
    ) -> Option<&'l T> {
        let url = canonical_of(canonical);
        let wanted = canonical.split_once('|').map(|(_, version)| version);
        for fits in [is_exactly, is_within] {
            let fitting = |package: &&'l Package| {
                let package = *package;
                let found = package.with_url(type_name, url);
                found
                    .filter(move |resource| fits(resource, package, wanted))
                    .map(move |resource| (resource, package))
            };
            let own = self.scope.iter().flat_map(|package| fitting(package));
            if let Some(found) = own.into_iter().find_map(|(resource, package)| read(resource, package)) {
                return Some(found);
            }
            let mut others: Vec<_> = self.others.iter().flat_map(|package| fitting(package)).collect();
            others.sort_by_key(|(resource, package)| std::cmp::Reverse(version_of(resource, package)));
            if let Some(found) = others.into_iter().find_map(|(resource, package)| read(resource, package)) {
                return Some(found);
            }
        }
        None
    }
}

impl fmt::Debug for Resolver<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.scope.iter().map(|package| package.id())).finish()
    }
}

/// Of the version asked for. A resource without a version of its own has its package's.
fn is_exactly(resource: &Resource, package: &Package, wanted: Option<&str>) -> bool {
    let own = resource.version.as_deref();
    wanted.is_none_or(|wanted| own == Some(wanted) || own.is_none() && package.id().version == wanted)
}

/// Of a version that begins as the one asked for: `4.0` takes `4.0.1`.
fn is_within(resource: &Resource, package: &Package, wanted: Option<&str>) -> bool {
    let own = resource.version.as_deref().unwrap_or(&package.id().version);
    wanted.is_some_and(|wanted| own.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.')))
}

fn version_of(resource: &Resource, package: &Package) -> Version {
    Version::of(resource.version.as_deref().unwrap_or(&package.id().version))
}

/// The package for a dependency, and whether it is what was asked for. Else one with the same numbers and a tail if
/// one was asked for, else the newest: a guide that asks for `1.1.2-clins` is better served by `1.1.2-url`, a variant
/// like it, than by plain `1.1.2`, and by that than by nothing.
fn choose<'l>(packages: &'l [Package], asked: &Dependency) -> Option<(&'l Package, bool)> {
    let named = || packages.iter().rev().filter(|package| package.id().name == asked.name);
    if let Some(package) = named().find(|package| satisfies(&package.id().version, &asked.version)) {
        return Some((package, true));
    }
    let wanted = Version::of(&asked.version);
    let nearness = |package: &&&Package| {
        let version = Version::of(&package.id().version);
        (version.is_sibling(&wanted), version.is_sibling(&wanted) && version.has_tail() == wanted.has_tail())
    };
    // Of equally near ones the last is the newest.
    let packages: Vec<&Package> = packages.iter().filter(|package| package.id().name == asked.name).collect();
    packages.iter().max_by_key(nearness).map(|package| (*package, false))
}
