//! What the log should hold, computed without it.

use std::ops::Range;

use crate::{
    leaf::{Envelope, Kind, RecordId, SEAL_OVERHEAD_BYTES, SEALED_HEAD_BYTES},
    log::{FOLDER, Writer},
    merkle::{Frontier, Hash, MemoryTree, leaf_hash},
    tile,
    vfs::{self, Dice, Memory},
};

/// All entries of a drill, and the root after each.
pub(super) struct Oracle {
    dice: Dice,
    leaves: Vec<Vec<u8>>,
    tree: MemoryTree,
    frontier: Frontier,
    roots: Vec<Hash>,
}

impl Oracle {
    pub(super) fn new(seed: u64) -> Self {
        let frontier = Frontier::new();
        let roots = vec![frontier.root()];
        Self { dice: Dice::new(!seed), leaves: Vec::new(), tree: MemoryTree::new(), frontier, roots }
    }

    pub(super) fn grow(&mut self, size: u64) {
        for index in self.leaves.len() as u64..size {
            // A leaf in its form, so that any verifier can read the log; nobody has a key for it.
            let mut id = [0; 16];
            id[8..].copy_from_slice(&index.to_be_bytes());
            let envelope = Envelope { kind: Kind::Event, time_ms: index, record: RecordId(id) };
            let mut leaf = Vec::new();
            envelope.write(&mut leaf);
            leaf.push(1);
            leaf.extend_from_slice(&index.to_be_bytes());
            // Longer than a sector now and then.
            let length = if self.dice.draw(20) == 0 { 1200 } else { self.dice.draw(90) };
            let length = SEALED_HEAD_BYTES + SEAL_OVERHEAD_BYTES + length as usize;
            leaf.resize_with(length, || self.dice.draw(256) as u8);
            let hash = leaf_hash(&leaf);
            self.tree.push(hash);
            self.frontier.push(hash);
            self.roots.push(self.frontier.root());
            self.leaves.push(leaf);
        }
    }

    pub(super) fn leaves(&self, range: Range<u64>) -> &[Vec<u8>] {
        &self.leaves[range.start as usize..range.end as usize]
    }

    /// The root is that of the first entries.
    pub(super) fn check_head(&self, writer: &Writer<Memory>) -> Result<(), String> {
        let head = writer.head();
        match self.roots.get(head.size as usize) {
            Some(root) if *root == head.root => Ok(()),
            _ => Err(format!("the root of {} entries is not theirs", head.size)),
        }
    }

    /// The log holds the first entries, in order, and nothing else.
    pub(super) fn check(&self, writer: &Writer<Memory>) -> Result<(), String> {
        self.check_head(writer)?;
        let snapshot = writer.reader().snapshot();
        let mut expected = (0..).zip(self.leaves(0..snapshot.size()));
        for entry in snapshot.iter(0..snapshot.size()) {
            let (index, leaf) = entry.map_err(|error| format!("an entry cannot be read: {error}"))?;
            if expected.next() != Some((index, &leaf)) {
                return Err(format!("entry {index} is another one"));
            }
        }
        if expected.next().is_some() { Err("entries are missing".to_owned()) } else { Ok(()) }
    }

    /// The tiles on the disk are those of a tree of `size`.
    pub(super) fn check_tiles(&self, fs: &Memory, size: u64) -> Result<(), String> {
        for tile in tile::tiles(size) {
            let path = format!("{FOLDER}/{tile}");
            let bytes =
                vfs::read(fs, &path, tile.byte_len() as u64).map_err(|error| format!("{path}: {error}"))?;
            if tile.write(&self.tree).ok() != Some(bytes) {
                return Err(format!("{path} is not the tile of the entries"));
            }
        }
        Ok(())
    }
}
