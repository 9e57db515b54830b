//! Reading the end of the log entry by entry, or all of it.

use std::sync::Arc;

use super::{Closed, OpenError, Tables, Trust, tiles::Tree};
use crate::{
    checkpoint::Checkpoint,
    log::{
        CHECKPOINT, FOLDER,
        error::is_torn,
        publish::{TileWriter, tile_bytes},
        segment_path,
        tiles::MemoryTiles,
        view::tile_on_disk,
    },
    merkle::{Frontier, Hash, TreeHead, leaf_hash},
    note::Note,
    segment::{Broken, CommitFrame, Frames, Offsets, Reason, Tag},
    tile,
    vfs::{self, Open, ReadAt, Vfs},
};

/// Full tiles that are kept in memory while all tiles are made again; then they are written.
const FULL_TILES_MAX: usize = 1024;

/// The last commit whose group holds.
#[derive(Debug, Clone)]
pub(super) struct Good {
    pub(super) segment: u64,
    /// Where its group begins, if that was read.
    pub(super) group_start: Option<u64>,
    /// Where its frame begins.
    offset: u64,
    /// Where its frame ends.
    pub(super) end: u64,
    pub(super) size: u64,
    pub(super) note: String,
    is_verified: bool,
}

/// What is known of the tree when all is read.
pub(super) struct State {
    pub(super) frontier: Frontier,
    pub(super) tiles: MemoryTiles,
    pub(super) offsets: Tables,
    pub(super) published: u64,
}

pub(super) struct Scan<'a, V> {
    fs: &'a V,
    trust: &'a Trust,
    published: Option<TreeHead>,
    /// Whether the published size was met, with its root.
    met_published: bool,
    /// Where reading began.
    base: u64,
    state: State,
    good: Option<Good>,
    /// Writes the tiles again; none when they are only compared.
    writer: Option<TileWriter<'a, V>>,
    pub(super) entries_read: u64,
    /// Bytes of the segment read last, as many as there were when reading began.
    pub(super) end: u64,
}

impl<'a, V: Vfs> Scan<'a, V> {
    /// Reads what comes behind the closed segments; the tree of those is known.
    pub(super) fn from_tiles(
        fs: &'a V,
        trust: &'a Trust,
        published: Option<TreeHead>,
        closed: &[Closed],
        tree: Tree,
    ) -> Self {
        let base = tree.frontier.size();
        let good = closed.last().map(|closed| Good {
            segment: closed.segment,
            group_start: None,
            offset: 0,
            end: closed.end,
            size: closed.head.size,
            note: closed.note.clone(),
            is_verified: true,
        });
        let state = State {
            frontier: tree.frontier,
            tiles: MemoryTiles::new(tree.edge),
            offsets: Tables::new(),
            published: published.map_or(0, |head| head.size),
        };
        let met_published = published.is_none_or(|head| head.size == base);
        Self { fs, trust, published, met_published, base, state, good, writer: None, entries_read: 0, end: 0 }
    }

    /// Reads everything, and writes all tiles.
    pub(super) fn from_nothing(fs: &'a V, trust: &'a Trust, published: Option<TreeHead>) -> Self {
        let mut scan = Self::from_tiles(fs, trust, published, &[], Tree::empty());
        scan.writer = Some(TileWriter::new(fs));
        scan
    }

    /// Reads all segments from the base on. Says where the last one breaks, if it does in a way that a crash can leave
    /// behind.
    pub(super) fn run(&mut self, segments: &[u64]) -> Result<Option<Broken>, OpenError> {
        let last = segments.last().copied();
        let base = self.base;
        for segment in segments.iter().copied().filter(|first| *first >= base) {
            let broken = match self.segment(segment) {
                Ok(()) => continue,
                Err(OpenError::Broken(broken)) => broken,
                Err(error) => return Err(error),
            };
            return if last == Some(segment) && is_torn(broken.reason) {
                Ok(Some(broken))
            } else {
                Err(broken.into())
            };
        }
        Ok(None)
    }

    fn segment(&mut self, segment: u64) -> Result<(), OpenError> {
        let file = self.fs.open(&segment_path(segment), Open::Read)?;
        let end = file.len()?;
        self.end = end;
        let mut frames = Frames::new(file, segment, end);
        let mut table = Offsets::new(segment);
        let read = self.groups(&mut frames, segment, &mut table);
        if table.end() > segment {
            self.state.offsets.insert(segment, Arc::new(table));
        }
        read?;
        // A segment without any group does not end with a commit either.
        let has_group = self.good.as_ref().is_some_and(|good| good.segment == segment);
        if frames.is_committed() && has_group {
            Ok(())
        } else {
            Err(Broken { segment, offset: end, reason: Reason::Uncommitted }.into())
        }
    }

    /// Reads groups to the end, or to the first break. A group without its commit leaves no trace.
    fn groups<R: ReadAt>(
        &mut self,
        frames: &mut Frames<R>,
        segment: u64,
        table: &mut Offsets,
    ) -> Result<(), OpenError> {
        let mut group = Vec::new();
        let mut places = Vec::new();
        while let Some(frame) = frames.next_frame()? {
            let offset = frame.offset;
            if frame.tag == Tag::Entry {
                group.push(leaf_hash(frame.payload));
                places.push(offset);
                self.entries_read += 1;
                continue;
            }
            let (size, payload) = (frame.index, frame.payload.to_vec());
            let end = frames.offset();
            let note = self.commit(CommitFrame { size, payload, end }, &mut group);
            let note = note.map_err(|reason| Broken { segment, offset, reason })?;
            let group_start = places.first().copied();
            places.drain(..).for_each(|place| table.push(place));
            self.good = Some(Good { segment, group_start, offset, end, size, note, is_verified: false });
            self.write_some_tiles()?;
        }
        Ok(())
    }

    /// A group has ended: its commit must say what the entries say.
    fn commit(&mut self, commit: CommitFrame, group: &mut Vec<Hash>) -> Result<String, Reason> {
        let text = String::from_utf8(commit.payload).map_err(|_| Reason::Checkpoint)?;
        let note = Note::parse(&text).map_err(|_| Reason::Checkpoint)?;
        let checkpoint: Checkpoint = note.text().parse().map_err(|_| Reason::Checkpoint)?;
        if checkpoint.origin() != self.trust.origin {
            return Err(Reason::Checkpoint);
        }
        if checkpoint.size() != commit.size {
            return Err(Reason::Size { found: checkpoint.size() });
        }
        let state = &mut self.state;
        for hash in group.drain(..) {
            state.frontier.push(hash);
            state.tiles.push(hash);
        }
        if checkpoint.root() != state.frontier.root() {
            return Err(Reason::Root);
        }
        self.met_published |= self.published == Some(checkpoint.head());
        Ok(text)
    }

    /// Compares the tiles on the disk with those of the entries read; false when one is missing.
    pub(super) fn compare_tiles(&self) -> Result<bool, OpenError> {
        let published = self.state.published.min(self.state.frontier.size());
        for tile in tile::changed(self.base, published) {
            let bytes = match tile_on_disk(self.fs, tile) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
                bytes => bytes?,
            };
            if self.state.tiles.get(tile).is_none_or(|row| tile_bytes(row) != bytes) {
                return Err(OpenError::Tile { tile });
            }
        }
        Ok(true)
    }

    /// The last commit whose group holds.
    pub(super) fn good(&self) -> Option<&Good> {
        self.good.as_ref()
    }

    /// What was read must be this log, and all of it.
    pub(super) fn check(&self, broken: Option<Broken>) -> Result<(), OpenError> {
        self.check_published(broken)?;
        self.check_signature()
    }

    /// The log must hold what was published.
    fn check_published(&self, broken: Option<Broken>) -> Result<(), OpenError> {
        let Some(published) = self.published else { return Ok(()) };
        let found = self.state.frontier.size();
        if found < published.size {
            // Published entries were acknowledged: what breaks before them was not torn by a crash.
            return Err(
                broken.map_or(OpenError::RolledBack { published: published.size, found }, OpenError::Broken)
            );
        }
        if self.met_published { Ok(()) } else { Err(OpenError::Forked { size: published.size }) }
    }

    /// The last commit speaks for all before it, so its signature is verified.
    fn check_signature(&self) -> Result<(), OpenError> {
        let Some(good) = self.good.as_ref().filter(|good| !good.is_verified) else { return Ok(()) };
        let commit = CommitFrame { size: good.size, payload: good.note.clone().into_bytes(), end: good.end };
        let broken = Broken { segment: good.segment, offset: good.offset, reason: Reason::Signature };
        self.trust.signed(&commit).map(|_| ()).ok_or(broken.into())
    }

    /// Ends reading. When tiles were to be made again, writes the rest of them and the checkpoint.
    pub(super) fn finish(mut self, tiles_made: bool) -> Result<(Option<Good>, State), OpenError> {
        if tiles_made && let Some(mut writer) = self.writer.take() {
            self.write_full(&mut writer)?;
            for (tile, row) in self.state.tiles.partial() {
                writer.write(tile, &tile_bytes(row))?;
            }
            writer.finish()?;
            if let Some(good) = &self.good {
                vfs::replace(self.fs, CHECKPOINT, good.note.as_bytes())?;
                self.fs.sync_folder(FOLDER)?;
            }
            self.state.published = self.state.frontier.size();
        }
        self.state.tiles.forget(self.state.published);
        Ok((self.good, self.state))
    }

    /// Ends reading, and keeps every tile of what was read.
    pub(super) fn into_memory(self) -> (Option<Good>, State) {
        (self.good, self.state)
    }

    fn write_some_tiles(&mut self) -> Result<(), OpenError> {
        if self.state.tiles.full_count() >= FULL_TILES_MAX
            && let Some(mut writer) = self.writer.take()
        {
            self.write_full(&mut writer)?;
            self.writer = Some(writer);
        }
        Ok(())
    }

    fn write_full(&mut self, writer: &mut TileWriter<'a, V>) -> Result<(), OpenError> {
        for (tile, row) in self.state.tiles.take_full() {
            writer.write(tile, &tile_bytes(&row))?;
        }
        Ok(())
    }
}
