//! Filters (RFC 7644 §3.4.2.2): one comparison by `eq`. What systems look accounts up by needs no more.

use serde_json::Value;
use store::Account;

use crate::scim::USER;
use crate::scim::fault::Wrong;
use crate::scim::user::is_active;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// A login; capitals do not matter.
    UserName(String),
    /// What the institution's system calls it.
    ExternalId(String),
    /// In use, or not.
    Active(bool),
}

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let what = || text.chars().take(80).collect();
        let unknown = || Wrong { scim_type: "invalidFilter", key: "scim.invalid-filter", what: what() };
        let (attribute, rest) = text.trim().split_once(' ').ok_or_else(unknown)?;
        let (operator, value) = rest.trim_start().split_once(' ').ok_or_else(unknown)?;
        if !operator.eq_ignore_ascii_case("eq") {
            return Err(unknown());
        }
        let value: Value = serde_json::from_str(value.trim()).map_err(|_| unknown())?;
        let attribute = attribute.to_ascii_lowercase();
        let prefix = format!("{}:", USER.to_ascii_lowercase());
        match (attribute.strip_prefix(&prefix).unwrap_or(&attribute), value) {
            ("username", Value::String(login)) => Ok(Self::UserName(login.to_ascii_lowercase())),
            ("externalid", Value::String(name)) => Ok(Self::ExternalId(name)),
            ("active", Value::Bool(is_active)) => Ok(Self::Active(is_active)),
            _ => Err(unknown()),
        }
    }

    pub(super) fn matches(&self, account: &Account, external_id: Option<&str>) -> bool {
        match self {
            Self::UserName(login) => account.login == *login,
            Self::ExternalId(name) => external_id == Some(name),
            Self::Active(wanted) => is_active(account) == *wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_compares_one_of_three_attributes_with_a_value_of_its_kind() {
        let login = Ok(Filter::UserName("kakuu.kango".to_owned()));
        assert_eq!(Filter::parse(r#"userName eq "Kakuu.Kango""#), login);
        assert_eq!(Filter::parse(&format!(r#" {USER}:USERNAME  EQ "kakuu.kango" "#)), login);
        assert_eq!(Filter::parse(r#"externalId eq "a \"b\"""#), Ok(Filter::ExternalId("a \"b\"".to_owned())));
        assert_eq!(Filter::parse("active eq true"), Ok(Filter::Active(true)));
    }

    #[test]
    fn any_other_filter_is_refused_as_such() {
        for text in [
            "",
            "userName",
            "userName eq",
            "userName eq kakuu",
            "userName co \"k\"",
            "userName pr",
            "active eq \"true\"",
            "displayName eq \"x\"",
            "userName eq \"a\" or active eq true",
            "not (active eq true)",
            "roles[value eq \"nurse\"]",
        ] {
            assert_eq!(Filter::parse(text).map_err(|wrong| wrong.scim_type), Err("invalidFilter"), "{text}");
        }
    }
}
