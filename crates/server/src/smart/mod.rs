//! The doors for machines: SMART Backend Services and SMART App Launch 2.2. `scope.rs` holds each request of an app
//! against its scopes; whatever passes is decided like anybody's.

mod configuration;
mod fault;
mod parameters;
mod revoke;
mod scope;
mod token;

pub(crate) use configuration::{configuration, security};
pub(crate) use parameters::{Parameters, form, query};
pub(crate) use revoke::{introspect, revoke};
pub(crate) use scope::narrowed;
pub(crate) use token::token;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// An answer to a program.
fn answer(body: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
