use std::io;
use std::path::PathBuf;

use fhir::finding::Language;

use crate::words::words_with;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    #[error("{0}")]
    Output(#[from] io::Error),
    #[error("{}", self.message(Language::Japanese))]
    Config(PathBuf, String),
    #[error("{}", self.message(Language::Japanese))]
    Keyring(#[from] store::KeyringFault),
    #[error("{}", self.message(Language::Japanese))]
    Store(#[from] store::Fault),
    #[error("{0}")]
    Package(#[from] profile::PackageError),
    #[error("{}", self.message(Language::Japanese))]
    Profile(#[from] profile::UnknownProfile),
    #[error("{0}")]
    Usage(String),
    #[error("{}", self.message(Language::Japanese))]
    Hub(String, String),
    /// So many documents could not be read; each was told of when it was met.
    #[error("{}", self.message(Language::Japanese))]
    Unread(usize),
}

impl Fault {
    /// What happened, in a line.
    pub(crate) fn message(&self, language: Language) -> String {
        match self {
            Self::File(path, error) => format!("{}: {error}", path.display()),
            Self::Output(error) => error.to_string(),
            Self::Usage(what) => what.clone(),
            Self::Package(error) => error.message(language),
            Self::Profile(unknown) => words_with(language, "fault.profile", &[("profile", &unknown.0)]),
            Self::Config(path, why) => {
                words_with(language, "fault.config", &[("path", &path.display()), ("why", why)])
            }
            Self::Keyring(fault) => words_with(language, "fault.keyring", &[("why", fault)]),
            Self::Store(fault) => words_with(language, "fault.store", &[("why", fault)]),
            Self::Hub(hub, why) => words_with(language, "fault.hub", &[("hub", hub), ("why", why)]),
            Self::Unread(count) => words_with(language, "fault.unread", &[("count", count)]),
        }
    }

    /// Whoever read our output stopped reading: that is their good right.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
