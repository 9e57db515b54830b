//! The drill of the audit log with many seeds: every operation of a workload fails in every way, in turn.
//!
//! `cargo xtask bench audit_crash -- [--seeds N] [--from SEED] [--operations N]`. CI runs one seed; this runs as many as
//! one has time for. A failure prints its seed and its fault, and the same command with `--from SEED --seeds 1` shows it
//! again.
#![allow(clippy::print_stdout, reason = "the result is what this program is for")]

use std::{
    error::Error,
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Instant,
};

use sekisho_audit::{log::drill::Drill, vfs::Fault};

const FAULTS: [Fault; 6] = [
    Fault::Error,
    Fault::NoSpace { more: 0 },
    Fault::NoSpace { more: 4 },
    Fault::CrashBefore,
    Fault::CrashTorn,
    Fault::CrashAfter,
];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (mut seeds, mut from, mut operations) = (10, 0, 300);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value: u64 = arguments.next().ok_or(format!("{flag} needs a number"))?.parse()?;
        match flag.as_str() {
            "--seeds" => seeds = value,
            "--from" => from = value,
            "--operations" => operations = value,
            _ => return Err(format!("unknown flag {flag}").into()),
        }
    }
    let (start, next) = (Instant::now(), AtomicU64::new(from));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<(u64, u64)> = thread::scope(|scope| {
        let running: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| drill(&next, from + seeds, operations))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or((0, 1))).collect()
    });
    let (points, failures) = results.iter().fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    println!(
        "{seeds} seeds from {from}, {points} failures of the disk, {failures} broken promises, {:.1} s on {threads} cores",
        start.elapsed().as_secs_f64()
    );
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes seeds until there are no more. How many faults were tried, and how many promises were broken.
fn drill(next: &AtomicU64, end: u64, operations: u64) -> (u64, u64) {
    let (mut points, mut failures) = (0, 0);
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return (points, failures);
        }
        let drill = match Drill::new(seed, operations) {
            Ok(drill) => drill,
            Err(failure) => {
                println!("{failure}");
                failures += 1;
                continue;
            }
        };
        for operation in 1..=drill.operations() {
            for fault in FAULTS {
                points += 1;
                if let Err(failure) = drill.fail(operation, fault) {
                    println!("{failure}");
                    failures += 1;
                }
            }
        }
    }
}
