//! What is kept.
//!
//! One schema on two engines: SQLite in a file (the default) and PostgreSQL. All writing goes through group commit;
//! every acknowledged write is durable. Bodies lie compressed and sealed, each under its own key. This room knows
//! rows and keys; who may read is decided above, and reading a body takes a [`Permit`].
//!
//! To keep something new: a numbered text in `migrations/`, a file for its rows here, its acts on [`Store`].

mod access_review;
mod account;
mod alert;
mod amendment;
mod app;
mod backup;
mod bell;
mod body;
mod circumstances;
mod credential;
mod delivery;
mod demographic;
mod device;
mod device_finding;
mod disaster;
mod event;
mod evidence;
mod exception;
mod factor;
mod fault;
mod figure;
mod folded;
mod grant;
mod id;
mod incident;
mod inquiry;
mod inspector_link;
mod institution;
mod item;
mod keyring;
mod master;
mod member;
mod migrations;
mod outbox;
mod pack;
mod permit;
mod person;
mod plan;
mod postgresql;
mod provider;
mod proxy;
mod referral;
mod register;
mod reporter;
mod seal;
mod session;
mod sql;
mod sqlite;
mod subscription;
mod survey;
mod topic;
mod unit;
mod watched;
mod wish;
mod writer;

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use tokio::sync::watch;

pub use access_review::{AccessReview, ReviewedRight, RightAnswer, RightMove, RightState};
pub use account::{Account, AccountMove, AccountState, Invitation};
pub use alert::{Alert, AlertAnswer, OddLook, Oddity};
pub use amendment::{Amended, Amendment, Naming};
pub use app::{AppCode, AppKind, Lending, RegisteredApp, SpentAssertion};
pub use backup::{Counts, copy_database, count_rows};
pub use bell::Listener;
pub use circumstances::Circumstances;
pub use credential::{Credential, Lent};
pub use delivery::{Delivery, DeliveryKey, DeliveryState};
pub use demographic::{Demographics, Known};
pub use device::{Device, DeviceCode, DeviceKind};
pub use device_finding::{DeviceFinding, DeviceFindingKind};
pub use disaster::Disaster;
pub use event::Page;
pub use evidence::{Evidence, GuidelineAnswer};
pub use exception::PasswordException;
pub use factor::{Factor, FactorKind, Use};
pub use fault::Fault;
pub use figure::{EventCursor, LookCount};
pub use folded::folded;
pub use grant::{Basis, Finding, Grant, Holder, Purpose, Review};
pub use id::{Bucket, NotAnId, PersonId, SubscriptionId, UnitId, new_event_id, random};
pub use incident::{Incident, IncidentEntry, IncidentTrace, NotAppended};
pub use inquiry::{Answer, Asking, Inquiry, Waiting};
pub use inspector_link::InspectorLink;
pub use institution::{Institution, InstitutionQuery};
pub use item::{Index, Information, Item, kind_code, kind_from_code};
pub use keyring::{Keyring, KeyringFault};
pub use master::{Kept, MasterRow, MasterVersion};
pub use outbox::{News, Notice};
pub use pack::{InspectionPack, PackState};
pub use permit::{Permit, Projection, Reach};
pub use person::{Merging, Parted, Side, Sides, Stray, Unmerging};
pub use plan::{PlanApproval, PlanChapter};
pub use provider::{Provider, ProviderKind};
pub use proxy::{Proxy, Relation};
pub use referral::{Address, Referral, ReferralMove, ReferralState, ReferralsOf};
pub use register::{RegisterCount, RegisterDeed, RegisterQuery, RegisterRow, RegisterVersion};
pub use reporter::{Report, Reporter, Taken};
pub use seal::{BrokenSeal, SealCheck};
pub use session::{Ceremony, Session};
pub use subscription::{SigningSecret, Subscription, SubscriptionState, Terms};
pub use survey::SurveyPlace;
pub use topic::Topic;
pub use unit::{
    Admitted, Disposal, DisposalReason, Due, Ending, Heading, NotKept, NotTheSender, Owner, Receipt,
    SealedUnit, Standing,
};
pub use watched::Watched;
pub use wish::{Stance, Wish};

pub use sql::NEVER;
use sql::Tx;
use writer::{Connection, Queue};

/// How many connections read at once.
const READERS: usize = 4;
/// How many connections write to PostgreSQL at once, each for its share of the buckets.
const POSTGRES_WRITERS: usize = 4;

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file, made if it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as `postgres://user@host/database`.
    Postgres(String),
}

impl Database {
    /// The file, where it is one.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(file) => Some(file.clone()),
            Self::Postgres(_) => None,
        }
    }
}

/// The open store.
pub struct Store {
    keyring: Arc<Keyring>,
    writers: Queue,
    readers: Queue,
    stopped: watch::Receiver<bool>,
    stirred: watch::Receiver<u64>,
    bell: bell::Bell,
    names: institution::Names,
}

impl FromStr for Database {
    type Err = std::convert::Infallible;

    /// `postgres://…` and `postgresql://…` are PostgreSQL; anything else is a file.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Ok(Self::Sqlite(text.strip_prefix("sqlite://").unwrap_or(text).into()))
        }
    }
}

impl Store {
    /// Opens the database, brings its schema up to date, and makes sure it belongs to this keyring.
    ///
    /// Blocks while it does so: call it before serving, or from a thread that may block.
    ///
    /// # Errors
    /// [`Fault::Schema`], [`Fault::OtherKeyring`], or the engine's own.
    pub fn open(database: &Database, keyring: Keyring) -> Result<Self, Fault> {
        match database {
            Database::Sqlite(path) => {
                let mut writer = sqlite::Sqlite::writer(path)?;
                prepare(&mut writer, &keyring, false)?;
                let readers = (0..READERS).map(|_| sqlite::Sqlite::reader(path)).collect::<Result<_, _>>()?;
                Ok(Self::start(keyring, vec![writer], readers))
            }
            Database::Postgres(url) => {
                let connect = |_| postgresql::Postgres::connect(url);
                let mut writers = (0..POSTGRES_WRITERS).map(connect).collect::<Result<Vec<_>, _>>()?;
                prepare(&mut writers[0], &keyring, true)?;
                let readers = (0..READERS).map(connect).collect::<Result<_, _>>()?;
                Ok(Self::start(keyring, writers, readers))
            }
        }
    }

    /// Resolves when a write could not be made durable: nothing more is acknowledged, the program must end.
    pub async fn stopped(&self) {
        let mut stopped = self.stopped.clone();
        // An error means the writers are gone, which is the same news.
        drop(stopped.wait_for(|stopped| *stopped).await);
    }

    /// Changes whenever this process has made something durable: a hint to look for what there is to do.
    pub fn stirred(&self) -> watch::Receiver<u64> {
        self.stirred.clone()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// What keeps it from answering.
    pub async fn ping(&self) -> Result<(), Fault> {
        self.read(|tx| {
            sql::first(tx, "select step from schema_history limit 1", &[], |row| row.int(0)).map(drop)
        })
        .await
    }

    fn start<C: Connection + 'static>(keyring: Keyring, writers: Vec<C>, readers: Vec<C>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (stir, stirred) = watch::channel(0);
        Self {
            keyring: Arc::new(keyring),
            writers: Queue::of_writers(writers, &stop, &stir),
            readers: Queue::of_readers(readers),
            stopped,
            stirred,
            bell: bell::Bell::new(),
            names: institution::Names::default(),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        lane: i64,
        work: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.writers.run(lane, Box::new(work)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.readers.run(0, Box::new(work)).await
    }
}

/// Migrates, and ties a new database to its keyring.
fn prepare<C: Connection>(connection: &mut C, keyring: &Keyring, is_postgres: bool) -> Result<(), Fault> {
    migrations::migrate(connection, is_postgres)?;
    let ours = keyring.keyed_hash("keyring", "check");
    connection.transaction(&mut |tx| {
        let sql = "insert into meta (name, value) values ('keyring', $1) on conflict (name) do nothing";
        tx.execute(sql, &[(&ours).into()])?;
        let theirs =
            sql::first(tx, "select value from meta where name = 'keyring'", &[], |row| row.bytes(0))?;
        if theirs.as_deref() == Some(&ours[..]) { Ok(()) } else { Err(Fault::OtherKeyring) }
    })
}
