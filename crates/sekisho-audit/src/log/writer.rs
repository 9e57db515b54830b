//! The writer: one group at a time, durable before it is acknowledged.

use std::{collections::BTreeMap, io, sync::Arc};

use super::{
    AppendError, CHECKPOINT, FOLDER, ORIGIN, OpenError, Poison, Publication, Published, Reader, Recovered,
    SEGMENTS, Settings, Step, group,
    group::Group,
    recover, segment_path,
    tiles::MemoryTiles,
    view::{Shared, View},
};
use crate::{
    merkle::{Frontier, TreeHead},
    note::{SigningKey, VerifierKey},
    tile::TileEdge,
    vfs::{self, File, Open, Vfs},
};

/// Appends to a log, alone: it holds the lock.
pub struct Writer<V: Vfs> {
    pub(super) shared: Arc<Shared<V>>,
    pub(super) settings: Settings,
    pub(super) frontier: Frontier,
    pub(super) tail: Option<Tail<V>>,
    pub(super) poison: Option<Poison>,
    pub(super) _lock: V::Lock,
}

/// The segment that is written to.
pub(super) struct Tail<V: Vfs> {
    pub(super) first: u64,
    pub(super) file: V::File,
    /// Bytes that are durable: where the next group goes.
    pub(super) end: u64,
}

/// Leaves that are in the log for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Index of the first leaf; the others follow.
    pub first: u64,
    /// Number of leaves.
    pub count: u64,
    /// The tree whose signed checkpoint stands behind them.
    pub head: TreeHead,
}

impl<V: Vfs> Writer<V> {
    /// Makes a new log.
    ///
    /// # Errors
    /// [`OpenError::Exists`] when there is one, [`OpenError::Io`].
    pub fn create(fs: V, settings: Settings) -> Result<Self, OpenError> {
        vfs::create_folders(&fs, SEGMENTS)?;
        let lock = lock(&fs)?;
        // `origin` comes last, and makes a log of it. Entries without one are a log that somebody took it from.
        if vfs::exists(&fs, ORIGIN)? || !fs.list(SEGMENTS)?.is_empty() {
            return Err(OpenError::Exists);
        }
        let note = group::sign(settings.origin(), &Frontier::new(), &settings.signer);
        vfs::replace(&fs, CHECKPOINT, note.as_bytes())?;
        // Two names in one folder come to the disk in any order, unless one is made durable first.
        fs.sync_folder(FOLDER)?;
        let origin = format!("{}\n{}\n", settings.origin(), settings.signer.verifier_key());
        vfs::replace(&fs, ORIGIN, origin.as_bytes())?;
        fs.sync_folder(FOLDER)?;
        let view = View {
            head: TreeHead::EMPTY,
            note: note.into(),
            published: 0,
            segments: Arc::default(),
            tiles: MemoryTiles::new(TileEdge::new()),
        };
        let shared = Shared::new(fs, view, BTreeMap::new());
        Ok(Self { shared, settings, frontier: Frontier::new(), tail: None, poison: None, _lock: lock })
    }

    /// Opens a log, having checked it (see the module) and cut off what was never acknowledged.
    ///
    /// # Errors
    /// [`OpenError`]: damage and tampering, with their place.
    pub fn open(fs: V, settings: Settings) -> Result<(Self, Recovered), OpenError> {
        recover::open(fs, settings)
    }

    /// Appends leaves as one group, and returns when they are durable.
    ///
    /// # Errors
    /// [`AppendError`]; never [`AppendError::Busy`] or [`AppendError::Closed`].
    pub fn commit<L: AsRef<[u8]>>(&mut self, leaves: &[L]) -> Result<Committed, AppendError> {
        group::check(leaves, &self.settings.limits)?;
        self.commit_checked(leaves)
    }

    /// As [`Writer::commit`], and from the next group on `next` signs. The group must hold the leaf that says so.
    ///
    /// # Errors
    /// As [`Writer::commit`]; the key is then the old one still.
    pub fn commit_and_change_key<L: AsRef<[u8]>>(
        &mut self,
        leaves: &[L],
        next: SigningKey,
    ) -> Result<Committed, AppendError> {
        if !self.can_change_to(&next) {
            return Err(AppendError::Key);
        }
        let committed = self.commit(leaves)?;
        self.change_key(next);
        Ok(committed)
    }

    /// Several appends, each checked by itself, as one group.
    pub(crate) fn commit_checked<L: AsRef<[u8]>>(&mut self, leaves: &[L]) -> Result<Committed, AppendError> {
        if let Some(poison) = &self.poison {
            return Err(poison.clone().into());
        }
        let first = self.frontier.size();
        let tail = self.tail.as_ref().filter(|tail| tail.end < self.settings.limits.segment_bytes_max);
        let offset = tail.map_or(0, |tail| tail.end);
        let group =
            Group::new(leaves, self.frontier.clone(), offset, self.settings.origin(), &self.settings.signer);
        let written = match tail {
            Some(tail) => Self::write_on(tail, &group.bytes),
            None => self.write_new(first, &group.bytes),
        };
        match written {
            Ok(None) => {}
            Ok(Some(tail)) => self.roll(tail),
            Err(AppendError::Poisoned(poison)) => {
                self.poison = Some(poison.clone());
                return Err(poison.into());
            }
            Err(error) => return Err(error),
        }
        Ok(self.acknowledge(group))
    }

    /// Writes a group to the end of the segment.
    ///
    /// A lack of room while writing is survivable: the group is cut off and the cut made durable before anything else is
    /// written, so nothing of it can come back behind a later, shorter group. A lack of room that the sync reports is
    /// not: like after every failed sync, nobody knows what is on the disk.
    fn write_on(tail: &Tail<V>, bytes: &[u8]) -> Result<Option<Tail<V>>, AppendError> {
        if let Err(error) = vfs::write_all_at(&tail.file, bytes, tail.end) {
            if !vfs::is_no_space(&error) {
                return Err(Poison::new(Step::Write, error).into());
            }
            let cut = tail.file.truncate(tail.end).and_then(|()| tail.file.sync());
            return Err(cut.map_or_else(|e| Poison::new(Step::CutOff, e).into(), |()| AppendError::NoSpace));
        }
        tail.file.sync().map_err(|error| Poison::new(Step::Sync, error))?;
        Ok(None)
    }

    /// Writes a group as the beginning of a new segment. Without room for it the file goes again; should it come back
    /// after a crash, it is a last segment without a commit, which a start removes.
    fn write_new(&self, first: u64, bytes: &[u8]) -> Result<Option<Tail<V>>, AppendError> {
        let fs = &self.shared.fs;
        let path = segment_path(first);
        let file = match fs.open(&path, Open::Create) {
            Ok(file) => file,
            Err(error) if vfs::is_no_space(&error) => return Err(AppendError::NoSpace),
            Err(error) => return Err(Poison::new(Step::NewSegment, error).into()),
        };
        if let Err(error) = vfs::write_all_at(&file, bytes, 0) {
            if !vfs::is_no_space(&error) {
                return Err(Poison::new(Step::Write, error).into());
            }
            let gone = fs.remove(&path);
            return Err(gone.map_or_else(|e| Poison::new(Step::CutOff, e).into(), |()| AppendError::NoSpace));
        }
        file.sync().map_err(|error| Poison::new(Step::Sync, error))?;
        fs.sync_folder(SEGMENTS).map_err(|error| Poison::new(Step::NewSegment, error))?;
        Ok(Some(Tail { first, file, end: 0 }))
    }

    fn roll(&mut self, tail: Tail<V>) {
        Arc::make_mut(&mut self.shared.view_mut().segments).push(tail.first);
        if let Some(closed) = self.tail.replace(tail) {
            self.shared.save_offsets(closed.first);
        }
    }

    /// Lets readers see a group that is durable.
    fn acknowledge(&mut self, group: Group) -> Committed {
        let tail = self.tail.as_mut().expect("a group was written to it");
        tail.end += group.bytes.len() as u64;
        self.shared.push_offsets(tail.first, &group.offsets);
        let first = self.frontier.size();
        self.frontier = group.frontier;
        let head = self.frontier.head();
        let mut view = self.shared.view_mut();
        group.hashes.iter().for_each(|hash| view.tiles.push(*hash));
        view.head = head;
        view.note = group.note.into();
        Committed { first, count: group.hashes.len() as u64, head }
    }

    pub(crate) fn can_change_to(&self, next: &SigningKey) -> bool {
        let mut keys = self.settings.keys.clone();
        keys.push(u64::MAX, next.verifier_key()).is_ok()
    }

    pub(crate) fn change_key(&mut self, next: SigningKey) {
        let key = next.verifier_key();
        self.settings.signer = next;
        self.settings
            .keys
            .push(self.frontier.size(), key)
            .expect("the caller has asked whether it can be the next");
    }

    /// What is to be published now; none when everything is. Write it, then tell [`Writer::published`].
    pub fn publication(&self) -> Option<Publication> {
        Publication::of(&self.shared.view())
    }

    /// Notes a publication that was written.
    pub fn published(&mut self, published: Published) {
        self.shared.view_mut().published(published.size);
    }

    /// Publishes everything, here and now.
    ///
    /// # Errors
    /// [`AppendError::NoSpace`]: the log goes on, the publication is late. [`AppendError::Poisoned`].
    pub fn publish(&mut self) -> Result<(), AppendError> {
        if let Some(poison) = &self.poison {
            return Err(poison.clone().into());
        }
        let Some(publication) = self.publication() else { return Ok(()) };
        let written = publication.write(&self.shared.fs, self.settings.cosign.as_mut());
        match written {
            Ok(published) => {
                self.published(published);
                Ok(())
            }
            Err(error) => Err(self.publish_failed(error)),
        }
    }

    /// A publication that failed for want of room is tried again; one that failed otherwise says that the disk cannot be
    /// relied on, and the entries are on the same disk.
    pub(crate) fn publish_failed(&mut self, error: io::Error) -> AppendError {
        if vfs::is_no_space(&error) {
            return AppendError::NoSpace;
        }
        let poison = Poison::new(Step::Publish, error);
        self.poison = Some(poison.clone());
        poison.into()
    }

    /// Publishes and gives the lock back. (Dropping only gives the lock back: entries are durable, tiles can be made
    /// again.)
    ///
    /// # Errors
    /// As [`Writer::publish`].
    pub fn close(mut self) -> Result<(), AppendError> {
        self.publish()
    }

    /// Size and root of the log.
    pub fn head(&self) -> TreeHead {
        self.frontier.head()
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        self.settings.origin()
    }

    /// The key that signs the next commit.
    pub fn verifier_key(&self) -> VerifierKey {
        self.settings.signer.verifier_key()
    }

    /// Reads beside the writer, from any thread.
    pub fn reader(&self) -> Reader<V> {
        Reader::of(Arc::clone(&self.shared))
    }
}

impl<V: Vfs> std::fmt::Debug for Writer<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { settings, frontier, poison, .. } = self;
        f.debug_struct("Writer")
            .field("settings", settings)
            .field("head", &frontier.head())
            .field("poison", poison)
            .finish_non_exhaustive()
    }
}

pub(super) fn lock<V: Vfs>(fs: &V) -> Result<V::Lock, OpenError> {
    fs.lock(FOLDER).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Locked,
        io::ErrorKind::NotFound => OpenError::NoLog,
        _ => OpenError::Io(error),
    })
}
