use super::*;
use crate::{journal::Error, record::PromptText, search::RecordKind};
use sekisho_base::{Code, Coded};

#[test]
fn records_come_back_as_they_went_in() {
    let mut machine = Machine::new(1);
    let (journal, report) = machine.start();
    assert!(report.recovered.is_none() && report.aborted.is_empty());
    let mut long = open_of(1);
    long.input = Some("長い質問。".repeat(20_000).into());
    long.other.insert("session".to_owned(), "a".repeat(70_000).into());
    let mut answer = close_of(1);
    answer.output = Some("長い回答。".repeat(30_000).into());
    let first = journal.open_record(&long, None).unwrap();
    let record = first.wait().unwrap().record;
    journal.close_record(record, &answer).unwrap().wait().unwrap();
    let short = request(&journal, 2);
    let event = journal.event(&event_of("policy.loaded"), None).unwrap().wait().unwrap().record;

    for round in 0..2 {
        let journal = if round == 0 { journal.clone() } else { machine.restart().0 };
        let read = journal.read(record).unwrap();
        assert_eq!(read.open.unwrap(), long);
        let close = read.close.unwrap();
        assert_eq!(close.output, answer.output);
        assert_eq!(close.principal.as_deref(), Some("職員1"), "taken from the open");
        assert_eq!((read.hit.class, read.leaves.len()), (3, 8 + 8));
        assert_eq!(journal.read(short).unwrap().open.unwrap(), open_of(2));
        assert_eq!(journal.read(event).unwrap().event.unwrap().event, "policy.loaded");
        assert_eq!(journal.read(event).unwrap().hit.class, 4);
        let bundle = journal.prove(record).unwrap();
        let key = journal.status().unwrap().verifier_key.parse().unwrap();
        assert_eq!(bundle.verify(std::slice::from_ref(&key)).unwrap().checkpoint.origin(), ORIGIN);
        assert_eq!(bundle.to_proofs().unwrap().len(), 16);
        let mut bad = bundle;
        bad.leaves[3].leaf[100] ^= 1;
        assert!(bad.verify(std::slice::from_ref(&key)).is_err());
    }
}

#[test]
fn what_is_open_at_a_stop_is_closed_as_aborted_once() {
    let mut machine = Machine::new(2);
    let (journal, _) = machine.start();
    let done = request(&journal, 1);
    let left: Vec<RecordId> =
        (0..3).map(|n| journal.open_record(&open_of(n), None).unwrap().wait().unwrap().record).collect();
    assert_eq!(journal.status().unwrap().open_records, 3);
    assert_eq!(records(&hits(&journal, &oldest())), [&[done][..], &left].concat());
    drop(journal);
    let (journal, report) = machine.restart();
    let mut aborted = report.aborted.clone();
    aborted.sort_by_key(|record| left.iter().position(|other| other == record));
    assert_eq!(aborted, left);
    let close = journal.read(left[1]).unwrap().close.unwrap();
    assert_eq!((close.outcome, close.principal.as_deref()), (Outcome::Aborted, Some("職員1")));
    let query = Query { outcome: Some(Outcome::Aborted), ..oldest() };
    assert_eq!(hits(&journal, &query).len(), 3);
    assert!(matches!(journal.close_record(left[0], &close_of(0)), Err(Error::NotOpen { .. })));
    drop(journal);
    let (journal, report) = machine.restart();
    assert!(report.aborted.is_empty() && journal.status().unwrap().open_records == 0);
}

#[test]
fn a_record_is_closed_once() {
    let (journal, _) = Machine::new(3).start();
    let ticket = journal.open_record(&open_of(1), None).unwrap();
    // The open need not have been waited for.
    journal.close_record(ticket.record(), &close_of(1)).unwrap().wait().unwrap();
    assert!(matches!(journal.close_record(ticket.record(), &close_of(1)), Err(Error::NotOpen { .. })));
    let nobody = RecordId([0; 16]);
    assert_eq!(journal.read(nobody).unwrap_err().code(), Code::NoSuchRecord);
    assert_eq!(journal.prove(nobody).unwrap_err().code(), Code::NoSuchRecord);
}

#[test]
fn what_cannot_be_recorded_is_refused_with_its_reason() {
    let machine = Machine::new(4);
    let mut parts = machine.parts();
    parts.limits.open_records_max = 2;
    let (journal, _) = Journal::start(parts).unwrap();
    let nameless = Open { principal: String::new(), ..open_of(1) };
    assert_eq!(journal.open_record(&nameless, None).unwrap_err().code(), Code::RecordInvalid);
    let large = Open { input: Some(PromptText("あ".repeat(6 << 20))), ..open_of(1) };
    assert_eq!(journal.open_record(&large, None).unwrap_err().code(), Code::RecordInvalid);
    assert!(matches!(journal.open_record(&open_of(1), Some(99)), Err(Error::NoSuchClass { class: 99 })));
    let first = journal.open_record(&open_of(1), Some(5)).unwrap();
    let _second = journal.open_record(&open_of(2), None).unwrap();
    assert_eq!(journal.open_record(&open_of(3), None).unwrap_err().code(), Code::LogBusy);
    journal.close_record(first.record(), &close_of(1)).unwrap().wait().unwrap();
    assert_eq!(journal.read(first.record()).unwrap().hit.class, 5);
    assert!(journal.open_record(&open_of(3), None).is_ok());
    assert_eq!(Journal::start(machine.parts()).unwrap_err().code(), Code::LogBusy, "it has one writer");
}

#[test]
fn a_full_disk_is_a_refusal_that_passes() {
    let machine = Machine::new(5);
    let (journal, _) = machine.start();
    let record = request(&journal, 1);
    let open = journal.open_record(&open_of(2), None).unwrap().wait().unwrap().record;
    machine.fs.set_full(true);
    let refused = journal.open_record(&open_of(3), None).unwrap().wait().unwrap_err();
    assert_eq!(refused.code(), Code::LogFull);
    assert_eq!(journal.close_record(open, &close_of(2)).unwrap().wait().unwrap_err().code(), Code::LogFull);
    machine.fs.set_full(false);
    assert_eq!(hits(&journal, &oldest()).len(), 2, "what was refused is nowhere");
    assert_eq!(journal.status().unwrap().open_records, 1);
    journal.close_record(open, &close_of(2)).unwrap().wait().unwrap();
    assert_eq!(journal.read(open).unwrap().close.unwrap().output, close_of(2).output);
    assert_eq!(journal.read(record).unwrap().open.unwrap(), open_of(1));
}

#[test]
fn contents_are_searched_on_request() {
    let (journal, _) = Machine::new(6).start();
    let all: Vec<RecordId> = (0..30).map(|n| request(&journal, n)).collect();
    let event = journal.event(&event_of("質問7を見た"), None).unwrap().wait().unwrap().record;
    let query = |text: &str| Query { contains: Some(text.to_owned()), ..oldest() };
    let page = journal.search(&query("回答17")).unwrap();
    assert_eq!((records(&page.hits), page.next, page.cost.decrypted), (vec![all[17]], None, 31));
    assert_eq!(records(&hits(&journal, &query("質問7"))), [all[7], event]);
    let narrow = Query { principal: Some("職員2".to_owned()), ..query("質問") };
    assert_eq!(journal.search(&narrow).unwrap().cost.decrypted, 6);
    let two = Query { limit: 2, ..query("質問2") };
    let first = journal.search(&two).unwrap();
    let second = journal.search(&Query { after: first.next, limit: 100, ..two }).unwrap();
    assert_eq!(records(&[first.hits, second.hits].concat()).len(), 11);
    journal.erase(&[all[17]], &BY).unwrap();
    assert_eq!(hits(&journal, &query("回答17")), []);
    assert_eq!(journal.select(&Query { principal: Some("職員2".into()), ..oldest() }, 10).unwrap().len(), 5);
    assert!(matches!(journal.select(&oldest(), 10), Err(Error::TooManyMatches { max: 10 })));
    assert_eq!(journal.select(&query("質問2"), 11).unwrap().len(), 11, "as many as allowed are not too many");
    let blocks = |query: &Query| journal.search(query).unwrap().cost.blocks;
    assert_eq!(blocks(&query("質問2")), blocks(&Query { erased: Some(false), ..oldest() }));
    assert_eq!(
        hits(&journal, &Query { erased: Some(true), ..query("回答") }),
        [],
        "what is erased holds nothing"
    );
    assert_eq!(hits(&journal, &Query { kind: Some(RecordKind::Erase), ..oldest() }).len(), 1);
}

#[test]
fn it_works_on_a_disk_and_keeps_strangers_out() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let clock = Arc::new(Ticking(Arc::new(AtomicU64::new(START_MS))));
        Journal::start(Parts::on_disk(folder.path(), ORIGIN, Retention::built_in(), clock))
    };
    let (journal, _) = start().unwrap();
    let ids: Vec<RecordId> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|n| {
                scope.spawn({
                    let journal = journal.clone();
                    move || (0..25).map(|m| request(&journal, n * 100 + m)).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let status = journal.status().unwrap();
    assert_eq!((status.entries, status.open_records), (200, 0));
    assert!(status.log_bytes > 50_000 && status.checkpoint_ms.is_some());
    drop(journal);
    let (journal, report) = start().unwrap();
    assert!(ids.iter().all(|id| journal.read(*id).is_ok()));
    assert_eq!(report.indexed_entries, 200);
    drop(journal);
    for name in ["keys", "index"] {
        let path = folder.path().join(name);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(start().unwrap_err().code(), Code::KeysUnusable);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    std::fs::rename(folder.path().join("log"), folder.path().join("gone")).unwrap();
    assert!(matches!(start(), Err(Error::LogGone)));
    std::fs::rename(folder.path().join("gone"), folder.path().join("log")).unwrap();
    std::fs::rename(folder.path().join("keys"), folder.path().join("gone")).unwrap();
    assert_eq!(start().unwrap_err().code(), Code::KeysUnusable);
}

#[test]
fn tickets_can_be_awaited() {
    let (journal, _) = Machine::new(7).start();
    let ticket = journal.open_record(&open_of(1), None).unwrap();
    let record = ticket.record();
    let mut ticket = std::pin::pin!(ticket);
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let receipt = loop {
        match ticket.as_mut().poll(&mut context) {
            std::task::Poll::Ready(receipt) => break receipt.unwrap(),
            std::task::Poll::Pending => std::thread::park(),
        }
    };
    assert_eq!(receipt, Receipt { record, index: 0 });
}
