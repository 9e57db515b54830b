//! The one that writes: usage, leases and last uses, in groups; and that notices what other processes have written.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::{Transaction, params};

use crate::{
    amount::{Limits, SUM_MAX, Sum},
    database,
    error::Error,
    ledger::{AccountKey, Ledger, Pending, Waiter},
    run,
    store::{Database, Shared},
    usage,
};

/// The last uses of keys are written, and budgets of past months are put away, this often.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// What one transaction is to write.
struct Batch {
    waiters: Vec<Waiter>,
    pending: Pending,
    accounts: Vec<AccountWork>,
    run: Option<i64>,
    next_seq: u64,
    open: Vec<u64>,
}

struct AccountWork {
    key: AccountKey,
    limits: Limits,
    /// Booked as usage by this transaction.
    flushed: Sum,
    /// The lease that remains of the old one.
    kept: Sum,
    /// How much more to lease, if there is as much.
    wanted: Sum,
    /// What is left besides, after the transaction.
    left: Sum,
    /// What was leased anew.
    granted: Sum,
    /// It was given back what was not reserved.
    is_trim: bool,
}

/// Runs until the store is closed.
pub(crate) fn run(shared: &Arc<Shared>, tick: Duration) {
    let mut due = Instant::now() + tick;
    let mut housekeeping = Instant::now() + HOUSEKEEPING;
    loop {
        let is_closed = {
            let mut ledger = shared.ledger();
            while !ledger.is_work && !ledger.is_closed {
                let Some(time) = due.checked_duration_since(Instant::now()) else { break };
                ledger = shared.wake.wait_timeout(ledger, time).unwrap_or_else(PoisonError::into_inner).0;
            }
            ledger.is_closed
        };
        if is_closed {
            return;
        }
        let is_due = Instant::now() >= due;
        let mut done = shared.cycle();
        if is_due {
            due = Instant::now() + tick;
            done = done.and_then(|()| shared.refresh().map(|_| ()));
        }
        if Instant::now() >= housekeeping {
            housekeeping = Instant::now() + HOUSEKEEPING;
            done = done.and_then(|()| shared.keep_house());
        }
        shared.ledger().last_error = done.err();
    }
}

impl Shared {
    /// Writes what there is to write, leases what is asked for, and answers those who wait.
    pub(crate) fn cycle(self: &Arc<Self>) -> Result<(), Error> {
        let mut database = self.database();
        let mut batch = self.take_batch();
        if batch.pending.is_empty() && batch.waiters.is_empty() && batch.accounts.is_empty() {
            return Ok(());
        }
        if !batch.pending.is_empty() {
            self.wait_behind();
        }
        let written = write(&mut database, &mut batch, self.now_ms());
        let mut ledger = self.ledger();
        let replies = match &written {
            Ok(run) => {
                ledger.run = Some(*run);
                let mut again = Vec::new();
                for work in &batch.accounts {
                    let Some(account) = ledger.accounts.get_mut(&work.key) else { continue };
                    account.granted = work.kept.plus(work.granted);
                    account.unflushed = account.unflushed.minus(work.flushed);
                    account.left = Some(work.left).filter(|_| account.limits == work.limits);
                    account.is_trim = account.is_trim && (!work.is_trim || account.limits != work.limits);
                    account.is_refill_asked = false;
                    if account.is_above_limit() {
                        account.is_trim = true;
                        again.push(work.key);
                    }
                }
                ledger.is_work |= !again.is_empty();
                ledger.touched.extend(again);
                ledger.answer(self, batch.waiters)
            }
            Err(error) => {
                for (key, models) in batch.pending {
                    let again = ledger.pending.entry(key).or_default();
                    for (model, usage) in models {
                        again.entry(model).or_default().add(usage);
                    }
                }
                for work in &batch.accounts {
                    if let Some(account) = ledger.accounts.get_mut(&work.key) {
                        account.is_refill_asked = false;
                    }
                    if work.is_trim {
                        ledger.touched.insert(work.key);
                    }
                }
                ledger.fail(batch.waiters, error)
            }
        };
        drop(ledger);
        replies.into_iter().for_each(crate::ledger::Reply::send);
        written.map(|_| ())
    }

    /// What is to be written, as it is at one moment.
    fn take_batch(&self) -> Batch {
        let mut ledger = self.ledger();
        ledger.is_work = false;
        let waiters: Vec<Waiter> = ledger.waiters.drain(..).collect();
        let pending = std::mem::take(&mut ledger.pending);
        let mut keys = std::mem::take(&mut ledger.touched);
        keys.extend(pending.keys().copied());
        let mut needs: HashMap<AccountKey, Sum> = HashMap::new();
        for waiter in &waiters {
            for subject in waiter.charge.subjects() {
                let need = needs.entry(AccountKey { subject, month: waiter.month }).or_default();
                *need = need.plus(waiter.amount.into());
            }
        }
        let accounts = keys.into_iter().filter_map(|key| {
            let account = ledger.accounts.get(&key)?;
            let need = needs.get(&key).copied().unwrap_or_default();
            let mut lease = account.granted;
            if account.is_trim {
                let reserved = account.open.plus(account.unflushed);
                lease = lease.map2(reserved, i64::min);
            }
            let available = account.limited(lease.minus(account.open).minus(account.unflushed));
            // Who gives back takes no more than covers what is open.
            let block = if account.is_trim { Sum::default() } else { account.block() };
            let want = |need: i64, available: i64, block: i64| {
                if available - need < block / 2 || need > available { need - available + block } else { 0 }
            };
            let wanted = Sum {
                tokens: want(need.tokens, available.tokens, block.tokens),
                micro_yen: want(need.micro_yen, available.micro_yen, block.micro_yen),
            };
            Some(AccountWork {
                key,
                limits: account.limits,
                flushed: account.unflushed,
                kept: lease.minus(account.unflushed).at_least_zero(),
                wanted: wanted.at_least_zero(),
                left: Sum::default(),
                granted: Sum::default(),
                is_trim: account.is_trim,
            })
        });
        let accounts = accounts.collect();
        let mut open: Vec<u64> = ledger.open.iter().copied().collect();
        open.sort_unstable();
        Batch { waiters, pending, accounts, run: ledger.run, next_seq: ledger.next_seq, open }
    }

    /// Writes the last uses of keys, and gives back leases of months that are over.
    pub(crate) fn keep_house(self: &Arc<Self>) -> Result<(), Error> {
        let month = self.month();
        {
            let mut ledger = self.ledger();
            let Ledger { accounts, touched, .. } = &mut *ledger;
            accounts.retain(|&key, account| {
                let is_over = key.month < month && account.open.is_zero() && account.waiting == 0;
                let is_done = is_over && account.granted.is_zero() && account.unflushed.is_zero();
                if !is_done && (is_over || account.is_above_limit()) {
                    account.is_trim = true;
                    touched.insert(key);
                }
                !is_done
            });
        }
        self.cycle()?;
        if self.ledger().is_work {
            self.cycle()?;
        }
        self.write_last_uses()
    }

    pub(crate) fn write_last_uses(&self) -> Result<(), Error> {
        let directory = self.directory();
        let mut database = self.database();
        let used: Vec<_> =
            directory.keys().filter_map(|entry| Some((entry, entry.last_use.unwritten_ms()?))).collect();
        if used.is_empty() {
            return Ok(());
        }
        let transaction = database::begin(&mut database.connection)?;
        for (entry, ms) in &used {
            let sql = "UPDATE api_key SET last_used_ms = max(coalesce(last_used_ms, 0), ?2) WHERE id = ?1";
            transaction.prepare_cached(sql)?.execute(params![entry.key.id.to_string(), ms])?;
        }
        transaction.commit()?;
        for (entry, ms) in used {
            entry.last_use.set_written(ms);
        }
        Ok(())
    }
}

/// One transaction; afterwards all of the batch is in the database, or nothing.
fn write(database: &mut Database, batch: &mut Batch, now_ms: u64) -> Result<i64, Error> {
    let Database { connection, run: current, folder, .. } = database;
    let transaction = database::begin(connection)?;
    let mut started = None;
    let run = match batch.run {
        Some(run) => run,
        None => {
            let (run, lock) = run::begin(&transaction, folder, now_ms)?;
            started = Some(lock);
            run
        }
    };
    for (key, models) in &batch.pending {
        for (model, usage) in models {
            usage::book(&transaction, *key, model, *usage)?;
        }
    }
    for work in &mut batch.accounts {
        lease(&transaction, run, work)?;
    }
    run::note(&transaction, run, batch.next_seq, &batch.open, now_ms)?;
    transaction.commit()?;
    if let Some(lock) = started {
        *current = Some(lock);
    }
    Ok(run)
}

/// Leases what is wanted, as far as the limit goes: usage and the leases of all processes together stay below it.
fn lease(transaction: &Transaction<'_>, run: i64, work: &mut AccountWork) -> Result<(), Error> {
    let (kind, id) = work.key.subject.to_row();
    let month = work.key.month.number();
    let used = usage::sum(transaction, work.key)?;
    let others = run::leased_by_others(transaction, work.key, run)?;
    let counted = used.plus(others).plus(work.kept);
    let left = |max: Option<u64>, counted: i64| max.map_or(SUM_MAX as i64, |max| max as i64 - counted);
    let left = Sum {
        tokens: left(work.limits.tokens_max, counted.tokens),
        micro_yen: left(work.limits.micro_yen_max, counted.micro_yen),
    };
    work.granted = work.wanted.map2(left.at_least_zero(), i64::min);
    // A unit without a limit is not leased.
    if work.limits.tokens_max.is_none() {
        (work.granted.tokens, work.kept.tokens) = (0, 0);
    }
    if work.limits.micro_yen_max.is_none() {
        (work.granted.micro_yen, work.kept.micro_yen) = (0, 0);
    }
    work.left = left.minus(work.granted);
    let lease = work.kept.plus(work.granted);
    if lease.is_zero() {
        let sql = "DELETE FROM lease WHERE subject_kind = ?1 AND subject = ?2 AND month = ?3 AND run = ?4";
        transaction.prepare_cached(sql)?.execute(params![kind, id, month, run])?;
    } else {
        let sql = "INSERT INTO lease (subject_kind, subject, month, run, tokens, micro_yen)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT DO UPDATE SET tokens = excluded.tokens, micro_yen = excluded.micro_yen";
        transaction.prepare_cached(sql)?.execute(params![
            kind,
            id,
            month,
            run,
            lease.tokens,
            lease.micro_yen
        ])?;
    }
    Ok(())
}
