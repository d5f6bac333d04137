//! 検証室: what is wrong with a bundle, where, and how to mend it. Nothing that is sent here is kept.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use fhir::finding::{Finding, Findings, Language, Severity};

use crate::App;
use crate::console::form::{read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;

const SAMPLE: &str = include_str!("../../assets/sample-bundle.json");

#[derive(Template)]
#[template(path = "validator.html")]
pub(crate) struct ValidatorPage {
    frame: Frame,
    source: String,
    error: Option<String>,
    verdict: Option<Verdict>,
}

/// What was found, errors first.
struct Verdict {
    is_acceptable: bool,
    sentence: String,
    groups: Vec<Group>,
}

/// All findings of one rule.
struct Group {
    rule: String,
    code: &'static str,
    severity: String,
    is_error: bool,
    message: String,
    source: &'static str,
    places: Vec<Place>,
}

/// One place where the rule is broken.
struct Place {
    message: String,
    mend: String,
    expression: String,
    line: Option<Line>,
    found: Option<String>,
    expected: Option<String>,
}

/// The line of a place, with the place marked.
struct Line {
    number: u32,
    column: u32,
    before: String,
    marked: String,
    after: String,
}

/// What a form adds around a bundle.
const FORM_BYTES: usize = 64 << 10;

/// `GET /validator?sample=1`.
pub(crate) async fn validator_page(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let has_sample = reader.place.query.split('&').any(|pair| pair == "sample=1");
    let source = if has_sample { SAMPLE.to_owned() } else { String::new() };
    page(reader.frame(&app), source, None, None)
}

/// `POST /validator`.
pub(crate) async fn validate(
    State(app): State<Arc<App>>,
    reader: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    // Urlencoding makes a body up to three times as long.
    let limit = app.exchange.limits.bytes * 3 + FORM_BYTES;
    let mut fields = read_form(&headers, body, limit, reader.language())
        .await
        .map_err(|status| Refusal::of_status(reader.frame(&app), status))?;
    let file = fields.remove("file").filter(|file| !file.is_empty());
    let bytes = file.unwrap_or_else(|| text(&fields, "bundle").into_bytes());
    let frame = reader.frame(&app);
    if bytes.is_empty() {
        let error = frame.word("validator.missing").to_owned();
        return Ok(page(frame.with_error(), String::new(), Some(error), None));
    }
    let findings = app.exchange.validate(&bytes);
    let verdict = Verdict::of(&findings, &bytes, &frame);
    Ok(page(frame, String::from_utf8_lossy(&bytes).into_owned(), None, Some(verdict)))
}

fn page(frame: Frame, source: String, error: Option<String>, verdict: Option<Verdict>) -> Response {
    let title = match &verdict {
        Some(verdict) if verdict.is_acceptable => frame.word("validator.title-good"),
        Some(_) => frame.word("validator.title-bad"),
        None => frame.word("validator.title"),
    };
    let title = title.to_owned();
    let page = ValidatorPage { frame: frame.titled(title), source, error, verdict };
    page.frame.answer(StatusCode::OK, &page)
}

impl Verdict {
    fn of(findings: &Findings, bytes: &[u8], frame: &Frame) -> Self {
        let count =
            |severity| findings.0.iter().filter(|finding| finding.severity == severity).count().to_string();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let key = match (findings.has_errors(), warnings.as_str()) {
            (true, _) => "validator.bad",
            (false, "0") => "validator.good",
            (false, _) => "validator.good-with-warnings",
        };
        let values = [("errors", errors.as_str()), ("warnings", warnings.as_str())];
        Self {
            is_acceptable: !findings.has_errors(),
            sentence: crate::words::words_with(frame.language, key, &values),
            groups: groups(findings, bytes, frame),
        }
    }
}

fn groups(findings: &Findings, bytes: &[u8], frame: &Frame) -> Vec<Group> {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let mut groups: Vec<Group> = Vec::new();
    for finding in &findings.0 {
        let place = Place::of(finding, &lines, frame.language);
        match groups.iter_mut().find(|group| group.code == finding.code) {
            Some(group) => group.places.push(place),
            None => groups.push(Group {
                rule: finding.rule.as_deref().unwrap_or(finding.key).to_owned(),
                code: finding.code,
                severity: frame.word(&format!("severity.{}", finding.severity.code())).to_owned(),
                is_error: finding.severity == Severity::Error,
                message: finding.message(frame.language),
                source: finding.source,
                places: vec![place],
            }),
        }
    }
    groups
}

impl Place {
    fn of(finding: &Finding, lines: &[&[u8]], language: Language) -> Self {
        let line = finding.position.and_then(|position| {
            let line = lines.get(usize::try_from(position.line).ok()?.checked_sub(1)?)?;
            Some(Line::of(&String::from_utf8_lossy(line), position.line, position.column))
        });
        Self {
            message: finding.message(language),
            mend: finding.mend(language),
            expression: finding.expression.clone(),
            line,
            found: finding.found.clone(),
            expected: finding.expected.clone(),
        }
    }
}

/// This much of a line is shown before the place, and at most this much from it on.
const BEFORE: usize = 60;
const MARKED: usize = 60;
const AFTER: usize = 40;

impl Line {
    fn of(line: &str, number: u32, column: u32) -> Self {
        let characters: Vec<char> = line.trim_end().chars().collect();
        let at = (column as usize).saturating_sub(1).min(characters.len());
        let end = (at + token_length(&characters[at..]).min(MARKED)).min(characters.len());
        let from = at.saturating_sub(BEFORE);
        let until = (end + AFTER).min(characters.len());
        let text = |range: std::ops::Range<usize>| characters[range].iter().collect::<String>();
        let (more_before, more_after) =
            (if from > 0 { "…" } else { "" }, if until < characters.len() { "…" } else { "" });
        Self {
            number,
            column,
            before: format!("{more_before}{}", text(from..at)),
            marked: text(at..end),
            after: format!("{}{more_after}", text(end..until)),
        }
    }
}

/// How long the JSON value at the beginning of a line's rest is, on that line.
fn token_length(rest: &[char]) -> usize {
    match rest.first() {
        None => 0,
        Some('"') => {
            let mut is_escaped = false;
            let end = rest.iter().skip(1).position(|character| {
                let ends = *character == '"' && !is_escaped;
                is_escaped = *character == '\\' && !is_escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        }
        Some('{' | '[') => 1,
        Some(_) => {
            rest.iter().position(|c| ",]}".contains(*c) || c.is_whitespace()).unwrap_or(rest.len()).max(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn failures_stand_open_with_their_line_marked() {
        for frame in frames() {
            let finding = Finding::new("R2152").at("Bundle.identifier.value").found("<x>");
            let finding = finding.position(fhir::finding::Position { line: 1, column: 10 });
            let findings = Findings(vec![finding.clone(), finding, Finding::new("J0001").at("Bundle")]);
            let verdict = Verdict::of(&findings, br#"{"value":"<x>"}"#, &frame);
            assert_eq!(verdict.groups.len(), 2);
            let page = ValidatorPage {
                frame,
                source: "</textarea>".to_owned(),
                error: None,
                verdict: Some(verdict),
            };
            let html = rendered(&page);
            assert!(
                html.contains("finding-error\" open") && html.contains("<mark>&#34;&#60;x&#62;&#34;</mark>")
            );
            assert_eq!(html.matches("</textarea>").count(), 1);
        }
    }

    #[test]
    fn the_sample_has_mistakes_worth_showing() {
        let parsed =
            fhir::validate::Parsed::parse(SAMPLE.as_bytes(), &fhir::json::Limits::default()).unwrap();
        let findings = fhir::validate::Validator::new().examine(&parsed);
        assert!((3..=8).contains(&findings.0.len()), "{findings:?}");
    }

    #[test]
    fn the_value_at_the_place_is_marked() {
        let line = Line::of(r#"  "code": "E\"112", "x": 1"#, 3, 11);
        assert_eq!((line.before.as_str(), line.marked.as_str()), (r#"  "code": "#, r#""E\"112""#));
        assert_eq!(line.after, r#", "x": 1"#);
    }

    #[test]
    fn a_bundle_on_one_line_shows_only_what_is_near() {
        let line = Line::of(&format!("{}true{}", "x".repeat(500), ",".repeat(500)), 1, 501);
        assert_eq!(line.marked, "true");
        assert!(line.before.starts_with('…') && line.after.ends_with('…'));
    }

    #[test]
    fn a_place_after_the_end_does_no_harm() {
        let line = Line::of("短い", 1, 99);
        assert_eq!((line.before.as_str(), line.marked.as_str()), ("短い", ""));
    }
}
