//! One element of a profile into what it asks beyond R4's base.

use std::rc::Rc;

use fhir::path::Expression;
use fhir::r4::{ElementFacts, TypeId};

use super::Compiler;
use super::tree::Tree;
use crate::element::{Constraint, Element};
use crate::program::{
    Child, Invariant, JsonName, MANY, NOTHING, ProfileId, Rule, RuleId, Target, TypeRule, Wanted,
};

/// What R4 says of an element: its JSON names with the facts of each.
pub(super) type Base = Vec<(&'static str, ElementFacts)>;

impl Compiler<'_> {
    /// What a profile asks of the value it is about.
    pub(super) fn root_rule(&mut self, id: ProfileId, tree: &Rc<Tree>) -> RuleId {
        let type_id = TypeId::named(&self.program.profiles[id as usize].type_name);
        self.rule(id, tree, 0, &[], type_id)
    }

    /// The rule of the element at `place`, whose values have the type `type_id`.
    pub(super) fn rule(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        place: usize,
        base: &[(&'static str, ElementFacts)],
        type_id: Option<TypeId>,
    ) -> RuleId {
        let element = &tree.node(place).element;
        let mut rule = Rule {
            id: element.id().into(),
            types: self.types(id, element, base),
            fixed: element.fixed().map(|(_, value)| Wanted::from(value)),
            pattern: element.pattern().map(|(_, value)| Wanted::from(value)),
            binding: self.binding(id, element, base),
            invariants: element.constraints().filter_map(|one| self.invariant(id, &one)).collect(),
            max_length: element.max_length().and_then(|most| u32::try_from(most).ok()),
            min_value: element.min_value().map(|(_, value)| Wanted::from(value).spoken().into()),
            max_value: element.max_value().map(|(_, value)| Wanted::from(value).spoken().into()),
            children: Vec::new(),
        };
        if let Some(reference) = element.content_reference()
            && tree.node(place).children.is_empty()
        {
            return self.referred_rule(id, tree, reference, type_id);
        }
        rule.children = self.children(id, tree, place, type_id);
        let begun = self.referred.get(&(id, place)).copied();
        self.keep(rule, begun)
    }

    /// The rule of an element that is described elsewhere in the same profile.
    fn referred_rule(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        reference: &str,
        type_id: Option<TypeId>,
    ) -> RuleId {
        let Some(place) = tree.referred(reference) else { return NOTHING };
        if let Some(begun) = self.referred.get(&(id, place)) {
            return *begun;
        }
        let begun = self.program.rules.len() as RuleId;
        self.program.rules.push(Rule::default());
        self.referred.insert((id, place), begun);
        self.rule(id, tree, place, &[], type_id)
    }

    /// Puts a rule among the others, or in the place that was begun for it; one that asks nothing is [`NOTHING`].
    fn keep(&mut self, rule: Rule, begun: Option<RuleId>) -> RuleId {
        if let Some(place) = begun {
            self.program.rules[place as usize] = rule;
            return place;
        }
        let asks_nothing = rule == Rule { id: rule.id.clone(), ..Rule::default() };
        if asks_nothing {
            return NOTHING;
        }
        let text = format!("{rule:?}");
        if let Some(known) = self.known_rules.get(&text) {
            return *known;
        }
        let place = self.program.rules.len() as RuleId;
        self.program.rules.push(rule);
        self.known_rules.insert(text, place);
        place
    }

    fn children(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        place: usize,
        type_id: Option<TypeId>,
    ) -> Vec<Child> {
        let children = tree.node(place).children.clone();
        children.into_iter().filter_map(|child| self.child(id, tree, child, type_id)).collect()
    }

    /// None if the profile asks nothing of the element.
    fn child(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        place: usize,
        owner: Option<TypeId>,
    ) -> Option<Child> {
        let element = &tree.node(place).element;
        let name = element.name();
        let base = base(owner, name);
        let first = base.first().map(|(_, facts)| *facts);
        let least = u32::from(first.is_some_and(|facts| facts.is_required));
        let is_many = first.is_some_and(|facts| facts.is_many);
        let most = if first.is_some_and(|facts| !facts.is_many) { 1 } else { MANY };
        let min = element.min().map_or(0, |min| u32::try_from(min).unwrap_or(MANY));
        let max = element.max_count().map_or(MANY, |max| u32::try_from(max).unwrap_or(MANY));
        let json_names = match base.as_slice() {
            [] => vec![JsonName::new(name, "")],
            some => some.iter().map(|(name, facts)| JsonName::new(name, facts.type_name)).collect(),
        };
        let child = Child {
            name: name.into(),
            json_names,
            min: if min > least { min } else { 0 },
            max: if max < most { max } else { MANY },
            is_many,
            must_support: element.must_support(),
            rule: self.rule(id, tree, place, &base, inner_type(element, &base)),
            slicing: self.slicing(id, tree, place, &base).map(Box::new),
            id: element.id().into(),
        };
        let asks = child.min > 0
            || child.max != MANY
            || child.rule != NOTHING
            || child.slicing.is_some()
            || child.must_support;
        asks.then_some(child)
    }

    /// The types an element may have, if the profile leaves fewer than R4 or asks more of them.
    fn types(
        &mut self,
        id: ProfileId,
        element: &Element,
        base: &[(&'static str, ElementFacts)],
    ) -> Vec<TypeRule> {
        let mut types: Vec<TypeRule> = Vec::new();
        for kind in element.types() {
            let code = kind.code();
            let profiles: Vec<ProfileId> = match &*code {
                // Extensions are judged by their address, wherever they stand.
                "Extension" => Vec::new(),
                _ => kind.profiles().filter_map(|canonical| self.profile_named(id, canonical)).collect(),
            };
            let targets: Vec<Target> =
                kind.target_profiles().map(|canonical| self.target(id, canonical)).collect();
            let aggregation = kind.aggregation().map(Into::into).collect();
            match types.iter_mut().find(|known| *known.code == *code) {
                Some(known) => {
                    let is_any = known.targets.is_empty() || targets.is_empty();
                    known.targets =
                        if is_any { Vec::new() } else { join(std::mem::take(&mut known.targets), targets) };
                    known.profiles.extend(profiles);
                }
                None => types.push(TypeRule { code: code.as_ref().into(), profiles, targets, aggregation }),
            }
        }
        let is_base = types.len() == base.len()
            && types.iter().all(|kind| {
                let facts = base.iter().find(|(_, facts)| is_type(facts.type_name, &kind.code));
                facts.is_some_and(|(_, facts)| {
                    kind.profiles.is_empty() && kind.aggregation.is_empty() && asks_no_target(kind, facts)
                })
            });
        // The root's own type, and the parts of a type that R4 calls BackboneElement, are told by the place.
        let is_told =
            base.is_empty() || (types.len() == 1 && matches!(&*types[0].code, "BackboneElement" | "Element"));
        let asks_more = types.iter().any(|kind| !kind.profiles.is_empty() || !kind.targets.is_empty());
        if is_base || (is_told && !asks_more) { Vec::new() } else { types }
    }

    fn target(&mut self, id: ProfileId, canonical: &str) -> Target {
        Target {
            type_name: self.type_named(id, canonical).into(),
            profile: self.profile_named(id, canonical),
            canonical: canonical.into(),
        }
    }

    /// The number of an invariant that R4's base does not already bring.
    fn invariant(&mut self, id: ProfileId, constraint: &Constraint<'_>) -> Option<u32> {
        let expression = constraint.expression?;
        if is_of_base(constraint) {
            return None;
        }
        for set in value_sets_in(expression) {
            self.code_set(id, set);
        }
        let key = (Box::from(constraint.key), Box::from(expression));
        let next = self.program.invariants.len() as u32;
        let place = *self.invariants.entry(key).or_insert(next);
        if place == next {
            if let Err(error) = Expression::compile(expression) {
                self.odd(id, format!("{}: {error}", constraint.key));
            }
            self.program.invariants.push(Invariant {
                key: constraint.key.into(),
                is_error: constraint.is_error,
                human: constraint.human.into(),
                expression: expression.into(),
            });
        }
        Some(place)
    }
}

/// The value sets that an expression asks for by `memberOf('…')`.
fn value_sets_in(expression: &str) -> impl Iterator<Item = &str> {
    expression.split("memberOf('").skip(1).filter_map(|rest| rest.split('\'').next())
}

/// What R4 says of the element `name` of a type.
pub(super) fn base(owner: Option<TypeId>, name: &str) -> Base {
    let Some(owner) = owner else { return Vec::new() };
    let known = owner.json_names(name);
    if !known.is_empty() {
        return known;
    }
    // A snapshot may name one choice by its JSON name.
    owner.json_name(name).into_iter().collect()
}

/// The type that the elements inside are looked up in; none if there are several.
pub(super) fn inner_type(element: &Element, base: &[(&'static str, ElementFacts)]) -> Option<TypeId> {
    let mut types = element.types();
    let only = types.next().filter(|_| types.next().is_none());
    let code = only.as_ref().map(|kind| kind.code());
    match code.as_deref() {
        Some("BackboneElement" | "Element") | None => base.first().and_then(|(_, facts)| facts.type_id),
        Some(code) => TypeId::named(code),
    }
}

/// Whether two names mean one type; R4's parts of types are BackboneElements to a profile.
fn is_type(of_base: &str, code: &str) -> bool {
    of_base == code || (of_base.contains('.') && matches!(code, "BackboneElement" | "Element"))
}

/// Whether a reference may lead to all that R4 allows, and no profile is asked of what it leads to.
fn asks_no_target(kind: &TypeRule, facts: &ElementFacts) -> bool {
    let allowed: Vec<&str> = facts.targets.split('|').filter(|one| !one.is_empty()).collect();
    let is_open =
        kind.targets.is_empty() || kind.targets.iter().any(|target| &*target.type_name == "Resource");
    let is_plain = kind.targets.iter().all(|target| target.profile.is_none());
    is_plain
        && (is_open
            || (!allowed.is_empty()
                && allowed.iter().all(|one| kind.targets.iter().any(|target| &*target.type_name == *one))))
}

fn join(mut known: Vec<Target>, more: Vec<Target>) -> Vec<Target> {
    for target in more {
        if !known.contains(&target) {
            known.push(target);
        }
    }
    known
}

/// Whether R4's base brings the invariant, so that it is judged without any package.
fn is_of_base(constraint: &Constraint<'_>) -> bool {
    let by_source =
        constraint.source.and_then(|source| source.strip_prefix("http://hl7.org/fhir/StructureDefinition/"));
    match by_source {
        Some(name) => TypeId::named(name.split('.').next().unwrap_or(name)).is_some(),
        None => matches!(constraint.key, "ele-1" | "ext-1" | "dom-2" | "dom-3" | "dom-4" | "dom-5" | "dom-6"),
    }
}
