//! A hub of its own for each benchmark: another process, in a folder that goes with it.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use access::{Role, new_token};
use demo::{PatientRecord, Submission};
use fhir::bundle::Bundle;
use fhir::json::Limits;
use fhir::validate::Parsed;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use store::{Grant, Keyring, PersonId, Store, new_event_id};

use super::load::{Bodies, Body, Measured};
use crate::cli::{Hub, Lang};
use crate::client::Client;
use crate::commands::block_on;
use crate::config::Config;
use crate::fault::Fault;
use crate::hub::system_clock;

/// Bundles larger than this are left out, so that the mean is that of the service's own examples.
const LARGEST_BYTES: usize = 48 << 10;
const SEED: u64 = 1;

/// The people and institutions of a benchmark.
pub(crate) struct Region {
    patients: Vec<PatientRecord>,
    institutions: Vec<String>,
}

/// A hub in a process of its own.
pub(crate) struct RunningHub {
    pub(crate) address: String,
    pub(crate) systems: Vec<String>,
    pub(crate) institutions: Vec<String>,
    pub(crate) clinician: String,
    folder: tempfile::TempDir,
    process: Child,
    patients: Vec<Vec<String>>,
    hospital: String,
}

/// A registered unit, and whose it is.
pub(crate) struct Unit {
    pub(crate) reference: String,
    pub(crate) patient: String,
    pub(crate) institution: usize,
}

/// What a load cost the hub's process.
pub(crate) struct Server {
    pub(crate) cpu_seconds: f64,
    pub(crate) peak_bytes: u64,
}

impl Region {
    /// Draws patients whose insured number has not changed: all of theirs can be sent today.
    pub(crate) fn draw(patients: usize) -> Result<Self, Fault> {
        Self::drawn_on(system_clock()().to_zoned(TimeZone::fixed(jiff::tz::offset(9))).date(), patients)
    }

    /// Draws patients whose stories end on a day.
    pub(crate) fn drawn_on(day: Date, patients: usize) -> Result<Self, Fault> {
        let drawn = demo::population(SEED, patients, day).filter(|patient| patient.members.len() == 1);
        let patients: Vec<PatientRecord> = drawn.collect();
        let institutions = demo::institutions().into_iter().map(|one| one.number).collect();
        if patients.is_empty() {
            Err(Fault::Usage("--patients が少なすぎます".to_owned()))
        } else {
            Ok(Self { patients, institutions })
        }
    }

    /// Their bundles, cut at the Bundle-ID.
    pub(crate) fn bodies(&self) -> Bodies {
        let sent = self.patients.iter().flat_map(|patient| &patient.submissions);
        Bodies(
            sent.filter(|sent| sent.body.len() <= LARGEST_BYTES).filter_map(|sent| self.body(sent)).collect(),
        )
    }

    fn body(&self, sent: &Submission) -> Option<Body> {
        let text = str::from_utf8(&sent.body).ok()?;
        let parsed = Parsed::parse(&sent.body, &Limits::default()).ok()?;
        let bundle = Bundle::of(parsed.root())?;
        let id = bundle.identifier().1;
        let at = text.find(id)?;
        let fixed = id.rfind('^')? + 1;
        Some(Body {
            institution: self.institutions.iter().position(|number| *number == sent.institution)?,
            kind: bundle.kind(),
            member_id: bundle.member_id()?.to_owned(),
            destination: bundle.destination().map(str::to_owned),
            before: text[..at + fixed].to_owned(),
            after: text[at + id.len()..].to_owned(),
        })
    }
}

impl RunningHub {
    /// Starts a hub that knows the region's people and has tokens for everybody.
    pub(crate) fn start(region: Region) -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        let mut members = "person,member_id,valid_from,valid_to\n".to_owned();
        for patient in &region.patients {
            let member = &patient.members[0];
            members += &format!("{},{},{},\n", patient.key, member.member_id, member.valid_from);
        }
        fs::write(folder.path().join("members.csv"), members)?;
        let config = folder.path().join("renkei.toml");
        let mut text = "listen = \"127.0.0.1:0\"\nsite = \"bench\"\ndatabase = \"renkei.db\"\nkeyring = \"keyring.toml\"\n\
            eligibility = \"members.csv\"\n"
            .to_owned();
        for number in &region.institutions {
            text += &format!(
                "[[institution]]\nnumber = \"{number}\"\nname = \"{number}\"\nkind = \"hospital\"\n"
            );
        }
        fs::write(&config, text)?;
        let store = open(&config)?;
        let now = system_clock()();
        let token = |role, institution: &String| token(&store, role, Some(institution.clone()), None, now);
        let systems = region
            .institutions
            .iter()
            .map(|number| token(Role::Institution, number))
            .collect::<Result<_, _>>()?;
        let hospital = region.institutions[0].clone();
        let institutions = region.institutions.clone();
        let clinician = token(Role::Clinician, &hospital)?;
        let (process, address) = spawn(&["serve", "--config"], &[config.as_os_str()])?;
        let patients =
            region.patients.into_iter().map(|patient| vec![patient.members[0].member_id.clone()]).collect();
        Ok(Self { address, systems, institutions, clinician, folder, process, patients, hospital })
    }

    /// Measures what a load costs this hub.
    pub(crate) fn measure(
        &self,
        load: impl FnOnce() -> Result<Result<Measured, Fault>, Fault>,
    ) -> Result<Measured, Fault> {
        let before = self.cpu_seconds()?;
        let mut measured = load()??;
        measured.server =
            Some(Server { cpu_seconds: self.cpu_seconds()? - before, peak_bytes: self.peak_bytes()? });
        Ok(measured)
    }

    /// Registers every body once.
    pub(crate) fn register_once(&self, bodies: &Bodies) -> Result<Vec<Unit>, Fault> {
        let hub = format!("http://{}", self.address);
        let clients: Vec<Client> = self
            .systems
            .iter()
            .map(|token| Client::new(&Hub { hub: hub.clone(), token: token.clone() }, Lang::Ja))
            .collect();
        (0..bodies.count())
            .map(|serial| {
                let institution = bodies.0[serial].institution;
                let answer = clients[institution].post("/fhir/Bundle", &bodies.bytes(serial))?;
                let told = receipt(&answer.body).ok_or_else(|| Fault::Usage(answer.complaints()))?;
                Ok(Unit { reference: told.0, patient: told.1, institution })
            })
            .collect()
    }

    /// All patients consent to everything; answers their references.
    pub(crate) fn consented(&self) -> Result<Vec<String>, Fault> {
        let store = open(&self.folder.path().join("renkei.toml"))?;
        let now = system_clock()();
        let mut references = Vec::new();
        for numbers in &self.patients {
            let person = block_on(store.person_of(&numbers[0], numbers, now))??;
            let event = crate::commands::token::on_record("bench", now)?;
            block_on(store.keep_grant(everything(person, &self.hospital, now)?, event))??;
            references.push(format!("Patient/{person}"));
        }
        Ok(references)
    }

    /// For each unit that was made of a body, a token of its member's insurer and one of its patient.
    pub(crate) fn readers_of(&self, units: &[Unit], bodies: &Bodies) -> Result<Vec<[String; 2]>, Fault> {
        let store = open(&self.folder.path().join("renkei.toml"))?;
        let now = system_clock()();
        let readers = units.iter().enumerate().map(|(serial, unit)| {
            let insurer = bodies.get(serial).member_id.split(':').next().unwrap_or_default().to_owned();
            let person = unit.patient.trim_start_matches("Patient/").parse();
            let person = person.map_err(|_| Fault::Usage(unit.patient.clone()))?;
            Ok([
                token(&store, Role::Insurer, Some(insurer), None, now)?,
                token(&store, Role::Patient, None, Some(person), now)?,
            ])
        });
        readers.collect()
    }

    /// The database's size after its log is folded back.
    pub(crate) fn stored_bytes(mut self) -> Result<u64, Fault> {
        self.process.kill()?;
        self.process.wait()?;
        folded_bytes(&self.folder.path().join("renkei.db"))
    }

    /// User and system time of the process, in seconds; the kernel counts hundredths.
    fn cpu_seconds(&self) -> Result<f64, Fault> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        Ok(ticks / 100.0)
    }

    fn peak_bytes(&self) -> Result<u64, Fault> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kilobytes.unwrap_or(0) << 10)
    }
}

impl Drop for RunningHub {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The plain server of the floor, over rows of its own.
pub(crate) struct RowServer {
    pub(crate) address: String,
    process: Child,
    _folder: tempfile::TempDir,
}

impl RowServer {
    pub(crate) fn start(bodies: &Bodies) -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("floor.db");
        drop(super::floor::filled(bodies, &path)?);
        let count = bodies.count().to_string();
        let (process, address) = spawn(&["bench", "rows"], &[path.as_os_str(), count.as_ref()])?;
        Ok(Self { address, process, _folder: folder })
    }
}

impl Drop for RowServer {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// This program again, as a server; it says where it is.
fn spawn(command: &[&str], arguments: &[&OsStr]) -> Result<(Child, String), Fault> {
    let program = std::env::current_exe()?;
    let mut process = Command::new(program).args(command).args(arguments).stderr(Stdio::piped()).spawn()?;
    let lines = process.stderr.take().map(|output| BufReader::new(output).lines()).into_iter().flatten();
    let mut words = lines
        .map_while(Result::ok)
        .flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let address = words.find_map(|word| word.strip_prefix("http://").map(str::to_owned));
    let address = address.ok_or_else(|| Fault::Usage("測る相手が起動しません".to_owned()))?;
    Ok((process, address))
}

fn open(config: &Path) -> Result<Store, Fault> {
    let config = Config::read(config)?;
    Ok(Store::open(&config.database(), Keyring::open_or_create(&config.keyring())?)?)
}

fn token(
    store: &Store,
    role: Role,
    institution: Option<String>,
    person: Option<PersonId>,
    now: Timestamp,
) -> Result<String, Fault> {
    let ends_at = now + SignedDuration::from_hours(24);
    let made = new_token("bench", role, institution, person, now, ends_at)?;
    let event = crate::commands::token::on_record("bench", now)?;
    block_on(store.keep_credential(made.credential, event))??;
    Ok(made.text)
}

/// References of the unit and of the patient out of the answer to a registration.
pub(crate) fn receipt(answer: &[u8]) -> Option<(String, String)> {
    let json: Value = serde_json::from_slice(answer).ok()?;
    let parameters = json["parameter"].as_array()?;
    let reference = |name| {
        let found = parameters.iter().find(|one| one["name"] == name)?;
        Some(found["valueReference"]["reference"].as_str()?.to_owned())
    };
    reference("bundle").zip(reference("patient"))
}

/// A database's size after its log is folded back.
pub(crate) fn folded_bytes(path: &Path) -> Result<u64, Fault> {
    let folded = rusqlite::Connection::open(path)
        .and_then(|database| database.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())));
    folded.map_err(|error| Fault::Usage(error.to_string()))?;
    Ok(fs::metadata(path)?.len())
}

fn everything(person: PersonId, institution: &str, now: Timestamp) -> Result<Grant, Fault> {
    let id = new_event_id(person.bucket(), now).map_err(store::Fault::from)?;
    let groups = access::consent_groups().iter().map(|group| group.code.clone()).collect();
    Ok(Grant::at_card_reader(person, id, institution, groups, now, now + access::LONGEST_GRANT))
}
