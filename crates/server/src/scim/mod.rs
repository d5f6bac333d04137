//! SCIM 2.0 (RFC 7643, 7644): an institution's own system makes, changes and ends the accounts of its institution.
//!
//! It comes as a backend that was let keep accounts (`renkei/accounts`), and sees no other institution's. It learns no
//! secret: whoever it makes is invited by a person who hands over the link.

mod asker;
mod discovery;
mod draft;
mod fault;
mod filter;
mod user;
mod users;

pub(crate) use discovery::{resource_type, resource_types, schema, schemas, service_provider_config};
pub(crate) use fault::for_systems;
pub(crate) use users::{create, delete, list, patch, read, replace};

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The media type of SCIM (RFC 7644 §8.1).
const SCIM_JSON: &str = "application/scim+json";
/// The schema of users (RFC 7643 §4.1).
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// What this hub knows of a user besides.
const ACCOUNT: &str = "urn:renkei:params:scim:schemas:extension:account:1.0:User";

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
}

/// A page of resources (RFC 7644 §3.4.2); `start` is one-based.
fn page(all: usize, start: usize, resources: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": all,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
