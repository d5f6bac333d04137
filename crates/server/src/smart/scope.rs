//! Which scope an address needs. The rows of `routes.rs` tell it of reading, writing and searching; what they cannot
//! tell stands here. What stands nowhere, no app may call: pages, breaking the glass, administration.

use access::{ACCOUNTS_SCOPE, Deeds, Level, Scopes, Viewer};
use axum::extract::MatchedPath;
use axum::http::Method;
use axum::http::request::Parts;

use crate::routes::{Meaning, ROUTES};

/// What an app must have been let.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// This with resources of one type, or (`None`) of every type.
    Deeds(Option<&'static str>, Deeds),
    /// That it keeps the accounts of its institution.
    Accounts,
    /// Nothing in particular: it touches no record.
    Nothing,
}

/// Operations and what is no FHIR: address, method, need.
const NEEDS: &[(&str, Method, Need)] = &[
    ("/fhir/Bundle/$cancel", Method::POST, of("Bundle", Deeds::DELETE)),
    ("/fhir/Bundle/{id}/$attach", Method::POST, of("Bundle", Deeds::CREATE)),
    ("/fhir/Bundle/{id}/$linked", Method::GET, of("Bundle", Deeds::READ)),
    ("/fhir/Task/{id}/$open", Method::POST, of("Task", Deeds::UPDATE)),
    ("/fhir/Patient/{id}/$summary", Method::GET, Need::Deeds(None, Deeds::READING)),
    ("/fhir/Patient/{id}/$everything", Method::GET, Need::Deeds(None, Deeds::READING)),
    ("/api/v1/consents", Method::GET, of("Consent", Deeds::SEARCH)),
    ("/api/v1/consents", Method::POST, of("Consent", Deeds::CREATE)),
    ("/api/v1/consents/{id}", Method::DELETE, of("Consent", Deeds::DELETE)),
    ("/api/v1/wishes", Method::POST, of("Consent", Deeds::CREATE)),
    ("/api/v1/masters", Method::GET, of("CodeSystem", Deeds::SEARCH)),
    ("/api/v1/masters/{kind}", Method::GET, of("CodeSystem", Deeds::READ)),
    ("/api/v1/masters/{kind}/difference", Method::GET, of("CodeSystem", Deeds::READ)),
    ("/api/v1/subscriptions/{id}/deliveries", Method::GET, of("Subscription", Deeds::READ)),
    ("/api/v1/deliveries/{id}/resend", Method::POST, of("Subscription", Deeds::UPDATE)),
    ("/scim/v2/Users", Method::GET, Need::Accounts),
    ("/scim/v2/Users", Method::POST, Need::Accounts),
    ("/scim/v2/Users/{id}", Method::GET, Need::Accounts),
    ("/scim/v2/Users/{id}", Method::PUT, Need::Accounts),
    ("/scim/v2/Users/{id}", Method::PATCH, Need::Accounts),
    ("/scim/v2/Users/{id}", Method::DELETE, Need::Accounts),
];

/// The viewer as far as the scopes of this request let them; whoever comes by no app passes as they are.
///
/// # Errors
/// The scope that is missing; `None` where no scope lets it.
pub(crate) fn narrowed(viewer: Viewer, parts: &Parts) -> Result<Viewer, Option<String>> {
    let Some(scopes) = &viewer.scopes else { return Ok(viewer) };
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(need) = need(path, &parts.method) else { return Err(None) };
    match need {
        Need::Nothing => Ok(viewer),
        Need::Accounts if scopes.keep_accounts() => Ok(viewer),
        Need::Accounts => Err(Some(ACCOUNTS_SCOPE.to_owned())),
        Need::Deeds(resource, deeds) => match scopes.for_act(resource, deeds) {
            Some(scopes) => Ok(Viewer { scopes: Some(scopes), ..viewer }),
            None => Err(Some(missing(scopes, resource, deeds))),
        },
    }
}

const fn of(resource: &'static str, deeds: Deeds) -> Need {
    Need::Deeds(Some(resource), deeds)
}

fn need(path: &str, method: &Method) -> Option<Need> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    if let Some((.., need)) = NEEDS.iter().find(|(known, by, _)| *known == path && by == method) {
        return Some(*need);
    }
    // Whatever type is judged, and at whichever of the addresses that the table stands for.
    if path.ends_with("/$validate") && method == Method::POST {
        return Some(Need::Nothing);
    }
    // A search by POST arrives here as the same search by GET.
    let path = path.strip_suffix("/_search").unwrap_or(path);
    let code = match *method {
        Method::GET => "read",
        Method::POST => "create",
        Method::PUT => "update",
        Method::DELETE => "delete",
        _ => return None,
    };
    ROUTES.iter().filter(|route| route.path == path).find_map(|route| match &route.meaning {
        Meaning::Search(resource, _) if method == Method::GET => Some(of(resource, Deeds::SEARCH)),
        Meaning::Interactions(resource, codes) if codes.contains(&code) => Some(of(resource, deed(code)?)),
        _ => None,
    })
}

fn deed(interaction: &str) -> Option<Deeds> {
    match interaction {
        "create" => Some(Deeds::CREATE),
        "read" => Some(Deeds::READ),
        "update" => Some(Deeds::UPDATE),
        "delete" => Some(Deeds::DELETE),
        _ => None,
    }
}

/// The smallest scope that would have let it, of the kind the app has.
fn missing(scopes: &Scopes, resource: Option<&str>, deeds: Deeds) -> String {
    let level = scopes.iter().map(|scope| scope.level).find(|level| *level != Level::Patient);
    let level = level.unwrap_or(if Deeds::READING.include(deeds) { Level::Patient } else { Level::User });
    let resource = resource.unwrap_or("*");
    format!("{}/{resource}.{deeds}", level.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_address_that_is_served() {
        for (path, method, _) in NEEDS {
            assert!(ROUTES.iter().any(|route| route.path == *path), "{path} {method}");
        }
    }

    #[test]
    fn reading_writing_and_searching_follow_from_the_table_of_addresses() {
        assert_eq!(need("/fhir/Bundle", &Method::POST), Some(of("Bundle", Deeds::CREATE)));
        assert_eq!(need("/fhir/Bundle/{id}", &Method::HEAD), Some(of("Bundle", Deeds::READ)));
        assert_eq!(need("/fhir/Bundle/{id}", &Method::DELETE), Some(of("Bundle", Deeds::DELETE)));
        assert_eq!(need("/fhir/Task/_search", &Method::GET), Some(of("Task", Deeds::SEARCH)));
        assert_eq!(need("/fhir/Subscription/{id}", &Method::PUT), Some(of("Subscription", Deeds::UPDATE)));
    }

    #[test]
    fn no_scope_lets_an_app_open_pages_break_the_glass_or_join_persons() {
        for (path, method) in [
            ("/patients/{id}", Method::GET),
            ("/oauth/authorize", Method::POST),
            ("/fhir/Patient/$emergency-access", Method::POST),
            ("/fhir/Patient/$disaster-access", Method::POST),
            ("/fhir/Patient/$merge", Method::POST),
            ("/api/v1/disasters", Method::POST),
            ("/nowhere", Method::GET),
        ] {
            assert_eq!(need(path, &method), None, "{path}");
        }
    }
}
