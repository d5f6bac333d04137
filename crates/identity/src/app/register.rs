use access::{Level, Scopes, UnknownScope};
use jiff::Timestamp;
use store::{AppKind, Fault, RegisteredApp, random};

use crate::app::keys::{KeySet, KeySetFault};

/// An app as somebody wants it registered.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Name, as whoever lets it in reads it.
    pub name: String,
    /// Ten digits of the institution (an insurer's eight); none for an app for patients.
    pub institution: Option<String>,
    /// How it works.
    pub kind: AppKind,
    /// Its public keys.
    pub jwks: Option<String>,
    /// Where its codes may be brought.
    pub redirect_uris: Vec<String>,
    /// SMART scopes, parted by spaces.
    pub scopes: String,
    /// Who registers it.
    pub by: String,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// Why an app is not registered.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotRegistered {
    /// A name is missing.
    #[error("it has no name")]
    Name,
    /// A backend acts for an institution.
    #[error("a backend acts for an institution")]
    Institution,
    /// A backend proves itself by a key.
    #[error("a backend needs keys")]
    Keys,
    /// The key set is not taken.
    #[error(transparent)]
    KeySet(#[from] KeySetFault),
    /// An opened app has an address, a backend has none.
    #[error("an opened app has addresses, a backend has none")]
    Addresses,
    /// The address is neither `https` nor this machine's own, or holds what none may hold.
    #[error("codes cannot be brought to {0}")]
    Address(String),
    /// A scope is unknown.
    #[error(transparent)]
    Scope(#[from] UnknownScope),
    /// A scope is not for this kind of app, or there is none.
    #[error("a scope is not for this kind of app")]
    ScopeKind,
    /// It could not be made.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl Registration {
    /// Checks what is to be registered, and gives it an id.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(self, now: Timestamp) -> Result<RegisteredApp, NotRegistered> {
        let is_backend = self.kind == AppKind::Backend;
        if self.name.trim().is_empty() {
            return Err(NotRegistered::Name);
        }
        if is_backend && self.institution.is_none() {
            return Err(NotRegistered::Institution);
        }
        match &self.jwks {
            None if is_backend => return Err(NotRegistered::Keys),
            jwks => jwks.as_deref().map(KeySet::parse).transpose()?,
        };
        if self.redirect_uris.is_empty() != is_backend {
            return Err(NotRegistered::Addresses);
        }
        if let Some(wrong) = self.redirect_uris.iter().find(|address| !is_address(address)) {
            return Err(NotRegistered::Address(wrong.clone()));
        }
        let scopes = Scopes::parse(&self.scopes)?;
        let is_fitting = |level: Level| (level == Level::System) == is_backend;
        let has_launch = is_backend && scopes.need_patient();
        let has_accounts = !is_backend && scopes.keep_accounts();
        if scopes.is_empty()
            || has_launch
            || has_accounts
            || !scopes.iter().all(|scope| is_fitting(scope.level))
        {
            return Err(NotRegistered::ScopeKind);
        }
        let id: String =
            random::<12>().map_err(Fault::from)?.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(RegisteredApp {
            id: format!("app-{id}"),
            name: self.name,
            institution: self.institution,
            kind: self.kind,
            jwks: self.jwks,
            redirect_uris: self.redirect_uris,
            scopes: scopes.to_string(),
            made_by: self.by,
            made_at: now,
            ends_at: self.ends_at,
            ended_at: None,
        })
    }
}

/// `https`, or this machine itself (RFC 8252 §7.3), and nothing that would mean something in a header or a page.
fn is_address(address: &str) -> bool {
    let after = ["https://", "http://127.0.0.1", "http://[::1]"];
    let rest = after.iter().find_map(|start| Some((*start, address.strip_prefix(start)?)));
    let Some((start, rest)) = rest else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let is_host = match start {
        "https://" => !authority.is_empty() && !authority.starts_with(':'),
        _ => {
            let port = authority.strip_prefix(':');
            authority.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_ok())
        }
    };
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'`;,\\<>#@*^{}|".contains(&byte);
    is_host && address.len() <= 500 && address.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(scopes: &str, address: &str) -> Registration {
        Registration {
            name: "服薬手帳".to_owned(),
            institution: None,
            kind: AppKind::Launched,
            jwks: None,
            redirect_uris: vec![address.to_owned()],
            scopes: scopes.to_owned(),
            by: "test".to_owned(),
            ends_at: Timestamp::MAX,
        }
    }

    fn refusal(registration: Registration) -> NotRegistered {
        registration.check(Timestamp::UNIX_EPOCH).unwrap_err()
    }

    #[test]
    fn codes_go_to_https_or_to_this_machine_only() {
        for good in
            ["https://app.example/back", "http://127.0.0.1:8099/", "http://[::1]:1/x", "https://a.example"]
        {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://app.example/",
            "https://",
            "https:///x",
            "http://127.0.0.1.evil.example/",
            "javascript:x",
            "https://a.example/#x",
            "https://a@b.example/",
            "https://a.example/;x",
            "https://*.example/",
            "com.example.app:/back",
            "https://a.example/ x",
            "http://127.0.0.1:x/",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(matches!(refusal(app("patient/*.rs", "http://app.example/")), NotRegistered::Address(_)));
    }

    #[test]
    fn a_backend_has_a_key_an_institution_and_systems_scopes_only() {
        let backend = |scopes: &str| Registration {
            kind: AppKind::Backend,
            institution: Some("4919999901".to_owned()),
            redirect_uris: Vec::new(),
            ..app(scopes, "")
        };
        assert!(matches!(
            refusal(Registration { institution: None, ..backend("system/*.rs") }),
            NotRegistered::Institution
        ));
        assert!(matches!(refusal(backend("system/*.rs")), NotRegistered::Keys));
        assert!(matches!(refusal(app("system/*.rs", "https://app.example/")), NotRegistered::ScopeKind));
        let accounts = app("renkei/accounts patient/*.rs", "https://app.example/");
        assert!(matches!(refusal(accounts), NotRegistered::ScopeKind));
        assert!(matches!(refusal(app("", "https://app.example/")), NotRegistered::ScopeKind));
        assert!(matches!(refusal(app("everything", "https://app.example/")), NotRegistered::Scope(_)));
    }
}
