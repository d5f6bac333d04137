//! The model project's figures as JSON and as CSV.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use exchange::{Days, Figure, Figures, Measure};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::App;
use crate::answer::Refused;
use crate::door::Visitor;

/// What a figure may be counted by, in the order of the columns.
const LABELS: [&str; 12] = [
    "day",
    "institution",
    "vendor",
    "kind",
    "rule",
    "state",
    "days",
    "statistic",
    "purpose",
    "basis",
    "finding",
    "who",
];

/// `GET /api/v1/figures?from=&to=&format=json|csv`.
pub(crate) async fn figures(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let given = |name: &str| parameters.get(name).map(String::as_str);
    let days = days(given("from"), given("to"), visitor.act.now);
    let days = days.ok_or_else(|| Refused::bad_request("answer.days-needed", visitor.language))?;
    let is_csv = match given("format") {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Refused::bad_request("answer.format-unknown", visitor.language)),
    };
    let figures = app.exchange.figures(&visitor.viewer, days, &visitor.act).await;
    let figures = figures.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    if is_csv {
        let name = format!("attachment; filename=\"figures-{}-{}.csv\"", days.from, days.to);
        let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
        return Ok((headers, as_csv(&figures)).into_response());
    }
    Ok(([(CONTENT_TYPE, "application/json")], as_json(&figures).to_string()).into_response())
}

/// The days a reader asked for; the usual ones where none are named. None if they cannot be counted.
pub(crate) fn days(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Option<Days> {
    let usual = Days::usual(now);
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::parse).transpose().ok();
    let to = given(to)?.unwrap_or(usual.to);
    let from = given(from)?.unwrap_or_else(|| Days::ending(to).from);
    Some(Days { from, to }).filter(|days| days.are_countable())
}

fn as_json(figures: &Figures) -> Value {
    let list = figures.list.iter().map(|figure| {
        let by: serde_json::Map<String, Value> =
            figure.by.iter().map(|(label, value)| ((*label).to_owned(), json!(value))).collect();
        let (value, text, unit) = told(figure);
        json!({"figure": figure.name, "by": by, "value": value, "text": text, "unit": unit})
    });
    json!({
        "from": figures.days.from.to_string(),
        "to": figures.days.to.to_string(),
        "institution": figures.institution,
        "figures": list.collect::<Vec<_>>(),
    })
}

fn as_csv(figures: &Figures) -> String {
    let mut csv = format!("figure,{},value,unit\r\n", LABELS.join(","));
    for figure in &figures.list {
        let labels = LABELS.map(|label| {
            let found = figure.by.iter().find(|(name, _)| *name == label);
            found.map(|(_, value)| quoted(value)).unwrap_or_default()
        });
        let (_, text, unit) = told(figure);
        csv.push_str(&format!("{},{},{text},{unit}\r\n", figure.name, labels.join(",")));
    }
    csv
}

/// The value as a number where it is told, as text, and its unit.
fn told(figure: &Figure) -> (Option<i64>, String, &'static str) {
    let number = |value: u64| i64::try_from(value).ok();
    match figure.value {
        Measure::Count(count) => (number(count), count.to_string(), "count"),
        Measure::Few => (None, "<10".to_owned(), "count"),
        Measure::Seconds(seconds) => (Some(seconds), seconds.to_string(), "seconds"),
        Measure::Percent(share) => (number(share), share.to_string(), "percent"),
    }
}

/// A field of CSV (RFC 4180). What a table program would take for a formula is made text.
fn quoted(text: &str) -> String {
    let text =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_can_neither_break_a_line_nor_start_a_formula() {
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("電子カルテ社"), "電子カルテ社");
    }

    #[test]
    fn days_out_of_order_or_too_many_are_not_counted() {
        let now = "2026-04-01T09:00:00+09:00".parse().unwrap();
        assert_eq!(days(None, None, now).unwrap().to.to_string(), "2026-04-01");
        assert_eq!(days(Some(""), Some("2026-03-01"), now).unwrap().from.to_string(), "2026-02-02");
        assert!(days(Some("2026-04-02"), Some("2026-04-01"), now).is_none());
        assert!(days(Some("2020-01-01"), Some("2026-04-01"), now).is_none());
        assert!(days(Some("soon"), None, now).is_none());
    }
}
