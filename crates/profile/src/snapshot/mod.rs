//! Every element of a profile, from what it changes in its base.
//!
//! R4 `profiling.html` and `elementdefinition.html` tell the rules: the base's elements are taken over; where the
//! differential goes into an element, that element's type is unfolded; where it names a slice, the sliced element is
//! copied; what it says is merged in.

mod ids;
mod merge;
mod tree;
mod unfold;

use fhir::finding::Language;
use serde_json::{Map, Value, json};

use crate::words::sentence;
use crate::{Element, Oddity, OddityKind, Resolver, StructureDefinition};
use tree::Tree;

/// Why a snapshot cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A base is defined nowhere at hand: the definition, and its base.
    #[error("{}", self.message(Language::English))]
    NoBase(String, String),
    /// Definitions that need each other in a ring, the first named again at the end.
    #[error("{}", self.message(Language::English))]
    Cycle(Vec<String>),
    /// It would have more elements than any real profile: the definition.
    #[error("{}", self.message(Language::English))]
    TooLarge(String),
}

impl SnapshotError {
    /// Why, in one sentence.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NoBase(definition, base) => sentence("snapshot-no-base", language, definition, base),
            Self::Cycle(ring) => sentence("snapshot-cycle", language, "", &ring.join(" → ")),
            Self::TooLarge(definition) => sentence("snapshot-too-large", language, definition, ""),
        }
    }
}

/// A generated snapshot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Every element, in order.
    pub elements: Vec<Element>,
    /// Where the differential contradicts its base or cannot be followed.
    pub oddities: Vec<Oddity>,
}

/// More than ten times the largest real profile.
const MOST_ELEMENTS: usize = 20_000;

/// Every element of `definition`; `way` holds the definitions whose making asked for this one.
pub(crate) fn generate(
    definition: &StructureDefinition,
    resolver: &Resolver<'_>,
    way: &[&StructureDefinition],
) -> Result<Snapshot, SnapshotError> {
    if let Some(start) = way.iter().position(|met| std::ptr::eq(*met, definition)) {
        let ring = way[start..].iter().copied().chain([definition]).map(StructureDefinition::versioned);
        return Err(SnapshotError::Cycle(ring.collect()));
    }
    if definition.differential.len() > MOST_ELEMENTS {
        return Err(SnapshotError::TooLarge(definition.versioned()));
    }
    let way: Vec<&StructureDefinition> = way.iter().copied().chain([definition]).collect();
    let mut tree = Tree::new(definition, resolver, &way, base_elements(definition, resolver, &way)?);
    let mut ids = ids::Ids::default();
    for changed in &definition.differential {
        let id = ids.of(changed);
        match tree.locate(&id)? {
            Some(index) => tree.merge(index, changed),
            None => tree.odd(OddityKind::NoSuchElement, id),
        }
        if tree.elements.len() > MOST_ELEMENTS {
            return Err(SnapshotError::TooLarge(definition.versioned()));
        }
    }
    Ok(Snapshot { elements: tree.elements, oddities: tree.oddities })
}

/// The base's elements under this definition's own type name; what derives from nothing has only its root.
fn base_elements(
    definition: &StructureDefinition,
    resolver: &Resolver<'_>,
    way: &[&StructureDefinition],
) -> Result<Vec<Element>, SnapshotError> {
    let Some(url) = &definition.base_definition else { return Ok(vec![new_element(&definition.type_name)]) };
    let no_base = || SnapshotError::NoBase(definition.versioned(), url.clone());
    let base = resolver.nearest_definition(url).ok_or_else(no_base)?;
    let mut elements = resolver.snapshot_on_way(base, way)?.into_owned();
    if elements.is_empty() {
        return Err(no_base());
    }
    if base.type_name != definition.type_name {
        for element in &mut elements {
            rename(element, &base.type_name, &definition.type_name);
        }
    }
    Ok(elements)
}

/// An element of which only the place is known; only a new type brings such.
fn new_element(id: &str) -> Element {
    let mut members = Map::new();
    let path = ids::without_slices(id);
    members.insert("id".to_owned(), json!(id));
    members.insert("path".to_owned(), json!(path));
    Element::new(members)
}

/// Puts another beginning before id and path.
fn rename(element: &mut Element, from: &str, to: &str) {
    for name in ["id", "path"] {
        let renamed = match element.get(name).and_then(Value::as_str).and_then(|text| text.strip_prefix(from))
        {
            Some(rest) => format!("{to}{rest}"),
            None => continue,
        };
        element.members_mut().insert(name.to_owned(), Value::String(renamed));
    }
}
