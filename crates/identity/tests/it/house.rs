use std::sync::Arc;

use access::{Act, Assurance, Role, Viewer};
use identity::{Identity, Place};
use jiff::{SignedDuration, Timestamp};
use store::{Account, Database, Institution, Keyring, Store};

pub(crate) const HOSPITAL: &str = "4919999901";

/// A hub's accounts, in a folder of its own.
pub(crate) struct House {
    pub(crate) identity: Identity,
    pub(crate) store: Arc<Store>,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keyring = Keyring::open_or_create(&folder.path().join("keyring.toml")).unwrap();
        let database = Database::Sqlite(folder.path().join("renkei.db"));
        let store = Arc::new(Store::open(&database, keyring).unwrap());
        let hospital = Institution {
            number: HOSPITAL.to_owned(),
            name: "架空中央病院".to_owned(),
            kind: "hospital".to_owned(),
            ..Institution::default()
        };
        store.keep_institutions(vec![hospital]).await.unwrap();
        let identity = Identity::new(Arc::clone(&store), "https://hub.example", "架空県の試験");
        Self { identity, store, _folder: folder }
    }

    pub(crate) async fn account(&self, login: &str) -> Account {
        self.store.account_of_login(login.to_owned()).await.unwrap().unwrap()
    }
}

/// Some days after the beginning of these stories.
pub(crate) fn after(days: i64) -> Act {
    let beginning: Timestamp = "2026-11-21T09:00:00+09:00".parse().unwrap();
    Act { now: beginning + SignedDuration::from_hours(24 * days), request: format!("r-{days}") }
}

pub(crate) fn place() -> Place {
    Place { address: "192.0.2.1".to_owned(), ..Place::default() }
}

/// Somebody of the hospital.
pub(crate) fn viewer(role: Role) -> Viewer {
    Viewer {
        credential: "manager".to_owned(),
        name: "架空 企画".to_owned(),
        role,
        institution: Some(HOSPITAL.to_owned()),
        person: None,
        assurance: Assurance::FULL,
        scopes: None,
        stands_for: None,
    }
}
