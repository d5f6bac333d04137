use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use demo::{PatientRecord, Region};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

pub(crate) const HOSPITAL: &str = "4919999901";
pub(crate) const CLINIC: &str = "4919999902";
const PROGRAM: &str = env!("CARGO_BIN_EXE_renkei");

/// A hub in a folder of its own, and everybody's tokens.
pub(crate) struct Hub {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) region: Region,
    pub(crate) url: String,
    process: Child,
    log: Arc<Mutex<String>>,
    agent: ureq::Agent,
    systems: Mutex<HashMap<String, String>>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) event: Option<String>,
}

impl Hub {
    /// Starts a hub on SQLite.
    pub(crate) fn start() -> Self {
        Self::start_on("renkei.db")
    }

    /// Starts a hub on a database.
    pub(crate) fn start_on(database: &str) -> Self {
        let folder = prepared(database);
        Self::run_in(folder, &[PROGRAM])
    }

    /// Starts a hub in a prepared folder, under whatever command is put in front of it.
    pub(crate) fn run_in(folder: tempfile::TempDir, command: &[&str]) -> Self {
        let config = folder.path().join("renkei.toml");
        let mut process = Command::new(command[0])
            .args(&command[1..])
            .args(["serve", "--config"])
            .arg(&config)
            .env("RENKEI_LOG", "debug")
            .env("RENKEI_PACKAGES", folder.path().join("packages"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let url = lines
            .find_map(|line| Some(line.split_whitespace().find(|word| word.starts_with("http"))?.to_owned()))
            .expect("the hub says where it is");
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || lines.for_each(|line| written.lock().unwrap().push_str(&(line + "\n"))));
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = config.timeout_global(Some(Duration::from_secs(60))).build().into();
        Self { folder, region: region(), url, process, log, agent, systems: Mutex::default() }
    }

    /// Tells the hub that the table of insured numbers has changed.
    pub(crate) fn tell_to_read_again(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    }

    /// Kills the hub as `kill -9` does, and gives its folder back.
    pub(crate) fn kill(mut self) -> tempfile::TempDir {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// How the hub ended, if it does within the time.
    pub(crate) fn ended_within(&mut self, time: Duration) -> Option<i32> {
        let step = Duration::from_millis(50);
        for _ in 0..time.as_millis() / step.as_millis() {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(step);
        }
        None
    }

    /// Everything the hub logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn token(&self, role: &str, more: &[&str]) -> String {
        token(self.folder.path(), role, more)
    }

    pub(crate) fn system(&self, institution: &str) -> String {
        self.token("institution", &["--institution", institution])
    }

    /// A token of somebody with a name of their own.
    pub(crate) fn named(&self, name: &str, role: &str, institution: &str) -> String {
        let arguments = ["token", "create", "--role", role, "--name", name, "--institution", institution];
        let output = renkei_in(self.folder.path(), &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The system token of an institution, made the first time it is asked for.
    pub(crate) fn system_once(&self, institution: &str) -> String {
        let mut made = self.systems.lock().unwrap();
        made.entry(institution.to_owned()).or_insert_with(|| self.system(institution)).clone()
    }

    /// A clinician of the hospital, with the patient's consent to `groups`.
    pub(crate) fn clinician(&self, patient: &str, groups: &str) -> String {
        self.clinician_at(HOSPITAL, patient, groups)
    }

    /// A clinician of an institution, with the patient's consent to `groups`.
    pub(crate) fn clinician_at(&self, institution: &str, patient: &str, groups: &str) -> String {
        let arguments =
            ["consent", "grant", "--patient", patient, "--institution", institution, "--groups", groups];
        assert!(renkei_in(self.folder.path(), &arguments).status.success());
        self.token("clinician", &["--institution", institution])
    }

    pub(crate) fn get(&self, token: &str, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.url));
        answer(request.header("authorization", format!("Bearer {token}")).call().unwrap())
    }

    /// A page of the console, as a browser that bears the token asks for it.
    pub(crate) fn page(&self, token: &str, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.url)).header("accept", "text/html");
        answer(request.header("authorization", format!("Bearer {token}")).call().unwrap())
    }

    pub(crate) fn post(&self, token: &str, path: &str, body: &[u8]) -> Answer {
        self.post_as(token, path, body, "application/fhir+json").unwrap()
    }

    pub(crate) fn put(&self, token: &str, path: &str, body: &[u8]) -> Answer {
        let request = self.agent.put(format!("{}{path}", self.url));
        let request = request.header("content-type", "application/fhir+json");
        answer(request.header("authorization", format!("Bearer {token}")).send(body).unwrap())
    }

    pub(crate) fn delete(&self, token: &str, path: &str) -> Answer {
        let request = self.agent.delete(format!("{}{path}", self.url));
        answer(request.header("authorization", format!("Bearer {token}")).call().unwrap())
    }

    pub(crate) fn post_as(
        &self,
        token: &str,
        path: &str,
        body: &[u8],
        media: &str,
    ) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", media);
        Ok(answer(request.header("authorization", format!("Bearer {token}")).send(body)?))
    }

    /// Registers all that was sent of one patient and gives the patient's id.
    pub(crate) fn register_all(&self, patient: &PatientRecord) -> String {
        let mut person = String::new();
        for sent in &patient.submissions {
            let answer = self.post(&self.system_once(&sent.institution), "/fhir/Bundle", &sent.body);
            assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body));
            person = answer.reference("patient").strip_prefix("Patient/").unwrap().to_owned();
        }
        person
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A reference out of a receipt.
    pub(crate) fn reference(&self, name: &str) -> String {
        self.parameter(name)["valueReference"]["reference"].as_str().unwrap().to_owned()
    }

    pub(crate) fn parameter(&self, name: &str) -> Value {
        let parameters = self.json()["parameter"].as_array().cloned().unwrap_or_default();
        parameters.into_iter().find(|one| one["name"] == name).unwrap_or_default()
    }

    /// The codes of an OperationOutcome's issues.
    pub(crate) fn codes(&self) -> Vec<String> {
        let json = self.json();
        let issues = json["issue"].as_array().into_iter().flatten();
        issues
            .map(|issue| issue["details"]["coding"][0]["code"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The resources of a searchset.
    pub(crate) fn matches(&self) -> Vec<Value> {
        let json = self.json();
        let entries = json["entry"].as_array().into_iter().flatten();
        entries
            .filter(|entry| entry["search"]["mode"] == "match")
            .map(|entry| entry["resource"].clone())
            .collect()
    }
}

/// The twelve as they stand today, all numbers valid that are valid today.
pub(crate) fn region() -> Region {
    demo::region(today())
}

/// A patient whose every submission bears a number that is valid today.
pub(crate) fn steady(region: &Region) -> Vec<&PatientRecord> {
    region.patients.iter().filter(|patient| patient.members.len() == 1).collect()
}

#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
pub(crate) fn today() -> Date {
    jiff::Timestamp::now().to_zoned(TimeZone::fixed(jiff::tz::offset(9))).date()
}

/// A folder with a configuration and the region's insured numbers.
pub(crate) fn prepared(database: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), database);
    folder
}

/// Puts a configuration and the region's insured numbers into a folder.
pub(crate) fn prepare(folder: &Path, database: &str) {
    let mut members = "person,member_id,valid_from,valid_to\n".to_owned();
    for patient in region().patients {
        for member in &patient.members {
            let last = member.valid_to.map(|day| day.to_string()).unwrap_or_default();
            members += &format!("{},{},{},{last}\n", patient.key, member.member_id, member.valid_from);
        }
    }
    fs::write(folder.join("members.csv"), members).unwrap();
    let mut config = format!(
        "listen = \"127.0.0.1:0\"\nsite = \"架空県の試験\"\ndatabase = \"{database}\"\n\
         keyring = \"keyring.toml\"\neligibility = \"members.csv\"\n"
    );
    for one in demo::institutions() {
        let (number, name) = (one.number, one.name);
        config +=
            &format!("[[institution]]\nnumber = \"{number}\"\nname = \"{name}\"\nkind = \"hospital\"\n");
    }
    fs::write(folder.join("renkei.toml"), config).unwrap();
}

/// Lets every insured number go on: some of the twelve have changed jobs since.
pub(crate) fn endless(folder: tempfile::TempDir) -> tempfile::TempDir {
    let table = folder.path().join("members.csv");
    let rows = fs::read_to_string(&table).unwrap();
    let endless = rows.lines().enumerate().map(|(index, row)| match row.rsplit_once(',') {
        Some((head, _)) if index > 0 => format!("{head},\n"),
        _ => format!("{row}\n"),
    });
    fs::write(&table, endless.collect::<String>()).unwrap();
    folder
}

/// A text as it stands in an address.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub(crate) fn token(folder: &Path, role: &str, more: &[&str]) -> String {
    let output =
        renkei_in(folder, &[&["token", "create", "--role", role, "--name", "試験 太郎"], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs a command in a hub's folder.
pub(crate) fn renkei_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder).env_remove("RENKEI_CONFIG");
    command.env("RENKEI_PACKAGES", folder.join("packages")).output().unwrap()
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    let event = response.headers().get("audit-event").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(100 << 20).read_to_vec().unwrap();
    Answer { status, body, event }
}
