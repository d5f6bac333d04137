//! The one table of addresses. The router and the CapabilityStatement are both made from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, delete, get, post, put};

use crate::answer::Refused;
use crate::door::{Caller, language};
use crate::{App, api, console, fhir_api, scim, smart};

/// What an address is, in the words of a CapabilityStatement.
pub(crate) enum Meaning {
    /// REST interactions on a resource type: `read`, `create`, `update`, `delete`.
    Interactions(&'static str, &'static [&'static str]),
    /// A search parameter besides: type, name, kind.
    Search(&'static str, &'static [(&'static str, &'static str)]),
    /// An operation on a resource type: name, canonical definition.
    Operation(&'static str, &'static str, &'static str),
    /// An operation on every resource type: name, canonical definition.
    OperationOnAll(&'static str, &'static str),
    /// A page or an asset of the console, or the statement itself.
    Other,
}

/// One address.
pub(crate) struct Route {
    /// As axum writes it.
    pub(crate) path: &'static str,
    /// Who answers.
    handler: fn() -> MethodRouter<Arc<App>>,
    /// What it is to a FHIR client.
    pub(crate) meaning: Meaning,
}

const PATIENT: &[(&str, &str)] = &[("patient", "reference")];

const SUBSCRIPTION: &[(&str, &str)] = &[("status", "token"), ("criteria", "string"), ("url", "uri")];

/// Every address of the hub.
pub(crate) const ROUTES: &[Route] = &[
    route("/fhir/metadata", || get(fhir_api::metadata), Meaning::Other),
    route("/fhir/Bundle", || post(fhir_api::register), Meaning::Interactions("Bundle", &["create"])),
    route(
        "/fhir/{type}/$validate",
        || post(fhir_api::validate),
        Meaning::OperationOnAll("validate", "http://hl7.org/fhir/OperationDefinition/Resource-validate"),
    ),
    route(
        "/fhir/Bundle/$cancel",
        || post(fhir_api::cancel_by_key),
        Meaning::Operation("Bundle", "cancel", "urn:renkei:OperationDefinition:Bundle-cancel"),
    ),
    route(
        "/fhir/Bundle/{id}",
        || get(fhir_api::bundle).put(fhir_api::change).delete(fhir_api::cancel),
        Meaning::Interactions("Bundle", &["read", "update", "delete"]),
    ),
    route(
        "/fhir/Bundle/{id}/$attach",
        || post(fhir_api::attach),
        Meaning::Operation("Bundle", "attach", "urn:renkei:OperationDefinition:Bundle-attach"),
    ),
    route(
        "/fhir/DocumentReference/{id}",
        || get(fhir_api::bundle),
        Meaning::Interactions("DocumentReference", &["read"]),
    ),
    route(
        "/fhir/Task",
        || get(fhir_api::tasks),
        Meaning::Search(
            "Task",
            &[
                ("owner", "reference"),
                ("requester", "reference"),
                ("patient", "reference"),
                ("business-status", "token"),
                ("_lastUpdated", "date"),
            ],
        ),
    ),
    route("/fhir/Task/{id}", || get(fhir_api::task), Meaning::Interactions("Task", &["read"])),
    route(
        "/fhir/Task/{id}/$open",
        || post(fhir_api::open_task),
        Meaning::Operation("Task", "open", "urn:renkei:OperationDefinition:Task-open"),
    ),
    route(
        "/fhir/Patient",
        || get(fhir_api::find_patient),
        Meaning::Search("Patient", &[("identifier", "token")]),
    ),
    route("/fhir/Patient/{id}", || get(fhir_api::patient), Meaning::Interactions("Patient", &["read"])),
    route(
        "/fhir/Patient/{id}/$summary",
        || get(fhir_api::summary),
        Meaning::Operation("Patient", "summary", "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"),
    ),
    route(
        "/fhir/Patient/{id}/$everything",
        || get(fhir_api::everything),
        Meaning::Operation(
            "Patient",
            "everything",
            "http://hl7.org/fhir/OperationDefinition/Patient-everything",
        ),
    ),
    route("/fhir/Bundle/{id}/$linked", || get(fhir_api::linked), Meaning::Other),
    route(
        "/fhir/DocumentReference",
        || get(fhir_api::document_references),
        Meaning::Search("DocumentReference", PATIENT),
    ),
    route(
        "/fhir/Patient/$merge",
        || post(fhir_api::merge),
        Meaning::Operation("Patient", "merge", "http://hl7.org/fhir/OperationDefinition/Patient-merge"),
    ),
    route(
        "/fhir/Patient/$unmerge",
        || post(fhir_api::unmerge),
        Meaning::Operation("Patient", "unmerge", "urn:renkei:operation:patient-unmerge"),
    ),
    route(
        "/fhir/Patient/$numbers",
        || post(fhir_api::numbers),
        Meaning::Operation("Patient", "numbers", "urn:renkei:operation:patient-numbers"),
    ),
    route("/fhir/Condition", || get(fhir_api::conditions), Meaning::Search("Condition", PATIENT)),
    route(
        "/fhir/AllergyIntolerance",
        || get(fhir_api::allergies),
        Meaning::Search("AllergyIntolerance", PATIENT),
    ),
    route("/fhir/Observation", || get(fhir_api::observations), Meaning::Search("Observation", PATIENT)),
    route(
        "/fhir/MedicationRequest",
        || get(fhir_api::prescriptions),
        Meaning::Search("MedicationRequest", PATIENT),
    ),
    route("/fhir/AuditEvent", || get(fhir_api::audit_events), Meaning::Search("AuditEvent", PATIENT)),
    route(
        "/fhir/Organization",
        || get(fhir_api::organizations),
        Meaning::Search(
            "Organization",
            &[
                ("name", "string"),
                ("identifier", "token"),
                ("phone", "token"),
                ("address", "string"),
                ("address-postalcode", "string"),
            ],
        ),
    ),
    route(
        "/fhir/Organization/{id}",
        || get(fhir_api::organization_by_number),
        Meaning::Interactions("Organization", &["read"]),
    ),
    route(
        "/fhir/Subscription",
        || post(fhir_api::subscribe),
        Meaning::Interactions("Subscription", &["create"]),
    ),
    route(
        "/fhir/Subscription",
        || get(fhir_api::subscriptions),
        Meaning::Search("Subscription", SUBSCRIPTION),
    ),
    route(
        "/fhir/Subscription/{id}",
        || get(fhir_api::subscription),
        Meaning::Interactions("Subscription", &["read"]),
    ),
    route(
        "/fhir/Subscription/{id}",
        || put(fhir_api::change_subscription),
        Meaning::Interactions("Subscription", &["update"]),
    ),
    route(
        "/fhir/Subscription/{id}",
        || delete(fhir_api::unsubscribe),
        Meaning::Interactions("Subscription", &["delete"]),
    ),
    route("/api/v1/masters", || get(api::masters), Meaning::Other),
    route("/api/v1/masters/{kind}", || get(api::master), Meaning::Other),
    route("/api/v1/masters/{kind}/difference", || get(api::difference), Meaning::Other),
    route("/api/v1/subscriptions/{id}/deliveries", || get(api::deliveries), Meaning::Other),
    route("/api/v1/figures", || get(api::figures), Meaning::Other),
    route("/api/v1/deliveries/{id}/resend", || post(api::resend), Meaning::Other),
    route(
        "/fhir/Patient/$emergency-access",
        || post(fhir_api::emergency_access),
        Meaning::Operation("Patient", "emergency-access", "urn:renkei:operation:emergency-access"),
    ),
    route(
        "/fhir/Patient/$disaster-access",
        || post(fhir_api::disaster_access),
        Meaning::Operation("Patient", "disaster-access", "urn:renkei:operation:disaster-access"),
    ),
    route("/api/v1/consents", || get(api::consents).post(api::hand_in_consent), Meaning::Other),
    route("/api/v1/consents/{id}", || delete(api::revoke_consent), Meaning::Other),
    route("/api/v1/wishes", || post(api::wish), Meaning::Other),
    route("/api/v1/disasters", || get(api::disasters).post(api::declare_disaster), Meaning::Other),
    route("/api/v1/disasters/{id}/end", || post(api::end_disaster), Meaning::Other),
    route("/api/v1/safety/reports", || post(api::take_report), Meaning::Other),
    route("/api/v1/reviews", || get(api::reviews), Meaning::Other),
    route("/api/v1/reviews/{id}", || post(api::review), Meaning::Other),
    route("/.well-known/smart-configuration", || get(smart::configuration), Meaning::Other),
    route("/.well-known/oauth-authorization-server", || get(smart::configuration), Meaning::Other),
    route("/fhir/.well-known/smart-configuration", || get(smart::configuration), Meaning::Other),
    route("/oauth/authorize", || get(console::asked_by_app).post(console::answer_app), Meaning::Other),
    route("/oauth/token", || post(smart::token), Meaning::Other),
    route("/oauth/revoke", || post(smart::revoke), Meaning::Other),
    route("/oauth/introspect", || post(smart::introspect), Meaning::Other),
    route("/scim/v2/ServiceProviderConfig", || get(scim::service_provider_config), Meaning::Other),
    route("/scim/v2/ResourceTypes", || get(scim::resource_types), Meaning::Other),
    route("/scim/v2/ResourceTypes/{id}", || get(scim::resource_type), Meaning::Other),
    route("/scim/v2/Schemas", || get(scim::schemas), Meaning::Other),
    route("/scim/v2/Schemas/{id}", || get(scim::schema), Meaning::Other),
    route("/scim/v2/Users", || get(scim::list).post(scim::create), Meaning::Other),
    route(
        "/scim/v2/Users/{id}",
        || get(scim::read).put(scim::replace).patch(scim::patch).delete(scim::delete),
        Meaning::Other,
    ),
    route("/health", || get(fhir_api::health), Meaning::Other),
    route("/", || get(console::front), Meaning::Other),
    route("/door", || post(console::open_door), Meaning::Other),
    route("/sign-in", || get(console::sign_in_page).post(console::sign_in), Meaning::Other),
    route("/sign-in/code", || post(console::sign_in_with_code), Meaning::Other),
    route("/sign-in/card", || get(console::card_page).post(console::read_card), Meaning::Other),
    route("/sign-in/provider/{provider}", || get(console::to_provider), Meaning::Other),
    route("/sign-in/provider/{provider}/back", || get(console::from_provider), Meaning::Other),
    route("/invitation/{link}/provider/{provider}", || get(console::invitation_to_provider), Meaning::Other),
    route("/passkey/{occasion}", || post(console::passkey_asked), Meaning::Other),
    route("/passkey/{occasion}/done", || post(console::passkey_done), Meaning::Other),
    route("/proof", || get(console::proof_page).post(console::prove), Meaning::Other),
    route(
        "/invitation/{link}",
        || get(console::invitation_page).post(console::begin_invitation),
        Meaning::Other,
    ),
    route("/invitation/{link}/code", || post(console::accept_password), Meaning::Other),
    route("/account", || get(console::own_account).post(console::change_own_account), Meaning::Other),
    route("/account/code", || post(console::accept_own_password), Meaning::Other),
    route("/accounts", || get(console::accounts).post(console::change_account), Meaning::Other),
    route("/accounts.csv", || get(console::export_accounts), Meaning::Other),
    route("/accounts/import", || get(console::import_page).post(console::import_accounts), Meaning::Other),
    route("/accounts/exception", || post(console::change_exception), Meaning::Other),
    route("/accounts/stale", || post(console::suspend_stale), Meaning::Other),
    route("/apps", || get(console::apps).post(console::change_apps), Meaning::Other),
    route("/sign-in/second", || post(console::sign_in_with_second), Meaning::Other),
    route("/accounts/new", || get(console::new_account).post(console::invite), Meaning::Other),
    route("/accounts/{id}/sign-ins", || get(console::sign_ins), Meaning::Other),
    route(
        "/access-reviews",
        || get(console::access_reviews).post(console::open_access_review),
        Meaning::Other,
    ),
    route(
        "/access-reviews/{id}",
        || get(console::access_review).post(console::answer_access_review),
        Meaning::Other,
    ),
    route("/access-reviews/{id}/csv", || get(console::access_review_csv), Meaning::Other),
    route("/alerts", || get(console::alerts).post(console::change_alerts), Meaning::Other),
    route("/safety/guideline", || get(console::guideline), Meaning::Other),
    route("/safety/guideline/{item}", || get(console::item).post(console::answer_item), Meaning::Other),
    route("/safety/changes", || get(console::changes), Meaning::Other),
    route("/safety/support", || get(console::support), Meaning::Other),
    route("/safety/path", || get(console::path), Meaning::Other),
    route("/safety", || get(console::today).post(console::run_checks), Meaning::Other),
    route("/safety/registers", || get(console::register_index), Meaning::Other),
    route("/safety/registers/{code}", || get(console::register_list).post(console::make_row), Meaning::Other),
    route("/safety/registers/{code}/new", || get(console::new_row), Meaning::Other),
    route(
        "/safety/registers/{code}/{id}",
        || get(console::register_row).post(console::change_row),
        Meaning::Other,
    ),
    route(
        "/safety/registers/{code}/import",
        || get(console::import_register_page).post(console::import_register),
        Meaning::Other,
    ),
    route("/safety/registers/{code}/export/{format}", || get(console::export_register), Meaning::Other),
    route("/safety/executive", || get(console::executive), Meaning::Other),
    route("/safety/reporters", || get(console::reporters).post(console::enrol_reporter), Meaning::Other),
    route(
        "/safety/reporters/sheet",
        || get(console::report_sheet_page).post(console::bring_report_sheet),
        Meaning::Other,
    ),
    route("/safety/reporters/{id}", || get(console::reporter).post(console::change_reporter), Meaning::Other),
    route("/safety/diagram", || get(console::diagram_page), Meaning::Other),
    route("/safety/findings", || get(console::findings), Meaning::Other),
    route("/safety/incidents", || get(console::incidents).post(console::open_incident), Meaning::Other),
    route("/safety/incidents/papers", || get(console::incident_papers), Meaning::Other),
    route("/safety/incidents/{id}", || get(console::incident).post(console::write_incident), Meaning::Other),
    route("/safety/contacts", || get(console::contacts_page).post(console::test_contacts), Meaning::Other),
    route("/safety/bcp", || get(console::plan_page).post(console::approve_plan), Meaning::Other),
    route("/safety/bcp/pdf", || get(console::plan_pdf), Meaning::Other),
    route(
        "/safety/bcp/chapters/{chapter}",
        || get(console::chapter_page).post(console::keep_chapter),
        Meaning::Other,
    ),
    route("/safety/packs", || get(console::packs).post(console::make_pack), Meaning::Other),
    route("/safety/packs/{id}", || get(console::pack_page).post(console::change_links), Meaning::Other),
    route("/safety/packs/{id}/archive", || get(console::take_pack), Meaning::Other),
    route("/inspection/{link}", || get(console::inspection), Meaning::Other),
    route("/inspection/{link}/file", || get(console::inspection_file), Meaning::Other),
    route("/policy/simulator", || get(console::acts_simulator), Meaning::Other),
    route("/device", || get(console::device).post(console::set_up_device), Meaning::Other),
    route("/devices", || get(console::devices).post(console::change_devices), Meaning::Other),
    route("/sign-out", || post(console::sign_out), Meaning::Other),
    route("/patients", || get(console::patients), Meaning::Other),
    route("/patients/{id}", || get(console::patient_summary), Meaning::Other),
    route("/patients/{id}/documents", || get(console::documents), Meaning::Other),
    route("/patients/{id}/projections", || get(console::projections), Meaning::Other),
    route("/patients/{id}/seen-by", || get(console::seen_by), Meaning::Other),
    route("/patients/{id}/seen-by/{look}", || get(console::asking).post(console::ask), Meaning::Other),
    route("/for-whom", || get(console::for_whom), Meaning::Other),
    route("/inquiries", || get(console::inquiries).post(console::answer_inquiry), Meaning::Other),
    route("/proxies", || get(console::proxies).post(console::change_proxies), Meaning::Other),
    route("/directory", || get(console::directory), Meaning::Other),
    route(
        "/patients/{id}/consents",
        || get(console::consents).post(console::change_consents),
        Meaning::Other,
    ),
    route("/emergency", || get(console::emergency_page).post(console::open_emergency), Meaning::Other),
    route("/disaster", || get(console::disaster_page).post(console::open_disaster), Meaning::Other),
    route("/disasters", || get(console::disasters).post(console::change_disasters), Meaning::Other),
    route("/reviews", || get(console::reviews).post(console::keep_review), Meaning::Other),
    route("/consent/simulator", || get(console::simulator), Meaning::Other),
    route("/documents/{id}", || get(console::document), Meaning::Other),
    route("/validator", || get(console::validator_page).post(console::validate), Meaning::Other),
    route("/validator/findings", || get(console::shared_findings), Meaning::Other),
    route("/validator/rules", || get(console::rules), Meaning::Other),
    route("/validator/rules/{code}", || get(console::rule), Meaning::Other),
    route("/audit", || get(console::audit_log), Meaning::Other),
    route("/figures", || get(console::figures), Meaning::Other),
    route("/notices", || get(console::notices), Meaning::Other),
    route("/notices/resend", || post(console::resend_notice), Meaning::Other),
    route("/assets/{name}", || get(console::asset), Meaning::Other),
    route("/favicon.ico", || get(console::favicon), Meaning::Other),
];

const fn route(path: &'static str, handler: fn() -> MethodRouter<Arc<App>>, meaning: Meaning) -> Route {
    Route { path, handler, meaning }
}

/// The whole hub as a service.
pub fn router(app: Arc<App>) -> Router {
    let routes =
        ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    let searches = ROUTES.iter().filter(|route| matches!(route.meaning, Meaning::Search(..)));
    let routes = searches.fold(routes, |router, route| {
        let search = (route.handler)().with_state(Arc::clone(&app));
        router.route(&format!("{}/_search", route.path), fhir_api::by_post(search))
    });
    // The router would take this for the resource called `$validate`.
    let read = ROUTES.iter().filter_map(|route| route.path.strip_prefix("/fhir/")?.strip_suffix("/{id}"));
    let routes = read.collect::<BTreeSet<_>>().into_iter().fold(routes, |router, kind| {
        router.route(&format!("/fhir/{kind}/$validate"), post(fhir_api::validate))
    });
    routes
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&app), with_headers))
        .with_state(app)
}

/// No framing, no caching, nothing from elsewhere; of script only what passkeys and the idle screen need.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

async fn with_headers(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    if !is_from_here(&app, &request) {
        return console::for_eyes(&app, &request, Refused::forbidden("cross-origin", caller.language));
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    set(REFERRER_POLICY, "same-origin");
    if app.is_secure() {
        set(STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    if !response.headers().contains_key(CONTENT_SECURITY_POLICY) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    if !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(&caller.act.request) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// A browser names where a form came from; forms of other sites are refused, also by browsers that hide the origin.
fn is_from_here(app: &App, request: &Request<Body>) -> bool {
    let told = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let is_of_another_site = matches!(told("sec-fetch-site"), Some("cross-site" | "same-site"));
    if is_of_another_site && !request.method().is_safe() {
        return false;
    }
    let (origin, host) = (told("origin"), told("host").unwrap_or_default());
    origin.is_none_or(|origin| {
        origin == app.base_url || origin.split_once("://").is_some_and(|(_, authority)| authority == host)
    })
}

async fn not_found(axum::extract::State(app): axum::extract::State<Arc<App>>, request: Request) -> Response {
    let language = language(request.headers(), request.uri().query());
    if let Some(answer) = scim::for_systems(request.uri().path(), StatusCode::NOT_FOUND, language) {
        return answer;
    }
    let refused = Refused::not_found(language);
    console::for_eyes(&app, &request, refused)
}

async fn method_not_allowed(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
    request: Request,
) -> Response {
    let language = language(request.headers(), request.uri().query());
    if let Some(answer) = scim::for_systems(request.uri().path(), StatusCode::METHOD_NOT_ALLOWED, language) {
        return answer;
    }
    let refused = Refused::method_not_allowed(language);
    console::for_eyes(&app, &request, refused)
}
