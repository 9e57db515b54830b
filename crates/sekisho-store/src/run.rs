//! Lives of processes that reserve: which are still alive, and what they have leased.
//!
//! A life has a row and a lock on a file beside the database. The system takes the lock away when the process ends, however
//! it ends; so a row whose file nobody has locked is what a crash left.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, params};

use crate::{amount::Sum, error::Error, ledger::AccountKey};

/// The lock of this life; the file goes away with it.
pub(crate) struct RunLock {
    _file: File,
    path: PathBuf,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // A file that stays is found without a lock, which is as good.
        drop(fs::remove_file(&self.path));
    }
}

fn lock_path(folder: &Path, run: i64) -> PathBuf {
    folder.join(run.to_string())
}

/// Begins a life. Its lock is held before anybody can see its row.
pub(crate) fn begin(db: &Connection, folder: &Path, now_ms: u64) -> Result<(i64, RunLock), Error> {
    db.execute(
        "INSERT INTO run (started_ms, seen_ms, next_seq, open) VALUES (?1, ?1, 0, x'')",
        params![now_ms],
    )?;
    let run = db.last_insert_rowid();
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(cause) if cause.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Error::file(folder, cause));
        }
        _ => {}
    }
    let path = lock_path(folder, run);
    let failed = |cause| Error::file(&path, cause);
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::Error(cause) => failed(cause),
        TryLockError::WouldBlock => Error::RunAlive { run },
    })?;
    Ok((run, RunLock { _file: file, path }))
}

/// Whether the process of a life is still there.
pub(crate) fn is_alive(folder: &Path, run: i64) -> Result<bool, Error> {
    let path = lock_path(folder, run);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(cause) => return Err(Error::file(path, cause)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(cause)) => Err(Error::file(path, cause)),
    }
}

/// Removes what is left of a dead life.
pub(crate) fn remove_lock(folder: &Path, run: i64) {
    drop(fs::remove_file(lock_path(folder, run)));
}

/// Writes which holds are accounted for: all below `next_seq` but those in `open`.
pub(crate) fn note(db: &Connection, run: i64, next_seq: u64, open: &[u64], now_ms: u64) -> Result<(), Error> {
    let sql = "UPDATE run SET next_seq = ?2, open = ?3, seen_ms = ?4 WHERE id = ?1";
    db.prepare_cached(sql)?.execute(params![run, next_seq, pack(open), now_ms])?;
    Ok(())
}

/// Ends a life that has nothing open.
pub(crate) fn end(db: &Connection, run: i64) -> Result<(), Error> {
    db.execute("DELETE FROM lease WHERE run = ?1", [run])?;
    db.execute("DELETE FROM run WHERE id = ?1", [run])?;
    Ok(())
}

pub(crate) fn leased_by_others(db: &Connection, key: AccountKey, run: i64) -> Result<Sum, Error> {
    let (kind, id) = key.subject.to_row();
    let sql = "SELECT coalesce(sum(tokens), 0), coalesce(sum(micro_yen), 0) FROM lease
               WHERE subject_kind = ?1 AND subject = ?2 AND month = ?3 AND run <> ?4";
    let mut statement = db.prepare_cached(sql)?;
    Ok(statement.query_row(params![kind, id, key.month.number(), run], |row| {
        Ok(Sum { tokens: row.get(0)?, micro_yen: row.get(1)? })
    })?)
}

/// Ascending numbers as their distances, each in groups of seven bits, the last one marked (LEB128).
fn pack(numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() * 2);
    let mut before = 0;
    for &number in numbers {
        let mut rest = number.wrapping_sub(before);
        before = number;
        while rest >= 0x80 {
            bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
    bytes
}

/// What [`pack`] has packed; `None` for anything else.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<u64>> {
    let (mut numbers, mut before, mut value, mut shift) = (Vec::new(), 0_u64, 0_u64, 0);
    for &byte in bytes {
        if shift > 63 || (shift == 63 && byte & 0x7f > 1) {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            before = before.checked_add(value)?;
            numbers.push(before);
            (value, shift) = (0, 0);
        }
    }
    (shift == 0).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{pack, unpack};

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(numbers: BTreeSet<u64>) {
            let numbers: Vec<u64> = numbers.into_iter().collect();
            prop_assert_eq!(unpack(&pack(&numbers)), Some(numbers));
        }

        #[test]
        fn unpacking_never_panics(bytes: Vec<u8>) {
            let _ = unpack(&bytes);
        }
    }
}
