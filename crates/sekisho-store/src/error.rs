//! What can go wrong, each a branch that somebody takes.

use std::{fmt, io, path::PathBuf, sync::Arc};

use sekisho_base::{Code, Coded};

use crate::{clock::Month, entropy::NoEntropy, hold::Subject, name::NameError};

/// What the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Somebody or something that asks.
    Principal,
    /// A group.
    Group,
    /// A membership in a group.
    Membership,
    /// An API key.
    Key,
    /// A model.
    Model,
    /// Limits.
    Budget,
    /// A prompt template.
    Template,
    /// A setting.
    Setting,
    /// What a dead process left open.
    Run,
    /// The database, or a copy of it.
    Database,
    /// The first administrator.
    Administrator,
}

/// Why the store did not do what was asked. It is as it was before.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database engine failed.
    #[error("the database could not be used")]
    Database(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// A file or folder beside the database could not be used.
    #[error("{} could not be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: Arc<io::Error>,
    },
    /// A file that only its owner may read is open to others.
    #[error("{} is open to others: mode {mode:03o}", path.display())]
    TooOpen {
        /// Which.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file is a database of something else, or no database.
    #[error("this is not a database of Sekisho")]
    NotAStore,
    /// The database was written by a newer program.
    #[error("the database has schema {found}, this program knows {known}")]
    Newer {
        /// Of the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The pepper is not the one under which the keys of this database were made, or is damaged.
    #[error("the pepper is not that of this database")]
    Pepper,
    /// A row is not as the program writes it.
    #[error("{what} in the database is damaged")]
    Damaged {
        /// Table and column.
        what: &'static str,
    },
    /// The operating system had no random bytes.
    #[error("no key could be made")]
    Entropy(#[from] NoEntropy),
    /// There is no such thing.
    #[error("no {item} {name:?}")]
    NoSuch {
        /// What kind.
        item: Item,
        /// Its name.
        name: String,
    },
    /// There is one already.
    #[error("{item} {name:?} exists already")]
    Exists {
        /// What kind.
        item: Item,
        /// Its name.
        name: String,
    },
    /// A name cannot be one.
    #[error("the name of the {item} cannot be used")]
    Name {
        /// Of what.
        item: Item,
        /// Why.
        #[source]
        cause: NameError,
    },
    /// Something is longer or more than the store takes.
    #[error("the {item} is above the limit of {max}")]
    TooLarge {
        /// What.
        item: Item,
        /// Characters, bytes or pieces.
        max: u64,
    },
    /// Who wrote a template cannot approve it.
    #[error("who wrote a template cannot approve it")]
    OwnTemplate,
    /// The draft was changed after it had been read.
    #[error("the draft has changed: it is at revision {found}, not {seen}")]
    DraftChanged {
        /// What the caller saw.
        seen: u64,
        /// What it is now.
        found: u64,
    },
    /// The template is not in the state that the step needs.
    #[error("the template is in another state")]
    TemplateState,
    /// The key is revoked or expired, so that it cannot be followed by another.
    #[error("the key is no longer valid")]
    KeyEnded,
    /// The process that left holds open is still alive.
    #[error("run {run} is still alive")]
    RunAlive {
        /// Which.
        run: i64,
    },
    /// Too many wait for the disk.
    #[error("too many wait for the store")]
    Busy,
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
}

/// In what a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Tokens.
    Tokens,
    /// Millionths of a yen.
    MicroYen,
}

/// Which limit does not allow a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the budget of {subject} for {month} does not allow it")]
pub struct Exceeded {
    /// Whose.
    pub subject: Subject,
    /// Which month.
    pub month: Month,
    /// What is counted.
    pub unit: Unit,
    /// The limit.
    pub limit: u64,
    /// What is left: not used, not reserved, not leased to another process.
    pub left: u64,
    /// What was asked for.
    pub asked: u64,
}

/// Why nothing was reserved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReserveError {
    /// A budget is used up.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>, cause: io::Error) -> Self {
        Self::File { path: path.into(), cause: Arc::new(cause) }
    }

    pub(crate) fn no_such(item: Item, name: impl fmt::Display) -> Self {
        Self::NoSuch { item, name: name.to_string() }
    }

    pub(crate) fn exists(item: Item, name: impl fmt::Display) -> Self {
        Self::Exists { item, name: name.to_string() }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotAStore,
            _ => Self::Database(Arc::new(error)),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> Code {
        match self {
            Self::Database(_)
            | Self::File { .. }
            | Self::TooOpen { .. }
            | Self::NotAStore
            | Self::Newer { .. }
            | Self::Pepper
            | Self::Damaged { .. }
            | Self::Entropy(_)
            | Self::Closed => Code::StoreUnusable,
            Self::NoSuch { .. } => Code::NoSuchItem,
            Self::Exists { .. } | Self::KeyEnded | Self::RunAlive { .. } | Self::DraftChanged { .. } => {
                Code::ItemExists
            }
            Self::Name { .. } | Self::TooLarge { .. } => Code::RequestInvalid,
            Self::OwnTemplate => Code::Forbidden,
            Self::TemplateState => Code::TemplateUnusable,
            Self::Busy => Code::NotReady,
        }
    }
}

impl Coded for ReserveError {
    fn code(&self) -> Code {
        match self {
            Self::Exceeded(_) => Code::BudgetExceeded,
            Self::Store(error) => error.code(),
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Principal => "principal",
            Self::Group => "group",
            Self::Membership => "membership",
            Self::Key => "key",
            Self::Model => "model",
            Self::Budget => "budget",
            Self::Template => "template",
            Self::Setting => "setting",
            Self::Run => "run",
            Self::Database => "database",
            Self::Administrator => "administrator",
        })
    }
}
