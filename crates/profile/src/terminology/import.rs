//! Tables of codes as their makers give them out.

use std::collections::BTreeMap;

use super::sheet::{Sheet, day};
use super::table::CodeTable;
use super::{CodeSystem, Concept, Content, Designation};

/// How to read a table. What is left out is taken from the line of names if it is that of a known table.
///
/// A column is told by its name in the first line, or by its number, the first being 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableForm {
    /// The system of all codes.
    pub system: Option<String>,
    /// The table's version.
    pub version: Option<String>,
    /// Whether the table holds only some of the codes.
    pub is_fragment: bool,
    /// Whether the first line is a code already, and columns have no names.
    pub has_no_names: bool,
    /// The column of each code's system, where they differ.
    pub system_column: Option<String>,
    /// The column of codes.
    pub code: Option<String>,
    /// The column of displays.
    pub display: Option<String>,
    /// The column of the first day on which a code may be used.
    pub valid_from: Option<String>,
    /// The column of the last day.
    pub valid_to: Option<String>,
    /// Columns of other words for a code.
    pub others: Vec<String>,
}

/// A table that is known by its names, so that nobody need tell its columns.
struct Known {
    code: &'static str,
    display: &'static str,
    from: &'static str,
    to: &'static str,
    others: &'static [&'static str],
    /// The system by how the code begins.
    systems: &'static [(&'static str, &'static str)],
}

const FOOD: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS";
const OTHER: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyNonFoodNonMedicationAllergen_CS";

/// J-FAGY as its makers publish it; the systems as in JP Core 1.1.2.
const KNOWN: &[Known] = &[Known {
    code: "JFAGYCODE",
    display: "JPTERM",
    from: "RECORDDATE",
    to: "ENDDATE",
    others: &["ENTERM"],
    systems: &[("J9F", FOOD), ("D9F", FOOD), ("00F", FOOD), ("J9N", OTHER), ("D9N", OTHER), ("00N", OTHER)],
}];

/// Why a table cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// Neither UTF-8 nor Shift_JIS.
    Encoding,
    /// No column of codes is told or known.
    NoCode,
    /// No system is told or known.
    NoSystem,
    /// No line holds a code.
    Empty,
}

impl Unusable {
    /// Every reason, for tests.
    pub const ALL: [Self; 4] = [Self::Encoding, Self::NoCode, Self::NoSystem, Self::Empty];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Encoding => "table-encoding",
            Self::NoCode => "table-no-code",
            Self::NoSystem => "table-no-system",
            Self::Empty => "table-empty",
        }
    }
}

/// The table, and the numbers of the lines that were passed over because they hold no code of a known system.
pub(crate) fn read(name: &str, bytes: &[u8], form: &TableForm) -> Result<(CodeTable, Vec<u64>), Unusable> {
    let sheet = Sheet::read(bytes, form.has_no_names)?;
    let columns = Columns::of(form, &sheet)?;
    let mut systems: BTreeMap<String, Vec<Concept>> = BTreeMap::new();
    let mut passed = Vec::new();
    for (line, cells) in &sheet.lines {
        let cell = |place: Option<usize>| place.and_then(|place| cells.get(place)).map_or("", String::as_str);
        let Some((system, concept)) = columns.concept(&cell) else {
            passed.push(*line);
            continue;
        };
        systems.entry(system).or_default().push(concept);
    }
    if systems.is_empty() {
        return Err(Unusable::Empty);
    }
    let content = if form.is_fragment { Content::Fragment } else { Content::Complete };
    let made = systems.into_iter().map(|(system, concepts)| {
        CodeSystem::of(&system, form.version.as_deref(), content, joined(concepts))
    });
    Ok((CodeTable { name: name.to_owned(), is_complete: !form.is_fragment, systems: made.collect() }, passed))
}

struct Columns<'f> {
    system: Option<&'f str>,
    by_start: &'static [(&'static str, &'static str)],
    system_column: Option<usize>,
    code: usize,
    display: Option<usize>,
    from: Option<usize>,
    to: Option<usize>,
    others: Vec<usize>,
}

impl<'f> Columns<'f> {
    fn of(form: &'f TableForm, sheet: &Sheet) -> Result<Self, Unusable> {
        let known = KNOWN.iter().find(|known| sheet.names.iter().any(|name| name == known.code));
        let place = |told: Option<&str>| sheet.column(told?);
        let or = |told: &'f Option<String>, known: Option<&'static str>| place(told.as_deref().or(known));
        let others: Vec<&str> = match known {
            Some(known) if form.others.is_empty() => known.others.to_vec(),
            _ => form.others.iter().map(String::as_str).collect(),
        };
        let columns = Self {
            system: form.system.as_deref(),
            by_start: known.map_or(&[], |known| known.systems),
            system_column: place(form.system_column.as_deref()),
            code: or(&form.code, known.map(|known| known.code)).ok_or(Unusable::NoCode)?,
            display: or(&form.display, known.map(|known| known.display)),
            from: or(&form.valid_from, known.map(|known| known.from)),
            to: or(&form.valid_to, known.map(|known| known.to)),
            others: others.into_iter().filter_map(|other| place(Some(other))).collect(),
        };
        if columns.system.is_none() && columns.system_column.is_none() && columns.by_start.is_empty() {
            return Err(Unusable::NoSystem);
        }
        Ok(columns)
    }

    /// The concept of a line and its system; none if the line has no code, or one of no system.
    fn concept<'c>(&self, cell: &impl Fn(Option<usize>) -> &'c str) -> Option<(String, Concept)> {
        let told = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let code = told(cell(Some(self.code)))?;
        let by_start =
            || self.by_start.iter().find(|(start, _)| code.starts_with(start)).map(|(_, system)| *system);
        let column = told(cell(self.system_column));
        let system = column.or_else(|| self.system.or_else(by_start).map(str::to_owned))?;
        let words = self.others.iter().filter_map(|place| told(cell(Some(*place))));
        let concept = Concept {
            display: told(cell(self.display)),
            designations: words.map(|value| Designation { language: None, value }).collect(),
            valid_from: day(cell(self.from)),
            valid_to: day(cell(self.to)),
            code,
            ..Concept::default()
        };
        Some((system, concept))
    }
}

/// Lines of one code become one concept: the first display, and the others as other words.
fn joined(concepts: Vec<Concept>) -> Vec<Concept> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut joined: Vec<Concept> = Vec::with_capacity(concepts.len());
    for mut concept in concepts {
        let Some(place) = places.get(&concept.code) else {
            places.insert(concept.code.clone(), joined.len());
            joined.push(concept);
            continue;
        };
        let standing = &mut joined[*place];
        let more = concept.display.take().map(|value| Designation { language: None, value });
        for word in more.into_iter().chain(concept.designations) {
            let is_new =
                standing.display.as_ref() != Some(&word.value) && !standing.designations.contains(&word);
            if is_new {
                standing.designations.push(word);
            }
        }
        // The code may be used while any of its lines allows it; no bound is the widest.
        standing.valid_from =
            standing.valid_from.take().zip(concept.valid_from).map(|(one, other)| one.min(other));
        standing.valid_to = standing.valid_to.take().zip(concept.valid_to).map(|(one, other)| one.max(other));
    }
    joined
}
