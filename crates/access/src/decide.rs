use fhir::bundle::UnitKind;
use jiff::Timestamp;
use store::{
    Basis, Circumstances, Information, Permit, PersonId, Projection, Purpose, Reach, Referral, ReferralState,
};

use crate::Viewer;
use crate::leave::{Opening, openings};
use crate::policy::{Action, Facts, Step, rule};

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
    "patient-proxy",
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
    "outside-scope",
];

/// Decides a question about a record.
///
/// Pure: `circumstances` are what stands about the person, `now` is the time of asking. Works out the facts, puts them
/// before the policies, and turns what they permit into a permit with its reach.
pub fn decide(question: &Question<'_>, circumstances: &Circumstances, now: Timestamp) -> Decision {
    if !question.viewer.may_ask_about(Some(question.person)) {
        return refuse("outside-scope");
    }
    let viewer = question.viewer;
    let facts = Facts {
        purpose: Some(question.purpose),
        at: Some(now),
        is_self: viewer.is_self(question.person),
        is_proxy: viewer.is_proxy(question.person),
        ..Facts::default()
    };
    match question.asked {
        Asked::Referral(referral) => decide_referral(question, referral, facts, now),
        Asked::Informations(_) => {
            decide_record(question, Action::ViewInformations, facts, circumstances, now)
        }
        Asked::Documents => decide_record(question, Action::ViewDocuments, facts, circumstances, now),
        Asked::Unit(kind, institution) => {
            let is_own = viewer.institution.as_deref() == Some(institution);
            let facts = Facts { kind: Some(kind), is_own, ..facts };
            decide_record(question, Action::ViewUnit, facts, circumstances, now)
        }
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
    if !viewer.may_ask_about(person) {
        return Err(Refusal { rule: "outside-scope" });
    }
    let is_self = person.is_some_and(|person| viewer.is_self(person));
    let is_proxy = person.is_some_and(|person| viewer.is_proxy(person));
    rule(viewer, Action::ReadActs, &Facts { is_self, is_proxy, ..Facts::default() })
}

/// A referral is for the institution it is addressed to, once somebody has consented, and for its sender.
fn decide_referral(question: &Question<'_>, referral: &Referral, facts: Facts, now: Timestamp) -> Decision {
    let own = question.viewer.institution.as_deref();
    let step = match referral.state {
        state if state.is_ended() || referral.ends_at <= now => Step::Ended,
        ReferralState::Registered => Step::Registered,
        _ => Step::Open,
    };
    let facts = Facts {
        step: Some(step),
        is_own: own == Some(&*referral.sender),
        is_destination: own == Some(&*referral.destination),
        ..facts
    };
    let (projection, rule) = match rule(question.viewer, Action::ViewReferral, &facts) {
        Ok(rule @ "own-registration") => (Projection::Own, rule),
        Ok(rule) => (Projection::Clinician, rule),
        Err(refusal) => return Decision::Refuse(refusal),
    };
    let (reach, until) = (Reach::Referral(referral.unit), Some(referral.ends_at));
    Decision::Permit(Permit::issue(question.person, reach, projection, rule, question.purpose, until))
}

fn decide_record(
    question: &Question<'_>,
    action: Action,
    facts: Facts,
    circumstances: &Circumstances,
    now: Timestamp,
) -> Decision {
    let looks_for_leave = question.viewer.role.is_clinical() && !facts.is_own;
    let openings = if looks_for_leave { openings(question, circumstances, now) } else { Vec::new() };
    let opened = opened(question, &openings);
    let facts = Facts {
        opened_by: opened.as_ref().map(|opened| opened.by),
        is_closed_by_wish: openings.iter().any(|opening| is_closed(question, opening)),
        ..facts
    };
    match rule(question.viewer, action, &facts) {
        Ok(rule) => permit(question, rule, opened).map_or(refuse("role-sees-no-record"), Decision::Permit),
        Err(refusal) => Decision::Refuse(refusal),
    }
}

/// How far a rule's permit reaches, and what of it is shown. A rule that is not known here gives nothing.
fn permit(question: &Question<'_>, rule: &'static str, opened: Option<Opened>) -> Option<Permit> {
    let own = || question.viewer.institution.clone();
    let (reach, projection, purpose, until) = match rule {
        "patient-self" | "patient-proxy" => {
            (own_reach(question), Projection::Patient, Purpose::PatientRequest, None)
        }
        "own-registration" => (Reach::RegisteredBy(own()?), Projection::Own, question.purpose, None),
        "own-member" => (Reach::CheckupsUnder(own()?), Projection::Insurer, question.purpose, None),
        "grant" | "emergency" | "disaster" => {
            let opened = opened?;
            let purpose = match opened.by {
                Basis::CardReader => Purpose::Treatment,
                Basis::Emergency => Purpose::Emergency,
                Basis::Disaster => Purpose::Disaster,
            };
            (opened.reach, Projection::Clinician, purpose, opened.until)
        }
        _ => return None,
    };
    Some(Permit::issue(question.person, reach, projection, rule, purpose, until))
}

/// What patients see of what they ask for; the policies admit no other single document.
fn own_reach(question: &Question<'_>) -> Reach {
    match question.asked {
        Asked::Informations(informations) => Reach::Informations(informations.to_vec()),
        Asked::Unit(kind, _) => Reach::Kinds(vec![kind]),
        Asked::Documents | Asked::Referral(_) => {
            Reach::Kinds(vec![UnitKind::CheckupReport, UnitKind::PatientSummary])
        }
    }
}

/// What consent, an emergency or a disaster opens.
struct Opened {
    reach: Reach,
    by: Basis,
    until: Option<Timestamp>,
}

/// What the openings give of what is asked, if anything. What consent opens is opened by consent; an emergency is named
/// only where it opens more.
fn opened(question: &Question<'_>, openings: &[Opening]) -> Option<Opened> {
    let (mut reached, mut by) = (reach(question, openings, &[Basis::CardReader]), Basis::CardReader);
    for (basis, up_to) in [
        (Basis::Emergency, &[Basis::CardReader, Basis::Emergency][..]),
        (Basis::Disaster, &[Basis::CardReader, Basis::Emergency, Basis::Disaster]),
    ] {
        let wider = reach(question, openings, up_to);
        if wider != reached {
            (reached, by) = (wider, basis);
        }
    }
    let is_empty = match &reached {
        Reach::Informations(some) => some.is_empty(),
        Reach::Kinds(some) => some.is_empty(),
        Reach::RegisteredBy(_) | Reach::CheckupsUnder(_) | Reach::Referral(_) | Reach::Everything => false,
    };
    let until = openings.iter().map(|opening| opening.until).max();
    (!is_empty).then_some(Opened { reach: reached, by, until })
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

fn refuse(rule: &'static str) -> Decision {
    Decision::Refuse(Refusal { rule })
}
