use audit::{Actor, OnBehalf};
use store::{PersonId, Relation};

use crate::{Assurance, Role, Scopes};

/// Somebody, or some machine, that the door let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Id of the credential.
    pub credential: String,
    /// Name, as the patient will read it.
    pub name: String,
    /// What the credential is for.
    pub role: Role,
    /// Ten digits of the institution (an insurer's eight), for those who act for one.
    pub institution: Option<String>,
    /// The person, for a patient.
    pub person: Option<PersonId>,
    /// How sure it is that it is they.
    pub assurance: Assurance,
    /// What they were let, for those who come by an app; `None` where nothing narrows them.
    pub scopes: Option<Scopes>,
    /// Whom they look for in this request, where that is somebody else whose proxy they are now (代理).
    pub stands_for: Option<StandsFor>,
}

/// A person for whom somebody acts who is not they.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandsFor {
    /// The person.
    pub person: PersonId,
    /// By what relation.
    pub relation: Relation,
}

impl Viewer {
    /// The hub itself, for what it does by the clock.
    pub fn hub() -> Self {
        Self {
            credential: "-".to_owned(),
            name: "renkei".to_owned(),
            role: Role::Operator,
            institution: None,
            person: None,
            assurance: Assurance::TOKEN,
            scopes: None,
            stands_for: None,
        }
    }

    /// Nobody yet: whoever stands before the door.
    pub fn nobody() -> Self {
        Self { name: "-".to_owned(), role: Role::Developer, assurance: Assurance::NONE, ..Self::hub() }
    }

    /// Whether the scopes of this act reach this person; `None` is about everybody.
    pub(crate) fn may_ask_about(&self, person: Option<PersonId>) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.reach(person))
    }

    /// Whether this person is the viewer.
    pub(crate) fn is_self(&self, person: PersonId) -> bool {
        self.person == Some(person)
    }

    /// Whether the viewer looks for this person, as their proxy.
    pub(crate) fn is_proxy(&self, person: PersonId) -> bool {
        self.stands_for.is_some_and(|one| one.person == person)
    }

    /// How the viewer stands in the record.
    pub fn actor(&self) -> Actor {
        let on_behalf_of = self
            .stands_for
            .map(|one| OnBehalf { person: one.person.to_string(), relation: one.relation.code().to_owned() });
        Actor {
            id: self.credential.clone(),
            name: self.name.clone(),
            role: self.role.code().to_owned(),
            institution: self.institution.clone(),
            is_system: matches!(self.role, Role::Institution),
            on_behalf_of,
        }
    }
}
