//! How long a start of the audit log takes.
//!
//! `cargo xtask bench audit_recover -- [FOLDER] [GIB]`: a folder on the disk to be measured (here when not given), and the
//! size of the log (1 when not given). What is written there is removed at the end. Cold means that the pages of the log
//! were evicted from the cache (by `dd iflag=nocache`), which does not reach caches of the disk itself.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::{
    error::Error,
    fs, io,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use sekisho_audit::{
    log::{Recovered, Settings, Writer},
    note::SigningKey,
    vfs::Disk,
};

const RECORD_BYTES: usize = 1024;
const GROUP: usize = 1024;
/// Groups from one publication to the next: about as many as a busy second has.
const PUBLISH_EVERY: u64 = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let gib: u64 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let folder = tempfile::tempdir_in(folder)?;
    let fs = Disk::new(folder.path());
    make(&fs, gib * 1024)?;
    let (head, bytes) = {
        let (writer, _) = Writer::open(fs.clone(), settings()?)?;
        (writer.head(), length(folder.path())?)
    };
    println!("{} records of {RECORD_BYTES} bytes, {bytes} bytes on the disk", head.size);
    open(&fs, "warm, not closed: killed a second after the last publication")?;
    evict(folder.path())?;
    open(&fs, "cold, the same")?;
    let (mut writer, _) = Writer::open(fs.clone(), settings()?)?;
    writer.publish()?;
    writer.close()?;
    evict(folder.path())?;
    open(&fs, "cold, closed")?;
    fs::remove_file(folder.path().join("log/checkpoint"))?;
    evict(folder.path())?;
    open(&fs, "cold, checkpoint and tiles made again")
}

fn settings() -> Result<Settings, Box<dyn Error>> {
    Ok(Settings::new(SigningKey::from_seed("bench.example/log", &[1; 32])?))
}

/// Writes a log of so many groups, and leaves the last ones unpublished.
fn make(fs: &Disk, groups: u64) -> Result<(), Box<dyn Error>> {
    let mut writer = Writer::create(fs.clone(), settings()?)?;
    let mut leaves = vec![vec![0; RECORD_BYTES]; GROUP];
    for group in 0..groups {
        for (number, leaf) in (0_u64..).zip(&mut leaves) {
            leaf[..16].copy_from_slice(&[group.to_le_bytes(), number.to_le_bytes()].concat());
        }
        writer.commit(&leaves)?;
        if group + PUBLISH_EVERY < groups && group % PUBLISH_EVERY == 0 {
            writer.publish()?;
        }
    }
    Ok(())
}

fn open(fs: &Disk, name: &str) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (writer, recovered) = Writer::open(fs.clone(), settings()?)?;
    let elapsed = start.elapsed();
    drop(writer);
    let Recovered { entries_read, tiles_made, .. } = recovered;
    println!("{elapsed:>12.3?}  {name} ({entries_read} records read, tiles made: {tiles_made})");
    Ok(())
}

fn length(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_folder = entry.file_type()?.is_dir();
        bytes += if is_folder { length(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}

/// Evicts all files of a folder from the page cache.
fn evict(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            evict(&path)?;
        } else if path.metadata()?.len() > 64 * 1024
            || path.file_name().is_some_and(|name| name == "checkpoint")
        {
            let mut command = Command::new("dd");
            let input = format!("if={}", path.display());
            command.args([&input, "iflag=nocache", "count=0"]).stderr(Stdio::null());
            command.status()?;
        }
    }
    Ok(())
}
