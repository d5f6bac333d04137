//! The parts of an ElementDefinition that are more than a word or a number.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
const MAX_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";
const MIN_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-minValueSet";
/// FHIRPath's own types, under which R4 writes the values of primitives.
const SYSTEM: &str = "http://hl7.org/fhirpath/System.";

/// `ElementDefinition.base`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementBase<'e> {
    /// The path in the type that brings it, e.g. `Element.id`.
    pub path: &'e str,
    /// The least count there.
    pub min: Option<u64>,
    /// The greatest count there.
    pub max: Option<&'e str>,
}

/// One of the types an element may have.
#[derive(Debug, Clone, Copy)]
pub struct ElementType<'e> {
    pub(super) written: &'e Map<String, Value>,
    pub(super) of_id: bool,
}

impl<'e> ElementType<'e> {
    /// Whether it is written as one of FHIRPath's own types: the text of a value or an address.
    pub(crate) fn is_system(&self) -> bool {
        self.written.get("code").and_then(Value::as_str).is_some_and(|code| code.starts_with(SYSTEM))
    }

    /// The FHIR type's name; FHIRPath's `System.String` and its like become the primitive they stand for.
    #[must_use]
    pub fn code(&self) -> Cow<'e, str> {
        let code = self.written.get("code").and_then(Value::as_str).unwrap_or_default();
        let Some(system) = code.strip_prefix(SYSTEM) else {
            return code.strip_prefix("http://hl7.org/fhir/StructureDefinition/").unwrap_or(code).into();
        };
        // R4.0.1 says `string` of every resource's id, against its own pages.
        if self.of_id {
            return "id".into();
        }
        let told = extension(self.written.get("extension"), FHIR_TYPE);
        match told.and_then(|told| told["valueUrl"].as_str().or(told["valueUri"].as_str())) {
            Some(told) => told.into(),
            None => {
                let (first, rest) = system.split_at(system.len().min(1));
                format!("{}{rest}", first.to_ascii_lowercase()).into()
            }
        }
    }

    /// The profiles of which an instance must meet one.
    pub fn profiles(&self) -> impl Iterator<Item = &'e str> + use<'e> {
        self.texts("profile")
    }

    /// The profiles of which a reference's target must meet one.
    pub fn target_profiles(&self) -> impl Iterator<Item = &'e str> + use<'e> {
        self.texts("targetProfile")
    }

    /// `contained`, `referenced`, `bundled`: where a reference may lead.
    pub fn aggregation(&self) -> impl Iterator<Item = &'e str> + use<'e> {
        self.texts("aggregation")
    }

    /// `either`, `independent` or `specific`: whether a reference names a version.
    #[must_use]
    pub fn versioning(&self) -> Option<&'e str> {
        self.written.get("versioning").and_then(Value::as_str)
    }

    fn texts(&self, name: &str) -> impl Iterator<Item = &'e str> + use<'e> {
        self.written.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}

/// How binding a binding is, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Strength {
    /// `example`
    Example,
    /// `preferred`
    Preferred,
    /// `extensible`
    Extensible,
    /// `required`
    Required,
}

/// A value set bound to an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding<'e> {
    /// How binding it is.
    pub strength: Strength,
    /// The canonical of the value set.
    pub value_set: Option<&'e str>,
    /// The value set no code may leave, whatever the strength.
    pub max_value_set: Option<&'e str>,
    /// The value set that must at least be handled.
    pub min_value_set: Option<&'e str>,
}

impl<'e> Binding<'e> {
    pub(super) fn read(written: &'e Value) -> Option<Self> {
        let strength = match written["strength"].as_str()? {
            "required" => Strength::Required,
            "extensible" => Strength::Extensible,
            "preferred" => Strength::Preferred,
            _ => Strength::Example,
        };
        let told = |url| {
            let told = extension(written.get("extension"), url)?;
            told["valueCanonical"].as_str().or_else(|| told["valueUri"].as_str())
        };
        Some(Self {
            strength,
            value_set: written["valueSet"].as_str().filter(|url| !url.is_empty()),
            max_value_set: told(MAX_VALUE_SET),
            min_value_set: told(MIN_VALUE_SET),
        })
    }
}

/// One invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constraint<'e> {
    /// Its key, e.g. `ele-1`.
    pub key: &'e str,
    /// Whether a document that breaks it is refused, or only warned of.
    pub is_error: bool,
    /// What it demands, in words.
    pub human: &'e str,
    /// What it demands, in FHIRPath.
    pub expression: Option<&'e str>,
    /// The definition that brings it.
    pub source: Option<&'e str>,
}

impl<'e> Constraint<'e> {
    pub(super) fn read(written: &'e Value) -> Option<Self> {
        let text = |name: &str| written[name].as_str().filter(|text| !text.is_empty());
        Some(Self {
            key: text("key")?,
            is_error: text("severity") != Some("warning"),
            human: text("human").unwrap_or_default(),
            expression: text("expression"),
            source: text("source"),
        })
    }
}

/// How repetitions are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slicing<'e> {
    /// By what.
    pub discriminators: Vec<Discriminator<'e>>,
    /// `closed`, `open` or `openAtEnd`.
    pub rules: &'e str,
    /// Whether the slices must come in the order of the profile.
    pub is_ordered: bool,
}

/// One way of telling slices apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discriminator<'e> {
    /// `value`, `exists`, `pattern`, `type` or `profile`.
    pub kind: &'e str,
    /// A simple FHIRPath from the sliced element.
    pub path: &'e str,
}

impl<'e> Slicing<'e> {
    pub(super) fn read(written: &'e Value) -> Self {
        let list = written["discriminator"].as_array().into_iter().flatten();
        let discriminators = list.filter_map(|one| {
            Some(Discriminator { kind: one["type"].as_str()?, path: one["path"].as_str()? })
        });
        Self {
            discriminators: discriminators.collect(),
            rules: written["rules"].as_str().unwrap_or("open"),
            is_ordered: written["ordered"] == true,
        }
    }
}

fn extension<'e>(list: Option<&'e Value>, url: &str) -> Option<&'e Value> {
    list?.as_array()?.iter().find(|one| one["url"] == url)
}
