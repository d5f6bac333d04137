//! Who may use what is nobody's record: the directory of institutions and the masters.

use crate::policy::{Action, Facts, rule};
use crate::{Refusal, Viewer};

/// Whether a viewer may look up where something can be sent.
///
/// # Errors
/// The refusing rule.
pub fn may_find_destinations(viewer: &Viewer) -> Result<(), Refusal> {
    rule(viewer, Action::FindDestinations, &Facts::default()).map(drop)
}

/// Whether a viewer may read and download the masters.
///
/// # Errors
/// The refusing rule.
pub fn may_read_masters(viewer: &Viewer) -> Result<(), Refusal> {
    rule(viewer, Action::ReadMasters, &Facts::default()).map(drop)
}
