//! Proofs for the file: what is read is written back, and proves nothing without a key.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_audit::merkle::Hash;
use sekisho_audit::proof::Proof;

fuzz_target!(|text: &str| {
    let Ok(proof) = text.parse::<Proof>() else { return };
    assert_eq!(proof.to_string(), text);
    assert!(proof.verify(Hash::EMPTY, &[]).is_err());
});
