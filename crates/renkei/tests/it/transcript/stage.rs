//! A hub in this process, reached over HTTP like any other, whose clock the test holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use access::{Assurance, Role, Viewer, new_token};
use audit::{Act, Actor, Event, Measures, Outcome};
use demo::{PatientRecord, Region, Submission};
use exchange::{Exchange, Headings, Judges, MasterFile, Masters, SimulatedCentre};
use fhir::json::Limits;
use jiff::civil::{Date, date};
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use server::{App, NoticeSettings};
use store::{Bucket, Database, Institution, Keyring, PersonId, Store, new_event_id};
use tokio::runtime::Runtime;

use super::telling::{brief, masked};
use crate::hub::{CLINIC, HOSPITAL};

pub(crate) const CENTRE: &str = "4919999903";
const INSURER: &str = "06499901";

/// The day on which every transcript begins.
pub(crate) const TODAY: Date = date(2026, 6, 10);

/// Who speaks, in the transcript's words.
pub(crate) const HOSPITAL_SYSTEM: &str = "病院";
pub(crate) const CLINIC_SYSTEM: &str = "診療所";
pub(crate) const CENTRE_SYSTEM: &str = "健診センター";
pub(crate) const HOSPITAL_DOCTOR: &str = "病院の医師";
pub(crate) const CLINIC_DOCTOR: &str = "診療所の医師";
pub(crate) const PATIENT: &str = "患者";
pub(crate) const ANOTHER_PATIENT: &str = "別の患者";
pub(crate) const SAFETY_MANAGER: &str = "安全管理責任者";
pub(crate) const STRANGER: &str = "札なし";

/// The hub, its clock, and what was said so far.
pub(crate) struct Stage {
    pub(crate) region: Region,
    pub(crate) store: Arc<Store>,
    exchange: Arc<Exchange>,
    pub(crate) runtime: Runtime,
    pub(crate) url: String,
    pub(crate) clock: Arc<AtomicI64>,
    tokens: Vec<(&'static str, String)>,
    names: Vec<(String, String)>,
    told: String,
    _folder: tempfile::TempDir,
}

/// An answer, as the one who asked has it.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Stage {
    /// A hub at ten in the morning, with the region's institutions, one that has closed, and everybody's tokens.
    pub(crate) fn set() -> Self {
        Self::set_on(TODAY)
    }

    /// The same on another day.
    pub(crate) fn set_on(day: Date) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let region = demo::region(TODAY);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let keyring = Keyring::open_or_create(&folder.path().join("keyring.toml")).unwrap();
        let store =
            Arc::new(Store::open(&Database::Sqlite(folder.path().join("renkei.db")), keyring).unwrap());
        let clock = Arc::new(AtomicI64::new(at(day, 10).as_microsecond()));
        let exchange = Arc::new(Exchange {
            store: Arc::clone(&store),
            judges: Judges::new(None),
            eligibility: Box::new(SimulatedCentre::from_csv(&members(&region)).unwrap()),
            limits: Limits::default(),
        });
        let url = serve(&runtime, Arc::clone(&exchange), Arc::clone(&clock));
        runtime.block_on(store.keep_institutions(institutions(&region))).unwrap();
        let mut stage = Self {
            region,
            store,
            exchange,
            runtime,
            url,
            clock,
            tokens: Vec::new(),
            names: Vec::new(),
            told: String::new(),
            _folder: folder,
        };
        for (who, institution) in
            [(HOSPITAL_SYSTEM, HOSPITAL), (CLINIC_SYSTEM, CLINIC), (CENTRE_SYSTEM, CENTRE)]
        {
            stage.admit(who, Role::Institution, Some(institution), None);
        }
        stage.admit(HOSPITAL_DOCTOR, Role::Clinician, Some(HOSPITAL), None);
        stage.admit(CLINIC_DOCTOR, Role::Clinician, Some(CLINIC), None);
        stage.admit(SAFETY_MANAGER, Role::SafetyManager, Some(HOSPITAL), None);
        stage
    }

    /// Gives somebody a token.
    pub(crate) fn admit(
        &mut self,
        who: &'static str,
        role: Role,
        institution: Option<&str>,
        person: Option<PersonId>,
    ) {
        let now = self.now();
        let ends_at = now + SignedDuration::from_hours(24 * 365 * 10);
        let made = new_token(who, role, institution.map(str::to_owned), person, now, ends_at).unwrap();
        let kept = self.store.keep_credential(made.credential, event(now));
        self.runtime.block_on(kept).unwrap();
        self.tokens.push((who, made.text));
    }

    /// Gives a patient their token, and another one theirs.
    pub(crate) fn admit_patient(&mut self, record: &PatientRecord) -> PersonId {
        let person = self.person(record);
        self.admit(PATIENT, Role::Patient, None, Some(person));
        let another = self.region.patients.iter().find(|one| one.key != record.key).unwrap().clone();
        let another = self.person(&another);
        self.admit(ANOTHER_PATIENT, Role::Patient, None, Some(another));
        self.names.push((person.to_string(), PATIENT.to_owned()));
        self.names.push((record.members[0].member_id.clone(), "被保険者番号".to_owned()));
        person
    }

    fn person(&self, record: &PatientRecord) -> PersonId {
        let numbers: Vec<_> = record.members.iter().map(|member| member.member_id.clone()).collect();
        self.runtime.block_on(self.store.person_of(&numbers[0], &numbers, self.now())).unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.clock.load(Ordering::SeqCst)).unwrap()
    }

    /// Moves the clock to an hour of a day in Japan.
    pub(crate) fn wait_until(&mut self, day: Date, hour: i8) {
        self.clock.store(at(day, hour).as_microsecond(), Ordering::SeqCst);
        self.told += &format!("\n―― {day} {hour}時 ――\n");
    }

    /// Imports a version of a master, as the operator does.
    pub(crate) fn import(&mut self, kind: &str, version: &str, from: Date, text: &str) {
        let file = MasterFile {
            kind: kind.to_owned(),
            version: version.to_owned(),
            valid_from: from,
            bytes: text.as_bytes().to_vec(),
            headings: Headings { code: Some("コード".to_owned()), ..Headings::default() },
            is_complete: false,
        };
        let by = Viewer {
            credential: "-".to_owned(),
            name: "test".to_owned(),
            role: Role::Operator,
            institution: None,
            person: None,
            assurance: Assurance::TOKEN,
            scopes: None,
            stands_for: None,
        };
        let act = exchange::Act { now: self.now(), request: "test".to_owned() };
        self.runtime.block_on(Masters(&self.store).import(file, &by, &act)).unwrap();
        self.told += &format!("\n（運用者が {kind} の版 {version} を取り込む。{from} から有効）\n");
    }

    /// Says what the following lines are about.
    pub(crate) fn scene(&mut self, words: &str) {
        self.told += &format!("\n■ {words}\n");
    }

    /// Destroys what is due, as the scheduler does.
    pub(crate) fn retain(&mut self) {
        let act = exchange::Act { now: self.now(), request: "test".to_owned() };
        let mut ended = 0;
        loop {
            let round = self.runtime.block_on(self.exchange.end_outlived(&act)).unwrap();
            ended += round.ended;
            if round.reviewed == 0 {
                break;
            }
        }
        self.told += &format!("（自動消去が動く: {ended}件）\n");
    }

    /// A request without a body.
    pub(crate) fn ask(&mut self, who: &str, method: &str, path: &str) -> Said {
        self.speak(who, method, path, "", None)
    }

    /// A request with a body, called `what` in the transcript.
    pub(crate) fn send(&mut self, who: &str, method: &str, path: &str, what: &str, body: &[u8]) -> Said {
        self.speak(who, method, path, what, Some(body))
    }

    fn speak(&mut self, who: &str, method: &str, path: &str, what: &str, body: Option<&[u8]>) -> Said {
        // No two acts at one instant: lists are in the order of time.
        self.clock.fetch_add(1_000_000, Ordering::SeqCst);
        let said = self.voice(who).say(method, path, body);
        let what = if what.is_empty() { String::new() } else { format!("  [{what}]") };
        self.told += &format!("{who}: {method} {path}{what}\n");
        self.told += &format!("    → {}{}\n", said.status, brief(&said.json));
        said
    }

    /// Registers or changes, and calls the unit `name` from here on.
    pub(crate) fn register(&mut self, who: &str, path: &str, name: &str, body: &[u8]) -> String {
        let said = self.send(who, "POST", path, name, body);
        let id = said.unit();
        self.names.push((id.clone(), name.to_owned()));
        id
    }

    /// Somebody's voice, which another thread may take along.
    pub(crate) fn voice(&self, who: &str) -> Voice {
        let token = self.tokens.iter().find(|(name, _)| *name == who).map(|(_, token)| token.clone());
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.timeout_global(Some(Duration::from_secs(60))).build().into();
        Voice { agent, url: self.url.clone(), token }
    }

    /// The transcript, with names where ids were.
    pub(crate) fn told(&self) -> String {
        masked(&self.told, &self.names)
    }
}

/// Somebody who can ask.
pub(crate) struct Voice {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
}

impl Voice {
    pub(crate) fn say(&self, method: &str, path: &str, body: Option<&[u8]>) -> Said {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let is_fhir = path.starts_with("/fhir");
        let media = if is_fhir { "application/fhir+json" } else { "application/json" };
        let mut response = match body {
            Some(body) => self.agent.run(request.header("content-type", media).body(body).unwrap()).unwrap(),
            None => self.agent.run(request.body(()).unwrap()).unwrap(),
        };
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(100 << 20).read_to_vec().unwrap();
        Said { status, json: serde_json::from_slice(&body).unwrap_or_default() }
    }
}

impl Said {
    /// The id of the unit in a receipt.
    pub(crate) fn unit(&self) -> String {
        let parameters = self.json["parameter"].as_array().unwrap_or_else(|| panic!("{}", self.json));
        let bundle = parameters.iter().find(|one| one["name"] == "bundle").unwrap();
        bundle["valueReference"]["reference"].as_str().unwrap().strip_prefix("Bundle/").unwrap().to_owned()
    }
}

/// The first submission of a kind that `wanted` likes, with its patient; every number of theirs is valid on the day.
pub(crate) fn submission(
    region: &Region,
    kind: &str,
    wanted: impl Fn(&Submission) -> bool,
) -> (PatientRecord, Submission) {
    let steady = region.patients.iter().filter(|one| one.members.len() == 1);
    let mut all = steady.flat_map(|one| one.submissions.iter().map(move |sent| (one, sent)));
    let found = all.find(|(_, sent)| sent.kind == kind && wanted(sent));
    let (record, sent) = found.unwrap();
    (record.clone(), sent.clone())
}

/// An hour of a day in Japan.
pub(crate) fn at(day: Date, hour: i8) -> Timestamp {
    day.at(hour, 0, 0, 0).to_zoned(TimeZone::fixed(offset(9))).unwrap().timestamp()
}

fn serve(runtime: &Runtime, exchange: Arc<Exchange>, clock: Arc<AtomicI64>) -> String {
    let _guard = runtime.enter();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let store = Arc::clone(&exchange.store);
    let identity = identity::Identity::new(Arc::clone(&store), "http://hub.example", "架空県の試験");
    let identity = Arc::new(identity);
    let place = safety::Place::default();
    let app = App {
        networks: identity::Networks::default(),
        exchange,
        identity: Arc::clone(&identity),
        safety: Arc::new(safety::Safety::new(store, identity, place)),
        site: "架空県の試験".to_owned(),
        base_url: "http://hub.example".to_owned(),
        doors: Vec::new(),
        cards: Vec::new(),
        notices: NoticeSettings::default(),
        clock: Arc::new(move || Timestamp::from_microsecond(clock.load(Ordering::SeqCst)).unwrap()),
    };
    runtime.spawn(server::serve(listener, server::router(Arc::new(app)), std::future::pending()));
    url
}

fn members(region: &Region) -> String {
    let mut rows = "person,member_id,valid_from,valid_to\n".to_owned();
    for patient in &region.patients {
        for member in &patient.members {
            let last = member.valid_to.map(|day| day.to_string()).unwrap_or_default();
            rows += &format!("{},{},{},{last}\n", patient.key, member.member_id, member.valid_from);
        }
    }
    rows
}

fn institutions(region: &Region) -> Vec<Institution> {
    let using = region.institutions.iter().map(|one| Institution {
        number: one.number.clone(),
        name: one.name.to_owned(),
        kind: "hospital".to_owned(),
        uses_from: Some(date(2015, 4, 1)),
        ..Institution::default()
    });
    let closed = Institution {
        number: CLOSED.to_owned(),
        name: "架空とじた医院".to_owned(),
        kind: "clinic".to_owned(),
        uses_from: Some(date(2015, 4, 1)),
        ended_on: Some(date(2026, 4, 1)),
        successor: Some(CLINIC.to_owned()),
        ..Institution::default()
    };
    let insurer = Institution {
        number: INSURER.to_owned(),
        name: "架空健康保険組合".to_owned(),
        kind: "insurer".to_owned(),
        ..Institution::default()
    };
    using.chain([closed, insurer]).collect()
}

/// An institution that has ceased to be, and one that never was.
pub(crate) const CLOSED: &str = "4919999998";
pub(crate) const NOBODY: &str = "4919999997";

/// The event of the test, which sets its own stage.
pub(crate) fn event(now: Timestamp) -> Event {
    let actor = Actor {
        id: "-".to_owned(),
        name: "test".to_owned(),
        role: "operator".to_owned(),
        institution: None,
        is_system: true,
        on_behalf_of: None,
    };
    Event {
        id: new_event_id(Bucket::of_text("stage"), now).unwrap(),
        at: now,
        act: Act::Credential,
        outcome: Outcome::Done,
        actor,
        patient: None,
        objects: Vec::new(),
        purpose: None,
        rule: "operator".to_owned(),
        shown: None,
        measures: Measures::default(),
        request: "test".to_owned(),
    }
}
