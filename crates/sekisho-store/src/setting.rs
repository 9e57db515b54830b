//! Small facts of the installation: a key, a value.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use crate::{
    error::{Error, Item},
    name::check_name,
    pepper::Pepper,
    store::Store,
};

/// Longest value.
const VALUE_BYTES_MAX: usize = 64 * 1024;
/// Settings of the store itself begin with this, and are not to be had by name.
const OWN: &str = "store.";
const PEPPER_CHECK: &str = "store.pepper-check";
/// Counts the changes of what processes keep in memory.
const DIRECTORY: &str = "store.directory";

impl Store {
    /// The value that was set.
    ///
    /// # Errors
    /// [`Error::Name`], or the store failed.
    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        check_key(key)?;
        read(&self.shared().reader(), key)
    }

    /// Sets a value, in the place of the one that was there.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::TooLarge`], or the store failed.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), Error> {
        check_key(key)?;
        check_value(value)?;
        let now_ms = self.now_ms();
        self.change(|db| {
            write(db, key, value, now_ms)?;
            self.note(db, "setting.set", key, &Value::Null)
        })
    }

    /// Sets a value where there is none: of several who try, in any number of processes, one succeeds.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Name`], [`Error::TooLarge`], or the store failed.
    pub fn set_setting_once(&self, key: &str, value: &str) -> Result<(), Error> {
        check_key(key)?;
        check_value(value)?;
        let now_ms = self.now_ms();
        self.change(|db| match read(db, key)? {
            Some(_) => Err(Error::exists(Item::Setting, key)),
            None => {
                write(db, key, value, now_ms)?;
                self.note(db, "setting.set", key, &Value::Null)
            }
        })
    }
}

fn check_key(key: &str) -> Result<(), Error> {
    check_name(key, &[]).map_err(|cause| Error::Name { item: Item::Setting, cause })?;
    if key.starts_with(OWN) { Err(Error::exists(Item::Setting, key)) } else { Ok(()) }
}

fn check_value(value: &str) -> Result<(), Error> {
    if value.len() > VALUE_BYTES_MAX {
        return Err(Error::TooLarge { item: Item::Setting, max: VALUE_BYTES_MAX as u64 });
    }
    Ok(())
}

pub(crate) fn read(db: &Connection, key: &str) -> Result<Option<String>, Error> {
    let mut statement = db.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

pub(crate) fn write(db: &Connection, key: &str, value: &str, now_ms: u64) -> Result<(), Error> {
    db.execute(
        "INSERT INTO setting (key, value, changed_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET value = excluded.value, changed_ms = excluded.changed_ms",
        params![key, value, now_ms],
    )?;
    Ok(())
}

/// Ties a new database to its pepper; notices that an old one lies beside another.
pub(crate) fn check_pepper(db: &Connection, pepper: &Pepper, now_ms: u64) -> Result<(), Error> {
    match read(db, PEPPER_CHECK)? {
        Some(value) if value == pepper.check_value() => Ok(()),
        Some(_) => Err(Error::Pepper),
        None => write(db, PEPPER_CHECK, &pepper.check_value(), now_ms),
    }
}

/// What a copy says of its pepper.
pub(crate) fn stored_pepper_check(db: &Connection) -> Result<Option<String>, Error> {
    read(db, PEPPER_CHECK)
}

/// How often people, keys, limits and templates have been changed.
pub(crate) fn directory_version(db: &Connection) -> Result<u64, Error> {
    let value = read(db, DIRECTORY)?;
    value.map_or(Ok(0), |value| value.parse().map_err(|_| Error::Damaged { what: "setting store.directory" }))
}

/// Counts one more, in the transaction that changes them.
pub(crate) fn count_change(db: &Connection, now_ms: u64) -> Result<u64, Error> {
    let version = directory_version(db)?.saturating_add(1);
    write(db, DIRECTORY, &version.to_string(), now_ms)?;
    Ok(version)
}
