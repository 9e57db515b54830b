//! Proofs as numbers and hashes: 8 bytes index, 8 bytes old size, then hashes. Nothing that is not the true proof holds
//! for a true tree, and no sizes make the verifiers panic.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sekisho_audit::merkle::{
    Hash, MemoryTree, TreeHead, consistency_proof, inclusion_proof, leaf_hash, root_at, verify_consistency,
    verify_inclusion,
};

const SIZE: u64 = 100;

static TREE: LazyLock<MemoryTree> = LazyLock::new(|| {
    let mut tree = MemoryTree::new();
    for index in 0..SIZE {
        tree.push(leaf_hash(&index.to_be_bytes()));
    }
    tree
});

fuzz_target!(|bytes: &[u8]| {
    let Some((index, bytes)) = bytes.split_first_chunk() else { return };
    let Some((old_size, bytes)) = bytes.split_first_chunk() else { return };
    let (index, old_size) = (u64::from_be_bytes(*index), u64::from_be_bytes(*old_size));
    let proof: Vec<Hash> = bytes.as_chunks().0.iter().copied().map(Hash).collect();
    let head = |size| TreeHead { size, root: root_at(size, &*TREE).expect("small") };

    let _ = verify_inclusion(Hash::EMPTY, index, &TreeHead { size: old_size, root: Hash::EMPTY }, &proof);
    let odd = TreeHead { size: index, root: Hash::EMPTY };
    let _ = verify_consistency(&odd, &TreeHead { size: old_size, root: Hash::EMPTY }, &proof);

    let (index, old_size) = (index % SIZE, old_size % (SIZE + 1));
    let holds = verify_inclusion(leaf_hash(&index.to_be_bytes()), index, &head(SIZE), &proof).is_ok();
    assert_eq!(holds, inclusion_proof(index, SIZE, &*TREE) == Ok(proof.clone()));
    let holds = verify_consistency(&head(old_size), &head(SIZE), &proof).is_ok();
    assert_eq!(holds, consistency_proof(old_size, SIZE, &*TREE) == Ok(proof));
});
