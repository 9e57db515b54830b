use super::*;
use crate::{journal::Reading, leaf::Kind, log::KeyChain, search::RecordKind, vfs::Fault};

/// Every record proves under the key of its checkpoint, and the log goes on.
fn holds(journal: &Journal, all: &[RecordId]) {
    for record in all {
        let proof = journal.prove(*record).unwrap();
        journal.verifier_keys().open(proof.checkpoint.clone()).unwrap();
        let size = proof.checkpoint.text().parse::<crate::checkpoint::Checkpoint>().unwrap().size();
        proof.verify(std::slice::from_ref(journal.verifier_keys().of_size(size))).unwrap();
    }
    let more = request(journal, 70);
    assert_eq!(journal.read(more).unwrap().open.unwrap(), open_of(70));
}

#[test]
fn a_new_key_signs_and_the_old_one_is_gone() {
    let mut machine = Machine::new(70);
    let (journal, _) = machine.start();
    let all: Vec<RecordId> = (0..3).map(|n| request(&journal, n)).collect();
    let first = journal.verifier_key();
    let before = journal.checkpoint().unwrap();
    let second = journal.change_key(&BY).unwrap();
    assert!(second != first && journal.verifier_key() == second);
    let third = journal.change_key(&BY).unwrap();
    holds(&journal, &all);
    journal.hold(&all[..1], &BY).unwrap();
    let (journal, _) = machine.restart();
    holds(&journal, &all);
    let keys = journal.verifier_keys();
    assert_eq!((keys.first(), keys.newest(), keys.changes().count()), (&first, &third, 2));
    assert!(keys.open(before).is_ok(), "what the first key signed, it signed");
    assert!(keys.open(journal.checkpoint().unwrap()).is_ok());
    let said = hits(&journal, &Query { kind: Some(RecordKind::Key), ..oldest() });
    let statement = journal.read(said[1].record).unwrap().statement.unwrap();
    assert_eq!((statement.kind, statement.vkey), (Kind::Key, Some(third.to_string())));
    assert_eq!(Reading::look(machine.fs.clone(), Retention::built_in()).unwrap().verifier_key(), third);

    // The list is derived: without it, or with a wrong one, the log says the same.
    drop(journal);
    let list = crate::vfs::read(&machine.fs, "log/vkeys", 1 << 20).unwrap();
    for wrong in [None, Some(&b""[..]), Some(&b"1 x\n"[..]), Some(&list[..list.len() / 2])] {
        match wrong {
            Some(bytes) => crate::vfs::replace(&machine.fs, "log/vkeys", bytes).unwrap(),
            None => crate::vfs::Vfs::remove(&machine.fs, "log/vkeys").unwrap(),
        }
        assert_eq!(Reading::look(machine.fs.clone(), Retention::built_in()).unwrap().verifier_keys(), keys);
        drop(machine.start());
        assert_eq!(KeyChain::read(&machine.fs).unwrap(), keys);
    }
    let files = machine.fs.files();
    assert!(!files.iter().any(|(path, _)| path.starts_with("keys/signing.next")));
}

#[test]
fn wherever_a_change_stops_the_next_start_finishes_it_or_takes_it_back() {
    let whole = Machine::new(71);
    let (journal, _) = whole.start();
    request(&journal, 1);
    let from = whole.fs.operations();
    journal.change_key(&BY).unwrap();
    let operations = whole.fs.operations() - from;
    drop(journal);
    let faults =
        [Fault::CrashBefore, Fault::CrashTorn, Fault::CrashAfter, Fault::Error, Fault::NoSpace { more: 1 }];
    let (mut changed, mut kept) = (0, 0);
    for operation in 1..=operations + 3 {
        // Each way in which a disk fails comes at every second operation or so.
        for fault in [faults[operation as usize % 5], faults[(operation as usize + 2) % 5]] {
            let mut machine = Machine::new(1000 + operation);
            let (journal, _) = machine.start();
            let all = [request(&journal, 1), request(&journal, 2)];
            let first = journal.verifier_key();
            machine.fs.fail_at(machine.fs.operations() + operation, fault);
            let outcome = journal.change_key(&BY);
            // The process may go on for a while before it ends.
            let went_on = (operation % 2 == 0).then(|| request_if_it_can(&journal)).flatten();
            drop(journal);
            let told = format!("operation {operation}, {fault:?}, {outcome:?}");
            let (journal, _) = machine.restart();
            let is_changed = journal.verifier_key() != first;
            assert!(is_changed || outcome.is_err(), "{told}");
            *(if is_changed { &mut changed } else { &mut kept }) += 1;
            holds(&journal, &all);
            if let Some(record) = went_on {
                assert_eq!(journal.read(record).unwrap().open.unwrap(), open_of(3), "{told}");
            }
            drop(journal);
            holds(&machine.restart().0, &all);
            assert!(!machine.fs.files().iter().any(|(path, _)| path == "keys/signing.next"), "{told}");
        }
    }
    assert!(changed > 5 && kept > 5, "{changed} {kept}");
}

fn request_if_it_can(journal: &Journal) -> Option<RecordId> {
    Some(journal.open_record(&open_of(3), None).ok()?.wait().ok()?.record)
}
