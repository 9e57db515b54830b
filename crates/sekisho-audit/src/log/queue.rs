//! Many threads append, one writes, another publishes. What queues up while the disk is busy is the next group.

mod threads;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{AppendError, Limits, Poison, Reader, Step, Ticket, Writer, group, ticket::Slot};
use crate::{note::SigningKey, vfs::Vfs};

/// A log for many threads. Dropping it closes it.
pub struct Log<V: Vfs> {
    desk: Arc<Desk>,
    reader: Reader<V>,
}

/// How the log is.
#[derive(Debug, Clone)]
pub enum Health {
    /// Taking entries.
    Open,
    /// Taking entries, but the last group was refused for want of room.
    NoSpace,
    /// Taking no more entries until it is opened again.
    Poisoned(Poison),
    /// Closed.
    Closed,
}

/// Why closing was not all well. Every entry that was acknowledged is durable in any case.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CloseError {
    /// The disk did not answer in time. Its threads are left to themselves; the lock is held as long as they live.
    #[error("the disk did not answer in time")]
    Stuck,
    /// The log had stopped, or did now.
    #[error("the log has stopped")]
    Poisoned(#[source] Poison),
    /// No room for tiles and checkpoint; the next start makes them again.
    #[error("the disk has no room for tiles")]
    NoSpace,
}

/// Makes leaves when their place is known: the index of the first. None when it cannot.
type Make = Box<dyn FnOnce(u64) -> Option<Vec<Vec<u8>>> + Send>;

enum Leaves {
    Ready(Vec<Vec<u8>>),
    Made(Make),
}

/// An append that waits.
struct Job {
    leaves: Leaves,
    records: usize,
    bytes: usize,
    next_key: Option<SigningKey>,
    slot: Arc<Slot>,
}

/// Where appends and the two threads meet.
struct Desk {
    limits: Limits,
    state: Mutex<State>,
    /// For the writing thread: there is an append, or the end.
    arrived: Condvar,
    /// For the publishing thread: there is something to publish, or the end.
    committed: Condvar,
    /// For whoever closes.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    records: usize,
    bytes: usize,
    /// Tickets of the group that is being written.
    in_flight: Vec<Arc<Slot>>,
    closing: bool,
    /// The writing thread takes nothing more.
    writer_done: bool,
    has_ended: bool,
    to_publish: bool,
    no_space: bool,
    publish_no_space: bool,
    poison: Option<Poison>,
}

impl<V: Vfs> Log<V> {
    /// Gives a writer its threads.
    ///
    /// # Errors
    /// When the system has no threads for us.
    pub fn start(writer: Writer<V>) -> io::Result<Self> {
        let desk = Arc::new(Desk {
            limits: writer.settings.limits.clone(),
            // What a start found unpublished is published soon.
            state: Mutex::new(State { to_publish: writer.publication().is_some(), ..State::default() }),
            arrived: Condvar::new(),
            committed: Condvar::new(),
            ended: Condvar::new(),
        });
        let reader = writer.reader();
        threads::spawn(Arc::clone(&desk), writer)?;
        Ok(Self { desk, reader })
    }

    /// Appends leaves, which stay together and in order. Never waits.
    ///
    /// # Errors
    /// [`AppendError::Busy`] when too much waits already, and what can be said at once; the ticket says the rest.
    pub fn append(&self, leaves: Vec<Vec<u8>>) -> Result<Ticket, AppendError> {
        group::check(&leaves, &self.desk.limits)?;
        let (records, bytes) = (leaves.len(), leaves.iter().map(Vec::len).sum());
        self.desk.put(Leaves::Ready(leaves), records, bytes, None)
    }

    /// Appends leaves that say where they stand: `make` gets the index of the first, on the writing thread, which does
    /// nothing else meanwhile. It may be asked although the append then fails.
    ///
    /// # Errors
    /// As [`Log::append`]; the ticket says [`AppendError::NotMade`] when `make` gives none or panics, and
    /// [`AppendError::Size`] when it gives more than `records_max` leaves of `bytes_max` bytes together.
    pub fn append_at(
        &self,
        records_max: usize,
        bytes_max: usize,
        make: impl FnOnce(u64) -> Option<Vec<Vec<u8>>> + Send + 'static,
    ) -> Result<Ticket, AppendError> {
        let limits = &self.desk.limits;
        if records_max > limits.append_records_max || bytes_max > limits.append_bytes_max {
            return Err(AppendError::Size { records: records_max, bytes: bytes_max });
        }
        self.desk.put(Leaves::Made(Box::new(make)), records_max, bytes_max, None)
    }

    /// Appends the leaves that say so, and from the next group on `next` signs. When the ticket says no, the old key
    /// goes on.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append_and_change_key(
        &self,
        leaves: Vec<Vec<u8>>,
        next: SigningKey,
    ) -> Result<Ticket, AppendError> {
        group::check(&leaves, &self.desk.limits)?;
        let (records, bytes) = (leaves.len(), leaves.iter().map(Vec::len).sum());
        self.desk.put(Leaves::Ready(leaves), records, bytes, Some(next))
    }

    /// Reads beside the writing, from any thread; also after the log was closed.
    pub fn reader(&self) -> Reader<V> {
        self.reader.clone()
    }

    /// How the log is.
    pub fn health(&self) -> Health {
        let state = self.desk.lock();
        match &state.poison {
            Some(poison) => Health::Poisoned(poison.clone()),
            None if state.closing => Health::Closed,
            None if state.no_space => Health::NoSpace,
            None => Health::Open,
        }
    }

    /// Takes no more entries, makes durable what waits, publishes it and gives the lock back. When the disk does not
    /// answer within `wait_max`, everything that waits is told [`AppendError::Poisoned`]. A second call says the same.
    ///
    /// # Errors
    /// [`CloseError`].
    pub fn close(&self, wait_max: Duration) -> Result<(), CloseError> {
        self.desk.close(wait_max)
    }
}

impl<V: Vfs> Drop for Log<V> {
    fn drop(&mut self) {
        // Who wants to know calls close.
        let _ = self.desk.close(self.desk.limits.close_wait_max);
    }
}

impl<V: Vfs> std::fmt::Debug for Log<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("reader", &self.reader)
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(
        &self,
        leaves: Leaves,
        records: usize,
        bytes: usize,
        next_key: Option<SigningKey>,
    ) -> Result<Ticket, AppendError> {
        let mut state = self.lock();
        if let Some(poison) = &state.poison {
            return Err(poison.clone().into());
        }
        if state.closing {
            return Err(AppendError::Closed);
        }
        let fits = state.records + records <= self.limits.queue_records_max
            && state.bytes + bytes <= self.limits.queue_bytes_max;
        // An empty queue takes any append that is within its own limits.
        if !fits && !state.jobs.is_empty() {
            return Err(AppendError::Busy);
        }
        state.records += records;
        state.bytes += bytes;
        let slot = Arc::new(Slot::default());
        state.jobs.push_back(Job { leaves, records, bytes, next_key, slot: Arc::clone(&slot) });
        drop(state);
        self.arrived.notify_one();
        Ok(Ticket::of(slot))
    }

    /// Stops everything: whoever waits is told, and whoever comes.
    fn poison(&self, poison: Poison) {
        let mut state = self.lock();
        let poison = state.poison.get_or_insert(poison).clone();
        let jobs = std::mem::take(&mut state.jobs);
        let in_flight = std::mem::take(&mut state.in_flight);
        (state.records, state.bytes) = (0, 0);
        drop(state);
        for slot in in_flight.iter().chain(jobs.iter().map(|job| &job.slot)) {
            slot.settle(Err(poison.clone().into()));
        }
        self.arrived.notify_all();
        self.committed.notify_all();
    }

    fn close(&self, wait_max: Duration) -> Result<(), CloseError> {
        let mut state = self.lock();
        state.closing = true;
        self.arrived.notify_all();
        let waited = self.ended.wait_timeout_while(state, wait_max, |state| !state.has_ended);
        let state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if !state.has_ended {
            drop(state);
            self.poison(Poison::new(Step::Close, io::ErrorKind::TimedOut.into()));
            return Err(CloseError::Stuck);
        }
        match &state.poison {
            Some(poison) => Err(CloseError::Poisoned(poison.clone())),
            None if state.publish_no_space => Err(CloseError::NoSpace),
            None => Ok(()),
        }
    }
}
