use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use fhir::bundle::Bundle;
use fhir::finding::Finding;
use jiff::civil::Date;
use serde::Deserialize;

/// Says which insured numbers are valid on a day and which belong to one person (オンライン資格確認).
pub trait Eligibility: Send + Sync {
    /// Whose an insured number is, or was: `保険者番号:記号:番号:枝番` as it stands in a bundle, or a welfare
    /// recipient's `負担者番号::受給者番号:`. Says nothing of whether it is valid.
    ///
    /// # Errors
    /// [`Ineligible::Unknown`].
    fn owner(&self, member_id: &str) -> Result<Insured, Ineligible>;

    /// Whose an insured number is that something new is to be registered under.
    ///
    /// # Errors
    /// [`Ineligible`], if the number cannot be registered under on that day.
    fn resolve(&self, member_id: &str, on: Date) -> Result<Insured, Ineligible> {
        let insured = self.owner(member_id)?;
        match insured.number(member_id) {
            Some(number) if number.is_valid_on(on) => Ok(insured),
            Some(number) => Err(Ineligible::Expired { until: number.valid_to }),
            None => Err(Ineligible::Unknown),
        }
    }
}

/// A person as the centre knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insured {
    /// Every number of this person, past ones too, in the centre's order.
    pub numbers: Vec<InsuredNumber>,
    /// Who they are, as far as the centre tells.
    pub identity: Option<Identity>,
}

/// An insured number and the days it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsuredNumber {
    /// `保険者番号:記号:番号:枝番`
    pub member_id: String,
    /// Its first day.
    pub valid_from: Date,
    /// Its last day.
    pub valid_to: Option<Date>,
}

/// Who a person is to the centre: what a bundle's Patient can be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// 生年月日
    pub birth_date: Date,
    /// 性別, as FHIR codes it.
    pub sex: String,
    /// カナ氏名; empty where the centre does not tell.
    pub name_kana: String,
}

/// Why nothing can be registered under a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ineligible {
    /// The centre does not know it.
    Unknown,
    /// It was valid, but not on that day.
    Expired {
        /// Its last day, if it has one.
        until: Option<Date>,
    },
}

/// A simulated centre: a table of numbers, periods and persons in memory. Not the national service.
///
/// The table can be replaced while the hub runs: persons are merged, numbers begin and end there, not here.
#[derive(Debug, Default)]
pub struct SimulatedCentre {
    table: RwLock<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// The centre's name for the person of each number.
    persons: HashMap<String, String>,
    insured: HashMap<String, Insured>,
}

/// One row of the simulated centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedMember {
    /// The centre's own name for the person.
    pub person: String,
    /// The insured number.
    pub member_id: String,
    /// Its first day.
    pub valid_from: Date,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// Who the person is.
    pub identity: Option<Identity>,
}

/// A line of the table as it is written.
#[derive(Deserialize)]
struct Line {
    person: String,
    member_id: String,
    valid_from: Date,
    valid_to: Option<Date>,
    #[serde(default)]
    birth_date: Option<Date>,
    #[serde(default)]
    sex: String,
    #[serde(default)]
    name_kana: String,
}

impl Insured {
    /// Every number of this person.
    pub fn member_ids(&self) -> Vec<String> {
        self.numbers.iter().map(|number| number.member_id.clone()).collect()
    }

    /// One of this person's numbers, with its days.
    pub fn number(&self, member_id: &str) -> Option<&InsuredNumber> {
        self.numbers.iter().find(|number| number.member_id == member_id)
    }
}

impl InsuredNumber {
    /// Whether it is valid on a day.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

impl SimulatedCentre {
    /// A centre that knows these numbers.
    pub fn of(members: impl IntoIterator<Item = SimulatedMember>) -> Self {
        Self { table: RwLock::new(Table::of(members)) }
    }

    /// Reads rows of `person,member_id,valid_from,valid_to` and, where they are told, `birth_date,sex,name_kana`,
    /// after a line with these names. Dates as 2026-04-01; `valid_to` may be empty.
    ///
    /// # Errors
    /// The line that is wrong, and why.
    pub fn from_csv(text: &str) -> Result<Self, String> {
        Ok(Self::of(members(text)?))
    }

    /// Knows from now on only what this text says, in the form of [`Self::from_csv`].
    ///
    /// # Errors
    /// The line that is wrong, and why; then everything stays as it was.
    pub fn replace(&self, text: &str) -> Result<(), String> {
        let table = Table::of(members(text)?);
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = table;
        Ok(())
    }
}

impl Table {
    fn of(members: impl IntoIterator<Item = SimulatedMember>) -> Self {
        let mut table = Self::default();
        for member in members {
            let insured = table
                .insured
                .entry(member.person.clone())
                .or_insert_with(|| Insured { numbers: Vec::new(), identity: None });
            insured.numbers.push(InsuredNumber {
                member_id: member.member_id.clone(),
                valid_from: member.valid_from,
                valid_to: member.valid_to,
            });
            insured.identity = member.identity.or(insured.identity.take());
            table.persons.insert(member.member_id, member.person);
        }
        table
    }
}

impl Eligibility for SimulatedCentre {
    fn owner(&self, member_id: &str) -> Result<Insured, Ineligible> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let person = table.persons.get(member_id).ok_or(Ineligible::Unknown)?;
        table.insured.get(person).cloned().ok_or(Ineligible::Unknown)
    }
}

impl<E: Eligibility + ?Sized> Eligibility for Arc<E> {
    fn owner(&self, member_id: &str) -> Result<Insured, Ineligible> {
        (**self).owner(member_id)
    }
}

/// What a bundle's Patient tells differently from the centre: a number read from the wrong card is noticed here. What
/// the centre knows is not told.
pub(crate) fn other_identity(centre: &dyn Eligibility, bundle: Bundle<'_>) -> Vec<Finding> {
    let identity = bundle.member_id().and_then(|number| centre.owner(number).ok()?.identity);
    let Some((identity, patient)) = identity.zip(bundle.patient()) else { return Vec::new() };
    let birth_date = identity.birth_date.to_string();
    let told = [("birthDate", birth_date.as_str()), ("gender", identity.sex.as_str())];
    let differs = told.into_iter().filter(|(element, known)| {
        !known.is_empty() && patient.text_at(&[element]).is_some_and(|told| told != *known)
    });
    let finding = |(element, _)| {
        let place = format!("Bundle.entry.resource.ofType(Patient).{element}");
        Finding::new("member-other-identity").at(place).found(element)
    };
    differs.map(finding).collect()
}

fn members(text: &str) -> Result<Vec<SimulatedMember>, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let lines = reader.deserialize::<Line>();
    lines.map(|line| line.map(member).map_err(|error| told(&error))).collect()
}

fn member(line: Line) -> SimulatedMember {
    let Line { person, member_id, valid_from, valid_to, birth_date, sex, name_kana } = line;
    let identity = birth_date.map(|birth_date| Identity { birth_date, sex, name_kana });
    SimulatedMember { person, member_id, valid_from, valid_to, identity }
}

fn told(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => format!("line {line}: {err}"),
        _ => format!("line {line}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TABLE: &str = "person,member_id,valid_from,valid_to\n\
        K1,00000012:架空:1:01,2024-04-01,2025-09-30\nK1,00000020::77:,2025-10-01,\n";

    #[test]
    fn one_person_is_known_by_every_number_they_have_had() {
        let centre = SimulatedCentre::from_csv(TABLE).unwrap();
        let insured = centre.resolve("00000020::77:", date(2026, 1, 1)).unwrap();
        assert_eq!(insured.member_ids(), ["00000012:架空:1:01", "00000020::77:"]);
    }

    #[test]
    fn a_number_is_refused_after_its_last_day_and_before_its_first() {
        let centre = SimulatedCentre::from_csv(TABLE).unwrap();
        let until = Some(date(2025, 9, 30));
        let old = "00000012:架空:1:01";
        assert!(centre.resolve(old, date(2025, 9, 30)).is_ok());
        assert_eq!(centre.resolve(old, date(2025, 10, 1)), Err(Ineligible::Expired { until }));
        assert_eq!(centre.resolve(old, date(2024, 3, 31)), Err(Ineligible::Expired { until }));
        assert_eq!(centre.resolve("00000012:::", date(2025, 1, 1)), Err(Ineligible::Unknown));
    }

    #[test]
    fn a_broken_row_is_named_by_its_line() {
        let error = SimulatedCentre::from_csv("person,member_id,valid_from,valid_to\nK1,x,2024-13-01,\n")
            .unwrap_err();
        assert!(error.starts_with("line 2: "), "{error}");
    }

    #[test]
    fn whose_a_number_was_is_told_after_its_last_day_too() {
        let centre = SimulatedCentre::from_csv(TABLE).unwrap();
        assert_eq!(centre.owner("00000012:架空:1:01"), centre.owner("00000020::77:"));
        assert_eq!(centre.owner("00000012:架空:2:01"), Err(Ineligible::Unknown));
    }

    #[test]
    fn what_the_centre_says_can_change_and_a_broken_table_changes_nothing() {
        let centre = SimulatedCentre::from_csv(TABLE).unwrap();
        assert!(centre.replace("person,member_id,valid_from,valid_to\nK1,x,yesterday,\n").is_err());
        assert!(centre.owner("00000020::77:").is_ok());
        let born = "K2,00000012:架空:1:03,2026-10-30,,2026-10-30,female,カクウ　ユメ";
        let heading = "person,member_id,valid_from,valid_to,birth_date,sex,name_kana";
        centre.replace(&format!("{heading}\n{born}\n")).unwrap();
        assert_eq!(centre.owner("00000020::77:"), Err(Ineligible::Unknown));
        let identity = centre.owner("00000012:架空:1:03").unwrap().identity.unwrap();
        assert_eq!((identity.birth_date, identity.sex.as_str()), (date(2026, 10, 30), "female"));
    }
}
