//! The body of `add-checkpoint`: an old size, a proof from there, and the signed checkpoint.

use std::fmt;

use crate::checkpoint::{self, Checkpoint, parse_size};
use crate::merkle::Hash;
use crate::note::{self, Note};

/// The largest request that is read, in bytes: room for a checkpoint with a dozen ML-DSA lines.
pub const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// The most lines of a proof, as the protocol has it.
pub const PROOF_LINES_MAX: usize = 63;

/// A request to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    old_size: u64,
    proof: Vec<Hash>,
    checkpoint: Checkpoint,
    note: Note,
}

/// Why something is not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Longer than a request may be.
    #[error("a request of {bytes} bytes is larger than {REQUEST_BYTES_MAX}")]
    TooLong {
        /// Bytes it has.
        bytes: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("a request is UTF-8")]
    NotUtf8,
    /// The first line is not `old` and a size.
    #[error("the line with the old size is malformed")]
    OldSize,
    /// A line of the proof is not a hash, or the empty line after the proof is missing.
    #[error("line {line} of the proof is malformed")]
    Proof {
        /// Counted from 1.
        line: usize,
    },
    /// More lines than a proof has.
    #[error("a proof has at most {PROOF_LINES_MAX} lines")]
    TooManyProofLines,
    /// What follows the proof is not a signed note.
    #[error("the checkpoint is not a signed note")]
    Note(#[from] note::ParseError),
    /// The note is not a checkpoint.
    #[error("the note is not a checkpoint")]
    Checkpoint(#[from] checkpoint::ParseError),
}

impl Request {
    /// A request for a signed checkpoint, with the proof from the tree of `old_size` entries. Where a log does not know
    /// where the witness stands, it may ask from 0 with an empty proof, and learns it from the conflict.
    ///
    /// # Errors
    /// [`RequestError`], when it could not be sent.
    pub fn new(old_size: u64, proof: Vec<Hash>, note: Note) -> Result<Self, RequestError> {
        if proof.len() > PROOF_LINES_MAX {
            return Err(RequestError::TooManyProofLines);
        }
        let checkpoint = note.text().parse()?;
        let request = Self { old_size, proof, checkpoint, note };
        let bytes = request.to_string().len();
        if bytes > REQUEST_BYTES_MAX { Err(RequestError::TooLong { bytes }) } else { Ok(request) }
    }

    /// Reads a body. No signature and no proof is checked.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        if body.len() > REQUEST_BYTES_MAX {
            return Err(RequestError::TooLong { bytes: body.len() });
        }
        let body = str::from_utf8(body).map_err(|_| RequestError::NotUtf8)?;
        let (old, mut rest) = body.split_once('\n').ok_or(RequestError::OldSize)?;
        let old_size = old.strip_prefix("old ").and_then(parse_size).ok_or(RequestError::OldSize)?;
        let mut proof = Vec::new();
        loop {
            let malformed = RequestError::Proof { line: proof.len() + 1 };
            let (line, after) = rest.split_once('\n').ok_or(malformed.clone())?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == PROOF_LINES_MAX {
                return Err(RequestError::TooManyProofLines);
            }
            proof.push(line.parse().map_err(|_| malformed)?);
        }
        let note = Note::parse(rest)?;
        let checkpoint = note.text().parse()?;
        Ok(Self { old_size, proof, checkpoint, note })
    }

    /// Where the proof starts.
    pub fn old_size(&self) -> u64 {
        self.old_size
    }

    /// The proof from the old size to that of the checkpoint.
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// The checkpoint; nothing says yet that the log signed it.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The checkpoint with its signatures.
    pub fn note(&self) -> &Note {
        &self.note
    }
}

/// The body to send.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}
