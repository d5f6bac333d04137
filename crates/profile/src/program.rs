//! Profiles compiled: what they ask beyond R4's base, as flat tables that name each other by number.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::element::Strength;

/// A place in [`Program::profiles`].
pub(crate) type ProfileId = u32;
/// A place in [`Program::rules`].
pub(crate) type RuleId = u32;

/// The rule that asks nothing.
pub(crate) const NOTHING: RuleId = 0;
/// As many as one likes (`*`).
pub(crate) const MANY: u32 = u32::MAX;

/// Everything that the installed packages ask.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Program {
    pub(crate) profiles: Vec<Profile>,
    /// Profiles by canonical, the newest last.
    pub(crate) canonicals: BTreeMap<Box<str>, Vec<ProfileId>>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) invariants: Vec<Invariant>,
    pub(crate) code_sets: Vec<CodeSet>,
    /// In the order of their addresses.
    pub(crate) code_systems: Vec<CompiledSystem>,
    /// What could not be compiled, by profile.
    pub(crate) oddities: Vec<(Box<str>, Box<str>)>,
}

/// One StructureDefinition that constrains another.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) canonical: Box<str>,
    pub(crate) version: Box<str>,
    /// `canonical|version`, as findings name it.
    pub(crate) label: Arc<str>,
    /// The package it came from, `name#version`.
    pub(crate) package: Box<str>,
    /// The type it constrains.
    pub(crate) type_name: Box<str>,
    pub(crate) root: RuleId,
    /// Where it may stand, if it is an extension.
    pub(crate) contexts: Vec<Context>,
    pub(crate) is_modifier: bool,
}

/// Where an extension may stand.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Context {
    /// on an element path or a type
    Element(Box<str>),
    /// inside the extension with this address
    Extension(Box<str>),
    /// where this FHIRPath leads
    Path(Box<str>),
}

/// What is asked of one value.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rule {
    /// The element's id in its profile, e.g. `Patient.identifier:memberID.value`.
    pub(crate) id: Box<str>,
    /// The types left over; empty if the base's.
    pub(crate) types: Vec<TypeRule>,
    pub(crate) fixed: Option<Wanted>,
    pub(crate) pattern: Option<Wanted>,
    pub(crate) binding: Option<Binding>,
    /// Places in [`Program::invariants`].
    pub(crate) invariants: Vec<u32>,
    pub(crate) max_length: Option<u32>,
    pub(crate) min_value: Option<Box<str>>,
    pub(crate) max_value: Option<Box<str>>,
    pub(crate) children: Vec<Child>,
}

/// What is asked of the values under one element name.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Child {
    /// The element's name, `value[x]` for choices.
    pub(crate) name: Box<str>,
    /// The JSON names it may have.
    pub(crate) json_names: Vec<JsonName>,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Whether JSON writes it as an array.
    pub(crate) is_many: bool,
    pub(crate) must_support: bool,
    /// For each value that is in no slice.
    pub(crate) rule: RuleId,
    pub(crate) slicing: Option<Box<Slicing>>,
    /// The element's id in its profile.
    pub(crate) id: Box<str>,
}

/// One name under which an element stands in JSON.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JsonName {
    pub(crate) name: Box<str>,
    /// The type of what stands under it; empty if R4 does not tell.
    pub(crate) type_name: Box<str>,
    /// [`brief`] of the name.
    pub(crate) brief: u64,
}

impl JsonName {
    pub(crate) fn new(name: &str, type_name: &str) -> Self {
        Self { name: name.into(), type_name: type_name.into(), brief: brief(name) }
    }

    /// Whether it is this name, whose brief is known.
    pub(crate) fn is(&self, name: &str, brief: u64) -> bool {
        self.brief == brief && (name.len() < 8 || &*self.name == name)
    }
}

/// The first seven letters and the length: equal for names of up to seven letters only if the names are.
pub(crate) fn brief(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let first = &bytes[..bytes.len().min(7)];
    let letters = first.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    letters << 8 | (bytes.len() as u64 & 0xFF)
}

/// How the values of one element are told apart.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Slicing {
    pub(crate) discriminators: Vec<Discriminator>,
    pub(crate) openness: Openness,
    pub(crate) is_ordered: bool,
    pub(crate) slices: Vec<Slice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Openness {
    Open,
    OpenAtEnd,
    Closed,
}

/// By what the values are told apart.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Discriminator {
    pub(crate) steps: Vec<Step>,
    /// Its path as written.
    pub(crate) path: Box<str>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    Child(Box<str>),
    Extension(Box<str>),
    Resolve,
    OfType(Box<str>),
}

/// One named group of values.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Slice {
    pub(crate) name: Box<str>,
    pub(crate) id: Box<str>,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) must_support: bool,
    pub(crate) rule: RuleId,
    /// One for each discriminator.
    pub(crate) tests: Vec<Test>,
    /// Slices of the slice.
    pub(crate) slicing: Option<Box<Slicing>>,
}

/// What a slice wants at the end of a discriminator's path.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Test {
    Fixed(Wanted),
    Pattern(Wanted),
    /// A place in [`Program::code_sets`].
    Codes(u32),
    Types(Vec<Box<str>>),
    /// Conforms to one of these.
    Profiles(Vec<ProfileId>),
    Exists(bool),
    /// Meets all that the slice asks of this element.
    Meets(RuleId),
    /// One of these.
    Any(Vec<Test>),
    /// The profile does not say: no value is told apart by it.
    Unknown,
}

/// A type that a value may have.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TypeRule {
    pub(crate) code: Box<str>,
    /// The value conforms to one of these; empty if to none in particular.
    pub(crate) profiles: Vec<ProfileId>,
    /// A reference leads to one of these; empty if to anything.
    pub(crate) targets: Vec<Target>,
    /// `contained`, `referenced`, `bundled`; empty if any.
    pub(crate) aggregation: Vec<Box<str>>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) type_name: Box<str>,
    /// None for the type itself, and for profiles that no installed package defines.
    pub(crate) profile: Option<ProfileId>,
    pub(crate) canonical: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    pub(crate) strength: Strength,
    /// A place in [`Program::code_sets`].
    pub(crate) set: u32,
    /// The set that an extensible binding must not leave.
    pub(crate) max_set: Option<u32>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Invariant {
    pub(crate) key: Box<str>,
    pub(crate) is_error: bool,
    pub(crate) human: Box<str>,
    pub(crate) expression: Box<str>,
}

/// A value set, expanded.
#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct CodeSet {
    pub(crate) url: Box<str>,
    pub(crate) systems: Vec<SystemPart>,
    /// Codes that could not be enumerated may belong to it too.
    pub(crate) is_open: bool,
}

#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct SystemPart {
    pub(crate) system: Box<str>,
    pub(crate) codes: Words,
    /// Codes that are surely not in it, where it is open.
    pub(crate) excluded: Words,
    /// The system's codes are not all known here.
    pub(crate) is_open: bool,
    /// Whether `a` and `A` are two codes.
    pub(crate) is_case_sensitive: bool,
}

impl SystemPart {
    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes.find(code).is_some()
            || (!self.is_case_sensitive && self.codes.iter().any(|known| known.eq_ignore_ascii_case(code)))
    }
}

/// A code system: its codes with the names they may bear.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CompiledSystem {
    pub(crate) url: Box<str>,
    pub(crate) codes: Words,
    /// For each code its displays, joined by [`BETWEEN`]; the preferred first.
    pub(crate) displays: Words,
    /// Whether a code that is absent is no code of the system.
    pub(crate) is_complete: bool,
    /// Whether `a` and `A` are two codes.
    pub(crate) is_case_sensitive: bool,
    /// For each code from when and until when it holds, as `from/to`; empty if none is dated.
    pub(crate) validity: Words,
}

impl CompiledSystem {
    /// Where a code stands, by the system's own rule of case.
    pub(crate) fn place_of(&self, code: &str) -> Option<usize> {
        let folded = || self.codes.iter().position(|known| known.eq_ignore_ascii_case(code));
        self.codes.find(code).or_else(|| if self.is_case_sensitive { None } else { folded() })
    }
}

/// Stands between the displays of one code.
pub(crate) const BETWEEN: char = '\u{1f}';

/// Many short texts in one.
#[derive(Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Words {
    text: Box<str>,
    ends: Vec<u32>,
}

impl Words {
    pub(crate) fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::new());
        for word in words {
            text.push_str(word);
            ends.push(text.len() as u32);
        }
        Self { text: text.into(), ends }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[place] as usize]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.get(place))
    }

    /// Where `word` stands, if the words are in the order of their bytes.
    pub(crate) fn find(&self, word: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle).cmp(word) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// A JSON value that a profile wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Wanted {
    Null,
    Bool(bool),
    /// The digits as the profile writes them.
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<Wanted>),
    Object(Vec<(Box<str>, Wanted)>),
}

impl From<&serde_json::Value> for Wanted {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => Self::Number(number.to_string().into()),
            Value::String(text) => Self::Text(text.as_str().into()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(
                members.iter().map(|(name, value)| (name.as_str().into(), Self::from(value))).collect(),
            ),
        }
    }
}

impl Wanted {
    /// As JSON, for people.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(digits) => serde_json::from_str(digits).unwrap_or(Value::Null),
            Self::Text(text) => Value::String(text.to_string()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Object(members) => Value::Object(
                members.iter().map(|(name, value)| (name.to_string(), value.to_json())).collect(),
            ),
        }
    }

    /// As a person would say it: a text without quotes, anything else as JSON.
    pub(crate) fn spoken(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            other => other.to_json().to_string(),
        }
    }
}

impl Program {
    pub(crate) fn profile(&self, id: ProfileId) -> &Profile {
        &self.profiles[id as usize]
    }

    pub(crate) fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id as usize]
    }

    /// The profile with this canonical: of that version if one is named, else the newest.
    pub(crate) fn named(&self, canonical: &str) -> Option<ProfileId> {
        let (url, version) = match canonical.split_once('|') {
            Some((url, version)) => (url, Some(version)),
            None => (canonical, None),
        };
        let known = self.canonicals.get(url)?;
        match version {
            None => known.last().copied(),
            Some(version) => known.iter().rev().copied().find(|id| &*self.profile(*id).version == version),
        }
    }

    pub(crate) fn code_system(&self, url: &str) -> Option<&CompiledSystem> {
        let found = self.code_systems.binary_search_by(|table| (*table.url).cmp(url)).ok()?;
        Some(&self.code_systems[found])
    }
}
