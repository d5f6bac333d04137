use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ring::digest::{Context, SHA256};

use super::keep::{self, Kept, KeptTable};
use super::{
    Limits, Oddity, OddityKind, Package, PackageError, PackageId, Resolver, Version, archive, sha256, tables,
};

use crate::{CodeSystem, CodeTable};

/// The packages at hand: those in the folder where the user keeps them, or some in memory.
///
/// Opening reads and hashes the archives; they are unpacked when somebody first asks for [`Self::packages`], which
/// nobody need do whose compiled pack has the same [`Self::fingerprint`].
pub struct Library {
    pub(super) folder: PathBuf,
    kept: Vec<Kept>,
    kept_tables: Vec<KeptTable>,
    fingerprint: [u8; 32],
    unpacked: OnceLock<Unpacked>,
}

#[derive(Default)]
struct Unpacked {
    packages: Vec<Package>,
    tables: Vec<CodeTable>,
    /// The systems of the tables, each with the codes that packages tell of it besides.
    tabled: HashMap<String, CodeSystem>,
    oddities: Vec<Oddity>,
}

/// What became of a package that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its name and version.
    pub id: PackageId,
    /// Whether another content stood under the same name and version.
    pub replaced: bool,
    /// Whether exactly this was there already.
    pub unchanged: bool,
    /// What was odd about it.
    pub oddities: Vec<Oddity>,
}

impl Library {
    /// The packages kept in `folder`; a folder that does not exist holds none.
    ///
    /// # Errors
    /// When the folder or an archive in it cannot be read. An archive that is damaged is an oddity.
    pub fn open(folder: &Path) -> Result<Self, PackageError> {
        let (kept, kept_tables) = keep::list(folder)?;
        let mut context = Context::new(&SHA256);
        for one in &kept {
            context.update(one.id.to_string().as_bytes());
            context.update(&[0]);
            context.update(&one.digest);
        }
        for one in &kept_tables {
            context.update(one.name.as_bytes());
            context.update(&[1]);
            context.update(&one.digest);
        }
        let (folder, fingerprint) = (folder.to_owned(), sha256(context));
        Ok(Self { folder, kept, kept_tables, fingerprint, unpacked: OnceLock::new() })
    }

    /// Packages in memory, for tests and for one-off use.
    #[must_use]
    pub fn of(mut packages: Vec<Package>) -> Self {
        packages.sort_by(|one, other| order(one.id(), other.id()));
        let mut context = Context::new(&SHA256);
        packages.iter().for_each(|package| context.update(&package.digest()));
        let unpacked = Unpacked { packages, ..Unpacked::default() };
        Self {
            folder: PathBuf::new(),
            kept: Vec::new(),
            kept_tables: Vec::new(),
            fingerprint: sha256(context),
            unpacked: OnceLock::from(unpacked),
        }
    }

    /// Every package that can be read, by name and then oldest first.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.unpacked().packages
    }

    /// The package of this name: of this version, or the newest.
    #[must_use]
    pub fn package(&self, name: &str, version: Option<&str>) -> Option<&Package> {
        let named = self.packages().iter().rev().filter(|package| package.id().name == name);
        named.into_iter().find(|package| version.is_none_or(|version| package.id().version == version))
    }

    /// Names and versions of what is kept, without unpacking anything.
    pub fn ids(&self) -> Vec<PackageId> {
        match self.unpacked.get() {
            Some(unpacked) => unpacked.packages.iter().map(|package| package.id().clone()).collect(),
            None => self.kept.iter().map(|kept| kept.id.clone()).collect(),
        }
    }

    /// Kept packages that cannot be read.
    #[must_use]
    pub fn oddities(&self) -> &[Oddity] {
        &self.unpacked().oddities
    }

    /// SHA-256 over everything kept: equal exactly if all packages are.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// Answers in the scope of the package `from`: its own definitions, its dependencies', then the newest at hand.
    #[must_use]
    pub fn resolver(&self, from: &PackageId) -> Resolver<'_> {
        Resolver::new(self, from)
    }

    /// Only the packages `wanted` (`name` for the newest, or `name#version`) and `more` that are kept nowhere, with what
    /// they depend on.
    ///
    /// # Errors
    /// When a package that is wanted is not kept here.
    pub fn narrowed(self, wanted: &[&String], more: Vec<Package>) -> Result<Self, PackageError> {
        let mut chosen: Vec<PackageId> = more.iter().map(|package| package.id().clone()).collect();
        for name in wanted {
            let (name, version) =
                name.split_once('#').map_or((name.as_str(), None), |(name, v)| (name, Some(v)));
            let unknown = || PackageId { name: name.to_owned(), version: version.unwrap_or("*").to_owned() };
            let found = self.package(name, version).ok_or_else(|| PackageError::Unknown(unknown()))?;
            chosen.push(found.id().clone());
        }
        self.unpacked();
        let mut whole = self;
        let unpacked = whole.unpacked.get_mut().expect("unpacked two lines above");
        unpacked.packages.retain(|package| more.iter().all(|other| other.id() != package.id()));
        unpacked.packages.extend(more);
        unpacked.packages.sort_by(|one, other| order(one.id(), other.id()));
        let scope = |id| whole.resolver(id).scope().map(|package| package.id().clone()).collect::<Vec<_>>();
        let used: Vec<PackageId> = chosen.iter().flat_map(scope).collect();
        if let Some(unpacked) = whole.unpacked.get_mut() {
            unpacked.packages.retain(|package| used.contains(package.id()));
        }
        Ok(whole)
    }

    /// Keeps the package at `path` (`.tgz` or folder) beside the others.
    ///
    /// # Errors
    /// When it is no package, depends on itself in a ring, or cannot be written; then nothing is changed.
    pub fn add(&mut self, path: &Path) -> Result<Added, PackageError> {
        let bytes = keep::archive_of(path)?;
        let package = Package::from_bytes(&bytes, path, &Limits::default())?;
        let id = package.id().clone();
        let oddities = package.oddities().to_vec();
        let _lock = keep::lock(&self.folder)?;
        *self = Self::open(&self.folder)?;
        let before = self.kept.iter().find(|kept| kept.id == id).map(|kept| kept.digest);
        let unchanged = before == Some(keep::digest(&bytes));
        if !unchanged {
            self.refuse_ring(&package, &mut vec![id.name.clone()], &mut Vec::new())?;
            keep::write(&self.folder, &keep::path(&self.folder, &id), &bytes)?;
            *self = Self::open(&self.folder)?;
        }
        Ok(Added { id, replaced: before.is_some() && !unchanged, unchanged, oddities })
    }

    /// Forgets a package.
    ///
    /// # Errors
    /// When it is not kept here or its file cannot be removed.
    pub fn remove(&mut self, id: &PackageId) -> Result<(), PackageError> {
        let _lock = keep::lock(&self.folder)?;
        *self = Self::open(&self.folder)?;
        if self.kept.iter().all(|kept| kept.id != *id) {
            return Err(PackageError::Unknown(id.clone()));
        }
        keep::remove(&self.folder, &keep::path(&self.folder, id))?;
        *self = Self::open(&self.folder)?;
        Ok(())
    }

    /// The tables of codes that the user brought, by name.
    #[must_use]
    pub fn tables(&self) -> &[CodeTable] {
        &self.unpacked().tables
    }

    /// The systems of the tables, by canonical.
    pub(super) fn tabled(&self) -> &HashMap<String, CodeSystem> {
        &self.unpacked().tabled
    }

    /// Follows declared dependencies from `package`; one that is met again on its own way closes a ring. Rings that do
    /// not go through the package that is being added were refused before, so only what it needs is read, and once.
    fn refuse_ring(
        &self,
        package: &Package,
        way: &mut Vec<String>,
        done: &mut Vec<String>,
    ) -> Result<(), PackageError> {
        for asked in package.dependencies().iter().filter(|asked| asked.is_declared) {
            if let Some(start) = way.iter().position(|met| *met == asked.name) {
                let ring = way[start..].iter().chain([&asked.name]).cloned();
                return Err(PackageError::Cycle(ring.collect()));
            }
            if done.contains(&asked.name) {
                continue;
            }
            way.push(asked.name.clone());
            for kept in self.kept.iter().filter(|kept| kept.id.name == asked.name) {
                // One that cannot be read is told elsewhere, and leads nowhere.
                if let Ok(next) = self.read(&kept.id) {
                    self.refuse_ring(&next, way, done)?;
                }
            }
            way.pop();
            done.push(asked.name.clone());
        }
        Ok(())
    }

    fn read(&self, id: &PackageId) -> Result<Package, PackageError> {
        let (path, limits) = (keep::path(&self.folder, id), Limits::default());
        Package::from_bytes(&archive::read_file(&path, limits.bytes)?, &path, &limits)
    }

    fn unpacked(&self) -> &Unpacked {
        self.unpacked.get_or_init(|| {
            let mut unpacked = Unpacked::default();
            let limits = Limits::default();
            for kept in &self.kept {
                match self.read(&kept.id) {
                    Ok(package) => unpacked.packages.push(package),
                    Err(error) => {
                        let path = keep::path(&self.folder, &kept.id);
                        unpacked.oddities.push(unreadable(&path, error.to_string()));
                    }
                }
            }
            for kept in &self.kept_tables {
                let path = keep::table_path(&self.folder, &kept.name);
                let read = archive::read_file(&path, limits.bytes).map_err(|error| error.to_string());
                let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()));
                match text.and_then(|text| CodeTable::from_text(&kept.name, &text)) {
                    Ok(table) => unpacked.tables.push(table),
                    Err(why) => unpacked.oddities.push(unreadable(&path, why)),
                }
            }
            unpacked.tabled = tables::joined(&unpacked.packages, &unpacked.tables);
            unpacked
        })
    }
}

fn unreadable(path: &Path, why: String) -> Oddity {
    Oddity::new(OddityKind::Unreadable, &path.display().to_string(), why)
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// By name, then oldest first.
pub(super) fn order(one: &PackageId, other: &PackageId) -> std::cmp::Ordering {
    let version = |id: &PackageId| Version::of(&id.version);
    one.name.cmp(&other.name).then_with(|| version(one).cmp(&version(other)))
}
