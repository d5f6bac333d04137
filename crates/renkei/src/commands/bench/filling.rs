//! A hub in this process, and as many units in it as one likes. They come in by the exchange's own door: parsed,
//! judged, sealed and on record like any other, each under a number and a Bundle-ID of its own.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use access::{Assurance, Purpose, Role, Viewer};
use exchange::{
    Act, Eligibility, Exchange, Ineligible, Insured, InsuredNumber, Judges, NotRegistered, NotShown, Sending,
};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use jiff::civil::date;
use store::{Database, Information, Institution, Keyring, PersonId, Store};

use super::load::{Bodies, Body};
use super::setup::folded_bytes;
use crate::fault::Fault;
use crate::hub::exchange;

/// How many units a person has.
pub(crate) const UNITS_EACH: usize = 20;
/// How many send at once, so that they share commits.
const SENDERS: usize = 128;
/// Spreads the persons that are looked at over all of them.
const STRIDE: usize = 0x9e37_79b9_7f4a_7c15;

/// A hub in this process.
pub(crate) struct Filled {
    pub(crate) exchange: Arc<Exchange>,
    folder: tempfile::TempDir,
}

/// A centre to which every number is its own person's, for ever.
struct EveryNumber;

impl Eligibility for EveryNumber {
    fn owner(&self, member_id: &str) -> Result<Insured, Ineligible> {
        let number =
            InsuredNumber { member_id: member_id.to_owned(), valid_from: date(1, 1, 1), valid_to: None };
        Ok(Insured { numbers: vec![number], identity: None })
    }
}

impl Filled {
    /// An empty hub on SQLite that knows the fictional region's institutions.
    pub(crate) async fn open() -> Result<Arc<Self>, Fault> {
        let folder = tempfile::tempdir()?;
        let keyring = Keyring::open_or_create(&folder.path().join("keyring.toml"))?;
        let store = Arc::new(Store::open(&Database::Sqlite(folder.path().join("renkei.db")), keyring)?);
        let institutions = demo::institutions().into_iter().map(|one| Institution {
            number: one.number,
            name: one.name.to_owned(),
            kind: "hospital".to_owned(),
            uses_from: Some(date(1, 1, 1)),
            ..Institution::default()
        });
        store.keep_institutions(institutions.collect()).await?;
        Ok(Arc::new(Self { exchange: exchange(store, Box::new(EveryNumber), Judges::new(None)), folder }))
    }

    /// Registers [`UNITS_EACH`] units for each of some persons, as received at an instant: everybody's first, then
    /// everybody's second, so that a person's units lie scattered as they would by living. Answers who they are.
    pub(crate) async fn fill(
        self: &Arc<Self>,
        bodies: &Arc<Bodies>,
        persons: Range<usize>,
        at: Timestamp,
    ) -> Result<Vec<PersonId>, Fault> {
        let next = Arc::new(AtomicUsize::new(0));
        let senders = (0..SENDERS).map(|_| {
            let (hub, bodies, next) = (Arc::clone(self), Arc::clone(bodies), Arc::clone(&next));
            tokio::spawn(hub.send(bodies, persons.clone(), at, next))
        });
        let sent = try_join_all(senders.collect::<Vec<_>>()).await.map_err(std::io::Error::other)?;
        Ok(sent.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Sends what is next until nothing is left; answers whose first units they were.
    async fn send(
        self: Arc<Self>,
        bodies: Arc<Bodies>,
        persons: Range<usize>,
        at: Timestamp,
        next: Arc<AtomicUsize>,
    ) -> Result<Vec<PersonId>, Fault> {
        let act = Act { now: at, request: "bench".to_owned() };
        let institutions = demo::institutions();
        let mut found = Vec::new();
        loop {
            let serial = next.fetch_add(1, Ordering::Relaxed);
            let (nth, person) = (serial / persons.len(), persons.start + serial % persons.len());
            if nth >= UNITS_EACH {
                return Ok(found);
            }
            let body = bodies.get(person * UNITS_EACH + nth);
            let sender = system(&institutions[body.institution].number);
            let bytes = body.of_person(person, nth);
            let registered = self.exchange.register(&sender, &bytes, Sending::default(), &act).await;
            let receipt = registered.map_err(not_registered)?.receipt;
            if nth == 0 {
                found.push(receipt.person);
            }
        }
    }

    /// A patient looks at all of their own six informations; answers how long it took, in microseconds.
    pub(crate) async fn view(&self, person: PersonId, at: Timestamp) -> Result<u32, Fault> {
        let viewer = Viewer {
            credential: "bench".to_owned(),
            name: "bench".to_owned(),
            role: Role::Patient,
            institution: None,
            person: Some(person),
            assurance: Assurance::TOKEN,
            scopes: None,
            stands_for: None,
        };
        let act = Act { now: at, request: "bench".to_owned() };
        let asked = Instant::now();
        let view =
            self.exchange.view(&viewer, person, &Information::ALL, Purpose::PatientRequest, &act).await;
        match view {
            Ok(_) => Ok(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX)),
            Err(NotShown::Store(fault)) => Err(fault.into()),
            Err(other) => Err(Fault::Usage(format!("{other:?}"))),
        }
    }

    /// The database's size after its log is folded back.
    pub(crate) fn stored_bytes(&self) -> Result<u64, Fault> {
        folded_bytes(&self.path())
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("renkei.db")
    }
}

impl Body {
    /// This bundle as another person's, under a Bundle-ID of its own.
    fn of_person(&self, person: usize, nth: usize) -> Vec<u8> {
        let member_id = renumbered(&self.member_id, person);
        let text = [&self.before, format!("BENCH-{person:012}-{nth:04}").as_str(), &self.after].concat();
        text.replace(&self.member_id, &member_id).into_bytes()
    }
}

/// One of many, as good as at random.
pub(crate) fn scattered<T: Copy>(nth: usize, all: &[T]) -> Option<T> {
    let mixed = (nth + 1).wrapping_mul(STRIDE) >> 16;
    all.get(mixed % all.len().max(1)).copied()
}

/// A member's number of the same insurer: its third part is a serial, in full width as insurers print it.
fn renumbered(member_id: &str, person: usize) -> String {
    let serial = format!("{person:08}");
    let serial: String = serial.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xFEE0)).collect();
    let parts = member_id.split(':').enumerate();
    let parts: Vec<&str> = parts.map(|(at, part)| if at == 2 { serial.as_str() } else { part }).collect();
    parts.join(":")
}

fn system(institution: &str) -> Viewer {
    Viewer {
        credential: "bench".to_owned(),
        name: "bench".to_owned(),
        role: Role::Institution,
        institution: Some(institution.to_owned()),
        person: None,
        assurance: Assurance::TOKEN,
        scopes: None,
        stands_for: None,
    }
}

fn not_registered(refused: NotRegistered) -> Fault {
    Fault::Usage(format!("{refused:?}"))
}
