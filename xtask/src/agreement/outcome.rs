//! What the official validator said about a case, as its OperationOutcome tells it.

use std::path::Path;

use serde_json::Value;

use super::place::Place;
use super::read_json;

/// The official word on one case.
pub(crate) enum Outcome {
    /// The data have none.
    Absent,
    /// Only how many errors there are.
    Counted(u64),
    /// Every error with its place and words.
    Told(Vec<Told>),
}

/// One official error.
pub(crate) struct Told {
    pub(crate) place: Place,
    pub(crate) text: String,
}

impl Outcome {
    /// The outcome that a manifest names or holds.
    pub(crate) fn of(named: &Value, folder: &Path) -> Result<Self, String> {
        if let Some(name) = named.as_str() {
            let path = folder.join("outcomes").join(name);
            return if path.is_file() { Ok(Self::told(&read_json(&path)?)) } else { Ok(Self::Absent) };
        }
        let count = |name: &str| named[name].as_u64();
        match (named.get("outcome"), count("errorCount").or(count("fatalCount"))) {
            (Some(outcome), _) => Ok(Self::told(outcome)),
            (None, Some(errors)) => Ok(Self::Counted(errors)),
            (None, None) => Ok(Self::Absent),
        }
    }

    fn told(outcome: &Value) -> Self {
        let issues = outcome["issue"].as_array().into_iter().flatten();
        let errors = issues.filter(|issue| matches!(issue["severity"].as_str(), Some("error" | "fatal")));
        Self::Told(errors.map(Told::of).collect())
    }
}

impl Told {
    fn of(issue: &Value) -> Self {
        let expression = issue["expression"][0].as_str().or(issue["location"][0].as_str());
        let text = issue["details"]["text"].as_str().or(issue["diagnostics"].as_str()).unwrap_or_default();
        Self { place: place(expression.unwrap_or_default(), text), text: text.to_owned() }
    }
}

/// Checks that span a Bundle count from one, and those of fullUrl always name the first entry.
fn place(expression: &str, text: &str) -> Place {
    if text.starts_with("The fullUrl must be") || text.starts_with("The fullUrl '") {
        return Place::of(&expression.replace("entry[0]", "entry"));
    }
    let place = Place::of(expression);
    let counts_from_one = ["Can't find ", "Found ", "Entry "].iter().any(|start| text.starts_with(start));
    if counts_from_one { place.counted_from_zero() } else { place }
}
