//! What writer and readers share: how large the log is, where entries lie, and the tiles that no file has yet.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{SEGMENTS, offsets_path, segment_path, stretch::Stretches, tile_path, tiles::MemoryTiles};
use crate::{
    merkle::TreeHead,
    segment::{self, FrameError, Frames, OFFSET_EVERY, Offsets, Tag},
    tile::{TILE_WIDTH, Tile},
    vfs::{self, Open, ReadAt, Vfs},
};

/// The longest file of offsets that is read: of a segment of one-byte entries.
const OFFSETS_BYTES_MAX: u64 = segment::SEGMENT_BYTES_MAX / OFFSET_EVERY;

/// Shared by a writer and its readers.
pub(crate) struct Shared<V> {
    pub(crate) fs: V,
    view: RwLock<View>,
    /// Offsets by segment, as far as they have been needed.
    offsets: Mutex<BTreeMap<u64, Arc<Offsets>>>,
    pub(super) stretches: Stretches,
}

/// The state of the log at its last commit.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) head: TreeHead,
    /// The signed checkpoint of `head`.
    pub(crate) note: Arc<str>,
    /// Entries that the published checkpoint covers; the tiles of a tree of that size are on the disk.
    pub(crate) published: u64,
    /// First entries of all segments.
    pub(crate) segments: Arc<Vec<u64>>,
    pub(super) tiles: MemoryTiles,
}

impl View {
    /// Notes that the tiles of a tree of `size` are on the disk, and forgets those that never change again.
    pub(crate) fn published(&mut self, size: u64) {
        self.published = size;
        self.tiles.forget(size);
    }
}

impl<V> Shared<V> {
    // Nothing in here can be left half changed by a panic that would matter: sizes are set last.
    pub(crate) fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Vfs> Shared<V> {
    pub(crate) fn new(fs: V, view: View, offsets: BTreeMap<u64, Arc<Offsets>>) -> Arc<Self> {
        Arc::new(Self {
            fs,
            view: RwLock::new(view),
            offsets: Mutex::new(offsets),
            stretches: Stretches::default(),
        })
    }

    pub(crate) fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn offsets(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Offsets>>> {
        self.offsets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the offsets of entries that have just become durable.
    pub(crate) fn push_offsets(&self, segment: u64, places: &[u64]) {
        let mut offsets = self.offsets();
        let table = offsets.entry(segment).or_insert_with(|| Arc::new(Offsets::new(segment)));
        let table = Arc::make_mut(table);
        for place in places {
            table.push(*place);
        }
    }

    /// Keeps the offsets of a closed segment in a file. They can be made again, so nothing is made of a failure.
    pub(crate) fn save_offsets(&self, segment: u64) {
        let Some(table) = self.offsets().get(&segment).cloned() else { return };
        let path = offsets_path(segment);
        let saved = vfs::create_folders(&self.fs, vfs::folder_of(&path))
            .and_then(|()| self.fs.open(&path, Open::Create))
            .and_then(|file| vfs::write_all_at(&file, &table.to_bytes(), 0));
        drop(saved);
    }

    /// Offsets of a segment which hold entry `index`: known, or from their file, or by reading the segment.
    pub(crate) fn offsets_of(&self, segment: u64, index: u64) -> Result<Arc<Offsets>, FrameError> {
        if let Some(table) = self.offsets().get(&segment)
            && index < table.end()
        {
            return Ok(Arc::clone(table));
        }
        let read = |source| FrameError::Io { segment, source };
        let file = self.fs.open(&segment_path(segment), Open::Read).map_err(read)?;
        let len = file.len().map_err(read)?;
        let saved = vfs::read(&self.fs, &offsets_path(segment), OFFSETS_BYTES_MAX)
            .ok()
            .and_then(|bytes| Offsets::parse(&bytes, len))
            .filter(|table| index < table.end());
        let table = Arc::new(match saved {
            Some(table) => table,
            None => scan_offsets(file, segment, len)?,
        });
        let mut offsets = self.offsets();
        let known = offsets.entry(segment).or_insert_with(|| Arc::clone(&table));
        if known.end() < table.end() {
            *known = Arc::clone(&table);
        }
        Ok(table)
    }
}

/// Reads a segment for its offsets, as far as it is whole: another process may be writing its end.
fn scan_offsets<R: ReadAt>(file: R, segment: u64, len: u64) -> Result<Offsets, FrameError> {
    let mut table = Offsets::new(segment);
    let mut frames = Frames::new(file, segment, len);
    loop {
        match frames.next_frame() {
            Ok(Some(frame)) if frame.tag == Tag::Entry => table.push(frame.offset),
            Ok(Some(_)) => {}
            Ok(None) | Err(FrameError::Broken(_)) => return Ok(table),
            Err(error) => return Err(error),
        }
    }
}

/// A tile of a tree of `tile`'s width or more, from the disk: the very file, or the beginning of the full one.
pub(crate) fn tile_on_disk<V: Vfs>(fs: &V, tile: Tile) -> io::Result<Vec<u8>> {
    let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let full = Tile::new(tile.level(), tile.index(), TILE_WIDTH).ok().filter(|_| !tile.is_full());
    let bytes_max = u64::from(TILE_WIDTH) * 32;
    let mut result = vfs::read(fs, &tile_path(tile), bytes_max);
    if let (Some(full), true) = (full, result.as_ref().is_err_and(missing)) {
        result = vfs::read(fs, &tile_path(full), bytes_max).map(|mut bytes| {
            bytes.truncate(tile.byte_len());
            bytes
        });
    }
    result
}

/// First entries of the segments that are there, sorted.
pub(crate) fn list_segments<V: Vfs>(fs: &V) -> io::Result<Vec<u64>> {
    Ok(fs.list(SEGMENTS)?.iter().filter_map(|name| segment::parse_name(name)).collect())
}
