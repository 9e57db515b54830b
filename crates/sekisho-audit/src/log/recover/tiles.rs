//! What tiles say of the part of the log that is not read.

use std::io::{self, ErrorKind};

use super::{Closed, OpenError};
use crate::{
    log::view::tile_on_disk,
    merkle::{Frontier, Hash, TreeHead, root_at},
    tile::{Tile, TileEdge, TileHashes, Tiles},
    vfs::Vfs,
};

/// A size from which the log is read, and the tree up to there, out of tiles.
pub(super) struct Base {
    /// Closed segments before it.
    pub(super) closed: usize,
    pub(super) tree: Tree,
}

/// The right edge of a tree, in both forms.
pub(super) struct Tree {
    pub(super) frontier: Frontier,
    pub(super) edge: TileEdge,
}

impl Tree {
    /// Of no entries.
    pub(super) fn empty() -> Self {
        Self { frontier: Frontier::new(), edge: TileEdge::new() }
    }
}

struct DiskTiles<'a, V>(&'a V);

impl<V: Vfs> Tiles for DiskTiles<'_, V> {
    type Error = io::Error;

    fn tile(&self, tile: Tile) -> io::Result<Vec<u8>> {
        tile_on_disk(self.0, tile)
    }
}

/// The end of the last closed segment that the tiles cover. They must lead to every root signed so far; none when one of
/// them is missing, which is no fault: tiles can be made again.
pub(super) fn base<V: Vfs>(
    fs: &V,
    published: TreeHead,
    closed: &[Closed],
) -> Result<Option<Base>, OpenError> {
    let hashes = TileHashes::new(published.size, DiskTiles(fs));
    let covered = closed.iter().take_while(|closed| closed.head.size <= published.size).count();
    let heads = closed[..covered].iter().map(|closed| closed.head).chain([published]);
    for head in heads {
        let Some(root) =
            unless_missing(root_at(head.size, &hashes).map_err(|e| OpenError::of_tiles(head.size, e)))?
        else {
            return Ok(None);
        };
        check_root(head, root)?;
    }
    let size = closed[..covered].last().map_or(0, |closed| closed.head.size);
    let of_tiles = |error| OpenError::of_tiles(size, error);
    let frontier = Frontier::read(size, &hashes).map_err(of_tiles)?;
    let edge = unless_missing(TileEdge::read(size, &hashes).map_err(of_tiles))?;
    Ok(edge.map(|edge| Base { closed: covered, tree: Tree { frontier, edge } }))
}

fn check_root(head: TreeHead, root: Hash) -> Result<(), OpenError> {
    if root == head.root { Ok(()) } else { Err(OpenError::Tiles { size: head.size }) }
}

/// None for a file that is not there.
pub(super) fn unless_missing<T>(result: Result<T, OpenError>) -> Result<Option<T>, OpenError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(OpenError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
