//! What is left of a document whose time is over: the resources that were extracted from it, byte for byte, with
//! those they refer to.

use std::collections::BTreeMap;
use std::ops::Range;

use fhir::bundle::{entries, resource_type};
use fhir::json::{Kind, Limits, Node};
use fhir::validate::Parsed;
use store::{Index, Item};

/// What an extracted resource may lean on; everything else of the document goes.
const LEANED_ON: [&str; 5] = ["Practitioner", "PractitionerRole", "Organization", "Encounter", "Medication"];

/// A collection of the `kept` items of a document and what they lean on, and its index. `None` if the document does
/// not hold them, which a checked one does.
pub(crate) fn reduced(bytes: &[u8], index: &Index, kept: &[&Item]) -> Option<(Vec<u8>, Index)> {
    let parsed = Parsed::parse(bytes, &Limits::default()).ok()?;
    let all = all_entries(parsed.root());
    let by_span: BTreeMap<u32, usize> =
        all.iter().enumerate().map(|(at, entry)| (start(entry.resource), at)).collect();
    let mut wanted: Vec<usize> = Vec::new();
    let patient = by_span.get(&index.patient.start).copied();
    wanted.extend(patient);
    for item in kept {
        wanted.push(*by_span.get(&item.span.start)?);
    }
    lean(&all, &mut wanted);
    let (body, spans) = collection(&all, &wanted);
    let moved = |span: &Range<u32>| by_span.get(&span.start).and_then(|at| spans.get(at)).cloned();
    let items = kept.iter().map(|item| Some(Item { span: moved(&item.span)?, ..(*item).clone() }));
    let index = Index {
        patient: moved(&index.patient).unwrap_or_default(),
        items: items.collect::<Option<_>>()?,
        title: String::new(),
        ..index.clone()
    };
    Some((body, index))
}

struct Found<'t> {
    full_url: Option<&'t str>,
    resource: Node<'t>,
}

/// The entries of a Bundle and of the Bundles inside it.
fn all_entries(bundle: Node<'_>) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for entry in entries(bundle) {
        found.push(Found { full_url: entry.full_url, resource: entry.resource });
        if resource_type(entry.resource) == "Bundle" {
            found.extend(all_entries(entry.resource));
        }
    }
    found
}

/// Adds what the wanted lean on, and what that leans on.
fn lean(all: &[Found<'_>], wanted: &mut Vec<usize>) {
    let mut next = 0;
    while let Some(at) = wanted.get(next).copied() {
        next += 1;
        for reference in references(all[at].resource) {
            let target = all.iter().position(|entry| entry.full_url == Some(reference));
            let target = target.filter(|at| LEANED_ON.contains(&resource_type(all[*at].resource)));
            wanted.extend(target.filter(|at| !wanted.contains(at)));
        }
    }
}

fn references(node: Node<'_>) -> Vec<&str> {
    match node.kind() {
        Kind::Object => {
            let own = node.text_at(&["reference"]).filter(|reference| !reference.starts_with('#'));
            let inner = node.members().flat_map(|(_, child)| references(child));
            own.into_iter().chain(inner).collect()
        }
        Kind::Array => node.items().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The collection, and where each entry's resource stands in it.
fn collection(all: &[Found<'_>], wanted: &[usize]) -> (Vec<u8>, BTreeMap<usize, Range<u32>>) {
    let mut body = br#"{"resourceType":"Bundle","type":"collection","entry":["#.to_vec();
    let mut spans = BTreeMap::new();
    for (nth, at) in wanted.iter().enumerate() {
        let entry = &all[*at];
        if nth > 0 {
            body.push(b',');
        }
        body.push(b'{');
        if let Some(url) = entry.full_url {
            body.extend_from_slice(format!("\"fullUrl\":{},", serde_json::json!(url)).as_bytes());
        }
        body.extend_from_slice(b"\"resource\":");
        let from = offset(body.len());
        body.extend_from_slice(entry.resource.bytes());
        spans.insert(*at, from..offset(body.len()));
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    (body, spans)
}

fn start(node: Node<'_>) -> u32 {
    offset(node.span().start)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("a body is at most some megabytes")
}
