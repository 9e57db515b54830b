//! The other side: what a log does with the answer of a witness.

use super::REQUEST_BYTES_MAX;
use crate::checkpoint::parse_size;
use crate::cosignature::unix_seconds;
use crate::note::{self, Note, SIGNATURES_MAX, Signature, VerifierKey};

/// Why an answer brings no cosignature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Longer than an answer may be.
    #[error("an answer of {bytes} bytes is larger than {REQUEST_BYTES_MAX}")]
    TooLong {
        /// Bytes it has.
        bytes: usize,
    },
    /// A line is not a signature, or there are too many.
    #[error("line {line} of the answer is malformed")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// No line is of a key of this witness, or one of them does not hold.
    #[error("the witness has not cosigned this checkpoint")]
    Signatures(#[from] note::VerifyError),
    /// A cosignature that states no time does not say that the tree was the newest.
    #[error("the cosignature of {name} states no time")]
    NoTime {
        /// Name of the witness.
        name: String,
    },
}

/// Checks the lines a witness answered with against its `keys`, adds those that hold to the checkpoint, and says when it
/// cosigned (the latest time, in seconds since 1970-01-01T00:00:00Z). Lines of other keys are left out; the checkpoint
/// stays as it is on an error.
///
/// # Errors
/// [`AnswerError`].
pub fn merge_answer(checkpoint: &mut Note, answer: &str, keys: &[VerifierKey]) -> Result<u64, AnswerError> {
    if answer.len() > REQUEST_BYTES_MAX {
        return Err(AnswerError::TooLong { bytes: answer.len() });
    }
    let mut answered = checkpoint.unsigned();
    for (index, line) in answer.split_inclusive('\n').enumerate() {
        let malformed = AnswerError::Line { line: index + 1 };
        let text = line.strip_suffix('\n').filter(|_| index < SIGNATURES_MAX).ok_or(malformed.clone())?;
        answered.add(Signature::parse(text).map_err(|_| malformed)?);
    }
    // A key that signs as logs do would make the witness the log.
    let keys: Vec<_> = keys.iter().filter(|key| key.algorithm().is_cosignature()).cloned().collect();
    let mut newest = 0;
    let verified = note::verify(&answered, &keys)?;
    for line in &verified {
        let time = unix_seconds(line.signature)
            .ok_or_else(|| AnswerError::NoTime { name: line.key.name().to_owned() })?;
        newest = newest.max(time);
    }
    for line in verified {
        checkpoint.add(line.signature.clone());
    }
    Ok(newest)
}

/// The size in the body of a conflict: where the witness stands. None when it is not one number on one line.
pub fn parse_conflict(body: &str) -> Option<u64> {
    parse_size(body.strip_suffix('\n')?)
}
