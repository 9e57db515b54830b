//! The file: how it is opened, and how its schema grows.

use std::{
    fs::OpenOptions,
    io,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};

use crate::error::Error;

/// `SEKI`: what `file` and we tell the database from others by.
const APPLICATION_ID: i64 = 0x5345_4B49;
/// How long one process waits for another to end its transaction; they last milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The WAL file is cut to this when it has been taken over into the database.
const WAL_BYTES_MAX: i64 = 64 << 20;
/// In their order; a number is never used twice, and a text never changes once it was shipped.
pub(crate) const MIGRATIONS: &[&str] =
    &[include_str!("../migrations/0001.sql"), include_str!("../migrations/0002.sql")];

/// An empty file that only its owner can read; WAL and shared memory files take over its permissions.
pub(crate) fn create_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map(|_| ())
}

/// Refuses a file that its group or others may read or write.
pub(crate) fn refuse_open_to_others(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::metadata(path).map_err(|cause| Error::file(path, cause))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(Error::TooOpen { path: path.to_owned(), mode }) }
}

/// Opens a database that exists, as all of our connections are. A database of somebody else is left as it is.
pub(crate) fn open(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    if schema(&connection)? == 0 && count_tables(&connection)? > 0 {
        return Err(Error::NotAStore);
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    // WAL: readers and the writer do not wait for each other. FULL: what was acknowledged survives a power cut; with NORMAL
    // a lease could be lost after it was spent from.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_MAX)?;
    Ok(connection)
}

/// A transaction that holds the write lock from its beginning, so that what it reads stays true until it ends.
pub(crate) fn begin(connection: &mut Connection) -> Result<Transaction<'_>, Error> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Brings the schema to the newest one, in one transaction.
pub(crate) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), Error> {
    let known = migrations.len() as i64;
    let found = schema(connection)?;
    if found == known {
        return Ok(());
    }
    let transaction = begin(connection)?;
    // Again, now that nobody else can change it.
    let found = schema(&transaction)?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for migration in migrations.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// The number of the last migration; 0 for an empty file.
pub(crate) fn schema(connection: &Connection) -> Result<i64, Error> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let is_ours = application == APPLICATION_ID || (application == 0 && found == 0);
    if is_ours && found >= 0 { Ok(found) } else { Err(Error::NotAStore) }
}

fn count_tables(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?)
}

/// A number that changes when another connection has committed something.
pub(crate) fn data_version(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rusqlite::Connection;

    use super::{MIGRATIONS, create_file, migrate, open, schema};
    use crate::error::Error;

    const NEXT: &str = "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;
                        INSERT INTO setting (key, value, changed_ms) VALUES ('migrated', 'yes', 0);";

    #[test]
    fn an_older_schema_grows_and_a_newer_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        create_file(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let mut connection = open(&path).unwrap();
        assert_eq!(schema(&connection).unwrap(), 0);
        migrate(&mut connection, MIGRATIONS).unwrap();
        let sql = "INSERT INTO setting (key, value, changed_ms) VALUES ('kept', 'yes', 0)";
        connection.execute(sql, []).unwrap();

        let newer = [MIGRATIONS, &[NEXT]].concat();
        migrate(&mut connection, &newer).unwrap();
        migrate(&mut connection, &newer).unwrap();
        assert_eq!(schema(&connection).unwrap(), newer.len() as i64);
        let settings: i64 =
            connection.query_row("SELECT count(*) FROM setting", [], |row| row.get(0)).unwrap();
        assert_eq!(settings, 2);

        let refused = migrate(&mut connection, MIGRATIONS);
        let (found, known) = (newer.len() as i64, MIGRATIONS.len() as i64);
        assert!(matches!(refused, Err(Error::Newer { found: f, known: k }) if f == found && k == known));
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        create_file(&path).unwrap();
        let mut connection = open(&path).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let broken = [MIGRATIONS, &[NEXT, "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT"]].concat();
        assert!(matches!(migrate(&mut connection, &broken), Err(Error::Database(_))));
        assert_eq!(schema(&connection).unwrap(), MIGRATIONS.len() as i64);
        let later: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'later'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(later, 0);
    }

    #[test]
    fn the_database_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("theirs");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(open(&path), Err(Error::NotAStore)));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        std::fs::write(&path, "not a database at all, but longer than a hundred bytes: ".repeat(20)).unwrap();
        assert!(matches!(open(&path), Err(Error::NotAStore)));
    }
}
