//! The machine: port, folder, disk, space, clock.

use std::{
    fs::{self, File},
    io::{self, Write},
    net::TcpListener,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use sekisho_base::ByteCount;

use super::{Findings, Mark};
use crate::gate::{self, Settings};

/// Writes that are measured, and their size: one record of the audit log.
const WRITES: usize = 50;
const WRITE_BYTES: usize = 4096;
/// Every request waits for one sync of the disk: to this it is hardly noticed, and above the other it is.
const SYNC_GOOD: Duration = Duration::from_millis(5);
const SYNC_BEARABLE: Duration = Duration::from_millis(25);
/// Free space.
const SPACE_GOOD: u64 = 10 << 30;
const SPACE_BEARABLE: u64 = 1 << 30;
/// How far files may lie in the future.
const CLOCK_SLACK: Duration = Duration::from_secs(60);
/// 2026-01-01: no clock that is right shows less.
const YEAR_2026: Duration = Duration::from_secs(1_767_225_600);

pub(super) fn check(settings: &Settings, findings: &mut Findings<'_>) {
    port(settings, findings);
    let data = &settings.fixed.data;
    if let Some(folder) = folder(data, findings) {
        disk(&folder, findings);
        space(&folder, findings);
    }
    clock(settings, findings);
}

fn port(settings: &Settings, findings: &mut Findings<'_>) {
    let address = ("address", settings.fixed.listen.to_string());
    match TcpListener::bind(settings.fixed.listen) {
        Ok(_) => findings.good("port", "port", &[address]),
        Err(error) => {
            findings.found("port", Mark::Bad, "port-taken", &[address, ("cause", error.to_string())]);
        }
    }
    if !settings.fixed.has_tls && !settings.fixed.listen.ip().is_loopback() {
        let address = ("address", settings.fixed.listen.to_string());
        findings.found("port", Mark::Warning, "port-plain", &[address]);
    }
}

/// The data folder, or the nearest above it where it will be made; none where nothing can be written.
fn folder(data: &Path, findings: &mut Findings<'_>) -> Option<PathBuf> {
    let shown = ("folder", data.display().to_string());
    let there = data.ancestors().find(|folder| folder.is_dir())?.to_owned();
    if let Err(error) = write_probe(&there) {
        findings.found("data", Mark::Bad, "data-unwritable", &[shown, ("cause", error.to_string())]);
        return None;
    }
    let mode = fs::metadata(&there).map_or(0, |metadata| metadata.mode() & 0o777);
    match () {
        () if there != data => findings.good("data", "data-new", &[shown]),
        () if mode & 0o077 != 0 => {
            let mode = format!("{mode:03o}");
            findings.found("data", Mark::Warning, "data-open", &[shown, ("mode", mode)]);
        }
        () => findings.good("data", "data", &[shown]),
    }
    Some(there)
}

/// A file of our own, which goes away with it.
struct Probe(PathBuf);

impl Probe {
    fn create(folder: &Path) -> io::Result<(Self, File)> {
        let path = folder.join(format!(".sekisho-doctor-{}", std::process::id()));
        let file = File::create_new(&path)?;
        Ok((Self(path), file))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // What cannot be removed could be written a moment ago; there is nobody else to tell.
        let _ = fs::remove_file(&self.0);
    }
}

fn write_probe(folder: &Path) -> io::Result<()> {
    let (_probe, mut file) = Probe::create(folder)?;
    file.write_all(b"sekisho")
}

/// The median time of a sync: what every request waits for at least.
fn disk(folder: &Path, findings: &mut Findings<'_>) {
    let measure = || -> io::Result<Duration> {
        let (_probe, mut file) = Probe::create(folder)?;
        let block = [0x5a; WRITE_BYTES];
        let mut times = Vec::with_capacity(WRITES);
        for _ in 0..WRITES {
            let start = Instant::now();
            file.write_all(&block)?;
            file.sync_data()?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        Ok(times[WRITES / 2])
    };
    match measure() {
        Err(error) => findings.found("disk", Mark::Bad, "disk-failed", &[("cause", error.to_string())]),
        Ok(median) => {
            let ms = ("ms", format!("{:.2}", median.as_secs_f64() * 1000.0));
            match median {
                median if median <= SYNC_GOOD => findings.good("disk", "disk", &[ms]),
                median if median <= SYNC_BEARABLE => {
                    findings.found("disk", Mark::Warning, "disk-slow", &[ms]);
                }
                _ => findings.found("disk", Mark::Bad, "disk-slow", &[ms]),
            }
        }
    }
}

fn space(folder: &Path, findings: &mut Findings<'_>) {
    match rustix::fs::statvfs(folder) {
        Err(error) => {
            findings.found("space", Mark::Warning, "space-unknown", &[("cause", error.to_string())]);
        }
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let shown = ("free", ByteCount(free).to_string());
            match free {
                free if free >= SPACE_GOOD => findings.good("space", "space", &[shown]),
                free if free >= SPACE_BEARABLE => {
                    findings.found("space", Mark::Warning, "space-little", &[shown]);
                }
                _ => findings.found("space", Mark::Bad, "space-little", &[shown]),
            }
        }
    }
}

/// A clock that runs behind what was written before would put records in the wrong order.
fn clock(settings: &Settings, findings: &mut Findings<'_>) {
    let now = SystemTime::now();
    let data = &settings.fixed.data;
    let audit = gate::audit_path(data);
    let mut places = vec![settings.file.clone(), gate::store_path(data), audit.join("log")];
    let below = fs::read_dir(audit.join("log")).into_iter().flatten().flatten();
    places.extend(below.map(|entry| entry.path()));
    let newest =
        places.iter().filter_map(|path| Some((fs::metadata(path).ok()?.modified().ok()?, path))).max();
    let is_old = now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since < YEAR_2026);
    match newest {
        Some((modified, path)) if modified.duration_since(now).is_ok_and(|ahead| ahead > CLOCK_SLACK) => {
            let path = ("file", path.display().to_string());
            findings.found("clock", Mark::Bad, "clock-behind", &[path]);
        }
        _ if is_old => findings.found("clock", Mark::Bad, "clock-old", &[]),
        _ => findings.good("clock", "clock", &[]),
    }
}
