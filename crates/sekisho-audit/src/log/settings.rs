//! What a log is opened with.

use std::{fmt, time::Duration};

use super::KeyChain;
use crate::{
    note::{Note, Signature, SigningKey},
    segment::SEGMENT_BYTES_MAX,
};

/// Asks witnesses to sign a checkpoint before it is published. May take its time, which is then the time by which the
/// published checkpoint is late; must end by itself.
pub type Cosign = Box<dyn FnMut(&Note) -> Vec<Signature> + Send>;

/// What a log is opened with.
pub struct Settings {
    /// Signs commits. Its name is the origin of the log.
    pub signer: SigningKey,
    /// The keys of the log up to the present one, which is that of `signer`.
    pub keys: KeyChain,
    /// Limits; [`Limits::default`] in earnest.
    pub limits: Limits,
    /// Asks witnesses; none when there are none.
    pub cosign: Option<Cosign>,
}

/// Limits of a log. The defaults are for production; tests make them small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A segment that has passed this many bytes is closed.
    pub segment_bytes_max: u64,
    /// Entries in one append, and so in one group at the least.
    pub append_records_max: usize,
    /// Bytes of all leaves in one append.
    pub append_bytes_max: usize,
    /// Entries in a group of several appends.
    pub group_records_max: usize,
    /// Bytes of all leaves in a group of several appends.
    pub group_bytes_max: usize,
    /// How long a group may wait for as many appends as the last one had.
    pub group_wait_max: Duration,
    /// Entries that wait to be written, before appends are refused as [`super::AppendError::Busy`].
    pub queue_records_max: usize,
    /// Bytes of leaves that wait to be written, before appends are refused.
    pub queue_bytes_max: usize,
    /// Time from a commit to the publication that covers it; with the writing itself it stays below a second.
    pub publish_wait_max: Duration,
    /// How long dropping a [`super::Log`] waits for the disk.
    pub close_wait_max: Duration,
}

impl Settings {
    /// For a log with one key and no witnesses.
    pub fn new(signer: SigningKey) -> Self {
        let keys = KeyChain::new(signer.verifier_key());
        Self { signer, keys, limits: Limits::default(), cosign: None }
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        self.signer.name()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signer, keys, limits, cosign } = self;
        f.debug_struct("Settings")
            .field("signer", signer)
            .field("keys", keys)
            .field("limits", limits)
            .field("cosign", &cosign.is_some())
            .finish()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segment_bytes_max: SEGMENT_BYTES_MAX,
            append_records_max: 4096,
            append_bytes_max: 16 * 1024 * 1024,
            group_records_max: 1024,
            group_bytes_max: 4 * 1024 * 1024,
            group_wait_max: Duration::from_millis(5),
            queue_records_max: 16 * 1024,
            queue_bytes_max: 64 * 1024 * 1024,
            publish_wait_max: Duration::from_millis(500),
            close_wait_max: Duration::from_secs(10),
        }
    }
}
