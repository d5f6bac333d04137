use crate::{Refusal, Role, Viewer};

/// Whose figures a viewer may see: of one institution (`Some`), or (`None`) of all. With the rule.
///
/// # Errors
/// The refusing rule.
pub fn may_see_figures(viewer: &Viewer) -> Result<(Option<&str>, &'static str), Refusal> {
    match (viewer.role, viewer.institution.as_deref()) {
        (Role::Operator, _) => Ok((None, "operator")),
        (Role::SafetyManager, Some(own)) => Ok((Some(own), "safety-manager")),
        _ => Err(Refusal { rule: "role-sees-no-figures" }),
    }
}
