//! Proofs for the file, for every leaf of a small log.

use proptest::prelude::*;

use super::*;
use crate::merkle::{MemoryTree, TreeHead, inclusion_proof, leaf_hash, root_at};
use crate::note::SigningKey;

const ORIGIN: &str = "audit.example.jp/log";

fn log() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

fn proof(index: u64, size: u64, extra: &[u8]) -> Proof {
    let mut tree = MemoryTree::new();
    for leaf in 0..size {
        tree.push(leaf_hash(&leaf.to_be_bytes()));
    }
    let head = TreeHead { size, root: root_at(size, &tree).unwrap() };
    let note = Checkpoint::new(ORIGIN, head).unwrap().sign(&log());
    Proof::new(index, inclusion_proof(index, size, &tree).unwrap(), note, extra.to_vec()).unwrap()
}

#[test]
fn a_proof_is_small_and_says_all() {
    let proof = proof(1, 3, b"extra");
    let text = proof.to_string();
    assert_eq!(text.lines().next(), Some("c2sp.org/tlog-proof@v1"));
    assert_eq!(text.lines().nth(1), Some("extra ZXh0cmE="));
    assert_eq!(text.lines().nth(2), Some("index 1"));
    assert_eq!(text.lines().nth(5), Some(""));
    assert_eq!(text.lines().nth(6), Some(ORIGIN));
    assert_eq!(text.parse(), Ok(proof));
}

#[test]
fn every_leaf_of_a_small_log_is_proved() {
    let keys = [log().verifier_key()];
    for size in 1..=17 {
        for index in 0..size {
            let text = proof(index, size, b"").to_string();
            let proof: Proof = text.parse().unwrap();
            assert_eq!(proof.to_string(), text);
            let leaf = leaf_hash(&index.to_be_bytes());
            let opened = proof.verify(leaf, &keys).unwrap();
            assert_eq!((opened.checkpoint.size(), opened.signers.len()), (size, 1));
            let other = proof.verify(leaf_hash(b"other"), &keys);
            assert_eq!(other.unwrap_err(), VerifyError::Inclusion(merkle::VerifyError::Root));
        }
    }
    let stranger = SigningKey::from_seed(ORIGIN, &[2; 32]).unwrap().verifier_key();
    let unsigned = proof(0, 1, b"").verify(leaf_hash(&0_u64.to_be_bytes()), &[stranger]);
    assert!(matches!(unsigned.unwrap_err(), VerifyError::Checkpoint(OpenError::Signatures(_))));
}

#[test]
fn a_proof_is_written_in_one_way_only() {
    let text = proof(1, 3, b"extra").to_string();
    let hash = Hash::EMPTY.to_string();
    for (from, to, error) in [
        ("@v1", "@v2", ParseError::FirstLine),
        ("@v1\n", "@v1\r\n", ParseError::FirstLine),
        ("ZXh0cmE=", "", ParseError::Extra),
        ("ZXh0cmE=", "ZXh0cmF", ParseError::Extra),
        ("extra ", "Extra ", ParseError::Index),
        ("index 1\n", "", ParseError::Index),
        ("index 1", "index 01", ParseError::Index),
        ("index 1\n", "index 1\nx\n", ParseError::Hash { line: 1 }),
        ("index 1", &format!("index 1{}", format!("\n{hash}").repeat(64)), ParseError::Hash { line: 65 }),
        ("\n3\n", "\n03\n", ParseError::Checkpoint(checkpoint::ParseError::Size)),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_eq!(changed.parse::<Proof>(), Err(error), "{changed}");
    }
    let bytes = PROOF_BYTES_MAX + 1;
    assert_eq!("x".repeat(bytes).parse::<Proof>(), Err(ParseError::TooLong { bytes }));
    let note = proof(0, 1, b"").note().clone();
    let too_much = Proof::new(0, Vec::new(), note.clone(), vec![0; EXTRA_BYTES_MAX + 1]);
    assert_eq!(too_much, Err(ParseError::Extra));
    let largest = Proof::new(0, Vec::new(), note, vec![0; EXTRA_BYTES_MAX]).unwrap();
    assert_eq!(largest.to_string().parse(), Ok(largest));
}

proptest! {
    #[test]
    fn no_changed_byte_proves_another_thing(at in any::<prop::sample::Index>(), byte in 0_u8..128) {
        let (leaf, keys) = (leaf_hash(&3_u64.to_be_bytes()), [log().verifier_key()]);
        let mut text = proof(3, 11, b"").to_string().into_bytes();
        let at = at.index(text.len());
        prop_assume!(text[at] != byte);
        text[at] = byte;
        let Ok(text) = String::from_utf8(text) else { return Ok(()) };
        if let Ok(proof) = text.parse::<Proof>() {
            prop_assert_eq!(proof.to_string(), text);
            prop_assert!(proof.verify(leaf, &keys).is_err());
        }
    }
}
