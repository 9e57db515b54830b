//! What was used: by whom, with which model, in which month.

use rusqlite::{Connection, params};

use crate::{
    amount::{SUM_MAX, Sum},
    clock::Month,
    error::Error,
    hold::Subject,
    ledger::AccountKey,
    store::Store,
};

/// Most rows that a report returns.
const ROWS_MAX: u64 = 1_000_000;

/// Sums over calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Calls.
    pub requests: u64,
    /// Tokens of prompts.
    pub prompt_tokens: u64,
    /// Tokens of completions.
    pub completion_tokens: u64,
    /// Tokens that count as spent since nobody knows better: holds that were dropped, leases written off after a crash.
    pub unaccounted_tokens: u64,
    /// Millionths of a yen, also for those.
    pub micro_yen: u64,
}

/// A line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// Whose.
    pub subject: Subject,
    /// In which month.
    pub month: Month,
    /// With which model; `None` for leases written off after a crash.
    pub model: Option<String>,
    /// How much.
    pub usage: Usage,
}

impl Usage {
    /// All tokens.
    pub fn tokens(&self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens).saturating_add(self.unaccounted_tokens)
    }

    /// Adds another sum.
    pub fn add(&mut self, other: Self) {
        let sum = |one: &mut u64, other: u64| *one = one.saturating_add(other).min(SUM_MAX);
        sum(&mut self.requests, other.requests);
        sum(&mut self.prompt_tokens, other.prompt_tokens);
        sum(&mut self.completion_tokens, other.completion_tokens);
        sum(&mut self.unaccounted_tokens, other.unaccounted_tokens);
        sum(&mut self.micro_yen, other.micro_yen);
    }

    pub(crate) fn to_sum(self) -> Sum {
        Sum { tokens: self.tokens().min(SUM_MAX) as i64, micro_yen: self.micro_yen.min(SUM_MAX) as i64 }
    }
}

impl Store {
    /// Use in the months from `first` to `last`, of one subject or of all; by subject, month and model. Use that is not
    /// written yet is not in it: [`Store::flush`].
    ///
    /// # Errors
    /// The store failed.
    pub fn usage(&self, of: Option<Subject>, first: Month, last: Month) -> Result<Vec<UsageRow>, Error> {
        let reader = self.shared().reader();
        let (kind, id) = of.map(Subject::to_row).unzip();
        let sql = "SELECT subject_kind, subject, month, model, requests, prompt_tokens, completion_tokens,
                   unaccounted_tokens, micro_yen FROM usage
                   WHERE month BETWEEN ?1 AND ?2 AND (?3 IS NULL OR (subject_kind = ?3 AND subject = ?4))
                   ORDER BY subject_kind DESC, subject, month, model LIMIT ?5";
        let mut statement = reader.prepare_cached(sql)?;
        let mut rows = statement.query(params![first.number(), last.number(), kind, id, ROWS_MAX])?;
        let mut report = Vec::new();
        while let Some(row) = rows.next()? {
            let usage = Usage {
                requests: row.get(4)?,
                prompt_tokens: row.get(5)?,
                completion_tokens: row.get(6)?,
                unaccounted_tokens: row.get(7)?,
                micro_yen: row.get(8)?,
            };
            report.push(UsageRow {
                subject: Subject::from_row(&row.get::<_, String>(0)?, row.get(1)?)?,
                month: Month::of_number(row.get(2)?).ok_or(Error::Damaged { what: "usage.month" })?,
                model: Some(row.get::<_, String>(3)?).filter(|model| !model.is_empty()),
                usage,
            });
        }
        Ok(report)
    }
}

/// Adds to what is in the database; no sum leaves the integers of SQLite.
pub(crate) fn book(db: &Connection, key: AccountKey, model: &str, usage: Usage) -> Result<(), Error> {
    let sql =
        "INSERT INTO usage (subject_kind, subject, month, model, requests, prompt_tokens, completion_tokens,
                   unaccounted_tokens, micro_yen)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
               ON CONFLICT DO UPDATE SET
                   requests = min(requests + excluded.requests, ?10),
                   prompt_tokens = min(prompt_tokens + excluded.prompt_tokens, ?10),
                   completion_tokens = min(completion_tokens + excluded.completion_tokens, ?10),
                   unaccounted_tokens = min(unaccounted_tokens + excluded.unaccounted_tokens, ?10),
                   micro_yen = min(micro_yen + excluded.micro_yen, ?10)";
    let (kind, id) = key.subject.to_row();
    db.prepare_cached(sql)?.execute(params![
        kind,
        id,
        key.month.number(),
        model,
        usage.requests,
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.unaccounted_tokens,
        usage.micro_yen,
        SUM_MAX
    ])?;
    Ok(())
}

/// All use of a subject in a month.
pub(crate) fn sum(db: &Connection, key: AccountKey) -> Result<Sum, Error> {
    let (kind, id) = key.subject.to_row();
    let sql = "SELECT prompt_tokens, completion_tokens, unaccounted_tokens, micro_yen FROM usage
               WHERE subject_kind = ?1 AND subject = ?2 AND month = ?3";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![kind, id, key.month.number()])?;
    let mut sum = Usage::default();
    while let Some(row) = rows.next()? {
        sum.add(Usage {
            requests: 0,
            prompt_tokens: row.get(0)?,
            completion_tokens: row.get(1)?,
            unaccounted_tokens: row.get(2)?,
            micro_yen: row.get(3)?,
        });
    }
    Ok(sum.to_sum())
}
