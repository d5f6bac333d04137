use fhir::bundle::UnitKind;
use jiff::Timestamp;
use store::{
    Basis, Circumstances, Information, Permit, PersonId, Projection, Purpose, Reach, Referral, ReferralState,
};

use crate::leave::{Opening, openings};
use crate::{Role, Viewer};

/// What somebody wants to do with one person's record.
#[derive(Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub viewer: &'a Viewer,
    /// Whose record.
    pub person: PersonId,
    /// What of it.
    pub asked: Asked<'a>,
    /// What for.
    pub purpose: Purpose,
}

/// What of a record is asked for.
#[derive(Debug)]
pub enum Asked<'a> {
    /// Some of the six informations.
    Informations(&'a [Information]),
    /// Whole documents, whichever the viewer may see.
    Documents,
    /// One unit, of this kind, registered by this institution.
    Unit(UnitKind, &'a str),
    /// A referral and what was sent along with it, as it stands on its way.
    Referral(&'a Referral),
}

/// The answer: by which rule, and why not.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Permitted, as far as the permit reaches.
    Permit(Permit),
    /// Refused.
    Refuse(Refusal),
}

/// A refusal names its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the rule.
    pub rule: &'static str,
}

/// Every rule a decision can name; words for each stand in `locale/`.
pub const RULES: &[&str] = &[
    "patient-self",
    "grant",
    "emergency",
    "disaster",
    "own-registration",
    "own-member",
    "patient-only",
    "destination",
    "no-grant",
    "wish-refused",
    "not-destination",
    "referral-pending",
    "referral-ended",
    "not-consenting",
    "not-own-record",
    "not-own-registration",
    "role-sees-no-record",
    "own-institution",
    "operator",
    "not-own-institution",
    "role-is-told-nothing",
    "role-sees-no-figures",
];

/// Decides a question about a record.
///
/// Pure: `circumstances` are what stands about the person, `now` is the time of asking. Denies unless a rule permits.
pub fn decide(question: &Question<'_>, circumstances: &Circumstances, now: Timestamp) -> Decision {
    if let Asked::Referral(referral) = question.asked {
        return decide_referral(question, referral, now);
    }
    match question.viewer.role {
        Role::Patient => decide_patient(question),
        Role::Clinician | Role::EmergencyClinician => decide_clinician(question, circumstances, now),
        Role::Institution => own_registration(question).unwrap_or_else(|| refuse("not-own-registration")),
        Role::Insurer => decide_insurer(question),
        Role::SafetyManager | Role::Developer | Role::Operator => refuse("role-sees-no-record"),
    }
}

/// Leave for the hub itself to look at all units of a person, so as to end those whose time is over. Nothing of it
/// leaves the hub.
pub fn for_retention(person: PersonId) -> Permit {
    Permit::issue(person, Reach::Everything, Projection::Own, "retention", Purpose::Operations, None)
}

/// Whether a viewer may read the record of acts: of one person, or (`None`) of everybody.
///
/// # Errors
/// The refusing rule.
pub fn may_read_record(viewer: &Viewer, person: Option<PersonId>) -> Result<&'static str, Refusal> {
    match (viewer.role, person) {
        (Role::SafetyManager, _) => Ok("safety-manager"),
        (Role::Patient, Some(person)) if viewer.person == Some(person) => Ok("patient-self"),
        (Role::Patient, _) => Err(Refusal { rule: "not-own-record" }),
        _ => Err(Refusal { rule: "role-sees-no-record" }),
    }
}

/// A referral is for the institution it is addressed to, once somebody has consented, and for its sender.
fn decide_referral(question: &Question<'_>, referral: &Referral, now: Timestamp) -> Decision {
    if !matches!(question.viewer.role, Role::Institution | Role::Clinician | Role::EmergencyClinician) {
        return match question.viewer.role {
            Role::Patient => refuse("not-own-record"),
            _ => refuse("role-sees-no-record"),
        };
    }
    let own = question.viewer.institution.as_deref();
    let permit = |projection, rule| {
        let reach = Reach::Referral(referral.unit);
        let until = Some(referral.ends_at);
        Decision::Permit(Permit::issue(question.person, reach, projection, rule, question.purpose, until))
    };
    match referral.state {
        _ if own != Some(&*referral.sender) && own != Some(&*referral.destination) => {
            refuse("not-destination")
        }
        state if state.is_ended() || referral.ends_at <= now => refuse("referral-ended"),
        _ if own == Some(&*referral.sender) => permit(Projection::Own, "own-registration"),
        ReferralState::Registered => refuse("referral-pending"),
        _ => permit(Projection::Clinician, "destination"),
    }
}

fn decide_patient(question: &Question<'_>) -> Decision {
    if question.viewer.person != Some(question.person) {
        return refuse("not-own-record");
    }
    let reach = match question.asked {
        Asked::Informations(informations) => Reach::Informations(informations.to_vec()),
        // The content of a referral is for its destination; the service's table gives patients these two.
        Asked::Documents => Reach::Kinds(vec![UnitKind::CheckupReport, UnitKind::PatientSummary]),
        Asked::Unit(kind @ (UnitKind::CheckupReport | UnitKind::PatientSummary), _) => {
            Reach::Kinds(vec![kind])
        }
        Asked::Unit(..) | Asked::Referral(_) => return refuse("not-own-record"),
    };
    let purpose = Purpose::PatientRequest;
    Decision::Permit(Permit::issue(
        question.person,
        reach,
        Projection::Patient,
        "patient-self",
        purpose,
        None,
    ))
}

fn decide_clinician(question: &Question<'_>, circumstances: &Circumstances, now: Timestamp) -> Decision {
    if let (Asked::Unit(..), Some(own)) = (&question.asked, own_registration(question)) {
        return own;
    }
    let openings = openings(question, circumstances, now);
    // What consent opens is opened by consent; an emergency is named only where it opens more.
    let (mut reached, mut by) = (reach(question, &openings, &[Basis::CardReader]), Basis::CardReader);
    for (basis, up_to) in [
        (Basis::Emergency, &[Basis::CardReader, Basis::Emergency][..]),
        (Basis::Disaster, &[Basis::CardReader, Basis::Emergency, Basis::Disaster]),
    ] {
        let wider = reach(question, &openings, up_to);
        if wider != reached {
            (reached, by) = (wider, basis);
        }
    }
    let is_empty = match &reached {
        Reach::Informations(some) => some.is_empty(),
        Reach::Kinds(some) => some.is_empty(),
        Reach::RegisteredBy(_) | Reach::CheckupsUnder(_) | Reach::Referral(_) | Reach::Everything => false,
    };
    if is_empty {
        let is_closed = openings.iter().any(|opening| is_closed(question, opening));
        return refuse(if is_closed { "wish-refused" } else { "no-grant" });
    }
    let (rule, purpose) = match by {
        Basis::CardReader => ("grant", Purpose::Treatment),
        Basis::Emergency => ("emergency", Purpose::Emergency),
        Basis::Disaster => ("disaster", Purpose::Disaster),
    };
    let until = openings.iter().map(|opening| opening.until).max();
    Decision::Permit(Permit::issue(question.person, reached, Projection::Clinician, rule, purpose, until))
}

/// Whether a wish keeps closed what is asked for and this would have opened.
fn is_closed(question: &Question<'_>, opening: &Opening) -> bool {
    let (informations, kinds) = &opening.closed;
    match &question.asked {
        Asked::Informations(asked) => asked.iter().any(|one| informations.contains(one)),
        Asked::Unit(kind, _) => kinds.contains(kind),
        Asked::Documents => !kinds.is_empty(),
        Asked::Referral(_) => false,
    }
}

/// What the openings of some bases give of what is asked.
fn reach(question: &Question<'_>, openings: &[Opening], bases: &[Basis]) -> Reach {
    let of = |basis: Basis| openings.iter().filter(move |opening| opening.basis == basis);
    let open = || bases.iter().copied().flat_map(of);
    let mut kinds: Vec<UnitKind> = Vec::new();
    for kind in open().flat_map(|opening| &opening.kinds) {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    match question.asked {
        Asked::Informations(asked) => {
            let is_open = |one: &Information| open().any(|opening| opening.informations.contains(one));
            Reach::Informations(asked.iter().copied().filter(is_open).collect())
        }
        Asked::Documents => Reach::Kinds(kinds),
        Asked::Unit(asked, _) => Reach::Kinds(kinds.into_iter().filter(|kind| *kind == asked).collect()),
        Asked::Referral(_) => Reach::Kinds(Vec::new()),
    }
}

/// An insurer (保険者) reads its own members' checkup reports. It is not refused others: that would tell of them.
fn decide_insurer(question: &Question<'_>) -> Decision {
    let Some(insurer) = &question.viewer.institution else { return refuse("role-sees-no-record") };
    if matches!(question.asked, Asked::Informations(_)) {
        return refuse("role-sees-no-record");
    }
    let reach = Reach::CheckupsUnder(insurer.clone());
    Decision::Permit(Permit::issue(
        question.person,
        reach,
        Projection::Insurer,
        "own-member",
        question.purpose,
        None,
    ))
}

fn own_registration(question: &Question<'_>) -> Option<Decision> {
    let own = question.viewer.institution.as_deref()?;
    // 患者サマリー is for the patient's eyes alone; not even its author reads it back.
    if matches!(question.asked, Asked::Unit(UnitKind::PatientSummary, _)) {
        return Some(refuse("patient-only"));
    }
    let permitted = match question.asked {
        Asked::Unit(_, institution) => institution == own,
        Asked::Documents | Asked::Informations(_) => true,
        Asked::Referral(_) => false,
    };
    let reach = Reach::RegisteredBy(own.to_owned());
    permitted.then(|| {
        let purpose = question.purpose;
        Decision::Permit(Permit::issue(
            question.person,
            reach,
            Projection::Own,
            "own-registration",
            purpose,
            None,
        ))
    })
}

fn refuse(rule: &'static str) -> Decision {
    Decision::Refuse(Refusal { rule })
}
