//! The hand of one rule while it looks.

use crate::finding::{Draft, Drafts};
use crate::json::Node;
use crate::words::Facts;

/// The hand of one rule: everything it raises bears its id.
pub(crate) struct Report<'r> {
    drafts: &'r mut Drafts,
    facts: &'static Facts,
}

impl<'r> Report<'r> {
    pub(crate) fn new(drafts: &'r mut Drafts, facts: &'static Facts) -> Self {
        Self { drafts, facts }
    }

    /// The rule is broken at `node`.
    pub(crate) fn fault(&mut self, node: Node<'_>) -> &mut Draft {
        self.drafts.push(Draft::of(self.facts, node))
    }

    /// The rule is broken because `node` lacks `element`.
    pub(crate) fn missing(&mut self, node: Node<'_>, element: &str) -> &mut Draft {
        self.fault(node).element(element)
    }

    /// The rule is broken by the text at `node`.
    pub(crate) fn wrong(&mut self, node: Node<'_>) -> &mut Draft {
        let found =
            node.str().map_or_else(|| String::from_utf8_lossy(node.bytes()).into_owned(), str::to_owned);
        self.fault(node).found(found)
    }
}
