//! The record of acts and what is kept: is it whole, is it as it was, can it be read.

use access::Act;
use fhir::json::Limits;
use fhir::validate::Parsed;
use jiff::SignedDuration;
use serde_json::json;
use store::{Fault, Store, SurveyPlace};

use super::Reading;

/// The newest seal is at most so old.
const SEALED_WITHIN: SignedDuration = SignedDuration::from_hours(26);
/// So many of what is stored are opened and read.
const OPENED: u16 = 20;

pub(super) async fn read(store: &Store, act: &Act) -> Result<Vec<Reading>, Fault> {
    Ok(vec![
        seals(store, act).await?,
        completeness(store).await?,
        changes(store).await?,
        readability(store).await?,
    ])
}

async fn seals(store: &Store, act: &Act) -> Result<Reading, Fault> {
    let check = store.check_seals().await?;
    let is_fresh = check.newest.is_some_and(|newest| act.now.duration_since(newest) <= SEALED_WITHIN);
    let broken = check.broken.map(|(page, why)| json!({ "page": page, "why": why.code() }));
    let measured = json!({
        "pages": check.pages, "sealed": check.sealed, "unsealed": check.unsealed, "broken": broken,
        "newest": check.newest.map(|at| at.to_string()),
    });
    Ok(Reading::new("audit_log_integrity", check.broken.is_none() && is_fresh, measured))
}

async fn completeness(store: &Store) -> Result<Reading, Fault> {
    let (units, without) = store.units_without_event().await?;
    Ok(Reading::new("audit_log_on", without == 0, json!({ "units": units, "without_event": without })))
}

/// Whatever was replaced, cancelled or ended has its act on record.
async fn changes(store: &Store) -> Result<Reading, Fault> {
    let (ended, without) = store.ends_without_event().await?;
    Ok(Reading::new("amend_history", without == 0, json!({ "ended": ended, "without_event": without })))
}

async fn readability(store: &Store) -> Result<Reading, Fault> {
    let (mut opened, mut unreadable, mut place) = (0_u16, 0_u16, Some(SurveyPlace::default()));
    while let Some(from) = place.filter(|_| opened < OPENED) {
        let judge = &mut |_: &str, body: &[u8]| {
            opened += 1;
            unreadable += u16::from(Parsed::parse(body, &Limits::default()).is_err());
        };
        place = store.survey(from, OPENED, judge).await?;
    }
    Ok(Reading::new(
        "export_readable",
        unreadable == 0,
        json!({ "opened": opened, "unreadable": unreadable }),
    ))
}
