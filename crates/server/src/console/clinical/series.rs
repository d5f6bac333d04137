use fhir::finding::Language;

use crate::console::clinical::ResultRow;
use crate::console::svg::{Svg, sparkline};
use crate::words::words_with;

/// All results of one item, newest first, as one row with its course beside the newest number.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// The newest.
    pub(crate) newest: ResultRow,
    /// The institution of the newest.
    pub(crate) institution: String,
    /// The course over the reference band; nothing for a single number or for words.
    pub(crate) course: Option<Svg>,
    /// Older results as text: day and value.
    pub(crate) older: Vec<String>,
}

/// At most this many points are drawn.
const POINTS: usize = 16;

/// Results grouped by code, keeping their order: what asks for attention first, else the order of the newest.
pub(crate) fn series_of(results: Vec<(String, String, ResultRow)>, language: Language) -> Vec<Series> {
    let mut groups: Vec<(String, Vec<(String, ResultRow)>)> = Vec::new();
    for (code, institution, row) in results {
        match groups.iter_mut().find(|(known, _)| !code.is_empty() && *known == code) {
            Some((_, rows)) => rows.push((institution, row)),
            None => groups.push((code, vec![(institution, row)])),
        }
    }
    let mut series: Vec<Series> = groups.into_iter().filter_map(|(_, rows)| one(rows, language)).collect();
    series.sort_by_key(|series| !series.newest.flag.is_notable());
    series
}

fn one(rows: Vec<(String, ResultRow)>, language: Language) -> Option<Series> {
    let course: Vec<&ResultRow> = rows.iter().map(|(_, row)| row).take(POINTS).collect();
    let course = picture(&course, language);
    let mut rows = rows.into_iter();
    let (institution, newest) = rows.next()?;
    let older = rows.map(|(_, row)| format!("{} {}", row.date, row.value)).collect();
    Some(Series { newest, institution, course, older })
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
