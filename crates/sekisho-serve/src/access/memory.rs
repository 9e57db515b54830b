//! Decisions that were made lately.
//!
//! The people of an organisation ask the same models for the same purposes all day, and a decision follows from the question
//! alone. Each question has one place; a question that falls on a taken place takes it over. So the memory is bounded without
//! any bookkeeping, and somebody who sends ever new purposes pushes out at most what shares their places.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
};

use super::Decision;

/// Decisions that are remembered at most.
const PLACES: usize = 1024;
/// A longer question is judged each time.
const KEY_BYTES_MAX: usize = 1024;

pub(super) struct Memory {
    hasher: RandomState,
    places: Box<[Mutex<Option<Remembered>>]>,
}

struct Remembered {
    key: Box<[u8]>,
    decision: Arc<Decision>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), places: (0..PLACES).map(|_| Mutex::new(None)).collect() }
    }

    /// The decision of the question that `key` stands for: different questions have different keys.
    pub(super) fn recall(&self, key: &[u8], judge: impl FnOnce() -> Decision) -> Arc<Decision> {
        if key.len() > KEY_BYTES_MAX {
            return Arc::new(judge());
        }
        let place = &self.places[(self.hasher.hash_one(key) % PLACES as u64) as usize];
        if let Some(known) = &*place.lock().unwrap_or_else(PoisonError::into_inner)
            && *known.key == *key
        {
            return Arc::clone(&known.decision);
        }
        // Not under the lock: two who ask at once both judge, and both are right.
        let decision = Arc::new(judge());
        let remembered = Remembered { key: key.into(), decision: Arc::clone(&decision) };
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(remembered);
        decision
    }
}
