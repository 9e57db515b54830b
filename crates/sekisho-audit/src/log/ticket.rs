//! What an append gives at once: a claim on what will become of it.

use std::{
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{AppendError, Committed};

/// Becomes ready when the leaves are durable, or will not be. A thread waits with [`Ticket::wait`]; a task awaits it.
/// Dropping it changes nothing: the leaves are appended all the same.
#[derive(Debug)]
#[must_use = "the leaves are not durable before the ticket says so"]
pub struct Ticket {
    slot: Arc<Slot>,
}

/// The writer's end of a ticket.
#[derive(Debug, Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    settled: Condvar,
}

#[derive(Debug, Default)]
struct State {
    outcome: Option<Result<Committed, AppendError>>,
    waker: Option<Waker>,
}

impl Ticket {
    pub(super) fn of(slot: Arc<Slot>) -> Self {
        Self { slot }
    }

    /// Waits, for as long as the disk takes.
    ///
    /// # Errors
    /// [`AppendError`].
    pub fn wait(&self) -> Result<Committed, AppendError> {
        let mut state = self.slot.lock();
        loop {
            if let Some(outcome) = &state.outcome {
                return outcome.clone();
            }
            state = self.slot.settled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits no longer than this; none when nothing is known by then.
    pub fn wait_timeout(&self, timeout: Duration) -> Option<Result<Committed, AppendError>> {
        let state = self.slot.lock();
        let waited = self.slot.settled.wait_timeout_while(state, timeout, |state| state.outcome.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.outcome.clone()
    }
}

impl Future for Ticket {
    type Output = Result<Committed, AppendError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_settled(context)
    }
}

impl Ticket {
    /// As polling the ticket, for who shares it: any number of threads may wait beside the one task that polls.
    pub fn poll_settled(&self, context: &mut Context<'_>) -> Poll<Result<Committed, AppendError>> {
        let mut state = self.slot.lock();
        if let Some(outcome) = &state.outcome {
            return Poll::Ready(outcome.clone());
        }
        // The latest waker counts: a task may have moved.
        match &mut state.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl Slot {
    /// Settles the ticket. The first outcome stays: what was given up as lost is not found again.
    pub(super) fn settle(&self, outcome: Result<Committed, AppendError>) {
        let mut state = self.lock();
        if state.outcome.is_some() {
            return;
        }
        state.outcome = Some(outcome);
        let waker = state.waker.take();
        drop(state);
        self.settled.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
