//! RFC 6962 hashing, and nothing more of trees than a verifier needs.

use sha2::{Digest, Sha256};

pub(crate) type Hash = [u8; 32];

/// `SHA-256(0x00 || leaf)`.
pub(crate) fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

/// `SHA-256(0x01 || left || right)`.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The tree over all leaves pushed so far, kept as its complete subtrees, the largest first.
#[derive(Default)]
pub(crate) struct Tree {
    size: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each set low bit of the old size is a complete subtree that the new leaf completes further.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("one peak for each set bit of the size");
            hash = node_hash(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => Sha256::digest([]).into(),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

/// The root that `leaf` at `index` of `size` leaves and the hashes beside its path lead to; none when the proof has
/// the wrong length.
pub(crate) fn root_of_proof(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = leaf;
    let mut beside = proof.iter();
    while last > 0 {
        if at % 2 == 1 {
            hash = node_hash(beside.next()?, &hash);
        } else if at < last {
            hash = node_hash(&hash, beside.next()?);
        }
        // A last node without a neighbour rises unhashed.
        at /= 2;
        last /= 2;
    }
    beside.next().is_none().then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::{Hash, Tree, leaf_hash, node_hash, root_of_proof};

    /// The definition of RFC 6962, section 2.1, word for word: slow, recursive, and written another way.
    fn by_definition(leaves: &[Hash]) -> Hash {
        if let [only] = leaves {
            return *only;
        }
        let split = leaves.len().next_power_of_two() / 2;
        node_hash(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
    }

    fn proof_by_definition(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let split = leaves.len().next_power_of_two() / 2;
        let (inside, outside, index) = if index < split {
            (&leaves[..split], &leaves[split..], index)
        } else {
            (&leaves[split..], &leaves[..split], index - split)
        };
        let mut proof = proof_by_definition(index, inside);
        proof.push(by_definition(outside));
        proof
    }

    #[test]
    fn agrees_with_the_definition() {
        let leaves: Vec<Hash> = (0_u32..130).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let mut tree = Tree::default();
        for size in 1..=leaves.len() {
            tree.push(leaves[size - 1]);
            let root = by_definition(&leaves[..size]);
            assert_eq!((tree.size(), tree.root()), (size as u64, root));
            for index in 0..size {
                let mut proof = proof_by_definition(index, &leaves[..size]);
                let found = root_of_proof(leaves[index], index as u64, size as u64, &proof);
                assert_eq!(found, Some(root), "{index} of {size}");
                proof.push([0; 32]);
                assert_eq!(root_of_proof(leaves[index], index as u64, size as u64, &proof), None);
            }
        }
        assert_eq!(root_of_proof(leaves[0], 1, 1, &[]), None);
    }
}
