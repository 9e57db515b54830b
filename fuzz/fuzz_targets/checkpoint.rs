//! Checkpoints: there is one way to write one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_audit::checkpoint::{self, Checkpoint};

fuzz_target!(|text: &str| {
    if let Ok(checkpoint) = text.parse::<Checkpoint>() {
        assert_eq!(checkpoint.to_string(), text);
    }
    assert!(checkpoint::open(text, &[]).is_err());
});
