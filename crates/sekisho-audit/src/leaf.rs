//! The binary form of an entry. The format is a promise: docs/audit-format.md, *Entries*.
//!
//! Only the form is judged here: lengths, kinds, order. Whether a ciphertext opens is `seal`'s matter, whether a signature
//! holds is the reader's, who knows the key.

mod statement;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

pub use statement::{Destroyed, STATEMENT_LINES_MAX, STATEMENT_TEXT_BYTES_MAX, Statement, StatementError};
pub(crate) use statement::{Room, is_line};

/// Most bytes of a leaf, as in C2SP entry bundles.
pub const LEAF_BYTES_MAX: usize = 65_535;
/// The version of the form, first byte of every leaf.
pub const LEAF_VERSION: u8 = 1;
/// Version, kind, time, record id: what every leaf begins with.
pub const ENVELOPE_BYTES: usize = 26;
/// What a sealed leaf has before its ciphertext.
pub const SEALED_HEAD_BYTES: usize = SEALED_HEADER_BYTES + 64;
/// What the key commitment covers: envelope, class, slot, nonce.
pub(crate) const SEALED_HEADER_BYTES: usize = ENVELOPE_BYTES + 1 + 8 + 24;
/// Salt and authentication tag: what a ciphertext has beyond its plaintext.
pub(crate) const SEAL_OVERHEAD_BYTES: usize = 32 + 16;
/// Most bytes of one plaintext.
pub const PLAINTEXT_BYTES_MAX: usize = LEAF_BYTES_MAX - SEALED_HEAD_BYTES - SEAL_OVERHEAD_BYTES;

/// What a record is called: one id for its open, its parts and its close.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub [u8; 16]);

impl RecordId {
    /// An id that begins with the time, so that ids given one after another lie close together and an index can skip
    /// what cannot hold them. Ten random bytes make it unique.
    pub fn new(time_ms: u64, random: [u8; 10]) -> Self {
        let mut id = [0; 16];
        id[..6].copy_from_slice(&time_ms.to_be_bytes()[2..]);
        id[6..].copy_from_slice(&random);
        Self(id)
    }
}

/// 32 hexadecimal digits, lower case.
impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 32 hexadecimal digits in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record id is 32 hexadecimal digits in lower case")]
pub struct NotARecordId;

impl FromStr for RecordId {
    type Err = NotARecordId;

    fn from_str(text: &str) -> Result<Self, NotARecordId> {
        let digits = text.as_bytes();
        let mut id = [0; 16];
        if digits.len() != 32 {
            return Err(NotARecordId);
        }
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            for &digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(NotARecordId),
                };
                *byte = *byte << 4 | value;
            }
        }
        Ok(Self(id))
    }
}

/// What a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A request came: sealed.
    Open = 1,
    /// It ended: sealed.
    Close = 2,
    /// Something was done to the system itself: sealed.
    Event = 3,
    /// A piece of a long text: sealed.
    Part = 4,
    /// Record keys were destroyed: clear.
    Erase = 16,
    /// Records must be kept: clear.
    Hold = 17,
    /// They need not any more: clear.
    Release = 18,
    /// The key that signs checkpoints changes: clear.
    Key = 19,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 8] =
        [Self::Open, Self::Close, Self::Event, Self::Part, Self::Erase, Self::Hold, Self::Release, Self::Key];

    /// The kind of that number.
    pub fn parse(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// Whether leaves of this kind are encrypted.
    pub fn is_sealed(self) -> bool {
        (self as u8) < 16
    }

    /// The word for it, in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Event => "event",
            Self::Part => "part",
            Self::Erase => "erase",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Key => "key",
        }
    }
}

/// What stands in clear on every leaf, and stays after erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// What the leaf is.
    pub kind: Kind,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub time_ms: u64,
    /// The record it belongs to.
    pub record: RecordId,
}

impl Envelope {
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.push(LEAF_VERSION);
        to.push(self.kind as u8);
        to.extend_from_slice(&self.time_ms.to_be_bytes());
        to.extend_from_slice(&self.record.0);
    }
}

/// Where the key of a sealed leaf lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// Retention class.
    pub class: u8,
    /// Number within the class.
    pub number: u64,
}

/// An encrypted leaf, looked at in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed<'a> {
    /// What stands in clear.
    pub envelope: Envelope,
    /// Where its key lies.
    pub slot: Slot,
    /// What the key commitment covers: the envelope, the slot and the nonce as they stand in the leaf.
    pub header: &'a [u8],
    /// Nonce of the cipher.
    pub nonce: &'a [u8; 24],
    /// Proves that a key is *the* key.
    pub key_commitment: &'a [u8; 32],
    /// Proves that a content is *the* content.
    pub content_commitment: &'a [u8; 32],
    /// Everything above, which the cipher authenticates too.
    pub head: &'a [u8],
    /// Salt and content, encrypted, and the tag.
    pub ciphertext: &'a [u8],
}

/// A leaf in clear, looked at in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clear<'a> {
    /// What stands in front.
    pub envelope: Envelope,
    /// The signed note as it stands in the leaf; the signature has not been looked at.
    pub note: &'a str,
    /// What the text of the note says.
    pub statement: Statement,
}

/// A leaf, looked at in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf<'a> {
    /// Encrypted.
    Sealed(Sealed<'a>),
    /// A signed statement.
    Clear(Clear<'a>),
}

/// Why bytes are not a leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Fewer bytes than the kind needs.
    #[error("a leaf of {bytes} bytes is too short")]
    TooShort {
        /// How many there are.
        bytes: usize,
    },
    /// More than [`LEAF_BYTES_MAX`].
    #[error("a leaf of {bytes} bytes is too long")]
    TooLong {
        /// How many there are.
        bytes: usize,
    },
    /// Written by a version that we do not know.
    #[error("leaves of version {version} are not known")]
    Version {
        /// What stands there.
        version: u8,
    },
    /// A kind that we do not know.
    #[error("leaves of kind {number} are not known")]
    Kind {
        /// What stands there.
        number: u8,
    },
    /// The text of a clear leaf is not UTF-8.
    #[error("the note is not UTF-8")]
    NotUtf8,
    /// The text of a clear leaf does not have the form of its kind.
    #[error("the statement is not in its form")]
    Statement(#[from] StatementError),
}

impl<'a> Leaf<'a> {
    /// Reads a leaf. Nothing is taken that [`Clear::encode`] or `seal` would not write.
    ///
    /// # Errors
    /// Says what is wrong with the form.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.len() > LEAF_BYTES_MAX {
            return Err(Error::TooLong { bytes: bytes.len() });
        }
        let (envelope, rest) = parse_envelope(bytes)?;
        if envelope.kind.is_sealed() {
            return parse_sealed(envelope, bytes).map(Self::Sealed);
        }
        let note = str::from_utf8(rest).map_err(|_| Error::NotUtf8)?;
        let statement = Statement::parse(&envelope, note)?;
        Ok(Self::Clear(Clear { envelope, note, statement }))
    }

    /// What stands in clear in front.
    pub fn envelope(&self) -> Envelope {
        match self {
            Self::Sealed(sealed) => sealed.envelope,
            Self::Clear(clear) => clear.envelope,
        }
    }
}

impl Clear<'_> {
    /// The bytes of the leaf, as they were read.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn encode(envelope: &Envelope, note: &str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(ENVELOPE_BYTES + note.len());
        envelope.write(&mut bytes);
        bytes.extend_from_slice(note.as_bytes());
        if bytes.len() > LEAF_BYTES_MAX {
            return Err(Error::TooLong { bytes: bytes.len() });
        }
        Ok(bytes)
    }
}

/// The envelope of a leaf, and what follows it. Cheaper than all of [`Leaf::parse`].
///
/// # Errors
/// As [`Leaf::parse`].
pub fn parse_envelope(bytes: &[u8]) -> Result<(Envelope, &[u8]), Error> {
    let too_short = Error::TooShort { bytes: bytes.len() };
    let (&[version, number], rest) = bytes.split_first_chunk().ok_or(too_short.clone())?;
    if version != LEAF_VERSION {
        return Err(Error::Version { version });
    }
    let kind = Kind::parse(number).ok_or(Error::Kind { number })?;
    let (time, rest) = rest.split_first_chunk().ok_or(too_short.clone())?;
    let (record, rest) = rest.split_first_chunk().ok_or(too_short)?;
    Ok((Envelope { kind, time_ms: u64::from_be_bytes(*time), record: RecordId(*record) }, rest))
}

fn parse_sealed(envelope: Envelope, bytes: &[u8]) -> Result<Sealed<'_>, Error> {
    let too_short = Error::TooShort { bytes: bytes.len() };
    let (head, ciphertext) = bytes.split_at_checked(SEALED_HEAD_BYTES).ok_or(too_short.clone())?;
    if ciphertext.len() < SEAL_OVERHEAD_BYTES {
        return Err(too_short);
    }
    let (header, commitments) = head.split_at(SEALED_HEADER_BYTES);
    let (place, nonce) = header[ENVELOPE_BYTES..].split_first_chunk::<9>().ok_or(too_short.clone())?;
    let [class, number @ ..] = *place;
    let (key_commitment, content) = commitments.split_first_chunk().ok_or(too_short.clone())?;
    Ok(Sealed {
        envelope,
        slot: Slot { class, number: u64::from_be_bytes(number) },
        header,
        nonce: nonce.first_chunk().ok_or(too_short.clone())?,
        key_commitment,
        content_commitment: content.first_chunk().ok_or(too_short)?,
        head,
        ciphertext,
    })
}
