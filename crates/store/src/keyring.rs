use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::Fault;
use crate::id::random;

/// The keys this hub keeps outside its database: one that wraps data keys, one that finds insured numbers.
///
/// In a file that only its owner may read, made on the first start. Whoever loses it loses every body.
pub struct Keyring {
    wrapping: LessSafeKey,
    finding: hmac::Key,
}

/// Why a keyring could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringFault {
    /// The file cannot be read or made.
    #[error("{path}: {source}", path = .0.display(), source = .1)]
    File(PathBuf, io::Error),
    /// Others may read the file.
    #[error("{path}: others may read this file (mode {1:o}); `chmod 600` it and consider its keys known", path = .0.display())]
    Open(PathBuf, u32),
    /// The file's text is not a keyring.
    #[error("{path}: not a keyring: {1}", path = .0.display())]
    Form(PathBuf, String),
    /// No keys could be made.
    #[error(transparent)]
    Randomness(#[from] crate::id::NoRandomness),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    wrapping_key: String,
    finding_key: String,
}

/// The number of the wrapping key; more come when keys are rotated.
pub(crate) const FIRST_KEY: i64 = 1;

impl Keyring {
    /// Reads the keyring at `path`, or makes one there.
    ///
    /// # Errors
    /// When the file cannot be used safely; see [`KeyringFault`].
    pub fn open_or_create(path: &Path) -> Result<Self, KeyringFault> {
        let at = |error| KeyringFault::File(path.to_owned(), error);
        let written = match fs::metadata(path) {
            Ok(found) if found.mode() & 0o077 != 0 => {
                return Err(KeyringFault::Open(path.to_owned(), found.mode() & 0o777));
            }
            Ok(_) => fs::read_to_string(path).map_err(at)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(at(error)),
        };
        Self::from_text(&written).map_err(|why| KeyringFault::Form(path.to_owned(), why))
    }

    /// A keyring that is never written down: its database can be read only while the program runs.
    ///
    /// # Errors
    /// When the system's random source fails.
    pub fn fleeting() -> Result<Self, KeyringFault> {
        Ok(Self::of(&random()?, &random()?))
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let key = |name: &str, text: &str| -> Result<[u8; 32], String> {
            let bytes = STANDARD.decode(text).map_err(|error| format!("{name}: {error}"))?;
            bytes.try_into().map_err(|_| format!("{name}: expected 32 bytes in base64"))
        };
        if written.version != 1 {
            return Err(format!("version {} is not known", written.version));
        }
        Ok(Self::of(&key("wrapping_key", &written.wrapping_key)?, &key("finding_key", &written.finding_key)?))
    }

    fn of(wrapping: &[u8; 32], finding: &[u8; 32]) -> Self {
        Self { wrapping: aes(wrapping), finding: hmac::Key::new(hmac::HMAC_SHA256, finding) }
    }

    /// A keyed hash of 16 bytes: finds a value without telling it.
    pub(crate) fn keyed_hash(&self, what: &str, value: &str) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.finding);
        context.update(what.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        let mut hash = [0; 16];
        hash.copy_from_slice(&context.sign().as_ref()[..16]);
        hash
    }

    /// Wraps a data key, or any short secret, so that only this keyring opens it, and only for `owner`.
    pub(crate) fn wrap(&self, owner: &[u8], secret: &[u8]) -> Result<Vec<u8>, Fault> {
        let nonce: [u8; NONCE_LEN] = random()?;
        let mut sealed = secret.to_vec();
        self.wrapping
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner), &mut sealed)
            .map_err(|_| Fault::Damaged("a secret too long to wrap"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what [`Self::wrap`] made for the same `owner`.
    pub(crate) fn unwrap(&self, owner: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, Fault> {
        let wrong = Fault::Damaged("a wrapped key does not open");
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_LEN>().ok_or_else(|| wrong.clone())?;
        let mut opened = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length =
            self.wrapping.open_in_place(nonce, Aad::from(owner), &mut opened).map_err(|_| wrong)?.len();
        opened.truncate(length);
        Ok(opened)
    }
}

/// An AES-256-GCM key.
pub(crate) fn aes(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes any 32 bytes"))
}

fn create(path: &Path) -> Result<String, KeyringFault> {
    let at = |error| KeyringFault::File(path.to_owned(), error);
    let key = || -> Result<String, KeyringFault> { Ok(STANDARD.encode(random::<32>()?)) };
    let written = Written { version: 1, wrapping_key: key()?, finding_key: key()? };
    let text =
        toml::to_string(&written).map_err(|error| KeyringFault::Form(path.to_owned(), error.to_string()))?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(at)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at)?;
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::File::open(parent).and_then(|folder| folder.sync_all()).map_err(at)?;
    }
    Ok(text)
}
