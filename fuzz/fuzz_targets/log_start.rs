//! A start with a last segment that somebody else wrote, beside a published log of three entries: it is refused, or cut
//! off, and nothing in it is ever believed. The first byte says whether the segment continues the true one.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sekisho_audit::{
    log::{Settings, Writer},
    note::SigningKey,
    vfs::{Memory, replace},
};

const SEGMENT: &str = "log/segment/00000000000000000000.seg";

static LOG: LazyLock<(Memory, Vec<u8>)> = LazyLock::new(|| {
    let fs = Memory::new(1);
    let mut writer = Writer::create(fs.clone(), settings()).expect("a new log");
    writer.commit(&["one", "two", "three"]).expect("three entries");
    writer.close().expect("published");
    let segment = sekisho_audit::vfs::read(&fs, SEGMENT, 1 << 20).expect("the segment");
    (fs, segment)
});

fn settings() -> Settings {
    Settings::new(SigningKey::from_seed("fuzz.example/log", &[1; 32]).expect("a name"))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((mode, rest)) = bytes.split_first() else { return };
    let (fs, truth) = &*LOG;
    let fs = fs.fork(1);
    match mode % 3 {
        0 => replace(&fs, SEGMENT, rest),
        1 => replace(&fs, SEGMENT, &[truth, rest].concat()),
        _ => replace(&fs, "log/segment/00000000000000000003.seg", rest),
    }
    .expect("a disk in memory");
    if let Ok((writer, _)) = Writer::open(fs, settings()) {
        assert_eq!(writer.head().size, 3);
    }
});
