//! From a content to a leaf of ciphertext, and back. Runs on the caller's thread: the writer sees only finished leaves.
//!
//! XChaCha20-Poly1305 alone does not commit to its key: one ciphertext can be made that opens under two keys to two contents
//! (the tests make one). The key commitment is therefore checked first, and refuses. No hash of a content is stored anywhere
//! without a salt, since a 個人番号 would be found by trying them all.

#[cfg(test)]
mod tests;

use std::fmt;

use chacha20poly1305::{AeadInOut, Key, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    entropy::{Entropy, NoEntropy},
    leaf::{Envelope, PLAINTEXT_BYTES_MAX, SEAL_OVERHEAD_BYTES, SEALED_HEAD_BYTES, Sealed, Slot},
};

const KEY_LABEL: &[u8] = b"sekisho-audit/1 key";
const SEAL_LABEL: &[u8] = b"sekisho-audit/1 seal";
const CONTENT_LABEL: &[u8] = b"sekisho-audit/1 content";
/// Bytes of the salt in front of the content.
const SALT_BYTES: usize = 32;
const TAG_BYTES: usize = 16;

/// The key of one leaf. Used once; gone from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordKey(pub(crate) [u8; 32]);

impl RecordKey {
    /// A key that came from elsewhere: from a slot that was unwrapped outside, or in a measurement.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Drop for RecordKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Never shows the key.
impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(hidden)")
    }
}

/// Why a leaf could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More than [`PLAINTEXT_BYTES_MAX`].
    #[error("a content of {bytes} bytes does not fit one leaf")]
    TooLong {
        /// How many there are.
        bytes: usize,
    },
    /// No random bytes.
    #[error("the leaf could not be given a nonce")]
    Entropy(#[from] NoEntropy),
    /// The key is not the one the leaf was made with: the key commitment says so.
    #[error("the key is not the key of this leaf")]
    WrongKey,
    /// The key is right, and the ciphertext or its head was changed.
    #[error("the leaf was changed after it was made")]
    Changed,
    /// It opens, but the content is not the one committed to.
    #[error("the content is not the one that was committed to")]
    OtherContent,
}

/// An opened leaf.
#[derive(Clone)]
pub struct Opened {
    /// With the content, proves it to somebody who must not have the key.
    pub salt: [u8; SALT_BYTES],
    /// What was recorded.
    pub content: Zeroizing<Vec<u8>>,
}

/// Never shows the content.
impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} bytes)", self.content.len())
    }
}

/// Encrypts a content into a leaf. The key is consumed: it must not seal anything else.
///
/// # Errors
/// [`Error::TooLong`], [`Error::Entropy`].
pub fn seal(
    envelope: &Envelope,
    slot: Slot,
    key: RecordKey,
    entropy: &dyn Entropy,
    content: &[u8],
) -> Result<Vec<u8>, Error> {
    debug_assert!(envelope.kind.is_sealed(), "a clear leaf has no key");
    if content.len() > PLAINTEXT_BYTES_MAX {
        return Err(Error::TooLong { bytes: content.len() });
    }
    let mut random = Zeroizing::new([0; 24 + SALT_BYTES]);
    entropy.fill(&mut *random)?;
    let (nonce, salt) = random.split_at(24);

    let mut leaf = Vec::with_capacity(SEALED_HEAD_BYTES + SEAL_OVERHEAD_BYTES + content.len());
    envelope.write(&mut leaf);
    leaf.push(slot.class);
    leaf.extend_from_slice(&slot.number.to_be_bytes());
    leaf.extend_from_slice(nonce);
    let commitment = key_commitment(&key, &leaf);
    leaf.extend_from_slice(&commitment);
    leaf.extend_from_slice(&content_commitment(salt, content));
    leaf.extend_from_slice(salt);
    leaf.extend_from_slice(content);

    let (head, plaintext) = leaf.split_at_mut(SEALED_HEAD_BYTES);
    let nonce = XNonce::try_from(nonce).expect("24 bytes were split off");
    let tag = cipher(&key)
        .encrypt_inout_detached(&nonce, head, plaintext.into())
        .expect("the length is far below the limit of the cipher");
    leaf.extend_from_slice(&tag);
    Ok(leaf)
}

/// Decrypts a leaf.
///
/// # Errors
/// [`Error::WrongKey`], [`Error::Changed`], [`Error::OtherContent`].
pub fn open(leaf: &Sealed<'_>, key: &RecordKey) -> Result<Opened, Error> {
    // Must come before decryption: this is what makes the key the only one.
    let mut mac = keyed(key);
    mac.update(KEY_LABEL);
    mac.update(leaf.header);
    mac.verify_slice(leaf.key_commitment).map_err(|_| Error::WrongKey)?;

    let (ciphertext, tag) = leaf.ciphertext.split_last_chunk::<TAG_BYTES>().ok_or(Error::Changed)?;
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    cipher(key)
        .decrypt_inout_detached(
            &XNonce::from(*leaf.nonce),
            leaf.head,
            plaintext.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .map_err(|_| Error::Changed)?;
    let (salt, content) = plaintext.split_first_chunk::<SALT_BYTES>().ok_or(Error::Changed)?;
    if !commits_to(leaf.content_commitment, salt, content) {
        return Err(Error::OtherContent);
    }
    Ok(Opened { salt: *salt, content: Zeroizing::new(content.to_vec()) })
}

/// Whether a leaf with this content commitment was made from this content. Needs no key.
pub fn commits_to(commitment: &[u8; 32], salt: &[u8; SALT_BYTES], content: &[u8]) -> bool {
    content_commitment(salt, content) == *commitment
}

fn content_commitment(salt: &[u8], content: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(CONTENT_LABEL).chain_update(salt).chain_update(content).finalize().into()
}

fn key_commitment(key: &RecordKey, header: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(KEY_LABEL);
    mac.update(header);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &RecordKey) -> Hmac<Sha256> {
    KeyInit::new_from_slice(&key.0).expect("HMAC takes a key of any length")
}

fn cipher(key: &RecordKey) -> XChaCha20Poly1305 {
    let mut mac = keyed(key);
    mac.update(SEAL_LABEL);
    let derived = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    XChaCha20Poly1305::new(&Key::from(*derived))
}
