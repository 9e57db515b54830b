//! Signed notes: what is read is written back, and a made-up note is never signed by a key that we hold.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sekisho_audit::note::{Note, SigningKey, VerifierKey, verify};

static KEYS: LazyLock<[VerifierKey; 1]> =
    LazyLock::new(|| [SigningKey::from_seed("PeterNeumann", &[1; 32]).expect("a name").verifier_key()]);

fuzz_target!(|bytes: &[u8]| {
    let Ok(note) = Note::parse_bytes(bytes) else { return };
    assert_eq!(note.to_string().as_bytes(), bytes);
    assert!(verify(&note, &*KEYS).is_err());
});
