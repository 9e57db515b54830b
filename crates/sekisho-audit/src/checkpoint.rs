//! Checkpoints: the three lines that say what a log is now. Whoever keeps them can later prove that nothing before was
//! changed.
//!
//! Source: C2SP tlog-checkpoint v1.0.0.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::merkle::{Hash, SIZE_MAX, TreeHead};
use crate::note::{self, Algorithm, Note, SigningKey, VerifierKey};

/// The longest name of a log, in bytes: cosignatures have one byte for its length.
pub const ORIGIN_BYTES_MAX: usize = 255;

/// What a log says of itself: its name, how many entries, the hash over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

/// Why a text is not a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A line is missing, empty, or has no newline; or a value would not be one line; or the origin is too long.
    #[error("line {line} of the checkpoint is missing or malformed")]
    Line {
        /// Counted from 1: origin, size, root, extensions.
        line: usize,
    },
    /// The second line is not a number as checkpoints write it, or larger than any tree.
    #[error("the size of the checkpoint is malformed")]
    Size,
    /// The third line is not the base64 of a hash.
    #[error("the root of the checkpoint is malformed")]
    Root,
}

/// Why a signed checkpoint is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not a signed note.
    #[error("not a signed note")]
    Note(#[from] note::ParseError),
    /// The signatures do not hold.
    #[error("the checkpoint is not signed as it must be")]
    Signatures(#[from] note::VerifyError),
    /// Signed, but not a checkpoint.
    #[error("the signed text is not a checkpoint")]
    Checkpoint(#[from] ParseError),
    /// Witnesses have signed, the log itself has not.
    #[error("the log {origin} has not signed its checkpoint")]
    NotByLog {
        /// The origin line.
        origin: String,
    },
}

/// A checkpoint whose signatures have been verified.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The note it came in, with all lines.
    pub note: Note,
    /// The trusted keys that have signed, each once: the log's, then those of witnesses, in the order of the lines.
    pub signers: Vec<VerifierKey>,
}

impl Checkpoint {
    /// A checkpoint without extensions.
    ///
    /// # Errors
    /// [`ParseError`], when it could not be written: an origin that is empty, too long or not one line, a size beyond
    /// [`SIZE_MAX`].
    pub fn new(origin: &str, head: TreeHead) -> Result<Self, ParseError> {
        check_origin(origin)?;
        if head.size > SIZE_MAX {
            return Err(ParseError::Size);
        }
        Ok(Self { origin: origin.to_owned(), head, extensions: Vec::new() })
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.head.size
    }

    /// The hash over all entries.
    pub fn root(&self) -> Hash {
        self.head.root
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Lines after the third. Sekisho writes none.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Signs it. The key should be named as the log's origin: [`open`] asks for that.
    pub fn sign(&self, key: &SigningKey) -> Note {
        Note::sign(self.to_string(), key).expect("the lines of a checkpoint are text")
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.head.size, self.head.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for Checkpoint {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lines = text.split_inclusive('\n').enumerate().map(|(index, line)| {
            let line = line.strip_suffix('\n').ok_or(ParseError::Line { line: index + 1 })?;
            check_line(line, index + 1).map(|()| line)
        });
        let mut next = |line| lines.next().unwrap_or(Err(ParseError::Line { line }));
        let origin = next(1)?.to_owned();
        check_origin(&origin)?;
        let size = parse_size(next(2)?).ok_or(ParseError::Size)?;
        let root = next(3)?.parse().map_err(|_| ParseError::Root)?;
        let extensions = lines.map(|line| line.map(str::to_owned)).collect::<Result<_, _>>()?;
        Ok(Self { origin, head: TreeHead { size, root }, extensions })
    }
}

/// Reads a signed checkpoint and verifies it. The log must have signed it itself, with an Ed25519 key named as its
/// origin; lines of witnesses count beside that.
///
/// # Errors
/// [`OpenError`].
pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Opened, OpenError> {
    open_note(Note::parse(note)?, keys)
}

/// As [`open`], of a note that has been read.
///
/// # Errors
/// As [`open`].
pub fn open_note(note: Note, keys: &[VerifierKey]) -> Result<Opened, OpenError> {
    let mut signers: Vec<VerifierKey> = Vec::new();
    for verified in note::verify(&note, keys)? {
        if !signers.contains(verified.key) {
            signers.push(verified.key.clone());
        }
    }
    let checkpoint: Checkpoint = note.text().parse()?;
    let is_log = |key: &VerifierKey| key.algorithm() == Algorithm::Ed25519 && key.name() == checkpoint.origin;
    // Stable: within the two groups the order of the lines stays.
    signers.sort_by_key(|key| !is_log(key));
    if !signers.first().is_some_and(is_log) {
        return Err(OpenError::NotByLog { origin: checkpoint.origin });
    }
    Ok(Opened { checkpoint, note, signers })
}

/// A number as all formats of C2SP write it: ASCII digits without leading zeros, and no larger than [`SIZE_MAX`].
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|&size| size <= SIZE_MAX)
}

fn check_origin(origin: &str) -> Result<(), ParseError> {
    if origin.len() > ORIGIN_BYTES_MAX { Err(ParseError::Line { line: 1 }) } else { check_line(origin, 1) }
}

/// Whether a value can be one line of a checkpoint.
fn check_line(text: &str, line: usize) -> Result<(), ParseError> {
    if text.is_empty() || text.bytes().any(|byte| byte < b' ') {
        Err(ParseError::Line { line })
    } else {
        Ok(())
    }
}
