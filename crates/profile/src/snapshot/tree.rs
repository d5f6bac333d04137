//! The elements while they grow.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::ids::{is_within, last};
use super::{MOST_ELEMENTS, SnapshotError, merge, new_element};
use crate::element::type_of_choice;
use crate::{Element, Oddity, OddityKind, Resolver, StructureDefinition, StructureKind};

pub(super) struct Tree<'r, 'l> {
    pub(super) definition: &'r StructureDefinition,
    pub(super) resolver: &'r Resolver<'l>,
    pub(super) way: &'r [&'r StructureDefinition],
    pub(super) elements: Vec<Element>,
    pub(super) oddities: Vec<Oddity>,
    /// The types of the choices that were narrowed by naming one of them in the short way, by id.
    types_before: HashMap<String, Value>,
}

/// Parts of an id. Real ones have at most ten.
const DEPTH: usize = 40;

impl<'r, 'l> Tree<'r, 'l> {
    pub(super) fn new(
        definition: &'r StructureDefinition,
        resolver: &'r Resolver<'l>,
        way: &'r [&'r StructureDefinition],
        elements: Vec<Element>,
    ) -> Self {
        let oddities = Vec::new();
        let mut tree = Self { definition, resolver, way, elements, oddities, types_before: HashMap::new() };
        if tree.makes_resource() {
            tree.elements.iter_mut().for_each(unslice_extension);
        }
        tree
    }

    /// R4's resources and primitives leave unsaid that extensions are sliced by their address; its other types say it.
    pub(super) fn makes_resource(&self) -> bool {
        let kind = self.definition.kind;
        !self.definition.is_profile() && matches!(kind, StructureKind::Resource | StructureKind::Primitive)
    }

    /// Notes where the differential cannot be followed, or contradicts the base.
    pub(super) fn odd(&mut self, kind: OddityKind, what: String) {
        self.oddities.push(Oddity::new(kind, &self.definition.versioned(), what));
    }

    pub(super) fn merge(&mut self, index: usize, changed: &Element) {
        if self.definition.is_profile() {
            for what in merge::contradictions(&self.elements[index], changed) {
                let id = self.elements[index].id().to_owned();
                self.odd(OddityKind::ContradictsBase, format!("{id}: {what}"));
            }
        } else {
            self.restate(index, changed);
        }
        merge::into(&mut self.elements[index], changed);
    }

    /// A new type tells its elements anew: what the base says of the value is gone, and the type is the base.
    fn restate(&mut self, index: usize, changed: &Element) {
        let is_new = self.elements[index].get("min").is_none();
        let element_rules = self.element_rules(changed);
        let members = self.elements[index].members_mut();
        members.retain(|name, _| {
            !["maxLength", "minValue", "maxValue"].iter().any(|start| name.starts_with(start))
        });
        let place = |name: &str| changed.get(name).cloned().unwrap_or(Value::Null);
        let base = json!({"path": changed.path(), "min": place("min"), "max": place("max")});
        if is_new || index == 0 {
            members.insert("base".to_owned(), base);
        }
        if is_new && let Some(rules) = element_rules {
            members.insert("constraint".to_owned(), rules);
        }
    }

    /// The invariants that every element has for being one; resources and the parts of a value have none.
    fn element_rules(&self, changed: &Element) -> Option<Value> {
        let kind = changed.types().next();
        if kind.is_some_and(|kind| kind.is_system()) {
            return None;
        }
        let code = kind.map_or("BackboneElement".into(), |kind| kind.code());
        let kind = self.resolver.type_definition(&code)?;
        let root = match &*code {
            "Extension" => "Extension",
            _ if kind.kind == StructureKind::Resource || !changed.path().contains('.') => return None,
            _ => "Element",
        };
        self.resolver.type_definition(root)?.snapshot.first()?.get("constraint").cloned()
    }

    /// Where the element with this id stands, unfolding and slicing on the way to it.
    pub(super) fn locate(&mut self, id: &str) -> Result<Option<usize>, SnapshotError> {
        if id.matches('.').count() > DEPTH || self.elements.len() > MOST_ELEMENTS {
            return Ok(None);
        }
        if let Some(index) = self.position(id) {
            return Ok(Some(index));
        }
        let Some((parent, name, slice)) = last(id) else { return Ok(None) };
        match slice {
            Some(slice) => {
                let whole = format!("{parent}.{name}");
                let Some(sliced) = self.locate(&whole)? else { return Ok(None) };
                // `valueQuantity:x` was found as `value[x]:valueQuantity`; slices go under what was found.
                let sliced_id = self.elements[sliced].id().to_owned();
                let known = self.position(&join(&sliced_id, slice));
                Ok(Some(known.unwrap_or_else(|| self.add_slice(sliced, slice))))
            }
            None => self.child(parent, name),
        }
    }

    fn child(&mut self, parent: &str, name: &str) -> Result<Option<usize>, SnapshotError> {
        let Some(above) = self.locate(parent)? else { return Ok(None) };
        let parent = self.elements[above].id().to_owned();
        let id = format!("{parent}.{name}");
        if self.position(&id).is_none() && !self.has_children(above) {
            self.unfold(above)?;
        }
        if let Some(index) = self.position(&id) {
            return Ok(Some(index));
        }
        if self.definition.is_profile() {
            return Ok(self.choice(&parent, name));
        }
        let index = self.after_inside(above);
        self.elements.insert(index, new_element(&id));
        Ok(Some(index))
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.elements.iter().position(|element| element.id() == id)
    }

    pub(super) fn has_children(&self, index: usize) -> bool {
        let id = self.elements[index].id();
        let next = self.elements.get(index + 1).map(Element::id);
        next.and_then(|next| next.strip_prefix(id)).is_some_and(|rest| rest.starts_with('.'))
    }

    /// The first place after `index` and everything inside it or sliced from it.
    fn after(&self, index: usize) -> usize {
        let id = self.elements[index].id();
        let rest = &self.elements[index + 1..];
        index + 1 + rest.iter().take_while(|element| is_within(element.id(), id)).count()
    }

    /// The first place after `index` and what is inside it, before its slices.
    pub(super) fn after_inside(&self, index: usize) -> usize {
        let inside = format!("{}.", self.elements[index].id());
        let rest = &self.elements[index + 1..];
        index + 1 + rest.iter().take_while(|element| element.id().starts_with(&inside)).count()
    }

    /// A copy of the sliced element under the slice's name, after the slices there are.
    fn add_slice(&mut self, sliced: usize, name: &str) -> usize {
        self.open_slicing(sliced);
        let whole = &self.elements[sliced];
        let mut slice = whole.clone();
        let id = join(whole.id(), name);
        let choice =
            whole.name().strip_suffix("[x]").and_then(|stem| name.strip_prefix(stem)).map(str::to_owned);
        let members = slice.members_mut();
        members.shift_remove("slicing");
        members.shift_remove("mustSupport");
        members.insert("id".to_owned(), json!(id));
        members.insert("sliceName".to_owned(), json!(id.rsplit(':').next().unwrap_or(name)));
        members.insert("min".to_owned(), json!(0));
        if let Some(kind) = choice.and_then(|written| {
            let first = written.chars().next()?;
            Some(type_of_choice(&written, first))
        }) {
            merge::narrow_to(&mut slice, &kind);
        }
        let index = self.after(sliced);
        self.elements.insert(index, slice);
        index
    }

    /// Slices need to be told apart: extensions by their address, choices by their type.
    fn open_slicing(&mut self, sliced: usize) {
        let element = &self.elements[sliced];
        if element.get("slicing").is_some() {
            return;
        }
        let slicing = match element.name() {
            "extension" | "modifierExtension" => merge::by("value", "url", "open"),
            name if name.ends_with("[x]") => merge::by("type", "$this", "open"),
            _ => return,
        };
        self.elements[sliced].members_mut().insert("slicing".to_owned(), slicing);
    }

    /// `valueQuantity` where `value[x]` stands: the slice for that type.
    fn choice(&mut self, parent: &str, name: &str) -> Option<usize> {
        let start = format!("{parent}.");
        let whole = self.elements.iter().position(|element| {
            let stem = element.id().strip_prefix(&start).and_then(|rest| rest.strip_suffix("[x]"));
            stem.is_some_and(|stem| !stem.contains(['.', ':']) && is_choice_of(name, stem))
        })?;
        if let Some(known) = self.position(&join(self.elements[whole].id(), name)) {
            return Some(known);
        }
        let all = self.elements[whole].clone();
        let is_first = all.get("slicing").is_none();
        let allowed = self.types_before.get(all.id()).cloned();
        if let Some(allowed) = allowed {
            self.elements[whole].members_mut().insert("type".to_owned(), allowed);
        } else if is_first && let Some(types) = all.get("type") {
            self.types_before.insert(all.id().to_owned(), types.clone());
        }
        let slice = self.add_slice(whole, name);
        self.close_choice(whole, slice, &all, is_first);
        Some(slice)
    }

    /// A type named in this short way is the only one, unless others are named in the same way.
    fn close_choice(&mut self, whole: usize, slice: usize, before: &Element, is_first: bool) {
        if !self.types_before.contains_key(before.id()) {
            return;
        }
        let list =
            |element: &Element| element.get("type").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut types = if is_first { Vec::new() } else { list(before) };
        types.extend(list(&self.elements[slice]));
        let members = self.elements[whole].members_mut();
        members.insert("type".to_owned(), Value::Array(types));
        members.insert("slicing".to_owned(), merge::by("type", "$this", "closed"));
    }
}

pub(super) fn unslice_extension(element: &mut Element) {
    if matches!(element.name(), "extension" | "modifierExtension") {
        element.members_mut().shift_remove("slicing");
    }
}

/// The id of a slice; a slice of a slice is written `a/b`, and its name may already say so.
fn join(sliced: &str, slice: &str) -> String {
    let last = sliced.rsplit('.').next().unwrap_or_default();
    match last.split_once(':') {
        None => format!("{sliced}:{slice}"),
        Some((_, outer)) if slice == outer => sliced.to_owned(),
        Some((_, outer)) if slice.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/')) => {
            format!("{}{slice}", &sliced[..sliced.len() - outer.len()])
        }
        Some(_) => format!("{sliced}/{slice}"),
    }
}

fn is_choice_of(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
}
