//! What holds across the entries of a Bundle: their addresses, the links of a search, and that a document hangs
//! together.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::bundle::resource_type;
use crate::json::Node;

use super::format::has_scheme;
use super::walk::Walk;

/// Judges a Bundle as a whole; `references` are those inside it, in the order of the text.
pub(super) fn judge<'t>(walk: &mut Walk<'_, 't>, bundle: Node<'t>, references: &[Node<'t>]) {
    let kind = bundle.text_at(&["type"]).unwrap_or_default();
    addresses(walk, bundle);
    links(walk, bundle, kind);
    if kind == "searchset" {
        search(walk, bundle);
    }
    if kind == "document" || kind == "message" {
        let entries = Entries::of(bundle);
        first_leads_inside(walk, &entries);
        if kind == "document" {
            hangs_together(walk, &entries, references);
        }
    }
}

/// A fullUrl is absolute; one that looks like a server's address ends with type and id of the resource.
fn addresses<'t>(walk: &mut Walk<'_, 't>, bundle: Node<'t>) {
    for entry in bundle.get("entry").into_iter().flat_map(Node::items) {
        let Some(place) = entry.get("fullUrl") else { continue };
        let url = place.str().unwrap_or_default();
        if !has_scheme(url) {
            walk.raise("r4-full-url-relative", place).found(url);
            continue;
        }
        let Some((_, kind, id)) = walk.server_address(url) else { continue };
        let Some(resource) = entry.get("resource") else { continue };
        let own = (resource_type(resource), resource.text_at(&["id"]).unwrap_or_default());
        if own != (kind, id) {
            walk.raise("r4-full-url-id", place).found(url).expected(format!("{}/{}", own.0, own.1));
        }
    }
}

/// A relation stands once, and those that turn pages only where pages are.
fn links(walk: &mut Walk<'_, '_>, bundle: Node<'_>, kind: &str) {
    let turns_pages = matches!(kind, "searchset" | "history");
    let mut seen: Vec<&str> = Vec::new();
    for link in bundle.get("link").into_iter().flat_map(Node::items) {
        let Some(place) = link.get("relation") else { continue };
        let relation = place.str().unwrap_or_default();
        if !turns_pages && matches!(relation, "first" | "previous" | "prev" | "next" | "last") {
            walk.raise("r4-link", place).found(relation);
        } else if seen.contains(&relation) {
            walk.raise("r4-link-twice", place).found(relation);
        }
        seen.push(relation);
    }
}

/// Results have ids, and matches are of the type that was searched for.
fn search(walk: &mut Walk<'_, '_>, bundle: Node<'_>) {
    let links = bundle.all(&["link"]);
    let own = links.iter().find(|link| link.text_at(&["relation"]) == Some("self"));
    let asked = own.and_then(|link| link.text_at(&["url"])).unwrap_or_default();
    let asked = asked.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let asked = Some(asked).filter(|name| walk.tables.type_id(name).is_some());
    for entry in bundle.get("entry").into_iter().flat_map(Node::items) {
        let Some(resource) = entry.get("resource") else { continue };
        let found = resource_type(resource);
        if found == "OperationOutcome" {
            continue;
        }
        if resource.get("id").is_none() {
            walk.raise("r4-search-id", resource).element("id");
        }
        if let Some(asked) = asked.filter(|asked| *asked != found)
            && entry.text_at(&["search", "mode"]) == Some("match")
        {
            walk.raise("r4-search-type", resource).found(found).expected(asked);
        }
    }
}

/// The entries of a Bundle by their addresses.
struct Entries<'t> {
    list: Vec<Node<'t>>,
    by_url: HashMap<&'t str, Vec<usize>>,
}

impl<'t> Entries<'t> {
    fn of(bundle: Node<'t>) -> Self {
        let list: Vec<_> = bundle.get("entry").into_iter().flat_map(Node::items).collect();
        let mut by_url: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, entry) in list.iter().enumerate() {
            if let Some(url) = entry.text_at(&["fullUrl"]) {
                by_url.entry(url).or_default().push(place);
            }
        }
        Self { list, by_url }
    }

    /// The entries that `reference` means when it stands in the entry `from` (bundle.html, resolving references).
    fn of_reference(&self, walk: &Walk<'_, 't>, reference: &str, from: usize) -> Vec<usize> {
        let (plain, version) = match reference.split_once("/_history/") {
            Some((plain, version)) => (plain, Some(version)),
            None => (reference, None),
        };
        let url = if has_scheme(plain) {
            Cow::Borrowed(plain)
        } else {
            let Some(base) = self.base(walk, from) else { return Vec::new() };
            Cow::Owned(format!("{base}{plain}"))
        };
        let of_version = |place: &&usize| {
            let own = self.list[**place].text_at(&["resource", "meta", "versionId"]);
            version.is_none_or(|version| own == Some(version))
        };
        self.by_url.get(&*url).into_iter().flatten().filter(of_version).copied().collect()
    }

    /// The server on which the entry `from` says it stands; none if that is not its own address.
    fn base(&self, walk: &Walk<'_, 't>, from: usize) -> Option<&'t str> {
        let (url, resource) = (self.list[from].text_at(&["fullUrl"])?, self.list[from].get("resource")?);
        let (base, kind, id) = walk.server_address(url)?;
        (kind == resource_type(resource) && resource.text_at(&["id"]) == Some(id)).then_some(base)
    }

    /// The entry in whose text `node` stands.
    fn around(&self, node: Node<'_>) -> Option<usize> {
        self.list.partition_point(|entry| entry.slot() <= node.slot()).checked_sub(1)
    }
}

/// What the first entry of a document or message must bring along (documents.html, messaging.html).
const BROUGHT: &[(&str, &[&[&str]])] = &[
    (
        "Composition",
        &[
            &["subject"],
            &["encounter"],
            &["author"],
            &["attester", "party"],
            &["custodian"],
            &["event", "detail"],
        ],
    ),
    ("MessageHeader", &[&["focus"]]),
];

fn first_leads_inside<'t>(walk: &mut Walk<'_, 't>, entries: &Entries<'t>) {
    let Some(first) = entries.list.first().and_then(|entry| entry.get("resource")) else { return };
    let Some((_, paths)) = BROUGHT.iter().find(|row| row.0 == resource_type(first)) else { return };
    let mut references: Vec<_> = paths.iter().flat_map(|path| first.all(path)).collect();
    let mut sections = first.all(&["section"]);
    while let Some(section) = sections.pop() {
        references.extend(section.all(&["entry"]));
        sections.extend(section.all(&["section"]));
    }
    for reference in references {
        let Some(place) = reference.get("reference") else { continue };
        let url = place.str().unwrap_or_default();
        if url.starts_with('#') || url.starts_with("urn:") {
            continue;
        }
        match entries.of_reference(walk, url, 0).len() {
            0 => _ = walk.raise("r4-bundle-reference", place).found(url),
            1 => {}
            several => _ = walk.raise("r4-bundle-ambiguous", place).found(format!("{url} ({several})")),
        }
    }
}

/// Every entry of a document is tied to its Composition by references in either direction.
fn hangs_together<'t>(walk: &mut Walk<'_, 't>, entries: &Entries<'t>, references: &[Node<'t>]) {
    let mut group: Vec<usize> = (0..entries.list.len()).collect();
    for reference in references {
        let Some(from) = entries.around(*reference) else { continue };
        for to in entries.of_reference(walk, reference.str().unwrap_or_default(), from) {
            let (a, b) = (head(&mut group, from), head(&mut group, to));
            group[a.max(b)] = a.min(b);
        }
    }
    for (place, entry) in entries.list.iter().enumerate() {
        if head(&mut group, place) != 0 && entry.get("resource").is_some() {
            walk.raise("r4-document-loose", *entry).found(entry.text_at(&["fullUrl"]).unwrap_or_default());
        }
    }
}

/// The first entry of the group in which `place` is; the way there is shortened for the next who asks.
fn head(group: &mut [usize], mut place: usize) -> usize {
    while group[place] != place {
        group[place] = group[group[place]];
        place = group[place];
    }
    place
}
