mod crash;
mod damage;
mod queue;
mod read;

use std::time::Duration;

use super::{KeyChain, Limits, Recovered, Settings, Writer};
use crate::{
    checkpoint,
    merkle::{Frontier, Hash, leaf_hash},
    note::SigningKey,
    vfs::{Memory, Vfs},
};

pub(super) const ORIGIN: &str = "audit.example/test";

/// The key of the tests; `which` tells one from another.
pub(super) fn key(which: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[which; 32]).unwrap()
}

/// Small limits, so that segments roll and the disk has little to do.
pub(super) fn settings() -> Settings {
    let limits = Limits {
        segment_bytes_max: 4096,
        publish_wait_max: Duration::from_millis(1),
        group_wait_max: Duration::from_millis(1),
        ..Limits::default()
    };
    Settings { limits, ..Settings::new(key(1)) }
}

/// Leaf `index` of every test: its bytes say which it is, its length varies.
pub(super) fn leaf(index: u64) -> Vec<u8> {
    let mut leaf = format!("leaf {index} ").into_bytes();
    leaf.resize(leaf.len() + (index * 37 % 200) as usize, b'.');
    leaf
}

pub(super) fn leaves(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(leaf).collect()
}

/// The root of the first `size` leaves, computed plainly.
pub(super) fn root(size: u64) -> Hash {
    let mut frontier = Frontier::new();
    (0..size).for_each(|index| frontier.push(leaf_hash(&leaf(index))));
    frontier.root()
}

/// A log of `size` leaves in groups of `group`, published as it goes.
pub(super) fn log_of(size: u64, group: u64) -> Memory {
    let fs = Memory::new(7);
    let mut writer = Writer::create(fs.clone(), settings()).unwrap();
    let mut at = 0;
    while at < size {
        let end = (at + group).min(size);
        writer.commit(&leaves(at..end)).unwrap();
        writer.publish().unwrap();
        at = end;
    }
    writer.close().unwrap();
    fs
}

pub(super) fn open<V: Vfs>(fs: &V) -> (Writer<V>, Recovered) {
    Writer::open(fs.clone(), settings()).unwrap()
}

/// The log holds exactly the first leaves of every test, in order, under the plain root, signed.
pub(super) fn check_holds<V: Vfs>(writer: &Writer<V>, size: u64) {
    let snapshot = writer.reader().snapshot();
    assert_eq!((snapshot.size(), snapshot.head().root), (size, root(size)));
    let signed = checkpoint::open(snapshot.checkpoint(), &[key(1).verifier_key()]).unwrap();
    assert_eq!(signed.checkpoint.head(), snapshot.head());
    let entries: Vec<Vec<u8>> = snapshot.iter(0..u64::MAX).map(|entry| entry.unwrap().1).collect();
    assert_eq!(entries, leaves(0..size));
}

#[test]
fn an_empty_log_opens_again() {
    let fs = Memory::new(1);
    let writer = Writer::create(fs.clone(), settings()).unwrap();
    assert_eq!(writer.head().size, 0);
    drop(writer);
    let (mut writer, recovered) = open(&fs);
    assert_eq!((recovered.head.size, recovered.cut_bytes, recovered.tiles_made), (0, 0, false));
    writer.commit(&leaves(0..3)).unwrap();
    check_holds(&writer, 3);
}

#[test]
fn groups_survive_rolls_publications_and_starts() {
    let fs = Memory::new(3);
    let mut writer = Writer::create(fs.clone(), settings()).unwrap();
    let mut size = 0;
    for step in 0..60_u64 {
        let group = 1 + step * 13 % 29;
        let committed = writer.commit(&leaves(size..size + group)).unwrap();
        assert_eq!((committed.first, committed.count, committed.head.size), (size, group, size + group));
        size += group;
        if step % 7 == 0 {
            writer.publish().unwrap();
        }
        if step % 11 == 0 {
            drop(writer);
            let (again, recovered) = open(&fs);
            assert_eq!(recovered.head.size, size);
            assert!(!recovered.tiles_made && recovered.cut_bytes == 0);
            writer = again;
        }
    }
    check_holds(&writer, size);
    writer.close().unwrap();
    let names = fs.list("log/segment").unwrap();
    assert!(names.len() > 10, "a small limit makes many segments: {names:?}");
    let (writer, recovered) = open(&fs);
    assert!(recovered.entries_read < 60, "closed segments are not read: {recovered:?}");
    check_holds(&writer, size);
}

#[test]
fn appends_are_held_to_their_limits() {
    let fs = Memory::new(1);
    let limits = Limits { append_records_max: 3, append_bytes_max: 100, ..settings().limits };
    let mut writer = Writer::create(fs, Settings { limits, ..settings() }).unwrap();
    let error =
        |leaves: &[Vec<u8>], writer: &mut Writer<Memory>| writer.commit(leaves).unwrap_err().to_string();
    assert_eq!(error(&[], &mut writer), "an append cannot have 0 leaves of 0 bytes");
    assert_eq!(error(&[vec![1], vec![]], &mut writer), "leaf 1 has 0 bytes");
    assert_eq!(error(&[vec![1; 65_536]], &mut writer), "leaf 0 has 65536 bytes");
    assert_eq!(error(&[vec![1; 101]], &mut writer), "an append cannot have 1 leaves of 101 bytes");
    assert_eq!(error(&vec![vec![1]; 4], &mut writer), "an append cannot have 4 leaves of 4 bytes");
    writer.commit(&vec![vec![1; 30]; 3]).unwrap();
}

#[test]
fn one_writer_at_a_time() {
    let fs = log_of(5, 5);
    let (writer, _) = open(&fs);
    assert_eq!(
        Writer::open(fs.clone(), settings()).unwrap_err().to_string(),
        "another process has the log open"
    );
    assert_eq!(
        Writer::create(fs.clone(), settings()).unwrap_err().to_string(),
        "another process has the log open"
    );
    drop(writer);
    assert_eq!(
        Writer::create(fs.clone(), settings()).unwrap_err().to_string(),
        "there is a log here already"
    );
    let empty = Memory::new(1);
    assert_eq!(Writer::open(empty, settings()).unwrap_err().to_string(), "there is no log here");
}

#[test]
fn a_key_change_is_signed_with_the_old_key() {
    let fs = Memory::new(1);
    let mut writer = Writer::create(fs.clone(), settings()).unwrap();
    writer.commit_and_change_key(&leaves(0..2), key(2)).unwrap();
    let note = writer.reader().snapshot().checkpoint().to_owned();
    checkpoint::open(&note, &[key(1).verifier_key()]).unwrap();
    writer.commit(&leaves(2..3)).unwrap();
    let note = writer.reader().snapshot().checkpoint().to_owned();
    checkpoint::open(&note, &[key(2).verifier_key()]).unwrap();
    writer.close().unwrap();
    let mut keys = settings().keys;
    keys.push(2, key(2).verifier_key()).unwrap();
    let changed = Settings { signer: key(2), keys, ..settings() };
    let (writer, _) = Writer::open(fs.clone(), changed).unwrap();
    drop(writer);
    // A key that signed more or less than it should.
    let mut keys = settings().keys;
    keys.push(1, key(2).verifier_key()).unwrap();
    assert!(
        Writer::open(fs.clone(), Settings { signer: key(2), keys, ..settings() }).is_ok(),
        "no commit there"
    );
    let mut keys = settings().keys;
    keys.push(3, key(2).verifier_key()).unwrap();
    assert!(Writer::open(fs.clone(), Settings { signer: key(2), keys, ..settings() }).is_err());
    let forgetful = Settings { signer: key(2), keys: KeyChain::new(key(2).verifier_key()), ..settings() };
    assert_eq!(
        Writer::open(fs, forgetful).unwrap_err().to_string(),
        "the log names a key that is not trusted"
    );
}

#[test]
fn a_full_disk_refuses_and_recovers() {
    let fs = Memory::new(1);
    let mut writer = Writer::create(fs.clone(), settings()).unwrap();
    writer.commit(&leaves(0..4)).unwrap();
    let mut size = 4;
    for round in 0..40 {
        fs.set_full(true);
        let error = writer.commit(&leaves(size..size + 20)).unwrap_err();
        assert_eq!(error.to_string(), "the disk has no room for the log");
        if round == 0 {
            assert_eq!(writer.publish().unwrap_err().to_string(), "the disk has no room for the log");
        }
        if round % 5 == 0 {
            drop(writer);
            (writer, _) = open(&fs);
        }
        check_holds(&writer, size);
        fs.set_full(false);
        writer.commit(&leaves(size..size + 3)).unwrap();
        writer.publish().unwrap();
        size += 3;
        check_holds(&writer, size);
    }
    drop(writer);
    let (writer, recovered) = open(&fs.restart());
    assert_eq!(recovered.cut_bytes, 0);
    check_holds(&writer, size);
}

#[test]
fn an_error_of_the_disk_poisons() {
    for fault_after in 1..=2 {
        let fs = Memory::new(5);
        let mut writer = Writer::create(fs.clone(), settings()).unwrap();
        writer.commit(&leaves(0..4)).unwrap();
        fs.fail_at(fs.operations() + fault_after, crate::vfs::Fault::Error);
        let error = writer.commit(&leaves(4..6)).unwrap_err();
        assert_eq!(error.to_string(), "the log has stopped");
        let operations = fs.operations();
        assert_eq!(writer.commit(&leaves(4..6)).unwrap_err().to_string(), "the log has stopped");
        assert_eq!(writer.publish().unwrap_err().to_string(), "the log has stopped");
        assert_eq!(fs.operations(), operations, "nothing is tried again");
        drop(writer);
        let (mut writer, recovered) = open(&fs);
        assert!(recovered.head.size == 4 || recovered.head.size == 6);
        let size = recovered.head.size;
        writer.commit(&leaves(size..size + 2)).unwrap();
        // What was lost behind our back must not be lost now.
        drop(writer);
        let (writer, _) = open(&fs.restart());
        check_holds(&writer, size + 2);
    }
}

#[test]
fn witnesses_sign_what_is_published() {
    let fs = Memory::new(1);
    let witness = SigningKey::from_seed("witness.example", &[9; 32]).unwrap();
    let cosign = move |note: &crate::note::Note| vec![witness.sign(note.text())];
    let with_witness = Settings { cosign: Some(Box::new(cosign)), ..settings() };
    let mut writer = Writer::create(fs.clone(), with_witness).unwrap();
    writer.commit(&leaves(0..2)).unwrap();
    writer.publish().unwrap();
    let published = String::from_utf8(writer.reader().published().unwrap()).unwrap();
    assert_eq!(published.lines().count(), 6, "{published}");
    assert!(published.lines().last().unwrap().starts_with("\u{2014} witness.example "));
    drop(writer);
    let (writer, _) = open(&fs);
    check_holds(&writer, 2);
}
