//! Cosignatures: a witness states that, at a time, this was the largest tree it had seen of a log, and that it goes on
//! from all it had seen before.
//!
//! Source: C2SP tlog-cosignature, in the version with ML-DSA-44 (type `0x06`).

pub(crate) mod ml_dsa;
#[cfg(test)]
mod tests;

use std::fmt;

use ed25519_dalek::Signer;
use zeroize::Zeroizing;

use crate::checkpoint::Checkpoint;
use crate::merkle::TreeHead;
use crate::note::{self, Algorithm, KeyError, KeyParts, Public, Signature, VerifierKey};

/// The longest name of a witness that signs with ML-DSA-44, in bytes: the signed message has one byte for its length.
pub const WITNESS_NAME_BYTES_MAX: usize = 255;

/// The private key of a witness. Wiped from memory when dropped; `Debug` shows the public half only.
pub struct CosigningKey {
    parts: KeyParts,
    seed: Zeroizing<[u8; 32]>,
    secret: Secret,
}

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    MlDsa44(Box<ml_dsa::Secret>),
}

impl Secret {
    fn public(&self) -> Public {
        match self {
            Self::Ed25519(key) => Public::Ed25519(key.verifying_key()),
            Self::MlDsa44(key) => Public::MlDsa44(Box::new(key.public())),
        }
    }
}

impl CosigningKey {
    /// The key that grows out of 32 random bytes. A witness has one for Ed25519, and may have one for ML-DSA-44 beside
    /// it.
    ///
    /// A seed must serve one key only: what Ed25519 signs here does not name the witness.
    ///
    /// # Errors
    /// [`KeyError::Name`]; [`KeyError::Algorithm`] for an algorithm of logs.
    pub fn from_seed(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = match algorithm {
            Algorithm::Ed25519 => return Err(KeyError::Algorithm { byte: algorithm.byte() }),
            Algorithm::CosignatureEd25519 => {
                Secret::Ed25519(Box::new(ed25519_dalek::SigningKey::from_bytes(seed)))
            }
            Algorithm::CosignatureMlDsa44 if name.len() > WITNESS_NAME_BYTES_MAX => {
                return Err(KeyError::Name);
            }
            Algorithm::CosignatureMlDsa44 => Secret::MlDsa44(Box::new(ml_dsa::Secret::from_seed(seed))),
        };
        let parts = KeyParts::new(name, algorithm, &secret.public().to_bytes())?;
        Ok(Self { parts, seed: Zeroizing::new(*seed), secret })
    }

    /// Reads the text form: that of a log's key, with the type byte of cosignatures.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let private = note::parse_private(text)?;
        let key = Self::from_seed(private.name, private.algorithm, &private.seed)?;
        private.check(&key.parts)?;
        Ok(key)
    }

    /// The text form, for the key file. It is wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        self.parts.write_private(self.seed.as_slice())
    }

    /// Name of the witness.
    pub fn name(&self) -> &str {
        self.parts.name()
    }

    /// Id of the key, the same as of its verifier key.
    pub fn id(&self) -> u32 {
        self.parts.id()
    }

    /// How the key signs.
    pub fn algorithm(&self) -> Algorithm {
        self.parts.algorithm()
    }

    /// The public half.
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey::new(&self.parts, self.secret.public())
    }

    /// Cosigns a checkpoint at a time, in seconds since 1970-01-01T00:00:00Z. The caller has seen that the checkpoint
    /// goes on from all it cosigned before: [`crate::witness`].
    ///
    /// # Errors
    /// [`CosignError`].
    pub fn cosign(&self, checkpoint: &Checkpoint, unix_seconds: u64) -> Result<Signature, CosignError> {
        // Zero would say that the tree need not be the largest that was seen.
        if unix_seconds == 0 || i64::try_from(unix_seconds).is_err() {
            return Err(CosignError::Time { unix_seconds });
        }
        let mut bytes = unix_seconds.to_be_bytes().to_vec();
        match &self.secret {
            Secret::Ed25519(key) => {
                let message = message_ed25519(unix_seconds, &checkpoint.to_string());
                bytes.extend_from_slice(&key.sign(&message).to_bytes());
            }
            Secret::MlDsa44(key) => {
                if !checkpoint.extensions().is_empty() {
                    return Err(CosignError::Extensions);
                }
                let message =
                    message_ml_dsa_44(self.name(), unix_seconds, checkpoint.origin(), 0, checkpoint.head());
                bytes.extend(key.sign(&message).ok_or(CosignError::Rejected)?);
            }
        }
        Ok(Signature::new(&self.parts, bytes))
    }
}

impl fmt::Debug for CosigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosigningKey({}+{:08x})", self.name(), self.id())
    }
}

/// Why a checkpoint was not cosigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignError {
    /// A clock that cannot be right.
    #[error("{unix_seconds} is not a time to sign with")]
    Time {
        /// Seconds since 1970-01-01T00:00:00Z.
        unix_seconds: u64,
    },
    /// ML-DSA cosignatures do not cover extension lines: signing below them would look as if they did.
    #[error("a checkpoint with extension lines is not cosigned with ML-DSA")]
    Extensions,
    /// ML-DSA gave up on this message (it tries at random; this does not happen in practice).
    #[error("no signature was found")]
    Rejected,
}

/// The time a cosignature states, in seconds since 1970-01-01T00:00:00Z. Ask only of signatures of a witness's key that
/// hold. None when it states none: the witness then does not say that the tree was the largest it had seen.
pub fn unix_seconds(signature: &Signature) -> Option<u64> {
    let time = u64::from_be_bytes(*signature.bytes().first_chunk()?);
    (time != 0).then_some(time)
}

/// Whether this is an Ed25519 cosignature of a checkpoint with this text.
pub(crate) fn verify_ed25519(public: &ed25519_dalek::VerifyingKey, text: &str, signature: &[u8]) -> bool {
    split_time(signature).is_some_and(|(time, signature)| {
        note::verify_ed25519(public, &message_ed25519(time, text), signature)
    })
}

/// Whether this is an ML-DSA-44 cosignature of a checkpoint with this text. Never below extension lines, which it would
/// not cover.
pub(crate) fn verify_ml_dsa_44(public: &ml_dsa::Public, name: &str, text: &str, signature: &[u8]) -> bool {
    let Some((time, signature)) = split_time(signature) else { return false };
    let Ok(checkpoint) = text.parse::<Checkpoint>() else { return false };
    name.len() <= WITNESS_NAME_BYTES_MAX
        && checkpoint.extensions().is_empty()
        && public
            .verifies(&message_ml_dsa_44(name, time, checkpoint.origin(), 0, checkpoint.head()), signature)
}

/// Eight bytes of time, of which the format leaves 63 bits, and the signature proper.
fn split_time(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = signature.split_first_chunk()?;
    let time = u64::from_be_bytes(*time);
    i64::try_from(time).is_ok().then_some((time, signature))
}

fn message_ed25519(unix_seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {unix_seconds}\n{text}").into_bytes()
}

/// What ML-DSA signs for the subtree of the leaves `start` to `end.size`, whose root is `end.root`; a checkpoint is the
/// subtree from 0. Names are no longer than their length byte can say: keys and checkpoints see to that.
fn message_ml_dsa_44(witness: &str, unix_seconds: u64, origin: &str, start: u64, end: TreeHead) -> Vec<u8> {
    let mut message = b"subtree/v1\n\0".to_vec();
    message.push(witness.len() as u8);
    message.extend_from_slice(witness.as_bytes());
    message.extend_from_slice(&unix_seconds.to_be_bytes());
    message.push(origin.len() as u8);
    message.extend_from_slice(origin.as_bytes());
    message.extend_from_slice(&start.to_be_bytes());
    message.extend_from_slice(&end.size.to_be_bytes());
    message.extend_from_slice(end.root.as_bytes());
    message
}
