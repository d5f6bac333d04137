//! Where two snapshots of one definition differ in what a validator uses.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use profile::{Element, SnapshotError, StructureDefinition};
use serde_json::{Value, json};

/// One difference.
pub(super) struct Difference {
    pub(super) definition: String,
    pub(super) element: String,
    /// The member that differs, or `missing`, `extra`, `order`, `failed`.
    pub(super) what: String,
    pub(super) theirs: Value,
    pub(super) ours: Value,
}

impl Difference {
    pub(super) fn failed(definition: &StructureDefinition, error: &SnapshotError) -> Self {
        Self::new(definition, "", "failed", Value::Null, json!(error.to_string()))
    }

    fn new(definition: &StructureDefinition, element: &str, what: &str, theirs: Value, ours: Value) -> Self {
        let (definition, element, what) = (definition.url.clone(), element.to_owned(), what.to_owned());
        Self { definition, element, what, theirs, ours }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.definition.rsplit('/').next().unwrap_or_default();
        write!(f, "{name} {} {}: theirs {} ours {}", self.element, self.what, self.theirs, self.ours)
    }
}

/// How many elements are equal, and where the others differ.
pub(super) fn of(definition: &StructureDefinition, ours: &[Element]) -> (usize, Vec<Difference>) {
    let known: HashMap<&str, (usize, &Element)> =
        ours.iter().enumerate().map(|(place, element)| (element.id(), (place, element))).collect();
    let mut found = Vec::new();
    let mut equal = 0;
    let mut last = 0;
    for theirs in &definition.snapshot {
        let before = found.len();
        match known.get(theirs.id()) {
            None => found.push(Difference::new(definition, theirs.id(), "missing", Value::Null, Value::Null)),
            Some((place, ours)) => {
                if *place < last {
                    found.push(Difference::new(definition, theirs.id(), "order", Value::Null, Value::Null));
                }
                last = *place;
                members(definition, theirs, ours, &mut found);
            }
        }
        equal += usize::from(found.len() == before);
    }
    let theirs: HashMap<&str, ()> = definition.snapshot.iter().map(|element| (element.id(), ())).collect();
    let extra = ours.iter().filter(|element| !theirs.contains_key(element.id()));
    found.extend(
        extra.map(|element| Difference::new(definition, element.id(), "extra", Value::Null, Value::Null)),
    );
    (equal, found)
}

fn members(definition: &StructureDefinition, theirs: &Element, ours: &Element, found: &mut Vec<Difference>) {
    let (theirs, ours) = (used(theirs), used(ours));
    let names: std::collections::BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    let element = theirs["id"].as_str().unwrap_or_default();
    for name in names {
        let value = |of: &BTreeMap<String, Value>| of.get(name).cloned().unwrap_or(Value::Null);
        if value(&theirs) != value(&ours) {
            found.push(Difference::new(definition, element, name, value(&theirs), value(&ours)));
        }
    }
}

/// What validation uses of an element, in one form.
fn used(element: &Element) -> BTreeMap<String, Value> {
    const PLAIN: [&str; 8] =
        ["id", "path", "sliceName", "min", "max", "contentReference", "maxLength", "base"];
    let mut used: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in element.members() {
        let value_rule =
            ["fixed", "pattern", "minValue", "maxValue"].iter().any(|start| name.starts_with(start));
        if PLAIN.contains(&name.as_str()) || value_rule {
            used.insert(name.clone(), value.clone());
        }
    }
    used.insert("mustSupport".to_owned(), json!(element.must_support()));
    used.insert("isModifier".to_owned(), json!(element.is_modifier()));
    used.insert("type".to_owned(), types(element));
    if let Some(binding) = element.binding() {
        let strength = format!("{:?}", binding.strength);
        used.insert("binding".to_owned(), json!([strength, binding.value_set, binding.max_value_set]));
    }
    if let Some(slicing) = element.slicing() {
        let by: Vec<String> =
            slicing.discriminators.iter().map(|one| format!("{}:{}", one.kind, one.path)).collect();
        used.insert("slicing".to_owned(), json!([by, slicing.rules, slicing.is_ordered]));
    }
    let constraints: BTreeMap<&str, Value> =
        element.constraints().map(|one| (one.key, json!([one.expression, one.is_error]))).collect();
    used.insert("constraint".to_owned(), json!(constraints));
    used
}

fn types(element: &Element) -> Value {
    let types = element.types().map(|kind| {
        let profiles: Vec<&str> = kind.profiles().collect();
        let targets: Vec<&str> = kind.target_profiles().collect();
        let aggregation: Vec<&str> = kind.aggregation().collect();
        json!([kind.code(), profiles, targets, aggregation, kind.versioning()])
    });
    types.collect()
}
