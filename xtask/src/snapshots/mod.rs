//! `docs/agreement/snapshots.md`: our snapshots beside those in real packages, element by element.

mod differences;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use profile::{Library, Package};

use crate::shell::{root, skip};
use differences::Difference;

/// One package's figures.
struct Compared {
    package: String,
    definitions: usize,
    equal_definitions: usize,
    elements: usize,
    equal_elements: usize,
    differences: Vec<Difference>,
}

/// Writes the table.
pub(crate) fn make() -> Result<(), String> {
    let Some(folder) = data() else { return skip("snapshots", NO_DATA) };
    let path = path();
    fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|error| error.to_string())?;
    fs::write(path, table::render(&compare_all(&folder)?)).map_err(|error| error.to_string())
}

/// Prints every single difference.
pub(crate) fn list() -> Result<(), String> {
    let Some(folder) = data() else { return skip("snapshots", NO_DATA) };
    for compared in compare_all(&folder)? {
        for difference in compared.differences {
            eprintln!("{} {difference}", compared.package);
        }
    }
    Ok(())
}

/// Whether the committed table is the one this program makes.
pub(crate) fn compare() -> Result<(), String> {
    let Some(folder) = data() else { return skip("snapshots", NO_DATA) };
    let committed = fs::read_to_string(path()).map_err(|error| error.to_string())?;
    if committed == table::render(&compare_all(&folder)?) {
        Ok(())
    } else {
        Err("docs/agreement/snapshots.md is not what the packages give: run `cargo xtask regen snapshots`"
            .to_owned())
    }
}

const NO_DATA: &str = "no FHIR data; set RENKEI_FHIR_DATA";

fn path() -> PathBuf {
    root().join("docs/agreement/snapshots.md")
}

fn data() -> Option<PathBuf> {
    let folder =
        std::env::var_os("RENKEI_FHIR_DATA").map_or_else(|| root().join("../shared/fhir"), PathBuf::from);
    folder.join("packages").is_dir().then_some(folder)
}

fn compare_all(folder: &Path) -> Result<Vec<Compared>, String> {
    let mut packages = Vec::new();
    for folder in [folder.join("packages"), folder.join("packages/older")] {
        for entry in fs::read_dir(&folder).map_err(|error| error.to_string())?.flatten() {
            if entry.path().extension().is_some_and(|end| end == "tgz") {
                packages.push(Package::read(&entry.path()).map_err(|error| error.to_string())?);
            }
        }
    }
    let library = Library::of(packages);
    let compared = library.packages().iter().map(|package| compare_package(&library, package));
    Ok(compared.filter(|compared| compared.definitions != 0).collect())
}

fn compare_package(library: &Library, package: &Package) -> Compared {
    let resolver = library.resolver(package.id());
    let mut compared = Compared {
        package: package.id().to_string(),
        definitions: 0,
        equal_definitions: 0,
        elements: 0,
        equal_elements: 0,
        differences: Vec::new(),
    };
    let both = |definition: &&profile::StructureDefinition| {
        !definition.snapshot.is_empty() && !definition.differential.is_empty()
    };
    for definition in package.definitions().filter(both) {
        compared.definitions += 1;
        compared.elements += definition.snapshot.len();
        let (equal, mut found) = match resolver.generated(definition) {
            Ok(ours) => differences::of(definition, &ours.elements),
            Err(error) => (0, vec![Difference::failed(definition, &error)]),
        };
        compared.equal_elements += equal;
        compared.equal_definitions += usize::from(found.is_empty());
        compared.differences.append(&mut found);
    }
    compared
}
