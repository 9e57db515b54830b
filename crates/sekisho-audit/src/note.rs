//! Signed notes: a text, a blank line, and one line for each signature. Everything signed in the log is one: checkpoints,
//! erasures, holds.
//!
//! The text of a note means nothing before [`verify`] has said who signed it.
//!
//! Source: C2SP signed-note v1.0.0.

mod key;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use key::{Algorithm, KeyError, SigningKey, VerifierKey};
pub(crate) use key::{KeyParts, Public, parse_private, verify_ed25519};
pub use parse::ParseError;

/// The longest note that is read, in bytes: text and signatures.
pub const NOTE_BYTES_MAX: usize = 1_000_000;

/// The most signatures on a note that is read.
pub const SIGNATURES_MAX: usize = 100;

/// A text with signatures that nobody has checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A line below a note: who claims to have signed, and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

/// A signature that holds, and the key it holds for.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a> {
    /// The key, one of those the caller trusts.
    pub key: &'a VerifierKey,
    /// The line of the note.
    pub signature: &'a Signature,
}

/// Why a note is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The line of a key we trust does not hold: the text was changed, or somebody else wrote the line.
    #[error("the signature of {name}+{id:08x} does not hold")]
    Wrong {
        /// Name of the key.
        name: String,
        /// Id of the key.
        id: u32,
    },
    /// Two of the trusted keys have one name and id.
    #[error("more than one trusted key is {name}+{id:08x}")]
    Ambiguous {
        /// Name of the keys.
        name: String,
        /// Id of the keys.
        id: u32,
    },
    /// No line is from a key that we trust.
    #[error("no trusted key has signed")]
    Unsigned,
}

impl Note {
    /// A note without signatures yet. Such a note has no text form: sign it before it is written.
    ///
    /// # Errors
    /// [`ParseError`], when the text could not be told from the signatures below it.
    pub fn new(text: impl Into<String>) -> Result<Self, ParseError> {
        let text = text.into();
        parse::check_text(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// A note with one signature.
    ///
    /// # Errors
    /// As [`Note::new`].
    pub fn sign(text: impl Into<String>, key: &SigningKey) -> Result<Self, ParseError> {
        let mut note = Self::new(text)?;
        note.add(key.sign(&note.text));
        Ok(note)
    }

    /// Reads a note. Nothing is verified.
    ///
    /// # Errors
    /// [`ParseError`], when this is not exactly a note, or larger than the limits.
    pub fn parse(note: &str) -> Result<Self, ParseError> {
        parse::note(note)
    }

    /// As [`Note::parse`], from bytes that may not even be text.
    ///
    /// # Errors
    /// As [`Note::parse`].
    pub fn parse_bytes(note: &[u8]) -> Result<Self, ParseError> {
        // The limit comes first: a large body costs nothing.
        parse::check_length(note.len())?;
        Self::parse(str::from_utf8(note).map_err(|_| ParseError::NotUtf8)?)
    }

    /// The signed text, with the newline at its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines below the text.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The same text without its lines.
    #[must_use]
    pub fn unsigned(&self) -> Self {
        Self { text: self.text.clone(), signatures: Vec::new() }
    }

    /// Adds a line, unless the very same one is there.
    pub fn add(&mut self, signature: Signature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// A line of this key.
    pub(crate) fn new(key: &KeyParts, bytes: Vec<u8>) -> Self {
        Self { name: key.name().to_owned(), id: key.id(), bytes }
    }

    /// Reads one line, without its newline.
    ///
    /// # Errors
    /// [`ParseError::Signature`].
    pub fn parse(line: &str) -> Result<Self, ParseError> {
        parse::signature(line).ok_or(ParseError::Signature { line: 1 })
    }

    /// Name of the key that claims to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Id of the key that claims to have signed.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The signature proper, as the algorithm of the key wants it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The line, without its newline.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(4 + self.bytes.len());
        bytes.extend_from_slice(&self.id.to_be_bytes());
        bytes.extend_from_slice(&self.bytes);
        write!(f, "{}{} {}", parse::SIGNATURE_START, self.name, STANDARD.encode(bytes))
    }
}

/// Says which of the trusted `keys` have signed, in the order of the lines. Lines of other keys are passed over: they
/// may be of witnesses we do not know.
///
/// # Errors
/// [`VerifyError`]; a wrong line of a trusted key is one even beside right ones.
pub fn verify<'a>(note: &'a Note, keys: &'a [VerifierKey]) -> Result<Vec<Verified<'a>>, VerifyError> {
    let mut verified = Vec::new();
    for signature in &note.signatures {
        let mut named = keys.iter().filter(|key| key.id() == signature.id && key.name() == signature.name);
        let Some(key) = named.next() else { continue };
        if named.next().is_some() {
            return Err(VerifyError::Ambiguous { name: signature.name.clone(), id: signature.id });
        }
        if !key.verifies(&note.text, &signature.bytes) {
            return Err(VerifyError::Wrong { name: signature.name.clone(), id: signature.id });
        }
        verified.push(Verified { key, signature });
    }
    if verified.is_empty() { Err(VerifyError::Unsigned) } else { Ok(verified) }
}
