//! FHIR and OAuth clients that know nothing of us, from PyPI and npm, against a running hub.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use demo::{PatientRecord, Region};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use serde_json::{Value, json};

use crate::packages::has_venv;
use crate::shell::{address_told, answers, root, run_program, skip};

/// The hospital of the fictional region.
pub(crate) const HOSPITAL: &str = "4919999901";
const CLINIC: &str = "4919999902";
/// Where the vendor's app would be.
const BACK: &str = "http://127.0.0.1:8099/back";

/// Runs `tests/clients` against a hub of its own.
pub(crate) fn check() -> Result<(), String> {
    let (has_python, has_node) = (has_venv(), answers("node", "--version") && answers("npm", "--version"));
    if !has_python {
        skip("the Python client", "there is no python3 with venv here")?;
    }
    if !has_node {
        skip("the JavaScript client", "there is no Node.js here")?;
    }
    if !has_python && !has_node {
        return Ok(());
    }
    let python = if has_python { install_python("tests/clients/python", "the Python client")? } else { None };
    let folder = fresh_folder("clients")?;
    let region = demo::region(today());
    prepare(&folder, &region)?;
    let tokens = tokens(&folder)?;
    let (mut hub, url) = start_hub(&folder)?;
    let outcome = smart(&folder).and_then(|smart| {
        let mut common = json!({"url": url, "tokens": tokens, "smart": smart});
        common["tokens"]["accounts"] = json!(accounts_token(&folder, &url)?);
        visit(&folder, &region, &common, python.as_deref(), has_node)
    });
    drop(hub.kill());
    drop(hub.wait());
    outcome
}

/// Lets each client in, with a patient of its own.
fn visit(
    folder: &Path,
    region: &Region,
    common: &Value,
    python: Option<&Path>,
    has_node: bool,
) -> Result<(), String> {
    let mut patients = region.patients.iter().filter_map(bundles);
    let mut stage = |name: &str| -> Result<String, String> {
        let patient = patients.next().ok_or("the region has no patient with all that the clients need")?;
        let numbers = json!({"hospital": HOSPITAL, "clinic": CLINIC});
        let mut stage = common.clone();
        (stage["numbers"], stage["patient"]) = (numbers, patient);
        let path = folder.join(name);
        fs::write(&path, stage.to_string()).map_err(|error| error.to_string())?;
        Ok(path.display().to_string())
    };
    if let Some(python) = python {
        let path = stage("python.json")?;
        for program in ["client.py", "accounts.py"] {
            let home = root().join("tests/clients/python");
            run_program(&python.display().to_string(), &[program, &path], &home)?;
        }
    }
    if has_node {
        let path = stage("javascript.json")?;
        let home = root().join("tests/clients/javascript");
        match run_program("npm", &["ci", "--no-audit", "--no-fund"], &home) {
            Ok(()) => {
                run_program("node", &["client.mjs", &path], &home)?;
                run_program("node", &["smart.mjs", &stage("smart.json")?], &home)?;
            }
            Err(why) => skip("the JavaScript client", &why)?,
        }
    }
    Ok(())
}

/// The Python of an environment that holds exactly what the `requirements.txt` of a folder pins; none where that cannot be
/// had, and `what` is skipped.
pub(crate) fn install_python(home: &str, what: &str) -> Result<Option<PathBuf>, String> {
    let folder = root().join("target/python").join(home.replace('/', "-"));
    let python = folder.join("bin/python");
    run_program("python3", &["-m", "venv", &folder.display().to_string()], &root())?;
    let install =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"];
    let pins = root().join(home).join("requirements.txt").display().to_string();
    match run_program(&python.display().to_string(), &[&install[..], &[&pins]].concat(), &root()) {
        Ok(()) => Ok(Some(python)),
        Err(why) => skip(what, &why).map(|()| None),
    }
}

/// An empty folder under `target`.
pub(crate) fn fresh_folder(name: &str) -> Result<PathBuf, String> {
    let folder = root().join("target").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(folder)
}

/// Today in Japan.
#[expect(clippy::disallowed_methods, reason = "the program under test reads the system's clock")]
pub(crate) fn today() -> Date {
    jiff::Timestamp::now().to_zoned(TimeZone::fixed(offset(9))).date()
}

/// A configuration with the region's institutions and insured numbers.
pub(crate) fn prepare(folder: &Path, region: &Region) -> Result<(), String> {
    let mut members = "person,member_id,valid_from,valid_to\n".to_owned();
    for patient in &region.patients {
        for member in &patient.members {
            let last = member.valid_to.map(|day| day.to_string()).unwrap_or_default();
            members += &format!("{},{},{},{last}\n", patient.key, member.member_id, member.valid_from);
        }
    }
    let mut config = "listen = \"127.0.0.1:0\"\nsite = \"架空県の試験\"\ndatabase = \"renkei.db\"\n\
                      keyring = \"keyring.toml\"\neligibility = \"members.csv\"\n"
        .to_owned();
    for one in &region.institutions {
        let (number, name) = (&one.number, one.name);
        config +=
            &format!("[[institution]]\nnumber = \"{number}\"\nname = \"{name}\"\nkind = \"hospital\"\n");
    }
    let write =
        |name: &str, text: String| fs::write(folder.join(name), text).map_err(|error| error.to_string());
    write("members.csv", members)?;
    write("renkei.toml", config)
}

/// What a client registers of a patient: nothing, unless the story has all of it.
fn bundles(patient: &PatientRecord) -> Option<Value> {
    if patient.members.len() != 1 {
        return None;
    }
    let of = |kind: &'static str, institution: &'static str| {
        let sent = patient
            .submissions
            .iter()
            .filter(move |sent| sent.kind == kind && sent.institution == institution);
        sent.filter_map(|sent| serde_json::from_slice::<Value>(&sent.body).ok())
    };
    let observations: Vec<Value> = of("Observation", HOSPITAL).take(3).collect();
    let letter = of("Referral", CLINIC).next()?;
    let condition = of("Condition", HOSPITAL).next()?;
    let member = &patient.members[0].member_id;
    (observations.len() > 1).then(|| {
        let bundles = json!({"condition": condition, "observations": observations, "referral": letter});
        json!({"member": member, "bundles": bundles})
    })
}

fn tokens(folder: &Path) -> Result<Value, String> {
    let token = |role: &str, institution: &str| {
        let arguments = ["token", "create", "--role", role, "--institution", institution, "--name", "試験"];
        said(folder, &arguments).map(|token| token.trim().to_owned())
    };
    Ok(json!({
        "hospital": token("institution", HOSPITAL)?,
        "clinic": token("institution", CLINIC)?,
        "doctor": token("clinician", HOSPITAL)?,
        "safety": token("safety-manager", HOSPITAL)?,
    }))
}

/// The hospital's system and a vendor's app, registered at a hub that has begun and knows its institutions.
fn smart(folder: &Path) -> Result<Value, String> {
    let jwks = said(folder, &["app", "key", "--out", "vendor.pem"])?;
    fs::write(folder.join("vendor.json"), &jwks).map_err(|error| error.to_string())?;
    let pem = fs::read_to_string(folder.join("vendor.pem")).map_err(|error| error.to_string())?;
    let jwks: Value = serde_json::from_str(&jwks).map_err(|error| error.to_string())?;
    let register = |more: &[&str]| {
        let arguments = ["app", "register", "--name", "試験", "--institution", HOSPITAL];
        said(folder, &[&arguments, more].concat()).map(|id| id.trim().to_owned())
    };
    let backend = ["--kind", "backend", "--jwks", "vendor.json", "--scopes", "system/Bundle.cr"];
    let opened = ["--kind", "app", "--redirect-uri", BACK, "--scopes", "launch/patient patient/*.rs"];
    let (backend, opened) = (register(&backend)?, register(&opened)?);
    Ok(json!({
        "backend": backend, "opened": opened, "pem": pem, "kid": jwks["keys"][0]["kid"], "back": BACK,
    }))
}

/// A token of the hospital's system that keeps its accounts.
fn accounts_token(folder: &Path, url: &str) -> Result<String, String> {
    let register = ["app", "register", "--name", "職員管理", "--institution", HOSPITAL, "--kind", "backend"];
    let id =
        said(folder, &[&register[..], &["--jwks", "vendor.json", "--scopes", "renkei/accounts"]].concat())?;
    let ask = ["app", "token", "--key", "vendor.pem", "--scope", "renkei/accounts", "--hub", url];
    let token = said(folder, &[&ask[..], &["--client-id", id.trim()]].concat())?;
    Ok(token.trim().to_owned())
}

/// What a command says on its standard output.
pub(crate) fn said(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = renkei(folder).args(arguments).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn renkei(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    let manifest = root().join("Cargo.toml").display().to_string();
    command.args(["run", "--quiet", "--manifest-path", &manifest, "--package", "renkei", "--"]);
    command.current_dir(folder).env_remove("RENKEI_CONFIG").env("RENKEI_PACKAGES", folder.join("packages"));
    command
}

/// The hub says where it is on its first line; what it says after that is read too.
pub(crate) fn start_hub(folder: &Path) -> Result<(Child, String), String> {
    let mut hub = renkei(folder)
        .args(["serve", "--config", "renkei.toml"])
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let output = hub.stderr.take().ok_or("the hub has no output")?;
    address_told(output).map(|url| (hub, url))
}
