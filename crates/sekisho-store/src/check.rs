//! Whether a store is sound: for `doctor`, and for copies.

use rusqlite::Connection;

use crate::{
    database::{self, MIGRATIONS},
    error::Error,
    store::Store,
};

/// Most findings of SQLite that are returned.
const FINDINGS_MAX: usize = 100;

/// What was found. The sizes say how much was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Schema of the database.
    pub schema: i64,
    /// The newest schema that this program knows.
    pub schema_known: i64,
    /// Pages of the database.
    pub pages: u64,
    /// What SQLite finds damaged, in its own words; nothing when it is sound.
    pub damage: Vec<String>,
    /// Rows that refer to something that is not there.
    pub dangling: u64,
    /// Budgets of which more is used and leased than the limit allows: a call used more than was reserved for it, or
    /// somebody lowered the limit.
    pub overdrawn: u64,
    /// Processes that died and left holds or leases: see [`Store::left_open`].
    pub left_open: u64,
}

impl Check {
    /// Whether the database itself is sound.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty() && self.dangling == 0
    }
}

impl Store {
    /// Reads the whole database and looks at it. Takes time in proportion to its size, and keeps nobody waiting.
    ///
    /// # Errors
    /// The store could not be read at all.
    pub fn check(&self) -> Result<Check, Error> {
        let left_open = self.left_open()?.len() as u64;
        // A connection of its own, so that reports need not wait.
        let connection = database::open(&self.shared().settings().path)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Check { left_open, ..check(&connection)? })
    }
}

pub(crate) fn check(connection: &Connection) -> Result<Check, Error> {
    let pages = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let mut damage = Vec::new();
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({FINDINGS_MAX})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        damage.push(row.get::<_, String>(0)?);
    }
    damage.retain(|finding| finding != "ok");
    let dangling =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    let sql = "
        WITH spent AS (
            SELECT subject_kind, subject, month, sum(tokens) AS tokens, sum(micro_yen) AS micro_yen FROM (
                SELECT subject_kind, subject, month, prompt_tokens + completion_tokens + unaccounted_tokens AS tokens,
                    micro_yen FROM usage
                UNION ALL SELECT subject_kind, subject, month, tokens, micro_yen FROM lease)
            GROUP BY subject_kind, subject, month)
        SELECT count(*) FROM spent JOIN budget AS b USING (subject_kind, subject)
        WHERE (b.month = spent.month OR (b.month = 0 AND NOT EXISTS (SELECT 1 FROM budget AS own
                WHERE own.subject_kind = b.subject_kind AND own.subject = b.subject AND own.month = spent.month)))
            AND (spent.tokens > b.tokens_max OR spent.micro_yen > b.micro_yen_max)";
    let overdrawn = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(Check {
        schema: database::schema(connection)?,
        schema_known: MIGRATIONS.len() as i64,
        pages,
        damage,
        dangling,
        overdrawn,
        left_open: 0,
    })
}
