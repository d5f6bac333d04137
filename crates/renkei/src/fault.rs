use std::io;
use std::path::PathBuf;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    File(PathBuf, io::Error),
    #[error("{0}")]
    Output(#[from] io::Error),
    #[error("設定ファイル {path}: {why}", path = .0.display(), why = .1)]
    Config(PathBuf, String),
    #[error("鍵束: {0}")]
    Keyring(#[from] store::KeyringFault),
    #[error("データベース: {0}")]
    Store(#[from] store::Fault),
    #[error("{0}")]
    Usage(String),
    #[error("連携基盤 {0} に届きません: {1}")]
    Hub(String, String),
}

impl Fault {
    /// Whoever read our output stopped reading: that is their good right.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
