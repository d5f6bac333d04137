//! Fields of a register as forms show them: one generated form for every register.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use safety::register::{CellFault, Cells, Definition, Field, FieldType, Wrong};
use store::{Fault, RegisterQuery};

use crate::App;
use crate::console::form::{Fields, text};
use crate::console::frame::Frame;

/// A field of the form.
pub(super) struct FieldView {
    pub(super) code: String,
    pub(super) label: String,
    /// `text`, `long`, `number`, `date` or `select`.
    pub(super) control: &'static str,
    pub(super) hint: String,
    pub(super) value: String,
    pub(super) options: Vec<(String, String)>,
    /// What a browser may offer, where other things can stand there as well.
    pub(super) offered: Vec<String>,
    pub(super) is_required: bool,
    pub(super) max: usize,
    pub(super) error: Option<String>,
    /// What somebody else wrote here meanwhile.
    pub(super) theirs: Option<String>,
}

/// Names that fields may refer to, by register; under `person` those of the institution's people.
#[derive(Default)]
pub(super) struct Known(HashMap<String, BTreeSet<String>>);

/// Who can be named in a field, as a register.
const PEOPLE: &str = "person";
/// No longer list is offered to a browser.
const OFFERED: usize = 300;
/// All rows of a register that can be referred to.
const ALL: u32 = 100_000;

impl Known {
    /// The names that the fields of a register may refer to.
    pub(super) async fn load(app: &App, institution: &str, definition: &Definition) -> Result<Self, Fault> {
        let store = &app.exchange.store;
        let mut known = HashMap::new();
        for field in &definition.fields {
            if let Some(of) = &field.of {
                let query = RegisterQuery { limit: ALL, ..RegisterQuery::default() };
                let (rows, _) = store.register_rows(institution, of, query).await?;
                known.insert(
                    of.clone(),
                    rows.into_iter().filter(|row| !row.is_over).map(|row| row.name).collect(),
                );
            }
        }
        let accounts = store.accounts(Some(institution.to_owned())).await?;
        let people = accounts.into_iter().filter(|one| one.state.code() == "active" && one.person.is_none());
        known.insert(PEOPLE.to_owned(), people.map(|one| one.name).collect());
        Ok(Self(known))
    }

    /// Whether a register has a row of this name, as [`Cells::read`] asks.
    pub(super) fn has(&self, register: &str, name: &str) -> bool {
        self.0.get(register).is_some_and(|names| names.contains(name))
    }

    fn offered(&self, field: &Field) -> Vec<String> {
        let of = if field.kind == FieldType::Person { Some(PEOPLE) } else { field.of.as_deref() };
        let names = of.and_then(|of| self.0.get(of)).into_iter().flatten();
        names.take(OFFERED).cloned().collect()
    }
}

/// The form's fields, filled by `value`, with what is wrong and what somebody else wrote.
pub(super) fn field_views(
    frame: &Frame,
    definition: &Definition,
    known: &Known,
    value: &dyn Fn(&str) -> String,
    faults: &[CellFault],
    theirs: Option<&Cells>,
) -> Vec<FieldView> {
    let view = |field: &Field| {
        let fault = faults.iter().find(|fault| fault.field == field.code);
        let mine = value(&field.code);
        let other = theirs.map(|cells| cells.text(&field.code)).filter(|text| *text != mine);
        FieldView {
            label: label(frame, &field.code),
            control: control(field.kind),
            hint: hint(frame, field),
            options: options(frame, field),
            offered: known.offered(field),
            is_required: field.required,
            max: field.max.unwrap_or(1000),
            error: fault.map(|fault| said(frame, definition, fault)),
            theirs: other.map(|text| shown(frame, field, text)),
            code: field.code.clone(),
            value: mine,
        }
    };
    definition.fields.iter().map(view).collect()
}

/// What the form typed, checked.
pub(super) fn typed(
    definition: &Definition,
    fields: &Fields,
    known: &Known,
    today: Date,
) -> Result<Cells, Vec<CellFault>> {
    Cells::read(definition, |code| text(fields, code), &|of, name| known.has(of, name), today)
}

/// The name of a field.
pub(super) fn label(frame: &Frame, field: &str) -> String {
    frame.word(&format!("register-field.{field}")).to_owned()
}

/// What a field says, in words.
pub(super) fn shown(frame: &Frame, field: &Field, text: &str) -> String {
    match field.kind {
        _ if text.is_empty() => String::new(),
        FieldType::Choice => frame.word(&format!("register-choice.{text}")).to_owned(),
        FieldType::YesNo => frame.word(&format!("register-choice.{text}")).to_owned(),
        FieldType::Number => match &field.unit {
            Some(unit) => frame.fill(&format!("register-unit.{unit}"), "count", text),
            None => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// What is wrong with a field, and how to mend it.
pub(super) fn said(frame: &Frame, definition: &Definition, fault: &CellFault) -> String {
    let key = format!("register-wrong.{}", fault.wrong.code());
    let value = match &fault.wrong {
        Wrong::TooLong(max) => max.to_string(),
        Wrong::Before(field) => label(frame, field),
        Wrong::Unknown(register) => frame.word(&format!("register-name.{register}")).to_owned(),
        Wrong::NoChoice => {
            let choices =
                definition.field(&fault.field).map(|field| options(frame, field)).unwrap_or_default();
            frame.list(&choices.into_iter().map(|(_, name)| name).collect::<Vec<_>>())
        }
        _ => String::new(),
    };
    frame.fill(&key, "value", value)
}

fn options(frame: &Frame, field: &Field) -> Vec<(String, String)> {
    let codes: Vec<&str> = match field.kind {
        FieldType::Choice => field.choices.iter().map(String::as_str).collect(),
        FieldType::YesNo => vec!["yes", "no"],
        _ => Vec::new(),
    };
    let option = |code: &str| (code.to_owned(), frame.word(&format!("register-choice.{code}")).to_owned());
    codes.into_iter().map(option).collect()
}

fn control(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Long => "long",
        FieldType::Number => "number",
        FieldType::Date => "date",
        FieldType::Choice | FieldType::YesNo => "select",
        FieldType::Text | FieldType::Reference | FieldType::Person | FieldType::Chart => "text",
    }
}

fn hint(frame: &Frame, field: &Field) -> String {
    match field.kind {
        FieldType::Chart => frame.word("registers.hint-chart").to_owned(),
        FieldType::Reference => {
            let of = field.of.as_deref().unwrap_or_default();
            frame.fill("registers.hint-reference", "register", frame.word(&format!("register-name.{of}")))
        }
        FieldType::Number => match &field.unit {
            Some(unit) => frame.fill(&format!("register-unit.{unit}"), "count", "").trim().to_owned(),
            None => String::new(),
        },
        FieldType::Date if field.past => frame.word("registers.hint-past").to_owned(),
        _ => String::new(),
    }
}
