use std::sync::Arc;

use super::*;
use crate::{
    journal::{Error, ExpireReport},
    leaf::{Kind, Leaf, STATEMENT_LINES_MAX, Statement},
    note::{self, Note},
    search::RecordKind,
    vfs::Fault,
};

const YEAR_MS: u64 = 365 * 86_400_000;

fn is_gone(journal: &Journal, record: RecordId, open: &Open) {
    let read = journal.read(record).unwrap();
    assert!(read.hit.erased && read.open.is_none() && read.close.is_none());
    assert_eq!(read.erasure.unwrap().ground, BY.ground);
    assert!(read.leaves.iter().all(|leaf| leaf.opened.is_none()));
    for leaf in &read.leaves {
        let Leaf::Sealed(sealed) = Leaf::parse(&leaf.bytes).unwrap() else { panic!("it is sealed") };
        assert!(!matches!(journal.core.keys.look(sealed.slot), Ok(crate::keys::Looked::Key(_))));
    }
    let key = journal.verifier_key();
    assert!(journal.prove(record).unwrap().verify(&[key]).is_ok(), "every proof still holds");
    let query = Query { principal: Some(open.principal.clone()), ..oldest() };
    assert!(!records(&hits(journal, &query)).contains(&record));
}

#[test]
fn an_erased_record_leaves_its_envelope_its_proof_and_the_ground() {
    let mut machine = Machine::new(11);
    let (journal, _) = machine.start();
    let all: Vec<RecordId> = (0..6).map(|n| request(&journal, n)).collect();
    let event = journal.event(&event_of("key.created"), None).unwrap().wait().unwrap().record;
    journal.erase(&[all[2], all[4], all[2], event], &BY).unwrap();
    assert!(matches!(journal.erase(&[all[2]], &BY), Err(Error::Erased { .. })));
    for round in 0..2 {
        let journal = if round == 0 { journal.clone() } else { machine.restart().0 };
        is_gone(&journal, all[2], &open_of(2));
        is_gone(&journal, all[4], &open_of(4));
        for n in [0, 1, 3, 5] {
            assert_eq!(journal.read(all[n as usize]).unwrap().open.unwrap(), open_of(n));
        }
        let statements = hits(&journal, &Query { kind: Some(RecordKind::Erase), ..oldest() });
        let statement = journal.read(statements[0].record).unwrap();
        let said = statement.statement.unwrap();
        assert_eq!((said.kind, said.records.len(), said.destroyed.len()), (Kind::Erase, 3, 5));
        let Leaf::Clear(clear) = Leaf::parse(&statement.leaves[0].bytes).unwrap() else {
            panic!("it is clear")
        };
        let note = Note::parse(clear.note).unwrap();
        assert!(note::verify(&note, &[journal.verifier_key()]).is_ok());
        // A statement is not a record that could be erased.
        assert!(matches!(journal.erase(&[statements[0].record], &BY), Err(Error::NoSuchRecord { .. })));
    }
}

#[test]
fn open_records_and_bad_grounds_are_refused_before_anything_is_done() {
    let (journal, _) = Machine::new(12).start();
    let (done, open) = (request(&journal, 1), journal.open_record(&open_of(2), None).unwrap().record());
    assert!(matches!(journal.erase(&[done, open], &BY), Err(Error::StillOpen { .. })));
    assert!(matches!(journal.erase(&[done, RecordId([1; 16])], &BY), Err(Error::NoSuchRecord { .. })));
    let two_lines = Authority { ground: "a\nrecord 00", ..BY };
    assert!(matches!(journal.erase(&[done], &two_lines), Err(Error::Statement(_))));
    assert_eq!(journal.read(done).unwrap().open.unwrap(), open_of(1));
}

#[test]
fn a_hold_stands_against_erasing_and_expiring_until_it_is_lifted() {
    let mut machine = Machine::new(13);
    let (journal, _) = machine.start();
    let all: Vec<RecordId> = (0..4).map(|n| request(&journal, n)).collect();
    journal.hold(&[all[1], all[2]], &Authority { by: "法務課", ground: "令和8年(ワ)第1号" }).unwrap();
    assert!(
        matches!(journal.erase(&[all[0], all[1]], &BY), Err(Error::OnHold { record }) if record == all[1])
    );
    assert_eq!(journal.read(all[0]).unwrap().open.unwrap(), open_of(0), "all or nothing");
    drop(journal);
    let (journal, _) = machine.restart();
    assert_eq!(journal.held(), [all[1], all[2]]);
    assert_eq!(journal.read(all[1]).unwrap().hold, Some(8));
    assert!(matches!(journal.release(&[all[0]], &BY), Err(Error::NotOnHold { .. })));
    journal.release(&[all[1]], &BY).unwrap();
    machine.now_ms.fetch_add(7 * YEAR_MS, Ordering::Relaxed);
    assert_eq!(journal.expire(&BY).unwrap(), ExpireReport { erased: 3, held: 1 });
    is_gone(&journal, all[1], &open_of(1));
    assert_eq!(journal.read(all[2]).unwrap().open.unwrap(), open_of(2));
    assert!(matches!(journal.hold(&[all[1]], &BY), Err(Error::Erased { .. })));
    journal.release(&[all[2]], &BY).unwrap();
    assert_eq!(journal.expire(&BY).unwrap(), ExpireReport { erased: 1, held: 0 });
    assert_eq!(journal.expire(&BY).unwrap(), ExpireReport::default());
}

/// What the statements of a kind say, in the order of the log.
fn statements(journal: &Journal, kind: RecordKind) -> Vec<Statement> {
    let found = hits(journal, &Query { kind: Some(kind), ..oldest() });
    found.iter().map(|hit| journal.read(hit.record).unwrap().statement.unwrap()).collect()
}

#[test]
fn very_many_records_take_several_statements_and_each_is_named_once() {
    let mut machine = Machine::new(20);
    let (journal, _) = machine.start();
    let tickets: Vec<_> = (0..2_100).map(|_| journal.event(&event_of("x"), None).unwrap()).collect();
    let mut all: Vec<RecordId> = tickets.iter().map(|ticket| ticket.wait().unwrap().record).collect();
    all.sort_unstable();
    journal.hold(&all, &BY).unwrap();
    journal.release(&all, &BY).unwrap();
    journal.erase(&all, &BY).unwrap();
    for (kind, lines) in [(RecordKind::Hold, 1), (RecordKind::Release, 1), (RecordKind::Erase, 2)] {
        let said = statements(&journal, kind);
        assert!(said.len() > 1, "{kind:?} says all in one");
        assert!(said.iter().all(|one| one.records.len() * lines <= STATEMENT_LINES_MAX));
        let mut named: Vec<RecordId> = said.iter().flat_map(|one| one.records.clone()).collect();
        named.sort_unstable();
        assert_eq!(named, all, "{kind:?}");
    }
    drop(journal);
    let (journal, report) = machine.restart();
    assert_eq!((report.finished_erasures, journal.held()), (0, Vec::new()));
    assert!(journal.find_all(&all).unwrap().iter().all(|hit| hit.erased));
}

/// The verifier takes a second release of one record for tampering, and would be right.
#[test]
fn a_record_that_is_asked_for_twice_is_named_once() {
    let (journal, _) = Machine::new(22).start();
    let (one, other) = (request(&journal, 1), request(&journal, 2));
    let twice = [one, other, one];
    journal.hold(&twice, &BY).unwrap();
    journal.release(&twice, &BY).unwrap();
    journal.erase(&twice, &BY).unwrap();
    for kind in [RecordKind::Hold, RecordKind::Release, RecordKind::Erase] {
        let said = statements(&journal, kind);
        assert_eq!((said.len(), said[0].records.len()), (1, 2), "{kind:?}");
    }
}

#[test]
fn the_statement_of_many_records_is_read_once() {
    let (journal, _) = Machine::new(23).start();
    let all: Vec<RecordId> = (0..3).map(|n| request(&journal, n)).collect();
    journal.erase(&all, &BY).unwrap();
    let entry = journal.read(all[0]).unwrap().erasure.unwrap().index;
    let read = journal.statement(entry).unwrap();
    for record in &all {
        assert_eq!(journal.read(*record).unwrap().erasure.unwrap().index, entry);
    }
    assert!(Arc::ptr_eq(&read, &journal.statement(entry).unwrap()));
}

/// Made on 1 June 2026 in a class of five years: kept to the end of March 2032 in Japan.
#[test]
fn a_period_ends_on_its_day_and_not_before() {
    let machine = Machine::new(14);
    let (journal, _) = machine.start();
    let (five, thirty) = (request(&journal, 1), journal.open_record(&open_of(2), Some(5)).unwrap().record());
    let end = crate::clock::parse_rfc3339("2032-03-31T15:00:00.000Z").unwrap();
    machine.now_ms.store(end - 100, Ordering::Relaxed);
    assert_eq!(journal.expire(&BY).unwrap().erased, 0);
    machine.now_ms.store(end, Ordering::Relaxed);
    assert_eq!(journal.expire(&BY).unwrap().erased, 1);
    assert!(journal.read(five).unwrap().hit.erased && !journal.read(thirty).unwrap().hit.erased);
}

#[test]
fn a_class_goes_with_its_key() {
    let mut machine = Machine::new(15);
    let (journal, _) = machine.start();
    let gone: Vec<RecordId> = (0..3).map(|n| request(&journal, n)).collect();
    let event = journal.event(&event_of("policy.loaded"), None).unwrap().wait().unwrap().record;
    let open = journal.open_record(&open_of(7), None).unwrap().record();
    assert!(matches!(journal.erase_class(3, &BY), Err(Error::StillOpen { record }) if record == open));
    journal.close_record(open, &close_of(7)).unwrap().wait().unwrap();
    journal.hold(&[gone[1]], &BY).unwrap();
    assert!(matches!(journal.erase_class(3, &BY), Err(Error::OnHold { record }) if record == gone[1]));
    journal.release(&[gone[1]], &BY).unwrap();
    assert_eq!(journal.erase_class(3, &BY).unwrap().erased, 4);
    let after = request(&journal, 9);
    for round in 0..2 {
        let journal = if round == 0 { journal.clone() } else { machine.restart().0 };
        for record in &gone {
            is_gone(&journal, *record, &open_of(99));
        }
        assert_eq!(journal.read(event).unwrap().event.unwrap().event, "policy.loaded");
        assert_eq!(journal.read(after).unwrap().open.unwrap(), open_of(9));
    }
}

/// The machine stops when the statement is durable and no key is destroyed yet. The next start carries it out.
#[test]
fn a_crash_between_the_statement_and_the_keys_is_finished_at_the_next_start() {
    let mut machine = Machine::new(16);
    let (journal, _) = machine.start();
    let record = request(&journal, 1);
    // The last operation of the erasure before the keys: the sync of the group with the statement.
    let before = machine.fs.operations();
    let entries = journal.status().unwrap().entries;
    for operation in before + 1..before + 60 {
        machine.fs.fail_at(operation, Fault::CrashBefore);
        let _ = journal.erase(&[record], &BY);
        if machine.fs.is_crashed() {
            break;
        }
    }
    drop(journal);
    let mut finished = 0;
    // Wherever exactly it stopped: named means gone.
    let (journal, report) = machine.restart();
    finished += report.finished_erasures;
    if journal.status().unwrap().entries > entries {
        is_gone(&journal, record, &open_of(1));
    } else {
        assert_eq!((finished, journal.read(record).unwrap().open.unwrap()), (0, open_of(1)));
    }

    // Exactly between: the keys come back as they were before the erasure, as from a backup, with the mark of that time.
    let backup = Machine::new(17);
    let (journal, _) = backup.start();
    let record = request(&journal, 1);
    drop(journal);
    let old: Vec<(String, Vec<u8>)> =
        backup.fs.files().into_iter().filter(|(path, _)| path.starts_with("keys/")).collect();
    let (journal, _) = backup.start();
    journal.erase(&[record], &BY).unwrap();
    drop(journal);
    for (path, bytes) in old {
        crate::vfs::replace(&backup.fs, &path, &bytes).unwrap();
    }
    crate::vfs::Vfs::remove(&backup.fs, "keys/erased").unwrap();
    let (journal, report) = backup.start();
    assert_eq!(report.finished_erasures, 1);
    is_gone(&journal, record, &open_of(1));
}

/// A key that is gone and named nowhere is not taken for an erasure.
#[test]
fn a_lost_key_is_damage() {
    let machine = Machine::new(18);
    let (journal, _) = machine.start();
    let record = request(&journal, 1);
    let leaf = journal.read(record).unwrap().leaves[0].bytes.clone();
    let Leaf::Sealed(sealed) = Leaf::parse(&leaf).unwrap() else { panic!("it is sealed") };
    journal.core.keys.erase(&[sealed.slot]).unwrap();
    assert!(matches!(journal.read(record), Err(Error::KeyLost { index: 0 })));
}

#[test]
fn a_damaged_index_is_made_again_and_an_old_one_caught_up() {
    let machine = Machine::new(19);
    let (journal, _) = machine.start();
    let all: Vec<RecordId> = (0..40).map(|n| request(&journal, n)).collect();
    journal.erase(&all[3..5], &BY).unwrap();
    journal.hold(&all[7..8], &BY).unwrap();
    let before = hits(&journal, &oldest());
    let hash = journal.core.leaves.hash(81).unwrap();
    journal.core.index.seal(hash).unwrap();
    assert_eq!(hits(&journal, &oldest()), before);
    let path = "index/record/00000000000000000000.idx";
    for offset in [4, 40, 1500, 4000] {
        machine.fs.flip(path, offset, 0xff).unwrap();
        assert_eq!(hits(&journal, &oldest()), before, "byte {offset}");
        assert_eq!(hits(&journal, &Query { principal: Some("職員1".into()), ..oldest() }).len(), 8);
    }
    drop(journal);
    machine.fs.flip(path, 30, 0xff).unwrap();
    let (journal, report) = machine.start();
    assert_eq!(report.indexed_entries, 82);
    assert_eq!(hits(&journal, &oldest()), before);
    assert_eq!(journal.held(), &all[7..8]);
}
