use audit::Actor;
use store::PersonId;

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

    /// How the viewer stands in the record.
    pub fn actor(&self) -> Actor {
        Actor {
            id: self.credential.clone(),
            name: self.name.clone(),
            role: self.role.code().to_owned(),
            institution: self.institution.clone(),
            is_system: matches!(self.role, Role::Institution),
        }
    }
}
