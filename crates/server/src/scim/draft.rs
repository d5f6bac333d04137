//! What a system wants a user to be: read from a whole user, or from the operations of a PATCH.

use access::Role;
use identity::OFFERED;
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::Account;

use crate::scim::fault::Wrong;
use crate::scim::user::is_active;
use crate::scim::{ACCOUNT, USER};

/// A user as wanted; what was not sent is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) user_name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) active: Option<bool>,
    pub(super) role: Option<Role>,
    pub(super) external_id: Option<String>,
    pub(super) ends_at: Option<Timestamp>,
}

/// What a path can lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attribute {
    UserName,
    DisplayName,
    Active,
    Roles,
    ExternalId,
    EndsAt,
    /// The whole extension.
    Account,
    /// Given by the hub.
    ReadOnly,
}

const LONGEST_NAME: usize = 60;
const LONGEST_EXTERNAL_ID: usize = 200;
const MOST_OPERATIONS: usize = 100;

impl Draft {
    /// A user as it is.
    pub(super) fn of(account: &Account, external_id: Option<String>) -> Self {
        Self {
            user_name: Some(account.login.clone()),
            display_name: Some(account.name.clone()),
            active: Some(is_active(account)),
            role: Role::from_code(&account.role),
            external_id,
            ends_at: account.ends_at,
        }
    }

    /// Reads a whole user. What this hub does not know is passed over (RFC 7644 §3.3).
    pub(super) fn read(user: &Value) -> Result<Self, Wrong> {
        let mut draft = Self::default();
        draft.take(user.as_object().ok_or_else(Wrong::syntax)?)?;
        Ok(draft)
    }

    /// Carries out the operations of a PATCH (RFC 7644 §3.5.2), all or none.
    pub(super) fn patched(mut self, message: &Value) -> Result<Self, Wrong> {
        let operations = field(message.as_object().ok_or_else(Wrong::syntax)?, "operations");
        let operations = operations.and_then(Value::as_array).ok_or_else(Wrong::syntax)?;
        if operations.is_empty() || operations.len() > MOST_OPERATIONS {
            return Err(Wrong::syntax());
        }
        for operation in operations {
            self.patch(operation.as_object().ok_or_else(Wrong::syntax)?)?;
        }
        Ok(self)
    }

    fn patch(&mut self, operation: &Map<String, Value>) -> Result<(), Wrong> {
        let of = |name: &str| field(operation, name).and_then(Value::as_str);
        let (kind, path) = (of("op").unwrap_or_default().to_ascii_lowercase(), of("path"));
        let target = path.map(|path| attribute(path).ok_or_else(|| Wrong::path(path))).transpose()?;
        let value = field(operation, "value");
        match (kind.as_str(), target, value) {
            ("add" | "replace", Some(target), Some(value)) => {
                if target == Attribute::ReadOnly {
                    return Err(Wrong::mutability(path.unwrap_or_default()));
                }
                self.set(target, value)
            }
            ("add" | "replace", None, Some(Value::Object(values))) => self.take(values),
            ("remove", Some(target), _) => self.remove(target, path.unwrap_or_default()),
            ("remove", None, _) => {
                Err(Wrong { scim_type: "noTarget", key: "scim.no-target", what: String::new() })
            }
            _ => Err(Wrong::syntax()),
        }
    }

    /// Takes every attribute of an object.
    fn take(&mut self, values: &Map<String, Value>) -> Result<(), Wrong> {
        for (name, value) in values {
            if let Some(target) = attribute(name) {
                self.set(target, value)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, target: Attribute, value: &Value) -> Result<(), Wrong> {
        match target {
            Attribute::UserName => {
                let login = text(value).ok_or_else(|| Wrong::value("userName"))?;
                if self.user_name.as_ref().is_some_and(|known| !known.eq_ignore_ascii_case(&login)) {
                    return Err(Wrong::mutability("userName"));
                }
                self.user_name = Some(login);
            }
            Attribute::DisplayName => {
                let name = text(value).filter(|name| is_name(name));
                self.display_name = Some(name.ok_or_else(|| Wrong::value("displayName"))?);
            }
            Attribute::Active => {
                self.active = Some(truth(value).ok_or_else(|| Wrong::value("active"))?);
            }
            Attribute::Roles => self.role = Some(role(value).ok_or_else(|| Wrong::value("roles"))?),
            Attribute::ExternalId => {
                let name = text(value).filter(|name| name.chars().count() <= LONGEST_EXTERNAL_ID);
                let is_none = value.is_null();
                self.external_id =
                    if is_none { None } else { Some(name.ok_or_else(|| Wrong::value("externalId"))?) };
            }
            Attribute::EndsAt => {
                let end = text(value).and_then(|text| text.parse().ok());
                let is_none = value.is_null();
                self.ends_at = if is_none { None } else { Some(end.ok_or_else(|| Wrong::value("endsAt"))?) };
            }
            Attribute::Account => {
                let values = value.as_object().ok_or_else(|| Wrong::value(ACCOUNT))?;
                if let Some(end) = field(values, "endsat") {
                    self.set(Attribute::EndsAt, end)?;
                }
            }
            Attribute::ReadOnly => {}
        }
        Ok(())
    }

    fn remove(&mut self, target: Attribute, path: &str) -> Result<(), Wrong> {
        match target {
            Attribute::ExternalId => self.external_id = None,
            Attribute::EndsAt | Attribute::Account => self.ends_at = None,
            Attribute::ReadOnly => return Err(Wrong::mutability(path)),
            // An account is never without these.
            Attribute::UserName | Attribute::DisplayName | Attribute::Active | Attribute::Roles => {
                return Err(Wrong::value(path));
            }
        }
        Ok(())
    }
}

/// What a path leads to; a filter or a part after it is about the one value there can be.
fn attribute(path: &str) -> Option<Attribute> {
    let path = path.trim().to_ascii_lowercase();
    let (core, extension) = (format!("{}:", USER.to_ascii_lowercase()), ACCOUNT.to_ascii_lowercase());
    if let Some(rest) = path.strip_prefix(&extension) {
        return match rest.trim_start_matches([':', '.']) {
            "" => Some(Attribute::Account),
            "endsat" => Some(Attribute::EndsAt),
            "institution" | "state" => Some(Attribute::ReadOnly),
            _ => None,
        };
    }
    let name = path.strip_prefix(&core).unwrap_or(&path);
    match name {
        "username" => Some(Attribute::UserName),
        "displayname" => Some(Attribute::DisplayName),
        "active" => Some(Attribute::Active),
        "externalid" => Some(Attribute::ExternalId),
        "id" | "meta" | "schemas" => Some(Attribute::ReadOnly),
        "roles" | "roles.value" => Some(Attribute::Roles),
        filtered if filtered.starts_with("roles[") => Some(Attribute::Roles),
        _ => None,
    }
}

/// A field by its name in small letters; capitals do not matter (RFC 7643 §2.1).
fn field<'v>(values: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A truth value, also as the texts that some systems send.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is_so) => Some(*is_so),
        Value::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// The one role an account has: by its code, as a value, or as the one value of a list.
fn role(value: &Value) -> Option<Role> {
    match value {
        Value::String(code) => Role::from_code(code.trim()).filter(|role| OFFERED.contains(role)),
        Value::Object(values) => role(field(values, "value")?),
        Value::Array(all) => match all.as_slice() {
            [one] => role(one),
            _ => None,
        },
        _ => None,
    }
}

fn is_name(name: &str) -> bool {
    name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft() -> Draft {
        Draft {
            user_name: Some("kakuu.kango".to_owned()),
            display_name: Some("架空 看護".to_owned()),
            active: Some(true),
            role: Some(Role::Nurse),
            external_id: Some("e-1".to_owned()),
            ends_at: None,
        }
    }

    fn patched(operations: &Value) -> Result<Draft, &'static str> {
        draft().patched(&json!({"Operations": operations})).map_err(|wrong| wrong.scim_type)
    }

    #[test]
    fn a_patch_says_the_same_in_each_of_the_ways_that_systems_say_it() {
        let suspended = Ok(Draft { active: Some(false), ..draft() });
        for operation in [
            json!({"op": "replace", "path": "active", "value": false}),
            json!({"op": "Replace", "path": "active", "value": "False"}),
            json!({"op": "replace", "value": {"active": false}}),
            json!({"op": "add", "path": format!("{USER}:active"), "value": false}),
        ] {
            assert_eq!(patched(&json!([operation])), suspended, "{operation}");
        }
        let pharmacist = Ok(Draft { role: Some(Role::Pharmacist), ..draft() });
        for (path, value) in [
            ("roles", json!([{"value": "pharmacist", "primary": true}])),
            ("roles.value", json!("pharmacist")),
            ("roles[primary eq \"True\"].value", json!("pharmacist")),
        ] {
            assert_eq!(patched(&json!([{"op": "replace", "path": path, "value": value}])), pharmacist);
        }
        let end =
            json!([{"op": "add", "path": format!("{ACCOUNT}:endsAt"), "value": "2027-04-01T00:00:00+09:00"}]);
        assert_eq!(patched(&end).map(|draft| draft.ends_at.is_some()), Ok(true));
        let unnamed = Ok(Draft { external_id: None, ..draft() });
        assert_eq!(patched(&json!([{"op": "remove", "path": "externalId"}])), unnamed);
    }

    #[test]
    fn what_cannot_be_patched_is_refused_by_its_reason() {
        for (operations, scim_type) in [
            (json!([]), "invalidSyntax"),
            (json!([{"op": "copy", "path": "active", "value": true}]), "invalidSyntax"),
            (json!([{"op": "replace", "path": "active"}]), "invalidSyntax"),
            (json!([{"op": "replace", "path": "salary", "value": 1}]), "invalidPath"),
            (json!([{"op": "remove"}]), "noTarget"),
            (json!([{"op": "replace", "path": "userName", "value": "other"}]), "mutability"),
            (json!([{"op": "replace", "path": "id", "value": "x"}]), "mutability"),
            (
                json!([{"op": "replace", "path": format!("{ACCOUNT}:institution"), "value": "4919999902"}]),
                "mutability",
            ),
            (json!([{"op": "remove", "path": "displayName"}]), "invalidValue"),
            (json!([{"op": "replace", "path": "active", "value": "perhaps"}]), "invalidValue"),
            (json!([{"op": "replace", "path": "roles", "value": "patient"}]), "invalidValue"),
            (json!([{"op": "add", "path": "roles", "value": ["nurse", "clerk"]}]), "invalidValue"),
            (json!([{"op": "replace", "path": "displayName", "value": "x".repeat(61)}]), "invalidValue"),
        ] {
            assert_eq!(patched(&operations), Err(scim_type), "{operations}");
        }
    }
}
