//! Which slice a value belongs to, and whether each slice has as many as it should.

use fhir::bundle::resource_type;
use fhir::finding::Severity;
use fhir::json::Node;
use fhir::r4::TypeId;
use smallvec::SmallVec;

use super::codes::Membership;
use super::links::{Found, Scope};
use super::session::{Session, is_for};
use super::walk::{Item, Items, each};
use super::wanted;
use crate::program::{MANY, Openness, ProfileId, RuleId, Slice, Slicing, Step, Test};

/// What stands at the end of a discriminator's path, and where.
pub(super) type Ends<'p, 't> = SmallVec<[(Item<'p, 't>, Scope<'t>); 2]>;

impl<'p, 't> Session<'p, 't> {
    /// Puts each value into its slice; `rest` is asked of those in none.
    pub(super) fn slices(
        &mut self,
        slicing: &'p Slicing,
        rest: RuleId,
        items: &Items<'p, 't>,
        parent: Node<'t>,
        scope: Scope<'t>,
    ) {
        let mut places: SmallVec<[Option<usize>; 16]> = SmallVec::new();
        let mut latest = 0;
        for item in items {
            let place = self.place_of(slicing, *item, scope);
            match place {
                None => self.stranger(slicing, rest, *item, scope),
                Some(place) => {
                    let slice = &slicing.slices[place];
                    let is_late = slicing.openness == Openness::OpenAtEnd && places.contains(&None);
                    if is_late || (slicing.is_ordered && place < latest) {
                        self.fault("profile-slice-order", item.place(), &slice.id).element(&*slice.name);
                    }
                    latest = latest.max(place);
                    self.rule(slice.rule, *item, scope);
                }
            }
            places.push(place);
        }
        let of = |wanted: Option<usize>| -> Items<'p, 't> {
            items.iter().zip(&places).filter(|(_, place)| **place == wanted).map(|(item, _)| *item).collect()
        };
        for (place, slice) in slicing.slices.iter().enumerate() {
            self.slice(slicing, slice, &of(Some(place)), &|| of(None), parent, scope);
        }
    }

    /// How many a slice has, and the slices inside it.
    fn slice(
        &mut self,
        slicing: &'p Slicing,
        slice: &'p Slice,
        members: &Items<'p, 't>,
        strangers: &dyn Fn() -> Items<'p, 't>,
        parent: Node<'t>,
        scope: Scope<'t>,
    ) {
        let count = members.len() as u32;
        if count < slice.min {
            self.slice_missing(slicing, slice, count, &strangers(), parent, scope);
        } else if slice.max != MANY && count > slice.max {
            self.fault("profile-slice-too-many", members[slice.max as usize].place(), &slice.id)
                .element(&*slice.name)
                .found(count.to_string())
                .expected(slice.max.to_string());
        } else if count == 0 && slice.must_support && self.lists_must_support {
            self.fault("profile-must-support", parent, &slice.id).element(&*slice.name);
        }
        if let Some(inner) = slice.slicing.as_ref().filter(|_| count > 0) {
            self.slices(inner, crate::program::NOTHING, members, parent, scope);
        }
    }

    /// A value in no slice: allowed where slicing is open.
    fn stranger(&mut self, slicing: &'p Slicing, rest: RuleId, item: Item<'p, 't>, scope: Scope<'t>) {
        if slicing.openness == Openness::Closed {
            self.closed_slicing(slicing, item, scope);
        }
        self.rule(rest, item, scope);
    }

    /// The slice that a value belongs to, by its place among the slices.
    fn place_of(&mut self, slicing: &'p Slicing, item: Item<'p, 't>, scope: Scope<'t>) -> Option<usize> {
        let mut ends: SmallVec<[Ends<'p, 't>; 2]> = SmallVec::new();
        for discriminator in &slicing.discriminators {
            ends.push(self.ends(&discriminator.steps, item, scope));
        }
        let is_told = !ends.is_empty();
        slicing.slices.iter().position(|slice| {
            is_told && slice.tests.iter().zip(&ends).all(|(test, ends)| self.passes(test, ends))
        })
    }

    pub(super) fn passes(&mut self, test: &'p Test, ends: &Ends<'p, 't>) -> bool {
        let mut values = ends.iter().filter_map(|(item, scope)| Some((item.value?, *scope)));
        match test {
            Test::Fixed(fixed) => values.any(|(node, _)| wanted::is_fixed(fixed, node)),
            Test::Pattern(pattern) => values.any(|(node, _)| wanted::has_pattern(pattern, node)),
            Test::Codes(set) => values.any(|(node, _)| self.membership(*set, node) == Membership::In),
            Test::Types(types) => {
                ends.iter().any(|(item, _)| types.iter().any(|one| &**one == type_of(item)))
            }
            Test::Profiles(profiles) => values.any(|(node, scope)| {
                profiles.iter().any(|id| self.is_for(*id, node) && self.meets(node, *id, scope))
            }),
            Test::Exists(wanted) => ends.is_empty() != *wanted,
            Test::Meets(rule) => ends.iter().any(|(item, scope)| {
                let found = self.apart(|this| this.rule(*rule, *item, *scope));
                !found.iter().any(|draft| draft.gravity() == Severity::Error)
            }),
            Test::Any(tests) => tests.iter().any(|test| self.passes(test, ends)),
            Test::Unknown => true,
        }
    }

    /// Whether the profile is for values of this type, which is cheaper to know than whether they meet it.
    pub(super) fn is_for(&self, id: ProfileId, node: Node<'t>) -> bool {
        let found = resource_type(node);
        found.is_empty() || is_for(&self.program().profile(id).type_name, found)
    }

    /// The values at the end of a path of steps.
    pub(super) fn ends(&self, steps: &'p [Step], item: Item<'p, 't>, scope: Scope<'t>) -> Ends<'p, 't> {
        let mut ends: Ends<'p, 't> = Ends::new();
        ends.push((item, scope));
        for step in steps {
            let mut next = Ends::new();
            for (item, scope) in ends {
                self.step(step, item, scope, &mut next);
            }
            ends = next;
        }
        ends
    }

    fn step(&self, step: &'p Step, item: Item<'p, 't>, scope: Scope<'t>, next: &mut Ends<'p, 't>) {
        let mut push = |node: Node<'t>, type_name: &'p str| {
            next.push((Item { value: Some(node), beside: None, type_name }, scope));
        };
        match step {
            Step::Child(name) => {
                for node in [item.value, item.beside].into_iter().flatten() {
                    if let Some((choice, value)) = member(node, name) {
                        each(value, |node| push(node, choice));
                    }
                }
            }
            Step::Extension(url) => {
                for node in [item.value, item.beside].into_iter().flatten() {
                    let extensions = node.get("extension").into_iter().flat_map(Node::items);
                    extensions
                        .filter(|one| one.text_at(&["url"]) == Some(url))
                        .for_each(|one| push(one, "Extension"));
                }
            }
            Step::OfType(name) => {
                if type_of(&item) == &**name {
                    next.push((item, scope));
                }
            }
            Step::Resolve => {
                let Some(node) = item.value else { return };
                let reference = node.get("reference").unwrap_or(node);
                if let Some(url) = reference.str()
                    && let Found::Resource(node, scope) = self.links.follow(scope, url)
                {
                    next.push((Item { value: Some(node), beside: None, type_name: "" }, scope));
                }
            }
        }
    }
}

/// The member called `name`, or the choice of `name[x]` that is there, with the choice's type.
fn member<'t>(node: Node<'t>, name: &str) -> Option<(&'static str, Node<'t>)> {
    if let Some(value) = node.get(name) {
        return Some(("", value));
    }
    node.members().find_map(|(key, value)| {
        let kind = key.strip_prefix(name)?;
        choice_type(kind).map(|kind| (kind, value))
    })
}

/// The type that the end of a choice's JSON name tells: `string` for `String`.
fn choice_type(end: &str) -> Option<&'static str> {
    let first = end.chars().next().filter(char::is_ascii_uppercase)?;
    let primitive = || TypeId::named(&format!("{}{}", first.to_ascii_lowercase(), &end[1..]));
    TypeId::named(end).or_else(primitive).map(TypeId::name)
}

/// The type of a value, as far as its name or its own `resourceType` tells.
fn type_of<'i>(item: &Item<'i, 'i>) -> &'i str {
    match item.value.map(resource_type) {
        Some(resource) if !resource.is_empty() => resource,
        _ => item.type_name,
    }
}
