//! What the journal costs: sealing a record of 1 KB, requests recorded in a second, a search over all of them, a restart, an
//! erasure, reading and proving as an export does.
//!
//! `cargo xtask bench audit_journal -- [FOLDER] [REQUESTS]`: a folder on the disk to be measured (here when not given), and how
//! many requests (an open and a close each). What is written there is removed at the end.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::{
    error::Error,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use sekisho_audit::{
    entropy::OsEntropy,
    journal::{Authority, Journal, Parts},
    leaf::{Envelope, Kind, RecordId, Slot},
    record::{Close, Open, Outcome},
    retention::Retention,
    seal::{RecordKey, seal},
    search::{Order, Query, RecordKind},
};

const THREADS: u64 = 2;
/// Requests on their way at once, over all threads.
const IN_FLIGHT: u64 = 1024;
const PRINCIPALS: u64 = 5000;
/// Records that are read and proved.
const EXPORTED: u64 = 20_000;
/// The clock of the journal goes on by this much with each look, so that a million requests take about a month.
const TICK_MS: u64 = 900;
const START_MS: u64 = 1_780_239_600_000;
const BY: Authority<'static> = Authority { by: "bench", ground: "bench" };

type Outcomes<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcomes<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let requests: u64 = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir_in(&folder)?;
    println!("{requests} requests, {PRINCIPALS} principals, {THREADS} threads, {IN_FLIGHT} in flight");
    sealing()?;
    let clock = Arc::new(AtomicU64::new(START_MS));
    let (journal, _) = start(folder.path(), &clock)?;
    recording(&journal, requests)?;
    searching(&journal, requests)?;
    let erased = Instant::now();
    let query = Query { principal: Some("職員4321".to_owned()), ..Query::default() };
    let of_one = journal.select(&query, 100_000)?;
    journal.erase(&of_one, &BY)?;
    line(
        &format!("erase all {} records of one principal", of_one.len()),
        erased.elapsed().as_secs_f64() * 1000.0,
        "ms",
    );
    scattered(&journal)?;
    exporting(&journal, Order::Oldest)?;
    exporting(&journal, Order::Newest)?;
    let closed = Instant::now();
    drop(journal);
    line("stop", closed.elapsed().as_secs_f64() * 1000.0, "ms");
    let started = Instant::now();
    let (journal, report) = start(folder.path(), &clock)?;
    line(
        &format!("start, {} entries read again", report.indexed_entries),
        started.elapsed().as_secs_f64() * 1000.0,
        "ms",
    );
    let status = journal.status()?;
    line("log, bytes of an entry", status.log_bytes as f64 / status.entries as f64, "B");
    line("index, bytes of a request", status.index_bytes as f64 / requests as f64, "B");
    Ok(())
}

fn line(name: &str, value: f64, unit: &str) {
    println!("{name:<58} {value:>12.2} {unit}");
}

/// The best of many rounds: other work on the machine only adds.
fn sealing() -> Outcomes<()> {
    let content = vec![b'a'; 1024];
    let envelope = Envelope { kind: Kind::Open, time_ms: 0, record: RecordId([0; 16]) };
    let mut best = f64::MAX;
    for round in 0..200_u8 {
        let started = Instant::now();
        for _ in 0..100 {
            seal(&envelope, Slot { class: 1, number: 0 }, RecordKey::new([round; 32]), &OsEntropy, &content)?;
        }
        best = best.min(started.elapsed().as_secs_f64() * 1e6 / 100.0);
    }
    line("seal 1 KB (best of 200 rounds of 100)", best, "us");
    Ok(())
}

fn start(folder: &Path, clock: &Arc<AtomicU64>) -> Outcomes<(Journal, sekisho_audit::journal::OpenReport)> {
    let clock = Arc::clone(clock);
    let now = move || clock.fetch_add(TICK_MS, Ordering::Relaxed);
    Ok(Journal::start(Parts::on_disk(folder, "audit.example", Retention::built_in(), Arc::new(now)))?)
}

fn open_of(number: u64) -> Open {
    Open {
        principal: format!("職員{}", number.wrapping_mul(2_654_435_761) % PRINCIPALS),
        tenant: Some(format!("課{}", number % 40)),
        purpose: Some("窓口案内の下書き".to_owned()),
        scheme: Some("jichitai".to_owned()),
        label: Some("2".to_owned()),
        model: Some("plamo-2".to_owned()),
        upstream: Some("local".to_owned()),
        input: Some("あ".repeat(250).into()),
        ..Open::default()
    }
}

fn recording(journal: &Journal, requests: u64) -> Outcomes<()> {
    let started = Instant::now();
    let threads: Vec<_> = (0..THREADS)
        .map(|of| {
            let journal = journal.clone();
            thread::spawn(move || record(&journal, of, requests / THREADS))
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| "a thread has panicked")??;
    }
    let seconds = started.elapsed().as_secs_f64();
    line("durable leaves of about 1 KB in a second", 2.0 * requests as f64 / seconds, "/s");
    Ok(())
}

fn record(journal: &Journal, of: u64, requests: u64) -> Outcomes<()> {
    let some = IN_FLIGHT / THREADS;
    let close = Close { output: Some("い".repeat(250).into()), ..Close::new(Outcome::Answered) };
    let mut done = 0;
    while done < requests {
        let some = some.min(requests - done);
        let opens: Vec<_> = (0..some)
            .map(|n| journal.open_record(&open_of(of * requests + done + n), None))
            .collect::<Result<_, _>>()?;
        let mut closes = Vec::with_capacity(opens.len());
        for open in &opens {
            closes.push(journal.close_record(open.wait()?.record, &close)?);
        }
        for close in closes {
            close.wait()?;
        }
        done += some;
    }
    Ok(())
}

fn searching(journal: &Journal, requests: u64) -> Outcomes<()> {
    let span = requests * 4 * TICK_MS;
    let (from, until) = (START_MS + span / 3, START_MS + span / 3 + span / 30);
    let principal = Some("職員1234".to_owned());
    let all = Query { order: Order::Oldest, limit: 1000, ..Query::default() };
    for (name, query) in [
        (
            "principal and a thirtieth of the time",
            Query { principal: principal.clone(), from_ms: Some(from), until_ms: Some(until), ..all.clone() },
        ),
        ("principal, over everything", Query { principal, ..all.clone() }),
        ("a principal that is nowhere", Query { principal: Some("誰でもない".to_owned()), ..all.clone() }),
        ("outcome that is nowhere", Query { outcome: Some(Outcome::Aborted), ..all.clone() }),
    ] {
        let page = journal.search(&query)?;
        let mut best = f64::MAX;
        for _ in 0..5 {
            let started = Instant::now();
            journal.search(&query)?;
            best = best.min(started.elapsed().as_secs_f64() * 1000.0);
        }
        let cost = page.cost;
        line(&format!("search: {name}"), best, "ms");
        println!("    {} hits, {} blocks, {} KB read", page.hits.len(), cost.blocks, cost.read_bytes / 1000);
    }
    let hit = journal.search(&Query { limit: 1, ..all })?.hits[0];
    let started = Instant::now();
    for _ in 0..100 {
        journal.read(hit.record)?;
    }
    line("read one record by its id", started.elapsed().as_secs_f64() * 10.0, "ms");
    let started = Instant::now();
    for _ in 0..100 {
        journal.prove(hit.record)?;
    }
    line("prove one record", started.elapsed().as_secs_f64() * 10.0, "ms");
    Ok(())
}

/// Erases every fiftieth record: as scattered as can be.
fn scattered(journal: &Journal) -> Outcomes<()> {
    let kind = Some(RecordKind::Request);
    let query = Query { kind, erased: Some(false), ..Query::default() };
    let records: Vec<RecordId> = journal.select(&query, 1_000_000)?.into_iter().step_by(50).collect();
    let started = Instant::now();
    journal.erase(&records, &BY)?;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    line(&format!("erase {} scattered records", records.len()), ms, "ms");
    Ok(())
}

/// What an export does for each record, but for the writing: reads it and proves it.
fn exporting(journal: &Journal, order: Order) -> Outcomes<()> {
    let mut query = Query { order, limit: 1000, ..Query::default() };
    let prover = journal.prover()?;
    let started = Instant::now();
    let mut records = 0_u64;
    while records < EXPORTED {
        let page = journal.search(&query)?;
        for hit in &page.hits {
            let bundle = prover.prove(&journal.read_hit(hit)?)?;
            records += u64::from(!bundle.leaves.is_empty());
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    line(&format!("read and prove, records in a second, {order:?} first"), records as f64 / seconds, "/s");
    Ok(())
}
