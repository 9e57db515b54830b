//! What a process left open when it died, and how it is settled from the audit log.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    amount::{Amount, Sum, Used},
    budget::is_known,
    clock::Month,
    error::{Error, Item},
    hold::{HoldTag, Subject},
    ledger::AccountKey,
    name::check_word,
    run,
    store::Store,
    usage::{self, Usage},
};

/// What a dead process left behind. All of it counts as spent until it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOpen {
    /// The life of the process; [`HoldTag::run`] is the same for its holds.
    pub run: i64,
    /// When it began to reserve.
    pub started_ms: u64,
    /// When it wrote for the last time. Holds of later calls are not known here, but their lease is.
    pub seen_ms: u64,
    /// Holds that were open then.
    pub open_holds: u64,
    /// What it had leased and not booked.
    pub leased: Vec<(Subject, Month, Amount)>,
}

/// How a call of the dead process ended, from the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Of its record.
    pub tag: HoldTag,
    /// The model that answered.
    pub model: String,
    /// What it used; nothing when it did not take place.
    pub used: Used,
}

/// What becomes of a lease for which no call accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// It counts as spent, for good: the rule when the audit log cannot be trusted to know every call.
    CountAsSpent,
    /// It is given back: the caller has settled every call of that process.
    GiveBack,
}

/// What came of settling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Calls that were booked now.
    pub booked: u64,
    /// Calls that the process had booked before it died, or that stand in the list twice.
    pub known: u64,
    /// Calls of another process, or of somebody who is not known here; nothing was done for them.
    pub foreign: u64,
}

impl Store {
    /// What processes left open that are no longer alive; the oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub fn left_open(&self) -> Result<Vec<LeftOpen>, Error> {
        let shared = self.shared();
        let folder = shared.database().folder.clone();
        let mut reader = shared.reader();
        let transaction = reader.transaction()?;
        let mut statement =
            transaction.prepare_cached("SELECT id, started_ms, seen_ms, open FROM run ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut left = Vec::new();
        while let Some(row) = rows.next()? {
            let run = row.get(0)?;
            if run::is_alive(&folder, run)? {
                continue;
            }
            let open = run::unpack(row.get_ref(3)?.as_blob().map_err(|_| DAMAGED)?).ok_or(DAMAGED)?;
            left.push(LeftOpen {
                run,
                started_ms: row.get(1)?,
                seen_ms: row.get(2)?,
                open_holds: open.len() as u64,
                leased: leases(&transaction, run)?,
            });
        }
        Ok(left)
    }

    /// Settles what a dead process left open, in one transaction, and forgets the process. Each call is booked at most
    /// once, also when the list holds calls that the process had booked itself.
    ///
    /// # Errors
    /// [`Error::NoSuch`] run, [`Error::RunAlive`], or the store failed.
    pub fn reconcile(&self, run: i64, calls: &[Settled], rest: Rest) -> Result<Outcome, Error> {
        let shared = self.shared();
        let folder = shared.database().folder.clone();
        if run::is_alive(&folder, run)? {
            return Err(Error::RunAlive { run });
        }
        // What is left of budgets changes, as if another process had written.
        let outcome = shared.change(true, |db| {
            let mut books = Books::of(db, run)?;
            let mut outcome = Outcome::default();
            for call in calls {
                books.settle(db, call, &mut outcome)?;
            }
            if rest == Rest::CountAsSpent {
                for (subject, month, amount) in leases(db, run)? {
                    let usage = Usage {
                        unaccounted_tokens: amount.tokens,
                        micro_yen: amount.micro_yen,
                        ..Usage::default()
                    };
                    usage::book(db, AccountKey { subject, month }, "", usage)?;
                }
            }
            run::end(db, run)?;
            Ok(outcome)
        })?;
        run::remove_lock(&folder, run);
        Ok(outcome)
    }
}

const DAMAGED: Error = Error::Damaged { what: "run.open" };

/// Which calls of a run are booked.
struct Books {
    run: i64,
    next_seq: u64,
    open: HashSet<u64>,
    settled: HashSet<u64>,
}

impl Books {
    fn of(db: &Connection, run: i64) -> Result<Self, Error> {
        let sql = "SELECT next_seq, open FROM run WHERE id = ?1";
        let row = db.query_row(sql, [run], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))).optional()?;
        let (next_seq, open) = row.ok_or_else(|| Error::no_such(Item::Run, run))?;
        let open = run::unpack(&open).ok_or(DAMAGED)?.into_iter().collect();
        Ok(Self { run, next_seq, open, settled: HashSet::new() })
    }

    fn settle(&mut self, db: &Connection, call: &Settled, outcome: &mut Outcome) -> Result<(), Error> {
        let tag = &call.tag;
        check_word(&call.model).map_err(|cause| Error::Name { item: Item::Model, cause })?;
        for subject in tag.subjects() {
            if tag.run != self.run || !is_known(db, subject)? {
                outcome.foreign += 1;
                return Ok(());
            }
        }
        let is_booked = tag.seq < self.next_seq && !self.open.contains(&tag.seq);
        if is_booked || !self.settled.insert(tag.seq) {
            outcome.known += 1;
            return Ok(());
        }
        outcome.booked += 1;
        let used = call.used.clamped();
        if used == Used::default() {
            return Ok(());
        }
        let usage = Usage {
            requests: 1,
            prompt_tokens: used.prompt_tokens,
            completion_tokens: used.completion_tokens,
            unaccounted_tokens: 0,
            micro_yen: used.micro_yen,
        };
        for subject in tag.subjects() {
            let key = AccountKey { subject, month: tag.month };
            usage::book(db, key, &call.model, usage)?;
            take_from_lease(db, self.run, key, usage.to_sum())?;
        }
        Ok(())
    }
}

fn take_from_lease(db: &Connection, run: i64, key: AccountKey, sum: Sum) -> Result<(), Error> {
    let (kind, id) = key.subject.to_row();
    let sql = "UPDATE lease SET tokens = max(tokens - ?5, 0), micro_yen = max(micro_yen - ?6, 0)
               WHERE subject_kind = ?1 AND subject = ?2 AND month = ?3 AND run = ?4";
    let parameters = params![kind, id, key.month.number(), run, sum.tokens, sum.micro_yen];
    db.prepare_cached(sql)?.execute(parameters)?;
    Ok(())
}

fn leases(db: &Connection, run: i64) -> Result<Vec<(Subject, Month, Amount)>, Error> {
    let sql = "SELECT subject_kind, subject, month, tokens, micro_yen FROM lease WHERE run = ?1
               ORDER BY month, subject_kind DESC, subject";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([run])?;
    let mut leases = Vec::new();
    while let Some(row) = rows.next()? {
        let subject = Subject::from_row(&row.get::<_, String>(0)?, row.get(1)?)?;
        let month = Month::of_number(row.get(2)?).ok_or(Error::Damaged { what: "lease.month" })?;
        leases.push((subject, month, Amount { tokens: row.get(3)?, micro_yen: row.get(4)? }));
    }
    Ok(leases)
}
