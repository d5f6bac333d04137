//! Opening a record without consent, as operations: in an emergency, in a disaster.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use exchange::{Described, EmergencyRequest, Sought};
use serde_json::{Value, json};
use store::Grant;

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::incoming::{read_body, require_fhir_json};

/// No body here is larger.
const LARGEST_BYTES: usize = 64 << 10;
/// Where the request does not say for how many hours.
const HOURS: i64 = 24;

/// The parameters of an operation, by name.
struct Parameters(Value);

/// `POST /fhir/Patient/$emergency-access`: Parameters with `identifier` (or `name`, `birthdate`, `gender`,
/// `address`), `scope`, `reason`, `hours`.
pub(crate) async fn emergency_access(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let parameters = Parameters::read(&visitor, &headers, body).await?;
    let request = EmergencyRequest {
        sought: parameters.sought(&visitor)?,
        scope: parameters.text("scope"),
        reason: parameters.text("reason"),
        hours: parameters.number("hours").unwrap_or(HOURS),
    };
    let opened = app.exchange.open_in_emergency(&visitor.viewer, &request, &visitor.act).await;
    let opened = opened.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok(answer(&opened))
}

/// `POST /fhir/Patient/$disaster-access`: Parameters with `identifier` (or `name`, `birthdate`, `gender`,
/// `address`) and `reason`.
pub(crate) async fn disaster_access(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let parameters = Parameters::read(&visitor, &headers, body).await?;
    let (sought, reason) = (parameters.sought(&visitor)?, parameters.text("reason"));
    let opened = app.exchange.open_in_disaster(&visitor.viewer, &sought, &reason, &visitor.act).await;
    let opened = opened.map_err(|why| Refused::not_granted(&why, visitor.language))?;
    Ok(answer(&opened))
}

fn answer(grant: &Grant) -> Response {
    let body = json!({
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patient", "valueReference": {"reference": format!("Patient/{}", grant.person)}},
            {"name": "consent", "valueString": grant.id.to_string()},
            {"name": "purpose", "valueCode": grant.purpose.code()},
            {"name": "until", "valueInstant": access::end_of(grant).to_string()},
        ],
    });
    (StatusCode::CREATED, [(CONTENT_TYPE, FHIR_JSON)], body.to_string()).into_response()
}

impl Parameters {
    async fn read(visitor: &Visitor, headers: &HeaderMap, body: Body) -> Result<Self, Refused> {
        require_fhir_json(headers, visitor.language)?;
        let bytes = read_body(headers, body, LARGEST_BYTES, visitor.language).await?;
        let not_this = || Refused::bad_request("answer.not-this-shape", visitor.language);
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| not_this())?;
        if value["resourceType"] == "Parameters" { Ok(Self(value)) } else { Err(not_this()) }
    }

    fn named(&self, name: &str) -> Option<&Value> {
        self.0["parameter"].as_array()?.iter().find(|parameter| parameter["name"] == name)
    }

    /// A text, a code, or the value of an identifier; empty where there is none.
    fn text(&self, name: &str) -> String {
        let value = self.named(name).and_then(|parameter| {
            let values =
                [&parameter["valueString"], &parameter["valueCode"], &parameter["valueIdentifier"]["value"]];
            values.into_iter().find_map(Value::as_str)
        });
        value.unwrap_or_default().to_owned()
    }

    /// Whoever is sought: by `identifier`, or by what people say of themselves.
    fn sought(&self, visitor: &Visitor) -> Result<Sought, Refused> {
        let number = self.text("identifier");
        if !number.is_empty() {
            return Ok(Sought::Number(number));
        }
        let birth_date = self.text("birthdate").parse();
        let birth_date =
            birth_date.map_err(|_| Refused::bad_request("answer.nobody-described", visitor.language))?;
        let (name, sex, address) = (self.text("name"), self.text("gender"), self.text("address"));
        Ok(Sought::Described(Described { name, birth_date, sex, address }))
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.named(name)?["valueInteger"].as_i64()
    }
}
