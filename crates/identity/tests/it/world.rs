use std::sync::Arc;

use access::{Act, Role, Viewer};
use identity::{Begun, Enrolled, Enrolment, Identity, Invited, NewAccount, Place, Standing};
use jiff::{SignedDuration, Timestamp};
use store::{Database, Keyring, Store};
use totp_rs::{Algorithm, Builder, Secret};

pub(crate) const PASSWORD: &str = "kawa7mado2tori";
pub(crate) const HOSPITAL: &str = "4919999901";

/// Accounts over a store of their own, and a clock that only the test moves.
pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) store: Arc<Store>,
    pub(crate) now: Timestamp,
    _folder: tempfile::TempDir,
}

/// Somebody who has set up a password and an app and is signed in.
pub(crate) struct Somebody {
    pub(crate) id: String,
    pub(crate) cookie: String,
    pub(crate) papers: Vec<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("renkei.db"));
        let store = Arc::new(Store::open(&database, Keyring::fleeting().unwrap()).unwrap());
        let identity = Identity::new(Arc::clone(&store), "http://localhost:8080", "架空県の試験");
        let now = "2026-11-02T00:00:00Z".parse().unwrap();
        Self { identity, store, now, _folder: folder }
    }

    pub(crate) fn act(&self) -> Act {
        Act { now: self.now, request: "test".to_owned() }
    }

    pub(crate) fn pass(&mut self, time: SignedDuration) {
        self.now += time;
    }

    pub(crate) async fn invited(&self, login: &str, role: Role, ends_at: Option<Timestamp>) -> Invited {
        let new = NewAccount {
            login: login.parse().unwrap(),
            name: format!("架空 {login}"),
            role,
            institution: Some(HOSPITAL.to_owned()),
            person: None,
            proofing: None,
            ends_at,
        };
        self.identity.invite(&Viewer::hub(), "operator", new, &self.act()).await.unwrap()
    }

    /// Sets an invited account up.
    pub(crate) async fn set_up(&self, invited: &Invited) -> Somebody {
        let (leave, act) = (Enrolment::Invited(invited.link.clone()), self.act());
        let (ceremony, setup) = self.identity.propose_password(&leave, PASSWORD, &act).await.unwrap();
        let code = code(&setup.typed, self.now);
        let place = Place::default();
        let Enrolled { codes: papers, begun } =
            self.identity.enrol_password(&leave, &ceremony, &code, &place, &act).await.unwrap();
        Somebody { id: invited.account.id.clone(), cookie: begun.unwrap().cookie, papers }
    }

    pub(crate) async fn somebody(&self, login: &str, role: Role) -> Somebody {
        self.set_up(&self.invited(login, role, None).await).await
    }

    pub(crate) async fn standing(&self, cookie: &str) -> Standing {
        self.identity.standing(cookie, &Place::default(), &self.act()).await.unwrap()
    }

    /// Proves somebody again by a code on paper.
    pub(crate) async fn proved(&self, cookie: &str, paper: &str) -> Begun {
        let place = Place::default();
        self.identity.prove_with_code(cookie, PASSWORD, paper, &place, &self.act()).await.unwrap()
    }
}

/// What an app shows at a time.
fn code(secret: &str, at: Timestamp) -> String {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("-".to_owned())
        .with_issuer(Some("-".to_owned()))
        .build()
        .unwrap();
    totp.generate(u64::try_from(at.as_second()).unwrap()).to_string()
}
