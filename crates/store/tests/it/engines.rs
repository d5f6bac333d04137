use std::sync::{Arc, LazyLock};

use audit::{Act, Actor, Event, Measures, Outcome};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use jiff::Timestamp;
use jiff::civil::date;
use store::{
    Admitted, Bucket, Database, Index, Keyring, NEVER, NotKept, PersonId, Receipt, ReferralState, Store,
    new_event_id,
};

use crate::postgres::{Postgres, skipped};

/// A store and what keeps its data alive.
pub(crate) struct Engine {
    pub(crate) store: Arc<Store>,
    pub(crate) database: Database,
    pub(crate) keyring: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

static SERVER: LazyLock<Option<Postgres>> = LazyLock::new(Postgres::start);

/// Runs a promise against each engine.
pub(crate) fn on_each_engine(test: &str, promise: impl AsyncFn(Engine)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Database::Sqlite(folder.path().join("renkei.db"));
    runtime.block_on(promise(open(sqlite, folder)));
    match SERVER.as_ref() {
        None => skipped(test, "PostgreSQL is not installed"),
        Some(server) => {
            let folder = tempfile::tempdir().unwrap();
            runtime.block_on(promise(open(Database::Postgres(server.database()), folder)));
        }
    }
}

fn open(database: Database, folder: tempfile::TempDir) -> Engine {
    let keyring = folder.path().join("keyring.toml");
    let store = Arc::new(Store::open(&database, Keyring::open_or_create(&keyring).unwrap()).unwrap());
    Engine { store, database, keyring, _folder: folder }
}

pub(crate) fn now() -> Timestamp {
    "2026-04-01T09:00:00+09:00".parse().unwrap()
}

/// Bundles of one fictional patient: sender and bytes.
pub(crate) fn bundles(count: usize) -> Vec<(String, Vec<u8>)> {
    let patient = demo::region(date(2026, 4, 1)).patients.swap_remove(0);
    let sent = patient.submissions.into_iter().take(count);
    sent.map(|submission| (submission.institution, submission.body)).collect()
}

pub(crate) fn event(at: Timestamp) -> Event {
    Event {
        id: new_event_id(Bucket::of_text("test"), at).unwrap(),
        at,
        act: Act::Register,
        outcome: Outcome::Done,
        actor: Actor {
            id: "t-test".to_owned(),
            name: "電子カルテ".to_owned(),
            role: "institution".to_owned(),
            institution: None,
            is_system: true,
            on_behalf_of: None,
        },
        patient: None,
        objects: Vec::new(),
        purpose: None,
        rule: "own-registration".to_owned(),
        shown: None,
        measures: Measures::default(),
        request: "r-1".to_owned(),
    }
}

/// Registers as the exchange does, without its index.
pub(crate) async fn register(
    store: &Store,
    person: PersonId,
    sender: &str,
    bytes: &[u8],
    at: Timestamp,
) -> Result<Receipt, NotKept> {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::new);
    let checked = VALIDATOR.check(Parsed::parse(bytes, &Limits::default()).unwrap()).unwrap();
    let admitted = Admitted::admit(&checked, sender, person, Index::default(), NEVER).unwrap();
    let sealed = store.seal(&admitted, at)?;
    store.record(sealed, &[ReferralState::Registered, ReferralState::Open], event(at)).await
}
