//! Small faults put into a sound document, the same ones for the same seed.

use serde_json::{Map, Value, json};

/// What was done to which place.
pub(crate) struct Mutation {
    pub(crate) document: Value,
    pub(crate) kind: &'static str,
    pub(crate) place: String,
}

/// Numbers that look random and are always the same (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }
}

type Change = fn(&mut Value, &str) -> bool;

/// `None` takes the member away; the others change the value where that means something.
const KINDS: [(&str, Option<Change>); 5] = [
    ("drop", None),
    ("duplicate", Some(duplicate)),
    ("retag", Some(retag)),
    ("recode", Some(recode)),
    ("retype", Some(retype)),
];

/// One fault somewhere in `document`: kind and place by the dice.
pub(crate) fn mutated(document: &Value, dice: &mut Dice) -> Mutation {
    let mut pointers = Vec::new();
    gather(document, String::new(), &mut pointers);
    loop {
        let (kind, change) = KINDS[dice.below(KINDS.len())];
        let place = pointers[dice.below(pointers.len())].clone();
        let mut changed = document.clone();
        let done = match change {
            None => drop_at(&mut changed, &place),
            Some(change) => {
                let name = place.rsplit('/').next().unwrap_or_default().to_owned();
                changed.pointer_mut(&place).is_some_and(|value| change(value, &name))
            }
        };
        if done {
            return Mutation { document: changed, kind, place };
        }
    }
}

fn gather(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    let mut deeper = |name: &str, value: &Value| gather(value, format!("{pointer}/{name}"), pointers);
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| deeper(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| deeper(&i.to_string(), value)),
        _ => {}
    }
    if !pointer.is_empty() {
        pointers.push(pointer);
    }
}

fn drop_at(document: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => members.shift_remove(name).is_some(),
        Some(Value::Array(items)) => name.parse().is_ok_and(|i: usize| {
            items.remove(i);
            true
        }),
        _ => false,
    }
}

/// The first item once more.
fn duplicate(value: &mut Value, _name: &str) -> bool {
    let Value::Array(items) = value else { return false };
    let Some(first) = items.first().cloned() else { return false };
    items.push(first);
    true
}

/// Another system, profile, tag or type: what a document or value says that it is.
fn retag(value: &mut Value, name: &str) -> bool {
    let is_tag = matches!(name, "system" | "url" | "resourceType" | "type" | "use");
    let Value::String(text) = value else { return false };
    let is_claim = text.contains("/StructureDefinition/");
    if is_tag || is_claim {
        text.push('X');
    }
    is_tag || is_claim
}

/// Another code or name of a code.
fn recode(value: &mut Value, name: &str) -> bool {
    let Value::String(text) = value else { return false };
    let is_code = matches!(name, "code" | "display" | "status" | "value");
    if is_code {
        text.insert(0, '9');
    }
    is_code
}

/// The same content as another sort of JSON value.
fn retype(value: &mut Value, _name: &str) -> bool {
    *value = match value.take() {
        Value::String(text) => json!([text]),
        Value::Number(number) => json!(number.to_string()),
        Value::Bool(truth) => json!(truth.to_string()),
        Value::Array(items) => items.into_iter().next().unwrap_or(Value::Null),
        Value::Object(members) => Value::Array(vec![Value::Object(members)]),
        Value::Null => Value::Object(Map::new()),
    };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_faults_and_each_changes_the_document() {
        let document = json!({ "resourceType": "Patient", "active": true, "name": [{ "text": "架空", "use": "usual" }] });
        let faults = |seed| {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| mutated(&document, &mut dice).document).collect::<Vec<_>>()
        };
        assert_eq!(faults(1), faults(1));
        assert_ne!(faults(1), faults(2));
        assert!(!faults(1).contains(&document));
    }
}
