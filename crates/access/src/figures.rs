use crate::policy::{Action, Facts, rule};
use crate::{Refusal, Viewer};

/// Whose figures a viewer may see: of one institution (`Some`), or (`None`) of all. With the rule.
///
/// # Errors
/// The refusing rule.
pub fn may_see_figures(viewer: &Viewer) -> Result<(Option<&str>, &'static str), Refusal> {
    match rule(viewer, Action::SeeFigures, &Facts::default())? {
        rule @ "operator" => Ok((None, rule)),
        rule => Ok((viewer.institution.as_deref(), rule)),
    }
}
