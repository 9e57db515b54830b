use std::io::ErrorKind;

use super::super::{File, Open, ReadAt, Vfs, create_folders, is_no_space, read, replace, write_all_at};
use super::{Fault, Memory, SECTOR_BYTES};

const SEEDS: u64 = 200;

fn content(fs: &Memory, path: &str) -> Vec<u8> {
    read(fs, path, 1 << 20).unwrap()
}

/// A durable file `f` with `old` in it, and a handle to it.
fn file(fs: &Memory, old: &[u8]) -> super::MemoryFile {
    let file = fs.open("f", Open::Create).unwrap();
    write_all_at(&file, old, 0).unwrap();
    file.sync().unwrap();
    fs.sync_folder("").unwrap();
    file
}

#[test]
fn what_was_synced_survives_and_the_rest_by_sectors() {
    let (old, new) = (vec![b'o'; 4 * SECTOR_BYTES], vec![b'n'; 4 * SECTOR_BYTES]);
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..SEEDS {
        let fs = Memory::new(seed);
        let file = file(&fs, &old);
        write_all_at(&file, &new, 0).unwrap();
        let after = fs.restart();
        assert!(file.len().is_err(), "handles die with the machine");
        let content = content(&after, "f");
        let pattern: String = content.chunks(SECTOR_BYTES).map(|sector| char::from(sector[0])).collect();
        assert!(content.chunks(SECTOR_BYTES).all(|sector| sector.iter().all(|byte| *byte == sector[0])));
        seen.insert(pattern);
    }
    assert_eq!(seen.len(), 16, "every subset of four sectors comes up");
}

#[test]
fn names_survive_once_the_folder_is_synced() {
    let mut survived = 0;
    for seed in 0..SEEDS {
        let fs = Memory::new(seed);
        create_folders(&fs, "a").unwrap();
        replace(&fs, "a/f", b"old").unwrap();
        fs.sync_folder("a").unwrap();
        replace(&fs, "a/f", b"new").unwrap();
        let after = fs.restart();
        let content = content(&after, "a/f");
        assert!(content == b"old" || content == b"new");
        survived += u32::from(content == b"new");
    }
    assert!((1..SEEDS as u32).contains(&survived));
}

#[test]
fn a_folder_that_is_lost_takes_its_files_along() {
    let lost = (0..SEEDS).any(|seed| {
        let fs = Memory::new(seed);
        fs.create_folder("a").unwrap();
        fs.open("a/f", Open::Create).unwrap().sync().unwrap();
        fs.sync_folder("a").unwrap();
        let after = fs.restart();
        after.open("a/f", Open::Read).is_err_and(|error| error.kind() == ErrorKind::NotFound)
    });
    assert!(lost);
}

#[test]
fn a_failed_sync_is_not_mended_by_the_next() {
    let (mut lost, mut hidden) = (0, 0);
    for seed in 0..SEEDS {
        let fs = Memory::new(seed);
        let file = file(&fs, b"");
        write_all_at(&file, b"new", 0).unwrap();
        fs.fail_at(fs.operations() + 1, Fault::Error);
        assert_eq!(file.sync().unwrap_err().raw_os_error(), Some(5));
        file.sync().unwrap();
        let before = content(&fs, "f");
        let after = content(&fs.restart(), "f");
        lost += u32::from(after != b"new");
        hidden += u32::from(before == b"new" && after != b"new");
    }
    assert!(lost > 0 && hidden > 0 && lost < SEEDS as u32);
}

#[test]
fn a_full_disk_takes_a_beginning_and_recovers() {
    let fs = Memory::new(1);
    let file = file(&fs, b"old");
    fs.set_full(true);
    assert!(is_no_space(&write_all_at(&file, &[b'n'; 9000], 3).unwrap_err()));
    assert!(is_no_space(&fs.open("g", Open::Create).unwrap_err()));
    file.truncate(3).unwrap();
    file.sync().unwrap();
    fs.set_full(false);
    write_all_at(&file, b"!", 3).unwrap();
    assert_eq!(content(&fs, "f"), b"old!");
    fs.fail_at(fs.operations() + 1, Fault::NoSpace { more: 0 });
    file.sync().unwrap();
    assert!(
        is_no_space(&fs.create_folder("d").unwrap_err()),
        "the fault waits for an operation that needs room"
    );
    fs.create_folder("d").unwrap();
}

#[test]
fn crashes_come_before_within_and_after() {
    for seed in 0..SEEDS {
        for (fault, durable) in [
            (Fault::CrashBefore, None),
            (Fault::CrashTorn, None),
            (Fault::CrashAfter, Some(b"new".as_slice())),
        ] {
            let fs = Memory::new(seed);
            let file = file(&fs, b"old");
            write_all_at(&file, b"new", 0).unwrap();
            fs.fail_at(fs.operations() + 1, fault);
            assert!(file.sync().is_err() && fs.is_crashed() && fs.list("").is_err());
            assert_eq!(fs.failed().len(), 1);
            let content = content(&fs.restart(), "f");
            assert!(durable.is_none_or(|durable| content == durable), "{fault:?}");
        }
    }
}

#[test]
fn one_seed_is_one_history() {
    let run = |seed| {
        let fs = Memory::new(seed);
        let file = file(&fs, &[b'o'; 3000]);
        write_all_at(&file, &[b'n'; 5000], 100).unwrap();
        fs.open("g", Open::Create).unwrap();
        fs.restart().files()
    };
    assert!((0..20).all(|seed| run(seed) == run(seed)));
    assert!((1..20).any(|seed| run(seed) != run(0)));
}

#[test]
fn a_folder_has_one_owner_until_the_crash() {
    let fs = Memory::new(1);
    fs.create_folder("a").unwrap();
    fs.sync_folder("").unwrap();
    let lock = fs.lock("a").unwrap();
    assert_eq!(fs.lock("a").unwrap_err().kind(), ErrorKind::WouldBlock);
    let after = fs.restart();
    let again = after.lock("a").unwrap();
    drop(lock);
    assert_eq!(after.lock("a").unwrap_err().kind(), ErrorKind::WouldBlock, "a dead lock frees nothing");
    drop(again);
    after.lock("a").unwrap();
}

#[test]
fn a_copy_goes_its_own_way_and_flips_stay() {
    let fs = Memory::new(1);
    let file = file(&fs, b"abc");
    let copy = fs.fork(2);
    write_all_at(&file, b"x", 0).unwrap();
    copy.flip("f", 2, 1).unwrap();
    assert_eq!(copy.flip("f", 3, 1).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!((content(&fs, "f"), content(&copy.restart(), "f")), (b"xbc".to_vec(), b"abb".to_vec()));
}
