//! An account as a SCIM user, and the version of it.

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use store::{Account, AccountState};

use crate::App;
use crate::scim::{ACCOUNT, USER};

/// Which attributes are answered (RFC 7644 §3.9), by their names in small letters.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    only: Vec<String>,
    without: Vec<String>,
}

/// Whether SCIM calls it active: it may be signed in with, or will be once its invitation is taken.
pub(super) fn is_active(account: &Account) -> bool {
    matches!(account.state, AccountState::Invited | AccountState::Active)
}

/// An account as a user.
pub(super) fn user(app: &App, account: &Account, external_id: Option<&str>) -> Value {
    let mut user = json!({
        "schemas": [USER, ACCOUNT],
        "id": account.id,
        "userName": account.login,
        "displayName": account.name,
        "active": is_active(account),
        "roles": [{"value": account.role}],
        ACCOUNT: {"institution": account.institution, "state": account.state.code()},
    });
    if let Some(external_id) = external_id {
        user["externalId"] = json!(external_id);
    }
    if let Some(end) = account.ends_at {
        user[ACCOUNT]["endsAt"] = json!(end.to_string());
    }
    let version = version(&user);
    user["meta"] = json!({
        "resourceType": "User",
        "created": account.made_at.to_string(),
        "location": format!("{}/scim/v2/Users/{}", app.base_url, account.id),
        "version": version,
    });
    user
}

/// The version that an answer carries.
pub(super) fn version_of(user: &Value) -> &str {
    user["meta"]["version"].as_str().unwrap_or_default()
}

/// Whether a change may go on: the caller has seen this version, or asks for none.
pub(super) fn is_expected(headers: &HeaderMap, version: &str) -> bool {
    names(headers, IF_MATCH, version).unwrap_or(true)
}

/// Whether the caller has this version already.
pub(super) fn is_known(headers: &HeaderMap, version: &str) -> bool {
    names(headers, IF_NONE_MATCH, version).unwrap_or(false)
}

fn names(headers: &HeaderMap, name: HeaderName, version: &str) -> Option<bool> {
    let text = headers.get(name)?.to_str().unwrap_or_default();
    Some(text.split(',').any(|one| one.trim() == "*" || one.trim() == version))
}

/// A print of all that can change.
fn version(user: &Value) -> String {
    let print = digest(&SHA256, user.to_string().as_bytes());
    let print: String = print.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{print}\"")
}

impl Shape {
    /// As `attributes` and `excludedAttributes` ask.
    pub(super) fn of(parameters: &[(String, String)]) -> Self {
        let names = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let names = found.map(|(_, value)| value.as_str()).unwrap_or_default().split(',');
            names.map(top).filter(|name| !name.is_empty()).collect()
        };
        Self { only: names("attributes"), without: names("excludedAttributes") }
    }

    /// A user with the attributes that were asked for; `id` and `schemas` are always there.
    pub(super) fn shaped(&self, user: Value) -> Value {
        let Value::Object(user) = user else { return user };
        let is_wanted = |name: &str| {
            let name = name.to_ascii_lowercase();
            let is_always = name == "id" || name == "schemas";
            is_always
                || if self.only.is_empty() {
                    !self.without.contains(&name)
                } else {
                    self.only.contains(&name)
                }
        };
        let kept: Map<String, Value> = user.into_iter().filter(|(name, _)| is_wanted(name)).collect();
        Value::Object(kept)
    }
}

/// The attribute at the top that a path leads into.
fn top(path: &str) -> String {
    let path = path.trim().to_ascii_lowercase();
    let (core, extension) = (format!("{}:", USER.to_ascii_lowercase()), ACCOUNT.to_ascii_lowercase());
    if path.starts_with(&extension) {
        return extension;
    }
    let name = path.strip_prefix(&core).unwrap_or(&path);
    name.split('.').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_attributes_asked_for_are_answered() {
        let user = json!({"id": "1", "schemas": [], "userName": "a", "meta": {}, ACCOUNT: {}});
        let shaped = |name: &str, value: &str| {
            let shape = Shape::of(&[(name.to_owned(), value.to_owned())]);
            let Value::Object(shaped) = shape.shaped(user.clone()) else { panic!() };
            shaped.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(shaped("attributes", "USERNAME"), ["id", "schemas", "userName"]);
        assert_eq!(shaped("attributes", &format!("{USER}:meta.version")), ["id", "schemas", "meta"]);
        assert_eq!(shaped("excludedAttributes", "id,meta"), ["id", "schemas", "userName", ACCOUNT]);
        assert_eq!(shaped("attributes", &format!("{ACCOUNT}:endsAt")), ["id", "schemas", ACCOUNT]);
    }
}
