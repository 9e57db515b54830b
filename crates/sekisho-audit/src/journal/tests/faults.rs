//! Every changing operation of a workload fails in turn. No key of an acknowledged record is lost, and what was
//! acknowledged as erased does not come back.

use std::collections::BTreeMap;

use super::*;
use crate::{journal::Error, keys::Looked, leaf::Leaf, vfs::Fault};

/// What was acknowledged.
#[derive(Default)]
struct Promised {
    /// Records with the number they were made from, and whether they were closed.
    records: BTreeMap<RecordId, (u64, bool)>,
    erased: Vec<RecordId>,
    /// Asked for, and not refused for a reason: may or may not have happened.
    asked: Vec<RecordId>,
    held: Vec<RecordId>,
}

fn work(journal: &Journal, promised: &mut Promised) -> Result<(), Error> {
    for number in 0..6 {
        let class = [3, 4][number as usize % 2];
        let record = journal.open_record(&open_of(number), Some(class))?.wait()?.record;
        promised.records.insert(record, (number, false));
        if number != 5 {
            journal.close_record(record, &close_of(number))?.wait()?;
            promised.records.insert(record, (number, true));
        }
    }
    let closed: Vec<RecordId> =
        promised.records.iter().filter(|(_, (_, closed))| *closed).map(|(record, _)| *record).collect();
    journal.hold(&closed[4..], &BY)?;
    promised.held = closed[4..].to_vec();
    for erased in [&closed[..1], &closed[1..3]] {
        promised.asked.extend(erased);
        journal.erase(erased, &BY)?;
        promised.erased.extend(erased);
    }
    Ok(())
}

fn check(journal: &Journal, promised: &Promised, told: &str) {
    for (record, (number, closed)) in &promised.records {
        let read = journal.read(*record).unwrap_or_else(|cause| panic!("{told}: {record}: {cause:?}"));
        if read.hit.erased {
            assert!(promised.asked.contains(record), "{told}: {record} was erased by nobody");
            for leaf in &read.leaves {
                let Leaf::Sealed(sealed) = Leaf::parse(&leaf.bytes).unwrap() else { panic!("{told}") };
                let looked = journal.core.keys.look(sealed.slot).unwrap();
                assert!(!matches!(looked, Looked::Key(_)), "{told}: {record} came back");
            }
            continue;
        }
        assert!(!promised.erased.contains(record), "{told}: {record} is not erased");
        assert_eq!(read.open.unwrap(), open_of(*number), "{told}");
        let close = read.close.unwrap_or_else(|| panic!("{told}: {record} is open after a start"));
        if *closed {
            assert_eq!(close.output, close_of(*number).output, "{told}");
        }
    }
    let held = journal.held();
    assert!(promised.held.iter().all(|record| held.contains(record)), "{told}");
    let key = journal.verifier_key();
    for record in promised.records.keys() {
        journal.prove(*record).unwrap().verify(std::slice::from_ref(&key)).unwrap();
    }
    // And it goes on.
    let more = request(journal, 77);
    assert_eq!(journal.read(more).unwrap().open.unwrap(), open_of(77), "{told}");
}

#[test]
fn whatever_fails_nothing_acknowledged_is_lost_and_nothing_erased_comes_back() {
    let whole = Machine::new(30);
    work(&whole.start().0, &mut Promised::default()).unwrap();
    let operations = whole.fs.operations();
    assert!(operations > 60, "{operations}");
    let faults =
        [Fault::CrashBefore, Fault::CrashTorn, Fault::CrashAfter, Fault::Error, Fault::NoSpace { more: 3 }];
    let mut failed = 0;
    for operation in 1..=operations {
        let fault = faults[operation as usize % faults.len()];
        let mut machine = Machine::new(operation);
        machine.fs.fail_at(operation, fault);
        let mut promised = Promised::default();
        if let Ok((journal, _)) = Journal::start(machine.parts()) {
            let _ = work(&journal, &mut promised);
        }
        let told = format!("operation {operation}, {fault:?}, {:?}", machine.fs.failed());
        if machine.fs.failed().is_empty() {
            // The threads of the log were done with fewer operations this time.
            continue;
        }
        failed += 1;
        machine.fs = machine.fs.restart();
        let (journal, _) =
            Journal::start(machine.parts()).unwrap_or_else(|cause| panic!("{told}: {cause:?}"));
        check(&journal, &promised, &told);
        drop(journal);
        let (journal, report) = machine.restart();
        assert!(report.aborted.is_empty() && report.finished_erasures == 0, "{told}");
        check(&journal, &promised, &told);
    }
    assert!(failed >= operations * 9 / 10, "{failed} of {operations}");
}
