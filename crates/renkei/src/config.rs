use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use exchange::Endpoints;
use identity::Networks;
use jiff::SignedDuration;

use jiff::civil::date;
use safety::Place;
use serde::Deserialize;
use server::{NoticeSettings, Terminal, Tls, TlsFiles};
use store::Institution;

use crate::cli::Serve;
use crate::fault::Fault;

/// `renkei.toml`. Paths in it are relative to the file's own folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where to listen.
    #[serde(default = "default_listen")]
    pub(crate) listen: SocketAddr,
    /// How the hub calls itself.
    pub(crate) site: String,
    /// How clients reach it, where that is not `http://{listen}` (`https://{listen}` with TLS).
    base_url: Option<String>,
    /// TLS of the hub's own.
    tls: Option<ConfiguredTls>,
    /// A file for SQLite, or `postgres://…`.
    database: String,
    /// The keyring; made on the first start.
    keyring: PathBuf,
    /// The simulated centre's table of insured numbers, as CSV.
    eligibility: PathBuf,
    /// The folder of FHIR packages; where none is named, that of `renkei package`.
    packages: Option<PathBuf>,
    /// Institutions and insurers that take part. They use the service as long as they are listed here.
    #[serde(default)]
    institution: Vec<ConfiguredInstitution>,
    /// How notices are sent.
    #[serde(default)]
    notices: ConfiguredNotices,
    /// Backups that the hub makes itself, of a SQLite database.
    backup: Option<ConfiguredBackup>,
    /// A list of known vulnerabilities (OSV, a JSON array), held against what this program is made of.
    vulnerabilities: Option<PathBuf>,
    /// The 資格確認端末s that drop files (simulated).
    #[serde(default)]
    terminal: Vec<ConfiguredTerminal>,
    /// Ranges of addresses and the kinds of networks they are.
    #[serde(default)]
    network: Vec<ConfiguredNetwork>,
    /// What becomes of a document with a code that the masters do not allow: `warn` or `refuse`.
    #[serde(default)]
    pub(crate) master_codes: exchange::MasterCodes,
    #[serde(skip)]
    folder: PathBuf,
}

/// How notices are sent. Whom they are sent to is asked for by FHIR Subscriptions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfiguredNotices {
    /// Hosts, as `host` or `host:port`, that may be called by http and in private networks.
    #[serde(default)]
    allow: Vec<String>,
    /// How many seconds an endpoint has to answer.
    timeout_seconds: Option<u64>,
    /// For how many days a notice is tried.
    give_up_after_days: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfiguredInstitution {
    number: String,
    name: String,
    kind: String,
    #[serde(default)]
    kana: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    postcode: String,
    #[serde(default)]
    address: String,
    vendor: Option<String>,
    /// The file that narrows the policy for this institution (Cedar, `forbid` only).
    policy: Option<PathBuf>,
}

/// Where backups are kept: another disk, or a share that only takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfiguredBackup {
    folder: PathBuf,
}

/// TLS of the hub's own: files in PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfiguredTls {
    certificate: PathBuf,
    key: PathBuf,
    /// Whose client certificates are taken.
    client_authorities: Option<PathBuf>,
}

/// Addresses of one kind of network: `closed`, `open` or `mobile`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfiguredNetwork {
    range: String,
    kind: String,
}

/// A 資格確認端末: whose it is, its folders, and the files that hold its tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfiguredTerminal {
    institution: String,
    req: PathBuf,
    res: PathBuf,
    token_file: PathBuf,
    emergency_token_file: Option<PathBuf>,
}

impl Config {
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let text = fs::read_to_string(path).map_err(|error| Fault::File(path.to_owned(), error))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|error| Fault::Config(path.to_owned(), error.to_string()))?;
        config.folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(config)
    }

    /// Where a hub that listens at `bound` stands, for its own checks.
    pub(crate) fn place(&self, bound: SocketAddr) -> Place {
        Place {
            base_url: self.base_url(bound),
            ports: vec![bound.port()],
            database: self.database().file(),
            keyring: Some(self.keyring()),
            backups: self.backup.as_ref().map(|backup| self.folder.join(&backup.folder)),
            vulnerabilities: self.vulnerabilities.as_ref().map(|list| self.folder.join(list)),
        }
    }

    /// How clients reach a hub that listens at `bound`.
    pub(crate) fn base_url(&self, bound: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.base_url.clone().unwrap_or_else(|| format!("{scheme}://{bound}"))
    }

    /// With the TLS that the command line asks for, in the place of the file's.
    pub(crate) fn with_tls(self, serve: &Serve) -> Result<Self, Fault> {
        let (Some(certificate), Some(key)) = (&serve.tls_certificate, &serve.tls_key) else {
            return Ok(self);
        };
        let tls = ConfiguredTls {
            certificate: absolute(certificate)?,
            key: absolute(key)?,
            client_authorities: serve.client_authorities.as_deref().map(absolute).transpose()?,
        };
        Ok(Self { tls: Some(tls), ..self })
    }

    /// TLS, if it is asked for.
    pub(crate) fn tls(&self, file: &Path) -> Result<Option<Tls>, Fault> {
        let files = self.tls.as_ref().map(|tls| TlsFiles {
            certificate: self.folder.join(&tls.certificate),
            key: self.folder.join(&tls.key),
            client_authorities: tls.client_authorities.as_ref().map(|file| self.folder.join(file)),
        });
        let tls = files.map(|files| Tls::open(&files)).transpose();
        tls.map_err(|why| Fault::Config(file.to_owned(), why.to_string()))
    }

    pub(crate) fn database(&self) -> store::Database {
        match self.database.parse() {
            Ok(store::Database::Sqlite(path)) => store::Database::Sqlite(self.folder.join(path)),
            Ok(postgres) => postgres,
            Err(never) => match never {},
        }
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.folder.join(&self.keyring)
    }

    pub(crate) fn eligibility(&self) -> PathBuf {
        self.folder.join(&self.eligibility)
    }

    /// The terminals, with their tokens.
    pub(crate) fn terminals(&self) -> Result<Vec<Terminal>, Fault> {
        let token = |file: &PathBuf| {
            let path = self.folder.join(file);
            let text = fs::read_to_string(&path).map_err(|error| Fault::File(path, error))?;
            Ok::<_, Fault>(text.trim().to_owned())
        };
        let terminal = |one: &ConfiguredTerminal| {
            Ok(Terminal {
                institution: one.institution.clone(),
                requests: self.folder.join(&one.req),
                results: self.folder.join(&one.res),
                token: token(&one.token_file)?,
                emergency_token: one.emergency_token_file.as_ref().map(token).transpose()?,
            })
        };
        self.terminal.iter().map(terminal).collect()
    }

    /// Which kind of network each address belongs to.
    pub(crate) fn networks(&self, file: &Path) -> Result<Networks, Fault> {
        let own = self.network.iter().map(|one| (one.range.as_str(), one.kind.as_str()));
        Networks::with(own).map_err(|bad| Fault::Config(file.to_owned(), bad.to_string()))
    }

    /// The files by which institutions narrow the policy, by number.
    pub(crate) fn narrowings(&self) -> impl Iterator<Item = (&str, PathBuf)> {
        let file = |one: &PathBuf| self.folder.join(one);
        self.institution.iter().filter_map(move |one| Some((&*one.number, one.policy.as_ref().map(file)?)))
    }

    /// The folder of packages, if the file names one.
    pub(crate) fn packages(&self) -> Option<PathBuf> {
        self.packages.as_ref().map(|packages| self.folder.join(packages))
    }

    pub(crate) fn notices(&self) -> NoticeSettings {
        let usual = NoticeSettings::default();
        let days =
            self.notices.give_up_after_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        NoticeSettings {
            endpoints: Endpoints { allowed: self.notices.allow.clone() },
            timeout: self.notices.timeout_seconds.map_or(usual.timeout, Duration::from_secs),
            patience: days.unwrap_or(usual.patience),
        }
    }

    pub(crate) fn institutions(&self) -> Vec<Institution> {
        let one = |one: &ConfiguredInstitution| Institution {
            number: one.number.clone(),
            name: one.name.clone(),
            kind: one.kind.clone(),
            kana: one.kana.clone(),
            phone: one.phone.clone(),
            postcode: one.postcode.clone(),
            address: one.address.clone(),
            vendor: one.vendor.clone(),
            uses_from: Some(date(1, 1, 1)),
            ..Institution::default()
        };
        self.institution.iter().map(one).collect()
    }
}

fn default_listen() -> SocketAddr {
    crate::cli::loopback(8080)
}
