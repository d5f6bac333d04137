//! A message as a call, and the answer as a message.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fhir::finding::Language;
use fhir::systems::MEMBER_ID;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::envelope::{Element, Header, Message, Segment, TransportResult};
use crate::answer::FHIR_JSON;
use crate::catalogue::{BodyOf, Call};
use crate::words::word;

/// Why a message is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotACall {
    /// The code in the body (simulated).
    pub(super) code: &'static str,
    /// The key of the words that say so.
    pub(super) words: &'static str,
}

const MISSING: NotACall = NotACall { code: "SIM-B-MISSING", words: "terminal.element-missing" };
const NOT_BASE64: NotACall = NotACall { code: "SIM-B-BASE64", words: "terminal.not-base64" };

/// The call that a message stands for, by whoever bears the token.
pub(super) fn request(call: &Call, message: &Message, token: &str) -> Result<Request<Body>, NotACall> {
    let body = body(call.body, &message.body)?;
    let mut request = Request::builder()
        .method(call.method)
        .uri(address(call, message)?)
        .header(AUTHORIZATION, format!("Bearer {token}"));
    if call.body != BodyOf::Nothing {
        request = request.header(CONTENT_TYPE, FHIR_JSON);
    }
    request.body(Body::from(body)).map_err(|_| MISSING)
}

fn address(call: &Call, message: &Message) -> Result<String, NotACall> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut address = call.path.to_owned();
    for place in call.places {
        let (start, end) = address.find('{').zip(address.find('}')).ok_or(MISSING)?;
        match message.body.text_of(place) {
            Some(text) => address.replace_range(start..=end, &encoded(text)),
            // A list instead of one of it, where there is a list.
            None if end + 1 == address.len() && !address.starts_with("/fhir") => address.truncate(start - 1),
            None => return Err(MISSING),
        }
    }
    let mut sign = '?';
    for (parameter, element) in call.query {
        let value = match *element {
            "" => Some(message.header.institution.as_str()),
            element => message.body.text_of(element),
        };
        if let Some(value) = value {
            address.push_str(&format!("{sign}{parameter}={}", encoded(value)));
            sign = '&';
        }
    }
    Ok(address)
}

fn body(of: BodyOf, message: &Element) -> Result<Vec<u8>, NotACall> {
    let text = |name: &str| message.text_of(name).ok_or(MISSING);
    match of {
        BodyOf::Nothing => Ok(Vec::new()),
        BodyOf::Document => {
            let encoded: String = text("Document")?.split_ascii_whitespace().collect();
            STANDARD.decode(encoded).map_err(|_| NOT_BASE64)
        }
        BodyOf::Key => {
            let identifier = json!({
                "system": message.text_of("BundleIdentifierSystem").unwrap_or(BUNDLE_IDENTIFIER),
                "value": text("BundleIdentifier")?,
            });
            let member = json!({"system": MEMBER_ID, "value": text("InsuredNumber")?});
            Ok(parameters(&[
                ("identifier", "valueIdentifier", identifier),
                ("member", "valueIdentifier", member),
            ]))
        }
        BodyOf::Emergency => {
            let hours = message.text_of("Hours").and_then(|hours| hours.parse::<i64>().ok()).unwrap_or(24);
            Ok(parameters(&[
                ("identifier", "valueString", json!(text("InsuredNumber")?)),
                ("scope", "valueString", json!(text("Scope")?)),
                ("reason", "valueString", json!(text("Reason")?)),
                ("hours", "valueInteger", json!(hours)),
            ]))
        }
    }
}

/// The system of a Bundle's identifier, where a message does not name another (CLINS 1.10.0).
const BUNDLE_IDENTIFIER: &str = "http://jpfhir.jp/fhir/clins/bundle-identifier";

fn parameters(all: &[(&str, &str, Value)]) -> Vec<u8> {
    let all: Vec<Value> = all.iter().map(|(name, key, value)| json!({"name": name, *key: value})).collect();
    json!({"resourceType": "Parameters", "parameter": all}).to_string().into_bytes()
}

/// The answer of a call as a message to whoever sent `header`.
pub(super) fn answer(header: &Header, status: StatusCode, body: &[u8]) -> Message {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let is_done = status.is_success();
    let mut children = vec![Element::leaf("ProcessingResultStatus", if is_done { "1" } else { "2" })];
    let outcome = outcome_of(&json);
    let issues: Vec<&Value> = outcome["issue"].as_array().into_iter().flatten().collect();
    let first = issues.first().filter(|_| !is_done);
    let code = |issue: &Value| {
        issue["details"]["coding"][0]["code"]
            .as_str()
            .or(issue["code"].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let text = |issue: &Value| {
        issue["details"]["text"].as_str().or(issue["diagnostics"].as_str()).unwrap_or_default().to_owned()
    };
    let status_code = || if is_done { String::new() } else { format!("SIM-HTTP-{}", status.as_u16()) };
    children
        .push(Element::leaf("ProcessingResultCode", &first.map_or_else(status_code, |issue| code(issue))));
    children
        .push(Element::leaf("ProcessingResultMessage", &first.map_or_else(String::new, |issue| text(issue))));
    if !issues.is_empty() {
        let result = |issue: &&Value| {
            Element::of(
                "CheckResult",
                vec![
                    Element::leaf("ResultSeverity", issue["severity"].as_str().unwrap_or_default()),
                    Element::leaf("ResultCode", &code(issue)),
                    Element::leaf("ResultMessage", &text(issue)),
                    Element::leaf("Expression", issue["expression"][0].as_str().unwrap_or_default()),
                ],
            )
        };
        children.push(Element::of("CheckResultList", issues.iter().map(result).collect()));
    }
    children.extend(told(&json));
    if is_done && !body.is_empty() {
        children.push(Element::leaf("Document", &STANDARD.encode(body)));
    }
    message(header, Segment::Done, "", "", Element::of("MessageBody", children))
}

/// Says that a message could not be dealt with at all.
pub(super) fn failed(header: &Header, code: &str, words: &str) -> Message {
    let text = word(Language::Japanese, words);
    message(header, Segment::Failed, code, text, Element::of("MessageBody", Vec::new()))
}

/// Says that a message was understood but is not in order.
pub(super) fn refused(header: &Header, not: NotACall) -> Message {
    let children = vec![
        Element::leaf("ProcessingResultStatus", "2"),
        Element::leaf("ProcessingResultCode", not.code),
        Element::leaf("ProcessingResultMessage", word(Language::Japanese, not.words)),
    ];
    message(header, Segment::Done, "", "", Element::of("MessageBody", children))
}

/// A result that nobody asked for.
pub(super) fn pushed(header: &Header, body: Element) -> Message {
    message(header, Segment::Done, "", "", body)
}

fn message(header: &Header, segment: Segment, code: &str, text: &str, body: Element) -> Message {
    let result = TransportResult { segment, error_code: code.to_owned(), error_message: text.to_owned() };
    Message { header: Header { result: Some(result), ..header.clone() }, body }
}

/// The OperationOutcome that is the answer, stands in a receipt, or stands in a searchset.
fn outcome_of(json: &Value) -> Value {
    let is_outcome = |resource: &&Value| resource["resourceType"] == "OperationOutcome";
    let lists = [&json["parameter"], &json["entry"]];
    let inner = lists.into_iter().filter_map(Value::as_array).flatten().map(|one| &one["resource"]);
    [json].into_iter().chain(inner).find(is_outcome).cloned().unwrap_or_default()
}

/// What a receipt or a list tells, as elements.
fn told(json: &Value) -> Vec<Element> {
    let mut elements = Vec::new();
    for parameter in json["parameter"].as_array().into_iter().flatten() {
        let name = match parameter["name"].as_str() {
            Some("bundle") => "DocumentId",
            Some("patient") => "PatientId",
            Some("received") => "ReceivedAt",
            Some("event") => "AuditEventId",
            Some("sha256") => "Digest",
            Some("consent") => "ConsentId",
            Some("until") => "ValidUntil",
            _ => continue,
        };
        let members = parameter.as_object().into_iter().flatten();
        let value = members.filter(|(key, _)| key.starts_with("value")).map(|(_, value)| value).next();
        let text = value.and_then(|value| value.as_str().or(value["reference"].as_str())).unwrap_or_default();
        elements.push(Element::leaf(name, id_of(text)));
    }
    let entries = json["entry"].as_array().into_iter().flatten().map(|entry| &entry["resource"]);
    let (mut documents, mut institutions) = (Vec::new(), Vec::new());
    for resource in entries {
        match resource["resourceType"].as_str() {
            Some("Task") => documents.push(referral(resource)),
            Some("Organization") => institutions.push(institution(resource)),
            _ => {}
        }
    }
    elements.extend((!documents.is_empty()).then(|| Element::of("DocumentList", documents)));
    elements.extend((!institutions.is_empty()).then(|| Element::of("InstitutionList", institutions)));
    elements
}

/// A referral in a list, from its Task.
pub(super) fn referral(task: &Value) -> Element {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let inputs = task["input"].as_array().into_iter().flatten();
    let parts = inputs.map(|input| input["valueReference"]["reference"].as_str().unwrap_or_default());
    let parts: Vec<Element> = parts.map(|part| Element::leaf("AttachmentId", id_of(part))).collect();
    Element::of(
        "DocumentInfo",
        vec![
            Element::leaf("DocumentId", id_of(&text(&task["focus"]["reference"]))),
            Element::leaf("BundleIdentifier", &text(&task["identifier"][0]["value"])),
            Element::leaf("Status", &text(&task["businessStatus"]["coding"][0]["code"])),
            Element::leaf("StatusName", &text(&task["businessStatus"]["text"])),
            Element::leaf("SenderCode", &text(&task["requester"]["identifier"]["value"])),
            Element::leaf("DestinationCode", &text(&task["owner"]["identifier"]["value"])),
            Element::leaf("RegisteredAt", &text(&task["authoredOn"])),
            Element::of("AttachmentIdList", parts),
        ],
    )
}

fn institution(organization: &Value) -> Element {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Element::of(
        "Institution",
        vec![
            Element::leaf("DestinationCode", &text(&organization["id"])),
            Element::leaf("Name", &text(&organization["name"])),
            Element::leaf("NameKana", &text(&organization["alias"][0])),
            Element::leaf("Telephone", &text(&organization["telecom"][0]["value"])),
            Element::leaf("PostalCode", &text(&organization["address"][0]["postalCode"])),
            Element::leaf("Address", &text(&organization["address"][0]["text"])),
        ],
    )
}

/// The id in a reference; any other text as it is.
fn id_of(text: &str) -> &str {
    ["Bundle/", "Patient/", "AuditEvent/", "DocumentReference/"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text)
}
