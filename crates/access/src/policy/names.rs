//! The names of the schema as Cedar knows them, made once.

use std::sync::LazyLock;

use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use fhir::bundle::UnitKind;
use store::{Basis, Purpose};

use super::facts::Mode;
use super::{Action, Step};
use crate::{Factors, Role};

/// Every kind of document, in the order of its declaration.
pub(super) const KINDS: [UnitKind; 8] = [
    UnitKind::Condition,
    UnitKind::AllergyIntolerance,
    UnitKind::Observation,
    UnitKind::Referral,
    UnitKind::DischargeSummary,
    UnitKind::PatientSummary,
    UnitKind::CheckupReport,
    UnitKind::Attachment,
];

/// Every basis of a grant, in the order of its declaration.
pub(super) const BASES: [Basis; 3] = [Basis::CardReader, Basis::Emergency, Basis::Disaster];

/// Every step of a referral, in the order of its declaration.
pub(super) const STEPS: [Step; 3] = [Step::Registered, Step::Open, Step::Ended];

/// Each list stands in the order of its enumeration, so that a value is its own place.
pub(super) struct Names {
    actions: Vec<EntityUid>,
    things: Vec<EntityUid>,
    roles: Vec<EntityUid>,
    assurances: Vec<EntityUid>,
    purposes: Vec<EntityUid>,
    kinds: Vec<EntityUid>,
    bases: Vec<EntityUid>,
    steps: Vec<EntityUid>,
    modes: Vec<EntityUid>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| Names {
    actions: Action::ALL.iter().map(|one| uid("Action", one.code())).collect(),
    things: Action::ALL.iter().map(|one| uid("Thing", one.thing())).collect(),
    roles: Role::ALL.iter().map(|one| uid("Role", one.code())).collect(),
    assurances: Factors::ALL.iter().map(|one| uid("Assurance", one.code())).collect(),
    purposes: Purpose::ALL.iter().map(|one| uid("Purpose", one.code())).collect(),
    kinds: KINDS.iter().map(|one| uid("Kind", store::kind_code(*one))).collect(),
    bases: BASES.iter().map(|one| uid("Basis", one.code())).collect(),
    steps: STEPS.iter().map(|one| uid("Step", one.code())).collect(),
    modes: Mode::ALL.iter().map(|one| uid("Mode", one.code())).collect(),
});

pub(super) fn names() -> &'static Names {
    &NAMES
}

fn uid(kind: &str, name: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().expect("one of nine words of this file");
    EntityUid::from_type_name_and_id(kind, EntityId::new(name))
}

impl Names {
    pub(super) fn action(&self, one: Action) -> &EntityUid {
        &self.actions[one as usize]
    }

    pub(super) fn thing(&self, of: Action) -> &EntityUid {
        &self.things[of as usize]
    }

    pub(super) fn role(&self, one: Role) -> &EntityUid {
        &self.roles[one as usize]
    }

    pub(super) fn assurance(&self, one: Factors) -> &EntityUid {
        &self.assurances[one as usize]
    }

    pub(super) fn purpose(&self, one: Purpose) -> &EntityUid {
        &self.purposes[one as usize]
    }

    pub(super) fn kind(&self, one: UnitKind) -> &EntityUid {
        &self.kinds[one as usize]
    }

    pub(super) fn basis(&self, one: Basis) -> &EntityUid {
        &self.bases[one as usize]
    }

    pub(super) fn step(&self, one: Step) -> &EntityUid {
        &self.steps[one as usize]
    }

    pub(super) fn mode(&self, one: Mode) -> &EntityUid {
        &self.modes[one as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_stands_at_its_own_place() {
        assert!(Action::ALL.iter().enumerate().all(|(place, one)| *one as usize == place));
        assert!(Role::ALL.iter().enumerate().all(|(place, one)| *one as usize == place));
        assert!(Factors::ALL.iter().enumerate().all(|(place, one)| *one as usize == place));
        assert!(Purpose::ALL.iter().enumerate().all(|(place, one)| *one as usize == place));
        assert!(KINDS.iter().enumerate().all(|(place, one)| *one as usize == place));
        assert!(BASES.iter().enumerate().all(|(place, one)| *one as usize == place));
        assert!(STEPS.iter().enumerate().all(|(place, one)| *one as usize == place));
        assert!(Mode::ALL.iter().enumerate().all(|(place, one)| *one as usize == place));
    }
}
