//! What can go wrong, each a branch that somebody takes.

use std::{fmt, io, sync::Arc};

use crate::{
    checkpoint,
    segment::{Broken, FrameError, Reason},
    tile::{ReadError as TileReadError, Tile, TileProofError},
};

/// What the writer was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Making a new segment.
    NewSegment,
    /// Writing a group.
    Write,
    /// Making a group durable.
    Sync,
    /// Cutting off a group for which there was no room.
    CutOff,
    /// Writing tiles or the published checkpoint.
    Publish,
    /// Writing at all: the thread that did has ended without saying why.
    Thread,
    /// Closing: the disk did not answer in time.
    Close,
}

/// Why a log takes no more entries until it is opened again. Whether the last ones are durable is not known.
#[derive(Debug, Clone)]
pub struct Poison {
    /// What the writer was doing.
    pub step: Step,
    /// What the disk said.
    pub source: Arc<io::Error>,
}

/// Why leaves were not appended.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// The queue is full: come again, or refuse your own caller.
    #[error("the queue of the log is full")]
    Busy,
    /// The disk has no room. The log is as it was, and takes entries again as soon as there is room.
    #[error("the disk has no room for the log")]
    NoSpace,
    /// The log takes nothing more until it is opened again.
    #[error("the log has stopped")]
    Poisoned(#[source] Poison),
    /// The log is being closed.
    #[error("the log is closed")]
    Closed,
    /// A leaf is empty, or longer than an entry may be.
    #[error("leaf {position} has {bytes} bytes")]
    Leaf {
        /// Which of the leaves, from 0.
        position: usize,
        /// Its length.
        bytes: usize,
    },
    /// No leaves, or more than one append may bring, in number or bytes.
    #[error("an append cannot have {records} leaves of {bytes} bytes")]
    Size {
        /// Number of leaves.
        records: usize,
        /// Their bytes.
        bytes: usize,
    },
    /// The key cannot be the next of this log: it has another name, or there have been too many.
    #[error("the key cannot be the next of this log")]
    Key,
    /// The leaves were to be made when their place was known, and whoever was to make them could not.
    #[error("the leaves could not be made")]
    NotMade,
}

/// Why a log could not be opened or made. Nothing has been changed, except where the disk failed in the middle of
/// cutting off what was never acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no log.
    #[error("there is no log here")]
    NoLog,
    /// There is a log already, or part of one.
    #[error("there is a log here already")]
    Exists,
    /// Another process writes to it.
    #[error("another process has the log open")]
    Locked,
    /// The name of the log is another one.
    #[error("the log is called {found}, not {expected}")]
    Origin {
        /// As the key says.
        expected: String,
        /// As the log says.
        found: String,
    },
    /// The key in `origin` is none of ours.
    #[error("the log names a key that is not trusted")]
    Key,
    /// Entries are missing between two segments, or before the first.
    #[error("entries {from} to {to} are missing")]
    Missing {
        /// The first that is missing.
        from: u64,
        /// The next that is there.
        to: u64,
    },
    /// Two segments hold the same entries.
    #[error("segment {segment:020} begins before entry {expected}")]
    Overlap {
        /// The later segment.
        segment: u64,
        /// Where it must begin.
        expected: u64,
    },
    /// A segment is not as it must be, and what is wrong was acknowledged.
    #[error("the log is damaged")]
    Broken(#[from] Broken),
    /// The published checkpoint cannot be read or is not signed by a trusted key.
    #[error("the published checkpoint is not to be believed")]
    Published(#[source] checkpoint::OpenError),
    /// The published checkpoint has more entries than the log: the log was put back.
    #[error("{published} entries were published, {found} are there")]
    RolledBack {
        /// Entries in the published checkpoint.
        published: u64,
        /// Entries in the log.
        found: u64,
    },
    /// The published checkpoint is of another log than the segments.
    #[error("the published checkpoint of {size} entries is not of this log")]
    Forked {
        /// Entries in the published checkpoint.
        size: u64,
    },
    /// A tile is not that of the entries.
    #[error("{tile} is not the tile of the entries")]
    Tile {
        /// Which.
        tile: Tile,
    },
    /// The tiles do not lead to a root that the log has signed.
    #[error("the tiles do not have the signed root of {size} entries")]
    Tiles {
        /// Number of entries under the root.
        size: u64,
    },
    /// The disk.
    #[error("the log could not be opened")]
    Io(#[from] io::Error),
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No such entry yet.
    #[error("entry {index} is not in a log of {size}")]
    NotInLog {
        /// Asked for.
        index: u64,
        /// Entries there are.
        size: u64,
    },
    /// The segment is damaged there.
    #[error("the log is damaged")]
    Broken(#[from] Broken),
    /// The disk.
    #[error("the log could not be read")]
    Io(#[from] io::Error),
    /// A proof could not be made of the tiles.
    #[error("the tiles could not be read")]
    Tiles(#[from] TileProofError<io::Error>),
}

impl Poison {
    pub(crate) fn new(step: Step, source: io::Error) -> Self {
        Self { step, source: Arc::new(source) }
    }
}

impl fmt::Display for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.step {
            Step::NewSegment => "a segment could not be made",
            Step::Write => "a group could not be written",
            Step::Sync => "a group could not be made durable",
            Step::CutOff => "a refused group could not be cut off",
            Step::Publish => "tiles could not be written",
            Step::Thread => "the writing thread has ended",
            Step::Close => "the disk did not answer in time",
        })
    }
}

impl std::error::Error for Poison {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl From<Poison> for AppendError {
    fn from(poison: Poison) -> Self {
        Self::Poisoned(poison)
    }
}

impl From<FrameError> for OpenError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Broken(broken) => Self::Broken(broken),
            FrameError::Io { source, .. } => Self::Io(source),
        }
    }
}

impl From<FrameError> for ReadError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Broken(broken) => Self::Broken(broken),
            FrameError::Io { source, .. } => Self::Io(source),
        }
    }
}

impl OpenError {
    /// A tile that is not there is not wrong: it can be made again. Everything else is.
    pub(crate) fn of_tiles(size: u64, error: TileProofError<io::Error>) -> Self {
        match error {
            TileProofError::Hashes(TileReadError::Store(source)) => Self::Io(source),
            _ => Self::Tiles { size },
        }
    }
}

/// Whether a break can be what a crash leaves behind: bytes that never came to the disk. Numbers, roots and signatures
/// under a right checksum cannot.
pub(crate) fn is_torn(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Header
            | Reason::Cut
            | Reason::Uncommitted
            | Reason::Length { .. }
            | Reason::Tag(_)
            | Reason::Crc
    )
}
