//! Budgets in memory: what this process may spend (leases), what is reserved of it, what was used and is not written yet.
//!
//! Only memory is touched here. `worker` takes what is to be written, writes it, and brings back new leases.

use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    sync::Arc,
};

use tokio::sync::oneshot;

use crate::{
    amount::{Amount, Limits, Sum},
    clock::Month,
    directory::Directory,
    error::{Error, Exceeded, ReserveError, Unit},
    hold::{Charge, Hold, Subject, Ungiven},
    store::Shared,
    usage::Usage,
};

/// Most reservations that wait for the disk at once.
const WAITERS_MAX: usize = 16_384;
/// A lease is this part of its limit: small enough that a crash over-counts little, large enough to wait seldom.
const LEASES_IN_LIMIT: u64 = 32;
/// Stands for no limit; a few of them can be added.
const FREE: i64 = i64::MAX / 4;

/// Whose budget in which month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AccountKey {
    pub(crate) subject: Subject,
    pub(crate) month: Month,
}

/// One budget in one month, as far as this process has to do with it.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) limits: Limits,
    /// The lease in the database.
    pub(crate) granted: Sum,
    /// Reserved by holds that are open.
    pub(crate) open: Sum,
    /// Used by calls that have ended, and not booked in the database yet.
    pub(crate) unflushed: Sum,
    /// What nobody has leased or used, when the database was last looked at. Below zero when more is leased and used
    /// than the limit allows, since somebody lowered it. `None`: look again.
    pub(crate) left: Option<Sum>,
    /// Reservations in the queue. While there are any, nobody passes them.
    pub(crate) waiting: u32,
    pub(crate) is_refill_asked: bool,
    /// The limits have changed: give back what is not reserved, so that the new ones bind.
    pub(crate) is_trim: bool,
}

/// Somebody who waits for a lease.
pub(crate) struct Waiter {
    pub(crate) charge: Charge,
    pub(crate) amount: Amount,
    pub(crate) month: Month,
    answer: oneshot::Sender<Result<Ungiven, ReserveError>>,
}

pub(crate) type Answer = oneshot::Receiver<Result<Ungiven, ReserveError>>;

/// Use that is not written yet, by model.
pub(crate) type Pending = HashMap<AccountKey, HashMap<Arc<str>, Usage>>;

/// What came of asking for a reservation.
pub(crate) enum Attempt {
    Held(Hold),
    Refused(ReserveError),
    Queued(Answer),
}

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) directory: Arc<Directory>,
    pub(crate) accounts: HashMap<AccountKey, Account>,
    pub(crate) pending: Pending,
    /// Accounts at which the worker has to look though nothing of them is to be written.
    pub(crate) touched: BTreeSet<AccountKey>,
    pub(crate) waiters: VecDeque<Waiter>,
    /// This life of the process, once it has begun in the database.
    pub(crate) run: Option<i64>,
    pub(crate) next_seq: u64,
    pub(crate) open: HashSet<u64>,
    pub(crate) is_work: bool,
    pub(crate) is_closed: bool,
    pub(crate) last_error: Option<Error>,
}

/// Whether an account allows an amount.
enum Fit {
    Now,
    Later,
    Never(Unit),
}

impl Account {
    /// What is leased and neither reserved nor used.
    pub(crate) fn available(&self) -> Sum {
        let held = self.granted.minus(self.open).minus(self.unflushed);
        self.limited(held)
    }

    /// A sum in which a unit without limit has plenty.
    pub(crate) fn limited(&self, sum: Sum) -> Sum {
        Sum {
            tokens: if self.limits.tokens_max.is_some() { sum.tokens } else { FREE },
            micro_yen: if self.limits.micro_yen_max.is_some() { sum.micro_yen } else { FREE },
        }
    }

    /// How much to lease beyond what is needed.
    pub(crate) fn block(&self) -> Sum {
        let of = |max: Option<u64>| max.map_or(0, |max| (max / LEASES_IN_LIMIT).max(1) as i64);
        Sum { tokens: of(self.limits.tokens_max), micro_yen: of(self.limits.micro_yen_max) }
    }

    pub(crate) fn is_limited(&self) -> bool {
        self.limits != Limits::default()
    }

    /// Whether less than half a block is there, and more may be had.
    pub(crate) fn is_low(&self) -> bool {
        let (available, block) = (self.available(), self.block());
        let left = self.left.unwrap_or(Sum { tokens: FREE, micro_yen: FREE });
        (available.tokens < block.tokens / 2 && left.tokens > 0)
            || (available.micro_yen < block.micro_yen / 2 && left.micro_yen > 0)
    }

    /// Whether part of the lease lies above the limit and can be given back.
    pub(crate) fn is_above_limit(&self) -> bool {
        let (available, left) = (self.available(), self.left.unwrap_or_default());
        (available.tokens > 0 && left.tokens < 0) || (available.micro_yen > 0 && left.micro_yen < 0)
    }

    fn fits(&self, amount: Sum) -> Fit {
        let available = self.available();
        let has = |available: i64, amount: i64| amount <= available || amount == 0;
        // Of a lease above the limit only what lies below it is there.
        let free = available.plus(self.left.unwrap_or_default().map2(Sum::default(), i64::min));
        if !self.is_trim && has(free.tokens, amount.tokens) && has(free.micro_yen, amount.micro_yen) {
            return Fit::Now;
        }
        // A unit of which nothing is asked does not refuse, however overdrawn it is.
        match self.left {
            Some(left) if !has(available.tokens + left.tokens, amount.tokens) => Fit::Never(Unit::Tokens),
            Some(left) if !has(available.micro_yen + left.micro_yen, amount.micro_yen) => {
                Fit::Never(Unit::MicroYen)
            }
            _ => Fit::Later,
        }
    }

    fn exceeded(&self, key: AccountKey, unit: Unit, amount: Amount) -> Exceeded {
        let left = self.available().plus(self.left.unwrap_or_default()).at_least_zero();
        let (limit, left, asked) = match unit {
            Unit::Tokens => (self.limits.tokens_max, left.tokens, amount.tokens),
            Unit::MicroYen => (self.limits.micro_yen_max, left.micro_yen, amount.micro_yen),
        };
        let limit = limit.unwrap_or(u64::MAX);
        Exceeded { subject: key.subject, month: key.month, unit, limit, left: left as u64, asked }
    }
}

impl Ledger {
    /// Reserves at once, refuses at once, or puts into the queue.
    pub(crate) fn reserve(
        &mut self,
        shared: &Arc<Shared>,
        charge: Charge,
        amount: Amount,
        month: Month,
    ) -> Attempt {
        if self.is_closed {
            return Attempt::Refused(Error::Closed.into());
        }
        let mut is_queued = self.run.is_none();
        for subject in charge.subjects() {
            let key = AccountKey { subject, month };
            let limits = &self.directory;
            let account = self
                .accounts
                .entry(key)
                .or_insert_with(|| Account { limits: limits.limits(subject, month), ..Account::default() });
            match account.fits(amount.into()) {
                Fit::Now => is_queued |= account.waiting > 0,
                Fit::Never(unit) if account.waiting == 0 => {
                    return Attempt::Refused(account.exceeded(key, unit, amount).into());
                }
                // With others in the queue, what they get is not known yet.
                Fit::Later | Fit::Never(_) => is_queued = true,
            }
        }
        if !is_queued {
            return Attempt::Held(self.hold(shared, charge, amount, month));
        }
        if self.waiters.len() >= WAITERS_MAX {
            return Attempt::Refused(Error::Busy.into());
        }
        let (answer, receiver) = oneshot::channel();
        self.enqueue(Waiter { charge, amount, month, answer });
        Attempt::Queued(receiver)
    }

    fn enqueue(&mut self, waiter: Waiter) {
        for subject in waiter.charge.subjects() {
            let key = AccountKey { subject, month: waiter.month };
            self.accounts.entry(key).or_default().waiting += 1;
            self.touched.insert(key);
        }
        self.waiters.push_back(waiter);
        self.is_work = true;
    }

    /// Takes what has been found to be there.
    fn hold(&mut self, shared: &Arc<Shared>, charge: Charge, amount: Amount, month: Month) -> Hold {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.open.insert(seq);
        for subject in charge.subjects() {
            let key = AccountKey { subject, month };
            let account = self.accounts.entry(key).or_default();
            account.open = account.open.plus(amount.into());
            if account.is_limited() && !account.is_refill_asked && account.is_low() {
                account.is_refill_asked = true;
                self.touched.insert(key);
                self.is_work = true;
            }
        }
        Hold::new(Arc::clone(shared), charge, self.run.unwrap_or(0), seq, month, amount)
    }

    /// Ends a hold, with what is to be booked for it.
    pub(crate) fn end(
        &mut self,
        charge: &Charge,
        month: Month,
        seq: u64,
        reserved: Sum,
        booked: Option<(&str, Usage)>,
    ) {
        self.open.remove(&seq);
        for subject in charge.subjects() {
            let key = AccountKey { subject, month };
            if let Some(account) = self.accounts.get_mut(&key) {
                account.open = account.open.minus(reserved);
                if let Some((_, usage)) = booked {
                    account.unflushed = account.unflushed.plus(usage.to_sum());
                }
            }
            if let Some((model, usage)) = booked {
                let models = self.pending.entry(key).or_default();
                match models.get_mut(model) {
                    Some(sum) => sum.add(usage),
                    None => drop(models.insert(model.into(), usage)),
                }
            }
        }
    }

    /// Answers those for whom the worker has looked: a hold, a refusal, or back into the queue.
    pub(crate) fn answer(&mut self, shared: &Arc<Shared>, waiters: Vec<Waiter>) -> Vec<Reply> {
        let mut replies = Vec::with_capacity(waiters.len());
        let mut again = Vec::new();
        for waiter in waiters {
            self.dequeue(&waiter);
            if waiter.answer.is_closed() {
                continue;
            }
            let mut refusal = None;
            let mut is_later = self.run.is_none();
            for subject in waiter.charge.subjects() {
                let key = AccountKey { subject, month: waiter.month };
                let Some(account) = self.accounts.get(&key) else { continue };
                match account.fits(waiter.amount.into()) {
                    Fit::Now => {}
                    Fit::Later => is_later = true,
                    Fit::Never(unit) => refusal = Some(account.exceeded(key, unit, waiter.amount)),
                }
            }
            if let Some(exceeded) = refusal {
                replies.push(Reply(waiter.answer, Err(exceeded.into())));
            } else if is_later {
                again.push(waiter);
            } else {
                let hold = self.hold(shared, waiter.charge, waiter.amount, waiter.month);
                replies.push(Reply(waiter.answer, Ok(Ungiven::new(hold))));
            }
        }
        // In front of those who came meanwhile.
        let newer = std::mem::take(&mut self.waiters);
        for waiter in again {
            self.enqueue(waiter);
        }
        self.waiters.extend(newer);
        replies
    }

    /// Tells everybody for whom the worker has tried in vain.
    pub(crate) fn fail(&mut self, waiters: Vec<Waiter>, error: &Error) -> Vec<Reply> {
        for waiter in &waiters {
            self.dequeue(waiter);
        }
        waiters.into_iter().map(|waiter| Reply(waiter.answer, Err(error.clone().into()))).collect()
    }

    fn dequeue(&mut self, waiter: &Waiter) {
        for subject in waiter.charge.subjects() {
            if let Some(account) = self.accounts.get_mut(&AccountKey { subject, month: waiter.month }) {
                account.waiting = account.waiting.saturating_sub(1);
            }
        }
    }

    /// Takes over a directory that was read anew. `is_foreign`: somebody else may have spent or leased meanwhile.
    pub(crate) fn set_directory(&mut self, directory: Arc<Directory>, is_foreign: bool) {
        for (&key, account) in &mut self.accounts {
            let limits = directory.limits(key.subject, key.month);
            if account.limits != limits {
                account.limits = limits;
                account.is_trim = true;
                self.touched.insert(key);
                self.is_work = true;
            }
            if account.is_trim || is_foreign {
                account.left = None;
            }
        }
        self.directory = directory;
    }
}

/// What somebody is told, once the ledger is no longer locked: who went away gives a hold back, which locks it.
pub(crate) struct Reply(oneshot::Sender<Result<Ungiven, ReserveError>>, Result<Ungiven, ReserveError>);

impl Reply {
    pub(crate) fn send(self) {
        // Who has gone away does not listen; the hold in the answer releases itself.
        drop(self.0.send(self.1));
    }
}
