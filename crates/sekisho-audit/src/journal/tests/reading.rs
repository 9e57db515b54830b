use super::*;
use crate::journal::Reading;

fn look(machine: &Machine) -> Reading {
    Reading::look(machine.fs.clone(), Retention::built_in()).unwrap()
}

#[test]
fn a_reader_beside_the_writer_sees_what_was_acknowledged_and_changes_nothing() {
    let machine = Machine::new(60);
    let (journal, _) = machine.start();
    let all: Vec<RecordId> = (0..30).map(|n| request(&journal, n)).collect();
    let open = journal.open_record(&open_of(99), None).unwrap().wait().unwrap().record;
    journal.hold(&all[3..5], &BY).unwrap();
    journal.erase(&all[7..9], &BY).unwrap();
    let before = machine.fs.files();
    let reading = look(&machine);
    assert_eq!(hits(&journal, &oldest()), reading.search(&oldest()).unwrap().hits);
    assert_eq!(reading.held(), &all[3..5]);
    assert_eq!(reading.read(all[2]).unwrap().open.unwrap(), open_of(2));
    assert_eq!(reading.read(all[7]).unwrap().erasure.unwrap().ground, BY.ground);
    assert!(reading.read(open).unwrap().close.is_none(), "it has not ended, and nobody ends it");
    let proof = reading.prove(all[29]).unwrap();
    proof.verify(&[reading.verifier_key()]).unwrap();
    let (theirs, ours) = (journal.status().unwrap(), reading.status().unwrap());
    assert_eq!(
        (theirs.entries, theirs.root, theirs.open_records),
        (ours.entries, ours.root, ours.open_records)
    );
    // The writer publishes on its own thread meanwhile: all else is as it was.
    let kept = |files: Vec<(String, Vec<u8>)>| -> Vec<(String, Vec<u8>)> {
        files
            .into_iter()
            .filter(|(path, _)| !path.starts_with("log/tile") && path != "log/checkpoint")
            .collect()
    };
    assert_eq!(kept(machine.fs.files()), kept(before));
    let more = request(&journal, 50);
    assert_eq!(look(&machine).read(more).unwrap().open.unwrap(), open_of(50));
    assert!(reading.read(more).is_err(), "a look does not grow");
    drop(journal);
    assert_eq!(look(&machine).read(more).unwrap().open.unwrap(), open_of(50));
}

#[test]
fn what_is_erased_behind_a_reader_is_read_as_erased() {
    let machine = Machine::new(61);
    let (journal, _) = machine.start();
    let all: Vec<RecordId> = (0..6).map(|n| request(&journal, n)).collect();
    let reading = look(&machine);
    let found = reading.search(&oldest()).unwrap().hits;
    journal.erase(&all[1..3], &BY).unwrap();
    for (n, hit) in found.iter().enumerate() {
        let record = reading.read_hit(hit).unwrap();
        assert_eq!(record.erasure.is_some(), (1..3).contains(&n), "{n}");
    }
    // A class goes with its key, and a new one comes.
    journal.erase_class(3, &BY).unwrap();
    let after = request(&journal, 9);
    assert!(reading.read(all[0]).unwrap().erasure.is_some());
    assert_eq!(look(&machine).read(after).unwrap().open.unwrap(), open_of(9));
    // A key that is gone and named nowhere is damage here, too.
    let lost = journal.read(after).unwrap().leaves[0].bytes.clone();
    let crate::leaf::Leaf::Sealed(sealed) = crate::leaf::Leaf::parse(&lost).unwrap() else {
        panic!("sealed")
    };
    journal.keys.erase(&[sealed.slot]).unwrap();
    assert!(matches!(look(&machine).read(after), Err(crate::journal::Error::KeyLost { .. })));
}

#[test]
fn an_index_that_is_bad_or_missing_is_made_again_in_memory() {
    let machine = Machine::new(62);
    let (journal, _) = machine.start();
    for n in 0..40 {
        request(&journal, n);
    }
    let expected = hits(&journal, &oldest());
    journal.core.index.seal(journal.core.leaves.hash(79).unwrap()).unwrap();
    let path = "index/record/00000000000000000000.idx";
    for offset in [4, 40, 1500, 4000] {
        machine.fs.flip(path, offset, 0xff).unwrap();
        let bad = crate::vfs::read(&machine.fs, path, 1 << 30).unwrap();
        let reading = look(&machine);
        assert_eq!(reading.search(&oldest()).unwrap().hits, expected, "byte {offset}");
        let query = Query { principal: Some("職員1".into()), ..oldest() };
        assert_eq!(reading.search(&query).unwrap().hits.len(), 8);
        assert_eq!(crate::vfs::read(&machine.fs, path, 1 << 30).unwrap(), bad, "it is the writer's");
        machine.fs.flip(path, offset, 0xff).unwrap();
    }
    crate::vfs::Vfs::remove(&machine.fs, path).unwrap();
    assert_eq!(look(&machine).search(&oldest()).unwrap().hits, expected);
}

/// The writer records, erases and seals blocks of the index on one thread, while readers come and go on another.
#[test]
fn readers_come_and_go_while_the_writer_works() {
    let machine = Machine::new(63);
    let (journal, _) = machine.start();
    let first = request(&journal, 0);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for n in 1..120 {
                let record = request(&journal, n);
                if n % 7 == 0 {
                    journal.erase(&[record], &BY).unwrap();
                }
                if n % 10 == 0 {
                    let last = journal.status().unwrap().entries - 1;
                    journal.core.index.seal(journal.core.leaves.hash(last).unwrap()).unwrap();
                }
            }
        });
        while !writing.is_finished() {
            let known = journal.status().unwrap().entries;
            let reading = look(&machine);
            assert!(reading.status().unwrap().entries >= known);
            assert_eq!(reading.read(first).unwrap().open.unwrap(), open_of(0));
            for hit in reading.search(&Query { limit: 20, ..Query::default() }).unwrap().hits {
                let record = reading.read_hit(&hit).unwrap();
                assert!(record.open.is_some() || record.erasure.is_some() || record.statement.is_some());
            }
        }
        writing.join().unwrap();
    });
}
