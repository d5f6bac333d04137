//! A snapshot's flat list as the tree it stands for.

use std::collections::HashMap;

use crate::element::Element;

pub(super) struct Tree {
    nodes: Vec<TreeNode>,
}

pub(super) struct TreeNode {
    pub(super) element: Element,
    /// The elements inside, by the place of each in the tree.
    pub(super) children: Vec<usize>,
    /// The slices of this element or of this slice.
    pub(super) slices: Vec<usize>,
}

impl Tree {
    /// None without a root. Elements whose parent is missing are left out, as no document can reach them.
    pub(super) fn of(elements: &[Element]) -> Option<Self> {
        let mut nodes: Vec<TreeNode> = Vec::with_capacity(elements.len());
        let mut places: HashMap<String, usize> = HashMap::with_capacity(elements.len());
        for element in elements {
            let id = id_of(element);
            let place = nodes.len();
            if place > 0 {
                let Some(above) = above(&id, &places) else { continue };
                match above {
                    Above::Parent(parent) => nodes[parent].children.push(place),
                    Above::Sliced(sliced) => nodes[sliced].slices.push(place),
                }
            }
            places.entry(id).or_insert(place);
            nodes.push(TreeNode { element: element.clone(), children: Vec::new(), slices: Vec::new() });
        }
        (!nodes.is_empty()).then_some(Self { nodes })
    }

    pub(super) fn node(&self, place: usize) -> &TreeNode {
        &self.nodes[place]
    }

    /// The child called `name` (a choice also without its `[x]`).
    pub(super) fn child(&self, place: usize, name: &str) -> Option<usize> {
        let children = &self.nodes[place].children;
        children.iter().copied().find(|child| {
            let known = self.nodes[*child].element.name();
            known == name || known.strip_suffix("[x]") == Some(name)
        })
    }

    /// The element that a contentReference such as `#Bundle.link` names.
    pub(super) fn referred(&self, reference: &str) -> Option<usize> {
        let id = reference.rsplit('#').next()?;
        let by_id = self.nodes.iter().position(|node| node.element.id() == id);
        by_id.or_else(|| self.nodes.iter().position(|node| node.element.path() == id))
    }
}

enum Above {
    Parent(usize),
    Sliced(usize),
}

/// The id, or what it would be where the package leaves it out.
fn id_of(element: &Element) -> String {
    match (element.id(), element.slice_name()) {
        ("", Some(slice)) => format!("{}:{slice}", element.path()),
        ("", None) => element.path().to_owned(),
        (id, _) => id.to_owned(),
    }
}

/// What an element hangs from: the element around it, or the one of which it is a slice.
fn above(id: &str, places: &HashMap<String, usize>) -> Option<Above> {
    let (parent, last) = id.rsplit_once('.')?;
    let Some((name, slice)) = last.split_once(':') else {
        return places.get(parent).copied().map(Above::Parent);
    };
    if let Some((outer, _)) = slice.rsplit_once('/')
        && let Some(sliced) = places.get(&format!("{parent}.{name}:{outer}"))
    {
        return Some(Above::Sliced(*sliced));
    }
    match places.get(&format!("{parent}.{name}")) {
        Some(sliced) => Some(Above::Sliced(*sliced)),
        None => places.get(parent).copied().map(Above::Parent),
    }
}
