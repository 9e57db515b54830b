//! Leaves: what the envelope of a record says without any key, and opening it with one.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

const OPEN_BYTES: usize = 26;
const HEADER_BYTES: usize = OPEN_BYTES + 1 + 8 + 24;
const FIXED_BYTES: usize = HEADER_BYTES + 32 + 32;
const SALT_BYTES: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Open,
    Close,
    Event,
    Part,
    Erase,
    Hold,
    Release,
    Key,
}

impl Kind {
    pub(crate) const ALL: [(Self, u8, &'static str); 8] = [
        (Self::Open, 1, "open"),
        (Self::Close, 2, "close"),
        (Self::Event, 3, "event"),
        (Self::Part, 4, "part"),
        (Self::Erase, 16, "erase"),
        (Self::Hold, 17, "hold"),
        (Self::Release, 18, "release"),
        (Self::Key, 19, "key"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).expect("all kinds stand in the table").2
    }

    pub(crate) fn is_sealed(self) -> bool {
        self <= Self::Part
    }
}

pub(crate) struct Leaf<'a> {
    bytes: &'a [u8],
    pub(crate) kind: Kind,
    pub(crate) time_ms: u64,
    pub(crate) record: [u8; 16],
}

/// Which record key a sealed leaf was sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot {
    pub(crate) class: u8,
    pub(crate) number: u64,
}

/// Why a key does not open a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unopened {
    KeyCommitment,
    Ciphertext,
    ContentCommitment,
}

impl<'a> Leaf<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.get(..OPEN_BYTES)?;
        let kind = Kind::ALL.iter().find(|row| row.1 == head[1])?.0;
        let long_enough = !kind.is_sealed() || bytes.len() >= FIXED_BYTES + SALT_BYTES + 16;
        (head[0] == 1 && long_enough).then(|| Self {
            bytes,
            kind,
            time_ms: u64::from_be_bytes(head[2..10].try_into().expect("eight bytes")),
            record: head[10..26].try_into().expect("sixteen bytes"),
        })
    }

    /// The note of a clear leaf.
    pub(crate) fn note(&self) -> &'a [u8] {
        &self.bytes[OPEN_BYTES..]
    }

    /// The slot of a sealed leaf.
    pub(crate) fn slot(&self) -> Option<Slot> {
        self.kind.is_sealed().then(|| Slot {
            class: self.bytes[OPEN_BYTES],
            number: u64::from_be_bytes(
                self.bytes[OPEN_BYTES + 1..OPEN_BYTES + 9].try_into().expect("eight bytes"),
            ),
        })
    }

    /// The plaintext of a sealed leaf, after both commitments.
    pub(crate) fn open(&self, key: &[u8; 32]) -> Result<Vec<u8>, Unopened> {
        let bytes = self.bytes;
        let derived = |words: &[u8], more: &[u8]| {
            let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.chain_update(words).chain_update(more)
        };
        derived(b"sekisho-audit/1 key", &bytes[..HEADER_BYTES])
            .verify_slice(&bytes[HEADER_BYTES..HEADER_BYTES + 32])
            .map_err(|_| Unopened::KeyCommitment)?;
        let seal: [u8; 32] = derived(b"sekisho-audit/1 seal", b"").finalize().into_bytes().into();
        let nonce: [u8; 24] = bytes[HEADER_BYTES - 24..HEADER_BYTES].try_into().expect("24 bytes");
        let payload = Payload { msg: &bytes[FIXED_BYTES..], aad: &bytes[..FIXED_BYTES] };
        let salted = XChaCha20Poly1305::new(&seal.into())
            .decrypt(&nonce.into(), payload)
            .map_err(|_| Unopened::Ciphertext)?;
        let content = Sha256::new().chain_update(b"sekisho-audit/1 content").chain_update(&salted).finalize();
        if content[..] != bytes[HEADER_BYTES + 32..FIXED_BYTES] {
            return Err(Unopened::ContentCommitment);
        }
        Ok(salted[SALT_BYTES..].to_vec())
    }
}
