//! What the pages of one person's record share: the bar that says whose it is, and the way between the pages.

use std::str::FromStr;

use access::Role;
use exchange::Found;
use fhir::json::Node;
use store::PersonId;

use crate::App;
use crate::console::clinical::{self, Identity};
use crate::console::menu::MenuItem;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use crate::console::time;
use crate::fhir_api::purpose;
use crate::words::word;

/// The bar at the top of a person's pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bar {
    /// The person's id here.
    pub(crate) person: String,
    /// Who they are.
    pub(crate) identity: Identity,
    /// The pages of their record.
    pub(crate) tabs: Vec<MenuItem>,
}

impl Bar {
    /// The bar for a Patient.
    pub(crate) fn of(reader: &Reader, person: PersonId, patient: Option<&[u8]>) -> Self {
        let today = time::day(reader.visitor.act.now);
        let of = |node: Node<'_>| Some(Identity::of(node, today, reader.language()));
        let identity = patient.and_then(|patient| clinical::read(patient, of)).unwrap_or_default();
        Self { person: person.to_string(), identity, tabs: tabs(reader, person) }
    }

    /// The bar for a person who must be looked up; being identified goes on record.
    pub(crate) async fn look_up(app: &App, reader: &Reader, person: PersonId) -> Result<Self, Refusal> {
        let visitor = &reader.visitor;
        let found = app.exchange.identify(&visitor.viewer, person, purpose(visitor), &visitor.act).await;
        let found: Option<Found> = found.map_err(|why| reader.not_shown(app, &why))?;
        Ok(Self::of(reader, person, found.as_ref().map(|found| &*found.patient)))
    }
}

/// The person an address names.
pub(crate) fn person(app: &App, reader: &Reader, id: &str) -> Result<PersonId, Refusal> {
    PersonId::from_str(id).map_err(|_| reader.not_found(app))
}

/// A patient has these pages in the menu already.
fn tabs(reader: &Reader, person: PersonId) -> Vec<MenuItem> {
    let role = reader.visitor.viewer.role;
    if !role.is_clinical() && role != Role::Institution {
        return Vec::new();
    }
    let tab = |end: &str, key: &str| {
        let href = format!("/patients/{person}{end}");
        let is_current = reader.place.path == href;
        MenuItem { label: word(reader.language(), key).to_owned(), is_current, href }
    };
    if role == Role::Institution {
        return vec![
            tab("", "menu.own-registrations"),
            tab("/projections", "menu.projections"),
            tab("/documents", "menu.documents"),
        ];
    }
    vec![tab("", "menu.summary"), tab("/documents", "menu.documents")]
}
