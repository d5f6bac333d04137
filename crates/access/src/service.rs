//! Who may use what is nobody's record: the directory of institutions and the masters.

use crate::{Refusal, Role, Viewer};

/// Whether a viewer may look up where something can be sent.
///
/// # Errors
/// The refusing rule.
pub fn may_find_destinations(viewer: &Viewer) -> Result<(), Refusal> {
    match viewer.role {
        Role::Institution | Role::Clinician | Role::EmergencyClinician | Role::Operator => Ok(()),
        _ => Err(Refusal { rule: "directory-for-institutions" }),
    }
}

/// Whether a viewer may read and download the masters.
///
/// # Errors
/// The refusing rule.
pub fn may_read_masters(viewer: &Viewer) -> Result<(), Refusal> {
    match viewer.role {
        Role::Institution
        | Role::Clinician
        | Role::EmergencyClinician
        | Role::Operator
        | Role::Developer
        | Role::SafetyManager => Ok(()),
        Role::Patient | Role::Insurer => Err(Refusal { rule: "masters-for-institutions" }),
    }
}
