use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

use super::{Oddity, OddityKind, PackageId};
use crate::{CodeSystem, StructureDefinition, ValueSet};

/// One conformance resource of a package: its bytes, and its reading once somebody asks.
pub struct Resource {
    /// The resource's type.
    pub type_name: String,
    /// Its canonical.
    pub url: Option<String>,
    /// Its own version, which need not be the package's.
    pub version: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// The file it stands in.
    pub file: String,
    bytes: Vec<u8>,
    reading: OnceLock<Reading>,
}

/// Most resources are never asked for, and reading all would cost more than finding one.
enum Reading {
    Definition(Box<StructureDefinition>),
    CodeSystem(Box<CodeSystem>),
    ValueSet(Box<ValueSet>),
    None,
}

/// The types that are kept; others are counted only.
const KEPT: [&str; 4] = ["StructureDefinition", "ValueSet", "CodeSystem", "NamingSystem"];

#[derive(Deserialize)]
struct Head<'b> {
    #[serde(rename = "resourceType", borrow)]
    type_name: Option<Cow<'b, str>>,
    #[serde(borrow)]
    url: Option<Cow<'b, str>>,
    #[serde(borrow)]
    version: Option<Cow<'b, str>>,
    #[serde(borrow)]
    id: Option<Cow<'b, str>>,
}

impl Resource {
    /// None for a file that is no JSON or no resource.
    pub(super) fn read(file: &str, mut bytes: Vec<u8>, oddities: &mut Vec<Oddity>) -> Option<Self> {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        if bytes.starts_with(MARK) {
            oddities.push(Oddity::new(OddityKind::ByteOrderMark, file, ""));
            bytes.drain(..MARK.len());
        }
        let head = match head(&bytes) {
            Ok(head) => head,
            Err(error) => {
                oddities.push(Oddity::new(OddityKind::NotJson, file, error.to_string()));
                return None;
            }
        };
        let [type_name, url, version, id] = head;
        let type_name = type_name?;
        let reading = OnceLock::new();
        let mut resource = Self { type_name, url, version, id, file: file.to_owned(), bytes, reading };
        if resource.url.is_none() && resource.is_kept() && resource.type_name != "NamingSystem" {
            oddities.push(Oddity::new(OddityKind::Incomplete, file, "url"));
        }
        if !resource.is_kept() && resource.type_name != "ImplementationGuide" {
            resource.bytes = Vec::new();
        }
        Some(resource)
    }

    pub(super) fn is_kept(&self) -> bool {
        KEPT.contains(&self.type_name.as_str())
    }

    /// The JSON as it stands in the package.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The JSON as a value; none if it cannot be read after all.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    pub(crate) fn definition(&self, package: &PackageId) -> Option<&StructureDefinition> {
        match self.reading(package) {
            Reading::Definition(definition) => Some(definition),
            _ => None,
        }
    }

    pub(crate) fn code_system(&self, package: &PackageId) -> Option<&CodeSystem> {
        match self.reading(package) {
            Reading::CodeSystem(system) => Some(system),
            _ => None,
        }
    }

    pub(crate) fn value_set(&self, package: &PackageId) -> Option<&ValueSet> {
        match self.reading(package) {
            Reading::ValueSet(set) => Some(set),
            _ => None,
        }
    }

    fn reading(&self, package: &PackageId) -> &Reading {
        self.reading.get_or_init(|| {
            let Some(value) = self.value() else { return Reading::None };
            match self.type_name.as_str() {
                "StructureDefinition" => StructureDefinition::read(value, package)
                    .map_or(Reading::None, |definition| Reading::Definition(Box::new(definition))),
                "CodeSystem" => CodeSystem::read(&value)
                    .map_or(Reading::None, |system| Reading::CodeSystem(Box::new(system))),
                "ValueSet" => {
                    ValueSet::read(value).map_or(Reading::None, |set| Reading::ValueSet(Box::new(set)))
                }
                _ => Reading::None,
            }
        })
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.type_name, self.url.as_deref().unwrap_or("–"), self.file)
    }
}

/// Type, canonical, version and id. The quick way fails on untidy members, where the whole value tells.
fn head(bytes: &[u8]) -> Result<[Option<String>; 4], serde_json::Error> {
    if let Ok(head) = serde_json::from_slice::<Head<'_>>(bytes) {
        return Ok([head.type_name, head.url, head.version, head.id].map(|text| text.map(Cow::into_owned)));
    }
    let value: Value = serde_json::from_slice(bytes)?;
    Ok(["resourceType", "url", "version", "id"].map(|name| value[name].as_str().map(str::to_owned)))
}
