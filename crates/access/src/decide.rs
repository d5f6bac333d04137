use fhir::bundle::UnitKind;
use jiff::Timestamp;
use store::{Grant, Information, Permit, PersonId, Projection, Reach};

use crate::{ConsentGroup, Role, Viewer, consent_groups};

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
}

/// Purpose of use: codes of HL7 v3 PurposeOfUse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// 診療
    Treatment,
    /// 本人の求め
    PatientRequest,
    /// 運用・監査
    Operations,
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
pub const RULES: [&str; 7] = [
    "patient-self",
    "grant",
    "own-registration",
    "no-grant",
    "not-own-record",
    "not-own-registration",
    "role-sees-no-record",
];

/// Decides a question about a record.
///
/// Pure: `grants` are the person's grants, `now` the time of asking. Denies unless a rule permits.
pub fn decide(question: &Question<'_>, grants: &[Grant], now: Timestamp) -> Decision {
    match question.viewer.role {
        Role::Patient => decide_patient(question),
        Role::Clinician | Role::EmergencyClinician => decide_clinician(question, grants, now),
        Role::Institution => own_registration(question).unwrap_or_else(|| refuse("not-own-registration")),
        Role::SafetyManager | Role::Developer | Role::Insurer | Role::Operator => {
            refuse("role-sees-no-record")
        }
    }
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
        Asked::Unit(..) => return refuse("not-own-record"),
    };
    Decision::Permit(Permit::issue(question.person, reach, Projection::Patient, "patient-self", None))
}

fn decide_clinician(question: &Question<'_>, grants: &[Grant], now: Timestamp) -> Decision {
    if let (Asked::Unit(..), Some(own)) = (&question.asked, own_registration(question)) {
        return own;
    }
    let in_force: Vec<&Grant> = grants.iter().filter(|grant| holds(grant, question, now)).collect();
    let groups: Vec<&ConsentGroup> = consent_groups()
        .iter()
        .filter(|group| in_force.iter().any(|grant| grant.groups.contains(&group.code)))
        .collect();
    let reach = match question.asked {
        Asked::Informations(asked) => {
            let opened = |one: &Information| groups.iter().any(|group| group.informations.contains(one));
            Reach::Informations(asked.iter().copied().filter(opened).collect())
        }
        Asked::Documents => Reach::Kinds(groups.iter().flat_map(|group| group.kinds()).collect()),
        Asked::Unit(kind, _) => {
            Reach::Kinds(groups.iter().flat_map(|group| group.kinds()).filter(|one| *one == kind).collect())
        }
    };
    if matches!(&reach, Reach::Informations(some) if some.is_empty())
        || matches!(&reach, Reach::Kinds(some) if some.is_empty())
    {
        return refuse("no-grant");
    }
    let until = in_force.iter().map(|grant| grant.ends_at).max();
    Decision::Permit(Permit::issue(question.person, reach, Projection::Clinician, "grant", until))
}

fn own_registration(question: &Question<'_>) -> Option<Decision> {
    let own = question.viewer.institution.as_deref()?;
    let permitted = match question.asked {
        Asked::Unit(_, institution) => institution == own,
        Asked::Documents => true,
        Asked::Informations(_) => false,
    };
    let reach = Reach::RegisteredBy(own.to_owned());
    permitted.then(|| {
        Decision::Permit(Permit::issue(question.person, reach, Projection::Own, "own-registration", None))
    })
}

fn holds(grant: &Grant, question: &Question<'_>, now: Timestamp) -> bool {
    grant.person == question.person
        && question.viewer.institution.as_deref() == Some(grant.institution.as_str())
        && question.purpose == Purpose::Treatment
        && grant.starts_at <= now
        && now < grant.ends_at
        && grant.revoked_at.is_none_or(|revoked| now < revoked)
}

fn refuse(rule: &'static str) -> Decision {
    Decision::Refuse(Refusal { rule })
}

impl Purpose {
    /// The code of HL7 v3 PurposeOfUse.
    pub fn code(self) -> &'static str {
        match self {
            Self::Treatment => "TREAT",
            Self::PatientRequest => "PATRQT",
            Self::Operations => "HOPERAT",
        }
    }
}
