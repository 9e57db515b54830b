//! A proof for the file: one entry's place in the tree, and the signed checkpoint of that tree, in one small text which
//! is checked without any log at hand.
//!
//! Source: C2SP tlog-proof.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{self, Checkpoint, OpenError, Opened, parse_size};
use crate::merkle::{self, Hash, PROOF_HASHES_MAX, verify_inclusion};
use crate::note::{self, NOTE_BYTES_MAX, Note, VerifierKey};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most extra data that a proof carries, in bytes: room for the longest entry and something beside it.
pub const EXTRA_BYTES_MAX: usize = 128 * 1024;

/// The longest proof that is read, in bytes.
pub const PROOF_BYTES_MAX: usize = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX;

/// Where an entry stands in a log, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    extra: Vec<u8>,
    index: u64,
    hashes: Vec<Hash>,
    note: Note,
}

/// Why something is not a proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Longer than a proof may be.
    #[error("a proof of {bytes} bytes is larger than {PROOF_BYTES_MAX}")]
    TooLong {
        /// Bytes it has.
        bytes: usize,
    },
    /// The first line is another.
    #[error("not a proof of the first version")]
    FirstLine,
    /// The extra data is not base64, empty, or too long.
    #[error("the extra data of the proof is malformed")]
    Extra,
    /// The line with the index is missing or malformed.
    #[error("the index of the proof is malformed")]
    Index,
    /// A line is not a hash, there are too many, or the empty line after them is missing.
    #[error("hash {line} of the proof is malformed")]
    Hash {
        /// Counted from 1.
        line: usize,
    },
    /// What follows is not a signed note.
    #[error("the checkpoint of the proof is not a signed note")]
    Note(#[from] note::ParseError),
    /// The note is not a checkpoint.
    #[error("the note of the proof is not a checkpoint")]
    Checkpoint(#[from] checkpoint::ParseError),
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The checkpoint is not to be believed.
    #[error("the checkpoint of the proof is not signed as it must be")]
    Checkpoint(#[from] OpenError),
    /// The entry is not in the tree of the checkpoint.
    #[error("the entry is not shown to be in the log")]
    Inclusion(#[from] merkle::VerifyError),
}

impl Proof {
    /// A proof out of its parts: the index of the entry, its inclusion proof in the tree of the signed checkpoint, and
    /// extra data that nothing vouches for (such as the entry itself); empty for none.
    ///
    /// # Errors
    /// [`ParseError`], when it could not be read back.
    pub fn new(index: u64, hashes: Vec<Hash>, note: Note, extra: Vec<u8>) -> Result<Self, ParseError> {
        note.text().parse::<Checkpoint>()?;
        if extra.len() > EXTRA_BYTES_MAX {
            return Err(ParseError::Extra);
        }
        if hashes.len() > PROOF_HASHES_MAX {
            return Err(ParseError::Hash { line: PROOF_HASHES_MAX + 1 });
        }
        Ok(Self { extra, index, hashes, note })
    }

    /// Index of the entry in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The extra data. Not covered by any signature.
    pub fn extra(&self) -> &[u8] {
        &self.extra
    }

    /// The checkpoint with its signatures, not verified.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Checks that an entry with this leaf hash is in the log, by the trusted keys of the log and of witnesses. Who has
    /// signed stands in the answer: how many witnesses are enough is for the caller to say.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(&self, leaf: Hash, keys: &[VerifierKey]) -> Result<Opened, VerifyError> {
        let opened = checkpoint::open_note(self.note.clone(), keys)?;
        verify_inclusion(leaf, self.index, &opened.checkpoint.head(), &self.hashes)?;
        Ok(opened)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", STANDARD.encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for Proof {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if text.len() > PROOF_BYTES_MAX {
            return Err(ParseError::TooLong { bytes: text.len() });
        }
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(ParseError::FirstLine)?;
        let (extra, rest) = parse_extra(rest)?;
        let (index, mut rest) = rest.split_once('\n').ok_or(ParseError::Index)?;
        let index = index.strip_prefix("index ").and_then(parse_size).ok_or(ParseError::Index)?;
        let mut hashes = Vec::new();
        loop {
            let malformed = ParseError::Hash { line: hashes.len() + 1 };
            let (line, after) = rest.split_once('\n').ok_or(malformed.clone())?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if hashes.len() == PROOF_HASHES_MAX {
                return Err(malformed);
            }
            hashes.push(line.parse().map_err(|_| malformed)?);
        }
        Self::new(index, hashes, Note::parse(rest)?, extra)
    }
}

/// The extra data, if there is any, and what follows it.
fn parse_extra(text: &str) -> Result<(Vec<u8>, &str), ParseError> {
    let Some(rest) = text.strip_prefix("extra ") else { return Ok((Vec::new(), text)) };
    let (base64, rest) = rest.split_once('\n').ok_or(ParseError::Extra)?;
    let extra = STANDARD.decode(base64).map_err(|_| ParseError::Extra)?;
    if extra.is_empty() { Err(ParseError::Extra) } else { Ok((extra, rest)) }
}
