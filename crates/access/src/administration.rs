//! Who may keep accounts, sessions, terminals, apps, keys and the policy.

use jiff::Timestamp;
use store::Holder;

use crate::policy::{Action, Facts, rule};
use crate::{Refusal, Role, Scopes, Viewer};

/// The account, terminal, app, request or inquiry that an act of administration is about. Whatever is left out is not
/// known, and gives nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Concern<'a> {
    /// Number of the institution it belongs to; none for a patient's, or the hub's own.
    pub institution: Option<&'a str>,
    /// The role that the account has or is to have.
    pub subject: Option<Role>,
    /// Whose right it is, or who asked for it: they never say yes to it themselves.
    pub holder: Option<&'a Holder>,
    /// Whether it is the first account at its institution that keeps accounts.
    pub is_first: bool,
}

/// Whether a viewer may do something to what an institution keeps. Every [`Action`] of administration but
/// [`Action::EndSessions`].
///
/// # Errors
/// The refusing rule.
pub fn may_administer(
    viewer: &Viewer,
    action: Action,
    concern: &Concern<'_>,
    now: Timestamp,
) -> Result<&'static str, Refusal> {
    // One person may have several accounts, so the name counts as well.
    let is_same = |holder: &Holder| holder.credential == viewer.credential || holder.name == viewer.name;
    let facts = Facts {
        at: Some(now),
        is_own: is_own(viewer, concern.institution),
        is_by_viewer: concern.holder.is_some_and(is_same),
        subject: concern.subject,
        is_first: concern.is_first,
        is_of_hub: concern.institution.is_none(),
        is_provisioner: viewer.scopes.as_ref().is_some_and(Scopes::keep_accounts),
        ..Facts::default()
    };
    rule(viewer, action, &facts)
}

/// Whether a viewer may end the sessions of an account (its id, as in [`Viewer::credential`]) of an institution.
///
/// # Errors
/// The refusing rule.
pub fn may_end_sessions(
    viewer: &Viewer,
    account: &str,
    institution: Option<&str>,
    now: Timestamp,
) -> Result<&'static str, Refusal> {
    let facts = Facts {
        at: Some(now),
        is_own: is_own(viewer, institution),
        is_by_viewer: viewer.credential == account,
        ..Facts::default()
    };
    rule(viewer, Action::EndSessions, &facts)
}

fn is_own(viewer: &Viewer, institution: Option<&str>) -> bool {
    institution.is_some() && viewer.institution.as_deref() == institution
}
