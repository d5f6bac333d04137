//! Where references inside one document lead.

use fhir::bundle::resource_type;
use fhir::json::Node;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Where one resource stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'t> {
    pub(super) resource: Node<'t>,
    /// The resource that contains it, or itself.
    pub(super) container: Node<'t>,
    /// The nearest Bundle around it, or itself if it is one.
    pub(super) bundle: Option<Node<'t>>,
}

impl<'t> Scope<'t> {
    /// The scope of a document's root.
    pub(super) fn root(resource: Node<'t>) -> Self {
        Self { resource, container: resource, bundle: None }.settled()
    }

    /// The scope of a resource inside this one.
    pub(super) fn inner(self, resource: Node<'t>, is_contained: bool) -> Self {
        let container = if is_contained { self.container } else { resource };
        Self { resource, container, bundle: self.bundle }.settled()
    }

    fn settled(mut self) -> Self {
        if resource_type(self.resource) == "Bundle" {
            self.bundle = Some(self.resource);
        }
        self
    }
}

/// The addresses of a document's entries.
#[derive(Default)]
pub(super) struct Links<'t> {
    /// By fullUrl: the Bundle's slot and the resource.
    by_url: FxHashMap<&'t str, Places<'t>>,
    /// By type and id.
    by_id: FxHashMap<(&'t str, &'t str), Places<'t>>,
}

type Places<'t> = SmallVec<[(u32, Node<'t>); 1]>;

/// What a reference leads to.
pub(super) enum Found<'t> {
    Resource(Node<'t>, Scope<'t>),
    /// Outside this document, or nothing.
    Elsewhere,
}

impl<'t> Links<'t> {
    pub(super) fn of(root: Node<'t>) -> Self {
        let mut links = Self::default();
        let mut waiting = vec![root];
        while let Some(bundle) = waiting.pop().filter(|node| resource_type(*node) == "Bundle") {
            for entry in bundle.get("entry").into_iter().flat_map(Node::items) {
                let Some(resource) = entry.get("resource") else { continue };
                if let Some(url) = entry.get("fullUrl").and_then(Node::str) {
                    links.by_url.entry(url).or_default().push((bundle.slot(), resource));
                }
                if let Some(id) = resource.get("id").and_then(Node::str) {
                    let name = (resource_type(resource), id);
                    links.by_id.entry(name).or_default().push((bundle.slot(), resource));
                }
                if resource_type(resource) == "Bundle" {
                    waiting.push(resource);
                }
            }
        }
        links
    }

    /// Follows a literal reference from `scope`.
    pub(super) fn follow(&self, scope: Scope<'t>, reference: &str) -> Found<'t> {
        if let Some(id) = reference.strip_prefix('#') {
            if id.is_empty() {
                return Found::Resource(scope.container, Scope { resource: scope.container, ..scope });
            }
            let mut contained = scope.container.get("contained").into_iter().flat_map(Node::items);
            return match contained.find(|inner| inner.text_at(&["id"]) == Some(id)) {
                Some(node) => Found::Resource(node, scope.inner(node, true)),
                None => Found::Elsewhere,
            };
        }
        let plain = reference.split_once("/_history/").map_or(reference, |(plain, _)| plain);
        let by_id = || self.by_id.get(&plain.split_once('/')?);
        let Some(places) = self.by_url.get(plain).or_else(by_id) else { return Found::Elsewhere };
        let here = scope.bundle.map(Node::slot);
        let near = places.iter().find(|(bundle, _)| Some(*bundle) == here).or_else(|| places.first());
        match near {
            Some((_, node)) => Found::Resource(*node, scope.inner(*node, false)),
            None => Found::Elsewhere,
        }
    }
}
