//! FHIR packages at hand: what is judged by.

use std::path::{Path, PathBuf};

use profile::{Dependency, Library, Oddity, Package as Guide, PackageError, PackageId};
use serde_json::{Value, json};

use crate::cli::Package;
use crate::commands::{Manner, say, talk};
use crate::fault::Fault;
use crate::library;

pub(crate) fn run(command: Package, manner: Manner) -> Result<bool, Fault> {
    match command {
        Package::Add { files, library } => add(&files, &library::folder(library.folder)?, manner),
        Package::List { library } => list(&Library::open(&library::folder(library.folder)?)?, manner),
        Package::Show { package, library } => {
            show(&package, &Library::open(&library::folder(library.folder)?)?, manner)
        }
        Package::Remove { packages, library } => remove(&packages, &library::folder(library.folder)?, manner),
    }
}

fn add(files: &[PathBuf], folder: &Path, manner: Manner) -> Result<bool, Fault> {
    let mut library = Library::open(folder)?;
    for file in files {
        let added = library.add(file)?;
        let key = match (added.unchanged, added.replaced) {
            (true, _) => "package.unchanged",
            (_, true) => "package.replaced",
            _ => "package.added",
        };
        let odd = added.oddities.len();
        say(&if manner.json {
            json!({"package": added.id.to_string(), "replaced": added.replaced, "unchanged": added.unchanged,
                "oddities": odd})
            .to_string()
        } else {
            manner.words(key, &[("package", &added.id)])
        })?;
        if odd > 0 {
            talk(&manner.words("package.is-odd", &[("package", &added.id), ("count", &odd)]));
        }
    }
    compile(folder, manner)
}

fn remove(packages: &[String], folder: &Path, manner: Manner) -> Result<bool, Fault> {
    let mut library = Library::open(folder)?;
    for package in packages {
        let (name, version) = package.split_once('#').unwrap_or((package, ""));
        let id = PackageId { name: name.to_owned(), version: version.to_owned() };
        library.remove(&id)?;
        talk(&manner.words("package.removed", &[("package", &id)]));
    }
    compile(folder, manner)
}

/// Makes ready what is left, so that the next command starts at once.
pub(super) fn compile(folder: &Path, manner: Manner) -> Result<bool, Fault> {
    let profiles = library::profiles(folder, manner)?;
    let count = profiles.iter().flat_map(profile::Profiles::canonicals).count();
    talk(&manner.words("package.compiled", &[("count", &count), ("folder", &folder.display())]));
    Ok(true)
}

fn list(library: &Library, manner: Manner) -> Result<bool, Fault> {
    for id in library.ids() {
        say(&if manner.json {
            json!({"name": id.name, "version": id.version}).to_string()
        } else {
            id.to_string()
        })?;
    }
    Ok(true)
}

fn show(package: &str, library: &Library, manner: Manner) -> Result<bool, Fault> {
    let (name, version) = package.split_once('#').map_or((package, None), |(name, v)| (name, Some(v)));
    let id = || PackageId { name: name.to_owned(), version: version.unwrap_or_default().to_owned() };
    let guide = library.package(name, version).ok_or_else(|| PackageError::Unknown(id()))?;
    let resolver = library.resolver(guide.id());
    let found: Vec<PackageId> = resolver.scope().map(|package| package.id().clone()).collect();
    let oddities = resolver.examine();
    if manner.json {
        say(&as_json(guide, &found, &oddities, manner).to_string())?;
    } else {
        tell(guide, &found, &oddities, manner)?;
    }
    Ok(true)
}

/// The package that answers for a dependency.
fn resolved<'f>(dependency: &Dependency, found: &'f [PackageId]) -> Option<&'f PackageId> {
    found.iter().find(|id| id.name == dependency.name)
}

fn tell(guide: &Guide, found: &[PackageId], oddities: &[Oddity], manner: Manner) -> Result<(), Fault> {
    say(&format!("{}  {}", guide.id(), guide.title().unwrap_or_default()))?;
    if let Some(canonical) = guide.canonical() {
        say(&format!("  {canonical}"))?;
    }
    say(&format!("  FHIR {}", guide.fhir_versions().join(", ")))?;
    say(&manner.words("package.contents", &[]))?;
    for (type_name, count) in guide.counts() {
        say(&format!("  {count:>6}  {type_name}"))?;
    }
    if !guide.dependencies().is_empty() {
        say(&manner.words("package.dependencies", &[]))?;
    }
    for dependency in guide.dependencies() {
        let answer = match resolved(dependency, found) {
            Some(id) => manner.words("package.resolved", &[("version", &id.version)]),
            None => manner.words("package.absent", &[]),
        };
        say(&format!("  {}#{}  {answer}", dependency.name, dependency.version))?;
    }
    if !oddities.is_empty() {
        say(&manner.words("package.oddities", &[("count", &oddities.len())]))?;
    }
    let language = manner.lang.language();
    oddities.iter().try_for_each(|oddity| say(&format!("  {}", oddity.message(language))))
}

fn as_json(guide: &Guide, found: &[PackageId], oddities: &[Oddity], manner: Manner) -> Value {
    let language = manner.lang.language();
    let dependencies = guide.dependencies().iter().map(|one| {
        let answer = resolved(one, found).map(PackageId::to_string);
        json!({"name": one.name, "version": one.version, "declared": one.is_declared, "resolved": answer})
    });
    let oddities = oddities.iter().map(|one| {
        json!({"kind": one.kind.key(), "file": one.file, "what": one.what, "message": one.message(language)})
    });
    json!({
        "name": guide.id().name,
        "version": guide.id().version,
        "title": guide.title(),
        "canonical": guide.canonical(),
        "fhirVersions": guide.fhir_versions(),
        "counts": guide.counts(),
        "dependencies": dependencies.collect::<Vec<_>>(),
        "oddities": oddities.collect::<Vec<_>>(),
    })
}
