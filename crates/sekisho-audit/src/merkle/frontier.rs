//! Trees that grow: the right edge alone, and a whole tree in memory.

use super::{Hash, Hashes, MissingHash, ProofError, SIZE_MAX, TreeHead, node_hash};

/// The right edge of a tree: enough to append leaves and to know the root, in `O(log n)` memory.
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    size: u64,
    /// Complete subtrees from left to right, so from large to small: one for each bit that is set in `size`.
    edge: Vec<Hash>,
}

impl Frontier {
    /// The edge of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge of the first `size` leaves of a tree whose hashes are kept elsewhere (tiles, after a restart).
    ///
    /// # Errors
    /// [`ProofError::TooLarge`], or what reading a hash says.
    pub fn read<H: Hashes>(size: u64, hashes: &H) -> Result<Self, ProofError<H::Error>> {
        if size > SIZE_MAX {
            return Err(ProofError::TooLarge { size });
        }
        let mut edge = Vec::with_capacity(size.count_ones() as usize);
        for level in (0..64).rev().filter(|&level| size >> level & 1 == 1) {
            // Complete subtrees left of this one hold exactly the higher bits of `size`.
            edge.push(hashes.hash(level, (size >> level) - 1).map_err(ProofError::Hashes)?);
        }
        Ok(Self { size, edge })
    }

    /// Appends a leaf (its [`super::leaf_hash`]).
    ///
    /// # Panics
    /// Past [`SIZE_MAX`] leaves: at a million a second that is 290,000 years.
    pub fn push(&mut self, leaf: Hash) {
        assert!(self.size < SIZE_MAX, "a tree never grows past SIZE_MAX");
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.edge.pop().expect("one subtree for each bit of size");
            hash = node_hash(&left, &hash);
        }
        self.edge.push(hash);
        self.size += 1;
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash over all leaves.
    pub fn root(&self) -> Hash {
        fold_right(self.edge.iter().copied()).unwrap_or(Hash::EMPTY)
    }

    /// Size and root together.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }
}

/// Complete subtrees from left to right, joined from the right end as RFC 6962 splits them; none for no subtrees.
pub(super) fn fold_right(subtrees: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    subtrees.rev().reduce(|right, left| node_hash(&left, &right))
}

/// A tree with all its hashes in memory: for small logs and tests. 64 bytes a leaf.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf (its [`super::leaf_hash`]).
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => hash = node_hash(left, right),
                _ => break,
            }
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }
}

impl Hashes for MemoryTree {
    type Error = MissingHash;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, MissingHash> {
        let row = self.levels.get(usize::from(level));
        let hash = row.and_then(|row| row.get(usize::try_from(index).ok()?));
        hash.copied().ok_or(MissingHash { level, index })
    }
}
