//! Two institutions with accounts in use, and acts on record.

use std::sync::Arc;

use access::{Act, Assurance, Role, Viewer, on_record};
use audit::Outcome;
use identity::Identity;
use jiff::Timestamp;
use store::{Account, AccountState, Database, Keyring, PersonId, Session, Store, random};

pub(crate) const HOSPITAL: &str = "4919999901";
pub(crate) const CLINIC: &str = "4919999902";

pub(crate) struct RegionOfTwo {
    pub(crate) identity: Identity,
    pub(crate) store: Arc<Store>,
    _folder: tempfile::TempDir,
}

pub(crate) fn act(at: &str) -> Act {
    Act { now: at.parse().unwrap(), request: "r-1".to_owned() }
}

pub(crate) fn viewer(account: &Account) -> Viewer {
    Viewer {
        credential: account.id.clone(),
        name: account.name.clone(),
        role: Role::from_code(&account.role).unwrap(),
        institution: account.institution.clone(),
        person: None,
        assurance: Assurance::FULL,
        scopes: None,
        stands_for: None,
    }
}

impl RegionOfTwo {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("renkei.db"));
        let store = Arc::new(Store::open(&database, Keyring::fleeting().unwrap()).unwrap());
        let identity = Identity::new(Arc::clone(&store), "http://localhost:8080", "架空県の試験");
        Self { identity, store, _folder: folder }
    }

    /// An account in use.
    pub(crate) async fn account(&self, login: &str, role: Role, institution: Option<&str>) -> Account {
        let at: Timestamp = "2026-11-01T09:00:00+09:00".parse().unwrap();
        let id: [u8; 16] = random().unwrap();
        let account = Account {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            login: login.to_owned(),
            name: format!("架空 {login}"),
            role: role.code().to_owned(),
            institution: institution.map(str::to_owned),
            person: None,
            state: AccountState::Active,
            proofing: None,
            made_by: "test".to_owned(),
            made_at: at,
            ends_at: None,
            used_at: None,
            failures: 0,
            quiet_until: at,
            excepted_until: None,
        };
        let made = act("2026-11-01T09:00:00+09:00");
        let event =
            on_record(&made, audit::Act::Credential, Outcome::Done, &Viewer::hub(), "operator").unwrap();
        assert!(self.store.keep_account(account.clone(), None, event).await.unwrap());
        account
    }

    pub(crate) async fn state(&self, account: &Account) -> AccountState {
        self.store.account(account.id.clone()).await.unwrap().unwrap().state
    }

    /// A session of an account, and the hash of its cookie.
    pub(crate) async fn session(&self, account: &Account, at: Timestamp) -> [u8; 32] {
        let hash = random().unwrap();
        let session = Session {
            hash,
            id: format!("s-{}", account.login),
            account: account.id.clone(),
            device: None,
            address: "192.0.2.7".to_owned(),
            network: "closed".to_owned(),
            agent: "架空ブラウザ".to_owned(),
            factors: vec!["passkey".to_owned()],
            made_at: at,
            seen_at: at,
            proved_at: at,
            ends_at: at + jiff::SignedDuration::from_hours(12),
            ended_at: None,
        };
        let by = viewer(account);
        let then = Act { now: at, request: "r-1".to_owned() };
        let mut event = on_record(&then, audit::Act::SignIn, Outcome::Done, &by, "signed-in").unwrap();
        event.objects = vec![format!("account/{}", account.id), "factor/passkey".to_owned()];
        assert!(self.store.begin_session(session, Vec::new(), None, event).await.unwrap());
        hash
    }

    /// Puts on record that somebody saw something of a person.
    pub(crate) async fn views(&self, account: &Account, person: PersonId, at: &str) {
        let mut event =
            on_record(&act(at), audit::Act::View, Outcome::Done, &viewer(account), "grant").unwrap();
        event.patient = Some(person.to_string());
        self.store.append(Some(person), event).await.unwrap();
    }
}
