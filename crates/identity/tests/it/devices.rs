use std::sync::Arc;

use access::{Act, Assurance, Network, Role, Unregistered, Viewer};
use identity::{
    Begun, Identity, NewDevice, NotAsked, NotIn, NotKnown, NotSetUp, Place, Standing, personal_conditions,
};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use store::{Account, AccountState, Database, Device, DeviceFindingKind, DeviceKind, Keyring, Store};

const HOSPITAL: &str = "4919999901";
const CLINIC: &str = "4919999902";

struct Hub {
    store: Arc<Store>,
    identity: Identity,
    _folder: tempfile::TempDir,
}

fn at(text: &str) -> Act {
    Act { now: text.parse::<Timestamp>().unwrap(), request: "test".to_owned() }
}

fn morning() -> Act {
    at("2026-06-10T09:00:00+09:00")
}

fn after(act: &Act, time: SignedDuration) -> Act {
    Act { now: act.now + time, ..act.clone() }
}

fn viewer(id: &str, institution: &str) -> Viewer {
    Viewer {
        credential: id.to_owned(),
        name: format!("架空 {id}"),
        role: Role::SafetyManager,
        institution: Some(institution.to_owned()),
        person: None,
        assurance: Assurance::FULL,
        scopes: None,
        stands_for: None,
    }
}

fn account(id: &str, institution: &str) -> Account {
    Account {
        id: id.to_owned(),
        login: format!("kakuu.{id}"),
        name: format!("架空 {id}"),
        role: Role::SafetyManager.code().to_owned(),
        institution: Some(institution.to_owned()),
        person: None,
        state: AccountState::Active,
        proofing: None,
        made_by: "-".to_owned(),
        made_at: morning().now,
        ends_at: None,
        used_at: None,
        failures: 0,
        quiet_until: morning().now,
        excepted_until: None,
    }
}

fn browser(secret: Option<&str>) -> Place {
    Place {
        address: "192.0.2.7".to_owned(),
        network: Network::Mobile,
        agent: "Firefox".to_owned(),
        secret: secret.map(str::to_owned),
        certificate: None,
    }
}

impl Hub {
    fn of(accounts: &[(&str, &str)]) -> (tokio::runtime::Runtime, Self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("renkei.db"));
        let keyring = Keyring::open_or_create(&folder.path().join("keyring.toml")).unwrap();
        let store = Arc::new(Store::open(&database, keyring).unwrap());
        let identity = Identity::new(Arc::clone(&store), "http://hub.example", "試験");
        for (id, institution) in accounts {
            let event = access::on_record(
                &morning(),
                audit::Act::Credential,
                audit::Outcome::Done,
                &Viewer::nobody(),
                "operator",
            );
            let made = store.keep_account(account(id, institution), None, event.unwrap());
            assert!(runtime.block_on(made).unwrap());
        }
        (runtime, Self { store, identity, _folder: folder })
    }

    /// A terminal of the hospital, and the secret of its browser.
    async fn ward(&self) -> (Device, String) {
        let new =
            NewDevice { institution: HOSPITAL.to_owned(), label: "病棟1".to_owned(), certificate: None };
        let manager = viewer("manager", HOSPITAL);
        let (device, told) =
            self.identity.add_device(&manager, "device-manager", new, &morning()).await.unwrap();
        let code = told.unwrap().code;
        let (_, secret) =
            self.identity.set_up_device(&code, &Viewer::nobody(), &browser(None), &morning()).await.unwrap();
        (device, secret)
    }

    async fn begin(&self, account: &str, secret: Option<&str>, act: &Act) -> Result<Begun, NotIn> {
        self.identity.by_demo_door(account, &browser(secret), act).await
    }

    async fn is_in(&self, cookie: &str, secret: Option<&str>, act: &Act) -> bool {
        matches!(self.identity.standing(cookie, &browser(secret), act).await.unwrap(), Standing::In(..))
    }

    async fn findings(&self) -> Vec<(DeviceFindingKind, String, String)> {
        let found = self.store.device_findings(Some(HOSPITAL.to_owned())).await.unwrap();
        found.into_iter().map(|one| (one.kind, one.account, one.network)).collect()
    }
}

#[test]
fn a_code_holds_for_its_minutes_and_once_and_a_new_one_takes_its_place() {
    let (runtime, hub) = Hub::of(&[]);
    runtime.block_on(async {
        let manager = viewer("manager", HOSPITAL);
        let new =
            NewDevice { institution: HOSPITAL.to_owned(), label: " 病棟1 ".to_owned(), certificate: None };
        let (device, told) =
            hub.identity.add_device(&manager, "device-manager", new, &morning()).await.unwrap();
        let told = told.unwrap();
        assert_eq!((device.label.as_str(), device.is_in_force(morning().now)), ("病棟1", false));
        let type_it = async |code: &str, act: &Act| {
            hub.identity.set_up_device(code, &Viewer::nobody(), &browser(None), act).await
        };
        let over = after(&morning(), SignedDuration::from_mins(15));
        assert!(matches!(type_it(&told.code, &over).await, Err(NotSetUp::Wrong)));
        let anew = hub.identity.new_device_code(&manager, "device-manager", &device.id, &over).await.unwrap();
        assert!(matches!(type_it(&told.code, &morning()).await, Err(NotSetUp::Wrong)), "the old one is gone");
        let (set_up, secret) = type_it(&format!(" {} ", anew.code.to_uppercase()), &over).await.unwrap();
        assert_eq!(set_up.id, device.id);
        assert!(matches!(type_it(&anew.code, &over).await, Err(NotSetUp::Wrong)), "it was used");
        let here = hub.identity.device_here(&browser(Some(&secret))).await.unwrap().unwrap();
        assert!(here.is_in_force(over.now));
        let empty = NewDevice { institution: HOSPITAL.to_owned(), label: " ".to_owned(), certificate: None };
        let refused = hub.identity.add_device(&manager, "device-manager", empty, &over).await;
        assert!(matches!(refused, Err(NotKnown::WrongLabel)));
    });
}

#[test]
fn who_guesses_codes_waits_for_the_next_minute() {
    let (runtime, hub) = Hub::of(&[]);
    runtime.block_on(async {
        let type_it = async |act: &Act| {
            hub.identity.set_up_device("2222-2222-2222", &Viewer::nobody(), &browser(None), act).await
        };
        for _ in 0..30 {
            assert!(matches!(type_it(&morning()).await, Err(NotSetUp::Wrong)));
        }
        assert!(matches!(type_it(&morning()).await, Err(NotSetUp::TooMany)));
        let later = after(&morning(), SignedDuration::from_mins(1));
        assert!(matches!(type_it(&later).await, Err(NotSetUp::Wrong)));
    });
}

#[test]
fn a_session_lives_on_the_terminal_it_began_on_and_nowhere_else() {
    let (runtime, hub) = Hub::of(&[("a-1", HOSPITAL), ("a-2", CLINIC)]);
    runtime.block_on(async {
        let (device, secret) = hub.ward().await;
        let begun = hub.begin("a-1", Some(&secret), &morning()).await.unwrap();
        let session = hub.store.sessions_of("a-1".to_owned()).await.unwrap().remove(0);
        assert_eq!(
            (session.device.as_deref(), session.network.as_str()),
            (Some(device.id.as_str()), "mobile")
        );
        assert!(hub.findings().await.is_empty());
        assert!(hub.is_in(&begun.cookie, Some(&secret), &morning()).await);
        assert!(!hub.is_in(&begun.cookie, Some("another"), &morning()).await, "a stolen cookie");
        assert!(!hub.is_in(&begun.cookie, Some(&secret), &morning()).await, "the session was ended");
        let elsewhere = (DeviceFindingKind::Elsewhere, "a-1".to_owned(), "mobile".to_owned());
        assert_eq!(hub.findings().await, [elsewhere]);

        hub.begin("a-2", Some(&secret), &morning()).await.unwrap();
        let other = hub.store.sessions_of("a-2".to_owned()).await.unwrap().remove(0);
        assert_eq!(other.device, None, "a terminal of another institution is none of ours");

        let begun = hub.begin("a-1", Some(&secret), &morning()).await.unwrap();
        assert!(!hub.is_in(&begun.cookie, None, &morning()).await, "without the terminal's secret");
        let begun = hub.begin("a-1", Some(&secret), &morning()).await.unwrap();
        hub.identity
            .end_device(&viewer("m", HOSPITAL), "device-manager", &device.id, &morning())
            .await
            .unwrap();
        assert!(!hub.is_in(&begun.cookie, Some(&secret), &morning()).await, "the terminal was ended");
    });
}

#[test]
fn ones_own_phone_counts_once_somebody_approved_it_and_until_its_last_day_is_over_in_japan() {
    let (runtime, hub) = Hub::of(&[("a-1", HOSPITAL), ("a-2", HOSPITAL)]);
    runtime.block_on(async {
        let (holder, manager) = (viewer("a-1", HOSPITAL), viewer("a-2", HOSPITAL));
        let ask = async |accepted| {
            let place = browser(None);
            hub.identity.ask_for_device(&holder, "わたしの電話", accepted, &place, &morning()).await
        };
        let accepted = Some(personal_conditions());
        assert!(matches!(ask(None).await, Err(NotAsked::NotAccepted)));
        assert!(matches!(ask(accepted.map(|version| version - 1)).await, Err(NotAsked::NotAccepted)));
        let secret = ask(accepted).await.unwrap();
        let asked = hub.store.devices(Some(HOSPITAL.to_owned())).await.unwrap().remove(0);
        assert_eq!((asked.kind, asked.owner.as_deref()), (DeviceKind::Personal, Some("a-1")));
        hub.begin("a-1", Some(&secret), &morning()).await.unwrap();
        assert_eq!(hub.findings().await.len(), 1, "it does not count yet");

        let approve = async |day| {
            hub.identity.approve_device(&manager, "device-manager", &asked.id, day, &morning()).await
        };
        assert!(matches!(approve(date(2026, 6, 9)).await, Err(NotKnown::WrongEnd(365))));
        assert!(matches!(approve(date(2027, 6, 11)).await, Err(NotKnown::WrongEnd(365))));
        approve(date(2026, 6, 12)).await.unwrap();
        assert!(matches!(approve(date(2026, 6, 13)).await, Err(NotKnown::NotThere)), "once");

        let evening = at("2026-06-12T23:55:00+09:00");
        let begun = hub.begin("a-1", Some(&secret), &evening).await.unwrap();
        assert!(hub.is_in(&begun.cookie, Some(&secret), &at("2026-06-12T23:59:59+09:00")).await);
        assert!(!hub.is_in(&begun.cookie, Some(&secret), &at("2026-06-13T00:00:00+09:00")).await);
        assert_eq!(hub.findings().await.len(), 1, "a terminal whose time is over is no stranger");
        hub.begin("a-2", Some(&secret), &morning()).await.unwrap();
        assert_eq!(hub.findings().await.len(), 2, "it counts for its owner only");

        ask(accepted).await.unwrap();
        ask(accepted).await.unwrap();
        assert!(matches!(ask(accepted).await, Err(NotAsked::TooMany(3))));
    });
}

#[test]
fn an_institution_that_refuses_unknown_terminals_lets_its_people_in_on_known_ones_only() {
    let (runtime, hub) = Hub::of(&[("a-1", HOSPITAL), ("a-2", CLINIC)]);
    runtime.block_on(async {
        let manager = viewer("manager", HOSPITAL);
        let choose = async |choice| {
            let act = morning();
            hub.identity.choose_unregistered(&manager, "account-manager", HOSPITAL, choice, &act).await
        };
        assert!(matches!(choose(Unregistered::Refuse).await, Err(NotKnown::LocksOut)));
        let (_, secret) = hub.ward().await;
        choose(Unregistered::Refuse).await.unwrap();
        let refused = hub.begin("a-1", None, &morning()).await;
        assert!(matches!(refused, Err(NotIn::UnregisteredDevice)));
        assert!(hub.store.sessions_of("a-1".to_owned()).await.unwrap().is_empty());
        assert!(hub.begin("a-1", Some(&secret), &morning()).await.is_ok());
        assert!(hub.begin("a-2", None, &morning()).await.is_ok(), "another institution decides for itself");
        choose(Unregistered::AdmitWithFinding).await.unwrap();
        assert!(hub.begin("a-1", None, &morning()).await.is_ok());
        let unknown = (DeviceFindingKind::Unregistered, "a-1".to_owned(), "mobile".to_owned());
        assert_eq!(hub.findings().await, [unknown]);
    });
}
