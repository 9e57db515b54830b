//! Keys in text form, public and private.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_audit::cosignature::CosigningKey;
use sekisho_audit::note::{SigningKey, VerifierKey};

fuzz_target!(|text: &str| {
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = SigningKey::parse(text) {
        assert_eq!(*key.to_text(), text);
    }
    if let Ok(key) = CosigningKey::parse(text) {
        assert_eq!(*key.to_text(), text);
    }
});
