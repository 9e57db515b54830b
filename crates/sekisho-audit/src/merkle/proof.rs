//! Making proofs out of stored hashes.

use super::frontier::fold_right;
use super::{Hash, SIZE_MAX};

/// Read access to the hashes of complete subtrees: in memory, in tiles, in a mapped file.
pub trait Hashes {
    /// Why a hash could not be read.
    type Error: std::error::Error + 'static;

    /// The hash over the leaves `index << level` up to, not including, `(index + 1) << level`.
    ///
    /// # Errors
    /// When the store does not have it, though the caller says the tree is that large.
    fn hash(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

impl<H: Hashes + ?Sized> Hashes for &H {
    type Error = H::Error;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, H::Error> {
        (**self).hash(level, index)
    }
}

/// The tree is not as large as was said: it has no such complete subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no complete subtree {index} at level {level}")]
pub struct MissingHash {
    /// Height of the subtree: it would have `1 << level` leaves.
    pub level: u8,
    /// Place among the subtrees of that height, from the left.
    pub index: u64,
}

/// Why no proof could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E: std::error::Error + 'static> {
    /// There is no such leaf.
    #[error("leaf {index} is not in a tree of {size}")]
    NotInTree {
        /// Index asked for.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The old tree is larger than the new one.
    #[error("a tree of {old} cannot be continued by one of {new}")]
    Shrinks {
        /// Size of the old tree.
        old: u64,
        /// Size of the new tree.
        new: u64,
    },
    /// More leaves than any tree has.
    #[error("no tree has {size} leaves")]
    TooLarge {
        /// Size asked for.
        size: u64,
    },
    /// The store could not give a hash.
    #[error("a hash of the tree could not be read")]
    Hashes(#[source] E),
}

/// The root of the first `size` leaves.
///
/// # Errors
/// [`ProofError::TooLarge`], or what reading a hash says.
pub fn root_at<H: Hashes>(size: u64, hashes: &H) -> Result<Hash, ProofError<H::Error>> {
    check_size(size)?;
    Ok(span(0, size, hashes)?.unwrap_or(Hash::EMPTY))
}

/// The proof that leaf `index` is in the tree of the first `size` leaves: the siblings on the way from the leaf to the
/// root.
///
/// # Errors
/// [`ProofError::NotInTree`], [`ProofError::TooLarge`], or what reading a hash says.
pub fn inclusion_proof<H: Hashes>(
    index: u64,
    size: u64,
    hashes: &H,
) -> Result<Vec<Hash>, ProofError<H::Error>> {
    check_size(size)?;
    if index >= size {
        return Err(ProofError::NotInTree { index, size });
    }
    let mut proof = Vec::new();
    siblings(0, index, size, hashes, &mut proof)?;
    Ok(proof)
}

/// The proof that the tree of the first `new` leaves begins with the tree of the first `old`. Empty when `old` is 0 or
/// equal to `new`.
///
/// # Errors
/// [`ProofError::Shrinks`], [`ProofError::TooLarge`], or what reading a hash says.
pub fn consistency_proof<H: Hashes>(
    old: u64,
    new: u64,
    hashes: &H,
) -> Result<Vec<Hash>, ProofError<H::Error>> {
    check_size(new)?;
    if old > new {
        return Err(ProofError::Shrinks { old, new });
    }
    let mut proof = Vec::new();
    if old == 0 || old == new {
        return Ok(proof);
    }
    // The smallest complete subtree at the right edge of the old tree: the proof climbs from there. Where it is the
    // whole old tree, the verifier has it already, as the old root.
    let level = old.trailing_zeros() as u8;
    let node = (old >> level) - 1;
    if node != 0 {
        proof.push(hashes.hash(level, node).map_err(ProofError::Hashes)?);
    }
    siblings(level, node, new, hashes, &mut proof)?;
    Ok(proof)
}

fn check_size<E: std::error::Error>(size: u64) -> Result<(), ProofError<E>> {
    if size > SIZE_MAX { Err(ProofError::TooLarge { size }) } else { Ok(()) }
}

/// Climbs from the complete subtree `node` at `level` to the root of `size` leaves, and puts down what stands on the
/// other side at each step. A level where nothing stands right of the node is passed over.
fn siblings<H: Hashes>(
    level: u8,
    node: u64,
    size: u64,
    hashes: &H,
    proof: &mut Vec<Hash>,
) -> Result<(), ProofError<H::Error>> {
    let (mut level, mut node) = (level, node);
    // `node` covers the whole tree once it is the first of its level and nothing is left to its right.
    while node != 0 || 1_u64 << level < size {
        if node & 1 == 1 {
            proof.push(hashes.hash(level, node - 1).map_err(ProofError::Hashes)?);
        } else {
            let start = (node + 1) << level;
            let end = size.min(start.saturating_add(1 << level));
            proof.extend(span(start, end, hashes)?);
        }
        level += 1;
        node >>= 1;
    }
    Ok(())
}

/// The hash over the leaves `start..end`, where `start` is a multiple of a power of two not smaller than the length:
/// so it splits as a tree of its own. None for an empty span.
fn span<H: Hashes>(start: u64, end: u64, hashes: &H) -> Result<Option<Hash>, ProofError<H::Error>> {
    let length = end.saturating_sub(start);
    let mut parts = Vec::with_capacity(length.count_ones() as usize);
    for level in (0..64).rev().filter(|&level| length >> level & 1 == 1) {
        // What lies left of this part: the higher bits of the length.
        let before = length >> level >> 1 << 1 << level;
        let index = (start + before) >> level;
        parts.push(hashes.hash(level as u8, index).map_err(ProofError::Hashes)?);
    }
    Ok(fold_right(parts.into_iter()))
}
