mod parts;

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

pub use parts::{Binding, Constraint, Discriminator, ElementBase, ElementType, Slicing, Strength};

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
