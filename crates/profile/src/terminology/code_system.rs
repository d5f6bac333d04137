use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::Value;

/// The codes of one system, as a package or a table of the user tells them.
#[derive(Clone)]
pub struct CodeSystem {
    /// Its canonical, which is the `system` of codings.
    pub url: String,
    /// Its version.
    pub version: Option<String>,
    /// How much of it is here.
    pub content: Content,
    /// Whether `a` and `A` are two codes; R4 leaves it open where nothing is said, and then they are.
    pub is_case_sensitive: bool,
    /// The code system that this one adds words to.
    pub supplements: Option<String>,
    /// The canonical of the value set of all its codes.
    pub value_set: Option<String>,
    concepts: Vec<Concept>,
    by_code: HashMap<String, usize>,
}

/// How much of a code system is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// All codes.
    Complete,
    /// Some codes.
    Fragment,
    /// Some codes, to show what they are like.
    Example,
    /// No codes.
    NotPresent,
    /// Words for the codes of another system.
    Supplement,
}

/// One code with what is said about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concept {
    /// The code.
    pub code: String,
    /// How it is shown.
    pub display: Option<String>,
    /// Other words for it.
    pub designations: Vec<Designation>,
    /// Property and value, as text.
    pub properties: Vec<(String, String)>,
    /// The codes above it.
    pub parents: Vec<String>,
    /// The first day on which it may be used, as `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// The last day on which it may be used, as `YYYY-MM-DD`.
    pub valid_to: Option<String>,
}

/// Another word for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Designation {
    /// The language, e.g. `ja`.
    pub language: Option<String>,
    /// The words.
    pub value: String,
}

impl CodeSystem {
    /// None without a canonical.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let content = match value["content"].as_str() {
            Some("complete") => Content::Complete,
            Some("example") => Content::Example,
            Some("not-present") => Content::NotPresent,
            Some("supplement") => Content::Supplement,
            _ => Content::Fragment,
        };
        let mut system = Self {
            url: text("url")?,
            version: text("version"),
            content,
            is_case_sensitive: value["caseSensitive"] != false,
            supplements: text("supplements"),
            value_set: text("valueSet"),
            concepts: Vec::new(),
            by_code: HashMap::new(),
        };
        system.gather(&value["concept"], None);
        system.turn_children();
        Some(system)
    }

    /// A system of these concepts; of two with one code the first counts.
    #[must_use]
    pub fn of(url: &str, version: Option<&str>, content: Content, concepts: Vec<Concept>) -> Self {
        let mut system = Self {
            url: url.to_owned(),
            version: version.map(str::to_owned),
            content,
            is_case_sensitive: true,
            supplements: None,
            value_set: None,
            concepts: Vec::with_capacity(concepts.len()),
            by_code: HashMap::with_capacity(concepts.len()),
        };
        concepts.into_iter().for_each(|concept| system.push(concept));
        system
    }

    /// Every code in the order written, nested ones after the one they stand in.
    #[must_use]
    pub fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    /// The concept of a code, by the system's own rule of case.
    #[must_use]
    pub fn concept(&self, code: &str) -> Option<&Concept> {
        let found = self.by_code.get(code).map(|index| &self.concepts[*index]);
        if found.is_some() || self.is_case_sensitive {
            return found;
        }
        self.concepts.iter().find(|concept| concept.code.eq_ignore_ascii_case(code))
    }

    /// Whether a code that is not here is none.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.content == Content::Complete
    }

    /// The code and all below it, however deep; a hierarchy that runs in rings ends all the same.
    pub(crate) fn at_or_below<'s>(&'s self, code: &'s str) -> HashSet<&'s str> {
        let mut below: HashMap<&str, Vec<&str>> = HashMap::new();
        for concept in &self.concepts {
            for parent in &concept.parents {
                below.entry(parent).or_default().push(&concept.code);
            }
        }
        reached(code, |code| below.get(code).cloned().unwrap_or_default())
    }

    /// The code and all above it.
    pub(crate) fn at_or_above<'s>(&'s self, code: &'s str) -> HashSet<&'s str> {
        reached(code, |code| {
            let concept = self.concept(code).into_iter();
            concept.flat_map(|concept| concept.parents.iter().map(String::as_str)).collect()
        })
    }

    /// Takes in what `other` tells of the same system: codes that are not here yet, and other words for those that are.
    pub(crate) fn join(&mut self, other: &Self) {
        self.add_words(other);
        other.concepts.iter().for_each(|concept| self.push(concept.clone()));
        if other.content == Content::Complete {
            self.content = Content::Complete;
        }
    }

    /// Takes in the words that `other` has for codes that are here.
    pub(crate) fn add_words(&mut self, other: &Self) {
        for concept in &other.concepts {
            let Some(place) = self.by_code.get(&concept.code) else { continue };
            let standing = &mut self.concepts[*place];
            let display = concept.display.clone().map(|value| Designation { language: None, value });
            for word in display.into_iter().chain(concept.designations.iter().cloned()) {
                let is_known = standing.display.as_ref() == Some(&word.value)
                    || standing.designations.iter().any(|known| known.value == word.value);
                if !is_known {
                    standing.designations.push(word);
                }
            }
        }
    }

    fn push(&mut self, concept: Concept) {
        if !self.by_code.contains_key(&concept.code) {
            self.by_code.insert(concept.code.clone(), self.concepts.len());
            self.concepts.push(concept);
        }
    }

    fn gather(&mut self, concepts: &Value, parent: Option<&str>) {
        for written in concepts.as_array().into_iter().flatten() {
            let Some(code) = written["code"].as_str().filter(|code| !code.is_empty()) else { continue };
            self.push(read_concept(written, code, parent));
            self.gather(&written["concept"], Some(code));
        }
    }

    /// Some systems tell their hierarchy by the property `child` of the code above.
    fn turn_children(&mut self) {
        let mut told = Vec::new();
        for concept in &self.concepts {
            let children = concept.properties.iter().filter(|(property, _)| property == "child");
            told.extend(children.map(|(_, child)| (child.clone(), concept.code.clone())));
        }
        for (child, parent) in told {
            if let Some(index) = self.by_code.get(&child) {
                self.concepts[*index].parents.push(parent);
            }
        }
    }
}

impl fmt::Debug for CodeSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeSystem({}, {} codes, {:?})", self.url, self.concepts.len(), self.content)
    }
}

/// Whatever can be reached from `code`, itself included.
fn reached<'s>(code: &'s str, next: impl Fn(&'s str) -> Vec<&'s str>) -> HashSet<&'s str> {
    let mut met = HashSet::from([code]);
    let mut waiting = vec![code];
    while let Some(code) = waiting.pop() {
        waiting.extend(next(code).into_iter().filter(|code| met.insert(code)));
    }
    met
}

fn read_concept(written: &Value, code: &str, parent: Option<&str>) -> Concept {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let designations = written["designation"].as_array().into_iter().flatten().filter_map(|told| {
        Some(Designation { language: text(&told["language"]), value: text(&told["value"])? })
    });
    let properties = written["property"].as_array().into_iter().flatten().filter_map(property);
    let properties: Vec<(String, String)> = properties.collect();
    let above = properties.iter().filter(|(name, _)| name == "parent" || name == "subsumedBy");
    let above = above.map(|(_, above)| above.clone());
    Concept {
        code: code.to_owned(),
        display: text(&written["display"]),
        designations: designations.collect(),
        parents: parent.map(str::to_owned).into_iter().chain(above).collect(),
        valid_from: None,
        valid_to: None,
        properties,
    }
}

fn property(written: &Value) -> Option<(String, String)> {
    let value =
        written.as_object()?.iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value)?;
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Object(coding) => coding.get("code")?.as_str()?.to_owned(),
        other => other.to_string(),
    };
    Some((written["code"].as_str()?.to_owned(), value))
}
