use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, thread};

use super::{BLOCK_SLOTS, Error, Keys, Looked, Refill, make_signing_key, read_signing_key};
use crate::{
    entropy::seeded::Seeded,
    leaf::Slot,
    seal::RecordKey,
    vfs::{Disk, Folder},
};

const ORIGIN: &str = "audit.example.lg.jp";

fn open(folder: &Path) -> Result<Keys, Error> {
    Keys::open(Folder::new(Disk::private(folder), "keys"), ORIGIN, Arc::new(Seeded::new(1)), Refill::Inline)
}

fn is_key(keys: &Keys, slot: Slot, key: &RecordKey) -> bool {
    matches!(keys.look(slot), Ok(Looked::Key(found)) if found == *key)
}

#[test]
fn keys_are_found_again_after_a_restart_and_go_on_in_a_new_block() {
    let folder = tempfile::tempdir().unwrap();
    let keys = open(folder.path()).unwrap();
    let taken = keys.take(3, 5000).unwrap();
    let numbers: BTreeSet<u64> = taken.iter().map(|(slot, _)| slot.number).collect();
    assert_eq!(numbers.len(), 5000);
    drop(keys);
    let keys = Keys::open(
        Folder::new(Disk::private(folder.path()), "keys"),
        ORIGIN,
        Arc::new(Seeded::new(2)),
        Refill::Inline,
    )
    .unwrap();
    assert!(taken.iter().all(|(slot, key)| is_key(&keys, *slot, key)));
    assert_eq!(keys.take(3, 1).unwrap()[0].0.number, 2 * BLOCK_SLOTS);
    assert_eq!(keys.take(4, 1).unwrap()[0].0, Slot { class: 4, number: 0 });
    keys.skip_past(Slot { class: 5, number: 9 * BLOCK_SLOTS }).unwrap();
    assert_eq!(keys.take(5, 1).unwrap()[0].0.number, 10 * BLOCK_SLOTS);
}

#[test]
fn no_two_threads_get_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::open(
        Folder::new(Disk::private(folder.path()), "keys"),
        ORIGIN,
        Arc::new(Seeded::new(1)),
        Refill::Background,
    )
    .unwrap();
    let slots: Vec<u64> = thread::scope(|scope| {
        let takers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..2500)
                        .flat_map(|_| keys.take(3, 3).unwrap())
                        .map(|(slot, _)| slot.number)
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        takers.into_iter().flat_map(|taker| taker.join().unwrap()).collect()
    });
    assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), 30_000);
}

#[test]
fn an_erased_key_is_gone_and_its_neighbours_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let keys = open(folder.path()).unwrap();
    let taken = keys.take(3, 10).unwrap();
    keys.erase(&[taken[4].0, taken[6].0]).unwrap();
    keys.erase(&[taken[4].0, Slot { class: 3, number: 1_000_000 }, Slot { class: 9, number: 0 }]).unwrap();
    for keys in [keys, open(folder.path()).unwrap()] {
        for (at, (slot, key)) in taken.iter().enumerate() {
            match at {
                4 | 6 => assert!(matches!(keys.look(*slot), Ok(Looked::Destroyed))),
                _ => assert!(is_key(&keys, *slot, key)),
            }
        }
    }
}

#[test]
fn an_erased_class_takes_its_keys_along_and_no_number_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let keys = open(folder.path()).unwrap();
    let (old, other) = (keys.take(3, 9000).unwrap(), keys.take(4, 1).unwrap());
    let key_file = folder.path().join("keys/class/3.key");
    let old_key = fs::read(&key_file).unwrap();
    let below = keys.retire(3).unwrap().unwrap();
    keys.erase_class(below).unwrap();
    assert!(!key_file.exists());
    let new = keys.take(3, 1).unwrap();
    assert!(old.iter().all(|(slot, _)| slot.number < new[0].0.number));
    assert!(fs::read(&key_file).unwrap() != old_key);
    for keys in [keys, open(folder.path()).unwrap()] {
        assert!(
            old.iter().all(|(slot, _)| matches!(keys.look(*slot), Ok(Looked::Destroyed | Looked::Missing)))
        );
        assert!(is_key(&keys, new[0].0, &new[0].1) && is_key(&keys, other[0].0, &other[0].1));
    }
}

#[test]
fn what_is_missing_damaged_or_open_to_others_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("keys");
    let slot = open(folder.path()).unwrap().take(3, 1).unwrap()[0].0;
    let mode = |name: &str, mode: u32| {
        fs::set_permissions(root.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    for (name, right) in
        [("", 0o700), ("class", 0o700), ("class/3.key", 0o600), ("slot/3/000000000000.slots", 0o600)]
    {
        assert_eq!(fs::metadata(root.join(name)).unwrap().permissions().mode() & 0o777, right, "{name}");
        mode(name, right | 0o040);
        let Err(Error::TooOpen { name: told, mode: told_mode }) = open(folder.path()) else {
            panic!("{name}")
        };
        assert_eq!((told.as_str(), told_mode), (name, right | 0o040));
        mode(name, right);
    }
    let block = root.join("slot/3/000000000000.slots");
    let good = fs::read(&block).unwrap();
    let mut bad = good.clone();
    bad[0] ^= 1;
    fs::write(&block, bad).unwrap();
    assert!(matches!(open(folder.path()).unwrap().look(slot), Err(Error::Damaged { .. })));
    fs::write(&block, good).unwrap();
    // A key of zeros was overwritten by an erasure that was interrupted; an empty file is no key and no erasure.
    fs::write(root.join("class/3.key"), [0; 45]).unwrap();
    assert!(matches!(open(folder.path()), Err(Error::Missing { name }) if name == "class/3.key"));
    fs::write(root.join("class/3.key"), "").unwrap();
    assert!(matches!(open(folder.path()), Err(Error::Damaged { name }) if name == "class/3.key"));
    fs::remove_file(root.join("class/3.key")).unwrap();
    assert!(matches!(open(folder.path()), Err(Error::Missing { name }) if name == "class/3.key"));
}

/// A slot belongs to its place, its class and its log.
#[test]
fn slots_cannot_be_moved() {
    let folder = tempfile::tempdir().unwrap();
    let taken = open(folder.path()).unwrap().take(3, 2).unwrap();
    let block = folder.path().join("keys/slot/3/000000000000.slots");
    let bytes = fs::read(&block).unwrap();
    fs::write(&block, [&bytes[48..96], &bytes[48..]].concat()).unwrap();
    let keys = open(folder.path()).unwrap();
    assert!(matches!(keys.look(taken[0].0), Err(Error::Damaged { .. })));
    assert!(is_key(&keys, taken[1].0, &taken[1].1));
    let other = Keys::open(
        Folder::new(Disk::private(folder.path()), "keys"),
        "other",
        Arc::new(Seeded::new(1)),
        Refill::Inline,
    )
    .unwrap();
    assert!(matches!(other.look(taken[1].0), Err(Error::Damaged { .. })));
}

#[test]
fn the_signing_key_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Folder::new(Disk::private(folder.path()), "keys");
    assert!(matches!(read_signing_key(&folder), Err(Error::Missing { .. })));
    let made = make_signing_key(&folder, ORIGIN, &Seeded::new(1)).unwrap();
    let again = make_signing_key(&folder, ORIGIN, &Seeded::new(2)).unwrap();
    assert_eq!(made.verifier_key(), again.verifier_key());
    assert_eq!(folder.mode("signing.key").unwrap().unwrap() & 0o777, 0o600);
}

#[test]
fn nothing_secret_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let keys = open(folder.path()).unwrap();
    let taken = keys.take(3, 1).unwrap();
    assert_eq!(
        format!("{keys:?} {:?}", keys.look(taken[0].0)),
        "Keys(audit.example.lg.jp) Ok(Key(RecordKey(hidden)))"
    );
}

#[test]
fn how_far_erasures_went_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let keys = open(folder.path()).unwrap();
    assert_eq!(keys.erased_up_to().unwrap(), 0);
    keys.set_erased_up_to(77).unwrap();
    assert_eq!(open(folder.path()).unwrap().erased_up_to().unwrap(), 77);
}
