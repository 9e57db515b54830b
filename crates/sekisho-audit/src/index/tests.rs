use std::path::Path;

use proptest::prelude::*;

use super::{Entry, Error, Index, ROWS_MAX, Words};
use crate::{
    leaf::{Kind, RecordId},
    record::{Close, Event, Open, Outcome, Verdict},
    search::{Hit, Order, Page, Query, RecordKind},
    vfs::{Disk, Folder, ReadAt},
};

const LOG: [u8; 32] = [5; 32];
const START_MS: u64 = 1_774_191_600_000;

/// A log that consists of nothing but the entries for the index.
#[derive(Default)]
struct World {
    entries: Vec<Entry>,
}

fn leaf_hash(index: u64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&index.to_be_bytes());
    hash
}

fn id(number: u64) -> RecordId {
    RecordId::new(START_MS + number, [3; 10])
}

impl World {
    fn push(&mut self, kind: Kind, record: RecordId, words: Option<Words>) {
        let index = self.entries.len() as u64;
        self.entries.push(Entry {
            kind,
            record,
            time_ms: START_MS + index * 10,
            index,
            parts: 0,
            class: if kind.is_sealed() { 3 } else { 0 },
            log_bytes: 1000,
            words,
        });
    }

    fn open(&mut self, number: u64, open: &Open) {
        self.push(Kind::Open, id(number), Some(Words::of_open(open)));
    }

    fn close(&mut self, number: u64, close: &Close) {
        self.push(Kind::Close, id(number), Some(Words::of_close(close)));
    }

    /// So many requests of 50 people, three at a time, and an event and an erasure now and then.
    fn of_requests(count: u64) -> Self {
        let mut world = Self::default();
        for number in 0..count + 3 {
            if number < count {
                world.open(number, &open_of(number));
            }
            if let Some(ended) = number.checked_sub(3) {
                world.close(ended, &close_of(ended));
            }
            if number % 1000 == 999 {
                let event = Event {
                    principal: "管理者".to_owned(),
                    event: "policy.loaded".to_owned(),
                    ..Event::default()
                };
                world.push(Kind::Event, id(1_000_000 + number), Some(Words::of_event(&event)));
                world.push(Kind::Hold, id(2_000_000 + number), None);
            }
        }
        world
    }

    fn index(&self, folder: &Path) -> Index {
        let hash = |index: u64| (index < self.entries.len() as u64).then(|| leaf_hash(index));
        let index = Index::open(Folder::new(Disk::private(folder), ""), LOG, &hash).unwrap();
        for entry in &self.entries[index.end() as usize..] {
            if index.add(entry.clone()) {
                index.seal(leaf_hash(entry.index)).unwrap();
            }
        }
        index
    }

    fn heal(&self, index: &Index, first: u64) {
        let replay = &mut |from: u64, to: u64, add: &mut dyn FnMut(Entry)| -> Result<(), Error> {
            for entry in &self.entries[from as usize..to as usize] {
                add(entry.clone());
            }
            Ok(())
        };
        index.heal(first, replay).unwrap();
    }
}

fn open_of(number: u64) -> Open {
    Open {
        principal: format!("職員{}", number % 50),
        tenant: Some(format!("課{}", number % 7)),
        label: Some(if number.is_multiple_of(3) { "3A" } else { "2" }.to_owned()),
        scheme: Some("jichitai".to_owned()),
        model: Some("plamo".to_owned()),
        verdict: Some(if number.is_multiple_of(11) { Verdict::Mask } else { Verdict::Pass }),
        rules: if number.is_multiple_of(11) { vec!["pii.my-number".to_owned()] } else { Vec::new() },
        ..Open::default()
    }
}

fn close_of(number: u64) -> Close {
    let refused = number.is_multiple_of(13);
    Close {
        rules: if refused { vec!["topic.forbidden".to_owned()] } else { Vec::new() },
        ..Close::new(if refused { Outcome::Refused } else { Outcome::Answered })
    }
}

fn all(index: &Index, query: &Query) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut query = query.clone();
    loop {
        let page = index.search(&query).unwrap();
        hits.extend(page.hits);
        query.after = page.next;
        if page.next.is_none() {
            return hits;
        }
    }
}

fn numbers(hits: &[Hit]) -> Vec<u64> {
    let number =
        |hit: &Hit| u64::from_be_bytes([&[0, 0], &hit.record.0[..6]].concat().try_into().unwrap()) - START_MS;
    hits.iter().map(number).collect()
}

fn oldest() -> Query {
    Query { order: Order::Oldest, ..Query::default() }
}

#[test]
fn every_condition_finds_what_a_look_at_all_finds() {
    let folder = tempfile::tempdir().unwrap();
    let index = World::of_requests(40_000).index(folder.path());
    let check = |query: Query, fits: &dyn Fn(u64) -> bool| {
        let expected: Vec<u64> = (0..40_000).filter(|number| fits(*number)).collect();
        assert!(!expected.is_empty());
        assert_eq!(numbers(&all(&index, &query)), expected);
        let newest = Query { order: Order::Newest, limit: 997, ..query };
        let mut backwards = numbers(&all(&index, &newest));
        backwards.reverse();
        assert_eq!(backwards, expected);
    };
    check(Query { principal: Some("職員7".into()), ..oldest() }, &|n| n % 50 == 7);
    check(Query { tenant: Some("課3".into()), principal: Some("職員7".into()), ..oldest() }, &|n| {
        n % 50 == 7 && n % 7 == 3
    });
    check(Query { label: Some("3A".into()), scheme: Some("jichitai".into()), ..oldest() }, &|n| n % 3 == 0);
    check(Query { verdict: Some(Verdict::Mask), ..oldest() }, &|n| n % 11 == 0);
    check(Query { outcome: Some(Outcome::Refused), ..oldest() }, &|n| n % 13 == 0);
    check(Query { rule: Some("pii.my-number".into()), ..oldest() }, &|n| n % 11 == 0);
    check(Query { rule: Some("topic.forbidden".into()), ..oldest() }, &|n| n % 13 == 0);
    check(Query { record: Some(id(777)), ..oldest() }, &|n| n == 777);
    check(Query { kind: Some(RecordKind::Request), class: Some(3), ..oldest() }, &|_| true);
    let opened = |hit: &Hit| hit.time_ms;
    let some = all(
        &index,
        &Query { from_ms: Some(START_MS + 300_000), until_ms: Some(START_MS + 400_000), ..oldest() },
    );
    assert!(
        some.len() > 4000
            && some.iter().map(opened).all(|at| (START_MS + 300_000..START_MS + 400_000).contains(&at))
    );
    for nothing in [
        Query { principal: Some("職員50".into()), ..oldest() },
        Query { rule: Some("pii".into()), ..oldest() },
        Query { model: Some("別".into()), ..oldest() },
        Query { from_ms: Some(u64::MAX), ..oldest() },
        Query { erased: Some(true), kind: Some(RecordKind::Request), ..oldest() },
    ] {
        assert_eq!(
            index.search(&nothing).unwrap(),
            Page { cost: index.search(&nothing).unwrap().cost, ..Page::default() }
        );
    }
    assert_eq!(all(&index, &Query { event: Some("policy.loaded".into()), ..oldest() }).len(), 40);
    assert_eq!(index.statements().unwrap().len(), 40);
    assert_eq!(all(&index, &Query { kind: Some(RecordKind::Hold), ..oldest() }), index.statements().unwrap());
}

#[test]
fn what_has_not_ended_is_found_too_and_counts_as_newest() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::of_requests(10);
    world.open(500, &open_of(7));
    let index = world.index(folder.path());
    let query = Query { principal: Some("職員7".into()), limit: 1, ..Query::default() };
    let first = index.search(&query).unwrap();
    assert_eq!((first.hits[0].record, first.hits[0].end_ms), (id(500), None));
    let second = index.search(&Query { after: first.next, ..query }).unwrap();
    assert_eq!((second.hits[0].record, second.next), (id(7), None));
    assert_eq!(index.still_open().len(), 1);
}

/// Restarts in the middle of requests: what is open survives in the block, what came after is added again.
#[test]
fn a_restart_reads_the_last_block_only() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_requests(40_000);
    let before = all(&world.index(folder.path()), &oldest());
    let hash = |index: u64| (index < world.entries.len() as u64).then(|| leaf_hash(index));
    let index = Index::open(Folder::new(Disk::private(folder.path()), ""), LOG, &hash).unwrap();
    assert!(world.entries.len() as u64 - index.end() < 2 * ROWS_MAX as u64 + 10);
    assert_eq!(index.still_open().len(), 3);
    let after = all(&world.index(folder.path()), &oldest());
    assert_eq!(before, after);
}

#[test]
fn a_bad_block_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_requests(60_000);
    let index = world.index(folder.path());
    let query = Query { principal: Some("職員7".into()), ..oldest() };
    let before = all(&index, &query);
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert_eq!(names.len(), 3);
    let good = std::fs::read(&names[1]).unwrap();

    // While running: the search says which block, and healing makes the very same bytes.
    for at in [0, 30, 5000, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&names[1], &bad).unwrap();
        let whole = Query {
            kind: Some(RecordKind::Request),
            class: Some(3),
            record: Some(id(20_000)),
            ..query.clone()
        };
        let damaged = [&query, &whole].into_iter().find_map(|query| index.search(query).err());
        if let Some(Error::Damaged { first }) = damaged {
            world.heal(&index, first);
            assert!(std::fs::read(&names[1]).unwrap() == good, "byte {at}");
        } else {
            std::fs::write(&names[1], &good).unwrap();
        }
        assert_eq!(all(&index, &query), before);
    }
    std::fs::remove_file(&names[1]).unwrap();
    let Err(Error::Damaged { first }) = index.search(&query) else { panic!("it is gone") };
    world.heal(&index, first);
    assert_eq!(all(&index, &query), before);

    // A disk that does not read is no reason to make the block again.
    std::fs::remove_file(&names[1]).unwrap();
    std::fs::create_dir(&names[1]).unwrap();
    assert!(matches!(index.search(&query), Err(Error::Unreadable(_))));
    std::fs::remove_dir(&names[1]).unwrap();

    // At a start: from the bad block on.
    std::fs::write(&names[1], b"SEKISHO-IDX-1\n\0\0short").unwrap();
    std::fs::write(folder.path().join("00000000000000000000.idx.new"), b"left over").unwrap();
    assert_eq!(all(&world.index(folder.path()), &query), before);
    assert!(std::fs::read(&names[1]).unwrap() == good);
}

#[test]
fn an_index_of_another_log_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::of_requests(20_000);
    drop(world.index(folder.path()));
    let other = |index: u64| (index < 40_000).then_some([9; 32]);
    assert_eq!(Index::open(Folder::new(Disk::private(folder.path()), ""), LOG, &other).unwrap().end(), 0);
    drop(world.index(folder.path()));
    let short = |index: u64| (index < 10).then(|| leaf_hash(index));
    assert_eq!(Index::open(Folder::new(Disk::private(folder.path()), ""), LOG, &short).unwrap().end(), 0);
    drop(world.index(folder.path()));
    let same = |index: u64| Some(leaf_hash(index));
    assert_eq!(Index::open(Folder::new(Disk::private(folder.path()), ""), [6; 32], &same).unwrap().end(), 0);
}

/// A scrubbed index is to the byte the one that would be made from the log after the keys are gone.
#[test]
fn scrubbing_leaves_no_word_and_equals_making_it_again() {
    let (folder, again) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut world = World::of_requests(20_000);
    // Opened in the first block, closed in the second, and the only one of its person.
    let special = Open {
        principal: "特別な職員".to_owned(),
        purpose: Some("秘密の目的".to_owned()),
        ..Open::default()
    };
    world.entries.insert(100, world.entries[0].clone());
    world.entries[100] =
        Entry { record: id(900_000), words: Some(Words::of_open(&special)), ..world.entries[0].clone() };
    world.close(900_000, &close_of(13));
    for (index, entry) in world.entries.iter_mut().enumerate() {
        entry.index = index as u64;
    }
    let index = world.index(folder.path());
    let hit = index.search(&Query { principal: Some("特別な職員".into()), ..oldest() }).unwrap().hits;
    assert_eq!(hit.len(), 1);
    index.scrub(&hit).unwrap();
    assert_eq!(all(&index, &Query { principal: Some("特別な職員".into()), ..oldest() }), []);
    let erased = all(&index, &Query { erased: Some(true), kind: Some(RecordKind::Request), ..oldest() });
    assert_eq!(erased, [Hit { erased: true, ..hit[0] }]);

    for entry in world.entries.iter_mut().filter(|entry| entry.record == id(900_000)) {
        entry.words = None;
    }
    drop(world.index(again.path()));
    for file in std::fs::read_dir(again.path()).unwrap() {
        let name = file.unwrap().file_name();
        let [scrubbed, made] = [folder.path(), again.path()].map(|at| std::fs::read(at.join(&name)).unwrap());
        assert!(scrubbed == made, "{name:?}");
        let holds = |needle: &str| scrubbed.windows(needle.len()).any(|window| window == needle.as_bytes());
        assert!(!holds("特別な職員") && !holds("秘密の目的") && holds("職員7"));
    }
}

#[test]
fn a_narrow_question_reads_little() {
    let folder = tempfile::tempdir().unwrap();
    let index = World::of_requests(60_000).index(folder.path());
    let absent = index.search(&Query { principal: Some("誰でもない".into()), ..oldest() }).unwrap();
    assert!(absent.cost.blocks == 3 && absent.cost.read_bytes < 10_000, "{:?}", absent.cost);
    let early = Query { until_ms: Some(START_MS + 1000), ..oldest() };
    assert_eq!(index.search(&early).unwrap().cost.blocks, 1);
    let one = index.search(&Query { record: Some(id(30_000)), ..oldest() }).unwrap();
    assert!(one.hits.len() == 1 && one.cost.blocks < 3, "{:?}", one.cost);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes of strangers give an error and no panic, even under a right checksum.
    #[test]
    fn hostile_blocks_are_refused(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        use super::block::{Block, encode};
        let world = World::of_requests(300);
        let mut state = super::State::default();
        world.entries.iter().for_each(|entry| state.add(entry.clone()));
        let coverage = super::Coverage { log: LOG, first: 0, end: state.end, last_leaf: [0; 32] };
        let mut file = encode(&coverage, &state.tail, &state.open);
        let header = u32::from_le_bytes(file[16..20].try_into().unwrap()) as usize;
        for (at, value) in changes {
            let at = 24 + at.index(header);
            file[at] = value;
        }
        let crc = crc32c::crc32c(&file[24..24 + header]);
        file[20..24].copy_from_slice(&crc.to_le_bytes());
        if let Ok(block) = Block::open(Box::new(Bytes(file)), std::sync::Arc::default()) {
            let _ = (block.table().map(|table| table.rows.len()), block.open_rows());
            (0..super::column::COLUMNS).for_each(|column| { let _ = block.codes(column); });
        }
    }
}

struct Bytes(Vec<u8>);

impl ReadAt for Bytes {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
        self.0[..].read_at(bytes, offset)
    }

    fn len(&self) -> std::io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}
