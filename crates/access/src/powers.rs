//! Who may give, take back, open, review and declare. Like decisions, each names its rule.

use jiff::Timestamp;
use store::{Basis, Disaster, Grant, PersonId};

use crate::policy::{Action, Facts, rule};
use crate::{Refusal, Viewer};

/// Every rule that an act can name besides those of decisions; words for each stand in `locale/`.
pub const POWERS: &[&str] = &[
    "card-reader",
    "own-grant",
    "not-own-grant",
    "role-gives-no-consent",
    "operator",
    "not-privileged",
    "not-a-hospital",
    "no-disaster",
    "safety-manager",
    "not-to-review",
    "reviewed-by-another",
    "done-by-another",
    "second-factor-needed",
    "step-up-needed",
    "narrowed",
    "auditor",
    "executive",
    "directory",
    "masters",
    "own-referrals",
    "not-a-sender",
    "directory-for-institutions",
    "masters-for-institutions",
    "nobody-alters-the-record",
    "account-manager",
    "account-system",
    "not-account-manager",
    "device-manager",
    "not-device-manager",
    "own-session",
    "not-own-session",
    "not-to-answer",
    "role-sees-no-alerts",
    "app-for-patients",
    "app-of-own-institution",
    "not-app-of-own-institution",
    "role-lets-no-app-in",
    "proxy-registrar",
    "not-proxy-registrar",
    "guideline-keeper",
    "register-keeper",
    "safety-reader",
    "staff",
    "role-sees-no-safety",
    "not-safety-manager",
    "not-register-keeper",
    "not-staff",
    "registered-device",
    "device-of-nobody",
    "unregistered-device-admitted",
    "unregistered-device",
    "other-device",
    "device-over",
];

type Ruling = Result<&'static str, Refusal>;

/// Whether a viewer may hand in what a patient consented to at a card reader: an institution's system, for itself.
///
/// # Errors
/// The refusing rule.
pub fn may_hand_in_consent(viewer: &Viewer) -> Ruling {
    rule(viewer, Action::HandInConsent, &Facts::default())
}

/// Whether a viewer may take a grant back: the patient, their proxy, or the institution that has it
/// (OQS-IF-037).
///
/// # Errors
/// The refusing rule.
pub fn may_revoke(viewer: &Viewer, grant: &Grant) -> Ruling {
    let is_own = viewer.institution.as_deref() == Some(grant.institution.as_str());
    let (is_self, is_proxy) = (viewer.is_self(grant.person), viewer.is_proxy(grant.person));
    rule(viewer, Action::RevokeGrant, &Facts { is_own, is_self, is_proxy, ..Facts::default() })
}

/// Whether a viewer may read a person's consents, and say what that person wishes.
///
/// # Errors
/// The refusing rule.
pub fn may_wish(viewer: &Viewer, person: PersonId) -> Ruling {
    let (is_self, is_proxy) = (viewer.is_self(person), viewer.is_proxy(person));
    rule(viewer, Action::TellWish, &Facts { is_self, is_proxy, ..Facts::default() })
}

/// Whether a viewer may open a record in an emergency: privileged staff of a hospital. `kind` is what their
/// institution is, as the master says.
///
/// # Errors
/// The refusing rule.
pub fn may_open_in_emergency(viewer: &Viewer, kind: Option<&str>) -> Ruling {
    let is_hospital = kind == Some("hospital");
    rule(viewer, Action::OpenInEmergency, &Facts { is_hospital, ..Facts::default() })
}

/// The disaster by which a viewer may look for people now: a clinician in its area.
///
/// # Errors
/// The refusing rule.
pub fn may_open_in_disaster<'d>(
    viewer: &Viewer,
    disasters: &'d [Disaster],
    now: Timestamp,
) -> Result<&'d Disaster, Refusal> {
    let own = viewer.institution.as_deref();
    let covers = |disaster: &&Disaster| {
        disaster.holds(now) && own.is_some_and(|institution| disaster.covers(institution))
    };
    let longest = disasters.iter().filter(covers).max_by_key(|disaster| disaster.ends_at);
    let facts = Facts { at: Some(now), is_in_disaster: longest.is_some(), ..Facts::default() };
    rule(viewer, Action::OpenInDisaster, &facts)?;
    longest.ok_or(Refusal { rule: "no-disaster" })
}

/// Of whose looks without consent a viewer may read: of one institution, or (`None`) of all.
///
/// # Errors
/// The refusing rule.
pub fn may_list_reviews(viewer: &Viewer) -> Result<Option<String>, Refusal> {
    let rule = rule(viewer, Action::ListReviews, &Facts::default())?;
    Ok(viewer.institution.clone().filter(|_| rule != "operator"))
}

/// Whether a viewer may say what a review found: a safety manager of the same institution, and never whoever looked.
///
/// # Errors
/// The refusing rule.
pub fn may_review(viewer: &Viewer, grant: &Grant) -> Ruling {
    let is_by_viewer = grant
        .holder
        .as_ref()
        .is_some_and(|holder| holder.credential == viewer.credential || holder.name == viewer.name);
    let facts = Facts {
        is_own: viewer.institution.as_ref().is_none_or(|institution| *institution == grant.institution),
        is_without_consent: grant.basis != Basis::CardReader,
        is_by_viewer,
        ..Facts::default()
    };
    rule(viewer, Action::Review, &facts)
}

/// Whether a viewer may declare a disaster and end it.
///
/// # Errors
/// The refusing rule.
pub fn may_declare(viewer: &Viewer) -> Ruling {
    rule(viewer, Action::DeclareDisaster, &Facts::default())
}

/// Whether a viewer may join persons and part them, and read which numbers are whose.
///
/// # Errors
/// The refusing rule.
pub fn may_join_persons(viewer: &Viewer) -> Ruling {
    rule(viewer, Action::JoinPersons, &Facts::default())
}

/// Whether a viewer may ask what others would see, without seeing it.
///
/// # Errors
/// The refusing rule.
pub fn may_simulate(viewer: &Viewer) -> Ruling {
    rule(viewer, Action::Simulate, &Facts::default())
}
