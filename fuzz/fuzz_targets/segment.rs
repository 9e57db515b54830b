//! Segments and tables of offsets. What is read as frames is written back byte for byte, up to the first break.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_audit::segment::{Frames, HEADER, Offsets, write_frame};

fuzz_target!(|bytes: &[u8]| {
    let mut frames = Frames::new(bytes, 0, bytes.len() as u64);
    let mut written = HEADER.to_vec();
    let mut count = 0_usize;
    while let Ok(Some(frame)) = frames.next_frame() {
        assert_eq!(frame.offset, written.len() as u64);
        write_frame(&mut written, frame.tag, frame.index, frame.payload);
        count += 1;
    }
    if count > 0 {
        assert_eq!(bytes.get(..frames.offset() as usize), Some(written.as_slice()));
    }
    if let Some(offsets) = Offsets::parse(bytes, 1 << 20) {
        assert_eq!(offsets.to_bytes(), bytes);
        assert_eq!(offsets.before(offsets.end()), None);
    }
});
