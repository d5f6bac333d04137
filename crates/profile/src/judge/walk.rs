//! One value against one rule, and what is inside it against the rules inside that.

use std::cmp::Ordering;

use fhir::json::{Json, Kind, Limits, Node};
use fhir::path::Quantity;
use smallvec::SmallVec;

use super::links::Scope;
use super::session::Session;
use super::wanted;
use crate::program::{Child, JsonName, MANY, NOTHING, Rule, RuleId, brief};

/// One value of an element: what stands under its JSON name, under `_name`, or both.
#[derive(Clone, Copy)]
pub(super) struct Item<'p, 't> {
    pub(super) value: Option<Node<'t>>,
    pub(super) beside: Option<Node<'t>>,
    pub(super) type_name: &'p str,
}

impl<'t> Item<'_, 't> {
    /// Where findings about it point.
    ///
    /// # Panics
    /// Never: an item is made of a value, of its sibling, or of both.
    pub(super) fn place(&self) -> Node<'t> {
        self.value.or(self.beside).expect("an item is a value, its sibling, or both")
    }

    /// The object whose members are its children.
    fn inside(&self) -> Option<Node<'t>> {
        [self.value, self.beside].into_iter().flatten().find(|node| node.kind() == Kind::Object)
    }
}

pub(super) type Items<'p, 't> = SmallVec<[Item<'p, 't>; 4]>;

impl<'p, 't> Session<'p, 't> {
    /// Holds one value against one rule.
    pub(super) fn rule(&mut self, id: RuleId, item: Item<'p, 't>, scope: Scope<'t>) {
        if id == NOTHING {
            return;
        }
        let rule = self.program().rule(id);
        if !rule.types.is_empty() && !self.types(rule, item, scope) {
            return;
        }
        if let Some(value) = item.value {
            self.value(rule, value, item.type_name);
        }
        for invariant in &rule.invariants {
            self.invariant(*invariant, item, scope);
        }
        self.children(rule, item, scope);
    }

    fn value(&mut self, rule: &'p Rule, value: Node<'t>, type_name: &str) {
        if let Some(fixed) = rule.fixed.as_ref().filter(|fixed| !wanted::is_fixed(fixed, value)) {
            self.fault("profile-fixed", value, &rule.id).found(spoken(value)).expected(fixed.spoken());
        }
        if let Some(pattern) = rule.pattern.as_ref().filter(|pattern| !wanted::has_pattern(pattern, value)) {
            self.fault("profile-pattern", value, &rule.id).found(spoken(value)).expected(pattern.spoken());
        }
        if let Some(binding) = &rule.binding {
            self.binding(binding, value, type_name, &rule.id);
        }
        if let Some(most) = rule.max_length {
            let length = value.str().map_or(0, |text| text.chars().count());
            if length > most as usize {
                self.fault("profile-too-long", value, &rule.id)
                    .found(length.to_string())
                    .expected(most.to_string());
            }
        }
        self.bounds(rule, value);
    }

    /// minValue and maxValue, for numbers, dates of one form and quantities whose units can be compared.
    fn bounds(&mut self, rule: &'p Rule, value: Node<'t>) {
        if rule.min_value.is_none() && rule.max_value.is_none() {
            return;
        }
        let Some(text) = value.number_text().or_else(|| value.str()) else {
            self.quantity_bounds(rule, value);
            return;
        };
        let is_less = |a: &str, b: &str| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a < b,
            _ => a.len() == b.len() && a < b,
        };
        if let Some(least) = rule.min_value.as_deref().filter(|least| is_less(text, least)) {
            self.fault("profile-too-small", value, &rule.id).found(text).expected(least);
        }
        if let Some(most) = rule.max_value.as_deref().filter(|most| is_less(most, text)) {
            self.fault("profile-too-large", value, &rule.id).found(text).expected(most);
        }
    }

    fn quantity_bounds(&mut self, rule: &'p Rule, value: Node<'t>) {
        let Some(found) = Quantity::of(value) else { return };
        let compared = |bound: &str| {
            let bound = Json::parse(bound.as_bytes(), &Limits::default()).ok()?;
            found.compare(&Quantity::of(bound.root())?)
        };
        if let Some(least) = rule.min_value.as_deref().filter(|least| compared(least) == Some(Ordering::Less))
        {
            self.fault("profile-too-small", value, &rule.id).found(found.to_string()).expected(least);
        }
        if let Some(most) = rule.max_value.as_deref().filter(|most| compared(most) == Some(Ordering::Greater))
        {
            self.fault("profile-too-large", value, &rule.id).found(found.to_string()).expected(most);
        }
    }

    fn children(&mut self, rule: &'p Rule, item: Item<'p, 't>, scope: Scope<'t>) {
        if rule.children.is_empty() {
            return;
        }
        let inside: Members<'t> = item.inside().into_iter().flat_map(Node::members).map(Member::of).collect();
        for child in &rule.children {
            self.child(child, &gather(&inside, child), item.place(), scope);
        }
    }

    fn child(&mut self, child: &'p Child, items: &Items<'p, 't>, parent: Node<'t>, scope: Scope<'t>) {
        let count = items.len() as u32;
        if count < child.min {
            self.missing(child, count, parent, scope);
            return;
        }
        if count == 0 && child.must_support && self.lists_must_support {
            self.fault("profile-must-support", parent, &child.id).element(&*child.name);
        }
        if child.max != MANY && count > child.max {
            let extra = items[child.max as usize].place();
            self.fault("profile-too-many", extra, &child.id)
                .element(&*child.name)
                .found(count.to_string())
                .expected(child.max.to_string());
        }
        match &child.slicing {
            None => items.iter().for_each(|item| self.rule(child.rule, *item, scope)),
            Some(slicing) => self.slices(slicing, child.rule, items, parent, scope),
        }
    }

    /// Too few values; which slices are missing for it stands under the finding.
    fn missing(&mut self, child: &'p Child, count: u32, parent: Node<'t>, scope: Scope<'t>) {
        let slices = match &child.slicing {
            Some(slicing) => {
                self.apart(|this| this.slices(slicing, child.rule, &Items::new(), parent, scope))
            }
            None => Vec::new(),
        };
        let example = self.example_of_child(child);
        self.fault("profile-missing", parent, &child.id)
            .element(&*child.name)
            .found(count.to_string())
            .expected(child.min.to_string())
            .example(example)
            .consequences(slices);
    }
}

/// One member of an object: the element's name, whether it is the `_name` beside it, and what stands there.
#[derive(Clone, Copy)]
struct Member<'t> {
    name: &'t str,
    brief: u64,
    is_beside: bool,
    node: Node<'t>,
}

type Members<'t> = SmallVec<[Member<'t>; 16]>;

impl<'t> Member<'t> {
    fn of((key, node): (&'t str, Node<'t>)) -> Self {
        match key.strip_prefix('_') {
            Some(name) => Self { name, brief: brief(name), is_beside: true, node },
            None => Self { name: key, brief: brief(key), is_beside: false, node },
        }
    }
}

/// The values that stand under the names of `child`.
fn gather<'p, 't>(members: &Members<'t>, child: &'p Child) -> Items<'p, 't> {
    let mut items = Items::new();
    for member in members {
        let Some(JsonName { type_name, .. }) =
            child.json_names.iter().find(|known| known.is(member.name, member.brief))
        else {
            continue;
        };
        let other =
            || members.iter().find(|one| one.name == member.name && one.is_beside != member.is_beside);
        if !child.has_siblings() {
            each(member.node, |node| items.push(Item { value: Some(node), beside: None, type_name }));
        } else if !member.is_beside {
            with_siblings(member.node, other().map(|one| one.node), type_name, &mut items);
        } else if other().is_none() {
            // One that has its value was taken with it.
            each(member.node, |node| items.push(Item { value: None, beside: Some(node), type_name }));
        }
    }
    items
}

fn with_siblings<'p, 't>(
    node: Node<'t>,
    sibling: Option<Node<'t>>,
    type_name: &'p str,
    items: &mut Items<'p, 't>,
) {
    let mut besides = SmallVec::<[Node<'t>; 4]>::new();
    sibling.into_iter().for_each(|node| each(node, |node| besides.push(node)));
    let mut place = 0;
    each(node, |node| {
        let beside = besides.get(place).copied().filter(|beside| beside.kind() != Kind::Null);
        let value = Some(node).filter(|node| node.kind() != Kind::Null);
        if value.is_some() || beside.is_some() {
            items.push(Item { value, beside, type_name });
        }
        place += 1;
    });
}

/// The items of an array, or the one value.
pub(super) fn each<'t>(node: Node<'t>, mut work: impl FnMut(Node<'t>)) {
    if node.kind() == Kind::Array { node.items().for_each(work) } else { work(node) }
}

/// A value as a person would say it.
pub(super) fn spoken(node: Node<'_>) -> String {
    node.str().map_or_else(|| String::from_utf8_lossy(node.bytes()).into_owned(), str::to_owned)
}

impl Child {
    /// Whether its values are primitives, which can have `_name` beside them.
    fn has_siblings(&self) -> bool {
        let first = |name: &JsonName| name.type_name.as_bytes().first().copied();
        self.json_names.iter().any(|name| first(name).is_some_and(|byte| byte.is_ascii_lowercase()))
    }
}
