//! Tiles and the published checkpoint: derived, but durable before anybody is told of them.

use std::{
    collections::BTreeSet,
    io::{self, ErrorKind},
};

use super::{CHECKPOINT, Cosign, FOLDER, tile_path, view::View};
use crate::{
    merkle::Hash,
    note::Note,
    tile::{self, Tile},
    vfs::{self, Vfs, folder_of},
};

/// What is to be written: the tiles that a grown tree has changed, and its checkpoint. Writing it needs nothing of the
/// writer, so that another thread can do it.
#[derive(Debug)]
pub struct Publication {
    size: u64,
    note: Note,
    tiles: Vec<(Tile, Vec<u8>)>,
    superseded: Vec<Tile>,
}

/// A publication that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the writer keeps tiles in memory until it is told"]
pub struct Published {
    /// Entries that the published checkpoint covers.
    pub size: u64,
}

impl Publication {
    /// What has to be written for the log as it is; none when that is written.
    pub(crate) fn of(view: &View) -> Option<Self> {
        let (old, size) = (view.published, view.head.size);
        if old == size {
            return None;
        }
        let tiles = tile::changed(old, size).map(|tile| {
            let row = view.tiles.get(tile).expect("what is not published is in memory");
            (tile, tile_bytes(row))
        });
        Some(Self {
            size,
            note: Note::parse(&view.note).expect("it was written by this log"),
            tiles: tiles.collect(),
            superseded: tile::superseded(old, size).collect(),
        })
    }

    /// Entries it covers.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Writes tiles, makes them durable, and then the checkpoint: whoever sees a checkpoint finds its tiles, also after
    /// a crash.
    ///
    /// # Errors
    /// What the disk says. What was published before is published still.
    pub fn write<V: Vfs>(mut self, fs: &V, cosign: Option<&mut Cosign>) -> io::Result<Published> {
        let mut writer = TileWriter::new(fs);
        for (tile, bytes) in &self.tiles {
            writer.write(*tile, bytes)?;
        }
        writer.finish()?;
        for signature in cosign.map(|cosign| cosign(&self.note)).into_iter().flatten() {
            self.note.add(signature);
        }
        vfs::replace(fs, CHECKPOINT, self.note.to_string().as_bytes())?;
        fs.sync_folder(FOLDER)?;
        for tile in &self.superseded {
            remove_partial(fs, *tile)?;
        }
        Ok(Published { size: self.size })
    }
}

/// Writes tile files and makes them durable together.
pub(crate) struct TileWriter<'a, V> {
    fs: &'a V,
    folders: BTreeSet<String>,
}

impl<'a, V: Vfs> TileWriter<'a, V> {
    pub(crate) fn new(fs: &'a V) -> Self {
        Self { fs, folders: BTreeSet::new() }
    }

    pub(crate) fn write(&mut self, tile: Tile, bytes: &[u8]) -> io::Result<()> {
        let path = tile_path(tile);
        let folder = folder_of(&path);
        let result = vfs::replace(self.fs, &path, bytes);
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            vfs::create_folders(self.fs, folder)?;
            vfs::replace(self.fs, &path, bytes)?;
        } else {
            result?;
        }
        // All the way up: a folder that is there may have been made by somebody who stopped before its name was durable.
        let above =
            std::iter::successors(Some(folder), |folder| (*folder != FOLDER).then(|| folder_of(folder)));
        for folder in above.take_while(|folder| !folder.is_empty()) {
            if !self.folders.insert(folder.to_owned()) {
                break;
            }
        }
        Ok(())
    }

    /// Makes all names durable. The contents were before they got their names.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.folders.iter().try_for_each(|folder| self.fs.sync_folder(folder))
    }
}

/// The bytes of a tile file.
pub(crate) fn tile_bytes(row: &[Hash]) -> Vec<u8> {
    row.iter().flat_map(|hash| hash.0).collect()
}

/// Removes the folder of partial tiles, all widths, that a full tile has taken the place of.
fn remove_partial<V: Vfs>(fs: &V, partial: Tile) -> io::Result<()> {
    let path = tile_path(partial);
    let folder = folder_of(&path);
    let names = match fs.list(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        names => names?,
    };
    for name in names {
        fs.remove(&format!("{folder}/{name}"))?;
    }
    fs.remove_folder(folder)
}
