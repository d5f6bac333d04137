//! FHIR NPM packages: reading one, keeping many, finding definitions in them.

mod archive;
mod error;
mod examine;
mod keep;
mod library;
mod manifest;
mod oddity;
mod resolver;
mod resource;
mod tables;
mod version;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

use ring::digest::{Context, SHA256};

pub use archive::Limits;
pub use error::PackageError;
pub use library::{Added, Library};
pub use manifest::Dependency;
pub use oddity::{Oddity, OddityKind};
pub use resolver::Resolver;
pub use resource::Resource;
pub use tables::Imported;
pub use version::Version;

use crate::{CodeSystem, StructureDefinition};
use archive::Files;
use manifest::Manifest;

/// Name and version of a package, written `name#version`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId {
    /// The name, e.g. `jp-core.r4`.
    pub name: String,
    /// The version, e.g. `1.1.2-url`.
    pub version: String,
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.name, self.version)
    }
}

/// One package as its makers left it.
pub struct Package {
    id: PackageId,
    manifest: Manifest,
    resources: Vec<Resource>,
    counts: BTreeMap<String, usize>,
    by_url: HashMap<(String, String), Vec<usize>>,
    oddities: Vec<Oddity>,
    digest: [u8; 32],
}

impl Package {
    /// Reads a `.tgz` or a folder (flat, or with `package/` in it).
    ///
    /// # Errors
    /// When it is no package, or larger than the default [`Limits`]; untidiness is no error.
    pub fn read(path: &Path) -> Result<Self, PackageError> {
        let limits = Limits::default();
        if path.is_dir() {
            return Self::of_files(archive::read_folder(path, &limits)?, path);
        }
        Self::from_bytes(&archive::read_file(path, limits.bytes)?, path, &limits)
    }

    /// Reads the bytes of a `.tgz`; `path` is only for messages.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_bytes(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Self, PackageError> {
        Self::of_files(archive::unpack(bytes, path, limits)?, path)
    }

    /// A package of files in memory, by name; `package.json` is one of them.
    ///
    /// # Errors
    /// When there is no usable `package.json`.
    pub fn from_files(files: Vec<(String, Vec<u8>)>) -> Result<Self, PackageError> {
        Self::of_files(Files { files, oddities: Vec::new() }, Path::new("memory"))
    }

    fn of_files(found: Files, path: &Path) -> Result<Self, PackageError> {
        let Files { files, mut oddities } = found;
        let manifest = files.iter().find(|(name, _)| name == "package.json");
        let (_, bytes) = manifest.ok_or_else(|| PackageError::NoManifest(path.to_owned()))?;
        let mut manifest = Manifest::read(bytes, path, &mut oddities)?;
        let id = PackageId { name: manifest.name.clone(), version: manifest.version.clone() };
        let digest = digest(&files);
        let mut package = Self {
            id,
            resources: Vec::new(),
            counts: BTreeMap::new(),
            by_url: HashMap::new(),
            oddities: Vec::new(),
            digest,
            manifest: Manifest::default(),
        };
        for (name, bytes) in files {
            if name != "package.json" && !name.starts_with('.') {
                package.take(&name, bytes, &mut manifest, &mut oddities);
            }
        }
        package.order();
        manifest.compare_found(&package.counts, &mut oddities);
        Ok(Self { oddities, manifest, ..package })
    }

    fn take(&mut self, name: &str, bytes: Vec<u8>, manifest: &mut Manifest, oddities: &mut Vec<Oddity>) {
        let Some(resource) = Resource::read(name, bytes, oddities) else { return };
        *self.counts.entry(resource.type_name.clone()).or_default() += 1;
        if resource.type_name == "ImplementationGuide" {
            manifest.add_guide(resource.bytes(), name, oddities);
        }
        if !resource.is_kept() {
            return;
        }
        if let Some(url) = &resource.url {
            let same = self.by_url.entry((resource.type_name.clone(), url.clone())).or_default();
            let twin = same.iter().find(|index| self.resources[**index].version == resource.version);
            if let Some(twin) = twin {
                let what = format!("{url} ({})", self.resources[*twin].file);
                oddities.push(Oddity::new(OddityKind::TwiceDefined, name, what));
            }
            same.push(self.resources.len());
        }
        self.resources.push(resource);
    }

    /// Of several versions of one definition the newest comes first; of equal ones the first in the package.
    fn order(&mut self) {
        let version = |place: &usize| self.resources[*place].version.as_deref().map(Version::of);
        for places in self.by_url.values_mut().filter(|places| places.len() > 1) {
            places.sort_by_key(|place| std::cmp::Reverse(version(place)));
        }
    }

    /// Name and version.
    #[must_use]
    pub fn id(&self) -> &PackageId {
        &self.id
    }

    /// What it calls itself for people.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.manifest.title.as_deref()
    }

    /// The start of its canonicals.
    #[must_use]
    pub fn canonical(&self) -> Option<&str> {
        self.manifest.canonical.as_deref()
    }

    /// The FHIR versions it says it is made for.
    #[must_use]
    pub fn fhir_versions(&self) -> &[String] {
        &self.manifest.fhir_versions
    }

    /// The packages it asks for, by `package.json` and by its ImplementationGuide.
    #[must_use]
    pub fn dependencies(&self) -> &[Dependency] {
        &self.manifest.dependencies
    }

    /// How many resources of each type were found, conformance resources or not.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<String, usize> {
        &self.counts
    }

    /// What was odd when it was read; [`Resolver::examine`] looks deeper.
    #[must_use]
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// SHA-256 over the names and bytes of its files, however they were packed.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Its conformance resources, in the order of their files.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Its StructureDefinitions that can be read.
    pub fn definitions(&self) -> impl Iterator<Item = &StructureDefinition> {
        self.resources.iter().filter_map(|resource| resource.definition(&self.id))
    }

    /// Its CodeSystems that can be read.
    pub fn code_systems(&self) -> impl Iterator<Item = &CodeSystem> {
        self.resources.iter().filter_map(|resource| resource.code_system(&self.id))
    }

    /// Resources of `type_name` with this canonical, the newest first.
    pub(crate) fn with_url(&self, type_name: &str, url: &str) -> impl Iterator<Item = &Resource> {
        let key = (type_name.to_owned(), url.to_owned());
        self.by_url.get(&key).into_iter().flatten().map(|index| &self.resources[*index])
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Package({}, {} resources)", self.id, self.resources.len())
    }
}

/// Each name and content with its length before it, so that no two lists of files give the same bytes.
fn digest(files: &[(String, Vec<u8>)]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in files.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]) {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part);
    }
    sha256(context)
}

fn sha256(context: Context) -> [u8; 32] {
    context.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes")
}
