//! What an error says of the member that it came from.

use std::time::Duration;

use crate::{Error, Phase};

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The member is at fault; another is asked.
    Failed,
    /// The member is well and has no time; another is asked.
    Busy { retry_after: Option<Duration> },
    /// The member is well and does not do this; another may.
    Elsewhere,
    /// Nobody would answer otherwise.
    Final,
}

pub(super) fn verdict(fault: &Error) -> Verdict {
    match fault {
        Error::Invalid { .. } | Error::Refused(_) => Verdict::Final,
        Error::Unsupported { .. } | Error::NoSuchModel { .. } => Verdict::Elsewhere,
        Error::Unavailable { retry_after, .. } | Error::Status { status: 429 | 529, retry_after, .. } => {
            Verdict::Busy { retry_after: *retry_after }
        }
        Error::Status { status: 503, retry_after: Some(wait), .. } => {
            Verdict::Busy { retry_after: Some(*wait) }
        }
        _ if is_callers_fault(fault) => Verdict::Final,
        // The deadline of the one who asks is theirs, and not a sign of illness; nobody else has time left either.
        Error::TimedOut { phase: Phase::Total, .. } => Verdict::Final,
        _ => Verdict::Failed,
    }
}

/// Whether the upstream refused the request for what it says, so that every upstream would. Its other statuses below 500
/// are about us: a wrong key (401, 403), a wrong address or model (404, 405), too many requests (429), too slow (408).
pub fn is_callers_fault(fault: &Error) -> bool {
    matches!(fault, Error::Status { status: 400 | 409 | 411..=418 | 422, .. })
}
