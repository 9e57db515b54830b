//! Reading while writing goes on.

use super::{check_holds, key, leaf, leaves, log_of, open, root, settings};
use crate::{
    log::{KeyChain, OpenError, ReadError, Reader, Writer},
    merkle::{TreeHead, leaf_hash, root_at, verify_consistency, verify_inclusion},
    vfs::{Memory, Vfs, read},
};

#[test]
fn a_snapshot_does_not_grow() {
    let fs = Memory::new(1);
    let mut writer = Writer::create(fs, settings()).unwrap();
    let reader = writer.reader();
    let mut snapshots = vec![reader.snapshot()];
    for start in (0..400).step_by(8) {
        writer.commit(&leaves(start..start + 8)).unwrap();
        if start % 24 == 0 {
            writer.publish().unwrap();
        }
        snapshots.push(reader.snapshot());
    }
    for (at, snapshot) in snapshots.iter().enumerate() {
        let size = at as u64 * 8;
        assert_eq!(snapshot.head(), TreeHead { size, root: root(size) });
        assert_eq!(snapshot.iter(0..u64::MAX).count() as u64, size);
        assert_eq!(root_at(size, &snapshot.hashes()).unwrap(), root(size));
        let error = snapshot.read(size).unwrap_err().to_string();
        assert_eq!(error, format!("entry {size} is not in a log of {size}"));
    }
}

#[test]
fn proofs_hold_whatever_is_published() {
    let fs = Memory::new(1);
    let mut writer = Writer::create(fs, settings()).unwrap();
    let mut old = TreeHead::EMPTY;
    for step in 0..30_u64 {
        let start = writer.head().size;
        writer.commit(&leaves(start..start + 1 + step * 7 % 41)).unwrap();
        if step % 4 == 0 {
            writer.publish().unwrap();
        }
        let snapshot = writer.reader().snapshot();
        let head = snapshot.head();
        for index in [0, head.size / 3, head.size / 2, head.size - 1] {
            let proof = snapshot.inclusion(index).unwrap();
            verify_inclusion(leaf_hash(&snapshot.read(index).unwrap()), index, &head, &proof).unwrap();
        }
        verify_consistency(&old, &head, &snapshot.consistency(old.size).unwrap()).unwrap();
        old = head;
    }
    assert!(writer.reader().snapshot().inclusion(old.size).is_err());
    assert!(writer.reader().snapshot().consistency(old.size + 1).is_err());
}

#[test]
fn ranges_begin_and_end_anywhere() {
    let fs = log_of(900, 50);
    let (writer, _) = open(&fs);
    let snapshot = writer.reader().snapshot();
    for (start, end) in [(0, 0), (0, 1), (255, 258), (512, 600), (890, 2000), (900, 901), (7, 3)] {
        let found: Vec<(u64, Vec<u8>)> = snapshot.iter(start..end).map(Result::unwrap).collect();
        let expected: Vec<(u64, Vec<u8>)> = (start..end.min(900)).map(|index| (index, leaf(index))).collect();
        assert_eq!(found, expected, "{start}..{end}");
    }
}

#[test]
fn another_process_reads_what_is_published() {
    let fs = Memory::new(1);
    let keys = || KeyChain::new(key(1).verifier_key());
    assert!(matches!(Reader::open(fs.clone(), keys()), Err(OpenError::NoLog)));
    let mut writer = Writer::create(fs.clone(), settings()).unwrap();
    let other = Reader::open(fs.clone(), keys()).unwrap();
    assert_eq!(other.snapshot().size(), 0);
    writer.commit(&leaves(0..300)).unwrap();
    writer.publish().unwrap();
    writer.commit(&leaves(300..310)).unwrap();
    other.refresh(keys()).unwrap();
    let snapshot = other.snapshot();
    assert_eq!(snapshot.head(), TreeHead { size: 300, root: root(300) });
    assert_eq!(snapshot.read(299).unwrap(), leaf(299));
    let proof = snapshot.inclusion(299).unwrap();
    verify_inclusion(leaf_hash(&leaf(299)), 299, &snapshot.head(), &proof).unwrap();
    // The writer goes on, and takes the partial tiles of this snapshot away.
    writer.commit(&leaves(310..900)).unwrap();
    writer.publish().unwrap();
    let proof = snapshot.inclusion(290).unwrap();
    verify_inclusion(leaf_hash(&leaf(290)), 290, &snapshot.head(), &proof).unwrap();
    assert_eq!(snapshot.iter(0..u64::MAX).count(), 300);
    assert!(matches!(
        Reader::open(fs.clone(), KeyChain::new(key(2).verifier_key())),
        Err(OpenError::Published(_))
    ));
}

#[test]
fn a_reader_notices_a_roll_back() {
    let fs = log_of(30, 10);
    let old = read(&fs, "log/checkpoint", 1 << 16).unwrap();
    let keys = || KeyChain::new(key(1).verifier_key());
    let (mut writer, _) = open(&fs);
    writer.commit(&leaves(30..40)).unwrap();
    writer.publish().unwrap();
    let reader = Reader::open(fs.clone(), keys()).unwrap();
    crate::vfs::replace(&fs, "log/checkpoint", &old).unwrap();
    let error = reader.refresh(keys()).unwrap_err().to_string();
    assert_eq!(error, "40 entries were published, 30 are there");
}

#[test]
fn offsets_are_kept_and_can_go_missing() {
    let fs = log_of(900, 50);
    let tables = fs.list("index/offsets").unwrap();
    let segments = fs.list("log/segment").unwrap();
    assert_eq!(tables.len() + 1, segments.len(), "one for each closed segment");
    let check = |fs: &Memory| {
        let (writer, _) = open(fs);
        for index in (0..900).step_by(37) {
            assert_eq!(writer.reader().snapshot().read(index).unwrap(), leaf(index));
        }
        check_holds(&writer, 900);
    };
    check(&fs);
    fs.flip(&format!("index/offsets/{}", tables[1]), 3, 1).unwrap();
    check(&fs);
    for table in &tables {
        fs.remove(&format!("index/offsets/{table}")).unwrap();
    }
    check(&fs);
}

#[test]
fn a_table_that_lies_is_found_out() {
    let fs = log_of(900, 50);
    let tables = fs.list("index/offsets").unwrap();
    let path = format!("index/offsets/{}", tables[1]);
    let first: u64 = tables[1].parse().unwrap();
    // A valid table, whose first entry is said to lie one byte further.
    let mut lie = crate::segment::Offsets::new(first);
    (0..40).for_each(|at| lie.push(17 + at));
    crate::vfs::replace(&fs, &path, &lie.to_bytes()).unwrap();
    let (writer, _) = open(&fs);
    assert!(matches!(writer.reader().snapshot().read(first), Err(ReadError::Broken(_))));
}

#[test]
fn damage_of_a_closed_segment_is_found_by_reading() {
    let fs = log_of(300, 7);
    let segments = fs.list("log/segment").unwrap();
    let first = crate::segment::parse_name(&segments[1]).unwrap();
    fs.flip(&format!("log/segment/{}", segments[1]), 16 + 17 + 1, 1).unwrap();
    let (writer, _) = open(&fs);
    let snapshot = writer.reader().snapshot();
    let error = snapshot.read(first).unwrap_err();
    assert!(matches!(error, ReadError::Broken(broken) if broken.offset == 16), "{error}");
    let mut entries = snapshot.iter(first - 1..300);
    assert!(entries.next().unwrap().is_ok() && entries.next().unwrap().is_err() && entries.next().is_none());
}

/// A writer appends, rolls and publishes on one thread; readers open the log again and again on another.
#[test]
fn another_process_reads_up_to_the_last_commit() {
    let fs = Memory::new(1);
    let mut writer = Writer::create(fs.clone(), settings()).unwrap();
    let keys = || KeyChain::new(key(1).verifier_key());
    let done = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for start in (0..1200).step_by(8) {
                writer.commit(&leaves(start..start + 8)).unwrap();
                done.store(start + 8, std::sync::atomic::Ordering::SeqCst);
                if start % 40 == 0 {
                    writer.publish().unwrap();
                }
            }
        });
        while !writing.is_finished() {
            let acknowledged = done.load(std::sync::atomic::Ordering::SeqCst);
            let operations = fs.operations();
            // A segment that is rolled in this moment may spoil one look, but not two.
            let reader = Reader::open_committed(fs.clone(), keys())
                .or_else(|_| Reader::open_committed(fs.clone(), keys()))
                .unwrap();
            let snapshot = reader.snapshot();
            let size = snapshot.size();
            assert!(size >= acknowledged, "{size} of {acknowledged}");
            assert_eq!(snapshot.head().root, root(size));
            for index in [0, size / 2, size.saturating_sub(1)].into_iter().filter(|index| *index < size) {
                assert_eq!(snapshot.read(index).unwrap(), leaf(index));
                let proof = snapshot.inclusion(index).unwrap();
                verify_inclusion(leaf_hash(&leaf(index)), index, &snapshot.head(), &proof).unwrap();
            }
            assert!(fs.operations() >= operations);
        }
        writing.join().unwrap();
    });
    let reader = Reader::open_committed(fs.clone(), keys()).unwrap();
    assert_eq!(reader.snapshot().size(), 1200);
    drop(writer);
    // The plug is pulled right behind a look: what it has shown is there.
    let fs = log_of(40, 8);
    let (mut writer, _) = open(&fs);
    writer.commit(&leaves(40..50)).unwrap();
    let size = Reader::open_committed(fs.clone(), keys()).unwrap().snapshot().size();
    assert_eq!(size, 50);
    check_holds(&open(&fs.restart()).0, 50);
}

#[test]
fn a_look_does_not_believe_a_damaged_log() {
    let fs = log_of(300, 7);
    let keys = || KeyChain::new(key(1).verifier_key());
    let last = fs.list("log/segment").unwrap().pop().unwrap();
    fs.flip(&format!("log/segment/{last}"), 16 + 17 + 1, 1).unwrap();
    assert!(matches!(Reader::open_committed(fs, keys()), Err(OpenError::Broken(_))));
}
