//! The fictional apps of the demo: one that the hospital's staff may let in, one for patients.

use audit::Act;
use identity::app::{NotRegistered, Registration};
use jiff::{SignedDuration, Timestamp};
use store::{AppKind, Fault, RegisteredApp, Store};

use crate::commands::demo::cast::on_record;

/// Where the apps would be, if there were any.
const BACK: &str = "http://127.0.0.1:8099/back";

/// Registers both, under ids that a test can know.
pub(crate) async fn register(store: &Store, hospital: &str, now: Timestamp) -> Result<(), Fault> {
    let staff = app("架空診療支援", Some(hospital), "launch/patient patient/*.rs user/Organization.rs", now);
    let patients = app("架空お薬手帳", None, "launch/patient patient/MedicationRequest.rs", now);
    for (id, app) in [("app-demo-staff", staff), ("app-demo-patients", patients)] {
        let app = app.check(now).map_err(|not| match not {
            NotRegistered::Store(fault) => fault,
            _ => Fault::Damaged("an app of the demo"),
        })?;
        let event = on_record(Act::Credential, id, now)?;
        store.keep_app(RegisteredApp { id: id.to_owned(), ..app }, event).await?;
    }
    Ok(())
}

fn app(name: &str, institution: Option<&str>, scopes: &str, now: Timestamp) -> Registration {
    Registration {
        name: name.to_owned(),
        institution: institution.map(str::to_owned),
        kind: AppKind::Launched,
        jwks: None,
        redirect_uris: vec![BACK.to_owned()],
        scopes: scopes.to_owned(),
        by: "-".to_owned(),
        // The story begins two years ago, and goes on to today.
        ends_at: now + SignedDuration::from_hours(24 * 365 * 10),
    }
}
