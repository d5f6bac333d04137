use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const FHIR_TYPE: &str = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
const MAX_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";
const MIN_VALUE_SET: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-minValueSet";
/// FHIRPath's own types, under which R4 writes the values of primitives.
const SYSTEM: &str = "http://hl7.org/fhirpath/System.";

/// One ElementDefinition, kept as it was written; cheap to copy.
///
/// Its members are read by name on demand: a snapshot holds hundreds of elements, and each tells little.
#[derive(Clone, PartialEq)]
pub struct Element(Arc<Map<String, Value>>);

impl Element {
    /// Wraps the JSON of an ElementDefinition.
    #[must_use]
    pub fn new(members: Map<String, Value>) -> Self {
        Self(Arc::new(members))
    }

    /// A member as written.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The JSON as written.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// To change it; other copies stay as they are.
    pub(crate) fn members_mut(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.0)
    }

    /// The id, e.g. `Patient.identifier:mrn.system`; empty where there is none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    /// The path, e.g. `Patient.identifier.system`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text("path").unwrap_or_default()
    }

    /// The last part of the path, e.g. `system`, `value[x]`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path().rsplit('.').next().unwrap_or_default()
    }

    /// The slice this is or stands for, e.g. `mrn`, `a/b` for a slice of a slice.
    #[must_use]
    pub fn slice_name(&self) -> Option<&str> {
        self.text("sliceName")
    }

    /// The least count.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        self.get("min").and_then(Value::as_u64)
    }

    /// The greatest count as written: a number or `*`.
    #[must_use]
    pub fn max(&self) -> Option<&str> {
        self.text("max")
    }

    /// The greatest count; none for `*`.
    #[must_use]
    pub fn max_count(&self) -> Option<u64> {
        self.max().and_then(|max| max.parse().ok())
    }

    /// What the element is in the type that brings it.
    #[must_use]
    pub fn base(&self) -> Option<ElementBase<'_>> {
        let base = self.get("base")?;
        Some(ElementBase {
            path: base["path"].as_str()?,
            min: base["min"].as_u64(),
            max: base["max"].as_str(),
        })
    }

    /// The types it may have.
    pub fn types(&self) -> impl Iterator<Item = ElementType<'_>> {
        let of_id = self.base().map_or(self.path(), |base| base.path) == "Resource.id";
        self.list("type").filter_map(Value::as_object).map(move |written| ElementType { written, of_id })
    }

    /// The element whose content this one shares, as written (`#Bundle.link`).
    #[must_use]
    pub fn content_reference(&self) -> Option<&str> {
        self.text("contentReference")
    }

    /// The value it must have exactly: its type and itself.
    #[must_use]
    pub fn fixed(&self) -> Option<(String, &Value)> {
        self.choice("fixed")
    }

    /// What its value must at least hold: type and pattern.
    #[must_use]
    pub fn pattern(&self) -> Option<(String, &Value)> {
        self.choice("pattern")
    }

    /// The least value allowed, with its type.
    #[must_use]
    pub fn min_value(&self) -> Option<(String, &Value)> {
        self.choice("minValue")
    }

    /// The greatest value allowed, with its type.
    #[must_use]
    pub fn max_value(&self) -> Option<(String, &Value)> {
        self.choice("maxValue")
    }

    /// The most characters of a string.
    #[must_use]
    pub fn max_length(&self) -> Option<u64> {
        self.get("maxLength").and_then(Value::as_u64)
    }

    /// The value set bound to it.
    #[must_use]
    pub fn binding(&self) -> Option<Binding<'_>> {
        Binding::read(self.get("binding")?)
    }

    /// The invariants that must hold here, inherited ones with the source that brought them.
    pub fn constraints(&self) -> impl Iterator<Item = Constraint<'_>> {
        self.list("constraint").filter_map(Constraint::read)
    }

    /// How its repetitions, or the types of its choice, are told apart.
    #[must_use]
    pub fn slicing(&self) -> Option<Slicing<'_>> {
        self.get("slicing").map(Slicing::read)
    }

    /// Whether those who use the profile must be able to handle it.
    #[must_use]
    pub fn must_support(&self) -> bool {
        self.is_true("mustSupport")
    }

    /// Whether it changes what other elements mean.
    #[must_use]
    pub fn is_modifier(&self) -> bool {
        self.is_true("isModifier")
    }

    /// A short name for people.
    #[must_use]
    pub fn short(&self) -> Option<&str> {
        self.text("short")
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some(&Value::Bool(true))
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.get(name).and_then(Value::as_array).into_iter().flatten()
    }

    /// The member whose name is `start` and a type, e.g. `fixedUri` → `uri`.
    fn choice(&self, start: &str) -> Option<(String, &Value)> {
        self.0.iter().find_map(|(name, value)| {
            let rest = name.strip_prefix(start)?;
            let first = rest.chars().next().filter(char::is_ascii_uppercase)?;
            Some((type_of_choice(rest, first), value))
        })
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", if self.id().is_empty() { self.path() } else { self.id() })
    }
}

/// The type in the name of a choice: `DateTime` is `dateTime`, `CodeableConcept` stays.
pub(crate) fn type_of_choice(written: &str, first: char) -> String {
    const PRIMITIVES: [&str; 19] = [
        "base64Binary",
        "boolean",
        "canonical",
        "code",
        "date",
        "dateTime",
        "decimal",
        "id",
        "instant",
        "integer",
        "markdown",
        "oid",
        "positiveInt",
        "string",
        "time",
        "unsignedInt",
        "uri",
        "url",
        "uuid",
    ];
    let lower = format!("{}{}", first.to_ascii_lowercase(), &written[first.len_utf8()..]);
    if PRIMITIVES.contains(&lower.as_str()) { lower } else { written.to_owned() }
}

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
    written: &'e Map<String, Value>,
    of_id: bool,
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
    fn read(written: &'e Value) -> Option<Self> {
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
    fn read(written: &'e Value) -> Option<Self> {
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
    fn read(written: &'e Value) -> Self {
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
