//! Many threads, and disks that do not answer.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use super::{check_holds, key, leaf, leaves, open, settings};
use crate::{
    checkpoint,
    log::{AppendError, CloseError, Committed, Health, Limits, Log, Settings, Ticket, Writer},
    vfs::{Fault, Memory, create_folders},
};

/// Long enough for any disk in memory on any machine; only a fault waits so long.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);

fn start(fs: &Memory, limits: Limits) -> Log<Memory> {
    Log::start(Writer::create(fs.clone(), Settings { limits, ..settings() }).unwrap()).unwrap()
}

fn wait(ticket: Result<Ticket, AppendError>) -> Committed {
    ticket.unwrap().wait_timeout(LONG).expect("an answer").unwrap()
}

/// A leaf of one thread: its own counter, so that order can be seen.
fn own(thread: usize, count: usize, part: usize) -> Vec<u8> {
    format!("{thread} {count} {part}").into_bytes()
}

#[test]
fn many_threads_append_and_read() {
    const THREADS: usize = 8;
    const APPENDS: usize = 60;
    let fs = Memory::new(1);
    let log = Arc::new(start(&fs, settings().limits));
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                for count in 0..APPENDS {
                    let parts: Vec<_> = (0..=count % 3).map(|part| own(thread, count, part)).collect();
                    let committed = wait(log.append(parts.clone()));
                    // What was acknowledged can be read at once, and proved.
                    let snapshot = log.reader().snapshot();
                    assert!(snapshot.size() >= committed.head.size);
                    for (index, part) in (committed.first..).zip(&parts) {
                        assert_eq!(&snapshot.read(index).unwrap(), part);
                    }
                    snapshot.inclusion(committed.first).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    log.close(LONG).unwrap();
    assert!(matches!(log.health(), Health::Closed));
    assert!(matches!(log.append(leaves(0..1)), Err(AppendError::Closed)));
    let (writer, recovered) = open(&fs.restart());
    assert!(!recovered.tiles_made && recovered.cut_bytes == 0);
    let snapshot = writer.reader().snapshot();
    assert_eq!(writer.reader().published_size(), snapshot.size(), "closing publishes");
    let mut next = [(0, 0); THREADS];
    for entry in snapshot.iter(0..u64::MAX) {
        let text = String::from_utf8(entry.unwrap().1).unwrap();
        let numbers: Vec<usize> = text.split(' ').map(|number| number.parse().unwrap()).collect();
        let expected = &mut next[numbers[0]];
        assert_eq!((numbers[1], numbers[2]), *expected, "in the order of the thread, and together");
        *expected =
            if expected.1 == expected.0 % 3 { (expected.0 + 1, 0) } else { (expected.0, expected.1 + 1) };
    }
    assert_eq!(next, [(APPENDS, 0); THREADS]);
}

#[test]
fn what_queues_up_is_one_group() {
    let fs = Memory::new(1);
    let log = start(&fs, settings().limits);
    fs.set_stuck(true);
    let tickets: Vec<_> = (0..50).map(|index| log.append(vec![leaf(index)]).unwrap()).collect();
    assert!(tickets[49].wait_timeout(SHORT).is_none());
    fs.set_stuck(false);
    let sizes: Vec<u64> = tickets.into_iter().map(|ticket| ticket.wait().unwrap().head.size).collect();
    let groups = sizes.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(groups <= 2, "the first append alone, the others together: {sizes:?}");
    drop(log);
    check_holds(&open(&fs).0, 50);
}

#[test]
fn groups_have_limits() {
    let fs = Memory::new(1);
    let log = start(&fs, Limits { group_records_max: 10, ..settings().limits });
    fs.set_stuck(true);
    let tickets: Vec<_> = (0..12).map(|at| log.append(leaves(at * 4..at * 4 + 4)).unwrap()).collect();
    fs.set_stuck(false);
    let mut heads: Vec<u64> = tickets.into_iter().map(|ticket| ticket.wait().unwrap().head.size).collect();
    heads.dedup();
    assert!(heads.windows(2).all(|pair| pair[1] - pair[0] <= 10), "{heads:?}");
    assert_eq!(wait(log.append(leaves(48..68))).count, 20, "one append is not cut");
}

#[test]
fn a_full_queue_says_so() {
    let fs = Memory::new(1);
    let log = start(&fs, Limits { queue_records_max: 10, ..settings().limits });
    fs.set_stuck(true);
    let mut tickets = Vec::new();
    let refused = loop {
        match log.append(leaves(0..4)) {
            Ok(ticket) => tickets.push(ticket),
            Err(error) => break error,
        }
        assert!(tickets.len() < 10, "the queue has an end");
    };
    assert!(matches!(refused, AppendError::Busy));
    fs.set_stuck(false);
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    let log = start(&Memory::new(1), Limits { queue_bytes_max: 100, ..settings().limits });
    wait(log.append(vec![vec![1; 5000]]));
}

#[test]
fn leaves_can_be_made_for_their_place() {
    let fs = Memory::new(1);
    let log = start(&fs, settings().limits);
    wait(log.append(leaves(0..3)));
    let committed = wait(log.append_at(2, 400, |first| Some(leaves(first..first + 2))));
    assert_eq!((committed.first, committed.count), (3, 2));
    let outcome = |ticket: Result<Ticket, AppendError>| ticket.unwrap().wait().unwrap_err().to_string();
    assert_eq!(outcome(log.append_at(1, 400, |_| None)), "the leaves could not be made");
    assert_eq!(
        outcome(log.append_at(1, 400, |_| panic!("in the caller's code"))),
        "the leaves could not be made"
    );
    assert_eq!(
        outcome(log.append_at(1, 400, |_| Some(vec![vec![1]; 2]))),
        "an append cannot have 2 leaves of 2 bytes"
    );
    assert_eq!(outcome(log.append_at(1, 400, |_| Some(vec![vec![]]))), "leaf 0 has 0 bytes");
    assert!(matches!(log.append_at(1 << 20, 1, |_| None), Err(AppendError::Size { .. })));
    wait(log.append(leaves(5..6)));
    drop(log);
    check_holds(&open(&fs).0, 6);
}

#[test]
fn a_key_changes_between_groups() {
    let fs = Memory::new(1);
    let log = start(&fs, settings().limits);
    fs.set_stuck(true);
    let before = log.append(leaves(0..2)).unwrap();
    let change = log.append_and_change_key(leaves(2..3), key(2)).unwrap();
    let after = log.append(leaves(3..4)).unwrap();
    fs.set_stuck(false);
    let heads = [before, change, after].map(|ticket| ticket.wait().unwrap().head.size);
    assert!(heads[1] == 3 && heads[2] == 4, "{heads:?}");
    let snapshot = log.reader().snapshot();
    checkpoint::open(snapshot.checkpoint(), &[key(2).verifier_key()]).unwrap();
    log.close(LONG).unwrap();
    let mut keys = settings().keys;
    keys.push(3, key(2).verifier_key()).unwrap();
    let changed = Settings { signer: key(2), keys, ..settings() };
    Writer::open(fs, changed).unwrap();
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_ticket_is_a_future() {
    let fs = Memory::new(1);
    let log = start(&fs, settings().limits);
    fs.set_stuck(true);
    let mut ticket = pin!(log.append(leaves(0..1)).unwrap());
    let (first, second) = (Arc::new(Count(AtomicUsize::new(0))), Arc::new(Count(AtomicUsize::new(0))));
    for count in [&first, &second] {
        let waker = Waker::from(Arc::clone(count));
        assert!(ticket.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    fs.set_stuck(false);
    while second.0.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
    assert_eq!(first.0.load(Ordering::SeqCst), 0, "only the latest waker is woken");
    let Poll::Ready(outcome) = ticket.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("woken, so ready")
    };
    assert_eq!(outcome.unwrap().first, 0);
}

#[test]
fn a_stuck_disk_does_not_hold_up_closing() {
    let fs = Memory::new(1);
    let log = start(&fs, settings().limits);
    wait(log.append(leaves(0..2)));
    fs.set_stuck(true);
    let writing = log.append(leaves(2..3)).unwrap();
    assert!(writing.wait_timeout(SHORT).is_none());
    let waiting = log.append(leaves(3..4)).unwrap();
    assert!(matches!(log.close(SHORT), Err(CloseError::Stuck)));
    for ticket in [writing, waiting] {
        let error = ticket.wait().unwrap_err();
        assert!(matches!(error, AppendError::Poisoned(_)), "{error}");
    }
    assert!(matches!(log.append(leaves(3..4)), Err(AppendError::Closed | AppendError::Poisoned(_))));
    // The disk comes back: the thread finishes what it had begun, and ends.
    fs.set_stuck(false);
    assert!(matches!(log.close(LONG), Err(CloseError::Poisoned(_))));
    let (writer, _) = open(&fs);
    let size = writer.head().size;
    assert!((2..=3).contains(&size), "acknowledged entries, and perhaps the one that was under way: {size}");
    check_holds(&writer, size);
}

#[test]
fn an_error_tells_everybody() {
    let fs = Memory::new(1);
    let log = start(&fs, settings().limits);
    wait(log.append(leaves(0..2)));
    thread::sleep(SHORT);
    fs.set_stuck(true);
    let tickets: Vec<_> = (0..20).map(|_| log.append(leaves(2..3)).unwrap()).collect();
    fs.fail_at(fs.operations() + 1, Fault::Error);
    fs.set_stuck(false);
    let failed = tickets.into_iter().filter(|ticket| {
        matches!(ticket.wait_timeout(LONG).expect("an answer"), Err(AppendError::Poisoned(_)))
    });
    assert_eq!(failed.count(), 20);
    assert!(matches!(log.health(), Health::Poisoned(_)));
    assert!(matches!(log.append(leaves(0..1)), Err(AppendError::Poisoned(_))));
    assert!(matches!(log.close(LONG), Err(CloseError::Poisoned(_))));
    drop(log);
    let (writer, _) = open(&fs);
    check_holds(&writer, writer.head().size);
}

#[test]
fn no_room_is_said_and_passes() {
    let fs = Memory::new(1);
    let log = start(&fs, settings().limits);
    wait(log.append(leaves(0..2)));
    fs.set_full(true);
    let error = log.append(leaves(2..3)).unwrap().wait().unwrap_err();
    assert!(matches!(error, AppendError::NoSpace));
    assert!(matches!(log.health(), Health::NoSpace));
    fs.set_full(false);
    wait(log.append(leaves(2..3)));
    assert!(matches!(log.health(), Health::Open));
    fs.set_full(true);
    let closed = log.close(LONG);
    assert!(matches!(closed, Ok(()) | Err(CloseError::NoSpace)), "{closed:?}");
    fs.set_full(false);
    check_holds(&open(&fs).0, 3);
}

#[test]
fn a_witness_that_panics_stops_the_log() {
    let fs = Memory::new(1);
    let settings = Settings { cosign: Some(Box::new(|_| panic!("in the caller's code"))), ..settings() };
    let log = Log::start(Writer::create(fs.clone(), settings).unwrap()).unwrap();
    wait(log.append(leaves(0..2)));
    while !matches!(log.health(), Health::Poisoned(_)) {
        thread::yield_now();
    }
    assert!(matches!(log.close(LONG), Err(CloseError::Poisoned(_))));
    check_holds(&open(&fs).0, 2);
}

#[test]
fn a_lone_caller_is_not_kept_waiting() {
    let fs = Memory::new(1);
    // If a group of one waited for company, this test would take minutes.
    let log = start(&fs, Limits { group_wait_max: Duration::from_secs(10), ..settings().limits });
    for index in 0..30 {
        wait(log.append(vec![leaf(index)]));
    }
}

#[test]
fn folders_can_be_there_already() {
    let fs = Memory::new(1);
    create_folders(&fs, "log/segment").unwrap();
    drop(start(&fs, settings().limits));
    check_holds(&open(&fs).0, 0);
}
