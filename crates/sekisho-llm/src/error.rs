//! Why there is no answer.

use std::{fmt, time::Duration};

use sekisho_base::{Code, Coded};
use serde_json::Value;

/// Why a provider gave no answer, or broke off. Each variant is a branch that the gateway or an edge takes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The request cannot be taken as it is.
    #[error("`{param}` cannot be taken: {problem}")]
    Invalid {
        /// Where: `messages[2].content`; empty for the body as a whole.
        param: String,
        /// Why.
        problem: Invalid,
    },
    /// Nobody here answers for this model.
    #[error("no model `{model}`")]
    NoSuchModel {
        /// As asked for.
        model: String,
    },
    /// The model's server does not do this.
    #[error("`{provider}` does not do {what}")]
    Unsupported {
        /// Name of the provider.
        provider: String,
        /// As the wire format calls it: `rerank`, `image_url`.
        what: String,
    },
    /// The gateway decided against it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The upstream answered with an error.
    #[error("`{provider}` answered with status {status}")]
    Status {
        /// Name of the provider.
        provider: String,
        /// HTTP status.
        status: u16,
        /// What it said, for the log of those who run it; bounded.
        message: String,
        /// When it asks to be tried again.
        retry_after: Option<Duration>,
    },
    /// No connection, or it broke.
    #[error("`{provider}` cannot be reached: {cause}")]
    Unreachable {
        /// Name of the provider.
        provider: String,
        /// Which part failed.
        cause: String,
        /// Whether parts of the request may have arrived there.
        was_sent: bool,
    },
    /// It took too long.
    #[error("`{provider}` took too long ({phase})")]
    TimedOut {
        /// Name of the provider.
        provider: String,
        /// At which step.
        phase: Phase,
    },
    /// What it answered is not the format.
    #[error("the answer of `{provider}` is not in its format: {cause}")]
    Malformed {
        /// Name of the provider.
        provider: String,
        /// What is wrong where.
        cause: String,
    },
    /// Its breaker is open or its queue is full: it was not even asked.
    #[error("`{provider}` takes no requests now")]
    Unavailable {
        /// Name of the provider.
        provider: String,
        /// When it is worth another try.
        retry_after: Option<Duration>,
    },
}

/// Why a member of a request cannot be taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Invalid {
    /// The body is not JSON.
    #[error("not JSON: {detail}")]
    Json {
        /// What and where, from the parser.
        detail: String,
    },
    /// It has the wrong type, or is missing.
    #[error("{detail}")]
    Type {
        /// What was expected, from the parser.
        detail: String,
    },
    /// It is outside its range.
    #[error("must be between {min} and {max}")]
    Range {
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
    },
    /// It holds too many of something.
    #[error("more than {max}")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// It is empty, and must not be.
    #[error("empty")]
    Empty,
    /// It is none of the values of the format.
    #[error("none of {allowed:?}")]
    Value {
        /// The values.
        allowed: &'static [&'static str],
    },
    /// It does not go together with another member.
    #[error("does not go together with `{with}`")]
    Conflict {
        /// The other.
        with: &'static str,
    },
}

/// A step at which time runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Until the connection stands, TLS included.
    Connect,
    /// Until the first byte of the answer.
    FirstByte,
    /// Between two parts of a stream.
    Idle,
    /// From beginning to end.
    Total,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::FirstByte => "first_byte",
            Self::Idle => "idle",
            Self::Total => "total",
        })
    }
}

/// A decision of the gateway against a request: a code, and the facts that a sentence about it needs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("refused with {code}")]
pub struct Refusal {
    /// Which decision.
    pub code: Code,
    /// Named facts: `label` = `3A`, `model` = `sarashina`. Never a prompt or a secret.
    pub facts: Vec<(&'static str, Value)>,
    /// When the same request may go through.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal without facts.
    pub fn new(code: Code) -> Self {
        Self { code, facts: Vec::new(), retry_after: None }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push((name, value.into()));
        self
    }
}

impl Coded for Error {
    fn code(&self) -> Code {
        match self {
            Self::Invalid { .. } => Code::RequestInvalid,
            Self::NoSuchModel { .. } => Code::NoSuchModel,
            Self::Unsupported { .. } => Code::Unsupported,
            Self::Refused(refusal) => refusal.code,
            Self::Status { .. } => Code::UpstreamFailed,
            Self::Unreachable { .. } | Self::Unavailable { .. } => Code::UpstreamUnavailable,
            Self::TimedOut { .. } => Code::UpstreamTimeout,
            Self::Malformed { .. } => Code::UpstreamMalformed,
        }
    }
}
