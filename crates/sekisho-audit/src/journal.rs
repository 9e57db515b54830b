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
mod replay;
mod start;
mod statements;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod write;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

pub use erase::{Authority, ERASED_AT_ONCE_MAX, ExpireReport};
pub use error::{Error, IndexError};
pub use find::MATCHES_MAX;
pub use hold::HELD_MAX;
pub(crate) use leaves::View;
pub use prove::{LeafProof, ProofBundle};
pub use read::{Erasure, Record, RecordLeaf};
pub use start::{Limits, OpenReport, Parts};
pub use write::{Receipt, Ticket};

use crate::{
    clock::Clock,
    entropy::Entropy,
    files::Folder,
    index::{Entry, Index},
    keys::Keys,
    leaf::Kind,
    note::SigningKey,
    retention::Retention,
};
use opens::Opens;
use pending::Indexer;
use statements::Statements;

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
        write!(f, "Journal({})", self.core.origin)
    }
}

/// What the journal stands on.
struct Core {
    leaves: Box<dyn leaves::Leaves>,
    keys: Keys,
    index: Index,
    folder: Folder,
    origin: String,
    signing: SigningKey,
    retention: Retention,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    opens: Mutex<Opens>,
    statements: Mutex<Statements>,
    /// Held for the whole of an erasure, a hold or a release: what one decides on must not change under it.
    admin: Mutex<()>,
    /// Taken for reading from the key to the log, for writing while a class goes.
    class_gate: RwLock<()>,
    /// Time of the newest commit since the start; 0 for none.
    commit_ms: AtomicU64,
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

    fn statements(&self) -> MutexGuard<'_, Statements> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
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
        if is_full && let Some(hash) = self.leaf_hash(index) {
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

impl Journal {
    /// How the log stands.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn status(&self) -> Result<Status, Error> {
        let core = &self.core;
        let head = core.leaves.head();
        let index_bytes =
            core.folder.below("index").below("record").byte_len().map_err(crate::index::Error::Unreadable)?;
        let (open_records, held_records) = (core.opens().len(), core.statements().held_count());
        Ok(Status {
            origin: core.origin.clone(),
            verifier_key: core.signing.verifier_key().to_string(),
            entries: head.size,
            root: head.root.to_string(),
            open_records,
            held_records,
            log_bytes: core.leaves.byte_len()?,
            index_bytes,
            checkpoint_ms: Some(core.commit_ms.load(Ordering::Relaxed)).filter(|at| *at > 0),
        })
    }

    /// The newest signed checkpoint.
    ///
    /// # Errors
    /// Those of the log.
    pub fn checkpoint(&self) -> Result<crate::note::Note, Error> {
        Ok(self.core.leaves.view(self.core.leaves.head().size)?.checkpoint().clone())
    }

    /// Name of the log.
    pub fn origin(&self) -> &str {
        &self.core.origin
    }

    /// The key that verifies its checkpoints.
    pub fn verifier_key(&self) -> crate::note::VerifierKey {
        self.core.signing.verifier_key()
    }

    /// The log as it is now, under one checkpoint that covers everything in the index.
    pub(crate) fn view_for_export(&self) -> Result<Box<dyn View>, Error> {
        self.indexer.catch_up();
        self.core.leaves.view(self.core.index.end())
    }

    /// The retention classes.
    pub fn retention(&self) -> &Retention {
        &self.core.retention
    }
}
