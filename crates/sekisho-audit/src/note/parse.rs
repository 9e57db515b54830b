//! Reading notes, strictly: whatever is read here is written back byte for byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{NOTE_BYTES_MAX, Note, SIGNATURES_MAX, Signature};

/// What a signature line begins with: em dash and space.
pub(super) const SIGNATURE_START: &str = "\u{2014} ";

/// Why something is not a note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Longer than a note may be.
    #[error("a note of {bytes} bytes is larger than {NOTE_BYTES_MAX}")]
    TooLong {
        /// Bytes it has.
        bytes: usize,
    },
    /// Bytes that are not UTF-8.
    #[error("a note is UTF-8")]
    NotUtf8,
    /// A control character other than the newline.
    #[error("a note has no control characters, but there is one at byte {offset}")]
    Control {
        /// Where it stands.
        offset: usize,
    },
    /// The text does not end in a newline.
    #[error("the text of a note ends in a newline")]
    NoNewline,
    /// There is no blank line with signatures below it.
    #[error("a note has signatures below its last blank line")]
    NoSignatures,
    /// More signatures than are read.
    #[error("a note has at most {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// A line below the blank line is not a signature.
    #[error("signature line {line} is malformed")]
    Signature {
        /// Counted from 1.
        line: usize,
    },
}

pub(super) fn check_length(bytes: usize) -> Result<(), ParseError> {
    if bytes > NOTE_BYTES_MAX { Err(ParseError::TooLong { bytes }) } else { Ok(()) }
}

/// Checks a text that is to become a note.
pub(super) fn check_text(text: &str) -> Result<(), ParseError> {
    check_length(text.len())?;
    if let Some(offset) = text.bytes().position(|byte| byte < b' ' && byte != b'\n') {
        return Err(ParseError::Control { offset });
    }
    if text.ends_with('\n') { Ok(()) } else { Err(ParseError::NoNewline) }
}

pub(super) fn note(note: &str) -> Result<Note, ParseError> {
    check_text(note)?;
    // The last blank line: a text may have blank lines, signatures have none.
    let split = note.rfind("\n\n").ok_or(ParseError::NoSignatures)?;
    let (text, lines) = (&note[..=split], &note[split + 2..]);
    if lines.is_empty() {
        return Err(ParseError::NoSignatures);
    }
    let mut signatures = Vec::new();
    for (number, line) in lines.lines().enumerate() {
        if number == SIGNATURES_MAX {
            return Err(ParseError::TooManySignatures);
        }
        signatures.push(signature(line).ok_or(ParseError::Signature { line: number + 1 })?);
    }
    Ok(Note { text: text.to_owned(), signatures })
}

pub(super) fn signature(line: &str) -> Option<Signature> {
    let (name, base64) = line.strip_prefix(SIGNATURE_START)?.split_once(' ')?;
    let bytes = STANDARD.decode(base64).ok()?;
    let (id, bytes) = bytes.split_first_chunk()?;
    if !is_key_name(name) || bytes.is_empty() {
        return None;
    }
    Some(Signature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
}

/// Key names have no space of any kind, no plus (it separates the fields of a key) and no control characters (a note
/// has none).
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c < ' ')
}
