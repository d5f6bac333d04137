//! What an app reads first: `.well-known/smart-configuration`, and the same in the CapabilityStatement.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::App;
use crate::smart::answer;

/// `GET /.well-known/smart-configuration`, the same under `/fhir`, and as RFC 8414 calls it.
pub(crate) async fn configuration(State(app): State<Arc<App>>) -> Response {
    let at = |path: &str| format!("{}{path}", app.base_url);
    answer(&json!({
        "issuer": app.base_url,
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "revocation_endpoint": at("/oauth/revoke"),
        "introspection_endpoint": at("/oauth/introspect"),
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "authorization_response_iss_parameter_supported": true,
        "scopes_supported": ["launch/patient", "patient/*.rs", "user/*.cruds", "system/*.cruds", "renkei/accounts"],
        "capabilities": [
            "launch-standalone",
            "context-standalone-patient",
            "client-public",
            "client-confidential-asymmetric",
            "permission-patient",
            "permission-user",
            "permission-v2",
        ],
    }))
}

/// `rest.security` of the CapabilityStatement.
pub(crate) fn security(app: &App) -> Value {
    let uri = |name: &str| json!({"url": name, "valueUri": format!("{}/oauth/{name}", app.base_url)});
    json!({
        "extension": [{
            "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
            "extension": [uri("authorize"), uri("token"), uri("introspect"), uri("revoke")],
        }],
        "service": [{
            "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                "code": "SMART-on-FHIR",
            }],
        }],
        "description": "Authorization: Bearer <token>",
    })
}
