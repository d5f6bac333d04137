//! Required bindings: is this code one of the set, and if not, which is nearest?

use crate::json::Node;
use crate::likeness::distance;

/// The codes of a value set by system; open if R4 does not list them.
pub(super) struct ValueSet {
    url: &'static str,
    systems: Vec<(&'static str, Vec<&'static str>)>,
    is_open: bool,
}

impl ValueSet {
    pub(super) fn new(url: &'static str) -> Self {
        Self { url, systems: Vec::new(), is_open: false }
    }

    /// Adds a line of the table: a system and its codes, in the order of their bytes.
    pub(super) fn add(&mut self, line: &'static str) {
        let mut words = line.split('\t');
        match words.next() {
            Some("?") | None => self.is_open = true,
            Some(system) => self.systems.push((system, words.collect())),
        }
    }

    pub(super) fn url(&self) -> &'static str {
        self.url
    }

    pub(super) fn has_code(&self, code: &str) -> bool {
        self.is_open || self.systems.iter().any(|(_, codes)| codes.binary_search(&code).is_ok())
    }

    /// Whether a CodeableConcept has a coding of this set.
    pub(super) fn has_concept(&self, concept: Node<'_>) -> bool {
        self.is_open
            || concept.get("coding").into_iter().flat_map(Node::items).any(|coding| self.has_coding(coding))
    }

    /// The set and its codes, or the nearest one where there are many.
    pub(super) fn expected(&self, found: &str) -> String {
        let codes: Vec<&str> = self.systems.iter().flat_map(|(_, codes)| codes).copied().collect();
        let list = match codes.len() {
            0 => return self.url.to_owned(),
            1..=8 => codes.join(" | "),
            _ => {
                let found = found.to_ascii_lowercase();
                let likeness = |code: &&str| distance(&code.to_ascii_lowercase(), &found);
                codes.into_iter().min_by_key(likeness).unwrap_or_default().to_owned()
            }
        };
        format!("{} ({list})", self.url)
    }

    fn has_coding(&self, coding: Node<'_>) -> bool {
        let (Some(system), Some(code)) = (coding.get("system"), coding.get("code")) else { return false };
        let (system, code) = (system.str().unwrap_or_default(), code.str().unwrap_or_default());
        self.systems.iter().any(|(name, codes)| *name == system && codes.binary_search(&code).is_ok())
    }
}
