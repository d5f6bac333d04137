//! By what the slices of an element are told apart, found out before any document comes.

use std::rc::Rc;

use fhir::r4::ElementFacts;

use super::Compiler;
use super::rules::{base, inner_type};
use super::tree::Tree;
use crate::element::{self, Element, Strength};
use crate::program::{Discriminator, MANY, NOTHING, Openness, ProfileId, Slice, Slicing, Step, Test, Wanted};

/// A discriminator as the profile writes it: its kind and its path.
type Told = (String, String);

impl Compiler<'_> {
    /// The slices of the element at `place`; none if it has none.
    pub(super) fn slicing(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        place: usize,
        facts: &[(&'static str, ElementFacts)],
    ) -> Option<Slicing> {
        let element = &tree.node(place).element;
        let written = element.slicing();
        self.slices_of(id, tree, place, facts, written.as_ref(), &[])
    }

    fn slices_of(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        place: usize,
        facts: &[(&'static str, ElementFacts)],
        written: Option<&element::Slicing<'_>>,
        outer: &[Told],
    ) -> Option<Slicing> {
        let node = tree.node(place);
        let openness = match written.map(|slicing| slicing.rules) {
            Some("closed") => Openness::Closed,
            Some("openAtEnd") => Openness::OpenAtEnd,
            _ => Openness::Open,
        };
        if node.slices.is_empty() && openness != Openness::Closed {
            return None;
        }
        let told = told(&node.element, written, outer);
        if told.is_empty() && !node.slices.is_empty() {
            self.odd(id, format!("{}: slices without a discriminator", node.element.id()));
            return None;
        }
        let slices = node.slices.clone();
        let discriminators =
            told.iter().map(|(_, path)| Discriminator { steps: steps(path), path: path.as_str().into() });
        Some(Slicing {
            discriminators: discriminators.collect(),
            openness,
            is_ordered: written.is_some_and(|slicing| slicing.is_ordered),
            slices: slices.into_iter().map(|slice| self.slice(id, tree, slice, facts, &told)).collect(),
        })
    }

    fn slice(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        place: usize,
        facts: &[(&'static str, ElementFacts)],
        told: &[Told],
    ) -> Slice {
        let element = tree.node(place).element.clone();
        let tests: Vec<Test> =
            told.iter().map(|(kind, path)| self.test(id, tree, place, kind, path)).collect();
        let is_told = tests.iter().any(|test| *test != Test::Unknown);
        if !is_told {
            self.odd(id, format!("{}: nothing tells this slice from others", element.id()));
        }
        let inner = element.slicing();
        let rule = self.rule(id, tree, place, facts, inner_type(&element, facts));
        Slice {
            name: element.slice_name().unwrap_or_default().into(),
            id: element.id().into(),
            // Nobody can say that a slice is missing if nobody can say what is in it.
            min: element.min().filter(|_| is_told).map_or(0, |min| u32::try_from(min).unwrap_or(MANY)),
            max: element.max_count().map_or(MANY, |max| u32::try_from(max).unwrap_or(MANY)),
            must_support: element.must_support(),
            rule,
            tests,
            slicing: self.slices_of(id, tree, place, facts, inner.as_ref(), told).map(Box::new),
        }
    }

    fn test(&mut self, id: ProfileId, tree: &Rc<Tree>, place: usize, kind: &str, path: &str) -> Test {
        let steps = steps(path);
        let found = match kind {
            "type" => self.at(id, tree, place, &steps, &mut Self::types_at),
            "profile" => self.at(id, tree, place, &steps, &mut Self::profiles_at),
            "exists" => self.at(id, tree, place, &steps, &mut Self::existence_at),
            _ => self.at(id, tree, place, &steps, &mut Self::value_at),
        };
        found.unwrap_or(Test::Unknown)
    }

    /// What `look` sees of the element at the end of `steps`: inline, inside a pattern, or in the profile of a type.
    fn at(
        &mut self,
        id: ProfileId,
        tree: &Rc<Tree>,
        place: usize,
        steps: &[Step],
        look: &mut dyn FnMut(&mut Self, ProfileId, &Rc<Tree>, usize) -> Option<Test>,
    ) -> Option<Test> {
        let Some((step, rest)) = steps.split_first() else { return look(self, id, tree, place) };
        let element = tree.node(place).element.clone();
        match step {
            Step::Child(name) => {
                if let Some(child) = tree.child(place, name) {
                    if let Some(found) = self.at(id, tree, child, rest, look) {
                        return Some(found);
                    }
                    let slices = tree.node(child).slices.clone();
                    let found: Vec<Test> =
                        slices.into_iter().filter_map(|slice| self.at(id, tree, slice, rest, look)).collect();
                    if !found.is_empty() {
                        return Some(any(found));
                    }
                }
                inside_pattern(&element, steps).or_else(|| self.in_type_profiles(id, &element, steps, look))
            }
            Step::Extension(url) => {
                let holder = tree.child(place, "extension")?;
                let slices = tree.node(holder).slices.clone();
                let inline = slices.into_iter().find(|slice| {
                    let element = &tree.node(*slice).element;
                    element.types().any(|kind| kind.profiles().any(|profile| profile == &**url))
                });
                match inline {
                    Some(slice) if rest.is_empty() => look(self, id, tree, slice),
                    Some(slice) => {
                        self.at(id, tree, slice, rest, look).or_else(|| self.in_profile(id, url, rest, look))
                    }
                    None => self.in_profile(id, url, rest, look),
                }
            }
            Step::OfType(_) => self.at(id, tree, place, rest, look),
            Step::Resolve if rest.is_empty() => look(self, id, tree, place),
            Step::Resolve => {
                let targets: Vec<String> = element
                    .types()
                    .flat_map(|kind| kind.target_profiles().map(str::to_owned).collect::<Vec<_>>())
                    .collect();
                let found: Vec<Test> =
                    targets.iter().filter_map(|target| self.in_profile(id, target, rest, look)).collect();
                (!found.is_empty()).then(|| any(found))
            }
        }
    }

    fn in_type_profiles(
        &mut self,
        id: ProfileId,
        element: &Element,
        steps: &[Step],
        look: &mut dyn FnMut(&mut Self, ProfileId, &Rc<Tree>, usize) -> Option<Test>,
    ) -> Option<Test> {
        let profiles: Vec<String> =
            element.types().flat_map(|kind| kind.profiles().map(str::to_owned).collect::<Vec<_>>()).collect();
        let is_extension_url = matches!(steps, [Step::Child(name)] if &**name == "url")
            && element.types().any(|kind| kind.code() == "Extension");
        if is_extension_url {
            // The address of an extension is its profile's, whether or not that is installed.
            let urls =
                profiles.iter().map(|url| Test::Fixed(Wanted::Text(fhir::systems::canonical_of(url).into())));
            let urls: Vec<Test> = urls.collect();
            return (!urls.is_empty()).then(|| any(urls));
        }
        let found: Vec<Test> =
            profiles.iter().filter_map(|profile| self.in_profile(id, profile, steps, look)).collect();
        (!found.is_empty()).then(|| any(found))
    }

    fn in_profile(
        &mut self,
        asking: ProfileId,
        canonical: &str,
        steps: &[Step],
        look: &mut dyn FnMut(&mut Self, ProfileId, &Rc<Tree>, usize) -> Option<Test>,
    ) -> Option<Test> {
        let id = self.profile_named(asking, canonical)?;
        let tree = self.tree(id)?;
        // Profiles may lead in a circle.
        let mark = (id, format!("{steps:?}"));
        if self.looking.contains(&mark) {
            return None;
        }
        self.looking.push(mark);
        let found = self.at(id, &tree, 0, steps, look);
        self.looking.pop();
        found
    }

    fn value_at(&mut self, id: ProfileId, tree: &Rc<Tree>, place: usize) -> Option<Test> {
        let element = &tree.node(place).element;
        if let Some((_, fixed)) = element.fixed() {
            return Some(Test::Fixed(fixed.into()));
        }
        if let Some((_, pattern)) = element.pattern() {
            return Some(Test::Pattern(pattern.into()));
        }
        if let Some(binding) = element.binding().filter(|binding| binding.strength == Strength::Required)
            && let Some(set) = binding.value_set
            && tree.node(place).children.is_empty()
        {
            return Some(Test::Codes(self.code_set(id, set)));
        }
        let type_id = inner_type(element, &base(None, ""));
        let has_inner = !tree.node(place).children.is_empty();
        let rule = if has_inner { self.rule(id, tree, place, &[], type_id) } else { NOTHING };
        (rule != NOTHING).then_some(Test::Meets(rule))
    }

    fn types_at(&mut self, id: ProfileId, tree: &Rc<Tree>, place: usize) -> Option<Test> {
        let element = tree.node(place).element.clone();
        let mut names: Vec<Box<str>> = Vec::new();
        for kind in element.types() {
            let targets: Vec<Box<str>> =
                kind.target_profiles().map(|target| self.type_named(id, target).into()).collect();
            names.push(kind.code().as_ref().into());
            names.extend(targets);
        }
        (!names.is_empty()).then_some(Test::Types(names))
    }

    fn profiles_at(&mut self, id: ProfileId, tree: &Rc<Tree>, place: usize) -> Option<Test> {
        let element = tree.node(place).element.clone();
        let (mut profiles, mut types) = (Vec::new(), Vec::new());
        for kind in element.types() {
            let asked: Vec<&str> = kind.profiles().chain(kind.target_profiles()).collect();
            for canonical in &asked {
                match self.profile_named(id, canonical) {
                    Some(profile) => profiles.push(profile),
                    None => types.push(Box::from(self.type_named(id, canonical))),
                }
            }
            if asked.is_empty() && !matches!(&*kind.code(), "Resource" | "Reference") {
                types.push(kind.code().as_ref().into());
            }
        }
        match (profiles.is_empty(), types.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Test::Profiles(profiles)),
            (true, false) => Some(Test::Types(types)),
            (false, false) => Some(Test::Any(vec![Test::Profiles(profiles), Test::Types(types)])),
        }
    }

    fn existence_at(&mut self, _: ProfileId, tree: &Rc<Tree>, place: usize) -> Option<Test> {
        let element = &tree.node(place).element;
        match (element.min(), element.max_count()) {
            (_, Some(0)) => Some(Test::Exists(false)),
            (Some(1..), _) => Some(Test::Exists(true)),
            _ => None,
        }
    }
}

/// The discriminators as written; those of the slice around; or what a choice and an extension go without saying.
fn told(element: &Element, written: Option<&element::Slicing<'_>>, outer: &[Told]) -> Vec<Told> {
    let own = written.into_iter().flat_map(|slicing| &slicing.discriminators);
    let own: Vec<Told> = own.map(|one| (one.kind.to_owned(), one.path.to_owned())).collect();
    if !own.is_empty() {
        return own;
    }
    if !outer.is_empty() {
        return outer.to_vec();
    }
    match element.name() {
        name if name.ends_with("[x]") => vec![("type".to_owned(), "$this".to_owned())],
        "extension" | "modifierExtension" => vec![("value".to_owned(), "url".to_owned())],
        _ => Vec::new(),
    }
}

/// A discriminator's path: a simple FHIRPath of names, `extension('…')`, `resolve()`, `ofType(…)` and `$this`.
fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        let end = end_of_step(rest);
        let (step, after) = rest.split_at(end);
        rest = after.trim_start_matches('.');
        let argument = |name: &str| {
            let inner = step.strip_prefix(name)?.strip_suffix(')')?;
            Some(inner.trim().trim_matches(['\'', '"']).to_owned())
        };
        if step == "$this" || step.is_empty() {
            continue;
        }
        steps.push(if step == "resolve()" {
            Step::Resolve
        } else if let Some(url) = argument("extension(") {
            Step::Extension(url.into())
        } else if let Some(name) = argument("ofType(").or_else(|| argument("as(")) {
            Step::OfType(name.into())
        } else {
            Step::Child(step.into())
        });
    }
    steps
}

/// Dots inside brackets, as in an extension's address, do not end a step.
fn end_of_step(path: &str) -> usize {
    let mut depth = 0;
    for (at, c) in path.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '.' if depth == 0 && at > 0 => return at,
            _ => {}
        }
    }
    path.len()
}

/// What a fixed or pattern value of the element says of what stands at the end of `steps` inside it.
fn inside_pattern(element: &Element, steps: &[Step]) -> Option<Test> {
    let (_, value) = element.fixed().or_else(|| element.pattern())?;
    let mut here = vec![value];
    for step in steps {
        let Step::Child(name) = step else { return None };
        here = here
            .into_iter()
            .filter_map(|value| value.get(&**name))
            .flat_map(|value| value.as_array().map_or_else(|| vec![value], |items| items.iter().collect()))
            .collect();
    }
    let tests: Vec<Test> = here.into_iter().map(|value| Test::Pattern(value.into())).collect();
    (!tests.is_empty()).then(|| any(tests))
}

fn any(mut tests: Vec<Test>) -> Test {
    if tests.len() == 1 { tests.remove(0) } else { Test::Any(tests) }
}
