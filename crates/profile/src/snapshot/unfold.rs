//! Putting what is inside an element's type after the element.

use serde_json::json;

use super::SnapshotError;
use super::tree::{Tree, unslice_extension};
use crate::Element;

impl Tree<'_, '_> {
    /// Puts what is inside an element's type after it.
    pub(super) fn unfold(&mut self, index: usize) -> Result<(), SnapshotError> {
        let Some(inside) = self.inside(index)? else { return Ok(()) };
        let (id, path) = (self.elements[index].id().to_owned(), self.elements[index].path().to_owned());
        let is_resource = self.makes_resource();
        self.settle_reference(index);
        let children = inside.children.into_iter().filter_map(|mut child| {
            // Ids that do not begin as their root's come from a broken definition; they lead nowhere.
            let id = format!("{id}{}", child.id().strip_prefix(inside.id.as_str())?);
            let path = format!("{path}{}", child.path().strip_prefix(inside.path.as_str())?);
            let members = child.members_mut();
            members.insert("id".to_owned(), json!(id));
            members.insert("path".to_owned(), json!(path));
            if is_resource {
                unslice_extension(&mut child);
            }
            Some(child)
        });
        let children: Vec<Element> = children.collect();
        self.elements.splice(index + 1..index + 1, children);
        Ok(())
    }

    /// What refers to another element becomes one of its own once its content is told here.
    fn settle_reference(&mut self, index: usize) {
        if self.elements[index].content_reference().is_some() {
            let members = self.elements[index].members_mut();
            members.shift_remove("contentReference");
            members.entry("type").or_insert_with(|| json!([{"code": "BackboneElement"}]));
        }
    }

    /// What is inside an element: as in the element it is a slice of, or that it refers to, or in its type.
    fn inside(&self, index: usize) -> Result<Option<Inside>, SnapshotError> {
        let element = &self.elements[index];
        if let Some(sliced) = self.sliced(index)
            && self.has_children(sliced)
        {
            return Ok(Inside::of(&self.elements[sliced..self.after_inside(sliced)]));
        }
        if let Some(reference) = element.content_reference() {
            return self.referred(reference);
        }
        let mut types = element.types();
        let (Some(kind), None) = (types.next(), types.next()) else { return Ok(None) };
        let code = kind.code();
        let mut profiles = kind.profiles();
        let profile = match (profiles.next(), profiles.next()) {
            (Some(profile), None) => self.resolver.nearest_definition(profile),
            _ => None,
        };
        let Some(definition) = profile.or_else(|| self.resolver.type_definition(&code)) else {
            return Ok(None);
        };
        let elements = self.resolver.snapshot_on_way(definition, self.way)?;
        Ok(Inside::of(&elements))
    }

    /// The element that `index` is a slice of; a slice of a slice that is not there is one of the whole.
    fn sliced(&self, index: usize) -> Option<usize> {
        let id = self.elements[index].id();
        let start = id.rfind('.').map_or(0, |dot| dot + 1);
        let ends = id[start..].rmatch_indices(['/', ':']).map(|(end, _)| start + end);
        ends.into_iter().find_map(|end| self.position(&id[..end]))
    }

    /// The part of its own type that a contentReference names.
    fn referred(&self, reference: &str) -> Result<Option<Inside>, SnapshotError> {
        let id = reference.rsplit('#').next().unwrap_or_default();
        let type_name = id.split('.').next().unwrap_or_default();
        let Some(definition) = self.resolver.type_definition(type_name) else { return Ok(None) };
        let elements = self.resolver.snapshot_on_way(definition, self.way)?;
        let Some(start) = elements.iter().position(|element| element.id() == id) else { return Ok(None) };
        let inside = format!("{id}.");
        let count = elements[start + 1..].iter().take_while(|child| child.id().starts_with(&inside)).count();
        Ok(Inside::of(&elements[start..=start + count]))
    }
}

/// What stands inside an element, and that element's own id and path.
struct Inside {
    id: String,
    path: String,
    children: Vec<Element>,
}

impl Inside {
    /// Of an element and what follows it.
    fn of(elements: &[Element]) -> Option<Self> {
        let (root, children) = elements.split_first()?;
        Some(Self { id: root.id().to_owned(), path: root.path().to_owned(), children: children.to_vec() })
    }
}
