//! Opening the journal: what a crash left undone is done here.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, RwLock},
};

use super::{
    Core, Error, Journal, Reading, leaves,
    opens::Opens,
    pending::Indexer,
    rotate::{self, Signer},
};
use crate::{
    clock::Clock,
    entropy::{Entropy, OsEntropy},
    index::{self, Index, Words},
    keys::{self, Keys, Refill},
    leaf::{Envelope, Kind, RecordId},
    log::{self, Cosign, OpenError, Recovered},
    merkle::leaf_hash,
    record::{Close, Event, Outcome, Record},
    retention::Retention,
    search::Hit,
    vfs::{Disk, Folder, Vfs},
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
    /// What the log had to recover; none for a new log. Bytes that were cut off are recorded as an event.
    pub recovered: Option<Recovered>,
    /// Entries that the index had to read again.
    pub indexed_entries: u64,
    /// Erasures that a crash had left undone, and that were carried out now.
    pub finished_erasures: usize,
    /// Requests that had not ended, and were closed as aborted now.
    pub aborted: Vec<RecordId>,
}

/// What the program itself records when a start has cut off the end of the log.
pub const LOG_RECOVERED: &str = "log.recovered";
/// Who does what nobody has asked for.
const OURSELVES: &str = "sekisho";
/// Folders below that of the journal.
pub(super) const KEYS: &str = "keys";
pub(super) const INDEX: &str = "index";
/// Below `index`, since the log keeps places of entries beside it.
pub(super) const ROWS: &str = "record";

impl Journal {
    /// Opens the journal, or makes a new one. Erasures that were left undone are carried out, and requests that had not
    /// ended are closed as aborted, durably, before this returns.
    ///
    /// # Errors
    /// Those of the log: damage, tampering, another process. Those of keys: missing, open to others. Those of the index.
    pub fn start<V: Vfs>(parts: Parts<V>) -> Result<(Self, OpenReport), Error> {
        let Parts { fs, private_fs, origin, retention, clock, entropy, limits, cosign } = parts;
        let folder = Folder::new(private_fs, "");
        for name in [KEYS, INDEX] {
            // Before the log makes anything in there that others could read.
            folder.below(name).create().map_err(keys::Error::io(name))?;
            keys::check_mode(&folder, name, name, 0o700)?;
        }
        let key_folder = folder.below(KEYS);
        let is_new = !leaves::exists(&fs)?;
        if is_new {
            keys::make_signing_key(&key_folder, &origin, &*entropy)?;
        }
        let keys = Keys::open(key_folder.clone(), &origin, Arc::clone(&entropy), limits.refill)?;
        if is_new && keys.has_classes()? {
            return Err(Error::LogGone);
        }
        let signer = if is_new { Signer::first(&key_folder)? } else { Signer::find(&fs, &key_folder)? };
        let (key, chain, rest) = signer.into_parts();
        let settings = log::Settings { signer: key, keys: chain.clone(), limits: limits.log, cosign };
        if settings.origin() != origin {
            let found = settings.origin().to_owned();
            return Err(OpenError::Origin { expected: origin, found }.into());
        }
        let (writer, recovered) = leaves::open(fs.clone(), settings, is_new)?;
        rotate::settle(&fs, &key_folder, &chain, rest)?;
        let (leaves, log) = leaves::start(fs, writer)?;
        rotate::check_chain(&|index| leaves.read(index), &chain)?;

        let log_id = leaf_hash(origin.as_bytes()).0;
        let hash = |at: u64| leaves.hash(at);
        let index = Index::open(folder.below(INDEX).below(ROWS), log_id, &hash)?;
        let signing = RwLock::new(keys::read_signing_key(&key_folder)?);
        let core = Core {
            reading: Reading::of_writer(folder, leaves, keys, index, chain, retention),
            log,
            signing,
            clock,
            entropy,
            opens: Mutex::new(Opens::new(limits.open_records_max)),
            admin: Mutex::default(),
            class_gate: RwLock::default(),
        };
        let indexed_entries = core.catch_up()?;
        core.read_statements()?;
        let finished_erasures = core.statements().erasures_from(core.keys.erased_up_to()?).len();
        core.finish_erasures(&[])?;
        let journal = Self::of(core)?;
        journal.tell_recovered(recovered.as_ref())?;
        let aborted = journal.abort_open()?;
        Ok((journal, OpenReport { recovered, indexed_entries, finished_erasures, aborted }))
    }

    fn of(core: Core) -> Result<Self, Error> {
        let core = Arc::new(core);
        let thread = |cause: io::Error| Error::from(index::Error::Unwritable(cause));
        let indexer = Arc::new(Indexer::start(Arc::clone(&core)).map_err(thread)?);
        Ok(Self { indexer, core })
    }

    /// Records that the end of the log was cut off. Nobody was told of what stood there; that it did stays.
    fn tell_recovered(&self, recovered: Option<&Recovered>) -> Result<(), Error> {
        let cut_bytes = recovered.map_or(0, |recovered| recovered.cut_bytes);
        if cut_bytes == 0 {
            return Ok(());
        }
        let mut event =
            Event { principal: OURSELVES.to_owned(), event: LOG_RECOVERED.to_owned(), ..Event::default() };
        event.detail.insert("cut_bytes".to_owned(), cut_bytes.into());
        self.event(&event, None)?.wait()?;
        Ok(())
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
