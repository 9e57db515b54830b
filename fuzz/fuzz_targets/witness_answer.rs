//! The answer a log reads from a witness: nothing that was made up is merged.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sekisho_audit::cosignature::CosigningKey;
use sekisho_audit::note::{Algorithm, Note, VerifierKey};
use sekisho_audit::witness::{merge_answer, parse_conflict};

static KEYS: LazyLock<Vec<VerifierKey>> = LazyLock::new(|| {
    let both = [Algorithm::CosignatureEd25519, Algorithm::CosignatureMlDsa44];
    let key = |algorithm| CosigningKey::from_seed("w", algorithm, &[2; 32]).expect("a name").verifier_key();
    both.map(key).into()
});

fuzz_target!(|answer: &str| {
    let mut note = Note::new("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n").expect("a text");
    assert!(merge_answer(&mut note, answer, &KEYS).is_err());
    assert!(note.signatures().is_empty());
    if let Some(size) = parse_conflict(answer) {
        assert_eq!(format!("{size}\n"), answer);
    }
});
