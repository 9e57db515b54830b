//! Cosignatures: a witness states that, at a time, this was the largest tree it had seen of a log, and that it goes on
//! from all it had seen before.
//!
//! Source: C2SP tlog-cosignature.

use std::fmt;

use ed25519_dalek::Signer;
use zeroize::Zeroizing;

use crate::checkpoint::Checkpoint;
use crate::note::{Algorithm, KeyError, KeyParts, Signature, VerifierKey, parse_private, verify_ed25519};

/// The private key of a witness. Wiped from memory when dropped; `Debug` shows the public half only.
pub struct CosigningKey {
    parts: KeyParts,
    secret: ed25519_dalek::SigningKey,
}

impl CosigningKey {
    /// The key that grows out of 32 random bytes.
    ///
    /// A witness must not use the seed of its key anywhere else: the signed message does not name the witness.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let parts = KeyParts::new(name, Algorithm::Cosignature, secret.verifying_key().as_bytes())?;
        Ok(Self { parts, secret })
    }

    /// Reads the text form: that of a log's key, with the type byte of cosignatures.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let private = parse_private(text)?;
        let key = match private.algorithm {
            Algorithm::Cosignature => Self::from_seed(private.name, &private.seed)?,
            other => return Err(KeyError::Algorithm { byte: other.byte() }),
        };
        private.check(&key.parts)?;
        Ok(key)
    }

    /// The text form, for the key file. It is wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        self.parts.write_private(self.secret.as_bytes())
    }

    /// Name of the witness.
    pub fn name(&self) -> &str {
        self.parts.name()
    }

    /// The public half.
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey::from_secret(&self.parts, &self.secret)
    }

    /// Cosigns a checkpoint at a time, in seconds since 1970-01-01T00:00:00Z.
    pub fn cosign(&self, checkpoint: &Checkpoint, unix_seconds: u64) -> Signature {
        let mut bytes = unix_seconds.to_be_bytes().to_vec();
        bytes.extend(self.secret.sign(&message(unix_seconds, &checkpoint.to_string())).to_bytes());
        Signature::new(&self.parts, bytes)
    }
}

impl fmt::Debug for CosigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosigningKey({})", self.verifier_key())
    }
}

/// The time a cosignature states, in seconds since 1970-01-01T00:00:00Z. Ask only of signatures of a witness's key that
/// hold; none when the bytes cannot be a cosignature.
pub fn unix_seconds(signature: &Signature) -> Option<u64> {
    signature.bytes().first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

/// Whether this is a cosignature of a note with this text: eight bytes of time, then the signature.
pub(crate) fn verify(public: &ed25519_dalek::VerifyingKey, text: &str, signature: &[u8]) -> bool {
    let Some((time, signature)) = signature.split_first_chunk() else { return false };
    let time = u64::from_be_bytes(*time);
    // The format has 63 bits for the time.
    i64::try_from(time).is_ok() && verify_ed25519(public, &message(time, text), signature)
}

fn message(unix_seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {unix_seconds}\n{text}").into_bytes()
}
