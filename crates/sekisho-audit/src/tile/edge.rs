//! The right edge of a growing tree, as tiles: what a writer keeps in memory.

use super::{LEVEL_MAX, TILE_WIDTH, Tile, tile_root};
use crate::merkle::{Hash, Hashes, ProofError, SIZE_MAX};

use super::{TILE_HEIGHT, shift};

/// The tiles that are not full yet, one a level: at most 64 KiB, whatever the size of the tree.
#[derive(Debug, Clone, Default)]
pub struct TileEdge {
    size: u64,
    rows: Vec<Vec<Hash>>,
}

impl TileEdge {
    /// The edge of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The edge of the first `size` leaves of a tree whose hashes are kept elsewhere (tiles, after a restart).
    ///
    /// # Errors
    /// [`ProofError::TooLarge`], or what reading a hash says.
    pub fn read<H: Hashes>(size: u64, hashes: &H) -> Result<Self, ProofError<H::Error>> {
        if size > SIZE_MAX {
            return Err(ProofError::TooLarge { size });
        }
        let mut rows = Vec::new();
        for level in (0..=LEVEL_MAX).take_while(|&level| size >> shift(level) != 0) {
            let end = size >> shift(level);
            let row =
                (end - end % u64::from(TILE_WIDTH)..end).map(|index| hashes.hash(level * TILE_HEIGHT, index));
            rows.push(row.collect::<Result<_, _>>().map_err(ProofError::Hashes)?);
        }
        Ok(Self { size, rows })
    }

    /// Appends a leaf and hands over each tile that it fills, from the leaves up.
    ///
    /// # Panics
    /// Past [`SIZE_MAX`] leaves.
    pub fn push(&mut self, leaf: Hash, mut full: impl FnMut(Tile, &[Hash])) {
        assert!(self.size < SIZE_MAX, "a tree never grows past SIZE_MAX");
        self.size += 1;
        let mut hash = leaf;
        for level in 0..=LEVEL_MAX {
            if usize::from(level) == self.rows.len() {
                self.rows.push(Vec::with_capacity(TILE_WIDTH.into()));
            }
            let row = &mut self.rows[usize::from(level)];
            row.push(hash);
            if row.len() < TILE_WIDTH.into() {
                return;
            }
            let index = (self.size >> shift(level)) / u64::from(TILE_WIDTH) - 1;
            full(Tile { level, index, width: TILE_WIDTH }, row);
            hash = tile_root(row);
            row.clear();
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The tiles at the right edge that are not full, from the leaves up. None at levels where the last tile is full.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        (0..).zip(&self.rows).filter(|(_, row)| !row.is_empty()).map(|(level, row)| {
            let index = (self.size >> shift(level)) / u64::from(TILE_WIDTH);
            (Tile { level, index, width: row.len() as u16 }, row.as_slice())
        })
    }
}
