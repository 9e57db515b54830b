//! Keys and their text forms: `name+id+base64` for verifying, `PRIVATE+KEY+name+id+base64` for signing.
//!
//! Source: C2SP signed-note (key ids, verifier keys); the private form is the one of Go's `sumdb/note`.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Signature;
use super::parse::is_key_name;
use crate::cosignature::{self, ml_dsa};

/// The longest key text that is read, in bytes: an ML-DSA-44 key has 1,312 bytes, and a name may be long.
const KEY_TEXT_BYTES_MAX: usize = 4_096;

const PRIVATE_START: &str = "PRIVATE+KEY+";

/// How a key signs: the type byte that C2SP signed-note gives out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `0x01`: Ed25519 over the text of the note. Logs sign so.
    Ed25519,
    /// `0x04`: Ed25519 over a time and the text of a checkpoint. Witnesses sign so.
    CosignatureEd25519,
    /// `0x06`: ML-DSA-44, which quantum computers cannot forge, over a time, the names of witness and log, and the head
    /// of the tree. Witnesses sign so beside Ed25519.
    CosignatureMlDsa44,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Ed25519, Self::CosignatureEd25519, Self::CosignatureMlDsa44];

    /// The type byte.
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureEd25519 => 0x04,
            Self::CosignatureMlDsa44 => 0x06,
        }
    }

    /// Whether witnesses sign so: what holds then holds for a checkpoint, at a time.
    pub fn is_cosignature(self) -> bool {
        self != Self::Ed25519
    }

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.byte() == byte)
    }
}

/// Why a key could not be read or made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the fields of a key.
    #[error("not the text of a key")]
    Form,
    /// A name that would not survive in a signature line.
    #[error("a key name is not empty and has no spaces, plus signs or control characters")]
    Name,
    /// A kind of key that is not supported here.
    #[error("keys of type {byte:#04x} do not belong here")]
    Algorithm {
        /// The type byte.
        byte: u8,
    },
    /// The key bytes are of the wrong length or not a point that can verify anything.
    #[error("the bytes are not a usable key")]
    Bytes,
    /// The id in the text is not the id of the key: one of them was changed.
    #[error("the key has id {id:08x}, its text says otherwise")]
    Id {
        /// The id of the key as it is.
        id: u32,
    },
}

/// What tells one key from another: name, algorithm and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyParts {
    name: String,
    algorithm: Algorithm,
    id: u32,
}

impl KeyParts {
    pub(crate) fn new(name: &str, algorithm: Algorithm, public: &[u8]) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name);
        }
        let digest = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', algorithm.byte()])
            .chain_update(public)
            .finalize();
        let id = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Ok(Self { name: name.to_owned(), algorithm, id })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// `name+id+base64(type byte || key)`.
    fn write(&self, key: &[u8]) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + key.len()));
        bytes.push(self.algorithm.byte());
        bytes.extend_from_slice(key);
        let base64 = Zeroizing::new(STANDARD.encode(&bytes));
        Zeroizing::new(format!("{}+{:08x}+{}", self.name, self.id, *base64))
    }

    pub(crate) fn write_private(&self, key: &[u8]) -> Zeroizing<String> {
        Zeroizing::new(format!("{PRIVATE_START}{}", *self.write(key)))
    }
}

/// The fields of the text of a key, where the id is not checked against the key yet.
struct Fields<'a> {
    name: &'a str,
    id: u32,
    algorithm: Algorithm,
    key: Zeroizing<Vec<u8>>,
}

impl<'a> Fields<'a> {
    fn parse(text: &'a str) -> Result<Self, KeyError> {
        if text.len() > KEY_TEXT_BYTES_MAX {
            return Err(KeyError::Form);
        }
        let (name, rest) = text.split_once('+').ok_or(KeyError::Form)?;
        let (id, base64) = rest.split_once('+').ok_or(KeyError::Form)?;
        if id.len() != 8 || !id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(KeyError::Form);
        }
        let id = u32::from_str_radix(id, 16).map_err(|_| KeyError::Form)?;
        let mut key = Zeroizing::new(STANDARD.decode(base64).map_err(|_| KeyError::Form)?);
        let byte = *key.first().ok_or(KeyError::Form)?;
        key.remove(0);
        let algorithm = Algorithm::from_byte(byte).ok_or(KeyError::Algorithm { byte })?;
        Ok(Self { name, id, algorithm, key })
    }

    fn check(&self, parts: &KeyParts) -> Result<(), KeyError> {
        if self.id == parts.id { Ok(()) } else { Err(KeyError::Id { id: parts.id }) }
    }
}

/// The public half of a key pair.
#[derive(Clone, PartialEq)]
pub(crate) enum Public {
    Ed25519(ed25519_dalek::VerifyingKey),
    MlDsa44(Box<ml_dsa::Public>),
}

impl Public {
    fn parse(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        if algorithm == Algorithm::CosignatureMlDsa44 {
            return ml_dsa::Public::parse(bytes).map(|key| Self::MlDsa44(Box::new(key)));
        }
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
        // With a weak key, one signature holds for many texts.
        (!key.is_weak()).then_some(Self::Ed25519(key))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.as_bytes().to_vec(),
            Self::MlDsa44(key) => key.to_bytes(),
        }
    }
}

/// A key that verifies: of a log or of a witness. Its text is the "vkey" of C2SP.
#[derive(Clone, PartialEq)]
pub struct VerifierKey {
    parts: KeyParts,
    public: Public,
}

impl VerifierKey {
    /// The public half of a secret key that has been made already.
    pub(crate) fn new(parts: &KeyParts, public: Public) -> Self {
        Self { parts: parts.clone(), public }
    }

    /// Name of the key; of a log's key, the origin of the log.
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// The first four bytes of the SHA-256 over name, algorithm and key.
    pub fn id(&self) -> u32 {
        self.parts.id
    }

    /// How the key signs.
    pub fn algorithm(&self) -> Algorithm {
        self.parts.algorithm
    }

    #[cfg(test)]
    pub(crate) fn public(&self) -> &Public {
        &self.public
    }

    /// Whether `signature` is one of this key for a note with this text.
    pub(super) fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        match &self.public {
            Public::MlDsa44(key) => cosignature::verify_ml_dsa_44(key, self.name(), text, signature),
            Public::Ed25519(key) if self.algorithm().is_cosignature() => {
                cosignature::verify_ed25519(key, text, signature)
            }
            Public::Ed25519(key) => verify_ed25519(key, text.as_bytes(), signature),
        }
    }
}

pub(crate) fn verify_ed25519(public: &ed25519_dalek::VerifyingKey, text: &[u8], signature: &[u8]) -> bool {
    ed25519_dalek::Signature::from_slice(signature)
        .is_ok_and(|signature| public.verify_strict(text, &signature).is_ok())
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let fields = Fields::parse(text)?;
        let public = Public::parse(fields.algorithm, &fields.key).ok_or(KeyError::Bytes)?;
        let key = Self { parts: KeyParts::new(fields.name, fields.algorithm, &fields.key)?, public };
        fields.check(&key.parts)?;
        Ok(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.write(&self.public.to_bytes()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// The fields of a private key in text form. Whoever makes the key out of them compares the id.
pub(crate) struct PrivateParts<'a> {
    pub(crate) name: &'a str,
    pub(crate) algorithm: Algorithm,
    pub(crate) seed: Zeroizing<[u8; 32]>,
    id: u32,
}

impl PrivateParts<'_> {
    /// Compares the id in the text with that of the key that was made.
    pub(crate) fn check(&self, parts: &KeyParts) -> Result<(), KeyError> {
        if self.id == parts.id { Ok(()) } else { Err(KeyError::Id { id: parts.id }) }
    }
}

pub(crate) fn parse_private(text: &str) -> Result<PrivateParts<'_>, KeyError> {
    let fields = Fields::parse(text.strip_prefix(PRIVATE_START).ok_or(KeyError::Form)?)?;
    let mut seed = Zeroizing::new([0; 32]);
    if fields.key.len() != seed.len() {
        return Err(KeyError::Bytes);
    }
    seed.copy_from_slice(&fields.key);
    Ok(PrivateParts { name: fields.name, algorithm: fields.algorithm, seed, id: fields.id })
}

/// The private key of a log: Ed25519. Wiped from memory when dropped; `Debug` shows the public half only.
pub struct SigningKey {
    parts: KeyParts,
    secret: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key that grows out of 32 random bytes.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let parts = KeyParts::new(name, Algorithm::Ed25519, secret.verifying_key().as_bytes())?;
        Ok(Self { parts, secret })
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let private = parse_private(text)?;
        if private.algorithm != Algorithm::Ed25519 {
            return Err(KeyError::Algorithm { byte: private.algorithm.byte() });
        }
        let key = Self::from_seed(private.name, &private.seed)?;
        private.check(&key.parts)?;
        Ok(key)
    }

    /// The text form, for the key file. It is wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        self.parts.write_private(self.secret.as_bytes())
    }

    /// Name of the key; of a log's key, the origin of the log.
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// Id of the key, the same as of its verifier key.
    pub fn id(&self) -> u32 {
        self.parts.id
    }

    /// The public half.
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey::new(&self.parts, Public::Ed25519(self.secret.verifying_key()))
    }

    /// Signs a text. The text must be one that [`super::Note::new`] accepts, or nobody can verify the line below it.
    pub fn sign(&self, text: &str) -> Signature {
        Signature::new(&self.parts, self.secret.sign(text.as_bytes()).to_bytes().to_vec())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier_key())
    }
}
