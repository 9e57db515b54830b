//! Reading a tree out of its tiles.

use std::{cell::RefCell, collections::VecDeque};

use super::{TILE_HEIGHT, TILE_WIDTH, Tile, TileError};
use crate::merkle::{Hash, Hashes, MissingHash, node_hash};

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

/// Tiles that are kept, 16 KiB each. A proof needs one of each level on the way up and those of the right edge; the leaves
/// of a request are in different ones.
const TILES_MAX: usize = 32;

/// A tile that was read, and the hashes of the complete subtrees in it, by height: its own hashes first.
type Kept = (Tile, Vec<Vec<Hash>>);

/// The tree of a known size, as [`Hashes`], out of its tiles. Keeps the tiles that were asked for last with all that can be
/// computed in them, because a proof asks for up to eight hashes of one tile in a row, and the proof of a neighbour for
/// nearly the same.
///
/// What comes out is as true as the tiles: check the proof, or the root, that it leads to.
#[derive(Debug)]
pub struct TileHashes<T> {
    size: u64,
    tiles: T,
    /// The one asked for last comes first.
    kept: RefCell<VecDeque<Kept>>,
}

impl<T: Tiles> TileHashes<T> {
    /// The tree of the first `size` leaves.
    pub fn new(size: u64, tiles: T) -> Self {
        Self { size, tiles, kept: RefCell::default() }
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
        let mut kept = self.kept.borrow_mut();
        match kept.iter().position(|(known, _)| *known == tile) {
            Some(0) => {}
            Some(at) => {
                let found = kept.remove(at).expect("it was found there");
                kept.push_front(found);
            }
            None => {
                let bytes = self.tiles.tile(tile).map_err(ReadError::Store)?;
                let rows = subtrees(tile.parse(&bytes)?);
                kept.truncate(TILES_MAX - 1);
                kept.push_front((tile, rows));
            }
        }
        let (_, rows) = kept.front().expect("put there above");
        let height = level % TILE_HEIGHT;
        let at = (((index << height) % u64::from(TILE_WIDTH)) >> height) as usize;
        Ok(rows[usize::from(height)][at])
    }
}

/// The hashes of all complete subtrees of a tile but the whole, which belongs to the level above.
fn subtrees(hashes: Vec<Hash>) -> Vec<Vec<Hash>> {
    let mut rows = vec![hashes];
    for _ in 1..TILE_HEIGHT {
        let below = rows.last().map_or(&[][..], Vec::as_slice);
        let row = below.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        rows.push(row);
    }
    rows
}
