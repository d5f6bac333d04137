use fhir::finding::Language;

use crate::console::clinical::ResultRow;
use crate::console::contents::Way;
use crate::console::svg::{Svg, sparkline};
use crate::words::words_with;

/// One result with what it is counted under and where it comes from.
pub(crate) struct Result {
    /// The tested item's code.
    pub(crate) code: String,
    /// The institution that registered it.
    pub(crate) institution: String,
    /// The ways it came by.
    pub(crate) ways: Vec<Way>,
    /// What came out.
    pub(crate) row: ResultRow,
}

/// All results of one item, newest first, as one row with its course beside the newest number.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// The newest.
    pub(crate) newest: ResultRow,
    /// The institution of the newest.
    pub(crate) institution: String,
    /// The ways the newest came by.
    pub(crate) ways: Vec<Way>,
    /// The course over the reference band; nothing for a single number or for words.
    pub(crate) course: Option<Svg>,
    /// Older results as text: day and value.
    pub(crate) older: Vec<String>,
}

/// At most this many points are drawn.
const POINTS: usize = 16;

/// Results grouped by code, keeping their order: what asks for attention first, else the order of the newest.
pub(crate) fn series_of(results: Vec<Result>, language: Language) -> Vec<Series> {
    let mut groups: Vec<Vec<Result>> = Vec::new();
    for result in results {
        let is_same = |group: &&mut Vec<Result>| !result.code.is_empty() && group[0].code == result.code;
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(result),
            None => groups.push(vec![result]),
        }
    }
    let mut series: Vec<Series> = groups.into_iter().filter_map(|group| one(group, language)).collect();
    series.sort_by_key(|series| !series.newest.flag.is_notable());
    series
}

fn one(results: Vec<Result>, language: Language) -> Option<Series> {
    let course: Vec<&ResultRow> = results.iter().map(|result| &result.row).take(POINTS).collect();
    let course = picture(&course, language);
    let mut results = results.into_iter();
    let Result { institution, ways, row: newest, .. } = results.next()?;
    let older = results.map(|Result { row, .. }| format!("{} {}", row.date, row.value)).collect();
    Some(Series { newest, institution, ways, course, older })
}

fn picture(newest_first: &[&ResultRow], language: Language) -> Option<Svg> {
    let newest = newest_first.first()?;
    let same = newest_first.iter().filter(|row| row.number.is_some() && row.unit == newest.unit);
    let points: Vec<&&ResultRow> = same.collect();
    if points.len() < 2 {
        return None;
    }
    let numbers: Vec<f64> = points.iter().rev().filter_map(|row| row.number).collect();
    let said: Vec<String> = points.iter().rev().map(|row| format!("{} {}", row.date, row.value)).collect();
    let label = words_with(
        language,
        "result.course-of",
        &[("name", &newest.name), ("values", &said.join(", ")), ("range", &newest.range)],
    );
    Some(sparkline(&numbers, newest.low, newest.high, &label))
}
