//! Reading a tree out of its tiles.

use std::cell::RefCell;

use super::{LEVEL_MAX, TILE_HEIGHT, TILE_WIDTH, Tile, TileError, tile_root};
use crate::merkle::{Hash, Hashes, MissingHash};

/// Where tiles are kept.
pub trait Tiles {
    /// Why a tile could not be read.
    type Error: std::error::Error + 'static;

    /// The bytes of a tile: exactly [`Tile::byte_len`]. Where only a wider tile of the same place is kept, its beginning.
    ///
    /// # Errors
    /// When the tile is not there.
    fn tile(&self, tile: Tile) -> Result<Vec<u8>, Self::Error>;
}

/// Why a hash could not be read out of tiles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError<E: std::error::Error + 'static> {
    /// Not a hash of this tree.
    #[error("the tree is not that large")]
    Missing(#[source] MissingHash),
    /// The store could not give the tile.
    #[error("a tile could not be read")]
    Store(#[source] E),
    /// What the store gave is no such tile.
    #[error("what was read is not a tile")]
    Tile(#[source] TileError),
}

/// A tile that was read, and its hashes.
type Slot = Option<(Tile, Vec<Hash>)>;

/// The tree of a known size, as [`Hashes`], out of its tiles. Keeps the last tile of each level, because a proof asks
/// for up to eight hashes of one tile in a row.
///
/// What comes out is as true as the tiles: check the proof, or the root, that it leads to.
#[derive(Debug)]
pub struct TileHashes<T> {
    size: u64,
    tiles: T,
    last: RefCell<[Slot; LEVEL_MAX as usize + 1]>,
}

impl<T: Tiles> TileHashes<T> {
    /// The tree of the first `size` leaves.
    pub fn new(size: u64, tiles: T) -> Self {
        Self { size, tiles, last: RefCell::default() }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl<T: Tiles> Hashes for TileHashes<T> {
    type Error = ReadError<T::Error>;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let tile =
            Tile::holding(level, index, self.size).ok_or(ReadError::Missing(MissingHash { level, index }))?;
        let slot = &mut self.last.borrow_mut()[usize::from(tile.level())];
        if slot.as_ref().is_none_or(|(last, _)| *last != tile) {
            let bytes = self.tiles.tile(tile).map_err(ReadError::Store)?;
            *slot = Some((tile, tile.parse(&bytes)?));
        }
        let (_, hashes) = slot.as_ref().expect("filled above");
        let height = level % TILE_HEIGHT;
        let first = ((index << height) % u64::from(TILE_WIDTH)) as usize;
        Ok(tile_root(&hashes[first..first + (1 << height)]))
    }
}
