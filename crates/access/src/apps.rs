//! Who may open the door to an app of a vendor.

use crate::{Refusal, Role, Viewer};

/// Whether a viewer may let an app act for them: staff who treat patients, for an app of their own institution
/// (`institution` is the app's), and patients, for an app that is for patients (`None`).
///
/// # Errors
/// The refusing rule.
pub fn may_let_app_in(viewer: &Viewer, institution: Option<&str>) -> Result<&'static str, Refusal> {
    let (is_patient, is_clinical) = (viewer.role == Role::Patient, viewer.role.is_clinical());
    match institution {
        // An app lets no other app in.
        _ if viewer.scopes.is_some() || !(is_patient || is_clinical) => {
            Err(Refusal { rule: "role-lets-no-app-in" })
        }
        None if is_patient => Ok("app-for-patients"),
        Some(_) if is_clinical && viewer.institution.as_deref() == institution => {
            Ok("app-of-own-institution")
        }
        _ => Err(Refusal { rule: "not-app-of-own-institution" }),
    }
}
