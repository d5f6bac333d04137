//! Reports of several machines, as days go by.

use std::sync::Arc;

use access::{Act, Viewer};
use guideline::{Standing, Why};
use identity::Identity;
use identity::app::{Curve, SigningKey};
use jiff::{SignedDuration, Timestamp};
use safety::report::{Enrolment, NotEnrolled, NotTaken, ReportFault, machines_of};
use safety::{Place, Safety};
use serde_json::{Value, json};
use store::{Database, Keyring, Store};

const HOSPITAL: &str = "4919999901";
/// Proved by malware_scan alone, which is fresh for a day.
const ITEM: &str = "mhlw6.op.8.1";

/// A hub's safety management, without a hub.
struct Hub {
    safety: Safety,
    store: Arc<Store>,
    _folder: tempfile::TempDir,
}

/// A machine with a key.
struct Machine {
    key: SigningKey,
    id: String,
}

fn now() -> Timestamp {
    "2026-11-22T09:00:00+09:00".parse().unwrap()
}

fn at(now: Timestamp) -> Act {
    Act { now, request: format!("r-{now}") }
}

impl Hub {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::open_or_create(&folder.path().join("keyring.toml")).unwrap();
        let store = Store::open(&Database::Sqlite(folder.path().join("renkei.db")), keyring).unwrap();
        let store = Arc::new(store);
        let identity = Identity::new(Arc::clone(&store), "https://hub.example", "架空県");
        let safety = Safety::new(Arc::clone(&store), Arc::new(identity), Place::default());
        Self { safety, store, _folder: folder }
    }

    async fn enrolled(&self, name: &str, key: SigningKey) -> Result<Machine, NotEnrolled> {
        let jwk = key.jwk().to_string();
        let one = Enrolment { name: name.to_owned(), jwk, ..Enrolment::default() };
        let id = self.safety.enrol_reporter(&Viewer::hub(), "rule", HOSPITAL, one, &at(now())).await?;
        Ok(Machine { key, id })
    }

    async fn machine(&self, name: &str) -> Machine {
        self.enrolled(name, SigningKey::generate(Curve::P256).unwrap().0).await.unwrap()
    }

    async fn report(&self, from: &Machine, measured: Value, now: Timestamp) -> Result<(), NotTaken> {
        let jti = format!("{now}");
        let said = json!({"iat": now.as_second(), "jti": jti, "measured": measured});
        let sent = from.key.signed("renkei-report", &said).unwrap();
        self.safety.take_report(sent.as_bytes(), &at(now)).await.map(drop)
    }

    async fn standing(&self, now: Timestamp) -> Standing {
        let overview = self.safety.overview(HOSPITAL, now).await.unwrap();
        overview.items.into_iter().find(|(item, _)| item.id == ITEM).unwrap().1
    }
}

fn scanned(day: &str) -> Value {
    json!({"antivirus": {"name": "架空アンチウイルス", "signatures_on": day}})
}

fn fresh(now: Timestamp) -> Value {
    scanned(&now.to_string()[..10])
}

#[tokio::test]
async fn one_machine_that_fails_fails_the_item_whatever_the_others_report() {
    let hub = Hub::open();
    let (good, bad) = (hub.machine("病棟PC").await, hub.machine("受付PC").await);
    hub.report(&good, fresh(now()), now()).await.unwrap();
    assert!(matches!(hub.standing(now()).await, Standing::Yes { .. }));
    hub.report(&bad, scanned("2026-10-01"), now()).await.unwrap();
    let failing = Standing::No { target: None, failing: vec!["malware_scan".to_owned()] };
    assert_eq!(hub.standing(now()).await, failing);
    let later = now() + SignedDuration::from_mins(5);
    hub.report(&good, fresh(later), later).await.unwrap();
    assert_eq!(hub.standing(later).await, failing, "a later report of another machine mends nothing");
    hub.report(&bad, fresh(later), later).await.unwrap();
    assert!(matches!(hub.standing(later).await, Standing::Yes { .. }));
}

#[tokio::test]
async fn a_machine_that_falls_silent_makes_the_item_unconfirmed_until_it_reports_or_is_ended() {
    let hub = Hub::open();
    let (steady, silent) = (hub.machine("病棟PC").await, hub.machine("受付PC").await);
    hub.report(&steady, fresh(now()), now()).await.unwrap();
    hub.report(&silent, fresh(now()), now()).await.unwrap();
    let later = now() + SignedDuration::from_hours(27);
    hub.report(&steady, fresh(later), later).await.unwrap();
    let ended = now() + SignedDuration::from_hours(26);
    assert_eq!(hub.standing(later).await, Standing::Unconfirmed { why: Why::Stale(ended) });
    let one = hub.store.reporter(silent.id.clone()).await.unwrap().unwrap();
    assert!(hub.safety.end_reporter(&Viewer::hub(), "rule", &one, &at(later)).await.unwrap());
    assert!(matches!(hub.standing(later).await, Standing::Yes { .. }));
    let after = hub.report(&silent, fresh(later), later).await.unwrap_err();
    assert!(matches!(after, NotTaken::Report(ReportFault::UnknownKey)));
}

#[tokio::test]
async fn a_fact_that_a_machine_stops_telling_ends_with_its_time() {
    let hub = Hub::open();
    let machine = hub.machine("病棟PC").await;
    hub.report(&machine, fresh(now()), now()).await.unwrap();
    let later = now() + SignedDuration::from_hours(27);
    hub.report(&machine, json!({"updated_on": "2026-11-20"}), later).await.unwrap();
    assert!(matches!(hub.standing(later).await, Standing::Unconfirmed { why: Why::Stale(_) }));
}

#[tokio::test]
async fn a_key_serves_one_machine_once() {
    let hub = Hub::open();
    let key = || {
        let (key, pem) = SigningKey::generate(Curve::P256).unwrap();
        (key, SigningKey::from_pem(&pem, Curve::P256).unwrap())
    };
    let (key, same) = key();
    hub.enrolled("病棟PC", key).await.unwrap();
    assert!(matches!(hub.enrolled("受付PC", same).await, Err(NotEnrolled::KeyKnown)));
    let (other, _) = SigningKey::generate(Curve::P384).unwrap();
    assert!(matches!(hub.enrolled("受付PC", other).await, Err(NotEnrolled::Key(_))));
    let named = |name: &str| name.to_owned();
    for bad in [named(""), named(&"長".repeat(61)), named("a\nb")] {
        let (key, _) = SigningKey::generate(Curve::P256).unwrap();
        assert!(matches!(hub.enrolled(&bad, key).await, Err(NotEnrolled::Name)), "{bad}");
    }
}

#[tokio::test]
async fn a_sheet_stands_beside_reports_and_the_next_takes_its_place() {
    let hub = Hub::open();
    let keep = async |text: &str, now: Timestamp| {
        let sheets = paper::read_sheets(text.as_bytes(), &paper::Limits::default()).unwrap();
        let names = |_: &str, code: &str| vec![code.to_owned()];
        let machines = machines_of(&sheets[0].rows, &names, &Viewer::hub(), &at(now)).unwrap();
        hub.safety.keep_sheet(&Viewer::hub(), "rule", HOSPITAL, &machines, &at(now)).await.unwrap()
    };
    let head = "machine,measured-on,antivirus,signatures-on,last-patch\r\n";
    let good = format!(
        "{head}検査PC-1,2026-11-22,架空AV,2026-11-21,\r\n検査PC-2,2026-11-22,架空AV,2026-11-20,2026-11-01\r\n"
    );
    assert_eq!(keep(&good, now()).await, (2, 0));
    assert!(matches!(hub.standing(now()).await, Standing::Yes { .. }));
    let bad =
        format!("{head}検査PC-1,2026-11-22,架空AV,2026-11-21,\r\n検査PC-2,2026-11-22,架空AV,2026-01-01,\r\n");
    assert_eq!(keep(&bad, now()).await, (0, 1), "of two machines one fails");
    assert!(matches!(hub.standing(now()).await, Standing::No { .. }));
    let evidence = hub.store.newest_evidence(HOSPITAL.to_owned()).await.unwrap();
    assert_eq!(evidence.len(), 1, "what the sheet before said of updates is gone with it");
    assert!(evidence[0].measured.contains("検査PC-2") && evidence[0].kind == "assisted");
    let old =
        format!("{head}検査PC-1,2026-11-01,架空AV,2026-11-01,\r\n検査PC-2,2026-11-22,架空AV,2026-11-22,\r\n");
    keep(&old, now()).await;
    let stands = hub.standing(now()).await;
    assert!(
        matches!(stands, Standing::Unconfirmed { why: Why::Stale(_) }),
        "as old as its oldest: {stands:?}"
    );
}
