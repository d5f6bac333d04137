//! The code systems of a library: those of its packages, joined with the tables that the user brought.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use fhir::systems::canonical_of;

use super::{Library, Limits, Package, PackageError, Version, archive, keep};
use crate::terminology::read_table;
use crate::{CodeSystem, CodeTable, Content, TableForm};

/// What became of a table of codes that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// What it is called in the folder.
    pub name: String,
    /// Each system, and how many of its codes were read.
    pub systems: Vec<(String, usize)>,
    /// The lines that hold no code of a known system.
    pub passed: Vec<u64>,
}

impl Library {
    /// Reads a table of codes (CSV, UTF-8 or Shift_JIS) and keeps it beside the packages; its codes join, and where
    /// both speak replace, what packages tell of the same system. A table of the same name is replaced.
    ///
    /// # Errors
    /// When it is no such table or cannot be written; then nothing is changed.
    pub fn import(&mut self, path: &Path, form: &TableForm) -> Result<Imported, PackageError> {
        let name = keep::table_name(path);
        let bytes = archive::read_file(path, Limits::default().file_bytes)?;
        let (table, passed) =
            read_table(&name, &bytes, form).map_err(|why| PackageError::Table(path.to_owned(), why))?;
        let _lock = keep::lock(&self.folder)?;
        keep::write(&self.folder, &keep::table_path(&self.folder, &name), table.to_text().as_bytes())?;
        *self = Self::open(&self.folder)?;
        let systems = table.systems.iter().map(|system| (system.url.clone(), system.concepts().len()));
        Ok(Imported { name, systems: systems.collect(), passed })
    }

    /// Forgets a table of codes.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub fn remove_table(&mut self, name: &str) -> Result<(), PackageError> {
        let _lock = keep::lock(&self.folder)?;
        keep::remove(&self.folder, &keep::table_path(&self.folder, name))?;
        *self = Self::open(&self.folder)?;
        Ok(())
    }

    /// Every code system at hand, once: of several versions the fullest and then the newest, with the codes that only
    /// another one knows (guides at hand disagree, and a coding seldom tells which version it means), the user's
    /// tables and the words of supplements.
    #[must_use]
    pub fn code_systems(&self) -> Vec<Cow<'_, CodeSystem>> {
        let all = || self.packages().iter().flat_map(Package::code_systems);
        let told = |system: &CodeSystem| (system.is_complete(), system.version.as_deref().map(Version::of));
        let mut best: BTreeMap<&str, Cow<'_, CodeSystem>> = BTreeMap::new();
        for system in all().filter(|system| system.content != Content::Supplement) {
            if best.get(system.url.as_str()).is_none_or(|known| told(known) <= told(system)) {
                best.insert(&system.url, Cow::Borrowed(system));
            }
        }
        for system in all().filter(|system| system.content != Content::Supplement) {
            let known = best.get_mut(system.url.as_str());
            let is_new =
                |known: &CodeSystem| system.concepts().iter().any(|one| known.concept(&one.code).is_none());
            if let Some(known) = known.filter(|known| is_new(known)) {
                known.to_mut().join(system);
            }
        }
        best.extend(self.tabled().values().map(|system| (system.url.as_str(), Cow::Borrowed(system))));
        for system in all() {
            let base = system.supplements.as_deref().and_then(|url| best.get_mut(canonical_of(url)));
            if let (Some(base), Content::Supplement) = (base, system.content) {
                base.to_mut().add_words(system);
            }
        }
        best.into_values().collect()
    }
}

/// The systems of the tables, joined with each other and with what the packages tell.
pub(super) fn joined(packages: &[Package], tables: &[CodeTable]) -> HashMap<String, CodeSystem> {
    let mut systems: HashMap<String, CodeSystem> = HashMap::new();
    for system in tables.iter().flat_map(|table| &table.systems) {
        match systems.get_mut(&system.url) {
            Some(known) => known.join(system),
            None => _ = systems.insert(system.url.clone(), system.clone()),
        }
    }
    for (url, system) in &mut systems {
        for package in packages.iter().rev() {
            let same =
                package.with_url("CodeSystem", url).filter_map(|found| found.code_system(package.id()));
            same.for_each(|other| system.join(other));
        }
    }
    systems
}
