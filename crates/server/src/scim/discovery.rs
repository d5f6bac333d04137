//! What a system reads first (RFC 7644 §4). It is no secret, so nobody need prove themselves.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use fhir::finding::Language;
use serde_json::{Value, json};

use crate::App;
use crate::door::Caller;
use crate::scim::fault::ScimFault;
use crate::scim::users::MOST_RESULTS;
use crate::scim::{ACCOUNT, USER, answer, page};
use crate::words::word;

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// Roles that a system may give; the others people give.
const ROLES: [&str; 8] = [
    "clinician",
    "emergency-clinician",
    "nurse",
    "pharmacist",
    "clerk",
    "executive",
    "system-operator",
    "auditor",
];

/// `GET /scim/v2/ServiceProviderConfig`.
pub(crate) async fn service_provider_config(State(app): State<Arc<App>>, caller: Caller) -> Response {
    let no = json!({"supported": false});
    answer(
        StatusCode::OK,
        &json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": {"supported": true},
            "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": true, "maxResults": MOST_RESULTS},
            "changePassword": no,
            "sort": no,
            "etag": {"supported": true},
            "authenticationSchemes": [{
                "type": "oauthbearertoken",
                "name": "SMART Backend Services",
                "description": word(caller.language, "scim.authentication"),
                "specUri": "https://hl7.org/fhir/smart-app-launch/backend-services.html",
                "primary": true,
            }],
            "meta": meta(&app, "ServiceProviderConfig", "ServiceProviderConfig"),
        }),
    )
}

/// `GET /scim/v2/ResourceTypes`.
pub(crate) async fn resource_types(State(app): State<Arc<App>>, caller: Caller) -> Response {
    answer(StatusCode::OK, &page(1, 1, &[user_type(&app, caller.language)]))
}

/// `GET /scim/v2/ResourceTypes/{id}`.
pub(crate) async fn resource_type(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ScimFault> {
    match id.as_str() {
        "User" => Ok(answer(StatusCode::OK, &user_type(&app, caller.language))),
        _ => Err(ScimFault::not_found(caller.language)),
    }
}

/// `GET /scim/v2/Schemas`.
pub(crate) async fn schemas(State(app): State<Arc<App>>, caller: Caller) -> Response {
    answer(StatusCode::OK, &page(2, 1, &both(&app, caller.language)))
}

/// `GET /scim/v2/Schemas/{id}`.
pub(crate) async fn schema(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ScimFault> {
    let found = both(&app, caller.language).into_iter().find(|schema| schema["id"] == id.as_str());
    let found = found.ok_or_else(|| ScimFault::not_found(caller.language))?;
    Ok(answer(StatusCode::OK, &found))
}

fn meta(app: &App, kind: &str, path: &str) -> Value {
    json!({"resourceType": kind, "location": format!("{}/scim/v2/{path}", app.base_url)})
}

fn user_type(app: &App, language: Language) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": word(language, "scim.user"),
        "schema": USER,
        "schemaExtensions": [{"schema": ACCOUNT, "required": false}],
        "meta": meta(app, "ResourceType", "ResourceTypes/User"),
    })
}

fn both(app: &App, language: Language) -> [Value; 2] {
    let schema = |id: &str, name: &str, key: &str, attributes: Value| {
        json!({
            "schemas": [SCHEMA],
            "id": id,
            "name": name,
            "description": word(language, key),
            "attributes": attributes,
            "meta": meta(app, "Schema", &format!("Schemas/{id}")),
        })
    };
    let tell = |key: &str| word(language, key).to_owned();
    let string = |name: &str, key: &str, is_required: bool, mutability: &str| {
        json!({
            "name": name, "type": "string", "multiValued": false, "description": tell(key),
            "required": is_required, "caseExact": false, "mutability": mutability,
            "returned": "default", "uniqueness": "none",
        })
    };
    let mut login = string("userName", "scim.user-name", true, "immutable");
    login["uniqueness"] = json!("server");
    let mut role = string("value", "scim.role", true, "readWrite");
    role["canonicalValues"] = json!(ROLES);
    role["caseExact"] = json!(true);
    let roles = json!({
        "name": "roles", "type": "complex", "multiValued": true, "description": tell("scim.roles"),
        "required": true, "mutability": "readWrite", "returned": "default", "subAttributes": [role],
    });
    let active = json!({
        "name": "active", "type": "boolean", "multiValued": false, "description": tell("scim.active"),
        "required": true, "mutability": "readWrite", "returned": "default",
    });
    let ends_at = json!({
        "name": "endsAt", "type": "dateTime", "multiValued": false, "description": tell("scim.ends-at"),
        "required": false, "mutability": "readWrite", "returned": "default",
    });
    let display_name = string("displayName", "scim.display-name", true, "readWrite");
    let institution = string("institution", "scim.institution", false, "readOnly");
    let state = string("state", "scim.state", false, "readOnly");
    [
        schema(USER, "User", "scim.user", json!([login, display_name, active, roles])),
        schema(ACCOUNT, "Account", "scim.account", json!([ends_at, institution, state])),
    ]
}
