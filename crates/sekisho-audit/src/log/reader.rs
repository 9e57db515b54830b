//! Reading entries and hashes, beside a writer or in another process.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    ops::Range,
    sync::Arc,
};

use super::{
    CHECKPOINT, CHECKPOINT_BYTES_MAX, KeyChain, OpenError, ReadError, publish,
    recover::{self, Trust},
    segment_path,
    tiles::MemoryTiles,
    view::{Shared, View, list_segments, tile_on_disk},
};
use crate::{
    checkpoint,
    merkle::{Hash, TreeHead, consistency_proof, inclusion_proof},
    segment::{Broken, Frames, Reason, Tag},
    tile::{Tile, TileEdge, TileHashes, Tiles},
    vfs::{self, Open, ReadAt, Vfs},
};

/// Reads a log. Cheap to clone; safe from any number of threads.
pub struct Reader<V> {
    shared: Arc<Shared<V>>,
}

/// The log as it was at one commit: it does not grow, whatever is appended.
pub struct Snapshot<V> {
    shared: Arc<Shared<V>>,
    head: TreeHead,
    note: Arc<str>,
    segments: Arc<Vec<u64>>,
}

/// Entries of a range in their order, each with its index. Ends after the first error.
pub struct Entries<V: Vfs> {
    snapshot: Snapshot<V>,
    rest: Range<u64>,
    frames: Option<Frames<V::File>>,
    /// The first entry of the segment after that of `frames`.
    segment_end: u64,
}

/// Where the hashes of a snapshot are: on the disk, or in the memory of the writer.
pub struct SnapshotTiles<V> {
    shared: Arc<Shared<V>>,
}

/// The hashes of a snapshot, for proofs of any size up to its own.
pub type SnapshotHashes<V> = TileHashes<SnapshotTiles<V>>;

impl<V: Vfs> Reader<V> {
    pub(crate) fn of(shared: Arc<Shared<V>>) -> Self {
        Self { shared }
    }

    /// Opens a log that another process may be writing to, as it was last published. Takes no lock and changes nothing.
    ///
    /// # Errors
    /// [`OpenError::NoLog`], [`OpenError::Published`] when no trusted key has signed the checkpoint, [`OpenError::Io`].
    /// Entries are not looked at.
    pub fn open(fs: V, keys: KeyChain) -> Result<Self, OpenError> {
        let view = published_view(&fs, keys)?;
        Ok(Self { shared: Shared::new(fs, view, BTreeMap::new()) })
    }

    /// Opens a log that another process may be writing to, up to its last commit, which is durable when this returns.
    /// Takes no lock and changes nothing. What is checked is what a start checks.
    ///
    /// # Errors
    /// As [`super::Writer::open`]. A writer that rolls a segment or changes its key in this very moment can be the cause:
    /// what is wrong a second time is wrong.
    pub fn open_committed(fs: V, keys: KeyChain) -> Result<Self, OpenError> {
        Ok(Self { shared: recover::look(fs, keys)? })
    }

    /// Goes on to what has been published since [`Reader::open`]. Nothing to do for a reader that came from a writer.
    ///
    /// # Errors
    /// As [`Reader::open`], and [`OpenError::RolledBack`] when the log has become smaller.
    pub fn refresh(&self, keys: KeyChain) -> Result<(), OpenError> {
        let view = published_view(&self.shared.fs, keys)?;
        let mut known = self.shared.view_mut();
        if view.head.size < known.head.size {
            return Err(OpenError::RolledBack { published: known.head.size, found: view.head.size });
        }
        *known = view;
        Ok(())
    }

    /// The log as it is now.
    pub fn snapshot(&self) -> Snapshot<V> {
        let view = self.shared.view();
        Snapshot {
            shared: Arc::clone(&self.shared),
            head: view.head,
            note: Arc::clone(&view.note),
            segments: Arc::clone(&view.segments),
        }
    }

    /// Entries that the published checkpoint covers.
    pub fn published_size(&self) -> u64 {
        self.shared.view().published
    }

    /// The published checkpoint, with cosignatures.
    ///
    /// # Errors
    /// What the disk says.
    pub fn published(&self) -> io::Result<Vec<u8>> {
        vfs::read(&self.shared.fs, CHECKPOINT, CHECKPOINT_BYTES_MAX)
    }
}

impl<V: Vfs> Snapshot<V> {
    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.head.size
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// The checkpoint, signed by the log.
    pub fn checkpoint(&self) -> &str {
        &self.note
    }

    /// One entry. Its checksum holds; that it is the one in the tree is for a proof to say.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(&self, index: u64) -> Result<Vec<u8>, ReadError> {
        self.check_index(index)?;
        let segment = self.segments.iter().rfind(|first| **first <= index);
        let segment = segment.ok_or(ReadError::NotInLog { index, size: self.size() })?;
        self.shared.entry(*segment, index)
    }

    /// Entries in order; a range that goes past the end stops there.
    pub fn iter(&self, range: Range<u64>) -> Entries<V> {
        let rest = range.start..range.end.min(self.size());
        Entries { snapshot: self.clone(), rest, frames: None, segment_end: 0 }
    }

    /// The hashes of the tree. Not for several threads at once; each takes its own.
    pub fn hashes(&self) -> SnapshotHashes<V> {
        TileHashes::new(self.size(), SnapshotTiles { shared: Arc::clone(&self.shared) })
    }

    /// The proof that entry `index` is in the log under this snapshot's root.
    ///
    /// # Errors
    /// [`ReadError::NotInLog`], [`ReadError::Tiles`].
    pub fn inclusion(&self, index: u64) -> Result<Vec<Hash>, ReadError> {
        self.check_index(index)?;
        Ok(inclusion_proof(index, self.size(), &self.hashes())?)
    }

    /// The proof that the log goes on from what it was at `old` entries.
    ///
    /// # Errors
    /// [`ReadError::Tiles`].
    pub fn consistency(&self, old: u64) -> Result<Vec<Hash>, ReadError> {
        Ok(consistency_proof(old, self.size(), &self.hashes())?)
    }

    fn check_index(&self, index: u64) -> Result<(), ReadError> {
        if index < self.size() { Ok(()) } else { Err(ReadError::NotInLog { index, size: self.size() }) }
    }
}

impl<V: Vfs> Entries<V> {
    /// Opens the segment that holds the next entry, and goes to the nearest known place before it.
    fn open_segment(&mut self) -> Result<Frames<V::File>, ReadError> {
        let index = self.rest.start;
        let at = self.snapshot.segments.partition_point(|first| *first <= index);
        let first = match at.checked_sub(1).and_then(|at| self.snapshot.segments.get(at)) {
            Some(first) => *first,
            None => return Err(ReadError::NotInLog { index, size: self.snapshot.size() }),
        };
        self.segment_end = self.snapshot.segments.get(at).copied().unwrap_or(u64::MAX);
        let shared = &self.snapshot.shared;
        let table = shared.offsets_of(first, index)?;
        // The table ends where the segment is broken.
        let missing = Broken {
            segment: first,
            offset: 0,
            reason: Reason::Index { expected: index, found: table.end() },
        };
        let (near, offset) = table.before(index).ok_or(missing)?;
        let file = shared.fs.open(&segment_path(first), Open::Read)?;
        let end = file.len()?;
        Ok(Frames::from_entry(file, first, end, offset, near))
    }

    fn step(&mut self) -> Result<(u64, Vec<u8>), ReadError> {
        let wanted = self.rest.start;
        if self.frames.is_none() || wanted >= self.segment_end {
            self.frames = Some(self.open_segment()?);
        }
        let frames = self.frames.as_mut().expect("opened above");
        loop {
            let offset = frames.offset();
            match frames.next_frame()? {
                Some(frame) if frame.tag == Tag::Entry && frame.index == wanted => {
                    return Ok((wanted, frame.payload.to_vec()));
                }
                Some(_) => {}
                None => {
                    let segment = self.snapshot.segments.iter().rfind(|first| **first <= wanted).copied();
                    let segment = segment.unwrap_or_default();
                    return Err(Broken { segment, offset, reason: Reason::Cut }.into());
                }
            }
        }
    }
}

impl<V: Vfs> Iterator for Entries<V> {
    type Item = Result<(u64, Vec<u8>), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.step();
        match entry {
            Ok(_) => self.rest.start += 1,
            Err(_) => self.rest.end = self.rest.start,
        }
        Some(entry)
    }
}

impl<V: Vfs> Tiles for SnapshotTiles<V> {
    type Error = io::Error;

    fn tile(&self, tile: Tile) -> io::Result<Vec<u8>> {
        // Memory first: a tile leaves it only when it is on the disk.
        if let Some(row) = self.shared.view().tiles.get(tile) {
            return Ok(publish::tile_bytes(row));
        }
        match tile_on_disk(&self.shared.fs, tile) {
            // The writer took the partial tile away between our two looks; now the full one is there.
            Err(error) if error.kind() == ErrorKind::NotFound => tile_on_disk(&self.shared.fs, tile),
            result => result,
        }
    }
}

fn published_view<V: Vfs>(fs: &V, keys: KeyChain) -> Result<View, OpenError> {
    let trust = Trust { origin: keys.first().name().to_owned(), keys };
    let bytes = vfs::read(fs, CHECKPOINT, CHECKPOINT_BYTES_MAX).map_err(|error| match error.kind() {
        ErrorKind::NotFound => OpenError::NoLog,
        _ => error.into(),
    })?;
    let opened = open_checkpoint(&bytes, &trust)?;
    let head = opened.checkpoint.head();
    Ok(View {
        head,
        note: opened.note.to_string().into(),
        published: head.size,
        segments: Arc::new(list_segments(fs)?),
        tiles: MemoryTiles::new(TileEdge::new()),
    })
}

/// The published checkpoint, signed by the key of its size, and of this log.
pub(super) fn open_checkpoint(bytes: &[u8], trust: &Trust) -> Result<checkpoint::Opened, OpenError> {
    let note = crate::note::Note::parse_bytes(bytes).map_err(|error| OpenError::Published(error.into()))?;
    let opened = trust.keys.open(note).map_err(OpenError::Published)?;
    if opened.checkpoint.origin() == trust.origin {
        return Ok(opened);
    }
    let found = opened.checkpoint.origin().to_owned();
    Err(OpenError::Origin { expected: trust.origin.clone(), found })
}

impl<V> Clone for Reader<V> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<V> Clone for Snapshot<V> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            head: self.head,
            note: Arc::clone(&self.note),
            segments: Arc::clone(&self.segments),
        }
    }
}

impl<V> std::fmt::Debug for Reader<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("head", &self.shared.view().head).finish_non_exhaustive()
    }
}

impl<V> std::fmt::Debug for Snapshot<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("head", &self.head).finish_non_exhaustive()
    }
}
