//! What the grants in force open, and what a patient's wishes close again.

use fhir::bundle::UnitKind;
use jiff::{SignedDuration, Timestamp};
use store::{Basis, Circumstances, Grant, Information, Purpose, Stance, Wish};

use crate::{ConsentGroup, Question, Role, consent_groups, scope};

/// No grant opens anything for longer than this after its beginning (閲覧同意は24時間).
pub const LONGEST_GRANT: SignedDuration = SignedDuration::from_hours(24);

/// What one grant opens.
pub(crate) struct Opening {
    pub(crate) basis: Basis,
    pub(crate) informations: Vec<Information>,
    pub(crate) kinds: Vec<UnitKind>,
    pub(crate) until: Timestamp,
    /// What a wish closed.
    pub(crate) closed: (Vec<Information>, Vec<UnitKind>),
}

/// Why a grant opens nothing for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// It is another person's.
    OtherPerson,
    /// It is another institution's.
    OtherInstitution,
    /// It is bound to somebody else.
    OtherHolder,
    /// It was given for another purpose.
    OtherPurpose,
    /// It begins later.
    NotYet,
    /// It has ended.
    Ended,
    /// It was taken back.
    Revoked,
    /// The disaster it rests on does not hold here and now.
    NoDisaster,
}

/// When a grant ends, whatever its row says.
pub fn end_of(grant: &Grant) -> Timestamp {
    grant.ends_at.min(grant.starts_at.checked_add(LONGEST_GRANT).unwrap_or(grant.ends_at))
}

/// Whether a grant holds for a question now.
///
/// # Errors
/// The first thing that hinders it.
pub fn hindrance(
    grant: &Grant,
    question: &Question<'_>,
    circumstances: &Circumstances,
    now: Timestamp,
) -> Result<(), Hindrance> {
    let viewer = question.viewer;
    let hindrances = [
        (grant.person != question.person, Hindrance::OtherPerson),
        (viewer.institution.as_deref() != Some(grant.institution.as_str()), Hindrance::OtherInstitution),
        (!is_for(grant, question), Hindrance::OtherHolder),
        (!serves(grant.purpose, question.purpose), Hindrance::OtherPurpose),
        (now < grant.starts_at, Hindrance::NotYet),
        (end_of(grant) <= now, Hindrance::Ended),
        (grant.revoked_at.is_some_and(|revoked| revoked <= now), Hindrance::Revoked),
        (!rests(grant, circumstances, now), Hindrance::NoDisaster),
    ];
    hindrances.iter().find(|(is_so, _)| *is_so).map_or(Ok(()), |(_, hindrance)| Err(*hindrance))
}

/// Everything that opens for a question now, one opening for each grant in force.
pub(crate) fn openings(
    question: &Question<'_>,
    circumstances: &Circumstances,
    now: Timestamp,
) -> Vec<Opening> {
    let in_force =
        circumstances.grants.iter().filter(|grant| hindrance(grant, question, circumstances, now).is_ok());
    in_force.map(|grant| opening(grant, &circumstances.wishes, now)).collect()
}

fn opening(grant: &Grant, wishes: &[Wish], now: Timestamp) -> Opening {
    let closed: Vec<&ConsentGroup> =
        consent_groups().iter().filter(|group| refusal(grant, group, wishes, now).is_some()).collect();
    let granted = grant.groups.iter().filter_map(|code| scope(code));
    let mut opening = Opening {
        basis: grant.basis,
        informations: Vec::new(),
        kinds: Vec::new(),
        until: end_of(grant),
        closed: (Vec::new(), Vec::new()),
    };
    for group in granted {
        let informations = group.informations.iter().copied();
        let is_open = |one: &Information| !closed.iter().any(|group| group.informations.contains(one));
        let (open, shut): (Vec<_>, Vec<_>) = informations.partition(is_open);
        opening.informations.extend(open);
        let is_open = |one: &UnitKind| !closed.iter().any(|group| group.kinds().any(|kind| kind == *one));
        let (open, shut_kinds): (Vec<_>, Vec<_>) = group.kinds().partition(is_open);
        opening.kinds.extend(open);
        opening.closed.0.extend(shut);
        opening.closed.1.extend(shut_kinds);
    }
    opening
}

/// The wish that keeps a group closed to a grant: a refusal newer than the patient's own consent at the reader, or
/// one that holds even in emergencies. The newest expression about the institution counts, and the newest about all.
pub fn refusal<'w>(
    grant: &Grant,
    group: &ConsentGroup,
    wishes: &'w [Wish],
    now: Timestamp,
) -> Option<&'w Wish> {
    let scopes = [None, Some(grant.institution.as_str())];
    let newest = scopes.iter().filter_map(|institution| newest_wish(wishes, *institution, group, now));
    let mut closing = newest.filter(|wish| match (grant.basis, wish.stance) {
        (_, Stance::Withdrawn) => false,
        (Basis::CardReader, _) => grant.given_at <= wish.expressed_at,
        (Basis::Emergency | Basis::Disaster, stance) => stance == Stance::RefuseAlways,
    });
    closing.next()
}

/// What a patient last said about a group, to one institution or (`None`) to all.
pub fn newest_wish<'w>(
    wishes: &'w [Wish],
    institution: Option<&str>,
    group: &ConsentGroup,
    now: Timestamp,
) -> Option<&'w Wish> {
    wishes
        .iter()
        .filter(|wish| wish.expressed_at <= now && wish.institution.as_deref() == institution)
        .filter(|wish| wish.groups.contains(&group.code))
        .max_by_key(|wish| (wish.expressed_at, wish.id))
}

/// A grant bound to a holder serves them alone; an emergency's only while they have the privilege.
fn is_for(grant: &Grant, question: &Question<'_>) -> bool {
    let viewer = question.viewer;
    let is_holder = grant.holder.as_ref().is_some_and(|holder| holder.credential == viewer.credential);
    match grant.basis {
        Basis::CardReader => grant.holder.is_none() || is_holder,
        Basis::Emergency => is_holder && viewer.role == Role::EmergencyClinician,
        Basis::Disaster => is_holder,
    }
}

/// Whoever treats a patient may use an emergency's leave too; whoever asks for an emergency may use nothing else.
fn serves(granted: Purpose, asked: Purpose) -> bool {
    let is_care = matches!(granted, Purpose::Treatment | Purpose::Emergency | Purpose::Disaster);
    granted == asked || (asked == Purpose::Treatment && is_care)
}

fn rests(grant: &Grant, circumstances: &Circumstances, now: Timestamp) -> bool {
    grant.basis != Basis::Disaster
        || circumstances.disasters.iter().any(|disaster| {
            grant.disaster.as_deref() == Some(disaster.id.as_str())
                && disaster.holds(now)
                && disaster.covers(&grant.institution)
        })
}
