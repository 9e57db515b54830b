//! Tiles: 256 hashes of one level in one file, so that any proof can be made from a handful of files that never change
//! once they are full.
//!
//! Source: C2SP tlog-tiles.

mod bundle;
mod edge;
mod path;
mod read;
#[cfg(test)]
mod tests;

use crate::merkle::{Hash, Hashes, ProofError, SIZE_MAX, node_hash};

pub use bundle::{Bundle, BundleError, ENTRY_BYTES_MAX};
pub use edge::TileEdge;
pub use path::PathError;
pub use read::{ReadError, TileHashes, Tiles};

/// Hashes in a full tile.
pub const TILE_WIDTH: u16 = 256;

/// The highest level that a tree of at most [`SIZE_MAX`] leaves has. (The format gives room for 63.)
pub const LEVEL_MAX: u8 = 7;

/// Levels of the tree that one level of tiles spans.
const TILE_HEIGHT: u8 = 8;

const HASH_BYTES: usize = 32;

/// Where a tile stands, and how many hashes it has: full ones 256, those at the right edge of the tree fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// Why bytes are not a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// No tree has such a tile.
    #[error("no tree has a tile {index} of {width} hashes at level {level}")]
    NoSuchTile {
        /// Level of the tile.
        level: u8,
        /// Place within the level.
        index: u64,
        /// Hashes in it.
        width: u16,
    },
    /// Another number of bytes than the hashes need.
    #[error("a tile of {width} hashes cannot have {bytes} bytes")]
    Length {
        /// Hashes it should have.
        width: u16,
        /// Bytes it has.
        bytes: usize,
    },
}

impl Tile {
    /// The tile `index` at `level`, with `width` hashes.
    ///
    /// # Errors
    /// [`TileError::NoSuchTile`], when no tree of at most [`SIZE_MAX`] leaves has it.
    pub fn new(level: u8, index: u64, width: u16) -> Result<Self, TileError> {
        let none = TileError::NoSuchTile { level, index, width };
        if level > LEVEL_MAX || width == 0 || width > TILE_WIDTH {
            return Err(none);
        }
        let hashes =
            index.checked_mul(u64::from(TILE_WIDTH)).and_then(|first| first.checked_add(width.into()));
        match hashes {
            Some(hashes) if hashes <= SIZE_MAX >> shift(level) => Ok(Self { level, index, width }),
            _ => Err(none),
        }
    }

    /// The tile that holds the subtree `index` of the tree's own `level`, in a tree of `size` leaves; none when the tree
    /// has no such complete subtree.
    pub fn holding(level: u8, index: u64, size: u64) -> Option<Self> {
        let tile_level = level / TILE_HEIGHT;
        let first = index.checked_shl(u32::from(level % TILE_HEIGHT))?;
        let tile = at(tile_level, first / u64::from(TILE_WIDTH), size)?;
        let end = (first % u64::from(TILE_WIDTH)) + (1 << (level % TILE_HEIGHT));
        (first >> (level % TILE_HEIGHT) == index && end <= tile.width.into()).then_some(tile)
    }

    /// Level of the tile: its hashes are those of subtrees of `256^level` leaves.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Place within the level.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Number of hashes, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether the tile has all its hashes, and so never changes again.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// Length in bytes.
    pub fn byte_len(&self) -> usize {
        usize::from(self.width) * HASH_BYTES
    }

    /// The bytes of the tile, out of a tree that has it.
    ///
    /// # Errors
    /// What reading a hash says.
    pub fn write<H: Hashes>(&self, hashes: &H) -> Result<Vec<u8>, H::Error> {
        let mut bytes = Vec::with_capacity(self.byte_len());
        let first = self.index * u64::from(TILE_WIDTH);
        for index in first..first + u64::from(self.width) {
            bytes.extend_from_slice(hashes.hash(self.level * TILE_HEIGHT, index)?.as_bytes());
        }
        Ok(bytes)
    }

    /// The hashes in the bytes of the tile.
    ///
    /// # Errors
    /// [`TileError::Length`].
    pub fn parse(&self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        if bytes.len() != self.byte_len() {
            return Err(TileError::Length { width: self.width, bytes: bytes.len() });
        }
        Ok(bytes.as_chunks().0.iter().copied().map(Hash).collect())
    }
}

/// All tiles of a tree of `size` leaves, from the leaves up.
pub fn tiles(size: u64) -> impl Iterator<Item = Tile> {
    changed(0, size)
}

/// The tiles that are new or wider when a tree has grown from `old` to `new` leaves, from the leaves up, as the new tree
/// has them. Nothing when it has not grown.
pub fn changed(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    (0..=LEVEL_MAX).flat_map(move |level| {
        let (old, new) = (old >> shift(level), new.min(SIZE_MAX) >> shift(level));
        let width = u64::from(TILE_WIDTH);
        let range = if old < new { old / width..new.div_ceil(width) } else { 0..0 };
        range.map(move |index| Tile { level, index, width: (new - index * width).min(width) as u16 })
    })
}

/// The partial tiles of a tree of `old` leaves which are full once it has `new`: nobody needs them any more.
pub fn superseded(old: u64, new: u64) -> impl Iterator<Item = Tile> {
    (0..=LEVEL_MAX).filter_map(move |level| {
        let width = u64::from(TILE_WIDTH);
        let (old, new) = (old.min(SIZE_MAX) >> shift(level), new >> shift(level));
        let (index, partial) = (old / width, (old % width) as u16);
        (partial != 0 && index < new / width).then_some(Tile { level, index, width: partial })
    })
}

/// The root over the hashes of a full tile: the hash that stands for it one level up. Works for any power of two.
///
/// # Panics
/// When the number of hashes is no power of two.
pub fn tile_root(hashes: &[Hash]) -> Hash {
    assert!(hashes.len().is_power_of_two(), "only complete subtrees have one hash");
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let half = row.len() / 2;
        for index in 0..half {
            row[index] = node_hash(&row[2 * index], &row[2 * index + 1]);
        }
        row.truncate(half);
    }
    row[0]
}

/// The tile as a tree of `size` leaves has it.
fn at(level: u8, index: u64, size: u64) -> Option<Tile> {
    if level > LEVEL_MAX {
        return None;
    }
    let hashes = (size >> shift(level)).checked_sub(index.checked_mul(TILE_WIDTH.into())?)?;
    let width = hashes.min(TILE_WIDTH.into()) as u16;
    Tile::new(level, index, width).ok()
}

/// Binary logarithm of the leaves under one hash of a tile at this level.
fn shift(level: u8) -> u8 {
    level * TILE_HEIGHT
}

impl<E: std::error::Error> From<TileError> for ReadError<E> {
    fn from(error: TileError) -> Self {
        Self::Tile(error)
    }
}

/// Errors of proofs that are made from tiles.
pub type TileProofError<E> = ProofError<ReadError<E>>;
