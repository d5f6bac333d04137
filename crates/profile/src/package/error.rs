use std::io;
use std::path::{Path, PathBuf};

use fhir::finding::Language;

use super::PackageId;
use crate::terminology::Unusable;
use crate::words::sentence;

/// Why a package could not be read, kept or found. Untidiness is none of these; see [`Oddity`](super::Oddity).
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file or folder cannot be read or written.
    #[error("{}", self.message(Language::English))]
    File(PathBuf, #[source] io::Error),
    /// The bytes are no gzip-compressed tar, or end too early.
    #[error("{}", self.message(Language::English))]
    NotAnArchive(PathBuf, String),
    /// It unpacks to more than [`Limits`](super::Limits) allow; the bound that was passed.
    #[error("{}", self.message(Language::English))]
    TooLarge(PathBuf, String),
    /// There is no `package.json`.
    #[error("{}", self.message(Language::English))]
    NoManifest(PathBuf),
    /// Its `package.json` does not tell name and version.
    #[error("{}", self.message(Language::English))]
    Manifest(PathBuf, String),
    /// Packages that depend on each other in a ring, the first named again at the end.
    #[error("{}", self.message(Language::English))]
    Cycle(Vec<String>),
    /// Another program is changing the same folder.
    #[error("{}", self.message(Language::English))]
    Busy(PathBuf),
    /// No such package is kept here.
    #[error("{}", self.message(Language::English))]
    Unknown(PackageId),
    /// A table of codes cannot be used; why.
    #[error("{}", self.message(Language::English))]
    Table(PathBuf, Unusable),
}

impl PackageError {
    /// What is wrong and how to mend it, in one or two sentences.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let shown = |path: &Path| path.display().to_string();
        let (key, file, what) = match self {
            Self::File(path, error) => ("error-file", shown(path), error.to_string()),
            Self::NotAnArchive(path, why) => ("error-not-an-archive", shown(path), why.clone()),
            Self::TooLarge(path, bound) => ("error-too-large", shown(path), bound.clone()),
            Self::NoManifest(path) => ("error-no-manifest", shown(path), String::new()),
            Self::Manifest(path, why) => ("error-manifest", shown(path), why.clone()),
            Self::Cycle(names) => ("error-cycle", String::new(), names.join(" → ")),
            Self::Busy(path) => ("error-busy", shown(path), String::new()),
            Self::Unknown(id) => ("error-unknown", String::new(), id.to_string()),
            Self::Table(path, why) => (why.key(), shown(path), String::new()),
        };
        sentence(key, language, &file, &what)
    }
}
