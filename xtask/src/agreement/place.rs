//! Places of findings, comparable between validators that write them differently.

use std::fmt;

/// The way from the root to an element: names with their index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    name: String,
    index: Option<u32>,
}

impl Place {
    /// Reads a FHIRPath expression. Left out is what only describes: `/*Patient/1*/`, `[url='…']`, `.ofType(Quantity)`,
    /// `[x]` and `.resolve()`.
    pub(crate) fn of(expression: &str) -> Self {
        let mut plain = expression.to_owned();
        for (open, close) in [("/*", "*/"), ("[url='", "']"), (".ofType(", ")")] {
            while let Some(start) = plain.find(open) {
                let end = plain[start..].find(close).map_or(plain.len(), |at| start + at + close.len());
                plain.replace_range(start..end, "");
            }
        }
        let plain = plain.replace("[x]", "").replace(".resolve()", "");
        let steps = plain.split(['.', '/']).filter(|step| !step.is_empty());
        Self(steps.map(Step::of).collect())
    }

    /// Whether no element is named at all.
    pub(crate) fn is_nowhere(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the same element. An index counts only where both give one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.starts_like(other)
    }

    /// Whether both are the same element, or one is directly inside the other.
    pub(crate) fn is_near(&self, other: &Self) -> bool {
        self.0.len().abs_diff(other.0.len()) <= 1 && self.starts_like(other)
    }

    /// The same place with every index left out.
    pub(crate) fn without_indices(mut self) -> Self {
        self.0.iter_mut().for_each(|step| step.index = None);
        self
    }

    /// The same place where every index was counted from one.
    pub(crate) fn counted_from_zero(mut self) -> Self {
        self.0.iter_mut().for_each(|step| step.index = step.index.map(|index| index.saturating_sub(1)));
        self
    }

    /// The place of an element called `name` in this one.
    pub(crate) fn child(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.extend(name.split('.').map(Step::of));
        Self(steps)
    }

    fn starts_like(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .all(|(a, b)| a.name == b.name && (a.index.is_none() || b.index.is_none() || a.index == b.index))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|step| step.name.as_str()).collect();
        f.write_str(&names.join("."))
    }
}

impl Step {
    fn of(text: &str) -> Self {
        let (name, index) = match text.split_once('[') {
            Some((name, rest)) => (name, rest.trim_end_matches(']').parse().ok()),
            None => (text, None),
        };
        Self { name: name.to_owned(), index }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_in_an_expression_do_not_change_the_place() {
        let ours = Place::of("Bundle.entry[0].resource.value.ofType(Quantity).code");
        assert!(ours.is(&Place::of("Bundle.entry[0].resource/*Observation/1*/.value[x].code")));
        assert!(!ours.is(&Place::of("Bundle.entry[1].resource.value.code")));
        assert!(ours.is_near(&Place::of("Bundle.entry[0].resource.value")));
        assert!(Place::of("Patient.extension[1][url='http://a.b/c']").is(&Place::of("Patient.extension[1]")));
    }
}
