use std::collections::HashMap;

use jiff::civil::Date;

/// Says which insured numbers are valid on a day and which belong to one person (オンライン資格確認).
pub trait Eligibility: Send + Sync {
    /// Looks up an insured number as it stands in a bundle: `保険者番号:記号:番号:枝番`.
    ///
    /// # Errors
    /// [`Ineligible`], if the number cannot be registered under on that day.
    fn resolve(&self, member_id: &str, on: Date) -> Result<Insured, Ineligible>;
}

/// A person as the centre knows them: all their insured numbers, the one asked for included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insured {
    /// Every number of this person, past ones too.
    pub member_ids: Vec<String>,
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
#[derive(Debug, Default)]
pub struct SimulatedCentre {
    members: HashMap<String, SimulatedMember>,
    persons: HashMap<String, Vec<String>>,
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
}

impl SimulatedCentre {
    /// A centre that knows these numbers.
    pub fn of(members: impl IntoIterator<Item = SimulatedMember>) -> Self {
        let mut centre = Self::default();
        for member in members {
            centre.persons.entry(member.person.clone()).or_default().push(member.member_id.clone());
            centre.members.insert(member.member_id.clone(), member);
        }
        centre
    }

    /// Reads rows of `person,member_id,valid_from,valid_to` (dates as 2026-04-01; the last may be empty), after a
    /// heading line.
    ///
    /// # Errors
    /// The line that is wrong, and why.
    pub fn from_csv(text: &str) -> Result<Self, String> {
        let rows = text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
        rows.map(|(index, line)| parse_row(line).map_err(|why| format!("line {}: {why}", index + 1)))
            .collect::<Result<Vec<_>, _>>()
            .map(Self::of)
    }
}

impl Eligibility for SimulatedCentre {
    fn resolve(&self, member_id: &str, on: Date) -> Result<Insured, Ineligible> {
        let member = self.members.get(member_id).ok_or(Ineligible::Unknown)?;
        if on < member.valid_from || member.valid_to.is_some_and(|last| last < on) {
            return Err(Ineligible::Expired { until: member.valid_to });
        }
        Ok(Insured { member_ids: self.persons.get(&member.person).cloned().unwrap_or_default() })
    }
}

fn parse_row(line: &str) -> Result<SimulatedMember, String> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let [person, member_id, valid_from, valid_to] = fields[..] else {
        return Err(format!("expected 4 fields, found {}", fields.len()));
    };
    let date = |text: &str| text.parse::<Date>().map_err(|error| error.to_string());
    Ok(SimulatedMember {
        person: person.to_owned(),
        member_id: member_id.to_owned(),
        valid_from: date(valid_from)?,
        valid_to: if valid_to.is_empty() { None } else { Some(date(valid_to)?) },
    })
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
        assert_eq!(insured.member_ids, ["00000012:架空:1:01", "00000020::77:"]);
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
}
