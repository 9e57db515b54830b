//! From an acknowledged entry to a row of the index: one thread, in the order of the log, beside the requests.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    task::{Context, Poll},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{Core, Error, leaves::Group};
use crate::{index::Entry, log::Ticket};

/// Most groups between the log and the index. When the index falls behind that far, callers wait for it.
const QUEUE_MAX: usize = 16_384;

/// Resolves when a group is durable. Any number may wait.
#[derive(Debug, Clone)]
pub(super) struct Waiting(Arc<Ticket>);

impl Waiting {
    /// Index of the first entry of the group, once it is durable.
    pub(super) fn wait(&self) -> Result<u64, Error> {
        Ok(self.0.wait()?.first)
    }

    /// As [`Waiting::wait`], for a task. One task may wait, beside any number of threads.
    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<Result<u64, Error>> {
        self.0.poll_settled(context).map(|outcome| Ok(outcome?.first))
    }
}

/// A group on its way.
struct Pending {
    waiting: Waiting,
    /// Its `index` is filled in when it is known.
    entry: Entry,
}

/// The thread, and the way to it.
pub(super) struct Indexer {
    queue: Mutex<Option<SyncSender<Pending>>>,
    thread: Option<JoinHandle<()>>,
}

/// How far the index is behind the log. A reader without a writer is never behind.
#[derive(Default)]
pub(super) struct Backlog {
    groups: Mutex<Groups>,
    changed: Condvar,
}

#[derive(Default)]
struct Groups {
    sent: u64,
    done: u64,
}

impl Backlog {
    fn lock(&self) -> MutexGuard<'_, Groups> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until everything that was appended before is in the index.
    pub(super) fn wait(&self) {
        let mut groups = self.lock();
        let sent = groups.sent;
        while groups.done < sent {
            groups = self.changed.wait(groups).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// As [`Backlog::wait`], for so long at most. Whether it came to that.
    pub(super) fn wait_for(&self, max: Duration) -> bool {
        let groups = self.lock();
        let sent = groups.sent;
        let waited = self.changed.wait_timeout_while(groups, max, |groups| groups.done < sent);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Indexer {
    pub(super) fn start(core: Arc<Core>) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        let thread =
            thread::Builder::new().name("audit-index".to_owned()).spawn(move || run(&core, &receiver))?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Some(thread) })
    }

    /// Appends a group and passes its row on. Both under one lock, so that rows come in the order of the log.
    pub(super) fn append(&self, core: &Core, group: Group, entry: Entry) -> Result<Waiting, Error> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = Waiting(Arc::new(core.log.append(group)?));
        core.backlog.lock().sent += 1;
        if let Some(sender) = &*queue {
            // Fails only when the thread is gone, which it is after the journal only.
            let _ = sender.send(Pending { waiting: waiting.clone(), entry });
        }
        Ok(waiting)
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been told on its own; there is nothing to add.
            let _ = thread.join();
        }
    }
}

fn run(core: &Core, receiver: &Receiver<Pending>) {
    for Pending { waiting, mut entry } in receiver {
        match waiting.wait() {
            Ok(first) => {
                entry.index = first + u64::from(entry.parts);
                core.settle(entry);
            }
            Err(_) => core.undo(&entry),
        }
        core.backlog.lock().done += 1;
        core.backlog.changed.notify_all();
    }
}
