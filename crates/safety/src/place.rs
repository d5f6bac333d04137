use std::path::PathBuf;

use store::{Database, Keyring};

/// Where the hub stands: what checks may look at besides the store.
#[derive(Default)]
pub struct Place {
    /// How browsers and systems reach it, as in `https://hub.example`.
    pub base_url: String,
    /// The ports it is meant to listen on.
    pub ports: Vec<u16>,
    /// Its database, where that is a file.
    pub database: Option<PathBuf>,
    /// Its keyring.
    pub keyring: Option<PathBuf>,
    /// Where its backups are kept.
    pub backups: Option<PathBuf>,
    /// A list of known vulnerabilities (OSV, as JSON).
    pub vulnerabilities: Option<PathBuf>,
    /// From which versions on VPN products are good, in the form of `rules/vpn.toml`.
    pub vpn_versions: Option<PathBuf>,
}

impl Place {
    /// The database as a backup restores it.
    pub(crate) fn opened(database: PathBuf, keyring: &std::path::Path) -> Result<store::Store, store::Fault> {
        let keyring = Keyring::open_or_create(keyring).map_err(|_| store::Fault::Damaged("the keyring"))?;
        store::Store::open(&Database::Sqlite(database), keyring)
    }
}
