//! Viewing over FHIR.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use access::{Purpose, Role};
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use exchange::View;
use fhir::finding::Language;
use fhir::systems;
use serde_json::{Value, json};
use store::{Information, PersonId, UnitId};

use crate::App;
use crate::answer::{FHIR_JSON, Refused};
use crate::door::Visitor;
use crate::fhir_api::outgoing::searchset;
use crate::fhir_api::paging::page;

type Parameters = Query<HashMap<String, String>>;

/// `GET /fhir/Condition?patient=`: 傷病名.
pub(crate) async fn conditions(
    app: State<Arc<App>>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, Refused> {
    search(app, visitor, parameters, "Condition", &[Information::Condition]).await
}

/// `GET /fhir/AllergyIntolerance?patient=`: 薬剤アレルギー等 and その他アレルギー等.
pub(crate) async fn allergies(
    app: State<Arc<App>>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, Refused> {
    search(
        app,
        visitor,
        parameters,
        "AllergyIntolerance",
        &[Information::DrugAllergy, Information::OtherAllergy],
    )
    .await
}

/// `GET /fhir/Observation?patient=`: 検査 and 感染症.
pub(crate) async fn observations(
    app: State<Arc<App>>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, Refused> {
    search(app, visitor, parameters, "Observation", &[Information::LabResult, Information::Infection]).await
}

/// `GET /fhir/MedicationRequest?patient=`: 処方, out of documents.
pub(crate) async fn prescriptions(
    app: State<Arc<App>>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, Refused> {
    search(app, visitor, parameters, "MedicationRequest", &[Information::Prescription]).await
}

/// `GET /fhir/Patient/{id}/$everything`: all six informations.
pub(crate) async fn everything(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(parameters): Parameters,
) -> Result<Response, Refused> {
    let person = PersonId::from_str(&id).map_err(|_| Refused::not_found(visitor.language))?;
    let view = view(&app, &visitor, person, &Information::ALL).await?;
    searchset(&app, &view, &format!("Patient/{id}/$everything"), &parameters, visitor.language)
}

/// `GET /fhir/Bundle/{id}`: a unit exactly as it was registered.
pub(crate) async fn bundle(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = UnitId::from_str(&id).map_err(|_| Refused::not_found(visitor.language))?;
    let unit = app.exchange.unit(&visitor.viewer, id, purpose(&visitor), &visitor.act).await;
    match unit.map_err(|why| Refused::not_shown(&why, visitor.language))? {
        None => Err(Refused::not_found(visitor.language)),
        Some(unit) => {
            let event = (HeaderName::from_static("audit-event"), unit.event.to_string());
            Ok(([(CONTENT_TYPE, FHIR_JSON.to_owned()), event], unit.body).into_response())
        }
    }
}

/// `GET /fhir/Patient?identifier=system|value`: the person with this insured number.
pub(crate) async fn find_patient(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Parameters,
) -> Result<Response, Refused> {
    let identifier = parameters.get("identifier").and_then(|token| token.split_once('|'));
    let Some((systems::MEMBER_ID | systems::PUBLIC_PAYER_ID, value)) = identifier else {
        return Err(Refused::bad_request("answer.identifier-needed", visitor.language));
    };
    let found = app.exchange.find(&visitor.viewer, value, purpose(&visitor), &visitor.act).await;
    let found = found.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    let entries: Vec<Value> = found.iter().filter_map(|found| entry(&app, found)).collect();
    let body = page(&app, "Patient", &parameters, &entries, visitor.language)?;
    Ok(([(CONTENT_TYPE, FHIR_JSON)], body).into_response())
}

/// `GET /fhir/Patient/{id}`: who a person is, as their newest unit tells, under this hub's own id.
pub(crate) async fn patient(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let person = PersonId::from_str(&id).map_err(|_| Refused::not_found(visitor.language))?;
    let found = app.exchange.identify(&visitor.viewer, person, purpose(&visitor), &visitor.act).await;
    let found = found.map_err(|why| Refused::not_shown(&why, visitor.language))?;
    let resource = found.as_ref().and_then(resource).ok_or_else(|| Refused::not_found(visitor.language))?;
    Ok(([(CONTENT_TYPE, FHIR_JSON)], resource.to_string()).into_response())
}

/// The viewer's purpose follows from their role; accounts with purposes of their own come later.
pub(crate) fn purpose(visitor: &Visitor) -> Purpose {
    match visitor.viewer.role {
        Role::Patient => Purpose::PatientRequest,
        role if role.is_clinical() || role == Role::Institution => Purpose::Treatment,
        Role::Insurer => Purpose::InsurerProgramme,
        _ => Purpose::Operations,
    }
}

/// The person that a search names by `patient` or `subject`.
pub(super) fn patient_of(
    parameters: &HashMap<String, String>,
    language: Language,
) -> Result<PersonId, Refused> {
    let patient = parameters.get("patient").or_else(|| parameters.get("subject"));
    let id = patient.map(|reference| reference.strip_prefix("Patient/").unwrap_or(reference));
    let person = id.and_then(|id| PersonId::from_str(id).ok());
    person.ok_or_else(|| Refused::bad_request("answer.patient-needed", language))
}

async fn search(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(parameters): Parameters,
    path: &str,
    asked: &[Information],
) -> Result<Response, Refused> {
    let person = patient_of(&parameters, visitor.language)?;
    let view = view(&app, &visitor, person, asked).await?;
    searchset(&app, &view, path, &parameters, visitor.language)
}

async fn view(
    app: &App,
    visitor: &Visitor,
    person: PersonId,
    asked: &[Information],
) -> Result<View, Refused> {
    let view = app.exchange.view(&visitor.viewer, person, asked, purpose(visitor), &visitor.act).await;
    view.map_err(|why| Refused::not_shown(&why, visitor.language))
}

/// The found Patient under the hub's own id.
fn resource(found: &exchange::Found) -> Option<Value> {
    let mut patient: Value = serde_json::from_slice(&found.patient).ok()?;
    patient["id"] = json!(found.person.to_string());
    Some(patient)
}

fn entry(app: &App, found: &exchange::Found) -> Option<Value> {
    let patient = resource(found)?;
    let url = format!("{}/fhir/Patient/{}", app.base_url, found.person);
    Some(json!({"fullUrl": url, "resource": patient, "search": {"mode": "match"}}))
}
