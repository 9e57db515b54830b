//! What the journal can refuse or fail at.

use sekisho_base::{Code, Coded};

use crate::{
    index, keys,
    leaf::{self, RecordId, StatementError},
    log, record, seal,
};

/// Why the journal did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log could not be opened.
    #[error("the log could not be opened")]
    Open(#[from] log::OpenError),
    /// The log did not take a record.
    #[error("the log did not take the record")]
    Append(#[from] log::AppendError),
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] log::ReadError),
    /// There are keys of records and no log.
    #[error("there are keys of records, but no log")]
    LogGone,
    /// The keys.
    #[error("a key is not to be had")]
    Keys(#[from] keys::Error),
    /// The record is malformed or too large.
    #[error("the record cannot be taken")]
    Record(#[from] record::Error),
    /// Who or why cannot stand in a statement.
    #[error("the statement cannot be made")]
    Statement(#[from] StatementError),
    /// The class is not in the retention file.
    #[error("there is no retention class {class}")]
    NoSuchClass {
        /// Its number.
        class: u8,
    },
    /// No record has this id.
    #[error("there is no record {record}")]
    NoSuchRecord {
        /// The id.
        record: RecordId,
    },
    /// The record is not a request that waits for its end.
    #[error("the record {record} is not open")]
    NotOpen {
        /// The id.
        record: RecordId,
    },
    /// The request has not ended yet, and cannot be erased before.
    #[error("the record {record} is still open")]
    StillOpen {
        /// The id.
        record: RecordId,
    },
    /// As many requests are open as may be.
    #[error("{max} requests are open, as many as may be")]
    TooManyOpen {
        /// The limit.
        max: usize,
    },
    /// A hold stands against it.
    #[error("the record {record} is on legal hold")]
    OnHold {
        /// The id.
        record: RecordId,
    },
    /// No hold is on it that could be lifted.
    #[error("the record {record} is not on legal hold")]
    NotOnHold {
        /// The id.
        record: RecordId,
    },
    /// As many records are on hold as may be.
    #[error("more than {max} records would be on legal hold")]
    TooManyHeld {
        /// The limit.
        max: usize,
    },
    /// The record was erased.
    #[error("the record {record} has been erased")]
    Erased {
        /// The id.
        record: RecordId,
    },
    /// More matches than may be taken at once.
    #[error("more than {max} records match")]
    TooManyMatches {
        /// The limit.
        max: usize,
    },
    /// The key of an entry is gone, and no erasure names it.
    #[error("the key of entry {index} is gone, and no erasure names it")]
    KeyLost {
        /// The entry.
        index: u64,
    },
    /// An entry is not a leaf.
    #[error("entry {index} is not in its form")]
    Leaf {
        /// The entry.
        index: u64,
        /// What is wrong.
        #[source]
        source: leaf::Error,
    },
    /// An entry does not open under its key.
    #[error("entry {index} does not open")]
    Seal {
        /// The entry.
        index: u64,
        /// What is wrong.
        #[source]
        source: seal::Error,
    },
    /// What an entry holds is not what belongs there.
    #[error("entry {index} does not hold what belongs there")]
    Content {
        /// The entry.
        index: u64,
    },
    /// The index could not be read or written. Nothing recorded is lost: it is made again.
    #[error("the index could not be used")]
    Index(#[source] IndexError),
}

/// The index could not be used. Hides what the index is made of.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct IndexError(#[from] pub(crate) index::Error);

impl From<index::Error> for Error {
    fn from(cause: index::Error) -> Self {
        Self::Index(IndexError(cause))
    }
}

impl Coded for Error {
    fn code(&self) -> Code {
        use log::{AppendError, OpenError, ReadError};
        if self.is_full() {
            return Code::LogFull;
        }
        match self {
            Self::Open(OpenError::Locked)
            | Self::Append(AppendError::Busy)
            | Self::StillOpen { .. }
            | Self::TooManyOpen { .. } => Code::LogBusy,
            Self::Open(OpenError::Io(_))
            | Self::Read(ReadError::Io(_))
            | Self::Append(AppendError::Poisoned(_) | AppendError::Closed | AppendError::NoSpace)
            | Self::Keys(keys::Error::Io { .. } | keys::Error::NotErased { .. } | keys::Error::Entropy(_))
            | Self::Index(_) => Code::LogStopped,
            Self::Open(_)
            | Self::Read(_)
            | Self::LogGone
            | Self::KeyLost { .. }
            | Self::Leaf { .. }
            | Self::Seal { .. }
            | Self::Content { .. } => Code::LogDamaged,
            Self::Keys(_) => Code::KeysUnusable,
            Self::Append(_)
            | Self::Record(_)
            | Self::Statement(_)
            | Self::NoSuchClass { .. }
            | Self::TooManyHeld { .. }
            | Self::TooManyMatches { .. } => Code::RecordInvalid,
            Self::NoSuchRecord { .. } | Self::NotOpen { .. } | Self::NotOnHold { .. } => Code::NoSuchRecord,
            Self::OnHold { .. } => Code::RecordOnHold,
            Self::Erased { .. } => Code::RecordErased,
        }
    }
}

impl Error {
    /// Whether a key was not where it should be, as it is while a writer erases.
    pub(super) fn is_of_key(&self) -> bool {
        matches!(
            self,
            Self::KeyLost { .. } | Self::Keys(keys::Error::Missing { .. } | keys::Error::Damaged { .. })
        )
    }

    /// Whether the disk has no room.
    fn is_full(&self) -> bool {
        match self {
            Self::Append(log::AppendError::NoSpace) => true,
            Self::Keys(cause) => cause.is_full(),
            Self::Index(IndexError(index::Error::Unwritable(cause))) => crate::vfs::is_no_space(cause),
            _ => false,
        }
    }
}
