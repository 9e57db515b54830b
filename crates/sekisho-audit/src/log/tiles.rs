//! Hashes of the tree that are in memory: the tiles that no file has yet, and those that are not full.

use std::collections::BTreeMap;

use crate::{
    merkle::Hash,
    tile::{TILE_WIDTH, Tile, TileEdge},
};

/// Tiles in memory. Full ones stay until they are on the disk.
#[derive(Debug, Clone)]
pub(super) struct MemoryTiles {
    /// By level and index.
    full: BTreeMap<(u8, u64), Vec<Hash>>,
    edge: TileEdge,
}

impl MemoryTiles {
    /// Of a tree with this right edge, whose full tiles are on the disk.
    pub(super) fn new(edge: TileEdge) -> Self {
        Self { full: BTreeMap::new(), edge }
    }

    /// Appends a leaf.
    pub(super) fn push(&mut self, hash: Hash) {
        let full = &mut self.full;
        self.edge.push(hash, |tile, row| {
            full.insert((tile.level(), tile.index()), row.to_vec());
        });
    }

    /// A tile, if it is in memory: exactly its hashes.
    pub(super) fn get(&self, tile: Tile) -> Option<&[Hash]> {
        let full = self.full.get(&(tile.level(), tile.index())).map(Vec::as_slice);
        let at_edge = || self.partial().find(|(t, _)| (t.level(), t.index()) == (tile.level(), tile.index()));
        full.or_else(|| at_edge().map(|(_, row)| row)).and_then(|row| row.get(..tile.width().into()))
    }

    /// The tiles that are not full.
    pub(super) fn partial(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        self.edge.partial()
    }

    /// How many full ones there are.
    pub(super) fn full_count(&self) -> usize {
        self.full.len()
    }

    /// Takes the full ones out.
    pub(super) fn take_full(&mut self) -> impl Iterator<Item = (Tile, Vec<Hash>)> + use<> {
        let tile = |(level, index)| Tile::new(level, index, TILE_WIDTH).expect("the tree has filled it");
        std::mem::take(&mut self.full).into_iter().map(move |(place, row)| (tile(place), row))
    }

    /// Forgets the tiles that never change again once a tree of this size is on the disk.
    pub(super) fn forget(&mut self, published: u64) {
        self.full.retain(|(level, index), _| (index + 1) * u64::from(TILE_WIDTH) > published >> (8 * level));
    }
}
