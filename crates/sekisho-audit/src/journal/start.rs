//! Opening the journal: what a crash left undone is done here.

use std::{io, path::Path, sync::Arc};

use super::{Core, Error, Journal, leaves, opens::Opens, pending::Indexer, statements::Statements};
use crate::{
    clock::Clock,
    entropy::{Entropy, OsEntropy},
    files::Folder,
    index::{self, Index, Words},
    keys::{self, Keys, Refill},
    leaf::{Envelope, Kind, RecordId},
    log::{self, Cosign, Recovered},
    merkle::leaf_hash,
    note::VerifierKey,
    record::{Close, Outcome, Record},
    retention::Retention,
    search::Hit,
    vfs::{Disk, Vfs},
};

/// What a journal is made of.
pub struct Parts<V> {
    /// Where `log` lies.
    pub fs: V,
    /// The same place; what is made through it is for the owner alone: `keys` and `index`.
    pub private_fs: V,
    /// Name of the log. An existing log must have this name.
    pub origin: String,
    /// Retention classes.
    pub retention: Retention,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where keys come from; [`OsEntropy`] in earnest.
    pub entropy: Arc<dyn Entropy>,
    /// Limits.
    pub limits: Limits,
    /// Keys that signed before the present one.
    pub former: Vec<VerifierKey>,
    /// Asks witnesses.
    pub cosign: Option<Cosign>,
}

impl Parts<Disk> {
    /// A journal in a folder of the machine, with everything else as it is in earnest.
    pub fn on_disk(root: &Path, origin: &str, retention: Retention, clock: Arc<dyn Clock>) -> Self {
        Self {
            fs: Disk::new(root),
            private_fs: Disk::private(root),
            origin: origin.to_owned(),
            retention,
            clock,
            entropy: Arc::new(OsEntropy),
            limits: Limits::default(),
            former: Vec::new(),
            cosign: None,
        }
    }
}

/// Limits of a journal. The defaults are for production.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests that may be open at once.
    pub open_records_max: usize,
    /// Who makes keys ahead.
    pub refill: Refill,
    /// Those of the log.
    pub log: log::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open_records_max: 65_536, refill: Refill::Background, log: log::Limits::default() }
    }
}

/// What was found and done at the start.
#[derive(Debug)]
pub struct OpenReport {
    /// What the log had to recover; none for a new log.
    pub recovered: Option<Recovered>,
    /// Entries that the index had to read again.
    pub indexed_entries: u64,
    /// Erasures that a crash had left undone, and that were carried out now.
    pub finished_erasures: usize,
    /// Requests that had not ended, and were closed as aborted now.
    pub aborted: Vec<RecordId>,
}

const INDEX: &str = "index";
/// Below `index`, since the log keeps places of entries beside it.
const ROWS: &str = "record";

impl Journal {
    /// Opens the journal, or makes a new one. Erasures that were left undone are carried out, and requests that had not
    /// ended are closed as aborted, durably, before this returns.
    ///
    /// # Errors
    /// Those of the log: damage, tampering, another process. Those of keys: missing, open to others. Those of the index.
    pub fn start<V: Vfs>(parts: Parts<V>) -> Result<(Self, OpenReport), Error> {
        let Parts { fs, private_fs, origin, retention, clock, entropy, limits, former, cosign } = parts;
        let folder = Folder::new(private_fs, "");
        for name in ["keys", INDEX] {
            // Before the log makes anything in there that others could read.
            folder.below(name).create().map_err(keys::Error::io(name))?;
            keys::check_mode(&folder, name, name, 0o700)?;
        }
        let key_folder = folder.below("keys");
        let is_new = !leaves::exists(&fs)?;
        let signing = if is_new {
            keys::make_signing_key(&key_folder, &origin, &*entropy)?
        } else {
            keys::read_signing_key(&key_folder)?
        };
        let keys = Keys::open(key_folder.clone(), &origin, Arc::clone(&entropy), limits.refill)?;
        if is_new && keys.has_classes()? {
            return Err(Error::LogGone);
        }
        let signer = keys::read_signing_key(&key_folder)?;
        let settings = log::Settings { signer, former, limits: limits.log, cosign };
        let (leaves, recovered) = leaves::open(fs, settings, is_new)?;

        let log_id = leaf_hash(origin.as_bytes()).0;
        let size = leaves.head().size;
        let hash = |at: u64| (at < size).then(|| leaves.read(at).ok())?.map(|leaf| leaf_hash(&leaf).0);
        let index = Index::open(folder.below(INDEX).below(ROWS), log_id, &hash)?;
        let core = Core {
            leaves,
            keys,
            index,
            folder,
            origin,
            signing,
            retention,
            clock,
            entropy,
            opens: std::sync::Mutex::new(Opens::new(limits.open_records_max)),
            statements: std::sync::Mutex::default(),
            admin: std::sync::Mutex::default(),
            class_gate: std::sync::RwLock::default(),
            commit_ms: std::sync::atomic::AtomicU64::new(0),
        };
        let indexed_entries = core.catch_up(size)?;
        *core.statements() = core.read_statements()?;
        let finished_erasures = core.statements().erasures_from(core.keys.erased_up_to()?).len();
        core.finish_erasures(&[])?;
        let journal = Self::of(core)?;
        let aborted = journal.abort_open()?;
        Ok((journal, OpenReport { recovered, indexed_entries, finished_erasures, aborted }))
    }

    fn of(core: Core) -> Result<Self, Error> {
        let core = Arc::new(core);
        let thread = |cause: io::Error| Error::from(index::Error::Unwritable(cause));
        let indexer = Arc::new(Indexer::start(Arc::clone(&core)).map_err(thread)?);
        Ok(Self { indexer, core })
    }

    /// Closes what had not ended when the journal stopped.
    fn abort_open(&self) -> Result<Vec<RecordId>, Error> {
        let core = &self.core;
        let open = core.index.still_open();
        let mut tickets = Vec::with_capacity(open.len());
        for (hit, words) in open {
            // More may be open than the limit now allows; these are about to close.
            tickets.push(self.abort(&hit, &words)?);
        }
        tickets.iter().map(|ticket| Ok(ticket.wait()?.record)).collect()
    }

    fn abort(&self, hit: &Hit, words: &Words) -> Result<super::Ticket, Error> {
        let mut close = Close::new(Outcome::Aborted);
        (close.principal, close.tenant) = (words.principal(), words.tenant());
        let envelope = Envelope { kind: Kind::Close, time_ms: self.core.clock.now_ms(), record: hit.record };
        self.append(envelope, hit.class, close.to_contents()?, Words::of_close(&close))
    }
}

impl Core {
    /// Gives the index what it has not seen. Says how many entries that was.
    fn catch_up(&self, size: u64) -> Result<u64, Error> {
        let from = self.index.end();
        let mut failed = None;
        self.replay(from, size, &mut |entry| {
            let index = entry.index;
            if self.index.add(entry) && failed.is_none() {
                failed = self.leaf_hash(index).and_then(|hash| self.index.seal(hash).err());
            }
        })?;
        match failed {
            Some(cause) => Err(cause.into()),
            None => Ok(size.saturating_sub(from)),
        }
    }

    fn read_statements(&self) -> Result<Statements, Error> {
        let mut statements = Statements::default();
        for hit in self.with_index(|| self.index.statements())? {
            let Some(place) = hit.last else { continue };
            statements.add(place.index, &self.statement(place.index)?);
        }
        Ok(statements)
    }
}
