use std::str::FromStr;

use audit::{Act, Event};
use jiff::SignedDuration;
use store::{Grant, PersonId, new_event_id};

use crate::cli::Consent;
use crate::commands::token::on_record;
use crate::commands::{block_on, serve, talk};
use crate::config::Config;
use crate::fault::Fault;
use crate::hub::system_clock;

/// Keeps a grant as a card reader would (simulated until the reader's adapter comes).
pub(crate) fn run(command: Consent) -> Result<bool, Fault> {
    let Consent::Grant { patient, institution, groups, hours, config } = command;
    let person = PersonId::from_str(&patient).map_err(|not| Fault::Usage(format!("--patient: {not}")))?;
    let known: Vec<&str> = access::consent_groups().iter().map(|group| group.code.as_str()).collect();
    if let Some(unknown) = groups.iter().find(|group| !known.contains(&group.as_str())) {
        return Err(Fault::Usage(format!(
            "--groups: {unknown} はありません。使えるもの: {}",
            known.join(", ")
        )));
    }
    let store = serve::open_store(&Config::read(&config.config)?)?;
    let now = system_clock()();
    let id = new_event_id(person.bucket(), now).map_err(store::Fault::from)?;
    let ends_at = now + SignedDuration::from_hours(hours);
    let grant = Grant::at_card_reader(person, id, &institution, groups, now, ends_at);
    let event = on_record("consent grant", now)?;
    let event = Event { act: Act::Consent, patient: Some(person.to_string()), ..event };
    block_on(store.keep_grant(grant, event))??;
    talk(&format!("閲覧同意を記録しました（{ends_at} まで）"));
    Ok(true)
}
