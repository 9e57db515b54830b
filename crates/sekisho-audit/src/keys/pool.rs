//! Keys ready for use. Filled ahead of need, so that a request waits for the disk only when the disk falls behind.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use super::{
    Error,
    class::ClassKey,
    slots::{BLOCK_SLOTS, Slots},
};
use crate::{leaf::Slot, seal::RecordKey};

/// Most blocks that are made at once.
const BLOCKS_AHEAD_MAX: u64 = 8;

/// Who fills the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refill {
    /// A thread of its own, when half of the keys are gone.
    Background,
    /// Whoever finds the pool empty. The order of operations on the disk is then always the same, as fault tests need it.
    Inline,
}

/// The keys of one class that are ready.
pub(super) struct Pool {
    slots: Slots,
    key: Mutex<Option<Arc<ClassKey>>>,
    refill: Refill,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    ready: VecDeque<(Slot, RecordKey)>,
    is_filling: bool,
    is_closed: bool,
    /// How many blocks are made at once. Doubles when somebody had to wait.
    blocks_ahead: u64,
}

impl Pool {
    pub(super) fn new(slots: Slots, key: Option<ClassKey>, refill: Refill) -> Self {
        let state = State { ready: VecDeque::new(), is_filling: false, is_closed: false, blocks_ahead: 1 };
        Self {
            slots,
            key: Mutex::new(key.map(Arc::new)),
            refill,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(super) fn slots(&self) -> &Slots {
        &self.slots
    }

    pub(super) fn key(&self) -> Option<Arc<ClassKey>> {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(self: &Arc<Self>, count: usize) -> Result<Vec<(Slot, RecordKey)>, Error> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return Err(Error::ClassErased { class: self.slots.class() });
            }
            if state.ready.len() >= count {
                let taken = state.ready.drain(..count).collect();
                self.fill_ahead(&mut state);
                return Ok(taken);
            }
            if state.is_filling {
                state.blocks_ahead = (state.blocks_ahead * 2).min(BLOCKS_AHEAD_MAX);
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.is_filling = true;
            drop(state);
            let made = self.make_block();
            state = self.lock();
            state.is_filling = false;
            self.changed.notify_all();
            state.ready.extend(made?);
        }
    }

    fn fill_ahead(self: &Arc<Self>, state: &mut State) {
        let half = (state.blocks_ahead * BLOCK_SLOTS / 2) as usize;
        if self.refill == Refill::Inline || state.is_filling || state.ready.len() >= half {
            return;
        }
        state.is_filling = true;
        let (pool, blocks) = (Arc::clone(self), state.blocks_ahead);
        // Without a thread, whoever empties the pool fills it, and is told what fails.
        let spawned = thread::Builder::new().name("audit-keys".to_owned()).spawn(move || pool.fill(blocks));
        if spawned.is_err() {
            state.is_filling = false;
        }
    }

    /// What the thread does. `close` waits for it.
    fn fill(&self, blocks: u64) {
        for left in (0..blocks).rev() {
            let made = self.make_block();
            let mut state = self.lock();
            let is_last = left == 0 || made.is_err() || state.is_closed;
            state.ready.extend(made.unwrap_or_default());
            state.is_filling = !is_last;
            self.changed.notify_all();
            if is_last {
                return;
            }
        }
    }

    fn make_block(&self) -> Result<Vec<(Slot, RecordKey)>, Error> {
        let key = {
            let mut held = self.key.lock().unwrap_or_else(PoisonError::into_inner);
            match &*held {
                Some(key) => Arc::clone(key),
                // Durable before the first block is wrapped with it.
                None => {
                    let made = Arc::new(ClassKey::make(self.slots.shared(), self.slots.class())?);
                    *held = Some(Arc::clone(&made));
                    made
                }
            }
        };
        self.slots.make(&key)
    }

    /// Blocks up to the one of this slot are not to be made any more.
    pub(super) fn skip_past(&self, number: u64) {
        self.slots.skip_past(number);
    }

    /// Hands out no more keys, and waits until none are being made.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.ready.clear();
        while state.is_filling {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.ready.clear();
        }
    }
}
