//! Who may ask about a look and answer, and who may let somebody act for another.

use jiff::Timestamp;
use store::{Holder, Inquiry, PersonId};

use crate::policy::{Action, Facts, rule};
use crate::{Refusal, Viewer};

type Ruling = Result<&'static str, Refusal>;

/// Whether a viewer may ask about looks at a person's record: that person, and their proxy.
///
/// # Errors
/// The refusing rule.
pub fn may_ask(viewer: &Viewer, person: PersonId) -> Ruling {
    let (is_self, is_proxy) = (viewer.is_self(person), viewer.is_proxy(person));
    rule(viewer, Action::AskInquiry, &Facts { is_self, is_proxy, ..Facts::default() })
}

/// Of whose looks a viewer may read what patients asked: of one institution's, or (`None`) of all.
///
/// # Errors
/// The refusing rule.
pub fn may_list_inquiries(viewer: &Viewer) -> Result<Option<String>, Refusal> {
    own_or_all(viewer, Action::ListInquiries)
}

/// Whether a viewer may answer an inquiry: never whoever looked.
///
/// # Errors
/// The refusing rule.
pub fn may_answer(viewer: &Viewer, inquiry: &Inquiry, now: Timestamp) -> Ruling {
    let facts = Facts {
        at: Some(now),
        is_own: inquiry.institution.is_some() && viewer.institution == inquiry.institution,
        is_by_viewer: is_same(viewer, &inquiry.looker),
        is_for_hub: inquiry.is_for_the_hub(),
        ..Facts::default()
    };
    rule(viewer, Action::AnswerInquiry, &facts)
}

/// Whether a viewer may let the holder of an account act for another person, or end it. `institution` is where it is
/// registered; nobody registers themselves.
///
/// # Errors
/// The refusing rule.
pub fn may_register_proxy(
    viewer: &Viewer,
    institution: Option<&str>,
    holder: &Holder,
    now: Timestamp,
) -> Ruling {
    let facts = Facts {
        at: Some(now),
        is_own: institution.is_some() && viewer.institution.as_deref() == institution,
        is_by_viewer: is_same(viewer, holder),
        ..Facts::default()
    };
    rule(viewer, Action::RegisterProxy, &facts)
}

/// Whose registered proxies a viewer may see: one institution's, or (`None`) all.
///
/// # Errors
/// The refusing rule.
pub fn may_list_proxies(viewer: &Viewer) -> Result<Option<String>, Refusal> {
    own_or_all(viewer, Action::ListProxies)
}

/// Whether a viewer may see who acts for a person: that person.
///
/// # Errors
/// The refusing rule.
pub fn may_see_proxies(viewer: &Viewer, person: PersonId) -> Ruling {
    rule(viewer, Action::ListProxies, &Facts { is_self: viewer.is_self(person), ..Facts::default() })
}

fn own_or_all(viewer: &Viewer, action: Action) -> Result<Option<String>, Refusal> {
    let facts = Facts { is_own: viewer.institution.is_some(), ..Facts::default() };
    let rule = rule(viewer, action, &facts)?;
    Ok(viewer.institution.clone().filter(|_| rule != "operator"))
}

/// One person may have several accounts, so the name counts as well.
fn is_same(viewer: &Viewer, holder: &Holder) -> bool {
    holder.credential == viewer.credential || holder.name == viewer.name
}
