//! `POST /fhir/{type}/$validate`: a resource, or Parameters that hold one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use exchange::Asked;
use fhir::bundle::{resource_type, resource_types};
use fhir::finding::{Findings, Language, Position};
use fhir::json::Node;
use fhir::validate::Parsed;

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::incoming::{read_body, require_fhir_json};

/// What `$validate` is asked, by the address and by Parameters.
#[derive(Default)]
struct Question {
    profiles: Vec<String>,
    modes: Vec<String>,
}

/// Judges a resource without keeping it: 200 with every finding; the OperationOutcome says whether it is acceptable.
pub(crate) async fn validate(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    uri: Uri,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let language = visitor.language;
    let type_name = uri.path().split('/').nth(2).unwrap_or_default();
    if !resource_types().contains(&type_name) {
        return Err(Refused::not_found(language));
    }
    require_fhir_json(&headers, language)?;
    let bytes = read_body(&headers, body, app.exchange.limits.bytes, language).await?;
    let findings = answer(&app, &bytes, type_name, Question::of_query(query), language)?;
    Ok(([(CONTENT_TYPE, FHIR_JSON)], findings.to_operation_outcome(language)).into_response())
}

/// Judges the body, or the resource inside its Parameters; findings stand where they stand in the body.
fn answer(
    app: &App,
    bytes: &[u8],
    type_name: &str,
    mut question: Question,
    language: Language,
) -> Result<Findings, Refused> {
    let parsed = may_be_parameters(bytes).then(|| Parsed::parse(bytes, &app.exchange.limits).ok()).flatten();
    let parameters = parsed.as_ref().map(Parsed::root).filter(|root| resource_type(*root) == "Parameters");
    let resource = parameters.and_then(|parameters| question.add(parameters));
    if parameters.is_some() && resource.is_none() && type_name != "Parameters" {
        return Err(Refused::bad_request("answer.no-resource", language));
    }
    let asked = question.asked(type_name, language)?;
    let findings = app.exchange.validate(resource.map_or(bytes, Node::bytes), &asked);
    let findings = findings.map_err(|unknown| Refused::unknown_profile(&unknown.0, language))?;
    Ok(match resource {
        Some(resource) => findings.inside(Position::of(bytes, resource.span().start)),
        None => findings,
    })
}

/// Spares most bodies a second reading.
fn may_be_parameters(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"\"Parameters\"";
    bytes.windows(NAME.len()).any(|window| window == NAME)
}

impl Question {
    fn of_query(query: Vec<(String, String)>) -> Self {
        let mut question = Self::default();
        for (name, value) in query {
            match name.as_str() {
                "profile" => question.profiles.push(value),
                "mode" => question.modes.push(value),
                _ => {}
            }
        }
        question
    }

    /// Takes what Parameters ask, and gives the resource they hold.
    fn add<'t>(&mut self, parameters: Node<'t>) -> Option<Node<'t>> {
        let mut resource = None;
        for parameter in parameters.get("parameter").into_iter().flat_map(Node::items) {
            let text = |names: [&str; 3]| {
                names.iter().find_map(|name| parameter.text_at(&[name])).unwrap_or_default().to_owned()
            };
            match parameter.text_at(&["name"]) {
                Some("resource") => resource = parameter.get("resource"),
                Some("profile") => {
                    self.profiles.push(text(["valueUri", "valueCanonical", "valueUrl"]));
                }
                Some("mode") => self.modes.push(text(["valueCode", "valueString", "valueUri"])),
                _ => {}
            }
        }
        resource
    }

    /// Whether a resource may be deleted is nothing its content tells.
    fn asked(self, type_name: &str, language: Language) -> Result<Asked, Refused> {
        let is_known = |mode: &String| ["create", "update", "profile"].contains(&mode.as_str());
        if !self.modes.iter().all(is_known) {
            return Err(Refused::bad_request("answer.unknown-mode", language));
        }
        if self.modes.iter().any(|mode| mode == "profile") && self.profiles.is_empty() {
            return Err(Refused::bad_request("answer.no-profile", language));
        }
        let resource_type = Some(type_name.to_owned());
        Ok(Asked { resource_type, profiles: self.profiles, ..Asked::default() })
    }
}
