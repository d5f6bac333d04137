//! `rules/registers/*.toml`, read once.

use std::sync::LazyLock;

use access::Action;
use serde::Deserialize;

use super::demand::Demand;

/// What a register holds, who may keep it, what its rows must say, and what they prove.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Definition {
    /// Its code, with words in `locale/*/registers.toml`.
    pub code: String,
    /// What asks for it.
    pub source: String,
    /// The field that names a row.
    pub name: String,
    /// The date that is due.
    pub due: Option<String>,
    /// Who may make a row.
    #[serde(default)]
    pub asked_by: Keeper,
    /// States a row can be in, the first where it begins.
    pub states: Vec<String>,
    /// States in which a row is over.
    pub over: Vec<String>,
    /// States in which fields may be changed; all that are not over where none is named.
    #[serde(default)]
    pub open: Vec<String>,
    /// Controls whose evidence the register is, by id.
    pub proves: Vec<String>,
    /// Its fields, in the order of the form.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    /// From state to state.
    #[serde(rename = "move", default)]
    pub moves: Vec<Move>,
    /// What its rows must say.
    #[serde(rename = "demand")]
    pub(super) demands: Vec<Demand>,
}

/// A field of a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Field {
    /// Its code.
    pub code: String,
    /// What can stand in it.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Without it no row is kept.
    #[serde(default)]
    pub required: bool,
    /// Whether lists show it.
    #[serde(default)]
    pub listed: bool,
    /// No more characters.
    pub max: Option<usize>,
    /// A date that cannot lie in the future.
    #[serde(default)]
    pub past: bool,
    /// A date that cannot lie before this other one.
    pub not_before: Option<String>,
    /// What numbers count.
    pub unit: Option<String>,
    /// Codes to choose from.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The register it refers to, by the name of a row.
    pub of: Option<String>,
}

/// What can stand in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// One line.
    Text,
    /// Several lines.
    Long,
    /// A whole number, not below zero.
    Number,
    /// A day.
    Date,
    /// One of some codes.
    Choice,
    /// Yes or no.
    YesNo,
    /// A row of another register, by its name.
    Reference,
    /// Somebody of the institution, by name.
    Person,
    /// The number of a chart: letters, digits and hyphens, so that no name can stand there.
    Chart,
}

/// Who may make or move a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeper {
    /// Whoever keeps registers.
    #[default]
    RegisterKeeper,
    /// Whoever works there, for what they asked for themselves.
    TakeOutAsker,
    /// Whoever approves what others ask to take out.
    TakeOutApprover,
}

/// From state to state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Move {
    /// Its code.
    pub code: String,
    /// In which states it can be made.
    pub from: Vec<String>,
    /// Where it leads.
    pub to: String,
    /// Who may.
    #[serde(default)]
    pub by: Keeper,
    /// Never whoever wrote the row.
    #[serde(default)]
    pub four_eyes: bool,
    /// Never whoever is named in this field.
    pub not_by: Option<String>,
    /// Fields that must be filled before.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether something must be said with it.
    #[serde(default)]
    pub note: bool,
}

const TABLES: &[&str] = &[
    include_str!("../../../../rules/registers/organisation.toml"),
    include_str!("../../../../rules/registers/assets.toml"),
    include_str!("../../../../rules/registers/devices.toml"),
    include_str!("../../../../rules/registers/connections.toml"),
    include_str!("../../../../rules/registers/take-outs.toml"),
    include_str!("../../../../rules/registers/own-devices.toml"),
    include_str!("../../../../rules/registers/loans.toml"),
    include_str!("../../../../rules/registers/vendors.toml"),
    include_str!("../../../../rules/registers/disposals.toml"),
    include_str!("../../../../rules/registers/trainings.toml"),
    include_str!("../../../../rules/registers/backups.toml"),
    include_str!("../../../../rules/registers/documents.toml"),
    include_str!("../../../../rules/registers/contacts.toml"),
];

static REGISTERS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let table = |text: &&str| {
        toml::from_str(text).expect("rules/registers are compiled in and a test of this room reads them")
    };
    TABLES.iter().map(table).collect()
});

/// Every register, in the order in which they are filled for the first time.
pub fn registers() -> &'static [Definition] {
    &REGISTERS
}

/// The register of this code.
pub fn register(code: &str) -> Option<&'static Definition> {
    registers().iter().find(|one| one.code == code)
}

impl Definition {
    /// The field of this code.
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.code == code)
    }

    /// Where a new row begins.
    pub fn first_state(&self) -> &str {
        self.states.first().map_or("", String::as_str)
    }

    /// Whether a row in this state is over.
    pub fn is_over(&self, state: &str) -> bool {
        self.over.iter().any(|one| one == state)
    }

    /// Whether the fields of a row in this state may be changed.
    pub fn is_open(&self, state: &str) -> bool {
        if self.open.is_empty() { !self.is_over(state) } else { self.open.iter().any(|one| one == state) }
    }

    /// The moves from a state.
    pub fn moves_from<'d>(&'d self, state: &'d str) -> impl Iterator<Item = &'d Move> {
        self.moves.iter().filter(move |one| one.from.iter().any(|from| from == state))
    }

    /// Codes of all findings its rows can have.
    pub fn finding_codes(&self) -> impl Iterator<Item = &str> {
        self.demands.iter().map(|demand| demand.code.as_str())
    }
}

impl Keeper {
    /// The act that lets them.
    pub fn action(self) -> Action {
        match self {
            Self::RegisterKeeper => Action::KeepRegisters,
            Self::TakeOutAsker => Action::RequestTakeOut,
            Self::TakeOutApprover => Action::ApproveTakeOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::demand::Must;
    use super::*;

    fn named(demand: &Demand) -> Vec<&String> {
        let mut fields: Vec<&String> = demand.only.iter().map(|only| &only.field).collect();
        match &demand.must {
            Must::Filled(all) | Must::Yes(all) => fields.extend(all),
            Must::NotPast(field) => fields.push(field),
            Must::Within(fresh) => fields.push(&fresh.field),
            Must::AtLeast(least) => fields.push(&least.field),
            Must::Share(share) => fields.extend([&share.of, &share.to]),
            Must::Any(any) => fields.extend(&any.field),
            Must::Never => {}
        }
        fields
    }

    #[test]
    fn every_register_speaks_of_fields_states_registers_and_controls_that_are_there() {
        let controls = include_str!("../../../guideline/data/checks.toml");
        for one in registers() {
            let at = &one.code;
            let has = |field: &String| assert!(one.field(field).is_some(), "{at}: {field}");
            let is_state = |state: &String| assert!(one.states.contains(state), "{at}: {state}");
            [&one.name].into_iter().chain(&one.due).for_each(has);
            one.over.iter().chain(&one.open).for_each(is_state);
            for one in &one.moves {
                one.from.iter().chain([&one.to]).for_each(is_state);
                one.needs.iter().chain(&one.not_by).for_each(has);
            }
            for demand in &one.demands {
                demand.states.iter().for_each(is_state);
                named(demand).into_iter().for_each(has);
                for only in &demand.only {
                    let field = one.field(&only.field).unwrap();
                    assert!(only.is.iter().all(|code| field.choices.contains(code)), "{at}: {only:?}");
                }
            }
            let proved = one.proves.iter().chain(one.demands.iter().flat_map(|demand| &demand.controls));
            for control in proved {
                assert!(controls.contains(&format!("id = \"{control}\"")), "{at}: {control}");
            }
            for field in &one.fields {
                assert_eq!(field.kind == FieldType::Choice, !field.choices.is_empty(), "{at}: {field:?}");
                assert_eq!(field.kind == FieldType::Reference, field.of.is_some(), "{at}: {field:?}");
                assert!(field.of.as_deref().is_none_or(|of| register(of).is_some()), "{at}: {field:?}");
                field.not_before.iter().for_each(has);
            }
        }
    }
}
