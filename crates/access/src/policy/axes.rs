//! Every fact, its values, and which of them an action's policies ask: the finite space of all cases.

use std::collections::BTreeSet;

use cedar_policy::Policy;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::{Basis, Purpose};

use super::laws::laws;
use super::names::{BASES, KINDS, STEPS};
use super::{Action, Case, Facts, Step};
use crate::{Assurance, Factors, Role};

/// One fact, under its name in the schema, and its values.
struct Axis {
    name: &'static str,
    values: usize,
    code: fn(usize) -> String,
    set: fn(&mut Setting, usize),
}

/// A case without its role.
#[derive(Clone, Debug)]
pub struct Setting {
    /// How sure it is that it is they.
    pub assurance: Assurance,
    /// Whether they act for an institution.
    pub has_institution: bool,
    /// The rest.
    pub facts: Facts,
}

impl Default for Setting {
    /// Somebody of an institution who has just proved with two factors who they are; nothing else is so.
    fn default() -> Self {
        Self { assurance: Assurance::FULL, has_institution: true, facts: Facts::default() }
    }
}

impl Setting {
    /// The case of somebody of a role in this setting.
    pub fn case(&self, role: Role) -> Case<'_> {
        let (assurance, has_institution) = (self.assurance, self.has_institution);
        Case { role, assurance, has_institution, facts: &self.facts }
    }

    /// Sets the fact of this name to the value of this code; false if there is no such fact or value.
    pub fn set(&mut self, name: &str, code: &str) -> bool {
        let axis = AXES.iter().find(|axis| axis.name == name);
        let found =
            axis.and_then(|axis| (0..axis.values).find(|n| (axis.code)(*n) == code).map(|n| (axis, n)));
        if let Some((axis, n)) = found {
            (axis.set)(self, n);
        }
        found.is_some()
    }
}

const AXES: [Axis; 25] = [
    Axis {
        name: "assurance",
        values: 3,
        code: |n| Factors::ALL[n].code().to_owned(),
        set: |to, n| to.assurance.factors = Factors::ALL[n],
    },
    flag("is_fresh", |to, n| to.assurance.is_fresh = n == 1),
    flag("is_machine", |to, n| to.assurance.is_machine = n == 1),
    flag("has_institution", |to, n| to.has_institution = n == 1),
    Axis {
        name: "purpose",
        values: 7,
        code: |n| code(nth(&Purpose::ALL, n).map(Purpose::code)),
        set: |to, n| to.facts.purpose = nth(&Purpose::ALL, n),
    },
    Axis { name: "hour", values: 24, code: |n| n.to_string(), set: add_hours },
    Axis { name: "weekday", values: 7, code: |n| (n + 1).to_string(), set: |to, n| add_hours(to, 24 * n) },
    flag("is_self", |to, n| to.facts.is_self = n == 1),
    flag("is_proxy", |to, n| to.facts.is_proxy = n == 1),
    flag("is_own", |to, n| to.facts.is_own = n == 1),
    flag("is_by_viewer", |to, n| to.facts.is_by_viewer = n == 1),
    Axis {
        name: "kind",
        values: 9,
        code: |n| code(nth(&KINDS, n).map(store::kind_code)),
        set: |to, n| to.facts.kind = nth(&KINDS, n),
    },
    Axis {
        name: "opened_by",
        values: 4,
        code: |n| code(nth(&BASES, n).map(Basis::code)),
        set: |to, n| to.facts.opened_by = nth(&BASES, n),
    },
    flag("is_closed_by_wish", |to, n| to.facts.is_closed_by_wish = n == 1),
    Axis {
        name: "step",
        values: 4,
        code: |n| code(nth(&STEPS, n).map(Step::code)),
        set: |to, n| to.facts.step = nth(&STEPS, n),
    },
    flag("is_destination", |to, n| to.facts.is_destination = n == 1),
    flag("is_hospital", |to, n| to.facts.is_hospital = n == 1),
    flag("is_in_disaster", |to, n| to.facts.is_in_disaster = n == 1),
    flag("is_without_consent", |to, n| to.facts.is_without_consent = n == 1),
    flag("is_told", |to, n| to.facts.is_told = n == 1),
    Axis {
        name: "subject",
        values: 17,
        code: |n| code(nth(&Role::ALL, n).map(Role::code)),
        set: |to, n| to.facts.subject = nth(&Role::ALL, n),
    },
    flag("is_first", |to, n| to.facts.is_first = n == 1),
    flag("is_of_hub", |to, n| to.facts.is_of_hub = n == 1),
    flag("is_for_hub", |to, n| to.facts.is_for_hub = n == 1),
    flag("is_provisioner", |to, n| to.facts.is_provisioner = n == 1),
];

const fn flag(name: &'static str, set: fn(&mut Setting, usize)) -> Axis {
    Axis { name, values: 2, code: |n| if n == 1 { "yes" } else { "no" }.to_owned(), set }
}

/// The value at a place, or after the last none.
fn nth<T: Copy>(all: &[T], n: usize) -> Option<T> {
    all.get(n).copied()
}

fn code(value: Option<&'static str>) -> String {
    value.unwrap_or("none").to_owned()
}

/// The first day of a Japanese week, later by some hours.
fn add_hours(to: &mut Setting, hours: usize) {
    let monday = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(4 * 24 - 9);
    let hours = SignedDuration::from_hours(i64::try_from(hours).unwrap_or_default());
    to.facts.at = Some(to.facts.at.unwrap_or(monday) + hours);
}

/// The facts that make a difference to what the shipped policies say of an action, and the codes of their values.
pub fn facts_asked(action: Action) -> Vec<(&'static str, Vec<String>)> {
    let asked = asked(action).into_iter();
    asked.map(|axis| (axis.name, (0..axis.values).map(axis.code).collect())).collect()
}

/// Every setting that can make a difference to what the shipped policies say of an action.
pub fn settings(action: Action) -> impl Iterator<Item = Setting> {
    let axes = asked(action);
    let count: usize = axes.iter().map(|axis| axis.values).product();
    (0..count).map(move |number| {
        let mut setting = Setting::default();
        let mut rest = number;
        for axis in &axes {
            (axis.set)(&mut setting, rest % axis.values);
            rest /= axis.values;
        }
        setting
    })
}

/// The facts that the policies of an action ask.
fn asked(action: Action) -> Vec<&'static Axis> {
    let laws = laws();
    let mut names = BTreeSet::new();
    for policy in laws.rights.speaking_of(action).chain(laws.conditions.speaking_of(action)) {
        gather(policy, &mut names);
    }
    // The mode follows from what opens.
    if names.remove("mode") {
        names.insert("opened_by".to_owned());
    }
    AXES.iter().filter(|axis| names.contains(axis.name)).collect()
}

fn gather(policy: &Policy, names: &mut BTreeSet<String>) {
    let json = policy.to_json().expect("a policy that was parsed can be written");
    walk(&json, names);
}

/// Finds `context.NAME` and `context has NAME` in Cedar's JSON form.
fn walk(value: &Value, names: &mut BTreeSet<String>) {
    if value["left"]["Var"] == "context"
        && let Some(name) = value["attr"].as_str()
    {
        names.insert(name.to_owned());
    }
    match value {
        Value::Array(values) => values.iter().for_each(|one| walk(one, names)),
        Value::Object(values) => values.values().for_each(|one| walk(one, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_of_the_schema_is_an_axis_or_follows_from_one() {
        let schema = include_str!("../../../../rules/policy/schema.cedarschema");
        let facts = schema.split("type Facts = {").nth(1).and_then(|rest| rest.split("};").next()).unwrap();
        for line in facts.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
            let name = line.split([':', '?']).next().unwrap();
            assert!(name == "mode" || AXES.iter().any(|axis| axis.name == name), "{name}");
        }
    }
}
