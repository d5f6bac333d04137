//! Every address, with nobody before it.

use std::collections::BTreeSet;

use crate::hub::Hub;

/// Addresses that anybody may ask, and why.
const OPEN: &[(&str, &str)] = &[
    ("/", "the front page"),
    ("/assets/{name}", "what pages are made of"),
    ("/favicon.ico", "a picture"),
    ("/health", "says only that it lives"),
    ("/fhir/metadata", "FHIR asks for it"),
    ("/.well-known/smart-configuration", "apps read it first"),
    ("/.well-known/oauth-authorization-server", "likewise"),
    ("/fhir/.well-known/smart-configuration", "likewise"),
    ("/oauth/authorize", "leads to the sign-in page, or says what is wrong with the question"),
    ("/oauth/token", "proves apps itself"),
    ("/oauth/revoke", "likewise"),
    ("/oauth/introspect", "likewise"),
    ("/api/v1/safety/reports", "a machine proves itself by its signature"),
    ("/scim/v2/ServiceProviderConfig", "RFC 7644 §4: what the hub can do is no secret"),
    ("/scim/v2/ResourceTypes", "likewise"),
    ("/scim/v2/ResourceTypes/{id}", "likewise"),
    ("/scim/v2/Schemas", "likewise"),
    ("/scim/v2/Schemas/{id}", "likewise"),
    ("/sign-in", "the way in"),
    ("/sign-in/code", "likewise"),
    ("/sign-in/second", "likewise"),
    ("/sign-in/card", "of the demo alone: there are no cards here"),
    ("/sign-in/provider/{provider}", "the way in"),
    ("/sign-in/provider/{provider}/back", "likewise"),
    ("/sign-out", "ends nothing where nothing is"),
    ("/device", "a terminal is set up by the code that its manager gave"),
    ("/passkey/{occasion}", "the way in"),
    ("/passkey/{occasion}/done", "likewise"),
    ("/invitation/{link}", "whoever has the link is let set it up"),
    ("/invitation/{link}/code", "likewise"),
    ("/invitation/{link}/provider/{provider}", "likewise"),
    ("/inspection/{link}", "whoever has the link reads that pack until its end"),
    ("/inspection/{link}/file", "likewise"),
    ("/door", "of the demo alone: there are none here"),
    ("/validator/findings", "whoever has the link sees findings, never the document"),
    ("/validator/rules", "the rules are public"),
    ("/validator/rules/{code}", "likewise"),
];

/// The addresses in the table of the server.
fn addresses() -> BTreeSet<String> {
    let table = include_str!("../../../../server/src/routes.rs");
    let (_, rows) = table.split_once("pub(crate) const ROUTES").unwrap();
    let (rows, _) = rows.split_once("\n];").unwrap();
    rows.split('"').filter(|text| text.starts_with('/')).map(str::to_owned).collect()
}

fn with_values(address: &str) -> String {
    let values = [("{type}", "Patient"), ("{kind}", "drugs"), ("{name}", "x"), ("{code}", "RK-2104")];
    let filled = values.iter().fold(address.to_owned(), |path, (place, value)| path.replace(place, value));
    let mut path = String::new();
    let mut rest = filled.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        path += before;
        path += "00000000-0000-8000-8000-000000000000";
        rest = after.split_once('}').unwrap().1;
    }
    path + rest
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
    config.max_redirects_will_error(false).max_idle_connections(0).build().into()
}

/// Asks an address with each verb, with a header more.
fn each_verb(url: &str, (name, value): (&str, &str)) -> [ureq::http::Response<ureq::Body>; 4] {
    let (agent, media) = (agent(), "application/x-www-form-urlencoded");
    [
        agent.get(url).header(name, value).call().unwrap(),
        agent.delete(url).header(name, value).call().unwrap(),
        agent.post(url).header(name, value).header("content-type", media).send("a=b").unwrap(),
        agent.put(url).header(name, value).header("content-type", media).send("a=b").unwrap(),
    ]
}

#[test]
fn without_a_token_or_a_session_every_address_but_the_open_ones_is_closed() {
    let hub = Hub::start();
    let all = addresses();
    assert!(all.len() > 80, "{}", all.len());
    for (open, _) in OPEN {
        assert!(all.contains(*open), "{open} is no address any more");
    }
    let closed = all.iter().filter(|address| !OPEN.iter().any(|(open, _)| open == address));
    let mut tried = 0;
    for address in closed {
        for answer in each_verb(&format!("{}{}", hub.url, with_values(address)), ("accept", "*/*")) {
            let location = answer.headers().get("location").map(|to| to.to_str().unwrap());
            let to_sign_in = location.is_some_and(|to| to.starts_with("/sign-in"));
            let status = answer.status().as_u16();
            assert!(matches!(status, 401 | 405) || (status == 303 && to_sign_in), "{address}: {status}");
            tried += usize::from(status != 405);
        }
    }
    eprintln!("{tried} addresses and verbs are closed to whoever has neither token nor session");
    assert!(tried > 70, "{tried}");
}

#[test]
fn every_answer_forbids_frames_sniffing_and_script_from_elsewhere() {
    let hub = Hub::start();
    for address in addresses() {
        for answer in each_verb(&format!("{}{}", hub.url, with_values(&address)), ("accept", "text/html")) {
            let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
            let policy = header("content-security-policy");
            assert!(
                policy.contains("default-src 'none'") || policy.contains("script-src 'self'"),
                "{address}"
            );
            assert!(
                policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
                "{address}: {policy}"
            );
            assert_eq!((header("x-frame-options"), header("x-content-type-options")), ("DENY", "nosniff"));
            assert_eq!(header("referrer-policy"), "same-origin", "{address}");
            assert!(header("access-control-allow-origin").is_empty(), "{address}");
            assert!(header("strict-transport-security").is_empty(), "it is said over TLS only");
            let is_kept = !header("cache-control").contains("no-store");
            assert!(!is_kept || address.starts_with("/assets/") || address == "/favicon.ico", "{address}");
        }
    }
}

#[test]
fn forms_of_other_sites_are_refused_at_every_address() {
    let hub = Hub::start();
    for address in addresses() {
        let url = format!("{}{}", hub.url, with_values(&address));
        for said in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
        {
            let [_, deleted, posted, put] = each_verb(&url, said);
            for answer in [deleted, posted, put] {
                assert_eq!(answer.status().as_u16(), 403, "{address} {said:?}");
            }
        }
    }
    let trace = ureq::http::Request::builder().method("TRACE").uri(&hub.url).body(()).unwrap();
    assert_eq!(agent().run(trace).unwrap().status().as_u16(), 405);
}
