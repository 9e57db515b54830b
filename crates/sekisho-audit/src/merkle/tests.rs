//! Against published vectors, against another implementation, and against itself over all small sizes.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;

use super::*;

/// The leaves of the test suite of the Certificate Transparency reference (also `testonly` of transparency-dev/merkle).
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The roots over none to all of [`LEAVES`], from the same suites.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn hash(text: &str) -> Hash {
    Hash(hex(text).try_into().unwrap())
}

fn hashes(texts: &[&str]) -> Vec<Hash> {
    texts.iter().map(|text| hash(text)).collect()
}

fn published() -> MemoryTree {
    let mut tree = MemoryTree::new();
    for leaf in LEAVES {
        tree.push(leaf_hash(&hex(leaf)));
    }
    tree
}

/// A tree whose leaf `i` is the eight bytes of `i`.
fn numbered(size: u64) -> MemoryTree {
    let mut tree = MemoryTree::new();
    (0..size).for_each(|index| tree.push(numbered_leaf(index)));
    tree
}

fn numbered_leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

fn head(size: u64, tree: &MemoryTree) -> TreeHead {
    TreeHead { size, root: root_at(size, tree).unwrap() }
}

#[test]
fn roots_are_the_published_ones() {
    let tree = published();
    let mut frontier = Frontier::new();
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(root_at(size as u64, &tree).unwrap(), hash(root), "size {size}");
        assert_eq!(frontier.root(), hash(root), "size {size}");
        if let Some(leaf) = LEAVES.get(size) {
            frontier.push(leaf_hash(&hex(leaf)));
        }
    }
    assert_eq!(Hash::EMPTY, hash(ROOTS[0]));
}

/// Inner nodes of the published tree, level by level.
#[test]
fn nodes_are_the_published_ones() {
    let tree = published();
    for (level, index, text) in [
        (0, 1, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
        (0, 7, "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1"),
        (1, 2, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"),
        (2, 1, "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
        (3, 0, ROOTS[8]),
    ] {
        assert_eq!(tree.hash(level, index).unwrap(), hash(text), "{level} {index}");
    }
}

#[test]
fn proofs_are_the_published_ones() {
    let tree = published();
    assert_eq!(
        inclusion_proof(0, 8, &tree).unwrap(),
        hashes(&[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ])
    );
    assert_eq!(
        inclusion_proof(5, 8, &tree).unwrap(),
        hashes(&[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            ROOTS[4],
        ])
    );
    assert_eq!(
        consistency_proof(6, 8, &tree).unwrap(),
        hashes(&[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            ROOTS[4],
        ])
    );
    assert_eq!(
        consistency_proof(2, 5, &tree).unwrap(),
        hashes(&[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ])
    );
}

/// Every leaf of every tree and every pair of trees up to 130 leaves, which is past two full powers of two. Beside each
/// true statement a wrong one.
#[test]
fn all_pairs_of_small_sizes() {
    let tree = numbered(130);
    let heads: Vec<TreeHead> = (0..=130).map(|size| head(size, &tree)).collect();
    for new in &heads {
        assert_eq!(Frontier::read(new.size, &tree).unwrap().head(), *new);
        for index in 0..new.size {
            let proof = inclusion_proof(index, new.size, &tree).unwrap();
            assert_eq!(verify_inclusion(numbered_leaf(index), index, new, &proof), Ok(()));
            assert!(verify_inclusion(numbered_leaf(index + 1), index, new, &proof).is_err());
            assert!(verify_inclusion(numbered_leaf(index), index ^ 1, new, &proof).is_err());
        }
        for old in &heads[..=new.size as usize] {
            let proof = consistency_proof(old.size, new.size, &tree).unwrap();
            assert_eq!(verify_consistency(old, new, &proof), Ok(()), "{} {}", old.size, new.size);
            let other = TreeHead { size: old.size, root: numbered_leaf(0) };
            assert_eq!(
                verify_consistency(&other, new, &proof).is_ok(),
                old.size == 1,
                "{} {}",
                old.size,
                new.size
            );
        }
    }
}

/// A proof says one thing: each of its bits counts, so does its length, and so do the sizes.
#[test]
fn every_changed_bit_of_a_proof_is_found() {
    let tree = numbered(23);
    for (old, new) in [(1, 23), (5, 23), (8, 23), (16, 23), (22, 23), (13, 16)] {
        let (before, after) = (head(old, &tree), head(new, &tree));
        let proof = consistency_proof(old, new, &tree).unwrap();
        changed(&proof, |proof| verify_consistency(&before, &after, proof));
    }
    for (index, size) in [(0, 23), (4, 23), (22, 23), (15, 16), (16, 17)] {
        let head = head(size, &tree);
        let proof = inclusion_proof(index, size, &tree).unwrap();
        changed(&proof, |proof| verify_inclusion(numbered_leaf(index), index, &head, proof));
    }
}

fn changed(proof: &[Hash], verify: impl Fn(&[Hash]) -> Result<(), VerifyError>) {
    assert_eq!(verify(proof), Ok(()));
    for bit in 0..proof.len() * 256 {
        let mut other = proof.to_vec();
        other[bit / 256].0[bit % 256 / 8] ^= 1 << (bit % 8);
        assert!(verify(&other).is_err(), "bit {bit}");
    }
    for end in 0..proof.len() {
        assert!(verify(&proof[..end]).is_err(), "first {end}");
    }
    assert!(verify(&[proof, &[Hash::EMPTY]].concat()).is_err(), "one more");
    assert!(verify(&[&[Hash::EMPTY], proof].concat()).is_err(), "one before");
}

#[test]
fn what_no_tree_can_show_is_refused() {
    let tree = numbered(4);
    let huge = SIZE_MAX + 1;
    assert_eq!(root_at(huge, &tree), Err(ProofError::TooLarge { size: huge }));
    assert_eq!(inclusion_proof(4, 4, &tree), Err(ProofError::NotInTree { index: 4, size: 4 }));
    assert_eq!(inclusion_proof(0, 0, &tree), Err(ProofError::NotInTree { index: 0, size: 0 }));
    assert_eq!(consistency_proof(4, 3, &tree), Err(ProofError::Shrinks { old: 4, new: 3 }));
    let missing = MissingHash { level: 3, index: 0 };
    assert_eq!(root_at(8, &tree), Err(ProofError::Hashes(missing)));

    let four = head(4, &tree);
    let zeroed = TreeHead { size: 0, root: four.root };
    assert_eq!(verify_consistency(&TreeHead::EMPTY, &four, &[]), Ok(()));
    assert_eq!(verify_consistency(&zeroed, &four, &[]), Err(VerifyError::OldRoot));
    assert_eq!(verify_consistency(&TreeHead::EMPTY, &zeroed, &[]), Err(VerifyError::Root));
    let too_large = TreeHead { size: huge, root: four.root };
    assert_eq!(verify_consistency(&four, &too_large, &[]), Err(VerifyError::TooLarge { size: huge }));
    assert_eq!(verify_inclusion(four.root, 0, &too_large, &[]), Err(VerifyError::TooLarge { size: huge }));
}

/// Proofs of the largest trees stay within the named limit, and are checked without a leaf in sight.
#[test]
fn the_longest_proofs_are_within_the_limit() {
    struct Same;
    impl Hashes for Same {
        type Error = MissingHash;
        fn hash(&self, _: u8, _: u64) -> Result<Hash, MissingHash> {
            Ok(Hash::EMPTY)
        }
    }
    for size in [SIZE_MAX, SIZE_MAX - 1, (1 << 62) - 1, 1 << 62, (1 << 62) + 1] {
        for index in [0, 1, size / 2, size - 2, size - 1] {
            let inclusion = inclusion_proof(index, size, &Same).unwrap();
            let consistency = consistency_proof(index, size, &Same).unwrap();
            assert!(inclusion.len() <= PROOF_HASHES_MAX && consistency.len() <= PROOF_HASHES_MAX);
            let head = TreeHead { size, root: Hash::EMPTY };
            // The length fits; the root of course does not.
            assert_eq!(verify_inclusion(Hash::EMPTY, index, &head, &inclusion), Err(VerifyError::Root));
        }
    }
}

/// Another implementation's tree, over the same leaves.
fn other(size: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|index| tree.push(index.to_be_bytes()));
    tree
}

fn concat(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_another_implementation(size in 1_u64..1_500, at in any::<prop::sample::Index>()) {
        let (ours, theirs) = (numbered(size), other(size));
        let index = at.index(size as usize) as u64;
        prop_assert_eq!(root_at(size, &ours).unwrap().0.to_vec(), theirs.root().as_bytes().to_vec());

        let inclusion = inclusion_proof(index, size, &ours).unwrap();
        prop_assert_eq!(concat(&inclusion), theirs.prove_inclusion(index as usize).as_bytes().to_vec());

        // They make no proof from an empty tree and none over nothing new.
        let old = index + 1;
        if old < size {
            let consistency = consistency_proof(old, size, &ours).unwrap();
            let theirs = theirs.prove_consistency((size - old) as usize);
            prop_assert_eq!(concat(&consistency), theirs.as_bytes().to_vec());
        }
    }

    #[test]
    fn no_claim_makes_the_verifiers_panic(
        index in any::<u64>(),
        old in any::<u64>(),
        new in any::<u64>(),
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..70),
    ) {
        let (before, after) = (TreeHead { size: old, root: Hash::EMPTY }, TreeHead { size: new, root: Hash::EMPTY });
        let _ = verify_inclusion(Hash::EMPTY, index, &after, &proof);
        let _ = verify_consistency(&before, &after, &proof);
        let small = TreeHead { size: new % 64, root: Hash::EMPTY };
        prop_assert!(verify_inclusion(Hash::EMPTY, index % 64, &small, &proof).is_err());
    }

    #[test]
    fn hashes_are_read_as_they_are_written(bytes in any::<[u8; 32]>()) {
        let hash = Hash(bytes);
        prop_assert_eq!(hash.to_string().parse(), Ok(hash));
    }
}

#[test]
fn only_canonical_base64_is_a_hash() {
    let text = Hash::EMPTY.to_string();
    assert_eq!(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    for other in [&text[..43], "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", &text.replace('+', "-")] {
        assert_eq!(other.parse::<Hash>(), Err(ParseHash), "{other}");
    }
    assert_eq!(format!("{:?}", Hash::EMPTY), "Hash(47DEQpj8…)");
}
