//! A group on its way to the disk: checked leaves, their frames, the commit that closes them.

use super::{AppendError, Limits};
use crate::{
    checkpoint::Checkpoint,
    merkle::{Frontier, Hash, leaf_hash},
    note::SigningKey,
    segment::{ENTRY_BYTES_MAX, HEADER, Tag, write_frame},
};

/// The bytes of a group, and what they will make of the log once they are durable.
pub(crate) struct Group {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hashes: Vec<Hash>,
    /// Where each entry begins, in bytes from the start of the segment.
    pub(crate) offsets: Vec<u64>,
    pub(crate) frontier: Frontier,
    /// The signed checkpoint in the commit.
    pub(crate) note: String,
}

/// Says whether these leaves can be one append.
pub(crate) fn check<L: AsRef<[u8]>>(leaves: &[L], limits: &Limits) -> Result<(), AppendError> {
    let records = leaves.len();
    let bytes = leaves.iter().map(|leaf| leaf.as_ref().len()).sum();
    for (position, leaf) in leaves.iter().enumerate() {
        let bytes = leaf.as_ref().len();
        if bytes == 0 || bytes > ENTRY_BYTES_MAX {
            return Err(AppendError::Leaf { position, bytes });
        }
    }
    if records == 0 || records > limits.append_records_max || bytes > limits.append_bytes_max {
        return Err(AppendError::Size { records, bytes });
    }
    Ok(())
}

impl Group {
    /// Frames `leaves` behind the tree of `frontier`, to be written at `offset` of a segment: at 0 with the header.
    pub(crate) fn new<L: AsRef<[u8]>>(
        leaves: &[L],
        mut frontier: Frontier,
        offset: u64,
        origin: &str,
        signer: &SigningKey,
    ) -> Self {
        let room: usize = leaves.iter().map(|leaf| leaf.as_ref().len() + 32).sum();
        let mut bytes = Vec::with_capacity(room + 1024);
        if offset == 0 {
            bytes.extend_from_slice(HEADER);
        }
        let mut hashes = Vec::with_capacity(leaves.len());
        let mut offsets = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            offsets.push(offset + bytes.len() as u64);
            write_frame(&mut bytes, Tag::Entry, frontier.size(), leaf.as_ref());
            let hash = leaf_hash(leaf.as_ref());
            hashes.push(hash);
            frontier.push(hash);
        }
        let note = sign(origin, &frontier, signer);
        write_frame(&mut bytes, Tag::Commit, frontier.size(), note.as_bytes());
        Self { bytes, hashes, offsets, frontier, note }
    }
}

/// The signed checkpoint of a tree.
pub(crate) fn sign(origin: &str, frontier: &Frontier, signer: &SigningKey) -> String {
    let checkpoint =
        Checkpoint::new(origin, frontier.head()).expect("the origin was checked when the log was opened");
    checkpoint.sign(signer).to_string()
}
