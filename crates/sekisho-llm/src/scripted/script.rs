//! What a [`Scripted`](super::Scripted) provider does, as data.

use std::time::Duration;

use crate::Request;

/// Length of vectors where neither the script nor the request says one.
pub const DIMENSIONS_DEFAULT: u32 = 256;
/// Characters of one part of a stream, where the script says nothing.
pub const CHUNK_CHARS_DEFAULT: usize = 4;
/// What is answered where the script says nothing: the question.
pub const TEXT_DEFAULT: &str = "{last_user}";

/// Rules of which the first that fits a request decides. Where none fits, the question comes back as the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Chance (jitter, `chance`, which of several texts, log probabilities) follows from this and the number of the
    /// request.
    pub seed: u64,
    /// Models that it answers for; none listed means any.
    pub models: Vec<String>,
    /// Length of vectors where a request does not say one.
    pub dimensions: u32,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rule {
    /// Which requests it fits.
    pub when: When,
    /// What is answered.
    pub say: Say,
    /// How fast.
    pub pace: Pace,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// Conditions; those not given hold for every request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct When {
    /// The model asked for.
    pub model: Option<String>,
    /// A part of the question: the last user message, the prompt, the first text to embed, the query.
    pub contains: Option<String>,
    /// The kind of request.
    pub format: Option<Format>,
    /// Who spoke last: `tool` for the turn after a call.
    pub last_role: Option<String>,
    /// It fits so many requests, and none after them.
    pub times: Option<u64>,
    /// It fits this share of requests, by the seed.
    pub chance: Option<f64>,
}

/// What is answered. Texts may hold `{last_user}` (the question), `{last}` (the last message, whoever said it),
/// `{model}`, `{id}` (of the request), `{number}` (of the request, from 1) and `{choice}` (from 0); other braces stay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Say {
    /// One is taken for each answer, by the seed; none means [`TEXT_DEFAULT`], or no text beside calls.
    pub texts: Vec<String>,
    /// What a reasoning model thinks before; `reasoning_content` on the wire.
    pub reasoning: Option<String>,
    /// Tools that are called.
    pub calls: Vec<Call>,
    /// Instead of `stop`, `length` or `tool_calls`.
    pub finish_reason: Option<String>,
}

/// A call of a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// JSON as text, or whatever a model gets wrong.
    pub arguments: String,
}

/// How fast an answer comes. One that comes whole takes as long as its parts would.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// Until the first byte.
    pub first_byte: Duration,
    /// Between two parts.
    pub chunk: Duration,
    /// Up to so much more for each, by the seed.
    pub jitter: Duration,
    /// Characters in one part.
    pub chunk_chars: usize,
}

/// What goes wrong. `after` counts parts of a stream that still come; without it, and where the answer would come
/// whole, nothing comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An HTTP status.
    Status {
        /// Which.
        status: u16,
        /// When it asks to be tried again.
        retry_after: Option<Duration>,
        /// What it says.
        message: String,
    },
    /// No connection: the request was not sent.
    Unreachable,
    /// It does not do what was asked.
    Unsupported,
    /// The connection breaks.
    Drop {
        /// Parts before it.
        after: Option<usize>,
    },
    /// The stream ends as if it were complete.
    Cut {
        /// Parts before it.
        after: Option<usize>,
    },
    /// Something that is not the format.
    Malformed {
        /// Parts before it.
        after: Option<usize>,
    },
    /// Nothing comes any more, and the connection stays.
    Hang {
        /// Parts before it.
        after: Option<usize>,
    },
}

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants of `Request`")]
pub enum Format {
    Chat,
    Completion,
    Embedding,
    Rerank,
    Tokenize,
    Detokenize,
}

/// Words of a script file.
pub(super) const FORMATS: &[(&str, Format)] = &[
    ("chat", Format::Chat),
    ("completion", Format::Completion),
    ("embedding", Format::Embedding),
    ("rerank", Format::Rerank),
    ("tokenize", Format::Tokenize),
    ("detokenize", Format::Detokenize),
];

impl Default for Script {
    fn default() -> Self {
        Self { seed: 1, models: Vec::new(), dimensions: DIMENSIONS_DEFAULT, rules: Vec::new() }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first_byte: Duration::ZERO,
            chunk: Duration::ZERO,
            jitter: Duration::ZERO,
            chunk_chars: CHUNK_CHARS_DEFAULT,
        }
    }
}

impl Script {
    /// A script of rules.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { rules: rules.into_iter().collect(), ..Self::default() }
    }
}

impl Rule {
    /// Answers with a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { say: Say { texts: vec![text.into()], ..Say::default() }, ..Self::default() }
    }

    /// Calls a tool.
    pub fn call(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        let call = Call { name: name.into(), arguments: arguments.into() };
        Self { say: Say { calls: vec![call], ..Say::default() }, ..Self::default() }
    }

    /// Goes wrong.
    pub fn fault(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    /// Goes wrong with an HTTP status.
    pub fn status(status: u16, retry_after: Option<Duration>) -> Self {
        Self::fault(Fault::Status { status, retry_after, message: "scripted".to_owned() })
    }

    /// Only for this model.
    #[must_use]
    pub fn for_model(mut self, model: impl Into<String>) -> Self {
        self.when.model = Some(model.into());
        self
    }

    /// Only for questions with this text in them.
    #[must_use]
    pub fn for_question(mut self, part: impl Into<String>) -> Self {
        self.when.contains = Some(part.into());
        self
    }

    /// Only for this kind of request.
    #[must_use]
    pub fn for_format(mut self, format: Format) -> Self {
        self.when.format = Some(format);
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.when.times = Some(times);
        self
    }

    /// As fast as this.
    #[must_use]
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }
}

impl Fault {
    /// Parts of a stream before it.
    pub(super) fn after(&self) -> Option<usize> {
        match self {
            Self::Status { .. } | Self::Unreachable | Self::Unsupported => None,
            Self::Drop { after } | Self::Cut { after } | Self::Malformed { after } | Self::Hang { after } => {
                *after
            }
        }
    }
}

impl Format {
    /// Of a request.
    pub fn of(request: &Request) -> Self {
        match request {
            Request::Chat(_) => Self::Chat,
            Request::Completion(_) => Self::Completion,
            Request::Embedding(_) => Self::Embedding,
            Request::Rerank(_) => Self::Rerank,
            Request::Tokenize(_) => Self::Tokenize,
            Request::Detokenize(_) => Self::Detokenize,
        }
    }

    /// As in a script file.
    pub fn name(self) -> &'static str {
        FORMATS.iter().find(|row| row.1 == self).expect("every format has a row").0
    }
}
