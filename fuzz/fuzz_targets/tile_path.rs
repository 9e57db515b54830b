//! Paths of tiles and bundles: there is one way to write one, and it stays below `tile/`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_audit::tile::{Bundle, Tile};

fuzz_target!(|path: &str| {
    if let Ok(tile) = path.parse::<Tile>() {
        assert_eq!(tile.to_string(), path);
    }
    if let Ok(bundle) = path.parse::<Bundle>() {
        assert_eq!(bundle.to_string(), path);
    }
});
