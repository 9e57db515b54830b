//! How many records of 1 KB the audit log makes durable in a second, and how long each waits, beside the disk's own sync.
//!
//! `cargo xtask bench audit_append -- [FOLDER] [SECONDS]`: a folder on the disk to be measured (here when not given), and
//! seconds for each line. What is written there is removed at the end.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::{
    collections::VecDeque,
    error::Error,
    fs::File,
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use sekisho_audit::{
    log::{Log, Settings, Ticket, Writer},
    note::SigningKey,
    vfs::Disk,
};

const RECORD_BYTES: usize = 1024;
/// Appends on their way at once, over all threads.
const IN_FLIGHT: [usize; 6] = [1, 16, 64, 256, 1024, 2048];
/// Records in a group, for the writer alone.
const GROUPS: [usize; 5] = [1, 16, 64, 256, 1024];
const THREADS: usize = 2;
/// Longer than any publication takes.
const CLOSE_MAX: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let seconds: u64 = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let (folder, time) = (Path::new(&folder), Duration::from_secs(seconds));
    let cores = thread::available_parallelism().map_or(0, usize::from);
    println!(
        "records of {RECORD_BYTES} bytes, {seconds} s a line, {THREADS} appending threads, {cores} cores"
    );
    println!("{:<34} {:>10} {:>9} {:>9} {:>9}", "", "records/s", "p50 ms", "p99 ms", "max ms");
    disk(folder, time)?;
    for group in GROUPS {
        writer(folder, time, group)?;
    }
    for in_flight in IN_FLIGHT {
        log(folder, time, in_flight)?;
    }
    disk(folder, time)
}

fn line(name: &str, records: usize, time: Duration, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let at = |share: f64| {
        let wait = waits.get(((waits.len() as f64 * share) as usize).min(waits.len().saturating_sub(1)));
        wait.copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    let rate = records as f64 / time.as_secs_f64();
    println!("{name:<34} {rate:>10.0} {:>9.2} {:>9.2} {:>9.2}", at(0.5), at(0.99), at(1.0));
}

fn record(number: u64) -> Vec<u8> {
    let mut record = vec![0; RECORD_BYTES];
    record[..8].copy_from_slice(&number.to_le_bytes());
    record
}

fn settings() -> Result<Settings, Box<dyn Error>> {
    Ok(Settings::new(SigningKey::from_seed("bench.example/log", &[1; 32])?))
}

/// The disk without us: append as many bytes as a group has, and sync.
fn disk(folder: &Path, time: Duration) -> Result<(), Box<dyn Error>> {
    for records in [1, 1024] {
        let folder = tempfile::tempdir_in(folder)?;
        let file = File::create(folder.path().join("plain"))?;
        let bytes = vec![7; records * RECORD_BYTES];
        let (start, mut offset, mut waits) = (Instant::now(), 0, Vec::new());
        while start.elapsed() < time {
            let before = Instant::now();
            file.write_all_at(&bytes, offset)?;
            file.sync_data()?;
            waits.push(before.elapsed());
            offset += bytes.len() as u64;
        }
        let name = format!("disk: write {} KB, fdatasync", bytes.len() / 1024);
        line(&name, waits.len() * records, start.elapsed(), waits);
    }
    Ok(())
}

/// One thread, one group after the other, nothing published.
fn writer(folder: &Path, time: Duration, group: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(folder)?;
    let mut writer = Writer::create(Disk::new(folder.path()), settings()?)?;
    let leaves: Vec<_> = (0..group as u64).map(record).collect();
    let (start, mut waits) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        let before = Instant::now();
        writer.commit(&leaves)?;
        waits.push(before.elapsed());
    }
    line(&format!("writer: groups of {group}"), waits.len() * group, start.elapsed(), waits);
    Ok(())
}

/// Many appends on their way, tiles and checkpoints published beside them.
fn log(folder: &Path, time: Duration, in_flight: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(folder)?;
    let log = Arc::new(Log::start(Writer::create(Disk::new(folder.path()), settings()?)?)?);
    let start = Instant::now();
    let threads = THREADS.min(in_flight);
    let running: Vec<_> = (0..threads)
        .map(|_| {
            let log = Arc::clone(&log);
            thread::spawn(move || append(&log, start, time, in_flight / threads))
        })
        .collect();
    let mut waits = Vec::new();
    for thread in running {
        waits.extend(thread.join().map_err(|_| "a thread has ended")??);
    }
    let elapsed = start.elapsed();
    line(&format!("log: {in_flight} in flight"), waits.len(), elapsed, waits);
    log.close(CLOSE_MAX)?;
    Ok(())
}

/// Appends with so many on their way; tickets are settled in order, so the oldest says how long it took.
fn append(
    log: &Log<Disk>,
    start: Instant,
    time: Duration,
    in_flight: usize,
) -> Result<Vec<Duration>, sekisho_audit::log::AppendError> {
    let mut waits = Vec::new();
    let mut tickets: VecDeque<(Instant, Ticket)> = VecDeque::new();
    let mut number = 0;
    loop {
        let is_over = start.elapsed() >= time;
        if tickets.len() == in_flight || is_over {
            let Some((before, ticket)) = tickets.pop_front() else { return Ok(waits) };
            ticket.wait()?;
            waits.push(before.elapsed());
        }
        if !is_over {
            number += 1;
            let leaf = record(number);
            tickets.push_back((Instant::now(), log.append(vec![leaf])?));
        }
    }
}
