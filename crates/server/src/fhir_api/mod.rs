//! The FHIR R4 interface.

mod by_post;
mod cancel;
mod capability;
mod document;
mod incoming;
mod ips;
mod opening;
mod organization;
mod outgoing;
mod paging;
mod persons;
mod record;
mod register;
mod search;
mod subscription;
mod task;
mod validate;

pub(crate) use by_post::by_post;
pub(crate) use cancel::{cancel, cancel_by_key};
pub(crate) use capability::metadata;
pub(crate) use document::{document_references, linked};
pub(crate) use incoming::{read_body, require_fhir_json};
pub(crate) use ips::summary;
pub(crate) use opening::{disaster_access, emergency_access};
pub(crate) use organization::{organization_by_number, organizations};
pub(crate) use outgoing::reason_key;
pub(crate) use persons::{merge, numbers, unmerge};
pub(crate) use record::audit_events;
pub(crate) use register::{attach, change, register};
pub(crate) use search::{
    allergies, bundle, conditions, everything, find_patient, observations, patient, prescriptions, purpose,
};
pub(crate) use subscription::{
    change_subscription, not_subscribed, subscribe, subscription, subscriptions, unsubscribe,
};
pub(crate) use task::{open as open_task, task, tasks};
pub(crate) use validate::validate;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::App;
use crate::answer::Refused;
use crate::door::Caller;

/// Whether the hub can work: its database answers.
pub(crate) async fn health(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refused> {
    app.exchange.store.ping().await.map_err(|fault| Refused::fault(&fault, caller.language))?;
    Ok("ok\n".into_response())
}
