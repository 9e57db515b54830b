//! The journal: records in, proofs out; retention, erasure, holds, search. The gateway and the command line use this and
//! nothing below it.

mod erase;
mod error;
mod find;
mod hold;
mod leaves;
mod opens;
mod pending;
mod prove;
mod read;
mod reading;
mod replay;
mod rotate;
mod start;
mod statements;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod write;

use std::{
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, atomic::Ordering},
};

pub use erase::{Authority, ERASE_REFUSED, ERASED_AT_ONCE_MAX, ExpireReport};
pub use error::{Error, IndexError};
pub use find::MATCHES_MAX;
pub use hold::HELD_MAX;
use leaves::View;
pub use prove::{LeafProof, ProofBundle, Prover};
pub use read::{Erasure, Record, RecordLeaf};
pub use reading::Reading;
pub use rotate::open_published;
pub use start::{LOG_RECOVERED, Limits, OpenReport, Parts};
pub use write::{Receipt, Ticket};

use crate::{clock::Clock, entropy::Entropy, index::Entry, leaf::Kind, note::SigningKey};
use opens::Opens;
use pending::Indexer;

/// The audit log of one organisation: what passed, what was refused, and the proof of both.
///
/// Clones are the same journal. The last one to go waits until what was acknowledged is in the index.
#[derive(Clone)]
pub struct Journal {
    // Dropped first: its thread uses the core.
    indexer: Arc<Indexer>,
    core: Arc<Core>,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Journal({})", self.core.origin())
    }
}

/// What the journal stands on.
struct Core {
    reading: Reading,
    log: Box<dyn leaves::Append>,
    signing: RwLock<SigningKey>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    opens: Mutex<Opens>,
    /// Held for the whole of an erasure, a hold, a release, a change of the key: what one decides on must not change
    /// under it.
    admin: Mutex<()>,
    /// Taken for reading from the key to the log, for writing while a class goes or the signing key changes.
    class_gate: RwLock<()>,
}

/// Whoever writes can read.
impl Deref for Core {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.reading
    }
}

/// Whoever writes can read: everything that [`Reading`] does.
impl Deref for Journal {
    type Target = Reading;

    fn deref(&self) -> &Reading {
        &self.core.reading
    }
}

/// How the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Name of the log.
    pub origin: String,
    /// Its verifier key.
    pub verifier_key: String,
    /// Durable entries.
    pub entries: u64,
    /// Root hash over them, base64.
    pub root: String,
    /// Requests that have not ended.
    pub open_records: usize,
    /// Records on legal hold.
    pub held_records: usize,
    /// Bytes of segments.
    pub log_bytes: u64,
    /// Bytes of the index.
    pub index_bytes: u64,
    /// Time of the newest commit since the start, milliseconds since 1970; none when there was none.
    pub checkpoint_ms: Option<u64>,
}

impl Core {
    fn opens(&self) -> MutexGuard<'_, Opens> {
        self.opens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signing(&self) -> RwLockReadGuard<'_, SigningKey> {
        self.signing.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn admin(&self) -> MutexGuard<'_, ()> {
        self.admin.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became durable goes into the index.
    fn settle(&self, entry: Entry) {
        let (kind, record, index) = (entry.kind, entry.record, entry.index);
        self.commit_ms.store(self.clock.now_ms(), Ordering::Relaxed);
        let is_full = self.index.add(entry);
        if kind == Kind::Close {
            self.opens().remove(&record);
        }
        if is_full && let Some(hash) = self.leaves.hash(index) {
            // The rows stay in memory and the next row tries again; what it is about shows when somebody searches.
            let _ = self.index.seal(hash);
        }
    }

    /// What was not written is taken back.
    fn undo(&self, entry: &Entry) {
        match entry.kind {
            Kind::Open => self.opens().remove(&entry.record),
            Kind::Close => self.opens().undo_close(&entry.record),
            _ => {}
        }
    }
}
