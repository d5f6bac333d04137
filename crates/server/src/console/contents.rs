//! What a view shows, as rows in the order a reader needs them. The same thing told by several institutions is one
//! row with several sources.

use exchange::ShownItem;
use fhir::finding::Language;
use fhir::json::Node;
use jiff::civil::Date;
use store::Information;

use crate::console::clinical::{
    self, Allergy, Condition, Prescription, Result, ResultRow, Series, series_of,
};
use crate::console::reader::Institutions;
use crate::console::time;
use crate::words::word;

/// The six informations as rows.
#[derive(Default)]
pub(crate) struct Contents {
    /// アレルギー, what can kill first.
    pub(crate) allergies: Vec<Sourced<Allergy>>,
    /// 感染症
    pub(crate) infections: Vec<Series>,
    /// 傷病名 that go on.
    pub(crate) conditions: Vec<Sourced<Condition>>,
    /// 傷病名 that are over.
    pub(crate) past_conditions: Vec<Sourced<Condition>>,
    /// 処方
    pub(crate) medicines: Vec<Medicine>,
    /// 検査, what is out of its range first.
    pub(crate) results: Vec<Series>,
}

/// A row with its sources, newest first.
#[derive(Clone, Debug)]
pub(crate) struct Sourced<T> {
    /// The row.
    pub(crate) row: T,
    /// Who said so, and when.
    pub(crate) sources: Vec<Source>,
    /// 未告知: the patient has not been told.
    pub(crate) is_not_told: bool,
    /// 未提供: only its own institution sees it.
    pub(crate) is_withheld: bool,
    /// The ways it came by.
    pub(crate) ways: Vec<Way>,
}

/// One of the ways by which the same fact came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// What kind of unit told it, when it was registered, and by whom.
    pub(crate) label: String,
    /// The document, where the reader's own institution registered it.
    pub(crate) href: Option<String>,
}

/// Names what stands around rows.
pub(crate) struct Surroundings<'a> {
    /// Names of institutions.
    pub(crate) institutions: &'a Institutions,
    /// The reader's own.
    pub(crate) own: Option<&'a str>,
    /// In which language.
    pub(crate) language: Language,
}

/// Where a row comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The day it is about.
    pub(crate) date: String,
    /// The institution, and the department where it is known.
    pub(crate) place: String,
}

/// All prescriptions of one medicine, the newest with its dose.
pub(crate) struct Medicine {
    /// The newest.
    pub(crate) newest: Prescription,
    /// Who prescribed it.
    pub(crate) institution: String,
    /// The ways the newest came by.
    pub(crate) ways: Vec<Way>,
    /// Days of earlier prescriptions.
    pub(crate) older: Vec<String>,
    /// Whether its days are over.
    pub(crate) has_run_out: bool,
}

impl Contents {
    /// The rows of a view's items, which come newest first.
    pub(crate) fn of(items: &[ShownItem], around: &Surroundings<'_>, today: Date) -> Self {
        let mut contents = Self::default();
        let mut infections = Vec::new();
        let mut results = Vec::new();
        for item in items {
            let language = around.language;
            let institution = around.institutions.name(&item.institution);
            let ways = around.ways(item);
            match item.information {
                Information::DrugAllergy | Information::OtherAllergy => {
                    contents.add_allergy(item, institution, ways, language);
                }
                Information::Condition => contents.add_condition(item, institution, ways, language),
                Information::Prescription => contents.add_medicine(item, institution, ways, today),
                Information::Infection => infections.extend(result(item, institution, ways, language)),
                Information::LabResult => results.extend(result(item, institution, ways, language)),
            }
        }
        contents.allergies.sort_by_key(|one| (!one.row.is_active, !one.row.is_high, !one.row.is_drug));
        contents.conditions.sort_by_key(|one| !one.row.is_main);
        contents.infections = series_of(infections, around.language);
        contents.results = series_of(results, around.language);
        contents
    }

    fn add_allergy(&mut self, item: &ShownItem, institution: String, ways: Vec<Way>, language: Language) {
        let of = |node: Node<'_>| Some(Allergy::of(node, language));
        let Some(row) = clinical::read(&item.resource, of) else { return };
        let date = if row.onset.is_empty() { day(item) } else { row.onset.clone() };
        let source = Source { date, place: institution };
        let is_same = |one: &&mut Sourced<Allergy>| {
            one.row.name == row.name && one.row.is_active == row.is_active && one.row.status == row.status
        };
        match self.allergies.iter_mut().find(is_same) {
            Some(known) => {
                known.row.join(row);
                known.add_source(source, ways);
            }
            None => self.allergies.push(Sourced::of(row, source, ways, item)),
        }
    }

    fn add_condition(&mut self, item: &ShownItem, institution: String, ways: Vec<Way>, language: Language) {
        let of = |node: Node<'_>| Some(Condition::of(node, language));
        let Some(row) = clinical::read(&item.resource, of) else { return };
        let place = format!("{institution} {}", row.department).trim_end().to_owned();
        let dates = [row.onset.as_str(), row.end.as_str()].into_iter().filter(|date| !date.is_empty());
        let source = Source { date: dates.collect::<Vec<_>>().join(" – "), place };
        let is_same = |one: &&mut Sourced<Condition>| {
            one.row.name == row.name
                && one.row.status == row.status
                && one.row.doubt == row.doubt
                && one.is_not_told == item.is_not_told
                && one.is_withheld == item.is_withheld
        };
        let rows = if row.is_active { &mut self.conditions } else { &mut self.past_conditions };
        match rows.iter_mut().find(is_same) {
            Some(known) => {
                known.row.is_main |= row.is_main;
                known.add_source(source, ways);
            }
            None => rows.push(Sourced::of(row, source, ways, item)),
        }
    }

    fn add_medicine(&mut self, item: &ShownItem, institution: String, ways: Vec<Way>, today: Date) {
        let of = |node: Node<'_>| Some(Prescription::of(node));
        let Some(newest) = clinical::read(&item.resource, of) else { return };
        match self.medicines.iter_mut().find(|known| known.newest.name == newest.name) {
            Some(known) => {
                if known.newest.date != newest.date && !known.older.contains(&newest.date) {
                    known.older.push(newest.date);
                }
            }
            None => {
                let has_run_out = newest.last_day.is_some_and(|last| last < today);
                self.medicines.push(Medicine { newest, institution, ways, older: Vec::new(), has_run_out });
            }
        }
    }
}

impl<T> Sourced<T> {
    fn of(row: T, source: Source, ways: Vec<Way>, item: &ShownItem) -> Self {
        let (is_not_told, is_withheld) = (item.is_not_told, item.is_withheld);
        Self { row, sources: vec![source], is_not_told, is_withheld, ways }
    }

    fn add_source(&mut self, source: Source, ways: Vec<Way>) {
        self.ways.extend(ways);
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
    }
}

impl Surroundings<'_> {
    /// The ways an item came by.
    fn ways(&self, item: &ShownItem) -> Vec<Way> {
        let way = |source: &exchange::Source| {
            let key = format!("kind.{}", store::kind_code(source.kind));
            let kind = word(self.language, &key);
            let place = self.institutions.name(&source.institution);
            let is_own = self.own == Some(source.institution.as_str()) && !source.kind.is_collection();
            Way {
                label: format!("{kind} {} {place}", time::day(source.received_at)),
                href: is_own.then(|| format!("/documents/{}", source.unit)),
            }
        };
        item.sources.iter().map(way).collect()
    }
}

fn result(item: &ShownItem, institution: String, ways: Vec<Way>, language: Language) -> Option<Result> {
    let row = clinical::read(&item.resource, |node| Some(ResultRow::of(node, language)))?;
    Some(Result { code: item.code.clone(), institution, ways, row })
}

fn day(item: &ShownItem) -> String {
    item.date.unwrap_or_else(|| time::day(item.received_at)).to_string()
}
