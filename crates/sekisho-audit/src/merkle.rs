//! The tree of RFC 6962: leaves in order, hashes over them, and the two proofs: that a leaf is in a tree, and that one
//! tree goes on from another.
//!
//! Nothing here recurses or remembers a tree: hashes are asked for through [`Hashes`], and a proof of any size costs
//! `O(log n)` of them.
//!
//! Source: RFC 6962 section 2.1, RFC 9162 sections 2.1.3 and 2.1.4 (the iterative verification).

mod frontier;
mod proof;
#[cfg(test)]
mod tests;
mod verify;

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub use frontier::{Frontier, MemoryTree};
pub use proof::{Hashes, MissingHash, ProofError, consistency_proof, inclusion_proof, root_at};
pub use verify::{VerifyError, verify_consistency, verify_inclusion};

/// The largest tree that is spoken of: sizes and indices then fit a signed 64-bit number everywhere.
pub const SIZE_MAX: u64 = i64::MAX as u64;

/// The most hashes a proof over a tree of at most [`SIZE_MAX`] leaves can have: one on each level, and the one that a
/// consistency proof begins with.
pub const PROOF_HASHES_MAX: usize = 64;

/// A SHA-256 value in the tree. Its text is standard base64 with padding (44 characters).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The root of the tree without leaves: the SHA-256 of nothing.
    pub const EMPTY: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({}…)", &STANDARD.encode(self.0)[..8])
    }
}

/// Not 32 bytes in canonical base64.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the base64 of 32 bytes")]
pub struct ParseHash;

impl FromStr for Hash {
    type Err = ParseHash;

    fn from_str(text: &str) -> Result<Self, ParseHash> {
        // Checked before decoding, so that a line of a hostile note costs nothing.
        if text.len() != 44 {
            return Err(ParseHash);
        }
        let bytes = STANDARD.decode(text).map_err(|_| ParseHash)?;
        bytes.try_into().map(Self).map_err(|_| ParseHash)
    }
}

/// What a checkpoint says of a tree: how many leaves, and the hash over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// Hash over the leaves; [`Hash::EMPTY`] when there are none.
    pub root: Hash,
}

impl TreeHead {
    /// The head of the tree without leaves.
    pub const EMPTY: Self = Self { size: 0, root: Hash::EMPTY };
}

/// The hash of a leaf: `SHA-256(0x00 || leaf)`.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(leaf).finalize().into())
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut node = [1; 65];
    node[1..33].copy_from_slice(&left.0);
    node[33..].copy_from_slice(&right.0);
    Hash(Sha256::digest(node).into())
}
