use fhir::bundle::UnitKind;
use jiff::Timestamp;

use crate::{Information, PersonId, Purpose, UnitId};

/// Leave to read: which person, what, through which projection, by which rule.
///
/// Every read of a body takes one. Only `access::decide` issues them; the gate refuses any other caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    person: PersonId,
    reach: Reach,
    projection: Projection,
    rule: &'static str,
    purpose: Purpose,
    until: Option<Timestamp>,
}

/// What a permit opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// These of the six informations, from whatever institution.
    Informations(Vec<Information>),
    /// Whole units of these kinds.
    Kinds(Vec<UnitKind>),
    /// Whole units that this institution registered.
    RegisteredBy(String),
    /// Checkup reports registered under a number of this insurer (保険者番号).
    CheckupsUnder(String),
    /// A referral and what was sent along with it, whole.
    Referral(UnitId),
    /// All units of this very person, kin left out, for what the hub itself must do with them: retention.
    Everything,
}

/// For whose eyes: decides what 未告知 and 未提供 hide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    /// A clinician of another institution: 未提供 is hidden, 未告知 is marked.
    Clinician,
    /// The patient: both are hidden, and so is their existence.
    Patient,
    /// The institution that registered it: nothing is hidden.
    Own,
    /// The person's insurer: checkup reports.
    Insurer,
}

impl Permit {
    /// Grants leave. To be called by `access::decide` alone.
    pub fn issue(
        person: PersonId,
        reach: Reach,
        projection: Projection,
        rule: &'static str,
        purpose: Purpose,
        until: Option<Timestamp>,
    ) -> Self {
        Self { person, reach, projection, rule, purpose, until }
    }

    /// Whose record it opens.
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// What it opens.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// For whose eyes.
    pub fn projection(&self) -> Projection {
        self.projection
    }

    /// The rule that permitted.
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// What it was given for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// When it ends, if it ends before its viewer's credential does.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }
}
