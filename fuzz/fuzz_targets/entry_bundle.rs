//! Entry bundles; the first byte says how many entries are expected.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_audit::tile::Bundle;

fuzz_target!(|bytes: &[u8]| {
    let Some((width, bytes)) = bytes.split_first() else { return };
    let bundle = Bundle::new(0, u16::from(*width) + 1).expect("1 to 256 entries");
    if let Ok(entries) = bundle.parse(bytes) {
        assert_eq!(bundle.write(entries).as_deref(), Ok(bytes));
    }
});
