//! Is a value the one that a profile wants?

use fhir::json::{Kind, Node};

use crate::program::Wanted;

/// `fixed[x]`: exactly this, nothing more (R4 ElementDefinition.fixed).
pub(super) fn is_fixed(wanted: &Wanted, node: Node<'_>) -> bool {
    match wanted {
        Wanted::List(items) => {
            node.kind() == Kind::Array
                && node.items().count() == items.len()
                && node.items().zip(items).all(|(node, wanted)| is_fixed(wanted, node))
        }
        Wanted::Object(members) => {
            node.kind() == Kind::Object
                && node.members().count() == members.len()
                && members
                    .iter()
                    .all(|(name, wanted)| node.get(name).is_some_and(|node| is_fixed(wanted, node)))
        }
        plain => is_same(plain, node),
    }
}

/// `pattern[x]`: at least this (R4 ElementDefinition.pattern).
pub(super) fn has_pattern(wanted: &Wanted, node: Node<'_>) -> bool {
    match wanted {
        Wanted::List(items) => items.iter().all(|wanted| node.items().any(|node| has_pattern(wanted, node))),
        Wanted::Object(members) => {
            members.iter().all(|(name, wanted)| node.get(name).is_some_and(|node| has_pattern(wanted, node)))
        }
        plain => is_same(plain, node),
    }
}

fn is_same(wanted: &Wanted, node: Node<'_>) -> bool {
    match wanted {
        Wanted::Null => node.kind() == Kind::Null,
        Wanted::Bool(bool) => node.bool() == Some(*bool),
        Wanted::Number(digits) => node.number_text().is_some_and(|found| is_same_number(digits, found)),
        Wanted::Text(text) => node.str() == Some(text),
        Wanted::List(_) | Wanted::Object(_) => false,
    }
}

/// Equal in value; the precision in which a profile happens to be written binds nobody.
fn is_same_number(wanted: &str, found: &str) -> bool {
    wanted == found
        || matches!((wanted.parse::<f64>(), found.parse::<f64>()), (Ok(a), Ok(b)) if a.total_cmp(&b).is_eq())
}
