//! What a differential says, merged into what stands.

use serde_json::{Map, Value, json};

use crate::Element;

/// Members that add to the base's instead of standing in their place, and by what two entries are the same.
const ADDED: [(&str, &str); 6] = [
    ("constraint", "key"),
    ("mapping", "identity"),
    ("alias", ""),
    ("condition", ""),
    ("code", ""),
    ("example", ""),
];

/// Merges `changed` into `element`.
pub(super) fn into(element: &mut Element, changed: &Element) {
    let members = element.members_mut();
    for (name, value) in changed.members() {
        if name == "id" || name == "path" || name == "sliceName" {
            continue;
        }
        if let Some((_, key)) = ADDED.iter().find(|(added, _)| added == name) {
            add(members, name, value, key);
        } else if (name == "binding" || name == "slicing") && members.get(name).is_some_and(Value::is_object)
        {
            inherit(members, name, value);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
}

fn add(members: &mut Map<String, Value>, name: &str, value: &Value, key: &str) {
    let standing = members.entry(name).or_insert_with(|| json!([]));
    let (Some(standing), Some(more)) = (standing.as_array_mut(), value.as_array()) else { return };
    for one in more {
        let same = standing
            .iter_mut()
            .find(|other| if key.is_empty() { *other == one } else { other[key] == one[key] });
        match same {
            Some(same) if name == "constraint" => *same = one.clone(),
            Some(same) if *same == *one => {}
            _ => standing.push(one.clone()),
        }
    }
}

/// Members of an object that the differential does not speak of stay.
fn inherit(members: &mut Map<String, Value>, name: &str, value: &Value) {
    let (Some(Value::Object(standing)), Some(value)) = (members.get_mut(name), value.as_object()) else {
        return;
    };
    for (name, value) in value {
        standing.insert(name.clone(), value.clone());
    }
}

/// Slicing by one discriminator, unordered.
pub(super) fn by(kind: &str, path: &str, rules: &str) -> Value {
    json!({"discriminator": [{"type": kind, "path": path}], "ordered": false, "rules": rules})
}

/// Leaves only the type `kind`, if it is among the types.
pub(super) fn narrow_to(element: &mut Element, kind: &str) {
    let kept: Vec<Value> = element
        .types()
        .zip(element.get("type").and_then(Value::as_array).into_iter().flatten())
        .filter(|(one, _)| one.code() == kind)
        .map(|(_, written)| written.clone())
        .collect();
    if !kept.is_empty() {
        element.members_mut().insert("type".to_owned(), Value::Array(kept));
    }
}

/// Where `changed` allows what `element` forbids.
pub(super) fn contradictions(element: &Element, changed: &Element) -> Vec<String> {
    let mut found = Vec::new();
    let max = changed.max().or(element.max());
    let count = |max: Option<&str>| max.and_then(|max| max.parse::<u64>().ok()).unwrap_or(u64::MAX);
    let min = changed.min().or(element.min()).unwrap_or(0);
    if min > count(max) {
        found.push(format!("min {min} > max {}", max.unwrap_or_default()));
    }
    let is_new_slice = changed.slice_name().is_some() && element.get("sliceName").is_some();
    if let (Some(new), Some(old)) = (changed.min(), element.min())
        && new < old
        && !is_new_slice
    {
        found.push(format!("min {new} < {old}"));
    }
    if count(changed.max().or(element.max())) > count(element.max()) {
        found.push(format!("max {} > {}", max.unwrap_or_default(), element.max().unwrap_or_default()));
    }
    if let (Some(new), Some(old)) = (changed.binding(), element.binding())
        && new.strength < old.strength
    {
        found.push(format!("binding {:?} < {:?}", new.strength, old.strength));
    }
    found.extend(foreign_types(element, changed));
    found
}

/// Types that the base does not have. An abstract type of the base stands for any that is derived from it.
fn foreign_types(element: &Element, changed: &Element) -> Vec<String> {
    const ABSTRACT: [&str; 5] = ["Element", "BackboneElement", "Resource", "DomainResource", "*"];
    let known: Vec<String> = element.types().map(|kind| kind.code().into_owned()).collect();
    if known.is_empty() || known.iter().any(|code| ABSTRACT.contains(&code.as_str())) {
        return Vec::new();
    }
    let new = changed.types().map(|kind| kind.code().into_owned());
    new.filter(|code| !known.contains(code)).map(|code| format!("type {code}")).collect()
}
