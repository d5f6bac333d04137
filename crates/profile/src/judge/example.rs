//! The smallest piece of JSON that would mend something missing.

use serde_json::{Map, Value, json};

use super::session::Session;
use crate::program::{Child, RuleId};

/// An example does not go deeper.
const DEPTH: usize = 6;

impl Session<'_, '_> {
    /// A smallest value of an element that is missing, as the member to add.
    pub(super) fn example_of_child(&self, child: &Child) -> String {
        let name = child.json_name();
        let value = self.example_value(child, DEPTH);
        format!("\"{name}\": {value}")
    }

    fn example_value(&self, child: &Child, depth: usize) -> Value {
        let type_name = child.json_names.first().map_or("", |known| &*known.type_name);
        let one = |rule: RuleId| self.example_of(rule, type_name, depth);
        let slices = child.slicing.iter().flat_map(|slicing| &slicing.slices).filter(|slice| slice.min > 0);
        let values: Vec<Value> = slices.map(|slice| one(slice.rule)).collect();
        let values = if values.is_empty() { vec![one(child.rule)] } else { values };
        if child.is_many { Value::Array(values) } else { values.into_iter().next().unwrap_or(Value::Null) }
    }

    /// A smallest value that meets a rule.
    pub(super) fn example(&self, rule: RuleId) -> Value {
        self.example_of(rule, "", DEPTH)
    }

    fn example_of(&self, rule: RuleId, type_name: &str, depth: usize) -> Value {
        let rule = self.program().rule(rule);
        if let Some(wanted) = rule.fixed.as_ref().or(rule.pattern.as_ref()) {
            return wanted.to_json();
        }
        let mut members = Map::new();
        for child in rule.children.iter().filter(|_| depth > 0) {
            let is_fixed = self.program().rule(child.rule).fixed.is_some();
            if child.min > 0 || is_fixed {
                let name = child.json_name();
                members.insert(name.to_owned(), self.example_value(child, depth - 1));
            }
        }
        match members.is_empty() {
            false => Value::Object(members),
            true => placeholder(type_name),
        }
    }
}

impl Child {
    fn json_name(&self) -> &str {
        self.json_names.first().map_or(&*self.name, |known| &*known.name)
    }
}

/// What stands for a value of a type, where the profile does not say which.
fn placeholder(type_name: &str) -> Value {
    match type_name {
        "boolean" => json!(true),
        "integer" | "positiveInt" | "unsignedInt" => json!(1),
        "decimal" => json!(1.0),
        "date" => json!("2026-04-01"),
        "dateTime" | "instant" => json!("2026-04-01T09:00:00+09:00"),
        "CodeableConcept" => json!({ "coding": [{ "system": "…", "code": "…", "display": "…" }] }),
        "Coding" => json!({ "system": "…", "code": "…" }),
        "Identifier" => json!({ "system": "…", "value": "…" }),
        "Reference" => json!({ "reference": "…" }),
        "Period" => json!({ "start": "2026-04-01" }),
        "Quantity" => json!({ "value": 1.0, "unit": "…", "system": "…", "code": "…" }),
        name if name.starts_with(|first: char| first.is_ascii_uppercase()) => json!({}),
        _ => json!("…"),
    }
}
