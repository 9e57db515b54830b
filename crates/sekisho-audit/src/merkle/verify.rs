//! Checking proofs. This is what an auditor runs, so it reads like RFC 9162, with its names for the two counters.

use super::{Hash, SIZE_MAX, TreeHead, node_hash};

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// There is no such leaf.
    #[error("leaf {index} is not in a tree of {size}")]
    NotInTree {
        /// Index of the leaf.
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
        /// Size claimed.
        size: u64,
    },
    /// A proof between these sizes has another number of hashes.
    #[error("the proof has a wrong number of hashes: {hashes}")]
    Length {
        /// Hashes given.
        hashes: usize,
    },
    /// The proof leads to another root than the new (or only) head states.
    #[error("the proof does not lead to the root")]
    Root,
    /// The proof leads to another root than the old head states.
    #[error("the proof does not lead to the old root")]
    OldRoot,
}

/// Checks that the leaf with this hash stands at `index` in the tree of `head`.
///
/// # Errors
/// [`VerifyError`], when the proof does not show it.
pub fn verify_inclusion(leaf: Hash, index: u64, head: &TreeHead, proof: &[Hash]) -> Result<(), VerifyError> {
    check_size(head.size)?;
    if index >= head.size {
        return Err(VerifyError::NotInTree { index, size: head.size });
    }
    let wrong_length = VerifyError::Length { hashes: proof.len() };
    let (mut f_n, mut s_n) = (index, head.size - 1);
    let mut root = leaf;
    for hash in proof {
        if s_n == 0 {
            return Err(wrong_length);
        }
        if f_n & 1 == 1 || f_n == s_n {
            root = node_hash(hash, &root);
            skip_lonely(&mut f_n, &mut s_n);
        } else {
            root = node_hash(&root, hash);
        }
        f_n >>= 1;
        s_n >>= 1;
    }
    if s_n != 0 {
        return Err(wrong_length);
    }
    if root == head.root { Ok(()) } else { Err(VerifyError::Root) }
}

/// Checks that the tree of `new` begins with all the leaves of the tree of `old`, in their order.
///
/// # Errors
/// [`VerifyError`], when the proof does not show it.
pub fn verify_consistency(old: &TreeHead, new: &TreeHead, proof: &[Hash]) -> Result<(), VerifyError> {
    check_size(new.size)?;
    if old.size > new.size {
        return Err(VerifyError::Shrinks { old: old.size, new: new.size });
    }
    let wrong_length = VerifyError::Length { hashes: proof.len() };
    if old.size == 0 || old.size == new.size {
        return match () {
            () if !proof.is_empty() => Err(wrong_length),
            () if old.size == 0 && old.root != Hash::EMPTY => Err(VerifyError::OldRoot),
            () if old.size == new.size && old.root != new.root => Err(VerifyError::Root),
            () => Ok(()),
        };
    }
    // An old tree that is one complete subtree is not in the proof: its root is known.
    let (start, rest) = match proof {
        rest if old.size.is_power_of_two() => (&old.root, rest),
        [start, rest @ ..] => (start, rest),
        [] => return Err(wrong_length),
    };
    let climbed = (old.size - 1).trailing_ones();
    let (mut f_n, mut s_n) = ((old.size - 1) >> climbed, (new.size - 1) >> climbed);
    let (mut old_root, mut new_root) = (*start, *start);
    for hash in rest {
        if s_n == 0 {
            return Err(wrong_length);
        }
        if f_n & 1 == 1 || f_n == s_n {
            old_root = node_hash(hash, &old_root);
            new_root = node_hash(hash, &new_root);
            skip_lonely(&mut f_n, &mut s_n);
        } else {
            new_root = node_hash(&new_root, hash);
        }
        f_n >>= 1;
        s_n >>= 1;
    }
    match () {
        () if s_n != 0 => Err(wrong_length),
        () if old_root != old.root => Err(VerifyError::OldRoot),
        () if new_root != new.root => Err(VerifyError::Root),
        () => Ok(()),
    }
}

/// A node at the right edge without a sibling stands for its parent too: climbs to where it is a right child.
fn skip_lonely(f_n: &mut u64, s_n: &mut u64) {
    while *f_n & 1 == 0 && *f_n != 0 {
        *f_n >>= 1;
        *s_n >>= 1;
    }
}

fn check_size(size: u64) -> Result<(), VerifyError> {
    if size > SIZE_MAX { Err(VerifyError::TooLarge { size }) } else { Ok(()) }
}
