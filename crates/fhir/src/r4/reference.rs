//! References: do they lead somewhere inside the document, and to what they may?

use std::collections::{HashMap, HashSet};

use crate::bundle::resource_type;
use crate::json::Node;
use crate::narrative;

use super::bundle;
use super::walk::Walk;

/// The resources around the place where the walk stands, innermost last.
#[derive(Default)]
pub(super) struct Frames<'t> {
    stack: Vec<Frame<'t>>,
}

/// One resource that is not contained: what it contains, and, for a Bundle, what its entries are.
#[derive(Default)]
pub(super) struct Frame<'t> {
    contained: HashMap<&'t str, Contained<'t>>,
    urls: Option<HashMap<&'t str, &'t str>>,
    /// For a Bundle, the references inside it that lead out of the resource where they stand.
    references: Vec<Node<'t>>,
    /// Its narratives, those of what it contains included.
    narratives: Vec<Node<'t>>,
    /// A contained resource refers to the one around it.
    points_back: bool,
}

struct Contained<'t> {
    node: Node<'t>,
    is_used: bool,
}

impl<'t> Frame<'t> {
    /// Looks at what `node` contains and, for a Bundle, at its entries.
    pub(super) fn of(node: Node<'t>, walk: &mut Walk<'_, 't>) -> Self {
        let mut frame = Self::default();
        for inner in node.get("contained").into_iter().flat_map(Node::items) {
            let id = inner.text_at(&["id"]).unwrap_or_default();
            if id.is_empty() || frame.contained.contains_key(id) {
                walk.raise("r4-contained-id", inner).found(id);
            }
            frame.contained.insert(id, Contained { node: inner, is_used: false });
            for name in ["versionId", "lastUpdated", "security"] {
                if let Some(forbidden) = inner.at(&["meta", name]) {
                    walk.raise("r4-contained-meta", forbidden).element(name);
                }
            }
        }
        if resource_type(node) == "Bundle" {
            frame.urls = Some(urls(node, walk));
        }
        frame
    }
}

impl<'t> Frames<'t> {
    pub(super) fn push(&mut self, frame: Frame<'t>) {
        self.stack.push(frame);
    }

    /// Notes that something refers to the contained resource `id`, or with an empty id to the resource around.
    pub(super) fn mark(&mut self, id: &str) {
        let Some(frame) = self.stack.last_mut() else { return };
        if id.is_empty() {
            frame.points_back = true;
        } else if let Some(contained) = frame.contained.get_mut(id) {
            contained.is_used = true;
        }
    }

    /// Notes the `div` of a narrative.
    pub(super) fn tell(&mut self, div: Node<'t>) {
        if let Some(frame) = self.stack.last_mut() {
            frame.narratives.push(div);
        }
    }

    fn contained_type(&self, id: &str) -> Option<&'t str> {
        self.stack.last()?.contained.get(id).map(|contained| resource_type(contained.node))
    }

    fn is_in_bundle(&self) -> bool {
        self.stack.iter().any(|frame| frame.urls.is_some())
    }

    /// Notes a reference for the nearest Bundle around it.
    fn note(&mut self, place: Node<'t>) {
        if let Some(bundle) = self.stack.iter_mut().rev().find(|frame| frame.urls.is_some()) {
            bundle.references.push(place);
        }
    }

    /// The type of the entry with this fullUrl, of the nearest Bundle that has it.
    fn entry_type(&self, url: &str) -> Option<&'t str> {
        self.stack
            .iter()
            .rev()
            .filter_map(|frame| frame.urls.as_ref())
            .find_map(|urls| urls.get(url))
            .copied()
    }
}

impl<'t> Walk<'_, 't> {
    /// Judges where a Reference leads; `targets` are the types it may lead to, empty for any.
    pub(super) fn reference(&mut self, node: Node<'t>, targets: &str) {
        let Some(place) = node.get("reference") else {
            self.stated_type(node, targets);
            return;
        };
        let url = place.str().unwrap_or_default();
        if let Some(id) = url.strip_prefix('#') {
            self.frames.mark(id);
            match self.frames.contained_type(id) {
                Some(found) => self.target(place, found, targets),
                None if id.is_empty() => {}
                None => _ = self.raise("r4-contained-unresolved", place).found(url),
            }
            return;
        }
        self.frames.note(place);
        if let Some(found) = self.frames.entry_type(url) {
            self.target(place, found, targets);
        } else if url.starts_with("urn:uuid:") || url.starts_with("urn:oid:") {
            if self.frames.is_in_bundle() {
                self.raise("r4-reference-unresolved", place).found(url);
            }
        } else if let Some(found) = self.type_in(url) {
            self.target(place, found, targets);
        }
    }

    /// What `Reference.type` says, where there is no literal reference to follow.
    fn stated_type(&mut self, node: Node<'t>, targets: &str) {
        let Some(stated) = node.get("type") else { return };
        let name = stated.str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        if self.tables.type_id(name).is_some() {
            self.target(stated, name, targets);
        }
    }

    /// The resource type that an address such as `Patient/1/_history/2` names.
    fn type_in(&self, url: &'t str) -> Option<&'t str> {
        let plain = url.split("/_history/").next().unwrap_or(url);
        let name = plain.rsplit('/').nth(1)?;
        self.is_resource_type(name).then_some(name)
    }

    /// Base with its slash, resource type and id of an address on a server: `http://a.b/fhir/Patient/1`.
    pub(super) fn server_address<'u>(&self, url: &'u str) -> Option<(&'u str, &'u str, &'u str)> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return None;
        }
        let plain = url.split("/_history/").next().unwrap_or(url);
        let (rest, id) = plain.rsplit_once('/')?;
        let at = rest.rfind('/')? + 1;
        self.is_resource_type(&rest[at..]).then_some((&rest[..at], &rest[at..], id))
    }

    fn is_resource_type(&self, name: &str) -> bool {
        self.tables.type_id(name).is_some_and(|id| self.tables.kind(id).is_resource)
    }

    fn target(&mut self, place: Node<'_>, found: &str, targets: &str) {
        if !targets.is_empty() && !found.is_empty() && !targets.split('|').any(|target| target == found) {
            let expected = targets.replace('|', " | ");
            let name = self.holder_of(place);
            self.raise("r4-reference-type", place).element(name).found(found).expected(expected);
        }
    }

    /// After a resource: what holds across a Bundle, and is everything it contains referred to?
    pub(super) fn close_frame(&mut self, node: Node<'t>) {
        let Some(frame) = self.frames.stack.pop() else { return };
        if frame.urls.is_some() {
            bundle::judge(self, node, &frame.references);
        }
        self.links(node, &frame.narratives);
        if frame.points_back {
            return;
        }
        let mut unused: Vec<_> = frame.contained.values().filter(|contained| !contained.is_used).collect();
        unused.sort_by_key(|contained| contained.node.slot());
        for contained in unused {
            let found = format!(
                "{} {}",
                resource_type(contained.node),
                contained.node.text_at(&["id"]).unwrap_or("?")
            );
            self.raise("r4-contained-unused", contained.node).found(found);
        }
    }

    /// A link inside a narrative leads to something of the same resource: an anchor of its narratives or an id.
    fn links(&mut self, resource: Node<'t>, narratives: &[Node<'t>]) {
        let texts = narratives.iter().filter_map(|div| Some((*div, div.str()?)));
        let linked = |text: &str| text.contains("\"#") || text.contains("'#");
        if !texts.clone().any(|(_, text)| linked(text)) {
            return;
        }
        let read: Vec<_> = texts.map(|(div, text)| (div, narrative::anchors(text))).collect();
        let mut names: HashSet<&str> = read.iter().flat_map(|(_, one)| one.names.iter().copied()).collect();
        ids(resource, &mut names);
        for (div, anchors) in &read {
            for link in anchors.links.iter().filter(|link| !link.is_empty() && !names.contains(**link)) {
                self.raise("r4-narrative-link", *div).found(format!("#{link}"));
            }
        }
    }

    fn holder_of(&self, place: Node<'_>) -> String {
        format!("Reference.{}", place.key())
    }
}

/// The types of a Bundle's entries by fullUrl; the same fullUrl twice is a fault unless the versions differ.
fn urls<'t>(bundle: Node<'t>, walk: &mut Walk<'_, 't>) -> HashMap<&'t str, &'t str> {
    let mut urls = HashMap::new();
    let mut versions: HashMap<(&str, &str), ()> = HashMap::new();
    let may_repeat = bundle.text_at(&["type"]) == Some("history");
    for entry in bundle.get("entry").into_iter().flat_map(Node::items) {
        let Some(url) = entry.get("fullUrl").and_then(Node::str) else { continue };
        let Some(resource) = entry.get("resource") else { continue };
        let version = resource.text_at(&["meta", "versionId"]).unwrap_or_default();
        if versions.insert((url, version), ()).is_some()
            && !may_repeat
            && let Some(place) = entry.get("fullUrl")
        {
            walk.raise("r4-full-url-twice", place).found(url);
        }
        urls.insert(url, resource_type(resource));
    }
    urls
}

/// Every id in a value.
fn ids<'t>(node: Node<'t>, into: &mut HashSet<&'t str>) {
    for (name, member) in node.members() {
        if name == "id" {
            into.extend(member.str());
        }
        ids(member, into);
    }
    node.items().for_each(|item| ids(item, into));
}
