//! Leaves in order, durable in groups. To the log a leaf is bytes.
//!
//! [`Log`] is what a server holds: many threads append, one writes. [`Writer`] is that one, without threads. [`Reader`]
//! reads beside it, or from another process. All of them live below the folder `log` of a [`Vfs`](crate::vfs::Vfs).
//!
//! What is checked when:
//! * on every start ([`Writer::open`]): names and ends of all segments, the signed root at each end against the tiles;
//!   of the last segment (and whatever the tiles do not cover yet) every frame, every root, every tile; the signature of
//!   the last commit and of the published checkpoint. The time is that of reading one segment and a few tiles for each
//!   of the others.
//! * by the verifier only (`sekisho-verify`): the entries of closed segments, the signature of every commit, every tile.
//! * by a witness only: that the whole folder has not been put back to an older state.
//!
//! Errors of the disk: a write or a sync that fails poisons the writer. Nothing is tried again on that file, because
//! after a failed sync nobody knows what the kernel has dropped; the way on is a new start, which reads what is there,
//! cuts off what was never acknowledged, and writes the last group once more. Only a lack of room is refused and lived
//! with: see [`AppendError::NoSpace`].

mod chain;
mod cosign;
pub mod drill;
mod error;
mod group;
mod publish;
mod queue;
mod reader;
mod recover;
mod settings;
mod stretch;
#[cfg(test)]
mod tests;
mod ticket;
mod tiles;
mod view;
mod writer;

pub use chain::{KEY_CHANGES_MAX, KeyChain};
pub use cosign::add_cosignatures;
pub use error::{AppendError, OpenError, Poison, ReadError, Step};
pub use publish::{Publication, Published};
pub use queue::{CloseError, Health, Log};
pub use reader::{Entries, Reader, Snapshot, SnapshotHashes, SnapshotTiles};
pub use recover::Recovered;
pub use settings::{Cosign, Limits, Settings};
pub use ticket::Ticket;
pub(crate) use view::list_segments;
pub use writer::{Committed, Writer};

/// The folder of the log, below the root of its [`Vfs`].
pub const FOLDER: &str = "log";
pub(crate) const SEGMENTS: &str = "log/segment";
pub(crate) const ORIGIN: &str = "log/origin";
const VKEYS: &str = "log/vkeys";
pub(crate) const CHECKPOINT: &str = "log/checkpoint";
/// Offsets of closed segments; derived, and outside the log proper because it is local.
const OFFSETS: &str = "index/offsets";

/// The longest published checkpoint that is read, with its cosignatures.
pub(crate) const CHECKPOINT_BYTES_MAX: u64 = 64 * 1024;
/// The longest `origin` that is read: a name and a key.
const ORIGIN_BYTES_MAX: u64 = 8 * 1024;

pub(crate) fn segment_path(first: u64) -> String {
    format!("{SEGMENTS}/{}", crate::segment::name(first))
}

fn offsets_path(first: u64) -> String {
    format!("{OFFSETS}/{first:020}")
}

fn tile_path(tile: crate::tile::Tile) -> String {
    format!("{FOLDER}/{tile}")
}
