//! Segments: the files that are the log. Entries in frames, groups of entries closed by a signed commit.
//!
//! Reading trusts nothing: a length is compared with its limit before memory is asked for, and every break is named with
//! segment, offset and reason.

mod frames;
mod offsets;
mod tail;
#[cfg(test)]
mod tests;

use std::fmt;

pub use frames::{Frame, FrameError, Frames};
pub use offsets::{OFFSET_EVERY, Offsets};
pub(crate) use tail::{CommitFrame, commit_after, last_commit};

/// The first bytes of every segment.
pub const HEADER: &[u8; 16] = b"SEKISHO-SEG-1\n\0\0";
/// Bytes of a frame in front of its payload.
pub const FRAME_BYTES: usize = 17;
/// The longest entry, as in C2SP entry bundles.
pub const ENTRY_BYTES_MAX: usize = crate::tile::ENTRY_BYTES_MAX;
/// The longest checkpoint in a commit.
pub const COMMIT_BYTES_MAX: usize = 4096;
/// A segment that has passed this is closed.
pub const SEGMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Digits of the number in a segment's name.
const NAME_DIGITS: usize = 20;
const NAME_END: &str = ".seg";
/// Where the checked part of a frame begins: behind length and CRC.
const CHECKED: usize = 8;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// An entry: a leaf of the tree.
    Entry,
    /// The end of a group: a signed checkpoint.
    Commit,
}

/// A place in a segment where it does not go on as it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("segment {segment:020}, offset {offset}: {reason}")]
pub struct Broken {
    /// Index of the first entry of the segment: its name.
    pub segment: u64,
    /// Offset in bytes of the frame.
    pub offset: u64,
    /// What is wrong.
    pub reason: Reason,
}

/// Why a frame is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The file does not begin as a segment.
    #[error("not the beginning of a segment")]
    Header,
    /// The file ends within the frame.
    #[error("the file ends within the frame")]
    Cut,
    /// The file ends within a group: its last frame is no commit.
    #[error("the file ends without a commit")]
    Uncommitted,
    /// A length that no such frame has.
    #[error("a frame cannot have {length} bytes")]
    Length {
        /// Bytes of the payload, as the frame says.
        length: u32,
    },
    /// Neither entry nor commit.
    #[error("unknown tag {0}")]
    Tag(u8),
    /// The checksum does not hold.
    #[error("the checksum does not hold")]
    Crc,
    /// The numbers do not go on.
    #[error("number {found} stands where {expected} must")]
    Index {
        /// What must stand here.
        expected: u64,
        /// What stands here.
        found: u64,
    },
    /// A commit with nothing to commit.
    #[error("a commit without entries")]
    EmptyGroup,
    /// The payload of a commit is not a checkpoint of this log.
    #[error("the commit holds no checkpoint of this log")]
    Checkpoint,
    /// The checkpoint speaks of another number of entries than the frame.
    #[error("the checkpoint is for {found} entries")]
    Size {
        /// Entries, as the checkpoint says.
        found: u64,
    },
    /// The root in the checkpoint is not that of the entries.
    #[error("the entries do not have the root of the checkpoint")]
    Root,
    /// No trusted key has signed the checkpoint.
    #[error("no trusted key has signed the checkpoint")]
    Signature,
}

impl Tag {
    fn byte(self) -> u8 {
        match self {
            Self::Entry => 1,
            Self::Commit => 2,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Entry),
            2 => Some(Self::Commit),
            _ => None,
        }
    }

    /// The longest payload of such a frame.
    pub fn bytes_max(self) -> usize {
        match self {
            Self::Entry => ENTRY_BYTES_MAX,
            Self::Commit => COMMIT_BYTES_MAX,
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Entry => "entry",
            Self::Commit => "commit",
        })
    }
}

/// Appends a frame to `out`.
///
/// # Panics
/// When the payload is empty or longer than [`Tag::bytes_max`]; the caller has said so to whoever brought it.
pub fn write_frame(out: &mut Vec<u8>, tag: Tag, index: u64, payload: &[u8]) {
    assert!(
        !payload.is_empty() && payload.len() <= tag.bytes_max(),
        "the length of a frame is checked before"
    );
    let start = out.len();
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.push(tag.byte());
    out.extend_from_slice(&index.to_le_bytes());
    out.extend_from_slice(payload);
    let crc = crc32c::crc32c(&out[start + CHECKED..]);
    out[start + 4..start + CHECKED].copy_from_slice(&crc.to_le_bytes());
}

/// The name of the segment that begins with entry `first`.
pub fn name(first: u64) -> String {
    format!("{first:0NAME_DIGITS$}{NAME_END}")
}

/// The first entry of the segment of this name; none when it is no name of a segment.
pub fn parse_name(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(NAME_END)?;
    let is_number = digits.len() == NAME_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

/// The fields in front of a payload, checked as far as they can be without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    length: usize,
    crc: u32,
    tag: Tag,
    index: u64,
}

impl Head {
    fn parse(bytes: &[u8; FRAME_BYTES]) -> Result<Self, Reason> {
        let [l0, l1, l2, l3, c0, c1, c2, c3, tag, index @ ..] = *bytes;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let tag = Tag::of(tag).ok_or(Reason::Tag(tag))?;
        if length == 0 || length as usize > tag.bytes_max() {
            return Err(Reason::Length { length });
        }
        Ok(Self {
            length: length as usize,
            crc: u32::from_le_bytes([c0, c1, c2, c3]),
            tag,
            index: u64::from_le_bytes(index),
        })
    }

    /// Bytes of the whole frame.
    fn frame_len(&self) -> usize {
        FRAME_BYTES + self.length
    }

    /// Whether the frame that begins with this head is whole.
    fn holds(&self, frame: &[u8]) -> bool {
        frame.len() == self.frame_len() && crc32c::crc32c(&frame[CHECKED..]) == self.crc
    }
}
