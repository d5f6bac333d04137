//! The console: pages for people, rendered here, readable without script.

macro_rules! bare {
    ($($name:ident),*) => { $(pub(crate) async fn $name() -> axum::http::StatusCode { axum::http::StatusCode::NOT_IMPLEMENTED })* };
}

bare!(
    front,
    open_door,
    sign_in_page,
    sign_in,
    sign_out,
    patients,
    patient_summary,
    documents,
    document,
    seen_by,
    validator_page,
    validate,
    audit_log,
    asset,
    favicon
);
