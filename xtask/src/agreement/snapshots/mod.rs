//! Our snapshots beside those in real packages, element by element.

mod differences;
mod table;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use profile::{Library, Package};

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

/// `snapshots.md`.
pub(super) fn document(data: &Path) -> Result<String, String> {
    Ok(table::render(&compare_all(data)?))
}

/// Every single difference, a line each.
pub(super) fn list(data: &Path) -> Result<String, String> {
    let mut lines = String::new();
    for compared in compare_all(data)? {
        for difference in compared.differences {
            let _ = writeln!(lines, "{} {difference}", compared.package);
        }
    }
    Ok(lines)
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
