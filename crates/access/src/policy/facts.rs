use cedar_policy::{Context, EntityUid, RestrictedExpression};
use fhir::bundle::UnitKind;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use store::{Basis, Purpose};

use super::names::names;
use super::{Action, Case};
use crate::Role;

/// What the policies can ask of an act besides who does it. The schema says what each means; whatever is left out is
/// not so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// What for, where a record is read.
    pub purpose: Option<Purpose>,
    /// When, where the time of asking is known.
    pub at: Option<Timestamp>,
    /// The person concerned is the viewer.
    pub is_self: bool,
    /// The viewer looks for the person concerned, as their proxy.
    pub is_proxy: bool,
    /// The institution concerned is the viewer's.
    pub is_own: bool,
    /// The look, right, request, device or session concerned is the viewer's own.
    pub is_by_viewer: bool,
    /// The kind of the one document asked for.
    pub kind: Option<UnitKind>,
    /// What opens what is asked.
    pub opened_by: Option<Basis>,
    /// The patient's wish keeps closed what would have opened.
    pub is_closed_by_wish: bool,
    /// How far a referral is.
    pub step: Option<Step>,
    /// A referral is addressed to the viewer's institution.
    pub is_destination: bool,
    /// The viewer's institution is a hospital.
    pub is_hospital: bool,
    /// The viewer's institution lies in the area of a disaster in force.
    pub is_in_disaster: bool,
    /// The grant concerned opened a record without consent.
    pub is_without_consent: bool,
    /// The table of interests names the viewer's role.
    pub is_told: bool,
    /// The role of the account concerned.
    pub subject: Option<Role>,
    /// The account concerned is the first that keeps accounts at its institution.
    pub is_first: bool,
    /// The account concerned belongs to no institution: to the hub itself, or to a patient.
    pub is_of_hub: bool,
    /// The inquiry is not for the institution of whoever looked.
    pub is_for_hub: bool,
    /// The viewer is a system that its institution lets keep accounts.
    pub is_provisioner: bool,
}

impl Facts {
    /// All that the policies can ask of the time: the hour in Japan, and the weekday, Monday being 1.
    pub(super) fn hour_and_weekday(&self) -> Option<(i8, i8)> {
        let there = self.at?.to_zoned(TimeZone::fixed(Offset::constant(9)));
        Some((there.hour(), there.weekday().to_monday_one_offset()))
    }
}

/// How far a referral is, as far as the policies care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Nobody has consented yet that its destination reads it.
    Registered,
    /// Its destination may read it.
    Open,
    /// It is over.
    Ended,
}

impl Step {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Open => "open",
            Self::Ended => "ended",
        }
    }
}

/// The case as the policies see it.
pub(super) fn context(case: &Case<'_>, action: Action) -> Option<Context> {
    let (facts, names) = (case.facts, names());
    let mut pairs = Pairs(Vec::with_capacity(26));
    pairs.add("assurance", entity(names.assurance(case.assurance.factors)));
    pairs.add("mode", entity(names.mode(Mode::of(action, facts))));
    let flags = [
        ("is_fresh", case.assurance.is_fresh),
        ("is_machine", case.assurance.is_machine),
        ("has_institution", case.has_institution),
        ("is_self", facts.is_self),
        ("is_proxy", facts.is_proxy),
        ("is_own", facts.is_own),
        ("is_by_viewer", facts.is_by_viewer),
        ("is_closed_by_wish", facts.is_closed_by_wish),
        ("is_destination", facts.is_destination),
        ("is_hospital", facts.is_hospital),
        ("is_in_disaster", facts.is_in_disaster),
        ("is_without_consent", facts.is_without_consent),
        ("is_told", facts.is_told),
        ("is_first", facts.is_first),
        ("is_of_hub", facts.is_of_hub),
        ("is_for_hub", facts.is_for_hub),
        ("is_provisioner", facts.is_provisioner),
    ];
    for (name, is_so) in flags {
        pairs.add(name, RestrictedExpression::new_bool(is_so));
    }
    let some = [
        ("purpose", facts.purpose.map(|one| names.purpose(one))),
        ("kind", facts.kind.map(|one| names.kind(one))),
        ("opened_by", facts.opened_by.map(|one| names.basis(one))),
        ("step", facts.step.map(|one| names.step(one))),
        ("subject", facts.subject.map(|one| names.role(one))),
    ];
    for (name, value) in some {
        if let Some(value) = value {
            pairs.add(name, entity(value));
        }
    }
    if let Some((hour, weekday)) = facts.hour_and_weekday() {
        pairs.add("hour", RestrictedExpression::new_long(hour.into()));
        pairs.add("weekday", RestrictedExpression::new_long(weekday.into()));
    }
    Context::from_pairs(pairs.0).ok()
}

struct Pairs(Vec<(String, RestrictedExpression)>);

impl Pairs {
    fn add(&mut self, name: &str, value: RestrictedExpression) {
        self.0.push((name.to_owned(), value));
    }
}

fn entity(uid: &EntityUid) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid.clone())
}

/// Whether a record is, or is to be, opened without consent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    Normal,
    Emergency,
    Disaster,
}

impl Mode {
    pub(super) const ALL: [Self; 3] = [Self::Normal, Self::Emergency, Self::Disaster];

    fn of(action: Action, facts: &Facts) -> Self {
        match (action, facts.opened_by) {
            (Action::OpenInEmergency, _) | (_, Some(Basis::Emergency)) => Self::Emergency,
            (Action::OpenInDisaster, _) | (_, Some(Basis::Disaster)) => Self::Disaster,
            _ => Self::Normal,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Emergency => "emergency",
            Self::Disaster => "disaster",
        }
    }
}
