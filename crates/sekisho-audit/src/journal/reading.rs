//! Reading a journal: the half that needs no lock. It works beside the process that writes, on the same machine: what it
//! sees is the log up to its last commit when it was opened.

use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use super::{
    Error, Record, Status,
    leaves::{self, Leaves},
    pending::Backlog,
    rotate,
    start::{INDEX, KEYS, ROWS},
    statements::{Recent, Statements},
};
use crate::{
    entropy::OsEntropy,
    index::{self, Index},
    keys::{self, Keys, Refill},
    leaf::RecordId,
    log::{KeyChain, OpenError},
    merkle::leaf_hash,
    note::VerifierKey,
    retention::Retention,
    search::Hit,
    vfs::{Disk, Folder, Vfs},
};

/// How often a log is opened before what is wrong is believed: a writer may roll a segment, put a new block of the index
/// into the place of an old one, or change its key in the moment we look.
const LOOKS_MAX: u32 = 4;
const LOOK_AGAIN: Duration = Duration::from_millis(60);

/// A journal, to be read.
pub struct Reading {
    pub(super) leaves: Box<dyn Leaves>,
    pub(super) keys: Keys,
    pub(super) index: Index,
    pub(super) folder: Folder,
    pub(super) chain: RwLock<KeyChain>,
    pub(super) retention: Retention,
    pub(super) statements: Mutex<Statements>,
    pub(super) recent: Recent,
    pub(super) backlog: Backlog,
    /// Time of the newest commit since the start; 0 for none.
    pub(super) commit_ms: AtomicU64,
    /// None for who writes: that one knows what is going on.
    again: Option<Again>,
}

/// The way to a newer look at the log, and the newest one.
struct Again {
    look: Box<dyn Fn() -> Result<Reading, Error> + Send + Sync>,
    newest: Mutex<Option<Arc<Reading>>>,
}

/// What a journal to be read is made of.
#[derive(Clone)]
struct Places<V> {
    fs: V,
    retention: Retention,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reading({})", self.origin())
    }
}

impl Reading {
    /// Opens a journal in a folder of the machine to read, whether or not another process writes to it. Takes no lock and
    /// changes nothing. What the index on the disk lacks is read from the log and kept in memory.
    ///
    /// Requests that have not ended are shown as such; if no process writes, the next one that does will close them.
    ///
    /// # Errors
    /// Those of the log, but for [`OpenError::Locked`]; those of keys and index.
    pub fn open(root: &Path, retention: Retention) -> Result<Self, Error> {
        Self::look(Disk::private(root), retention)
    }

    /// As [`Reading::open`], on any file system.
    ///
    /// # Errors
    /// As [`Reading::open`].
    pub fn look<V: Vfs>(fs: V, retention: Retention) -> Result<Self, Error> {
        let places = Places { fs, retention };
        let mut looks = 1;
        loop {
            match places.look() {
                Err(error) if looks < LOOKS_MAX && !matches!(error, Error::Open(OpenError::NoLog)) => {
                    looks += 1;
                    thread::sleep(LOOK_AGAIN);
                }
                Err(error) => return Err(error),
                Ok(mut reading) => {
                    let look = Box::new(move || places.look());
                    reading.again = Some(Again { look, newest: Mutex::default() });
                    return Ok(reading);
                }
            }
        }
    }

    /// What a writer reads.
    pub(super) fn of_writer(
        folder: Folder,
        leaves: Box<dyn Leaves>,
        keys: Keys,
        index: Index,
        chain: KeyChain,
        retention: Retention,
    ) -> Self {
        Self {
            leaves,
            keys,
            index,
            folder,
            chain: RwLock::new(chain),
            retention,
            statements: Mutex::default(),
            recent: Recent::default(),
            backlog: Backlog::default(),
            commit_ms: AtomicU64::new(0),
            again: None,
        }
    }

    /// A record whose key is not there. If the log says by now that it was erased, that is what is read.
    pub(super) fn read_later(&self, hit: &Hit, error: Error) -> Result<Record, Error> {
        let Some(again) = &self.again else { return Err(error) };
        let mut newest = again.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reading) = &*newest
            && let Ok(record) = reading.read_here(hit)
        {
            return Ok(record);
        }
        let reading = newest.insert(Arc::new((again.look)()?));
        reading.read_here(hit)
    }

    pub(super) fn chain(&self) -> RwLockReadGuard<'_, KeyChain> {
        self.chain.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn statements(&self) -> MutexGuard<'_, Statements> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the index what it has not seen. Says how many entries that was.
    pub(super) fn catch_up(&self) -> Result<u64, Error> {
        let (from, size) = (self.index.end(), self.leaves.head().size);
        let mut failed = None;
        self.replay(from, size, &mut |entry| {
            let index = entry.index;
            if self.index.add(entry) && failed.is_none() {
                failed = self.leaves.hash(index).and_then(|hash| self.index.seal(hash).err());
            }
        })?;
        match failed {
            Some(cause) => Err(cause.into()),
            None => Ok(size.saturating_sub(from)),
        }
    }

    /// Learns what the statements in the log amount to.
    pub(super) fn read_statements(&self) -> Result<(), Error> {
        let mut statements = Statements::default();
        for hit in self.with_index(|| self.index.statements())? {
            let Some(place) = hit.last else { continue };
            statements.add(place.index, &*self.statement(place.index)?);
        }
        *self.statements() = statements;
        Ok(())
    }

    /// The records that erasures from this entry on name.
    pub(super) fn erased_from(&self, entry: u64) -> Result<Vec<RecordId>, Error> {
        let mut records = Vec::new();
        for index in self.statements().erasures_from(entry) {
            records.extend(&self.statement(index)?.records);
        }
        Ok(records)
    }

    /// How the log stands.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn status(&self) -> Result<Status, Error> {
        self.backlog.wait();
        let head = self.leaves.head();
        let rows = self.folder.below(INDEX).below(ROWS);
        let index_bytes = match rows.byte_len() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            bytes => bytes.map_err(index::Error::Unreadable)?,
        };
        Ok(Status {
            origin: self.origin(),
            verifier_key: self.verifier_key().to_string(),
            entries: head.size,
            root: head.root.to_string(),
            open_records: self.index.open_count(),
            held_records: self.statements().held_count(),
            log_bytes: self.leaves.byte_len()?,
            index_bytes,
            checkpoint_ms: Some(self.commit_ms.load(Ordering::Relaxed)).filter(|at| *at > 0),
        })
    }

    /// The newest signed checkpoint.
    ///
    /// # Errors
    /// Those of the log.
    pub fn checkpoint(&self) -> Result<crate::note::Note, Error> {
        Ok(self.leaves.view(self.leaves.head().size)?.checkpoint().clone())
    }

    /// Name of the log.
    pub fn origin(&self) -> String {
        self.chain().first().name().to_owned()
    }

    /// The key that verifies its newest checkpoint.
    pub fn verifier_key(&self) -> VerifierKey {
        self.chain().newest().clone()
    }

    /// All keys of the log, in their order.
    pub fn verifier_keys(&self) -> KeyChain {
        self.chain().clone()
    }

    /// The records on legal hold.
    pub fn held(&self) -> Vec<RecordId> {
        self.statements().held().copied().collect()
    }

    /// The retention classes.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }
}

impl<V: Vfs> Places<V> {
    /// One look. The log comes first: what it says is erased, the keys and the index may still hold.
    fn look(&self) -> Result<Reading, Error> {
        let chain = rotate::read_chain(&self.fs)?;
        let leaves = leaves::look(self.fs.clone(), chain.clone())?;
        rotate::check_chain(&|index| leaves.read(index), &chain)?;
        let folder = Folder::new(self.fs.clone(), "");
        let origin = chain.first().name();
        let key_folder = folder.below(KEYS);
        keys::check_mode(&folder, KEYS, KEYS, 0o700)?;
        let keys = Keys::open_to_read(key_folder, origin, Arc::new(OsEntropy), Refill::Inline)?;
        let size = leaves.head().size;
        let log_id = leaf_hash(origin.as_bytes()).0;
        let hash = |at: u64| leaves.hash(at);
        let index = Index::look(folder.below(INDEX).below(ROWS), log_id, &hash)?;
        let reading = Reading::of_writer(folder, leaves, keys, index, chain, self.retention.clone());
        reading.catch_up()?;
        reading.read_statements()?;
        // Named as erased is erased, also for searching, whether or not the writer has come to it.
        let done = reading.keys.erased_up_to()?;
        let mut named = reading.erased_from(done)?;
        named.sort_unstable();
        let hits = reading.find_those(&named)?;
        reading.with_index(|| reading.index.scrub(&hits))?;
        reading.statements().set_done(size);
        Ok(reading)
    }
}
