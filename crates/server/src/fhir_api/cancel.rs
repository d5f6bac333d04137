//! Cancelling (取消): `DELETE /fhir/Bundle/{id}`, and `POST /fhir/Bundle/$cancel` by key.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use fhir::bundle::resource_type;
use fhir::json::Node;
use fhir::validate::Parsed;

use crate::App;
use crate::answer::Refused;
use crate::door::Visitor;
use crate::fhir_api::incoming::{read_body, require_fhir_json};
use crate::fhir_api::register::unit_id;

/// Parameters are small.
const LIMIT: usize = 64 << 10;

/// Cancels the unit of this id.
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let unit = unit_id(&id, visitor.language)?;
    let cancelled = app.exchange.cancel(&visitor.viewer, unit, &visitor.act).await;
    cancelled.map_err(|why| Refused::not_moved(&why, visitor.language))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Cancels the unit under a key. Parameters: `identifier` (the Bundle's) and `member` (the Patient's, as it was sent),
/// both valueIdentifier; in the body, so that no insured number stands in an address.
pub(crate) async fn cancel_by_key(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refused> {
    let language = visitor.language;
    require_fhir_json(&headers, language)?;
    let bytes = read_body(&headers, body, LIMIT, language).await?;
    let needed = || Refused::bad_request("answer.key-needed", language);
    let parsed = Parsed::parse(&bytes, &app.exchange.limits).map_err(|_| needed())?;
    let root = parsed.root();
    if resource_type(root) != "Parameters" {
        return Err(needed());
    }
    let identifier = value(root, "identifier").ok_or_else(needed)?;
    let (_, member) = value(root, "member").ok_or_else(needed)?;
    let cancelled = app.exchange.cancel_by_key(&visitor.viewer, member, identifier, &visitor.act).await;
    cancelled.map_err(|why| Refused::not_moved(&why, language))?;
    Ok(StatusCode::NO_CONTENT)
}

/// System and value of the Identifier under a name.
fn value<'t>(parameters: Node<'t>, name: &str) -> Option<(&'t str, &'t str)> {
    let mut all = parameters.get("parameter").into_iter().flat_map(Node::items);
    let parameter = all.find(|parameter| parameter.text_at(&["name"]) == Some(name))?;
    let text = |part| parameter.text_at(&["valueIdentifier", part]);
    Some((text("system").unwrap_or_default(), text("value")?))
}
