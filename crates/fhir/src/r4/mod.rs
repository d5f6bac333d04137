//! R4's base.

use crate::json::Node;
use crate::rules::Drafts;

pub(crate) struct Base;

impl Base {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn judge<'t>(&self, _root: Node<'t>, _drafts: &mut Drafts) {}
}

/// The FHIRPath name of a JSON name.
pub(crate) fn path_name(name: &str) -> std::borrow::Cow<'_, str> {
    name.strip_prefix('_').unwrap_or(name).into()
}
