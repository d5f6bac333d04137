//! When two resources tell the same fact: of one institution, code and day they say the same. A fact is shown once,
//! by its newest telling, with all its sources.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fhir::bundle::resource_type;
use fhir::json::Node;
use jiff::civil::Date;
use store::{Heading, Information, Item};

/// A fact and everything that tells it.
pub(crate) struct Fact<'h> {
    /// The unit registered last of those that tell it.
    pub(crate) heading: &'h Heading,
    /// How that unit tells it.
    pub(crate) item: &'h Item,
    /// Who else tells it, newest first.
    pub(crate) also: Vec<(&'h Heading, &'h Item)>,
    /// 未告知, by whichever telling: what one registration hides, another does not give away.
    pub(crate) is_not_told: bool,
    /// 未提供, likewise.
    pub(crate) is_withheld: bool,
}

/// What a fact is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Matter<'h> {
    institution: &'h str,
    information: Information,
    code: &'h str,
    date: Option<Date>,
}

/// The facts of some informations, newest first. `headings` come in the order of registration.
pub(crate) fn facts<'h>(headings: &'h [Heading], asked: &[Information]) -> Vec<Fact<'h>> {
    let mut facts: Vec<Fact<'h>> = Vec::new();
    let mut known: HashMap<(Matter<'h>, &'h str, usize), usize> = HashMap::new();
    let mut flags: HashMap<Matter<'h>, (bool, bool)> = HashMap::new();
    for heading in headings.iter().rev() {
        // What one unit tells twice happened twice.
        let mut told: HashMap<(Matter<'h>, &'h str), usize> = HashMap::new();
        for item in heading.index.items.iter().filter(|item| asked.contains(&item.information)) {
            let matter = Matter::of(heading, item);
            let (is_not_told, is_withheld) = flags.entry(matter).or_default();
            *is_not_told |= item.is_not_told;
            *is_withheld |= item.is_withheld;
            let nth = told.entry((matter, &item.says)).or_default();
            *nth += 1;
            match known.entry((matter, &item.says, *nth)) {
                Entry::Occupied(fact) if !item.code.is_empty() => {
                    facts[*fact.get()].also.push((heading, item))
                }
                entry => {
                    entry.insert_entry(facts.len());
                    facts.push(Fact {
                        heading,
                        item,
                        also: Vec::new(),
                        is_not_told: false,
                        is_withheld: false,
                    });
                }
            }
        }
    }
    for fact in &mut facts {
        let flags = flags.get(&Matter::of(fact.heading, fact.item)).copied();
        (fact.is_not_told, fact.is_withheld) = flags.unwrap_or_default();
    }
    facts.sort_by_key(|fact| std::cmp::Reverse((fact.item.date, fact.heading.received_at)));
    facts
}

impl<'h> Fact<'h> {
    /// Everything that tells it, newest first.
    pub(crate) fn tellings(&self) -> impl Iterator<Item = (&'h Heading, &'h Item)> {
        std::iter::once((self.heading, self.item)).chain(self.also.iter().copied())
    }
}

impl<'h> Matter<'h> {
    fn of(heading: &'h Heading, item: &'h Item) -> Self {
        Self {
            institution: &heading.institution,
            information: item.information,
            code: &item.code,
            date: item.date,
        }
    }
}

/// What a resource says, in short.
///
/// A result says its value and hour, a prescription its use, dose and length, an allergy how grave it is: where these
/// differ, both stand. A disease says its name alone, for its newest registration tells how it stands now.
pub(crate) fn said(resource: Node<'_>) -> String {
    let parts = match resource_type(resource) {
        "Observation" => {
            let mut parts = value(resource);
            parts.push(resource.text_at(&["effectiveDateTime"]).and_then(|text| text.get(11..16)));
            parts
        }
        "MedicationRequest" => prescription(resource),
        "AllergyIntolerance" => vec![name(resource), resource.text_at(&["criticality"])],
        _ => vec![name(resource)],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn name(resource: Node<'_>) -> Option<&str> {
    resource.text_at(&["code", "text"])
}

fn value(resource: Node<'_>) -> Vec<Option<&str>> {
    let number = |element: &str| resource.at(&[element])?.number_text();
    let text = |path: &[&str]| resource.text_at(path);
    let mut parts = quantity(resource.get("valueQuantity"));
    parts.extend([
        text(&["valueCodeableConcept", "coding", "code"]).or_else(|| text(&["valueCodeableConcept", "text"])),
        text(&["valueString"]),
        text(&["valueDateTime"]),
        number("valueInteger"),
        text(&["dataAbsentReason", "text"]),
    ]);
    parts.extend(resource.all(&["component"]).iter().flat_map(|part| value(*part)));
    parts
}

fn prescription(resource: Node<'_>) -> Vec<Option<&str>> {
    let dosage = resource.at(&["dosageInstruction"]);
    let at = |path: &[&str]| dosage.and_then(|dosage| dosage.at(path));
    let usage = at(&["timing", "code", "coding", "code"]).and_then(Node::str);
    let mut parts = vec![usage.or_else(|| at(&["text"])?.str())];
    parts.extend(quantity(at(&["doseAndRate", "doseQuantity"])));
    parts.extend(quantity(resource.at(&["dispenseRequest", "expectedSupplyDuration"])));
    parts.extend(quantity(resource.at(&["dispenseRequest", "quantity"])));
    parts
}

fn quantity(quantity: Option<Node<'_>>) -> Vec<Option<&str>> {
    let Some(quantity) = quantity else { return Vec::new() };
    let unit = quantity.text_at(&["code"]).or_else(|| quantity.text_at(&["unit"]));
    vec![quantity.text_at(&["comparator"]), quantity.get("value").and_then(Node::number_text), unit]
}

#[cfg(test)]
mod tests {
    use fhir::json::{Json, Limits};

    use super::*;

    fn saying(text: &str) -> String {
        said(Json::parse(text.as_bytes(), &Limits::default()).unwrap().root())
    }

    #[test]
    fn a_result_says_its_value_and_unit_however_its_unit_is_spelt_out() {
        let result = |value: &str, unit: &str| {
            saying(&format!(
                r#"{{"resourceType":"Observation","valueQuantity":{{"value":{value},"unit":"{unit}","code":"mmol/L"}}}}"#
            ))
        };
        assert_eq!(result("4.10", "mmol/L"), "4.10 mmol/L");
        assert_eq!(result("4.10", "ｍｍｏｌ/L"), "4.10 mmol/L");
        assert_ne!(result("4.10", "mmol/L"), result("4.11", "mmol/L"));
    }

    #[test]
    fn a_disease_says_its_name_whether_it_goes_on_or_not() {
        let disease = |status: &str| {
            saying(&format!(
                r#"{{"resourceType":"Condition","code":{{"text":"左乳癌"}},"clinicalStatus":{{"coding":[{{"code":"{status}"}}]}}}}"#
            ))
        };
        assert_eq!(disease("active"), disease("resolved"));
    }

    #[test]
    fn another_dose_or_length_is_another_prescription() {
        let taken = |dose: u8, days: u8| {
            saying(&format!(
                r#"{{"resourceType":"MedicationRequest","dosageInstruction":[{{"text":"1日1回","doseAndRate":[{{"doseQuantity":
                {{"value":{dose},"unit":"錠"}}}}]}}],"dispenseRequest":{{"expectedSupplyDuration":{{"value":{days},"code":"d"}}}}}}"#
            ))
        };
        assert_eq!(taken(1, 28), "1日1回 1 錠 28 d");
        assert_ne!(taken(1, 28), taken(2, 28));
        assert_ne!(taken(1, 28), taken(1, 14));
    }
}
