//! Who may give, take back, open, review and declare. Like decisions, each names its rule.

use jiff::Timestamp;
use store::{Basis, Disaster, Grant, PersonId};

use crate::{Refusal, Role, Viewer};

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
];

type Ruling = Result<&'static str, Refusal>;

/// Whether a viewer may hand in what a patient consented to at a card reader: an institution's system, for itself.
///
/// # Errors
/// The refusing rule.
pub fn may_hand_in_consent(viewer: &Viewer) -> Ruling {
    permitted_if(viewer.role == Role::Institution, "card-reader", "role-gives-no-consent")
}

/// Whether a viewer may take a grant back: the patient, or the institution that has it (OQS-IF-037).
///
/// # Errors
/// The refusing rule.
pub fn may_revoke(viewer: &Viewer, grant: &Grant) -> Ruling {
    match viewer.role {
        Role::Patient => may_wish(viewer, grant.person),
        Role::Institution | Role::Clinician | Role::EmergencyClinician => permitted_if(
            viewer.institution.as_deref() == Some(grant.institution.as_str()),
            "own-grant",
            "not-own-grant",
        ),
        Role::Operator => Ok("operator"),
        _ => refused("role-gives-no-consent"),
    }
}

/// Whether a viewer may read a person's consents, and say what that person wishes.
///
/// # Errors
/// The refusing rule.
pub fn may_wish(viewer: &Viewer, person: PersonId) -> Ruling {
    match viewer.role {
        Role::Patient => permitted_if(viewer.person == Some(person), "patient-self", "not-own-record"),
        Role::Operator => Ok("operator"),
        _ => refused("role-gives-no-consent"),
    }
}

/// Whether a viewer may open a record in an emergency: privileged staff of a hospital. `kind` is what their
/// institution is, as the master says.
///
/// # Errors
/// The refusing rule.
pub fn may_open_in_emergency(viewer: &Viewer, kind: Option<&str>) -> Ruling {
    if viewer.role != Role::EmergencyClinician {
        return refused("not-privileged");
    }
    permitted_if(kind == Some("hospital"), "emergency", "not-a-hospital")
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
    let institution = viewer.institution.as_deref().filter(|_| viewer.role.is_clinical());
    let institution = institution.ok_or(Refusal { rule: "not-privileged" })?;
    let covering = disasters.iter().filter(|disaster| disaster.holds(now) && disaster.covers(institution));
    covering.max_by_key(|disaster| disaster.ends_at).ok_or(Refusal { rule: "no-disaster" })
}

/// Of whose looks without consent a viewer may read: of one institution, or (`None`) of all.
///
/// # Errors
/// The refusing rule.
pub fn may_list_reviews(viewer: &Viewer) -> Result<Option<String>, Refusal> {
    match viewer.role {
        Role::SafetyManager => Ok(viewer.institution.clone()),
        Role::Operator => Ok(None),
        _ => refused("not-to-review"),
    }
}

/// Whether a viewer may say what a review found: a safety manager of the same institution, and never whoever looked.
///
/// # Errors
/// The refusing rule.
pub fn may_review(viewer: &Viewer, grant: &Grant) -> Ruling {
    let is_theirs = viewer.institution.as_ref().is_none_or(|institution| *institution == grant.institution);
    if viewer.role != Role::SafetyManager || !is_theirs || grant.basis == Basis::CardReader {
        return refused("not-to-review");
    }
    let is_another = grant
        .holder
        .as_ref()
        .is_none_or(|holder| holder.credential != viewer.credential && holder.name != viewer.name);
    permitted_if(is_another, "safety-manager", "reviewed-by-another")
}

/// Whether a viewer may declare a disaster and end it.
///
/// # Errors
/// The refusing rule.
pub fn may_declare(viewer: &Viewer) -> Ruling {
    permitted_if(viewer.role == Role::Operator, "operator", "not-privileged")
}

/// Whether a viewer may join persons and part them, and read which numbers are whose.
///
/// # Errors
/// The refusing rule.
pub fn may_join_persons(viewer: &Viewer) -> Ruling {
    permitted_if(viewer.role == Role::Operator, "operator", "not-privileged")
}

/// Whether a viewer may ask what others would see, without seeing it.
///
/// # Errors
/// The refusing rule.
pub fn may_simulate(viewer: &Viewer) -> Ruling {
    match viewer.role {
        Role::SafetyManager => Ok("safety-manager"),
        Role::Operator => Ok("operator"),
        _ => refused("role-sees-no-record"),
    }
}

fn permitted_if(is_permitted: bool, rule: &'static str, otherwise: &'static str) -> Ruling {
    if is_permitted { Ok(rule) } else { refused(otherwise) }
}

fn refused<T>(rule: &'static str) -> Result<T, Refusal> {
    Err(Refusal { rule })
}
