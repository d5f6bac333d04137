//! Ways from an element to its children, by R4's tables.

use super::error::Res;
use super::value::Element;
use crate::bundle::resource_type;
use crate::json::{Kind, Node};
use crate::r4::TypeId;
use crate::r4::tables::{Field, Holds, tables};

impl<'t> Element<'t> {
    /// Every child called `name`: items of arrays one by one, choices by their first name (`value`).
    pub(super) fn each_named(self, name: &str, found: &mut dyn FnMut(Element<'t>) -> Res) -> Res {
        if self.is_primitive() {
            return match self.sibling() {
                Some(sibling) => Element::at(sibling, tables().element).each_named(name, found),
                None => Ok(()),
            };
        }
        let Some(node) = self.node() else { return Ok(()) };
        let kind = self.kind().0;
        match tables().field(kind, name) {
            Some(field) if field.is_choice => Ok(()),
            Some(field) => {
                let (main, beside) = named(node, name, field.is_primitive());
                expand(field, main, beside, found)
            }
            None => {
                let choices = &tables().kind(kind).choices;
                match choices.iter().find(|(base, _)| *base == name) {
                    Some((base, ordinal)) => self.choice(node, base, *ordinal, found),
                    None => Ok(()),
                }
            }
        }
    }

    fn choice(
        self,
        node: Node<'t>,
        base: &str,
        ordinal: u8,
        found: &mut dyn FnMut(Element<'t>) -> Res,
    ) -> Res {
        for (key, value) in node.members() {
            let plain = key.strip_prefix('_');
            if !plain.unwrap_or(key).starts_with(base) {
                continue;
            }
            let Some(field) = tables().field(self.kind().0, plain.unwrap_or(key)) else { continue };
            if !field.is_choice || field.ordinal != ordinal {
                continue;
            }
            if plain.is_none() {
                let beside = field.is_primitive().then(|| named(node, key, true).1);
                expand(field, Some(value), beside.flatten(), found)?;
            } else if node.get(plain.unwrap_or(key)).is_none() {
                expand(field, None, Some(value), found)?;
            }
        }
        Ok(())
    }

    /// Every child in the order written.
    pub(super) fn each_child(self, found: &mut dyn FnMut(Element<'t>) -> Res) -> Res {
        let (node, kind) = if self.is_primitive() {
            (self.sibling(), tables().element)
        } else {
            (self.node(), self.kind().0)
        };
        let Some(node) = node else { return Ok(()) };
        for (key, value) in node.members() {
            let plain = key.strip_prefix('_');
            let Some(field) = tables().field(kind, plain.unwrap_or(key)) else { continue };
            if plain.is_none() {
                let beside = field.is_primitive().then(|| named(node, key, true).1);
                expand(field, Some(value), beside.flatten(), found)?;
            } else if node.get(plain.unwrap_or(key)).is_none() {
                expand(field, None, Some(value), found)?;
            }
        }
        Ok(())
    }

    /// Whether its type is one whose value JSON writes without an object.
    pub(super) fn is_primitive(self) -> bool {
        tables().kind(self.kind().0).is_primitive
    }
}

/// The member `name`, and its `_name` sibling where `beside` is wanted.
fn named<'t>(node: Node<'t>, name: &str, beside: bool) -> (Option<Node<'t>>, Option<Node<'t>>) {
    let (mut main, mut sibling) = (None, None);
    for (key, value) in node.members() {
        if key.len() == name.len() && key == name {
            main = Some(value);
            if !beside {
                break;
            }
        } else if beside && key.len() == name.len() + 1 && key.strip_prefix('_') == Some(name) {
            sibling = Some(value);
        }
    }
    (main, sibling)
}

fn expand<'t>(
    field: &Field,
    main: Option<Node<'t>>,
    beside: Option<Node<'t>>,
    found: &mut dyn FnMut(Element<'t>) -> Res,
) -> Res {
    if field.is_primitive() {
        return primitives(TypeId(field.kind), main, beside, found);
    }
    let Some(main) = main else { return Ok(()) };
    let mut one = |node: Node<'t>| match node.kind() {
        Kind::Object => found(Element::at(node, kind_of(field, node))),
        _ => Ok(()),
    };
    if main.kind() == Kind::Array { main.items().try_for_each(one) } else { one(main) }
}

fn kind_of(field: &Field, node: Node<'_>) -> u16 {
    match field.holds {
        Holds::Resource => {
            let own = tables().type_id(resource_type(node)).filter(|id| tables().kind(*id).is_resource);
            own.unwrap_or(tables().resource)
        }
        _ => field.kind,
    }
}

fn primitives<'t>(
    kind: TypeId,
    main: Option<Node<'t>>,
    beside: Option<Node<'t>>,
    found: &mut dyn FnMut(Element<'t>) -> Res,
) -> Res {
    let is_array = |node: Option<Node<'_>>| node.is_some_and(|node| node.kind() == Kind::Array);
    if !is_array(main) && !is_array(beside) {
        return Element::primitive(main, beside, kind).map_or(Ok(()), found);
    }
    let mut mains = main.into_iter().flat_map(Node::items);
    let mut besides = beside.into_iter().flat_map(Node::items);
    loop {
        let pair = (mains.next(), besides.next());
        if pair.0.is_none() && pair.1.is_none() {
            return Ok(());
        }
        if let Some(element) = Element::primitive(pair.0, pair.1, kind) {
            found(element)?;
        }
    }
}
