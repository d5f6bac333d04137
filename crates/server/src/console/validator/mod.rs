//! 検証室: what is wrong with a bundle, where, and how to mend it. Nothing that is sent here is kept.
//!
//! `verdict` is what the page shows, beside the `listing` of the source; `trace` is the little that may be kept of it,
//! for comparing with the next run and for sharing; `shared` shows a trace, `rules` explains a code.

mod listing;
mod rules;
mod shared;
mod trace;
mod verdict;

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use exchange::Asked;

pub(crate) use rules::{rule, rules};
pub(crate) use shared::shared_findings;

use crate::App;
use crate::console::form::{Fields, read_form, text};
use crate::console::frame::Frame;
use crate::console::reader::Reader;
use crate::console::refusal::Refusal;
use trace::Trace;
use verdict::Verdict;

const SAMPLE: &str = include_str!("../../../assets/sample-bundle.json");

#[derive(Template)]
#[template(path = "validator.html")]
pub(crate) struct ValidatorPage {
    frame: Frame,
    base_url: String,
    source: String,
    /// What is wrong with the form: the field and the words.
    error: Option<(&'static str, String)>,
    verdict: Option<Verdict>,
    choice: Choice,
}

/// By what a document is to be judged, as the form shows it.
#[derive(Default)]
struct Choice {
    /// The packages at hand.
    packages: Vec<String>,
    /// The profiles one may ask for.
    profiles: Vec<String>,
    with_packages: bool,
    profile: String,
    lists_must_support: bool,
}

/// What a form adds around a bundle.
const FORM_BYTES: usize = 64 << 10;

/// `GET /validator?sample=1`.
pub(crate) async fn validator_page(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let has_sample = reader.place.query.split('&').any(|pair| pair == "sample=1");
    let source = if has_sample { SAMPLE.to_owned() } else { String::new() };
    let choice = Choice { with_packages: true, ..Choice::at(&app) };
    page(&app, reader.frame(&app), source, choice, Ok(None))
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
    let choice = Choice::at(&app).taken(&fields);
    let frame = reader.frame(&app);
    let source = String::from_utf8_lossy(&bytes).into_owned();
    if bytes.is_empty() {
        let error = ("bundle", frame.word("validator.missing").to_owned());
        return Ok(page(&app, frame, source, choice, Err(error)));
    }
    let outcome = match app.exchange.validate(&bytes, &choice.asked()) {
        Err(unknown) => Err(("profile", frame.fill("validator.unknown-profile", "profile", unknown.0))),
        Ok(findings) => {
            let last = Trace::read(&text(&fields, "last"));
            Ok(Some(Verdict::of(&findings, &source, last.as_ref(), &frame)))
        }
    };
    Ok(page(&app, frame, source, choice, outcome))
}

fn page(
    app: &App,
    frame: Frame,
    source: String,
    choice: Choice,
    outcome: Result<Option<Verdict>, (&'static str, String)>,
) -> Response {
    let (error, verdict) = match outcome {
        Ok(verdict) => (None, verdict),
        Err(error) => (Some(error), None),
    };
    let frame = if error.is_some() { frame.with_error() } else { frame };
    let title = match &verdict {
        Some(verdict) if verdict.is_acceptable => frame.word("validator.title-good"),
        Some(_) => frame.word("validator.title-bad"),
        None => frame.word("validator.title"),
    };
    let title = title.to_owned();
    let base_url = app.base_url.clone();
    let page = ValidatorPage { frame: frame.titled(title), base_url, source, error, verdict, choice };
    page.frame.answer(StatusCode::OK, &page)
}

impl ValidatorPage {
    /// What is wrong with a field of the form.
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(wrong, _)| *wrong == field).map(|(_, words)| words.as_str())
    }
}

impl Choice {
    fn at(app: &App) -> Self {
        let judges = &app.exchange.judges;
        Self { packages: judges.packages(), profiles: judges.canonicals(), ..Self::default() }
    }

    fn taken(self, fields: &Fields) -> Self {
        Self {
            with_packages: fields.contains_key("packages"),
            profile: text(fields, "profile"),
            lists_must_support: fields.contains_key("must-support"),
            ..self
        }
    }

    fn asked(&self) -> Asked {
        Asked {
            resource_type: None,
            profiles: self.profile.split_whitespace().map(str::to_owned).collect(),
            without_packages: !self.with_packages,
            must_support: self.lists_must_support,
        }
    }
}

#[cfg(test)]
mod tests {
    use fhir::finding::{Finding, Findings, Position};

    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    fn shown(frame: &Frame, findings: &Findings, source: &str, last: Option<&Trace>) -> String {
        let verdict = Some(Verdict::of(findings, source, last, frame));
        let choice = Choice { packages: vec!["jp-core.r4#1.1.2".to_owned()], ..Choice::default() };
        let base_url = "http://127.0.0.1".to_owned();
        let page = ValidatorPage {
            frame: frame.clone(),
            base_url,
            source: source.to_owned(),
            error: None,
            verdict,
            choice,
        };
        rendered(&page)
    }

    #[test]
    fn failures_stand_open_beside_the_source_and_each_leads_to_the_other() {
        for frame in frames() {
            let finding = Finding::new("R2152").at("Bundle.identifier.value").found("<x>");
            let finding = finding.position(Position { line: 1, column: 10 });
            let mut caused = Finding::new("J0001").at("Bundle");
            caused.consequences.push(Finding::new("r4-required").at("Bundle.type"));
            caused.example = Some("{\"a\": 1}".to_owned());
            caused.profile = Some("http://example.jp/P|1.0".into());
            let findings = Findings(vec![finding.clone(), finding, caused]);
            let html = shown(&frame, &findings, r#"{"value":"<x>"} </textarea>"#, None);
            assert!(html.contains("finding-error\" open"), "{html}");
            assert!(
                html.contains(r##"<mark>&#34;&#60;x&#62;&#34;</mark><a class="pin" id="m1" href="#f1""##),
                "{html}"
            );
            for number in 1..=3 {
                assert!(html.contains(&format!("id=\"f{number}\"")), "{number}");
            }
            assert!(html.contains("href=\"#m2\"") && html.contains("http://example.jp/P|1.0"));
            assert!(html.contains("consequences") && html.contains("{&#34;a&#34;: 1}"));
            assert_eq!(html.matches("</textarea>").count(), 1);
        }
    }

    #[test]
    fn the_second_run_tells_what_is_new_and_what_is_gone() {
        let [frame, _] = frames();
        let findings = |key: &str| Findings(vec![Finding::new(key).at("Bundle")]);
        let last = Trace::of(&findings("R2152"));
        let html = shown(&frame, &findings("J0001"), "{}", Some(&last));
        assert!(html.contains("class=\"compared\"") && html.contains("class=\"new\""), "{html}");
        let same = shown(&frame, &findings("R2152"), "{}", Some(&last));
        assert!(!same.contains("class=\"new\""));
    }

    #[test]
    fn what_can_be_shared_holds_nothing_that_was_found() {
        let [frame, _] = frames();
        let finding = Finding::new("R2152").at("Bundle.identifier.value").found("東京都架空市");
        let verdict = Verdict::of(&Findings(vec![finding]), "{}", None, &frame);
        for text in [&verdict.shared, &verdict.trace] {
            assert!(text.is_ascii() && text.contains("Bundle.identifier.value"), "{text}");
        }
    }

    #[test]
    fn the_sample_has_mistakes_worth_showing() {
        let parsed =
            fhir::validate::Parsed::parse(SAMPLE.as_bytes(), &fhir::json::Limits::default()).unwrap();
        let findings = fhir::validate::Validator::new().examine(&parsed);
        assert!((3..=8).contains(&findings.0.len()), "{findings:?}");
    }
}
