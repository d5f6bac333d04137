//! What a package says about itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::{Oddity, OddityKind, PackageError};

/// A package asked for by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// The version asked for: exact, or a range such as `1.1.x`, or `current`.
    pub version: String,
    /// Whether `package.json` tells it; some guides tell it only in their ImplementationGuide.
    pub is_declared: bool,
}

#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) title: Option<String>,
    pub(super) canonical: Option<String>,
    pub(super) fhir_versions: Vec<String>,
    pub(super) dependencies: Vec<Dependency>,
    /// The definitions that the ImplementationGuides list, as `Type/id`.
    listed: BTreeSet<String>,
}

impl Manifest {
    pub(super) fn read(bytes: &[u8], path: &Path, oddities: &mut Vec<Oddity>) -> Result<Self, PackageError> {
        let wrong = |why: String| PackageError::Manifest(path.to_owned(), why);
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let value: Value = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let needed = |name: &str| match text(name) {
            Some(text) if is_plain(&text) => Ok(text),
            Some(text) => Err(wrong(format!("{name} = {text:?}"))),
            None => Err(wrong(format!("{name}: –"))),
        };
        let manifest = Self {
            name: needed("name")?,
            version: needed("version")?,
            title: text("title").or_else(|| text("description")),
            canonical: text("canonical").or_else(|| text("url")),
            fhir_versions: fhir_versions(&value),
            dependencies: declared(&value, oddities),
            listed: BTreeSet::new(),
        };
        let foreign = manifest.fhir_versions.iter().filter(|version| !version.starts_with("4.0"));
        oddities.extend(
            foreign.map(|version| Oddity::new(OddityKind::OtherFhirVersion, "package.json", version)),
        );
        if manifest.fhir_versions.is_empty() {
            oddities.push(Oddity::new(OddityKind::OtherFhirVersion, "package.json", "–"));
        }
        Ok(manifest)
    }

    /// Takes dependencies and the list of definitions from an ImplementationGuide.
    pub(super) fn add_guide(&mut self, bytes: &[u8], file: &str, oddities: &mut Vec<Oddity>) {
        let Ok(guide) = serde_json::from_slice::<Value>(bytes) else { return };
        for asked in guide["dependsOn"].as_array().into_iter().flatten() {
            let (Some(name), Some(version)) = (asked["packageId"].as_str(), asked["version"].as_str()) else {
                continue;
            };
            if self.dependencies.iter().all(|known| known.name != name) && name != self.name {
                let what = format!("{name}#{version}");
                oddities.push(Oddity::new(OddityKind::UndeclaredDependency, file, what));
                let (name, version) = (name.to_owned(), version.to_owned());
                self.dependencies.push(Dependency { name, version, is_declared: false });
            }
        }
        let listed = guide["definition"]["resource"].as_array().into_iter().flatten();
        self.listed
            .extend(listed.filter_map(|one| one["reference"]["reference"].as_str()).map(str::to_owned));
        match guide["version"].as_str() {
            Some(version) if version != self.version => {
                let what = format!("ImplementationGuide.version {version}, package.json {}", self.version);
                oddities.push(Oddity::new(OddityKind::Contradiction, file, what));
            }
            _ => {}
        }
    }

    /// Compares the guide's list with what was found, by type.
    pub(super) fn compare_found(&self, found: &BTreeMap<String, usize>, oddities: &mut Vec<Oddity>) {
        for kind in ["StructureDefinition", "ValueSet", "CodeSystem"] {
            let listed = self.listed.iter().filter(|name| name.split('/').next() == Some(kind)).count();
            let found = found.get(kind).copied().unwrap_or(0);
            if listed != 0 && listed != found {
                let what = format!("{kind}: ImplementationGuide {listed}, package {found}");
                oddities.push(Oddity::new(OddityKind::Contradiction, "", what));
            }
        }
    }
}

/// Names and versions become names of files, so they may not lead anywhere else.
fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    text.len() <= 100 && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain)
}

/// Old packages write `fhir-version-list`.
fn fhir_versions(value: &Value) -> Vec<String> {
    let list = ["fhirVersions", "fhir-version-list"].iter().find_map(|name| value[*name].as_array());
    list.into_iter().flatten().filter_map(|version| version.as_str().map(str::to_owned)).collect()
}

fn declared(value: &Value, oddities: &mut Vec<Oddity>) -> Vec<Dependency> {
    let mut dependencies = Vec::new();
    for (name, version) in value["dependencies"].as_object().into_iter().flatten() {
        match version.as_str() {
            Some(version) => {
                let (name, version) = (name.clone(), version.to_owned());
                dependencies.push(Dependency { name, version, is_declared: true });
            }
            None => oddities.push(Oddity::new(
                OddityKind::Contradiction,
                "package.json",
                format!("dependencies.{name} = {version}"),
            )),
        }
    }
    dependencies
}
