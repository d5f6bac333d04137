//! 連絡体制: whom to call, in which order, and whether they were reached when somebody last tried. Its rows are those of the
//! register of contacts.

use jiff::civil::Date;
use store::RegisterRow;

use crate::register::{Cells, register};

/// Somebody to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Id of the row.
    pub id: String,
    /// Its version, so that who writes has seen it.
    pub version: i64,
    /// What they are.
    pub role: String,
    /// Code of their kind (`contact-kind`).
    pub kind: String,
    /// Who they are.
    pub name: String,
    /// By day.
    pub phone: String,
    /// At night and on holidays.
    pub night_phone: String,
    /// Who stands in.
    pub deputy: String,
    /// When somebody last tried.
    pub tested_on: Option<Date>,
    /// Whether they were reached then; none where nobody wrote it.
    pub is_reached: Option<bool>,
}

/// Whom to call, in order: by the number that the register gives, then by kind (inside first, then those who mend, then
/// authorities), then by name.
#[must_use]
pub fn contacts(rows: &[RegisterRow]) -> Vec<Contact> {
    let kinds = register("contacts").and_then(|one| one.field("contact-kind")).map(|one| &one.choices);
    let place =
        |kind: &str| kinds.and_then(|kinds| kinds.iter().position(|one| one == kind)).unwrap_or(usize::MAX);
    let open = rows.iter().filter(|row| row.register == "contacts" && !row.is_over);
    let mut found: Vec<(i64, usize, Contact)> = open
        .map(|row| {
            let cells = Cells::parse(&row.cells);
            let order = cells.number("call-order").unwrap_or(i64::MAX);
            (order, place(cells.text("contact-kind")), contact(row, &cells))
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1, &a.2.role).cmp(&(b.0, b.1, &b.2.role)));
    found.into_iter().map(|(_, _, contact)| contact).collect()
}

fn contact(row: &RegisterRow, cells: &Cells) -> Contact {
    let text = |field: &str| cells.text(field).to_owned();
    Contact {
        id: row.id.clone(),
        version: row.version,
        role: row.name.clone(),
        kind: text("contact-kind"),
        name: text("contact"),
        phone: text("phone"),
        night_phone: text("night-phone"),
        deputy: text("deputy"),
        tested_on: cells.day("tested-on"),
        is_reached: match cells.text("reached") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
    }
}
