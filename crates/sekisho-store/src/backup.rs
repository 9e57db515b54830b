//! Copies of a store that runs, and a store out of a copy.
//!
//! A copy is the database alone. The pepper is copied by [`Store::backup_pepper`], to be kept somewhere else: whoever has
//! only one of the two can neither test a guess nor make a key.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rusqlite::{Connection, OpenFlags, backup};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    check::{self, Check},
    database::{self, MIGRATIONS, create_file, refuse_open_to_others},
    error::{Error, Item},
    pepper::{Pepper, sync_folder},
    setting,
    store::{Settings, Store, beside},
};

/// A pepper file is never longer.
const PEPPER_BYTES_MAX: u64 = 4096;

impl Store {
    /// Copies the database as it is at one moment, while others use it, and checks the copy. At the end `to` is a whole
    /// and durable copy, or is not there.
    ///
    /// # Errors
    /// [`Error::Exists`] when something is at `to`, [`Error::Damaged`] when the copy is not sound, or the disk failed.
    pub fn backup(&self, to: &Path) -> Result<Check, Error> {
        let from = database::open(&self.shared().settings().path)?;
        let check = copy(&from, to)?;
        self.note_alone("store.copied", to)?;
        Ok(check)
    }

    /// Copies the pepper, readable by its owner only.
    ///
    /// # Errors
    /// [`Error::Exists`] when something is at `to`, or the disk failed.
    pub fn backup_pepper(&self, to: &Path) -> Result<(), Error> {
        copy_pepper(&self.shared().settings().pepper_path(), to)?;
        self.note_alone("store.pepper-copied", to)
    }

    /// Makes a store out of a copy and its pepper, where none is, and opens it. What processes had leased when the copy
    /// was made counts as spent: see [`Store::left_open`].
    ///
    /// # Errors
    /// [`Error::Exists`] when there is a store, [`Error::Pepper`], [`Error::NotAStore`], [`Error::Newer`],
    /// [`Error::Damaged`], or the disk failed. Nothing is left at the place then.
    pub fn restore(copy_at: &Path, pepper_at: &Path, settings: &Settings) -> Result<Self, Error> {
        let path = &settings.path;
        for taken in [path.clone(), settings.pepper_path(), beside(path, "-wal"), beside(path, "-journal")] {
            if taken.try_exists().map_err(|cause| Error::file(&taken, cause))? {
                return Err(Error::exists(Item::Database, taken.display()));
            }
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let from = Connection::open_with_flags(copy_at, flags)?;
        let (found, known) = (database::schema(&from)?, MIGRATIONS.len() as i64);
        if found == 0 {
            return Err(Error::NotAStore);
        }
        if found > known {
            return Err(Error::Newer { found, known });
        }
        let pepper = Pepper::read(pepper_at)?;
        if setting::stored_pepper_check(&from)?.is_none_or(|value| value != pepper.check_value()) {
            return Err(Error::Pepper);
        }
        copy_pepper(pepper_at, &settings.pepper_path())?;
        let made = copy(&from, path).and_then(|_| Self::open(settings)).and_then(|store| {
            store.note_alone("store.restored", copy_at)?;
            Ok(store)
        });
        made.inspect_err(|_| {
            drop(fs::remove_file(settings.pepper_path()));
            for ending in ["", "-wal", "-shm"] {
                drop(fs::remove_file(beside(path, ending)));
            }
        })
    }

    /// Notes something that is done to all of it.
    fn note_alone(&self, what: &'static str, file: &Path) -> Result<(), Error> {
        let file = file.display().to_string();
        // Every name of a file is told, whatever its characters.
        let shown: String = file.chars().flat_map(char::escape_default).collect();
        let shown = if file.chars().any(char::is_control) { shown } else { file };
        self.change(|db| self.note(db, what, shown, &Value::Null))
    }
}

/// By way of a file beside the target, so that nothing half-made ever has its name.
fn copy(from: &Connection, to: &Path) -> Result<Check, Error> {
    let failed = |cause: io::Error| Error::file(to, cause);
    if to.try_exists().map_err(failed)? {
        return Err(Error::exists(Item::Database, to.display()));
    }
    let half = beside(to, ".half");
    match fs::remove_file(&half) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(Error::file(&half, cause)),
        _ => {}
    }
    create_file(&half).map_err(|cause| Error::file(&half, cause))?;
    let made = copy_pages(from, &half).and_then(|check| {
        File::open(&half).and_then(|file| file.sync_all()).map_err(|cause| Error::file(&half, cause))?;
        // Does not replace what somebody else has put there meanwhile.
        fs::hard_link(&half, to).map_err(failed)?;
        Ok(check)
    });
    for ending in ["", "-journal", "-wal", "-shm"] {
        drop(fs::remove_file(beside(&half, ending)));
    }
    sync_folder(to).map_err(failed)?;
    made
}

fn copy_pages(from: &Connection, half: &Path) -> Result<Check, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut to = Connection::open_with_flags(half, flags)?;
    {
        let backup = backup::Backup::new(from, &mut to)?;
        // All pages in one step, which is one read transaction: in WAL mode it keeps no writer waiting, and no writer
        // makes it begin again.
        if backup.step(-1)? != backup::StepResult::Done {
            return Err(Error::Busy);
        }
    }
    // A copy is one file, without a log beside it.
    to.pragma_update(None, "journal_mode", "delete")?;
    let check = check::check(&to)?;
    if check.is_sound() { Ok(check) } else { Err(Error::Damaged { what: "copy" }) }
}

fn copy_pepper(from: &Path, to: &Path) -> Result<(), Error> {
    refuse_open_to_others(from)?;
    let size = fs::metadata(from).map_err(|cause| Error::file(from, cause))?.len();
    if size > PEPPER_BYTES_MAX {
        return Err(Error::Pepper);
    }
    let text = Zeroizing::new(fs::read(from).map_err(|cause| Error::file(from, cause))?);
    let mut options = OpenOptions::new();
    let mut file = match options.write(true).create_new(true).mode(0o600).open(to) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Error::exists(Item::Database, to.display()));
        }
        Err(cause) => return Err(Error::file(to, cause)),
    };
    let written = file.write_all(&text).and_then(|()| file.sync_all()).and_then(|()| sync_folder(to));
    written.inspect_err(|_| drop(fs::remove_file(to))).map_err(|cause| Error::file(to, cause))
}
