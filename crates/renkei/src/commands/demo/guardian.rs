//! In the demo, the patient behind the door is the guardian of the oldest of the others.

use audit::Event;
use demo::Region;
use jiff::{SignedDuration, Timestamp};
use store::{Fault, Holder, PersonId, Proxy, Relation, Store, new_event_id};

use crate::commands::demo::cast::on_record;

/// For so long: shorter than the longest that `rules/proxies.toml` has.
const HOLDS: SignedDuration = SignedDuration::from_hours(24 * 300);

/// Registers the first patient's account as proxy. `people` stand in the order of the region.
pub(crate) async fn register(
    store: &Store,
    region: &Region,
    people: &[PersonId],
    account: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    let others = region.patients.iter().zip(people).skip(1);
    let Some((oldest, person)) = others.min_by_key(|(patient, _)| patient.birth_date) else { return Ok(()) };
    let proxy = Proxy {
        id: new_event_id(person.bucket(), now)?,
        person: *person,
        represented: oldest.name_kanji.clone(),
        account: account.to_owned(),
        name: region.patients[0].name_kanji.clone(),
        relation: Relation::Guardian,
        evidence: "登記事項証明書と運転免許証".to_owned(),
        institution: None,
        registrar: Holder { credential: "-".to_owned(), name: "renkei demo".to_owned() },
        starts_at: now,
        ends_at: now + HOLDS,
        ended: None,
    };
    let event =
        Event { patient: Some(person.to_string()), ..on_record(audit::Act::Proxy, "proxy-registered", now)? };
    store.keep_proxy(proxy, event).await.map(drop)
}
