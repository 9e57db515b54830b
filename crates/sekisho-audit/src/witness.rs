//! A witness remembers, for each log it knows, the newest checkpoint, and cosigns only what goes on from it. Whoever asks
//! for its cosignature cannot be shown another log than everybody else, even by the administrator of the log.
//!
//! This is the protocol without its transport: bodies in, answers out. The time is an argument, the memory a trait. What
//! each answer is in HTTP stands with it.
//!
//! Source: C2SP tlog-witness, v1.0.0 for the answers.

mod ask;
mod request;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::cosignature::{CosignError, CosigningKey};
use crate::merkle::{self, Hash, TreeHead, verify_consistency};
use crate::note::{self, Note, Signature, VerifierKey};

pub use ask::{AnswerError, merge_answer, parse_conflict};
pub use request::{PROOF_LINES_MAX, REQUEST_BYTES_MAX, Request, RequestError};

/// The most logs a witness is given: they are held in memory and looked up for each request.
pub const LOGS_MAX: usize = 10_000;

/// A witness: its keys, and the logs it knows.
pub struct Witness {
    keys: Vec<CosigningKey>,
    logs: BTreeMap<String, Vec<VerifierKey>>,
}

/// Why a witness cannot be set up like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// It has nothing to sign with.
    #[error("a witness needs a key")]
    NoKey,
    /// Two of its keys have one name and id.
    #[error("the key {name}+{id:08x} is given twice")]
    KeyTwice {
        /// Name of the key.
        name: String,
        /// Id of the key.
        id: u32,
    },
    /// A log without a key to check its checkpoints with.
    #[error("the log {origin} has no key")]
    LogWithoutKey {
        /// Name of the log.
        origin: String,
    },
    /// More logs than a witness holds.
    #[error("{logs} logs are more than {LOGS_MAX}")]
    TooManyLogs {
        /// Logs given.
        logs: usize,
    },
}

/// The memory of a witness. It must outlive restarts: a witness that forgets can be shown a second history.
pub trait State {
    /// Why the memory failed.
    type Error: std::error::Error + 'static;

    /// The head that was cosigned last for this log; none when there was none.
    ///
    /// # Errors
    /// When the memory cannot be read.
    fn latest(&self, origin: &str) -> Result<Option<TreeHead>, Self::Error>;

    /// Remembers `new` in the place of `expected`, durably and in one step: false, and nothing changed, when another
    /// request was faster. `note` is the checkpoint as the log signed it, for the record.
    ///
    /// # Errors
    /// When it is not certain that it is remembered; then no cosignature is given out.
    fn replace(
        &self,
        origin: &str,
        expected: Option<TreeHead>,
        new: TreeHead,
        note: &Note,
    ) -> Result<bool, Self::Error>;
}

/// What a witness gives for a checkpoint (200): its signature lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignatures(pub Vec<Signature>);

/// The body of the answer.
impl fmt::Display for Cosignatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Why a witness gives no cosignature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal<E: std::error::Error + 'static> {
    /// 400: not a request.
    #[error("the request is malformed")]
    Malformed(#[from] RequestError),
    /// 400: the old size is beyond the checkpoint.
    #[error("a checkpoint of {new} cannot go on from {old}")]
    Shrinks {
        /// Size in the request.
        old: u64,
        /// Size of the checkpoint.
        new: u64,
    },
    /// 403: not signed by the log, or with a wrong signature of one of its keys.
    #[error("the checkpoint is not signed by its log")]
    NotSigned(#[source] note::VerifyError),
    /// 404: not a log that this witness knows.
    #[error("the log {origin} is not known here")]
    UnknownLog {
        /// Name of the log.
        origin: String,
    },
    /// 409, with the size as the body: the request does not start where the witness stands. Ask again from there.
    #[error("the last cosigned checkpoint has {latest} entries")]
    Conflict {
        /// Size of the checkpoint that was cosigned last; 0 when there was none.
        latest: u64,
    },
    /// 409: another root for the very size that was cosigned. The log has two histories: keep the request as evidence.
    #[error("another tree of {size} entries was cosigned")]
    Fork {
        /// Size of both trees.
        size: u64,
    },
    /// 422: the proof does not show that the log only grew. Validly signed: may be evidence.
    #[error("the checkpoint is not shown to go on from the last one")]
    NotConsistent(#[source] merkle::VerifyError),
    /// 500: no signature could be made.
    #[error("the witness could not sign")]
    Signing(#[source] CosignError),
    /// 500: the memory failed.
    #[error("the memory of the witness failed")]
    State(#[source] E),
}

impl Witness {
    /// A witness with its keys (all of them sign each checkpoint) and the keys of each log by its origin.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(
        keys: Vec<CosigningKey>,
        logs: BTreeMap<String, Vec<VerifierKey>>,
    ) -> Result<Self, SetupError> {
        if keys.is_empty() {
            return Err(SetupError::NoKey);
        }
        for (index, key) in keys.iter().enumerate() {
            if keys[..index].iter().any(|other| (other.name(), other.id()) == (key.name(), key.id())) {
                return Err(SetupError::KeyTwice { name: key.name().to_owned(), id: key.id() });
            }
        }
        if logs.len() > LOGS_MAX {
            return Err(SetupError::TooManyLogs { logs: logs.len() });
        }
        if let Some((origin, _)) = logs.iter().find(|(_, keys)| keys.is_empty()) {
            return Err(SetupError::LogWithoutKey { origin: origin.clone() });
        }
        Ok(Self { keys, logs })
    }

    /// The keys others verify its cosignatures with.
    pub fn verifier_keys(&self) -> Vec<VerifierKey> {
        self.keys.iter().map(CosigningKey::verifier_key).collect()
    }

    /// Answers an `add-checkpoint` request, at a time in seconds since 1970-01-01T00:00:00Z. Nothing is given out
    /// before it is remembered.
    ///
    /// # Errors
    /// [`Refusal`], in the order of the specification: so 404 says nothing of the signature, and 409 nothing of the
    /// proof.
    pub fn add_checkpoint<S: State>(
        &self,
        body: &[u8],
        unix_seconds: u64,
        state: &S,
    ) -> Result<Cosignatures, Refusal<S::Error>> {
        let request = Request::parse(body)?;
        let checkpoint = request.checkpoint();
        let (origin, new) = (checkpoint.origin(), checkpoint.head());
        let keys = self.logs.get(origin).ok_or_else(|| Refusal::UnknownLog { origin: origin.to_owned() })?;
        note::verify(request.note(), keys).map_err(Refusal::NotSigned)?;
        if request.old_size() > new.size {
            return Err(Refusal::Shrinks { old: request.old_size(), new: new.size });
        }
        let latest = state.latest(origin).map_err(Refusal::State)?;
        let old = latest.unwrap_or(TreeHead::EMPTY);
        if old.size != request.old_size() {
            return Err(Refusal::Conflict { latest: old.size });
        }
        check_goes_on(old, new, request.proof())?;
        let lines = self.cosign(checkpoint, unix_seconds).map_err(Refusal::Signing)?;
        if state.replace(origin, latest, new, request.note()).map_err(Refusal::State)? {
            return Ok(Cosignatures(lines));
        }
        let latest = state.latest(origin).map_err(Refusal::State)?;
        Err(Refusal::Conflict { latest: latest.map_or(0, |head| head.size) })
    }

    fn cosign(&self, checkpoint: &Checkpoint, unix_seconds: u64) -> Result<Vec<Signature>, CosignError> {
        self.keys.iter().map(|key| key.cosign(checkpoint, unix_seconds)).collect()
    }
}

fn check_goes_on<E: std::error::Error>(
    old: TreeHead,
    new: TreeHead,
    proof: &[Hash],
) -> Result<(), Refusal<E>> {
    // Two first checkpoints without entries are no fork: one of them has a root that no tree has.
    if old.size == new.size && old.root != new.root && old.size != 0 {
        return Err(Refusal::Fork { size: old.size });
    }
    verify_consistency(&old, &new, proof).map_err(Refusal::NotConsistent)
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").field("keys", &self.keys).field("logs", &self.logs.len()).finish()
    }
}
