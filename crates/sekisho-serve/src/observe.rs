//! How requests end, for whoever keeps a log of their own beside the records.

use sekisho_audit::{leaf::RecordId, record::Outcome};
use sekisho_base::Code;

use crate::attempt::ANONYMOUS;

/// How a request ended. Nothing of what was asked or answered.
#[derive(Debug, Clone)]
pub struct Ended<'a> {
    /// The id of the request.
    pub id: &'a str,
    /// Its record; none when the log took nothing.
    pub record: Option<RecordId>,
    /// Who asked.
    pub principal: &'a str,
    /// The model that was asked for.
    pub model: Option<&'a str>,
    /// The label of all that went in, once that was settled.
    pub label: Option<&'a str>,
    /// Who answered.
    pub upstream: Option<&'a str>,
    /// How it ended.
    pub outcome: Outcome,
    /// The code it ended with; none when it was answered.
    pub code: Option<Code>,
    /// Milliseconds from the beginning to the end.
    pub latency_ms: u64,
    /// Tokens of prompt and answer, where they are known.
    pub tokens: Option<(u64, u64)>,
}

impl<'a> Ended<'a> {
    /// What never became a request.
    pub(crate) fn attempt(id: &'a str, code: Code) -> Self {
        Self {
            id,
            record: None,
            principal: ANONYMOUS,
            model: None,
            label: None,
            upstream: None,
            outcome: Outcome::Refused,
            code: Some(code),
            latency_ms: 0,
            tokens: None,
        }
    }
}

/// Whoever wants to know. Called on the way of requests: it must not wait.
pub trait Observe: Send + Sync {
    /// A request has ended.
    fn ended(&self, ended: &Ended<'_>);
}
