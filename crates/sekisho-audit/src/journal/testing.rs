//! A machine in memory on which tests run a journal.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{Journal, Limits, OpenReport, Parts};
use crate::{clock::Clock, entropy::seeded::Seeded, keys::Refill, retention::Retention, vfs::Memory};

pub(crate) const ORIGIN: &str = "audit.example.lg.jp";
/// 2026-06-01 in Japan.
pub(crate) const START_MS: u64 = 1_780_239_600_000;

/// A machine with a clock that goes on by a millisecond whenever somebody looks.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) fs: Memory,
    pub(crate) now_ms: Arc<AtomicU64>,
    seed: u64,
}

pub(crate) struct Ticking(pub(crate) Arc<AtomicU64>);

impl Clock for Ticking {
    fn now_ms(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Machine {
    pub(crate) fn new(seed: u64) -> Self {
        Self { fs: Memory::new(seed), now_ms: Arc::new(AtomicU64::new(START_MS)), seed }
    }

    pub(crate) fn parts(&self) -> Parts<Memory> {
        Parts {
            fs: self.fs.clone(),
            private_fs: self.fs.clone(),
            origin: ORIGIN.to_owned(),
            retention: Retention::built_in(),
            clock: Arc::new(Ticking(Arc::clone(&self.now_ms))),
            entropy: Arc::new(Seeded::new(self.seed << 48 ^ self.now_ms.load(Ordering::Relaxed))),
            limits: Limits { refill: Refill::Inline, ..Limits::default() },
            cosign: None,
        }
    }

    pub(crate) fn start(&self) -> (Journal, OpenReport) {
        Journal::start(self.parts()).unwrap()
    }

    /// Pulls the plug.
    pub(crate) fn restart(&mut self) -> (Journal, OpenReport) {
        self.fs = self.fs.restart();
        self.start()
    }
}
