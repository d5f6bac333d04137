use std::sync::Arc;

/// Why the store could not do what was asked. None of these loses or half-keeps anything.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// More work is waiting than may wait. Try again shortly.
    #[error("the store is busy")]
    Busy,
    /// The disk (or the database's quota) is full. Nothing of the request was kept.
    #[error("the disk is full")]
    Full,
    /// A write could not be made durable. The store has stopped; restart it, and it recovers.
    #[error("a write could not be made durable; the store has stopped")]
    Stopped,
    /// The database does not answer. The outcome of a write in flight is unknown; sending again is safe.
    #[error("the database does not answer: {0}")]
    Unreachable(Arc<str>),
    /// Two transactions met; the store tries again by itself, and this is what it gives up with.
    #[error("too many transactions met on the same rows")]
    Conflict,
    /// What was read cannot be what was written.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// This database was sealed with another keyring.
    #[error("this database belongs to another keyring")]
    OtherKeyring,
    /// The database's schema is newer than this program, or was altered.
    #[error("the database schema does not fit this program: {0}")]
    Schema(Arc<str>),
    /// Any other answer of the engine.
    #[error("the database refused a statement: {0}")]
    Engine(Arc<str>),
    /// The system's source of chance failed.
    #[error(transparent)]
    Randomness(#[from] crate::id::NoRandomness),
}

impl Fault {
    /// After this nothing more may be acknowledged.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self, Self::Stopped)
    }

    /// Faults of the engine end the whole transaction; other faults end only the job that met them.
    pub(crate) fn ends_the_group(&self) -> bool {
        matches!(self, Self::Full | Self::Stopped | Self::Conflict | Self::Unreachable(_))
    }

    /// Running the same transaction again may well succeed.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure) => Self::Stopped,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Conflict,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged("the database file"),
            _ => Self::Engine(error.to_string().into()),
        }
    }
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        let Some(state) = error.code() else { return Self::Unreachable(error.to_string().into()) };
        if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(state) {
            Self::Conflict
        } else if *state == SqlState::DISK_FULL {
            Self::Full
        } else if state.code().starts_with("57P") || state.code().starts_with("08") {
            Self::Unreachable(error.to_string().into())
        } else {
            let text = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
            Self::Engine(text.into())
        }
    }
}
