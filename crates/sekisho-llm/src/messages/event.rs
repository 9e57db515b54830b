//! Events of a stream, and errors.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Block, Response, Usage};

/// One event of a stream. In order: the start of the message; for each block its start, parts and stop; the end of the
/// message with its reason; the stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The message without content.
    MessageStart {
        /// The message.
        message: Response,
    },
    /// A block begins.
    ContentBlockStart {
        /// Which.
        index: u32,
        /// The block without content.
        content_block: Block,
    },
    /// More of a block.
    ContentBlockDelta {
        /// Which.
        index: u32,
        /// What is added.
        delta: BlockDelta,
    },
    /// A block is complete.
    ContentBlockStop {
        /// Which.
        index: u32,
    },
    /// How the message ends.
    MessageDelta {
        /// Why it ends.
        delta: MessageDelta,
        /// Tokens, up to now.
        #[serde(default)]
        usage: Usage,
    },
    /// The message is complete.
    MessageStop,
    /// Keeps the connection open.
    Ping,
    /// It broke off.
    Error {
        /// Why.
        error: ErrorBody,
    },
    /// Something that came into the format later; the format asks to read over it.
    #[serde(other)]
    Unknown,
}

/// More of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlockDelta {
    /// Of a text.
    TextDelta {
        /// More.
        text: String,
    },
    /// Of the arguments of a call.
    InputJsonDelta {
        /// More JSON; it can be cut anywhere.
        partial_json: String,
    },
    /// Of what the model thinks.
    ThinkingDelta {
        /// More.
        thinking: String,
    },
    /// The signature of what it thought.
    SignatureDelta {
        /// The signature.
        signature: String,
    },
    /// Something else.
    #[serde(other)]
    Unknown,
}

/// How a message ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MessageDelta {
    /// Why, as in [`Response::stop_reason`].
    #[serde(default)]
    pub stop_reason: Option<String>,
    /// The text at which it ended.
    #[serde(default)]
    pub stop_sequence: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The body of an error answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// `error`
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong.
    pub error: ErrorBody,
    /// By which its logs know the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What went wrong.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// `invalid_request_error`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// A sentence.
    #[serde(default)]
    pub message: String,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The kind of error that belongs to an HTTP status.
///
/// Source: the errors page of the Claude API documentation (checked 2026-11-24).
const KINDS: &[(u16, &str)] = &[
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (409, "conflict_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

/// What the format calls an error with an HTTP status.
pub fn error_kind(status: u16) -> &'static str {
    let known = KINDS.iter().find(|row| row.0 == status).map(|row| row.1);
    known.unwrap_or(if status < 500 { "invalid_request_error" } else { "api_error" })
}

impl ErrorBody {
    /// The HTTP status that its kind stands for: in the middle of a stream there is no other.
    pub fn status(&self) -> u16 {
        KINDS.iter().find(|row| row.1 == self.kind).map_or(500, |row| row.0)
    }
}

impl Event {
    /// What it is called, in the `event` field of the stream as in its `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop => "message_stop",
            Self::Ping => "ping",
            Self::Error { .. } => "error",
            Self::Unknown => "unknown",
        }
    }
}
