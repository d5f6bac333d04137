use std::fmt;

use serde_json::Value;

use crate::{Element, PackageId};

/// A type or a profile.
pub struct StructureDefinition {
    /// Its canonical.
    pub url: String,
    /// Its own version.
    pub version: Option<String>,
    /// Its name for programs.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it describes.
    pub kind: StructureKind,
    /// Whether no instance can be exactly this.
    pub is_abstract: bool,
    /// The type it describes or constrains, e.g. `Patient`, `Extension`.
    pub type_name: String,
    /// The canonical of what it is derived from.
    pub base_definition: Option<String>,
    /// How it is derived; none for what derives from nothing.
    pub derivation: Option<Derivation>,
    /// Where an extension may stand.
    pub contexts: Vec<Context>,
    /// FHIRPath that must hold where an extension stands.
    pub context_invariants: Vec<String>,
    /// The FHIR version it is made for.
    pub fhir_version: Option<String>,
    /// The package it came from.
    pub package: PackageId,
    /// Every element, if the package tells them.
    pub snapshot: Vec<Element>,
    /// What differs from its base.
    pub differential: Vec<Element>,
}

/// What a definition describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StructureKind {
    /// `primitive-type`
    Primitive,
    /// `complex-type`
    Complex,
    /// `resource`
    Resource,
    /// `logical`
    Logical,
}

/// How a definition is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Derivation {
    /// A new type.
    Specialization,
    /// A profile.
    Constraint,
}

/// One place in which an extension may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// `element`, `fhirpath` or `extension`.
    pub kind: String,
    /// An element id, a FHIRPath or the canonical of an extension.
    pub expression: String,
}

impl StructureDefinition {
    /// Takes what is needed from the resource; none without a canonical, or with a type that cannot be told.
    pub(crate) fn read(mut value: Value, package: &PackageId) -> Option<Self> {
        let text = |name: &str| value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let kind = match value["kind"].as_str()? {
            "primitive-type" => StructureKind::Primitive,
            "complex-type" => StructureKind::Complex,
            "resource" => StructureKind::Resource,
            "logical" => StructureKind::Logical,
            _ => return None,
        };
        let derivation = match value["derivation"].as_str() {
            Some("constraint") => Some(Derivation::Constraint),
            Some("specialization") => Some(Derivation::Specialization),
            _ => None,
        };
        let mut definition = Self {
            url: text("url")?,
            version: text("version"),
            name: text("name").unwrap_or_default(),
            title: text("title"),
            kind,
            is_abstract: value["abstract"] == true,
            type_name: text("type")?,
            base_definition: text("baseDefinition"),
            derivation,
            contexts: contexts(&value),
            context_invariants: strings(&value["contextInvariant"]),
            fhir_version: text("fhirVersion"),
            package: package.clone(),
            snapshot: Vec::new(),
            differential: Vec::new(),
        };
        definition.snapshot = elements(value["snapshot"]["element"].take());
        definition.differential = elements(value["differential"]["element"].take());
        Some(definition)
    }

    /// Its canonical with its version, as findings name it.
    #[must_use]
    pub fn versioned(&self) -> String {
        match &self.version {
            Some(version) => format!("{}|{version}", self.url),
            None => self.url.clone(),
        }
    }

    /// Whether it constrains a type instead of making one.
    #[must_use]
    pub fn is_profile(&self) -> bool {
        let own = self.base_definition.as_deref().and_then(|base| base.rsplit('/').next());
        match self.derivation {
            Some(Derivation::Constraint) => true,
            // A slip that happens: nothing is a new type made from itself.
            Some(Derivation::Specialization) => own == Some(self.type_name.as_str()),
            None => false,
        }
    }

    /// Whether it is an extension.
    #[must_use]
    pub fn is_extension(&self) -> bool {
        self.type_name == "Extension" && self.is_profile()
    }
}

impl fmt::Debug for StructureDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StructureDefinition({} of {})", self.versioned(), self.package)
    }
}

fn elements(list: Value) -> Vec<Element> {
    let Value::Array(list) = list else { return Vec::new() };
    list.into_iter()
        .filter_map(|element| match element {
            Value::Object(element) => Some(Element::new(element)),
            _ => None,
        })
        .collect()
}

fn contexts(value: &Value) -> Vec<Context> {
    let list = value["context"].as_array().into_iter().flatten();
    list.filter_map(|context| {
        let text = |name: &str| context[name].as_str().map(str::to_owned);
        Some(Context { kind: text("type")?, expression: text("expression")? })
    })
    .collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}
