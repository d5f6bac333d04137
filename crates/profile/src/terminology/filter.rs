//! The filters of a value set, over the codes of one system.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};

use super::{CodeSystem, Concept, Filter};

/// A compiled regex may take so many bytes; matching takes time linear in the code, whatever the regex.
const REGEX_BYTES: usize = 1 << 20;

/// A filter that can be asked about concepts.
pub(super) enum Test<'f> {
    /// The code is one of these, or is none of them.
    Among(HashSet<&'f str>, bool),
    Equals(&'f str, &'f str),
    In(&'f str, Vec<&'f str>),
    NotIn(&'f str, Vec<&'f str>),
    Regex(&'f str, Regex),
    Exists(&'f str, bool),
}

impl<'f> Test<'f> {
    /// None for a filter that is not understood, or a regex that is none.
    pub(super) fn of(filter: &'f Filter, system: &'f CodeSystem) -> Option<Self> {
        let (property, value) = (filter.property.as_str(), filter.value.as_str());
        let list = || value.split(',').map(str::trim).collect();
        Some(match filter.op.as_str() {
            "is-a" => Self::Among(system.at_or_below(value), true),
            "is-not-a" => Self::Among(system.at_or_below(value), false),
            "generalizes" => Self::Among(system.at_or_above(value), true),
            "descendent-of" => {
                let mut below = system.at_or_below(value);
                below.remove(value);
                Self::Among(below, true)
            }
            "=" => Self::Equals(property, value),
            "in" => Self::In(property, list()),
            "not-in" => Self::NotIn(property, list()),
            "exists" => Self::Exists(property, value == "true"),
            "regex" => {
                let whole = format!("^(?:{value})$");
                Self::Regex(property, RegexBuilder::new(&whole).size_limit(REGEX_BYTES).build().ok()?)
            }
            _ => return None,
        })
    }

    pub(super) fn holds(&self, concept: &Concept) -> bool {
        match self {
            Self::Among(codes, wanted) => codes.contains(concept.code.as_str()) == *wanted,
            Self::Equals(property, value) => values(concept, property).any(|one| one == *value),
            Self::In(property, list) => values(concept, property).any(|one| list.contains(&one)),
            Self::NotIn(property, list) => !values(concept, property).any(|one| list.contains(&one)),
            Self::Regex(property, regex) => values(concept, property).any(|one| regex.is_match(one)),
            Self::Exists(property, wanted) => values(concept, property).next().is_some() == *wanted,
        }
    }
}

/// What a concept says of a property; `concept` and `code` mean the code itself.
fn values<'c>(concept: &'c Concept, property: &str) -> impl Iterator<Item = &'c str> {
    let itself = match property {
        "concept" | "code" => Some(concept.code.as_str()),
        "display" => concept.display.as_deref(),
        _ => None,
    };
    let above = (property == "parent").then_some(&concept.parents);
    let told = concept.properties.iter().filter(move |(name, _)| name == property && above.is_none());
    // The borrow of `property` ends here.
    let told: Vec<&str> = told.map(|(_, value)| value.as_str()).collect();
    itself.into_iter().chain(above.into_iter().flatten().map(String::as_str)).chain(told)
}
