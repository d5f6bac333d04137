//! Who may send documents, and follow them.

use store::{PersonId, Referral};

use crate::policy::{Action, Facts, rule};
use crate::{Refusal, Viewer};

type Ruling = Result<&'static str, Refusal>;

/// Whether a viewer may register documents: an institution's system.
///
/// # Errors
/// The refusing rule.
pub fn may_register(viewer: &Viewer) -> Ruling {
    rule(viewer, Action::Register, &Facts::default())
}

/// Whether a viewer may cancel what an institution registered.
///
/// # Errors
/// The refusing rule.
pub fn may_cancel(viewer: &Viewer, institution: &str) -> Ruling {
    let is_own = viewer.institution.as_deref() == Some(institution);
    rule(viewer, Action::Cancel, &Facts { is_own, ..Facts::default() })
}

/// Whether a viewer may list the referrals that their institution sent or is sent.
///
/// # Errors
/// The refusing rule.
pub fn may_list_referrals(viewer: &Viewer) -> Ruling {
    rule(viewer, Action::ListReferrals, &Facts { is_own: viewer.institution.is_some(), ..Facts::default() })
}

/// Whether a viewer may list a patient's referrals: the patient.
///
/// # Errors
/// The refusing rule.
pub fn may_list_own_referrals(viewer: &Viewer, person: PersonId) -> Ruling {
    let is_self = viewer.person == Some(person);
    rule(viewer, Action::ListOwnReferrals, &Facts { is_self, ..Facts::default() })
}

/// Whether a viewer may know where a referral is on its way: its sender, its destination, its patient.
///
/// # Errors
/// The refusing rule.
pub fn may_follow(viewer: &Viewer, referral: &Referral) -> Ruling {
    rule(viewer, Action::FollowReferral, &of(viewer, referral))
}

/// Whether a viewer may open a referral to its destination: its patient, or its sender, whom the patient has told.
///
/// # Errors
/// The refusing rule.
pub fn may_open_referral(viewer: &Viewer, referral: &Referral) -> Ruling {
    rule(viewer, Action::OpenReferral, &of(viewer, referral))
}

fn of(viewer: &Viewer, referral: &Referral) -> Facts {
    let own = viewer.institution.as_deref();
    Facts {
        is_own: own == Some(&*referral.sender),
        is_destination: own == Some(&*referral.destination),
        is_self: viewer.person == Some(referral.person),
        ..Facts::default()
    }
}
